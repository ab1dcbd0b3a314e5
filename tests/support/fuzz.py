"""Image files of every supported format, broken in many ways, the same for a seed."""

import io
import random
from collections.abc import Iterator

from PIL import Image

from selfie_core.photo import images
from tests.support.drawn import draw_photo

_SAVED = {
    "JPEG": {"quality": 85}, "PNG": {}, "GIF": {}, "WEBP": {}, "BMP": {}, "TIFF": {}, "HEIF": {},
    "AVIF": {}, "JPEG2000": {}, "PPM": {}, "MPO": {}, "progressive": {"progressive": True},
    "TIFF LZW": {"compression": "tiff_lzw"}, "EXIF": {},
}  # fmt: skip


def originals() -> dict[str, bytes]:
    """Return one whole file of each format."""
    assert images.PHOTO_SUFFIXES
    photo = draw_photo(3, size=(120, 90))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "camera"
    files = {}
    for name, options in _SAVED.items():
        kind = {"progressive": "JPEG", "TIFF LZW": "TIFF", "EXIF": "JPEG"}.get(name, name)
        extra = {"exif": exif} if name == "EXIF" else {}
        file = io.BytesIO()
        photo.save(file, kind, **options, **extra)
        files[name] = file.getvalue()
    return files


def mutants(count: int, *, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield `count` broken files with what they were, format after format."""
    rng = random.Random(seed)
    whole = originals()
    for number in range(count):
        name = list(whole)[number % len(whole)]
        yield f"{name} {number}", _break(bytearray(whole[name]), rng, list(whole.values()))


def _break(data: bytearray, rng: random.Random, others: list[bytes]) -> bytes:
    for _ in range(rng.choice((1, 1, 2, 5))):
        # Most of a format's meaning stands at its beginning.
        reach = rng.choice((32, 256, len(data)))
        place = rng.randrange(max(1, min(reach, len(data))))
        match rng.randrange(8):
            case 0:
                data[place : place + 1] = bytes([rng.randrange(256)])
            case 1:
                data[place : place + 4] = rng.choice(
                    (b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff")
                )
            case 2:
                del data[place : place + rng.choice((1, 4, 40))]
            case 3:
                data[place:place] = rng.randbytes(rng.choice((1, 4, 40)))
            case 4:
                del data[place:]
            case 5:
                data[place:] = rng.choice(others)[place:]
            case 6:
                data[place : place + 40] = rng.randbytes(40)
            case _:
                data[place:place] = data[place : place + 400] * 3
    return bytes(data)
