"""Pictures as addresses; sample photos."""

import base64
import io
from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageOps

from pages.shared import ui
from selfie_core.base import store
from selfie_core.base.handed_out import Made, picture_file
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo.folder import find_photos

SAMPLES = 8


def png(picture: Image.Image) -> str:
    """Return a picture without loss, as an address that holds it."""
    return _address(picture, "png", optimize=True)


def _address(picture: Image.Image, kind: str, **how: int) -> str:
    file = io.BytesIO()
    picture.save(file, kind, **how)
    return f"data:image/{kind};base64,{base64.b64encode(file.getvalue()).decode()}"


def samples() -> dict[str, Path]:
    """Return the sample photos by the name that the address bar shows."""
    folder = store.sample_photos()
    found = find_photos(folder) if folder.is_dir() else []
    return {path.stem: path for path in found[:SAMPLES]}


def sheet_address(gallery: Gallery, rows: Iterable[int], *, columns: int, cell: int) -> str:
    """Return where the server has photos as one picture, each a square of `cell` pixels."""
    of = ",".join(map(str, rows))
    return f"{ui.base(gallery)}/grid.jpg?of={of}&columns={columns}&cell={cell}"


def data_address(
    photo: Image.Image,
    *,
    side: int,
    square: bool = False,
    centre: tuple[float, float] = (0.5, 0.4),
) -> str:
    """Return a small copy of a photo as an address that holds the picture itself.

    `side` is in pixels, of the longer side or of a square's; a square keeps `centre`, shares of
    the photo, in its middle where it can.
    """
    shrink = min(1, side / (min(photo.size) if square else max(photo.size)))
    size = [max(1, round(edge * shrink)) for edge in photo.size]
    small = photo.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    if square:
        least = min(small.size)
        x, y = (
            min(max((share * edge - least / 2) / max(edge - least, 1), 0), 1)
            for share, edge in zip(centre, small.size, strict=True)
        )
        small = ImageOps.fit(small, (side, side), Image.Resampling.LANCZOS, centering=(x, y))
    return _address(small, "jpeg", quality=84)


def jpeg(picture: Image.Image, made: Made, *, quality: int = 95) -> bytes:
    """Return what was made of photos as the content of a JPEG file, with all of its colour."""
    return picture_file(picture, made, quality=quality, subsampling=0)
