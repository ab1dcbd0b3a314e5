"""What is alike, by few numbers per photo."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from selfie_core.base.settings import LayoutConfig
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.map import tsne
from selfie_core.gallery.map.components import Components
from selfie_core.gallery.map.tsne import Placer
from tests.support.galleries import with_features


@pytest.fixture(scope="module")
def fc7():
    """4,000 photos of a hundred kinds, 128 wide, as float16 like a gallery's fc7."""
    rng = np.random.default_rng(0)
    kinds = rng.gamma(1, 2, (100, 128))[rng.integers(0, 100, 4000)]
    return np.maximum(kinds + rng.normal(0, 0.3, kinds.shape), 0).astype(np.float16)


def test_nearest_are_those_of_the_whole_fc7(gallery: Gallery, fc7):
    many = with_features(gallery, pd.DataFrame(index=range(len(fc7))), fc7)
    for row in (0, 1234, 3999):
        photo = fc7[row].astype(np.float32) + 0.01
        apart = np.linalg.norm(fc7.astype(np.float32) - photo, axis=1)
        rows, distances = many.nearest(photo, 10)
        assert rows.tolist() == np.argsort(apart)[:10].tolist()
        assert np.allclose(distances, np.sort(apart)[:10], rtol=1e-3)


def test_few_are_compared_in_whole(fc7):
    found = Components.of(fc7, LayoutConfig()).candidates(fc7[7], 10)
    assert 7 in found and len(found) < 1000


def test_kept_components_are_read_as_they_were(tmp_path: Path, fc7):
    made = Components.of(fc7[:300], LayoutConfig())
    made.write(tmp_path)
    read = Components.read(tmp_path)
    assert read and np.array_equal(read.values, made.values)
    assert isinstance(read.values, np.memmap)
    assert read.candidates(fc7[5], 3).tolist() == made.candidates(fc7[5], 3).tolist()


def test_damaged_features_are_never_alike(fc7):
    broken = fc7.copy()
    broken[9] = np.nan
    components = Components.of(broken, LayoutConfig())
    assert np.isfinite(components.axes).all()
    assert 9 not in components.candidates(fc7[9], 3)


def test_newcomers_stand_where_they_would_if_each_photo_pushed_alone(monkeypatch):
    rng = np.random.default_rng(1)
    xy = rng.random((4040, 2)).astype(np.float32)
    fc7 = np.cos(xy @ rng.normal(0, 4, (2, 64)) + rng.random(64)).astype(np.float32)
    xy, fc7, new = xy[:4000], fc7[:4000], fc7[4000:]
    components = Components.of(fc7, LayoutConfig())
    alone = Placer(fc7, xy)(new)
    assert np.allclose(Placer(fc7, xy, components=components)(new), alone, atol=1e-4)
    monkeypatch.setattr(tsne, "_MOST_PUSHING", 3999)
    together = Placer(fc7, xy, components=components)(new)
    assert not np.array_equal(together, alone)
    assert np.allclose(together, alone, atol=0.002)
