"""Positions by t-SNE, and where a newcomer lands among them."""

import numpy as np
import pytest

from selfie_core.base.settings import LayoutConfig
from selfie_core.gallery.map.fidelity import map_quality
from selfie_core.gallery.map.tsne import Placer, lay_out, morton_order


@pytest.fixture(scope="module")
def blobs():
    """Three groups of 60 photos, far apart in 20 dimensions, as float16 like a gallery's fc7."""
    rng = np.random.default_rng(0)
    centres = rng.normal(0, 6, (3, 20))
    return (np.repeat(centres, 60, axis=0) + rng.normal(0, 1, (180, 20))).astype(np.float16)


@pytest.fixture(scope="module")
def positions(blobs):
    return lay_out(blobs)


def test_three_blobs_stay_apart_on_the_map(positions):
    groups = positions.reshape(3, 60, 2)
    centres = groups.mean(axis=1)
    spread = np.linalg.norm(groups - centres[:, None], axis=2).max()
    gaps = np.linalg.norm(centres - np.roll(centres, 1, axis=0), axis=1)
    assert gaps.min() > 2 * spread


def test_positions_fill_the_unit_square(positions):
    assert positions.dtype == np.float32
    assert positions.min() >= 0 and positions.max() <= 1
    assert np.isclose(np.ptp(positions, axis=0).max(), 1, atol=1e-5)


def test_same_seed_gives_the_same_map(blobs, positions):
    assert np.array_equal(lay_out(blobs), positions)
    assert not np.array_equal(lay_out(blobs, config=LayoutConfig(seed=1)), positions)


def test_progress_ends_at_its_total(blobs):
    seen = []
    lay_out(blobs, progress=lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen) and seen[-1][0] == seen[-1][1]


@pytest.mark.parametrize("count", [0, 1, 2, 5, 9, 10, 12, 31])
def test_tiny_gallery_has_a_map(blobs, count):
    xy = lay_out(blobs[:count])
    assert xy.shape == (count, 2) and xy.dtype == np.float32
    assert np.isfinite(xy).all() and (xy >= 0).all() and (xy <= 1).all()
    assert len(np.unique(xy, axis=0)) == count


@pytest.mark.parametrize("count", [4, 40])
def test_copies_of_one_photo_share_the_middle(count):
    assert np.array_equal(lay_out(np.ones((count, 8), np.float16)), np.full((count, 2), 0.5))


def test_copies_of_two_photos_stand_apart():
    xy = lay_out(np.repeat(np.eye(2, 8, dtype=np.float16), 20, axis=0))
    assert np.isfinite(xy).all()
    assert np.linalg.norm(xy[:20].mean(axis=0) - xy[20:].mean(axis=0)) > 0.3


def test_photo_already_on_the_map_lands_on_itself(blobs, positions):
    rows = [0, 77, 179]
    landed = Placer(blobs, positions)(blobs[rows].astype(np.float32))
    assert np.allclose(landed, positions[rows], atol=1e-6)


def test_newcomer_lands_among_its_like(blobs, positions):
    newcomer = blobs[60:120].astype(np.float32).mean(axis=0, keepdims=True)
    landed = Placer(blobs, positions)(newcomer)[0]
    group = positions[60:120]
    assert (landed >= group.min(axis=0)).all() and (landed <= group.max(axis=0)).all()


def test_newcomer_lands_on_a_map_of_one(blobs):
    xy = lay_out(blobs[:1])
    assert np.array_equal(Placer(blobs[:1], xy)(blobs[1:3]), np.full((2, 2), 0.5))


def test_morton_order_keeps_neighbours_near():
    xy = np.random.default_rng(0).random((4096, 2), dtype=np.float32)
    order = morton_order(xy)
    assert np.array_equal(np.sort(order), np.arange(4096))
    # 64 rows share an atlas, and should fill little more than an eighth of each axis
    atlases = xy[order].reshape(64, 64, 2)
    assert np.ptp(atlases, axis=1).mean() < 0.25


def test_morton_order_of_nothing_is_empty():
    assert morton_order(np.zeros((0, 2), np.float32)).shape == (0,)


@pytest.mark.slow
def test_sample_keeps_most_of_what_a_whole_map_keeps():
    rng = np.random.default_rng(0)
    kinds = rng.normal(0, 1, (30, 30))
    fc7 = (kinds[rng.integers(0, 30, 1000)] + rng.normal(0, 0.7, (1000, 30))).astype(np.float16)
    whole = map_quality(fc7, lay_out(fc7))
    xy = lay_out(fc7, config=LayoutConfig(sample=400))
    assert np.isfinite(xy).all() and np.ptp(xy, axis=0).max() == pytest.approx(1, abs=1e-5)
    part = map_quality(fc7, xy)
    assert part["trustworthiness"] > whole["trustworthiness"] - 0.02
    assert 0.6 * whole["recall_at_10"] < part["recall_at_10"] < whole["recall_at_10"]
