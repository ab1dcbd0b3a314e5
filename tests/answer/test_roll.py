"""Moments by time and looks, the best of each and why, stars, keepers, the contact sheet."""

import numpy as np
import pandas as pd
import pytest

from selfie_core.answer.roll import CELL, COLUMNS, contact_sheet, pick_best
from selfie_core.base.errors import DataError
from selfie_core.base.settings import CullConfig
from selfie_core.photo.copies import group_moments, square
from tests.support.drawn import draw_photo

NAN = float("nan")
RNG = np.random.default_rng(0)
FC7 = RNG.normal(size=(3, 64)).astype(np.float32)  # of three photos that the net tells apart
LOOKS = RNG.normal(size=(3, 576)).astype(np.float32)
LOOKS /= np.linalg.norm(LOOKS, axis=1, keepdims=True)
BRIGHT_WINS = pd.DataFrame(
    {"score": [0.1, 0.2, 0.3, 0.4], "brightness": [0.2, 0.3, 0.5, 0.6], "noise": [1, 3, 2, 1]}
)


def moments(scenes: list[int], taken: list[float]) -> list[int]:
    found = group_moments(LOOKS[scenes], FC7[scenes], np.array(taken))
    return pd.factorize(found)[0].tolist()


def photos(scores: list[float], **columns) -> pd.DataFrame:
    table = pd.DataFrame({"file": [f"{n}.jpg" for n in range(len(scores))], "score": scores})
    return table.assign(**({"taken": NAN, "same_as": "", "error": ""} | columns))


def picks(table: pd.DataFrame, scenes: list[int], **settings) -> pd.DataFrame:
    config = CullConfig(**settings)
    return pick_best(table, FC7[scenes], LOOKS[scenes], among=BRIGHT_WINS, config=config)


def test_photos_alike_but_an_hour_apart_are_two_moments() -> None:
    assert moments([0, 0], [0, 3600]) == [0, 1]
    assert moments([0, 0], [0, 300]) == [0, 0]


def test_where_a_file_says_no_time_looks_decide() -> None:
    assert moments([0, 0, 1], [0, NAN, NAN]) == [0, 0, 1]


def test_within_a_minute_half_alike_is_one_moment() -> None:
    between = 0.7 * LOOKS[0] + np.sqrt(1 - 0.49) * LOOKS[1]  # agrees by 0.7 with the first
    squares, fc7 = np.stack([LOOKS[0], between]), FC7[:2]
    for apart, groups in ((30, 1), (120, 2)):
        found = group_moments(squares, fc7, np.array([0.0, apart]))
        assert len(set(found.tolist())) == groups
    assert len(set(group_moments(squares, fc7).tolist())) == 2


def test_many_alike_are_one_moment_in_no_time() -> None:
    assert set(moments([0] * 700, [NAN] * 700)) == {0}  # more than are compared at once


def test_best_of_each_moment_is_marked_and_says_why() -> None:
    table = photos(
        [0.4, 0.6, 0.3, NAN, 0.5], brightness=[0.3, 0.5, 0.5, NAN, 0.5], noise=[1, 1, 2, NAN, 9],
        error=["", "", "", "photo is empty", ""],
    )  # fmt: skip
    found = picks(table, [0, 0, 1, 2, 2])
    assert tuple(found) == COLUMNS
    assert found["file"].tolist() == ["1.jpg", "0.jpg", "4.jpg", "2.jpg", "3.jpg"]
    assert found["moment"].tolist() == [1, 1, 2, 3, 0]
    assert found["of"].tolist() == [2, 2, 1, 1, 0]
    assert found["best"].tolist() == [True, False, True, True, False]
    assert found["why"].tolist() == ["the brighter photo, 20.0 points ahead", "", "", "", ""]
    assert found["error"].tolist()[-1] == "photo is empty"


def test_keepers_are_the_best_of_moments_from_the_threshold_on() -> None:
    found = picks(photos([0.9, 0.8, 0.5, 0.49]), [0, 0, 1, 2], threshold=0.5)
    assert found["keep"].tolist() == [True, False, True, False]


def test_a_hair_ahead_is_called_a_toss_up() -> None:
    found = picks(photos([0.503, 0.5]), [0, 0])
    assert found["why"].tolist()[0] == "a toss-up, by nothing that is measured"


def test_stars_are_shares_of_the_roll() -> None:
    found = picks(photos(np.linspace(0, 1, 100).tolist()), [0] * 100)
    counts = found["stars"].value_counts().to_dict()
    assert counts == {1: 10, 2: 25, 3: 30, 4: 25, 5: 10}
    halves = picks(photos(np.linspace(0, 1, 100).tolist()), [0] * 100, stars="0,1,50,99")
    assert halves["stars"].value_counts().to_dict() == {2: 1, 3: 49, 4: 49, 5: 1}


def test_all_alike_get_the_same_stars_and_the_times_are_told() -> None:
    found = picks(photos([0.5] * 9, taken=1777636800.5), [0] * 9)
    assert set(found["stars"]) == {3}
    assert set(found["taken"]) == {"2026-05-01 12:00:00"}
    assert found["best"].sum() == 1


def test_nothing_that_can_be_read_is_a_table_too() -> None:
    found = picks(photos([NAN, NAN], error="photo is empty"), [0, 1])
    assert not found["keep"].any() and set(found["stars"]) == {0}


@pytest.mark.parametrize("stars", ["10,20,30", "10,30,20,90", "a,b,c,d", "10,20,30,101", ""])
def test_stars_that_are_no_shares_are_refused(stars: str) -> None:
    with pytest.raises(DataError, match="wanted four rising percents"):
        _ = CullConfig(stars=stars).cuts


def test_contact_sheet_shows_the_photos_in_order() -> None:
    squares = [draw_photo(number, face=False) for number in range(8)]
    name = "folder/a very\nlong name of a photo.jpg"
    sheet = contact_sheet(squares, photos([0.5] * 8, file=name))
    assert sheet.width > 6 * CELL and sheet.height > 2 * CELL
    light = [
        sheet.getpixel((20 + place % 6 * (CELL + 10), 170 + place // 6 * (CELL + 40)))
        for place in range(8)
    ]
    assert light == sorted(light) and len(set(light)) == 8


def test_contact_sheet_of_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="lower the threshold"):
        contact_sheet([], photos([]))


def test_square_of_a_thumbnail_is_that_of_its_photo() -> None:
    photo = draw_photo(3, size=(480, 480))
    assert float(square(photo) @ square(photo.resize((128, 128)))) > 0.99
