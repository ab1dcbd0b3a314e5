"""Sheets of thumbnails: photos of the piles, and of the gallery, side by side as one picture."""

import html
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pages.shared.pictures import data_address, sheet_address
from selfie_core.gallery.gallery import Gallery
from selfie_core.training.piles import THUMB

SHOWN = 16  # photos of each kind where they are shown
_ACROSS = 8  # thumbnails side by side


def sheet(thumbs: Sequence[Image.Image], about: str) -> str:
    """Return thumbnails side by side as one picture."""
    columns = min(_ACROSS, len(thumbs))
    lines = -(-len(thumbs) // columns)
    picture = Image.new("RGB", (columns * THUMB, lines * THUMB), "white")
    for place, thumb in enumerate(thumbs):
        picture.paste(thumb, (place % columns * THUMB, place // columns * THUMB))
    address = data_address(picture, side=max(picture.size))
    width = f"min(100%, {columns * 76}px)"
    words = html.escape(about)
    return f'<img class="train-sheet" style="width:{width}" src="{address}" alt="{words}">'


def ends(gallery: Gallery, rows: NDArray[np.intp], about: str) -> str:
    """Return photos of the gallery in a row, as one picture from the server."""
    address = html.escape(sheet_address(gallery, rows, columns=len(rows) // 2, cell=112))
    return f'<img class="train-sheet" src="{address}" alt="{html.escape(about)}">'
