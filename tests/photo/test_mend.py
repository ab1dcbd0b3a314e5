import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from selfie_core.base.errors import DataError
from selfie_core.photo.images import open_photo
from tests.support.drawn import draw_photo


def encode(kind: str, **settings) -> bytes:
    file = io.BytesIO()
    draw_photo(1).resize((400, 320)).save(file, kind, **settings)
    return file.getvalue()


JPEG, PNG = encode("JPEG", quality=95), encode("PNG")


def apart(data: bytes, whole: bytes) -> float:
    """Return by how many levels two files look different, on average."""
    seen, wanted = (np.asarray(open_photo(one), np.int16) for one in (data, whole))
    return float(np.abs(seen - wanted).mean())


@pytest.mark.parametrize(
    "data",
    [JPEG[:-2], JPEG[:-10], JPEG[:-2] + bytes(5000), JPEG + bytes(5000), JPEG[:-1]],
    ids=["no end marker", "10 bytes lost", "zeros for an end", "zeros behind", "half a marker"],
)
def test_a_jpeg_without_an_end_whose_picture_is_there_opens(data):
    assert apart(data, JPEG) < 0.2
    assert open_photo(data, at_least=100).size == (200, 160)


def test_a_progressive_jpeg_may_lack_its_last_details():
    whole = encode("JPEG", quality=95, progressive=True)
    assert apart(whole[: len(whole) * 9 // 10], whole) < 3


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_jpeg_without_its_lower_part_is_refused(mode, share):
    file = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (320, 400, 3), dtype=np.uint8)
    Image.fromarray(noise).convert(mode).save(file, "JPEG")
    data = file.getvalue()
    with pytest.raises(DataError, match="cut off, its lower part is missing") as error:
        open_photo(data[: int(len(data) * share)])
    assert "\n" not in str(error.value)
    assert apart(data[: int(len(data) * 0.98)], data) < 5


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


TEXT = zlib.compress(b"y" * 1_500_000)
PROFILE = zlib.compress(bytes(2_000_000))
ODD = {
    "zTXt": chunk(b"zTXt", b"workflow\0\0" + TEXT),
    "iTXt": chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + TEXT),
    "many": chunk(b"zTXt", b"k\0\0" + zlib.compress(b"y" * 1_000_000)) * 70,
    "broken sum": chunk(b"tEXt", b"Comment\0hello")[:-1] + b"\0",
    "large profile": chunk(b"iCCP", b"p\0\0" + PROFILE),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("place", [33, -12], ids=["before the picture", "behind it"])
def test_a_png_with_large_or_broken_text_opens(name, place):
    if place < 0 and name == "large profile":
        return
    assert apart(PNG[:place] + ODD[name] + PNG[place:], PNG) == 0


def test_a_png_keeps_its_orientation_without_its_text():
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encode("PNG", exif=exif)
    assert open_photo(turned[:33] + ODD["zTXt"] + turned[33:]).size == (320, 400)
