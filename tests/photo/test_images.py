import io
import os
import subprocess
import sys
from textwrap import dedent

import numpy as np
import pytest
from PIL import Image, ImageDraw
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2.functional import pil_to_tensor, resize

from selfie_core.base.errors import DataError
from selfie_core.photo.images import (
    check_side,
    open_copies,
    open_photo,
    open_sized,
    squash,
    to_batch,
)


def draw(width: int = 96, height: int = 64) -> Image.Image:
    """Return a grey photo whose upper left quarter is red."""
    photo = Image.new("RGB", (width, height), (120, 120, 120))
    ImageDraw.Draw(photo).rectangle((0, 0, width // 2 - 1, height // 2 - 1), fill=(230, 20, 20))
    return photo


def encode(photo: Image.Image, kind: str, **settings) -> bytes:
    file = io.BytesIO()
    photo.save(file, kind, **settings)
    return file.getvalue()


def assert_near(photo: Image.Image, xy: tuple[int, int], colour: tuple[int, int, int]) -> None:
    assert np.abs(np.subtract(photo.getpixel(xy), colour)).max() <= 12


@pytest.mark.parametrize(
    "kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "HEIF", "AVIF", "JPEG2000", "MPO"]
)
def test_every_common_format_opens(kind):
    photo = open_photo(encode(draw(), kind))
    assert (photo.mode, photo.size, photo.info) == ("RGB", (96, 64), {})
    assert_near(photo, (10, 10), (230, 20, 20))
    assert_near(photo, (80, 50), (120, 120, 120))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr", "I", "F"])
def test_every_mode_becomes_rgb(mode):
    white = Image.new("L", (40, 40), 255).convert(mode)
    if mode == "I":
        white = white.point(lambda value: value * 257)
    photo = open_photo(encode(white, "TIFF"))
    assert photo.mode == "RGB"
    assert_near(photo, (20, 20), (255, 255, 255))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_clipped(kind):
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    grey = np.asarray(open_photo(encode(Image.fromarray(ramp), kind)))[..., 0]
    assert np.abs(grey - ramp / 257).max() <= 1


def test_cmyk_jpeg_keeps_its_colours():
    photo = open_photo(encode(draw().convert("CMYK"), "JPEG", quality=95))
    assert_near(photo, (10, 10), (230, 20, 20))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_turns_white(mode):
    photo = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    photo.paste((90, 90, 90, 255), (0, 0, 40, 20))
    opened = open_photo(encode(photo.convert(mode), "PNG"))
    assert_near(opened, (20, 5), (90, 90, 90))
    assert_near(opened, (20, 35), (255, 255, 255))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_a_moving_picture_the_first_frame_is_taken(kind):
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue", "lime")]
    data = encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
    assert_near(open_photo(data), (20, 20), (255, 0, 0))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_turned_photo_stands_upright_and_forgets_where_it_was_taken(kind):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter: to be shown turned clockwise
    exif.get_ifd(0x8825)[2] = (48.0, 12.0, 30.0)  # latitude
    photo = open_photo(encode(draw(), kind, exif=exif.tobytes()))
    assert photo.size == (64, 96)
    assert_near(photo, (55, 10), (230, 20, 20))
    assert not photo.info and not photo.getexif()


@pytest.mark.parametrize("code", range(1, 9))
def test_all_eight_ways_of_lying_are_undone(code):
    upright = draw()
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # what lies so, as Pillow numbers them
    lying = upright.transpose(Image.Transpose(turns[code])) if code > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = code
    assert open_photo(encode(lying, "PNG", exif=exif)) == upright


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_orientation_in_xmp_is_passed_over_as_browsers_do(kind):
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="6"/></x:xmpmeta>'
    assert open_photo(encode(draw(), kind, xmp=xmp)).size == (96, 64)


def test_broken_exif_breaks_no_photo():
    assert open_photo(encode(draw(), "JPEG", exif=b"Exif\0\0MM\0\x2a\xff\xff")).size == (96, 64)


def test_photo_of_100_megapixels_is_read():
    assert open_photo(encode(Image.new("1", (10_000, 10_000), 1), "PNG")).size == (10_000, 10_000)


@pytest.mark.parametrize(
    ("kind", "mode", "size"),
    [("JPEG", "L", (765, 1020)), ("PNG", "1", (645, 859))],
)
def test_the_largest_that_phones_make_is_read_small(kind, mode, size):
    data = encode(Image.new(mode, (12_240, 16_320), 255), kind)
    assert open_sized(data, at_least=640) == (Image.new("RGB", size, "white"), (12_240, 16_320))


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_of_large_photos_one_is_decoded_at_a_time(tmp_path):
    path = tmp_path / "large.png"
    Image.new("1", (10_000, 6000), 1).save(path)
    program = f"""
        from concurrent.futures import ThreadPoolExecutor
        from pathlib import Path
        from selfie_core.photo.images import open_photo
        path = Path({str(path)!r})
        few = ThreadPoolExecutor(3).map(lambda _: open_photo(path, at_least=640), "123")
        assert {{photo.size for photo in few}} == {{(1112, 667)}}
        print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
    """
    ran = subprocess.run([sys.executable, "-c", dedent(program)], capture_output=True, check=True)
    assert int(ran.stdout) / 1024 < 700  # MB; one takes 400, three at once 1,080


@pytest.mark.parametrize("size", [(21_000, 10_001), (25_000, 10_000)])
def test_more_than_210_megapixels_are_refused_before_decoding(size):
    with pytest.raises(DataError, match="larger than 210 megapixels; make it smaller"):
        open_photo(encode(Image.new("1", size), "PNG")[:2000])


def test_panorama_opens():
    assert open_photo(encode(draw(2000, 200), "JPEG")).size == (2000, 200)


@pytest.mark.parametrize("kind", ["JPEG", "MPO"])
def test_large_jpeg_is_decoded_smaller_but_never_below_the_wanted_side(kind):
    data = encode(draw(1600, 1200), kind)
    assert open_photo(data, at_least=300).size == (400, 300)
    assert open_photo(data, at_least=301).size == (800, 600)
    assert open_photo(data, at_least=5000).size == (1600, 1200)


@pytest.mark.parametrize(("kind", "large"), [("JPEG", (800, 600)), ("PNG", (534, 400))])
def test_copies_made_at_once_are_those_made_alone(kind, large):
    noise = np.random.default_rng(0).integers(0, 255, (1200, 1600, 3)).astype(np.uint8)
    data = encode(Image.fromarray(noise), kind)
    copies, size = open_copies(data, 400, 200)
    assert size == (1600, 1200)
    assert [copy.size for copy in copies] == [large, (267, 200) if kind == "PNG" else (400, 300)]
    assert copies == [open_photo(data, at_least=400), open_photo(data, at_least=200)]


def test_path_bytes_and_open_file_give_the_same_photo(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(encode(draw(), "JPEG"))
    with path.open("rb") as file:
        file.read()  # as a web page leaves an upload that it has shown
        from_file = open_photo(file)
        assert not file.closed
    assert from_file == open_photo(path) == open_photo(path.read_bytes())
    assert os.listdir(tmp_path) == ["photo.jpg"]


@pytest.mark.parametrize("name", ['it\'s "me".jpg', "two\nlines.jpg", "Селфи.jpg", "a&b=c #1.jpg"])
def test_odd_file_names_open(tmp_path, name):
    (tmp_path / name).write_bytes(encode(draw(), "JPEG"))
    assert open_photo(tmp_path / name).size == (96, 64)


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (b"", "empty"),
        (b"dear diary, today I took a photo\n" * 9, "read as a picture"),
        (encode(draw(400, 300), "JPEG")[:2000], "cut off"),
        (encode(draw(400, 300), "PNG")[:300], "cut off"),
        (encode(draw(400, 300), "WEBP")[:200], "cut off"),
        (encode(draw(400, 300), "HEIF")[:-50], "cut off"),
        (encode(draw(), "PNG")[:8] + b"\0" * 400, "photo "),
    ],
    ids=["empty", "text", "cut JPEG", "cut PNG", "cut WebP", "cut HEIC", "zeros"],
)
def test_bad_file_is_refused_in_one_line(tmp_path, data, seen):
    (tmp_path / "photo.jpg").write_bytes(data)
    with pytest.raises(DataError, match=seen) as error:
        open_photo(tmp_path / "photo.jpg")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["", "missing.jpg", "nul\0.jpg", "x" * 999])
