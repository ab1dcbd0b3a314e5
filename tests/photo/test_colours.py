import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from selfie_core.photo.images import open_photo

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
CHRM_OF_P3 = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
RED_IN_P3 = (234, 51, 35)  # sRGB's red, as Display P3 has it


def encode(photo: Image.Image, kind: str = "PNG", **settings) -> bytes:
    file = io.BytesIO()
    photo.save(file, kind, **settings)
    return file.getvalue()


def grey(level: int, mode: str = "RGB") -> Image.Image:
    return Image.new("L", (40, 40), level).convert(mode)


def colour_of(data: bytes) -> tuple[int, ...]:
    return open_photo(data).getpixel((20, 20))


def near(seen: tuple[int, ...], wanted: tuple[int, ...], within: int = 2) -> bool:
    return bool(np.abs(np.subtract(seen, wanted)).max() <= within)


def linear_profile() -> bytes:
    """Return a profile that is named sRGB and whose curve is a straight line."""
    curve = SRGB.index(b"para") + 12
    line = struct.pack(">5i", 65536, 65536, 0, 65536, 0)
    return SRGB.replace(SRGB[curve : curve + 20], line)


def swapped_profile() -> bytes:
    """Return a profile that is named sRGB, in which red means green and green red."""
    profile = SRGB
    for old, new in ((b"rXYZ", b"tmp0"), (b"gXYZ", b"rXYZ"), (b"tmp0", b"gXYZ")):
        profile = profile.replace(old, new, 1)
    return profile


def linear_grey_profile() -> bytes:
    """Return a profile of grey whose curve is a straight line."""
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    tags = struct.pack(">I4sII4sII", 2, b"wtpt", 156, 20, b"kTRC", 176, 12) + white
    tags += b"curv" + bytes(8)
    head = struct.pack(">I4xI4s4s4s12x4s28x", 188, 0x02400000, b"mntr", b"GRAY", b"XYZ ", b"acsp")
    return (head + white[8:]).ljust(128, b"\0") + tags


def png_with(photo: Image.Image, **chunks: bytes) -> bytes:
    """Return a PNG that says these things before its picture."""
    png = encode(photo)
    for name, body in chunks.items():
        chunk = name.encode() + body
        made = struct.pack(">I", len(body)) + chunk + struct.pack(">I", zlib.crc32(chunk))
        png = png[:33] + made + png[33:]
    return png


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P"])
def test_a_profile_is_read_by_what_it_says_not_by_its_name(mode):
    assert near(colour_of(encode(grey(55, mode), icc_profile=linear_profile())), (128, 128, 128))
    if mode in ("RGB", "RGBA", "P"):
        red = Image.new("RGB", (40, 40), (255, 0, 0)).convert(mode)
        assert near(colour_of(encode(red, icc_profile=swapped_profile())), (0, 255, 0))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_a_profile_is_read_in_every_format(kind):
    assert near(colour_of(encode(grey(55), kind, icc_profile=linear_profile())), (128,) * 3, 3)


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_grey_follows_a_profile_of_grey(mode):
    photo = grey(55, mode)
    if mode == "LA":
        photo.paste((55, 0), (0, 0, 40, 10))
    opened = open_photo(encode(photo, icc_profile=linear_grey_profile()))
    assert near(opened.getpixel((20, 20)), (128, 128, 128))
    assert near(opened.getpixel((20, 5)), (255, 255, 255) if mode == "LA" else (128, 128, 128))


def test_srgb_by_any_name_changes_no_pixel():
    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3), dtype=np.uint8)
    photo = Image.fromarray(noise)
    assert open_photo(encode(photo, icc_profile=SRGB)) == photo
    for said in ({"gAMA": struct.pack(">I", 45455)}, {"cICP": bytes((1, 13, 0, 1))}):
        assert open_photo(png_with(photo, **said)) == photo


@pytest.mark.parametrize("profile", [b"no profile", linear_profile()[:300], linear_grey_profile()])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_profile_that_is_broken_or_for_another_mode_is_passed_over(profile, kind):
    assert near(colour_of(encode(grey(55), kind, icc_profile=profile)), (55, 55, 55))


def test_a_png_follows_its_gamma_and_primaries():
    linear, mac = struct.pack(">I", 100_000), struct.pack(">I", 55_556)
    assert near(colour_of(png_with(grey(55), gAMA=linear)), (128, 128, 128))
    assert near(colour_of(png_with(grey(118), gAMA=mac)), (137, 137, 137))
    p3 = Image.new("RGB", (40, 40), RED_IN_P3)
    for said in ({"cHRM": CHRM_OF_P3}, {"cICP": bytes((12, 13, 0, 1))}):
        assert near(colour_of(png_with(p3, **said)), (255, 0, 0), 4)


def test_of_what_a_png_says_of_its_colours_the_standard_names_the_winner():
    linear, icc = struct.pack(">I", 100_000), b"icc\0\0" + zlib.compress(swapped_profile())
    red = Image.new("RGB", (40, 40), (255, 0, 0))
    assert near(colour_of(png_with(grey(55), gAMA=linear, sRGB=b"\0")), (55, 55, 55))
    assert near(colour_of(png_with(red, sRGB=b"\0", iCCP=icc)), (0, 255, 0))
    assert near(colour_of(png_with(red, iCCP=icc, cICP=bytes((1, 13, 0, 1)))), (255, 0, 0))


@pytest.mark.parametrize(
    "said",
    [{"gAMA": bytes(4)}, {"cHRM": bytes(32)}, {"cHRM": b"\0"}, {"cICP": b"\1"}, {"iCCP": b"\0"}],
)
def test_nonsense_of_a_png_about_its_colours_is_passed_over(said):
    assert near(colour_of(png_with(grey(55), **said)), (55, 55, 55))


def with_codes(kind: str, photo: Image.Image, primaries: int, transfer: int) -> bytes:
    """Return a photo that says by codes of H.273 what its numbers mean."""
    if kind == "PNG":
        return png_with(photo, cICP=bytes((primaries, transfer, 0, 1)))
    data = bytearray(encode(photo, kind, quality=98))
    place = data.index(b"nclx") + 4
    data[place : place + 4] = struct.pack(">2H", primaries, transfer)
    return bytes(data)


@pytest.mark.parametrize("kind", ["PNG", "AVIF", "HEIF"])
def test_codes_of_a_phone_are_followed(kind):
    p3 = Image.new("RGB", (40, 40), RED_IN_P3)
    assert near(colour_of(with_codes(kind, p3, 12, 13)), (255, 0, 0), 6)


@pytest.mark.parametrize("kind", ["PNG", "AVIF", "HEIF"])
@pytest.mark.parametrize(("transfer", "white"), [(16, 148), (18, 191)], ids=["PQ", "HLG"])
def test_hdr_comes_to_the_tones_that_bt_2408_names(kind, transfer, white):
    tones = {0: 0, 97: 101, white: 247, 255: 255}  # black, a grey card's 26 cd/m2, white, the sun
    for level, wanted in tones.items():
        seen = colour_of(with_codes(kind, grey(level), 9, transfer))
        assert near(seen, (wanted,) * 3, 4), (level, seen)


def test_adobe_rgb_that_only_exif_tells_is_followed():
    exif = Image.Exif()
    exif[0x8769] = {0xA001: 0xFFFF, 0xA005: {1: "R03"}}
    red = Image.new("RGB", (40, 40), (219, 0, 0))
    assert near(colour_of(encode(red, "JPEG", quality=98, exif=exif)), (255, 0, 0), 4)
    assert near(colour_of(encode(red, "JPEG", quality=98)), (219, 0, 0), 4)
