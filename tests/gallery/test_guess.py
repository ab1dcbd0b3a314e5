"""Pairs for the guessing game, and how guesses are judged."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.guess import draw_pairs, example_rows, judge_answers, never_trained_on


def labelled(gallery: Gallery, labels: list, splits: list | None = None) -> Gallery:
    """Return a gallery with as many photos as labels; a higher row number scores higher."""
    table = pd.DataFrame(
        {
            "id": [f"id{n}" for n in range(len(labels))],
            "score": np.linspace(0.1, 0.9, len(labels)),
            "label": pd.array(labels, "Int64"),
        }
    )
    return replace(gallery, table=table.assign(split=splits) if splits else table)


@pytest.fixture
def sixty(gallery) -> Gallery:
    return labelled(gallery, [0] * 30 + [1] * 30)


def test_each_pair_has_one_good_photo_and_none_comes_twice(sixty):
    pairs = draw_pairs(sixty, seed=3, rounds=30)
    rows = [row for pair in pairs for row in (pair.left, pair.right)]
    assert sorted(rows) == list(range(60))
    for pair in pairs:
        good, bad = (pair.left, pair.right) if pair.good == 0 else (pair.right, pair.left)
        assert sixty.table["label"].iat[good] == 1
        assert sixty.table["label"].iat[bad] == 0
    assert {pair.good for pair in pairs} == {0, 1}


def test_net_picks_the_higher_score(sixty, gallery):
    assert all(pair.picked == pair.good for pair in draw_pairs(sixty, seed=3, rounds=20))
    fooled = labelled(gallery, [1] * 30 + [0] * 30)
    assert all(pair.picked != pair.good for pair in draw_pairs(fooled, seed=3, rounds=20))


def test_same_seed_gives_the_same_game(sixty):
    assert draw_pairs(sixty, seed=7, rounds=10) == draw_pairs(sixty, seed=7, rounds=10)
    assert draw_pairs(sixty, seed=7, rounds=10) != draw_pairs(sixty, seed=8, rounds=10)


def test_photos_that_the_net_never_saw_come_first(gallery):
    splits = (["test"] * 12 + ["train"] * 18) * 2
    known = labelled(gallery, [0] * 30 + [1] * 30, splits)
    assert never_trained_on(known, draw_pairs(known, seed=0, rounds=12))
    many = draw_pairs(known, seed=0, rounds=13)  # more than the test split has
    assert len(many) == 13
    assert not never_trained_on(known, many)


def test_few_photos_make_fewer_rounds(gallery):
    assert len(draw_pairs(labelled(gallery, [0] * 10 + [1] * 15), seed=0, rounds=40)) == 10


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([None] * 30, "have no labels, good or bad"),
        ([1] * 30, "0 photos of this gallery are labelled bad; wanted 10 or more"),
        ([0] * 30 + [1] * 9, "9 photos of this gallery are labelled good"),
    ],
)
def test_gallery_without_enough_labels_says_so(gallery, labels, said):
    with pytest.raises(DataError, match=said):
        draw_pairs(labelled(gallery, labels), seed=0, rounds=10)


def test_gallery_without_the_column_says_so(gallery):
    assert "label" not in gallery.table
    with pytest.raises(DataError, match="have no labels"):
        draw_pairs(gallery, seed=0, rounds=10)


@pytest.mark.parametrize(("hits", "of"), [(0, 10), (7, 10), (10, 10), (355, 500)])
def test_interval_is_the_scores_one(hits, of):
    verdict = judge_answers([True] * hits + [False] * (of - hits))
    share, z = hits / of, 1.959964
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    reach = z * np.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    assert (verdict.right, verdict.of) == (hits, of)
    assert verdict.low == pytest.approx(max(0, middle - reach), abs=1e-4)
    assert verdict.high == pytest.approx(min(1, middle + reach), abs=1e-4)
    assert verdict.low <= binomtest(hits, of).statistic <= verdict.high


def test_no_answers_say_nothing():
    assert judge_answers([]).low == 0
    assert judge_answers([]).high == 1


def test_examples_have_the_label_and_are_chosen_by_chance(sixty):
    rows = example_rows(sixty, 1, count=20)
    assert len(set(rows.tolist())) == 20
    assert (sixty.table["label"].iloc[rows] == 1).all()
    assert rows.tolist() != sorted(rows.tolist())
