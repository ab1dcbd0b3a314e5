"""Each photo gets a cell of its own, near to its place."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from selfie_core.gallery.map.filled_grid import columns_of, filled_grid

RNG = np.random.default_rng(0)
ANGLE = RNG.random(800) * 2 * np.pi
SHAPES = {
    "islands": np.repeat(RNG.random((20, 2)), 40, axis=0) + RNG.normal(0, 0.02, (800, 2)),
    "disc": np.sqrt(RNG.random((800, 1))) * np.stack([np.cos(ANGLE), np.sin(ANGLE)], axis=1),
    "oblong": RNG.random((800, 2)) * [1, 0.4],
}


def moved(xy, cells):
    return np.hypot(*(xy - cells).T).sum()


@pytest.mark.parametrize("shape", SHAPES)
def test_photos_move_within_5_percent_of_the_least_possible(shape):
    xy = SHAPES[shape] - SHAPES[shape].min(axis=0)
    xy = xy / xy.max()
    cells = filled_grid(xy).astype(float)
    costs = np.hypot(*(xy[:, None] - cells[None]).transpose(2, 0, 1))
    rows, columns = linear_sum_assignment(costs)
    assert moved(xy, cells) <= 1.05 * costs[rows, columns].sum()


def test_very_many_photos_move_little_more(monkeypatch, rng):
    xy = rng.random((3000, 2)) ** 1.5
    exact = moved(xy, filled_grid(xy))
    monkeypatch.setattr("selfie_core.gallery.map.filled_grid._MANY", 3000)
    assert exact < moved(xy, filled_grid(xy)) < 1.1 * exact


@pytest.mark.parametrize("count", [1, 2, 3, 10, 12, 13, 145, 2000])
def test_every_photo_has_its_own_cell_of_a_near_square(count, rng):
    cells = filled_grid(rng.random((count, 2)))
    across = columns_of(count)
    places = np.rint(cells * across * 2).astype(int)
    assert len(np.unique(places, axis=0)) == count
    assert cells.min() > 0 and cells.max() < 1
    steps = np.diff(np.unique(places[:, 0]))
    assert len(steps) + 1 == min(across, count) and (steps == 2).all()


@pytest.mark.parametrize("count", [2, 50, 300])
def test_photos_at_one_place_are_spread_too(count):
    cells = filled_grid(np.full((count, 2), 0.5))
    assert len(np.unique(cells, axis=0)) == count


def test_photos_without_a_place_have_no_cell(rng):
    xy = rng.random((30, 2)).astype(np.float32)
    xy[[3, 7], 0] = np.nan
    cells = filled_grid(xy)
    assert np.flatnonzero(np.isnan(cells).any(axis=1)).tolist() == [3, 7]
    assert columns_of(28) == 6 and np.nanmax(cells) <= 1 - 0.5 / 6 + 1e-6


def test_no_photos_have_no_cells():
    assert filled_grid(np.zeros((0, 2), np.float32)).shape == (0, 2)
