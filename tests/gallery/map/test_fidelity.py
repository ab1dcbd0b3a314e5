"""Where a map tears, and how well it keeps neighbours."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from selfie_core.gallery.map.fidelity import MOST_EDGES, map_quality, seams


@pytest.fixture
def torn(rng):
    """A map of two halves side by side, which are far apart in fc7; x = 0.5 is the tear."""
    xy = rng.random((400, 2)).astype(np.float32)
    fc7 = np.zeros((400, 8), np.float16)
    fc7[:, :2] = xy
    fc7[xy[:, 0] > 0.5, 3] = 9
    return fc7, xy


def test_strongest_seams_run_along_the_tear(torn):
    fc7, xy = torn
    strange, (a, b, strength) = seams(fc7, xy)
    sides = xy[:, 0] > 0.5
    crossing = sides[a.astype(int)] != sides[b.astype(int)]
    assert crossing[: crossing.sum()].all()
    assert (np.diff(strength) <= 0).all()
    assert strength.min() >= 0 and strength.max() <= 1
    beside = np.abs(xy[:, 0] - 0.5) < 0.02
    assert strange[beside].min() > 3 * np.median(strange[~beside])


def test_edge_joins_two_different_photos_once(torn):
    _, (a, b, _) = seams(*torn)
    assert (a < b).all()
    assert len(np.unique(np.stack([a, b]), axis=1).T) == len(a) <= MOST_EDGES


@pytest.mark.parametrize("count", [0, 1, 2, 3, 10])
def test_few_photos_have_seams(count, rng):
    strange, edges = seams(rng.random((count, 8)), rng.random((count, 2)))
    assert strange.shape == (count,) and np.isfinite(strange).all()
    assert edges.shape[0] == 3


def test_copies_and_photos_without_a_place_are_no_strangers():
    xy = np.full((40, 2), 0.5, np.float32)
    xy[7] = np.nan
    strange, edges = seams(np.ones((40, 8), np.float16), xy)
    assert np.isnan(strange[7]) and 7 not in edges[:2]
    assert np.nanmax(strange) == 0


def test_trustworthiness_is_that_of_scikit_learn(rng):
    fc7 = rng.normal(size=(300, 6)).astype(np.float32)
    xy = fc7[:, :2] + rng.normal(0, 0.3, (300, 2)).astype(np.float32)
    expected = trustworthiness(fc7, xy, n_neighbors=10)
    assert map_quality(fc7, xy)["trustworthiness"] == pytest.approx(expected, abs=2e-4)


def test_perfect_map_keeps_all_neighbours(rng):
    xy = rng.random((200, 2)).astype(np.float32)
    assert map_quality(xy, xy) == {"trustworthiness": 1.0, "recall_at_10": 1.0}


def test_quality_of_few_photos_is_not_said():
    assert map_quality(np.zeros((5, 3)), np.zeros((5, 2))) == {}


def test_of_very_many_photos_fewer_are_asked(monkeypatch, rng):
    fc7 = rng.random((400, 5)).astype(np.float16)
    every = map_quality(fc7, fc7[:, :2])["recall_at_10"]
    monkeypatch.setattr("selfie_core.gallery.map.fidelity._PAIRED", 50 * 400)
    some = map_quality(fc7, fc7[:, :2])["recall_at_10"]
    assert round(some * 500, 6) % 1 == 0  # of fifty photos the ten nearest
    assert round(every * 500, 6) % 1 != 0
    assert abs(some - every) < 0.08
