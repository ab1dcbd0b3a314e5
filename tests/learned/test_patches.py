"""Where channels fire most in a gallery."""

import numpy as np
import pytest
from PIL import Image

from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned import layers, patches
from selfie_core.learned.receptive import Field
from selfie_core.photo import images
from selfie_core.scorer.scorer import load_scorer

MEAN = (0.5, 0.25, 0.75)


@pytest.fixture(scope="module")
def demo() -> Gallery:
    return Gallery.open(store.demo_gallery())


@pytest.fixture(scope="module")
def net() -> layers.LayeredNet:
    return layers.open_net(load_scorer())


def test_peak_is_the_highest_activation_of_its_photo(net, demo) -> None:
    told = []
    found = patches.find_patches(
        net, demo, sample=9, progress=lambda done, of: told.append((done, of))
    )
    assert told[-1] == (9, 9)
    best, *others = found.top("stage 2", 3, 9)
    maps = net.activations([images.open_photo(demo.photo(best.row))]).maps["stage 2"][0, 3]
    assert maps[best.cell] == maps.max() == pytest.approx(best.activation, rel=1e-5)
    activations = [patch.activation for patch in [best, *others]]
    assert activations == sorted(activations, reverse=True)


def test_second_search_reads_the_first(net, demo) -> None:
    first = patches.find_patches(net, demo, sample=5)
    again = patches.find_patches(
        net, demo, sample=5, progress=lambda *_: pytest.fail("searched again")
    )
    assert again.top("head", 700, 5) == first.top("head", 700, 5)


def test_patch_is_what_the_cell_sees() -> None:
    square = np.zeros((128, 128, 3), np.uint8)
    square[40:60, 80:100] = (255, 0, 0)
    patch = patches.cut_patch(
        Image.fromarray(square), Field(20, 20, 0), (2, 4), image_size=128, mean=MEAN
    )
    side = 20 * patches.PATCH_DETAIL
    assert patch.size == (side, side)
    assert patch.getpixel((side // 2, side // 2)) == (255, 0, 0)
    assert np.asarray(patch)[4:-4, 4:-4, 0].min() > 200


def test_patch_over_the_rim_is_filled_with_the_mean() -> None:
    patch = patches.cut_patch(
        Image.new("RGB", (64, 64), "white"), Field(20, 4, -10), (0, 0), image_size=128, mean=MEAN
    )
    assert patch.getpixel((0, 0)) == (128, 64, 191)
    assert patch.getpixel((patch.width - 1, patch.height - 1)) == (255, 255, 255)
