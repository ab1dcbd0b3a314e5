"""What fc7 sees of a photo, in order: said once, for the net and for the crops cut of its maps.

Letters: B photos or boxes, F channels of the last maps, C of style, S cells across and down.
"""

from typing import Any


def features_of(found: Any, style: Any, places: Any) -> list[Any]:
    """Return the parts of what fc7 sees, each of shape (B, n), as arrays or tensors, as given.

    Args:
        found: Mean of the last maps, shape (B, F).
        style: Light, colour, white and black, cell by cell, shape (B, C, S, S).
        places: Where things are, flat, shape (B, any).
    """
    cells = style.shape[2]
    inner = slice(cells // 4, cells - cells // 4)
    middle = style[:, :, inner, inner]
    rim = [style[:, :, 0], style[:, :, -1], style[:, :, :, 0], style[:, :, :, -1]]
    means = [style.mean((2, 3)), middle.mean((2, 3)), *(edge.mean(2) for edge in rim)]
    return [found, *means, places]
