"""Which photos stand in a continuum, best or worst grid, and one picture pasted from them.

Every grid reads from the better photo to the worse, row by row, so that the eye
never has to turn round between one grid and the next.
"""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from selfie_core.base.errors import DataError
from selfie_core.base.progress import Progress
from selfie_core.gallery.columns import MAP_COLUMNS
from selfie_core.gallery.gallery import THUMB_CENTRE, THUMB_SIDE, Gallery
from selfie_core.gallery.map.filled_grid import columns_of, filled_grid, spread_on_cells

Kind = Literal["continuum", "best", "worst"]
KINDS: tuple[Kind, ...] = get_args(Kind)

MAX_CELLS = 1000
MAX_CELL = 512  # pixels
MAX_PICTURE = 40_000_000  # pixels of one sheet: 1,000 cells of 200
_LONGEST = 65_000  # pixels; a JPEG ends at 65,535
_LARGEST_MAP = 16_000  # pixels per side; takes 0.8 GB while it is pasted
_OPENERS = 4  # decoding frees the GIL: 100 cells of 192 px took 67 ms on 2 cores, 184 ms with one


def pick_rows(
    gallery: Gallery, kind: Kind, count: int, *, among: NDArray[np.intp] | None = None
) -> NDArray[np.intp]:
    """Return the rows of a grid, better photos first.

    A continuum takes evenly spaced ranks: its first photo is the very best of the
    gallery, its last the very worst.  `worst` leads down to the very worst.

    Args:
        gallery: The ranked photos.
        kind: Which grid.
        count: Number of cells; a gallery with fewer photos gives all of them.
        among: Rows to pick from, best first, as `choose_rows` gives them; all by default.

    Returns:
        Row numbers without repeats, shape (min(count, N),), N photos to pick from.

    Raises:
        DataError: The kind is unknown or `count` is not 1 to `MAX_CELLS`.
    """
    if kind not in KINDS:
        raise DataError(f'no grid is called "{kind}"; take {", ".join(KINDS)}')
    _check(count, 1, MAX_CELLS, f"a grid of {count} photos")
    ranked = gallery.best_first if among is None else among
    count = min(count, len(ranked))
    if kind == "best":
        return ranked[:count]
    if kind == "worst":
        return ranked[len(ranked) - count :]
    # Whole numbers: neighbours are at least one rank apart, so none can repeat.
    return ranked[np.arange(count) * (len(ranked) - 1) // max(1, count - 1)]


def grid_table(gallery: Gallery, rows: Sequence[int] | NDArray[np.intp]) -> pd.DataFrame:
    """Return what is known of the photos of a grid, in its order: place, rank, then the columns.

    `place` counts the cells of the grid from 1, `rank` the photos of the gallery.
    """
    rows = np.asarray(rows)
    known = gallery.table.drop(columns=list(MAP_COLUMNS), errors="ignore")
    table = known.iloc[rows].reset_index(drop=True)
    table.insert(0, "rank", gallery.rank[rows])
    table.insert(0, "place", np.arange(1, len(table) + 1))
    return table


def paste_grid(
    gallery: Gallery,
    rows: Sequence[int] | NDArray[np.intp],
    *,
    columns: int,
    cell: int,
    gap: int = 0,
    blur: float = 0,
) -> Image.Image:
    """Return one picture of square photos, left to right and top to bottom.

    Args:
        gallery: Where the rows' photos are kept.
        rows: Row numbers in reading order, 1 to `MAX_CELLS` of them.
        columns: Photos side by side.
        cell: Side of one photo, pixels.
        gap: White between photos and around them, pixels.
        blur: Radius by which each photo is softened, pixels.

    Raises:
        DataError: The picture would be empty, too large, or a row is not in the gallery.
    """
    _check(len(rows), 1, MAX_CELLS, f"a grid of {len(rows)} photos")
    _check(columns, 1, MAX_CELLS, f"{columns} columns")
    _check(cell, 8, MAX_CELL, f"cells of {cell} pixels")
    pitch = cell + gap
    width, height = columns * pitch + gap, -(-len(rows) // columns) * pitch + gap
    if width * height > MAX_PICTURE or max(width, height) > _LONGEST:
        raise DataError(
            f"{width}x{height} pixels are too many for one picture; take smaller cells or fewer"
        )
    strangers = [row for row in rows if not 0 <= row < len(gallery)]
    if strangers:
        raise DataError(f"row {strangers[0]} is not among the {len(gallery)} photos of the gallery")
    spots = [
        (gap + place % columns * pitch, gap + place // columns * pitch)
        for place in range(len(rows))
    ]
    return _paste(gallery, rows, spots, size=(width, height), cell=cell, blur=blur)


def paste_map(
    gallery: Gallery,
    *,
    side: int = 8000,
    layout: Literal["tsne", "grid"] = "tsne",
    progress: Progress | None = None,
) -> Image.Image:
    """Return the map as one square picture: each photo in the free cell nearest to its place.

    Half of the cells stay empty, so that the islands of the map keep their outlines; in the
    filled grid none does.  A photo without a place is left out.

    Args:
        gallery: A gallery with positions.
        side: Side of the picture, pixels; rounded down to whole cells.
        layout: At their places, or in the filled grid.
        progress: Called with (photos done, of).

    Raises:
        DataError: The gallery has no positions, or `side` leaves its photos no 8 pixels each.
    """
    if not gallery.has_map:
        raise DataError(f"the photos of {gallery.name} have no place on a map; build it with one")
    rows = np.flatnonzero(np.isfinite(gallery.xy).all(axis=1))
    filled = layout == "grid"
    cells = _grid_cells(gallery, rows) if filled else None
    across = math.ceil(math.sqrt(2 * len(rows))) if cells is None else int(cells[:, 0].max()) + 1
    _check(side, 8 * across, _LARGEST_MAP, f"a map of {len(gallery)} photos on {side} pixels")
    cell = min(MAX_CELL, side // across)
    if cells is None:
        cells = spread_on_cells(gallery.xy[rows], across)
    spots = [(int(x) * cell, int(y) * cell) for x, y in cells]
    height = int(cells[:, 1].max()) + 1 if filled else across
    size = (across * cell, height * cell)
    return _paste(gallery, rows, spots, size=size, cell=cell, progress=progress)


def _grid_cells(gallery: Gallery, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the cells of the filled grid, shape (N, 2), x before y; the first of each is 0."""
    if gallery.has_grid:
        middles = gallery.table[["grid_x", "grid_y"]].to_numpy(np.float64)[rows]
        corners = middles / gallery.grid_cell
    else:
        corners = filled_grid(gallery.xy[rows]).astype(np.float64) * columns_of(len(rows))
    # Rows may be fewer than columns, and newcomers stand around.
    return np.rint(corners - corners.min(axis=0)).astype(np.intp)


def _paste(
    gallery: Gallery,
    rows: Sequence[int] | NDArray[np.intp],
    spots: Sequence[tuple[int, int]],
    *,
    size: tuple[int, int],
    cell: int,
    blur: float = 0,
    progress: Progress | None = None,
) -> Image.Image:
    """Return a white picture with each row's photo at its spot, pixels from the top left."""
    picture = Image.new("RGB", size, "white")
    with ThreadPoolExecutor(_OPENERS) as openers:
        photos = openers.map(lambda row: square_photo(gallery, int(row), side=cell), rows)
        for done, (photo, spot) in enumerate(zip(photos, spots, strict=True), 1):
            if blur:
                photo = photo.filter(ImageFilter.GaussianBlur(blur))
            picture.paste(photo, spot)
            if progress:
                progress(done, len(spots))
    return picture


def square_photo(gallery: Gallery, row: int, *, side: int) -> Image.Image:
    """Return one photo of the gallery as a square, cut as its thumbnail is.

    Raises:
        DataError: Its picture is missing.
    """
    content = gallery.photo(row) if side > THUMB_SIDE else gallery.thumb(row)
    if not content:
        raise DataError(
            f"the picture of {gallery.table['file'].iat[row]} is missing in {gallery.folder}; "
            f'delete the gallery and rerun "selfie build"'
        )
    with Image.open(BytesIO(content)) as photo:
        photo.draft("RGB", (side, side))  # a JPEG is decoded at half size where that is enough
        return ImageOps.fit(
            photo.convert("RGB"), (side, side), Image.Resampling.LANCZOS, centering=THUMB_CENTRE
        )


def _check(value: int, least: int, most: int, seen: str) -> None:
    if not least <= value <= most:
        raise DataError(f"{seen}; wanted {least} to {most}")
