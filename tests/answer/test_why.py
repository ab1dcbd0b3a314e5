"""The heat map finds what the score hangs on; factors stand where the gallery has them."""

import numpy as np
import pytest
from PIL import Image

from selfie_core.answer.why import CELLS, heat_map, paint_heat, place_factors
from tests.support.drawn import draw_photo


def corner_light(photos):
    """Only the bright upper left quarter counts."""
    return (
        np.array([np.asarray(p.convert("L").resize((8, 8)), float)[:2, :2].mean() for p in photos])
        / 255
    )


def test_heat_lies_where_the_score_comes_from():
    pixels = np.zeros((120, 160, 3), np.uint8)
    pixels[:30, :40] = 255
    heat = heat_map(Image.fromarray(pixels), corner_light)
    assert heat.shape == (CELLS, CELLS)
    assert heat[0, 0] > 0.05
    assert abs(heat[CELLS // 2 :, CELLS // 2 :]).max() < 0.01
    dark = heat_map(Image.fromarray(255 - pixels), corner_light)
    assert dark[0, 0] < -0.05  # a dark corner speaks against it


@pytest.mark.parametrize("size", [(300, 200), (2000, 90)])
def test_painted_heat_has_the_photos_shape_and_is_grey_where_nothing_moves(size):
    picture = paint_heat(Image.new("RGB", size, "red"), np.zeros((12, 12), np.float32))
    assert max(picture.size) <= 1280
    assert picture.width / picture.height == pytest.approx(size[0] / size[1], rel=0.05)
    assert np.ptp(np.asarray(picture), axis=2).max() == 0


class Table:
    def __init__(self, **columns):
        import pandas as pd

        self.table = pd.DataFrame(columns)


def test_factors_say_what_photos_like_it_score():
    steps = np.linspace(0, 1, 400)
    chance = np.random.default_rng(0).permutation(400) / 400
    gallery = Table(score=steps, brightness=steps, contrast=chance, monochrome=(steps > 0.8) * 1.0)
    factors = {"brightness": 0.9, "contrast": 0.5, "monochrome": 1.0, "tilt": float("nan")}
    places = {place.factor.name: place for place in place_factors(factors, gallery)}
    assert set(places) == {"brightness", "contrast", "monochrome"}
    assert places["brightness"].percentile == pytest.approx(90, abs=1)
    assert places["brightness"].gain == pytest.approx(0.4, abs=0.03)
    assert "points above the mean" in places["brightness"].sentence
    assert "about as the rest" in places["contrast"].sentence
    assert places["monochrome"].alike == pytest.approx(0.9, abs=0.01)
    assert list(places)[-1] == "contrast"  # the most telling come first


def test_nothing_is_said_beyond_the_gallery():
    steps = np.linspace(0.4, 0.6, 100)
    assert place_factors({"brightness": 3.0}, Table(score=steps, brightness=steps)) == []
    assert place_factors({}, Table(score=steps, brightness=steps)) == []


def test_real_gallery_and_photo_go_together(gallery):
    from selfie_core.photo.factors import measure_factors

    assert place_factors(measure_factors(draw_photo(3), []), gallery) == []  # eight are too few
