"""Which photos a wish means, and what there is to wish for."""

import datetime
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.subset import bit_mask, choose_rows, list_choices


@pytest.fixture
def known(gallery: Gallery) -> Gallery:
    """The eight drawn photos, brighter ones better, with columns of every kind."""
    order = np.argsort(gallery.table["file"].to_numpy())  # photo-0, the darkest, first
    table = gallery.table.iloc[order].reset_index(drop=True)
    more = {
        "glasses": ["sun", "none", None, "sun", "none", "sun", "clear", "none"],
        "label": pd.array([1, 0, None, 1, 0, 1, 0, 1], "Int64"),
        "group": [1, 2, 10, 1, 2, 10, 1, 2],
        "posted_at": pd.to_datetime([f"2026-0{n}-03T20:00:00Z" for n in range(1, 9)], utc=True),
        "area": ["2 m²", "²", "--5", "-5", "-", "10", "9", "²"],
        "constant": 4.0,
        "missing": np.nan,
        "half": [0.5, np.nan, 0.25, 0.1, 0.123, 0.7, 0.8, np.nan],
        "user": [f"user-{n}" for n in range(8)],
        "tags": ["beach sun", "sun", "", "beach", "city", "city", "beach night", "night"],
    }
    return replace(gallery, table=table.assign(**more))


def test_best_comes_first(known):
    assert (np.diff(known.table["score"].iloc[choose_rows(known, {})]) <= 0).all()
    assert len(choose_rows(known, {})) == 8


@pytest.mark.parametrize(
    ("wishes", "rows"),
    [
        ({"glasses": ["sun"]}, [5, 3, 0]),
        ({"glasses": ["sun", "clear"]}, [6, 5, 3, 0]),
        ({"label": ["bad"]}, [6, 4, 1]),
        ({"group": ["10"]}, [5, 2]),
        ({"half": (0.1, 0.25)}, [4, 3, 2]),
        ({"rank": (1, 3)}, [7, 6, 5]),
        ({"glasses": ["sun"], "label": ["good"], "half": (0.6, 1.0)}, [5]),
        ({"posted_at": (datetime.date(2026, 3, 3), datetime.date(2026, 4, 3))}, [3, 2]),
        ({"glasses": ["monocle"]}, []),
    ],
)
def test_all_wishes_are_fulfilled(known, wishes, rows):
    assert choose_rows(known, wishes).tolist() == rows


def test_words_stars_and_wishes_meet(known):
    assert choose_rows(known, {}, text="beach").tolist() == [6, 3, 0]
    assert choose_rows(known, {}, starred=[1, 3, 6]).tolist() == [6, 3, 1]
    assert choose_rows(known, {"glasses": ["sun"]}, text="beach", starred=[1, 3]).tolist() == [3]
    assert choose_rows(known, {}, starred=[]).tolist() == []


def test_choices_are_what_tells_photos_apart(known):
    choices = {choice.column: choice for choice in list_choices(known)}
    assert choices["glasses"].words == ("clear", "none", "sun")
    assert choices["label"].words == ("bad", "good")
    assert choices["group"].words == ("1", "2", "10")
    assert choices["area"].words == ("-5", "9", "10", "-", "--5", "2 m²", "²")
    assert (choices["half"].least, choices["half"].most) == (0.1, 0.8)
    assert (choices["rank"].least, choices["rank"].most) == (1, 8)
    assert choices["posted_at"].most == datetime.date(2026, 8, 3)
    assert choices["brightness"].share
    assert not {"constant", "missing", "id", "file", "x", "seam"} & set(choices)


def test_gallery_of_one_photo_offers_nothing_to_choose(gallery):
    one = replace(gallery, table=gallery.table.iloc[:1])
    assert list_choices(one) == []


def test_bounds_hold_all_values_of_a_column(known):
    for choice in list_choices(known):
        if choice.words:
            known_rows = known.table[choice.column].notna().sum()
            assert len(choose_rows(known, {choice.column: choice.words})) == known_rows
        elif choice.column != "rank":
            rows = choose_rows(known, {choice.column: (choice.least, choice.most)})
            assert len(rows) == known.table[choice.column].notna().sum()


def test_mask_has_the_bits_of_its_rows(known):
    assert bit_mask(known, np.array([0, 1, 7])) == "gw=="  # 10000011, the lowest bit first
    assert bit_mask(known, np.array([], np.intp)) == "AA=="