def test_folder_and_missing_file_are_refused(tmp_path, name):
    with pytest.raises(DataError, match="photo (is a folder|does not exist|can't be opened)"):
        open_photo(tmp_path / name)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "HEIF", "AVIF", "MPO"])
def test_damaged_bytes_give_a_photo_or_a_one_line_refusal(kind):
    rng = np.random.default_rng(0)
    whole = encode(draw(), kind)
    for _ in range(60):
        data = bytearray(whole)
        for place in rng.integers(0, min(len(data), 400), size=3):
            data[place] = rng.integers(256)
        try:
            assert open_photo(bytes(data)).mode == "RGB"
        except DataError as error:
            assert "\n" not in str(error)


def test_tiny_photo_is_refused_with_its_size():
    check_side(Image.new("RGB", (64, 80)), 64, "crops")
    wanted = "photo is 40x80 pixels; crops need at least 64 on each side"
    with pytest.raises(DataError, match=wanted):
        check_side(Image.new("RGB", (40, 80)), 64, "crops")


def test_batch_is_squashed_and_normalised():
    mean, std = (0.5, 0.4, 0.3), (0.2, 0.25, 0.5)
    batch = to_batch([draw(640, 64), draw(50, 500)], size=32, mean=mean, std=std)
    assert (batch.shape, batch.dtype) == ((2, 3, 32, 32), np.float32)
    assert batch.flags.c_contiguous
    red = (np.divide((230, 20, 20), 255) - mean) / std
    assert np.allclose(batch[:, :, 2, 2], red, atol=0.05)
    assert np.allclose(batch[:, :, 30, 30], (120 / 255 - np.array(mean)) / std, atol=0.05)


def test_batch_hardly_depends_on_the_resolution_of_the_photo():
    rng = np.random.default_rng(0)
    large = Image.fromarray(rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)).resize((1024, 1024))
    photos = [large.resize((side, side), Image.Resampling.BICUBIC) for side in (1024, 700, 512)]
    batch = to_batch(photos, size=128, mean=(0, 0, 0), std=(1, 1, 1))
    assert np.abs(batch - batch[0]).mean() < 0.005


@pytest.mark.parametrize(
    ("width", "height", "apart"),
    [(90, 71, 0.01), (300, 200, 0.01), (2000, 300, 2), (1600, 1200, 2)],
)
def test_a_square_is_what_torchvision_makes_of_the_photo_in_floats(width, height, apart):
    noise = np.random.default_rng(1).integers(
        0, 256, (height // 20, width // 20, 3), dtype=np.uint8
    )
    photo = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
    wanted = resize(
        pil_to_tensor(photo).float(), [64, 64], InterpolationMode.BICUBIC, antialias=True
    )
    wanted = wanted.clamp(0, 255).permute(1, 2, 0).numpy()
    assert np.abs(squash(photo, 64) - wanted).mean() < apart


def test_empty_batch_is_empty():
    assert to_batch([], size=32, mean=(0, 0, 0), std=(1, 1, 1)).shape == (0, 3, 32, 32)
