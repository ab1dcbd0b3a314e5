import math

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from selfie_core.photo.faces import Face
from selfie_core.photo.factors import FACTORS, cut_eyes, measure_factors

OF_A_FACE = {"face_height", "face_x", "face_y", "off_centre", "face_cut", "eyes_cut", "tilt"}


def draw(width: int = 480, height: int = 360) -> Image.Image:
    """Return a colourful scene of soft shapes, the same at any size."""
    rng = np.random.default_rng(3)
    photo = Image.fromarray(rng.integers(60, 200, (12, 16, 3), dtype=np.uint8))
    photo = photo.resize((1920, 1440), Image.Resampling.BICUBIC)
    ImageDraw.Draw(photo).ellipse((700, 400, 1200, 1100), fill=(210, 160, 130))
    return photo.resize((width, height), Image.Resampling.BICUBIC)


def face_at(left: float, top: float, *, side: float = 100, tilt: float = 0) -> Face:
    """Return a square face of known place; its eyes are 40 % and its mouth 75 % down."""
    marks = np.array([(-20, -10), (20, -10), (0, 5), (-15, 25), (15, 25)]) * side / 100
    turn = np.radians(tilt)
    turned = marks @ [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
    middle = np.array([left + side / 2, top + side / 2])
    landmarks = tuple((x, y) for x, y in turned + middle)
    return Face(left, max(top, 0), left + side, top + side, 0.9, landmarks)


def measure(photo: Image.Image, *faces: Face) -> dict[str, float]:
    return measure_factors(photo, faces)


def noisy(photo: Image.Image, deviation: float) -> Image.Image:
    noise = np.random.default_rng(0).normal(0, 255 * deviation, (photo.height, photo.width, 1))
    return Image.fromarray((np.asarray(photo) + noise).clip(0, 255).astype(np.uint8))


def test_every_factor_is_measured_and_told_to_people():
    assert [factor.name for factor in FACTORS] == list(measure(draw()))
    assert all(factor.title and factor.about.endswith(".") for factor in FACTORS)


def test_without_a_face_only_what_needs_one_is_missing():
    values = measure(draw())
    assert {name for name, value in values.items() if math.isnan(value)} == OF_A_FACE
    assert values["faces"] == 0


@pytest.mark.parametrize("level", [0, 64, 128, 255])
def test_plain_photo_is_as_bright_as_its_colour(level):
    values = measure(Image.new("RGB", (200, 300), (level, level, level)))
    for name in ("brightness", "surround", "highlights", "shadows"):
        assert values[name] == pytest.approx(level / 255, abs=0.005)
    for name in ("contrast", "saturation", "warmth", "sharpness", "noise", "white_border"):
        assert values[name] == pytest.approx(0, abs=1e-6)


def test_lifted_blacks_show_in_the_shadows():
    faded = draw().point(lambda value: 60 + value * 0.7)
    assert measure(faded)["shadows"] > measure(draw())["shadows"] + 0.1
    assert measure(faded)["contrast"] < measure(draw())["contrast"]


def test_grey_photo_is_monochrome_and_a_pale_one_is_not():
    grey = ImageOps.grayscale(draw()).convert("RGB")
    assert measure(grey)["monochrome"] == 1 and measure(grey)["saturation"] < 0.01
    pale = Image.blend(grey, draw(), 0.4)
    assert measure(pale)["monochrome"] == 0
    assert measure(pale)["saturation"] < measure(draw())["saturation"]


def test_warm_light_is_above_zero_and_cool_below():
    assert measure(Image.new("RGB", (99, 99), (200, 150, 100)))["warmth"] == pytest.approx(
        0.39, abs=0.01
    )
    assert measure(Image.new("RGB", (99, 99), (100, 150, 200)))["warmth"] < 0


@pytest.mark.parametrize(("colour", "name"), [("white", "white_border"), ("black", "black_border")])
def test_frame_is_the_whole_rim_and_bars_are_their_share(colour, name):
    assert measure(ImageOps.expand(draw(), 20, colour))[name] == 1
    bars = Image.new("RGB", (480, 480), colour)
    bars.paste(draw(), (0, 60))
    assert measure(bars)[name] == pytest.approx(0.5, abs=0.01)
    assert measure(draw())[name] == 0


def test_bright_wall_behind_a_head_is_no_border():
    wall = Image.new("RGB", (400, 400), "white")
    ImageDraw.Draw(wall).ellipse((120, 60, 280, 500), fill=(150, 110, 90))
    assert measure(wall)["white_border"] == 0


@pytest.mark.parametrize("thickness", [1, 2, 3, 9])
def test_line_between_two_white_halves_is_measured(thickness):
    photo = Image.new("RGB", (160, 160), "white")
    photo.paste("black", (0, 80, 160, 80 + thickness))
    assert not any(math.isnan(value) for value in measure(photo, face_at(20, 20)).values())


def test_frame_hides_neither_sharpness_nor_light_around():
    framed, plain = measure(ImageOps.expand(draw(), 40, "white")), measure(draw())
    assert framed["brightness"] > plain["brightness"] + 0.1
    assert framed["surround"] == pytest.approx(plain["surround"], abs=0.02)
    assert framed["sharpness"] == pytest.approx(plain["sharpness"], rel=0.25)  # seen smaller


def test_blur_lowers_sharpness_and_noise_raises_noise():
    assert measure(draw().filter(ImageFilter.GaussianBlur(12)))["sharpness"] < (
        0.7 * measure(draw())["sharpness"]
    )
    small = draw(185, 139)  # about the size at which it is measured
    for deviation in (0.03, 0.06):
        added = measure(noisy(small, deviation))["noise"] - measure(small)["noise"]
        assert added == pytest.approx(deviation, rel=0.25)


@pytest.mark.parametrize("share", [0.5, 2])
def test_size_of_the_photo_moves_each_factor_little(share):
    whole = measure(draw(), face_at(190, 90))
    resized = draw(round(480 * share), round(360 * share))
    face = face_at(190 * share, 90 * share, side=100 * share)
    for name, value in measure(resized, face).items():
        assert value == pytest.approx(whole[name], abs=0.02), name


def test_place_of_the_largest_face_is_in_shares_of_the_photo():
    values = measure(draw(400, 200), face_at(50, 60, tilt=-12), face_at(300, 0, side=40))
    assert values["faces"] == 2
    assert values["face_height"] == pytest.approx(0.5)
    assert values["face_x"] == pytest.approx(0.25)
    assert values["face_y"] == pytest.approx(0.55)
    assert values["off_centre"] == pytest.approx(0.25)
    assert values["tilt"] == pytest.approx(12)


def test_forehead_is_cut_by_as_much_as_the_photo_lacks():
    cuts = [measure(draw(), face_at(150, top))["face_cut"] for top in (80, 10, -5, -20, -60)]
    assert cuts[0] == cuts[1] == 0 and cuts[-1] == 1
    assert 0 < cuts[2] < cuts[3] < 1


def test_forehead_is_cut_by_a_frame_too():
    framed = ImageOps.expand(draw(), 40, "white")
    assert measure(framed, face_at(190, 40 - 20))["face_cut"] > 0.3


def test_eyes_are_cut_by_as_much_as_the_photo_lacks():
    # Its eyes lie 40 below the top of its box, 40 apart: squares of 20 pixels.
    whole = (0.0, 0.0, 480.0, 360.0)
    for top, share in ((80, 0), (-29, 0), (-40, 0.5), (-45, 0.75), (-51, 1)):
        assert cut_eyes(face_at(150, top), whole) == pytest.approx(share, abs=0.01)
    for left, share in ((-20, 0), (-30, 0.25), (-45, 0.5), (-70, 0.75), (-81, 1)):
        assert cut_eyes(face_at(left, 80), whole) == pytest.approx(share, abs=0.01)
    assert cut_eyes(face_at(405, 330), whole) > 0.9  # right and below
    named = {factor.name: factor for factor in FACTORS}
    for left in range(100, 120):
        seen = cut_eyes(face_at(left / 3, 80), whole, drawn_in=0.13)
        assert named["eyes_cut"].show(seen) == "0 %"
    assert measure(draw(), face_at(150, -45))["eyes_cut"] == pytest.approx(0.98, abs=0.05)


def test_eyes_are_cut_by_a_frame_too():
    framed = ImageOps.expand(draw(), 40, "white")
    assert measure(framed, face_at(190, 40 - 50))["eyes_cut"] > 0.9
    assert measure(framed, face_at(190, 45))["eyes_cut"] == 0


def test_face_is_left_out_of_the_light_around():
    photo = Image.new("RGB", (300, 300), (50, 50, 50))
    photo.paste((250, 250, 250), (100, 100, 200, 200))
    values = measure(photo, face_at(100, 100))
    assert values["surround"] == pytest.approx(50 / 255, abs=0.02)
    assert values["brightness"] > values["surround"] + 0.05
    filled = measure(photo, face_at(0, 0, side=300))  # nothing is left around it
    assert filled["surround"] == filled["brightness"]


@pytest.mark.parametrize("size", [(1, 1), (32, 32), (3000, 30), (30, 3000), (4000, 3000)])
def test_any_size_is_measured(size):
    values = measure(draw(*size))
    assert not any(math.isnan(values[name]) for name in values.keys() - OF_A_FACE)


def test_values_are_shown_as_people_read_them():
    shown = {factor.name: factor for factor in FACTORS}
    assert shown["brightness"].show(0.584) == "58 %"
    assert shown["noise"].show(0.0213) == "2.1 %"
    assert shown["face_cut"].show(0.0) == "0 %"
    assert shown["warmth"].show(-0.2) == "-20 %"
    assert shown["tilt"].show(11.6) == "12°"
    assert shown["faces"].show(2.0) == "2"
    assert shown["monochrome"].show(1.0) == "yes"
    assert shown["face_height"].show(math.nan) == "no face"
