"""What fc7 sees of a photo, in order: said once, for the net and for the crops cut of its maps.

Letters: B photos or boxes, F channels of the last maps, C of style, S cells across and down.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

Floats = NDArray[np.float32]


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


def head_of(path: Path) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the layers above of a compact scorer's file, without torch.

    The scaling of the features is folded into them: weights from features to fc7, shape
    (features, D), bias (D,), weights (D,) and bias of the logit.
    """
    with safe_open(path, framework="numpy") as file:
        names = ("scale.running_mean", "scale.running_var", "fc7.weight", "fc7.bias")
        mean, variance, weight, bias = (file.get_tensor(name).astype("f4") for name in names)
        logit, offset = (file.get_tensor(f"logit.{n}").astype("f4") for n in ("weight", "bias"))
    weight = weight / np.sqrt(variance + 1e-5)  # BatchNorm1d's eps
    return np.ascontiguousarray(weight.T), bias - weight @ mean, logit[0], offset
