"""Files that every browser shows and Pillow refuses: without an end, or with too much text."""

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

from PIL import Image

LOST = 0.05  # of its rows, that a photo may lack at its foot

_PNG = b"\x89PNG\r\n\x1a\n"
_PICTURE = (b"IHDR", b"PLTE", b"tRNS", b"eXIf", b"IDAT", b"IEND")  # all that a first frame takes
_HEAD = (b"IHDR", b"eXIf", b"iTXt")
_NO_PICTURE = struct.pack(">I4sI", 0, b"IDAT", zlib.crc32(b"IDAT"))


def mended(file: BinaryIO) -> BytesIO | None:
    """Return a JPEG with an end, or a PNG with nothing but its picture; None for other files."""
    file.seek(0)
    start = file.read(8)
    if start.startswith(b"\xff\xd8\xff"):
        file.seek(0)
        return BytesIO(file.read().rstrip(b"\0") + b"\xff\xd9")
    if start == _PNG:
        chunks = (read_at(file, *place) for name, *place in png_chunks(file) if name in _PICTURE)
        return BytesIO(_PNG + b"".join(chunks))
    return None


def with_early_notes(file: BinaryIO) -> BinaryIO:
    """Return a PNG with EXIF and XMP before its picture, which is left out; others as they are."""
    file.seek(0)
    is_png = file.read(8) == _PNG
    file.seek(0)
    if not is_png:
        return file
    chunks = [read_at(file, *place) for name, *place in png_chunks(file) if name in _HEAD]
    return BytesIO(_PNG + b"".join(chunks) + _NO_PICTURE)


def is_cut(image: Image.Image) -> bool:
    """Return whether the lowest rows of a loaded JPEG are missing: all are the grey of no data."""
    foot = image.crop((0, int(image.height * (1 - LOST)), *image.size))
    bands = foot.getextrema() if foot.mode != "L" else (foot.getextrema(),)
    return all(band in ((128, 128), (127, 127)) for band in bands)  # 127: CMYK is turned over


def png_chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, place and length of each chunk of a PNG; 8 bytes before its data, 4 behind."""
    place = len(_PNG)
    while len(head := read_at(file, place, 8)) == 8:
        size, name = struct.unpack(">I4s", head)
        yield name, place, size + 12
        place += size + 12


def read_at(file: BinaryIO, place: int, length: int) -> bytes:
    """Return a part of a file."""
    file.seek(place)
    return file.read(length)
