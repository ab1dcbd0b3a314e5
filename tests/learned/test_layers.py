"""The shipped net, opened: its layers give what the scorer gives."""

import numpy as np
import pytest
from PIL import Image

from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned import layers
from selfie_core.photo import images
from selfie_core.scorer import nets, weights
from selfie_core.scorer.checkpoint import ScorerConfig
from selfie_core.scorer.scorer import Scorer, load_scorer, probability


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return load_scorer()


@pytest.fixture(scope="module")
def net(scorer: Scorer) -> layers.LayeredNet:
    return layers.open_net(scorer)


@pytest.fixture(scope="module")
def photos():
    gallery = Gallery.open(store.demo_gallery())
    return [images.open_photo(gallery.photo(row)) for row in range(6)]


def test_opened_net_scores_as_the_scorer_does(scorer, net, photos) -> None:
    seen = net.activations(photos)
    scores, fc7 = scorer.features(photos)
    np.testing.assert_allclose(seen.fc7, fc7, atol=2e-4)
    np.testing.assert_allclose(
        probability(seen.logits, scorer.config.temperature), scores, atol=1e-5
    )


def test_contributions_add_up_to_the_logit(scorer, net, photos) -> None:
    weights, bias = layers.last_layer(scorer)
    seen = net.activations(photos)
    sums = (weights * seen.fc7).astype(np.float64).sum(axis=1) + bias
    np.testing.assert_allclose(sums, seen.logits, atol=1e-5)


def test_maps_have_the_shapes_that_the_layers_say(net, photos) -> None:
    seen = net.activations(photos[:2])
    assert [layer.name for layer in net.layers][:3] == ["stem", "stage 1", "stage 2"]
    for layer in net.layers:
        assert seen.maps[layer.name].shape == (2, layer.channels, layer.side, layer.side)
    assert seen.maps["places"].min() >= 0


def test_style_cells_are_the_means_of_their_own_pixels(net, photos) -> None:
    layer = net.layer("style")
    assert layer is not None
    square = images.squash(photos[0], net.size) / 255
    left, top, right, bottom = layer.field.box(3, 5)
    red = net.activations(photos[:1]).maps["style"][0, 0, 3, 5]
    assert red == pytest.approx(square[top:bottom, left:right, 0].mean(), abs=1e-4)


def test_net_of_another_backbone_opens_too(tmp_path) -> None:
    config = ScorerConfig(backbone="mobilenetv3_small_050", image_size=64, fc7_width=8)
    weights.save_scorer(tmp_path / "other.safetensors", nets.build_net(config), config)
    net = layers.LayeredNet(Scorer(tmp_path / "other.safetensors"))
    seen = net.activations([Image.new("RGB", (80, 90), "tan")])
    assert len(net.layers) >= 3
    for layer in net.layers:
        assert seen.maps[layer.name].shape == (1, layer.channels, layer.side, layer.side)
    # Squeeze-and-excite looks at the whole picture: what comes after one depends on all of it.
    assert net.layers[0].field.step == 2
    assert all((y.field.size, y.field.step) == (64, 0) for y in net.layers[1:])


def test_strongest_channels_vary_most() -> None:
    maps = np.zeros((3, 4, 4), np.float32)
    maps[1, 0] = 5
    maps[2, 0] = 1
    assert layers.strongest(maps, 2).tolist() == [1, 2]


def test_tiles_stand_in_reading_order() -> None:
    maps = np.stack([np.tri(4, dtype=np.float32), 1 - np.tri(4, dtype=np.float32), np.ones((4, 4))])
    sheet = np.asarray(layers.tile_sheet(maps, columns=2))
    assert sheet.shape == (8, 8)
    np.testing.assert_array_equal(sheet[:4, :4], 255 * np.tri(4))
    np.testing.assert_array_equal(sheet[:4, 4:], 255 - 255 * np.tri(4))
    assert not sheet[4:].any()  # a map that is alike everywhere, and none


def test_units_that_decide_are_those_whose_photos_score_as_the_weight_says() -> None:
    rng = np.random.default_rng(0)
    strong, weak, steady = rng.random(500), rng.random(500), np.full(500, 7.0)
    fc7 = np.stack([weak, steady, strong, strong], axis=1).astype(np.float16)
    # The last fires with the third, which weighs more: its photos score low, whatever its weight.
    weights = np.array([1, 9, -3, 0.5], np.float32)
    assert layers.deciding_units(weights, fc7, 4).tolist() == [2, 0]


def test_photos_of_a_unit_that_raises_the_score_score_high() -> None:
    gallery = Gallery.open(store.demo_gallery())
    weights, _ = layers.last_layer(load_scorer())
    percentile = gallery.table["percentile"].to_numpy()
    units = layers.deciding_units(weights, gallery.fc7, 8)
    assert len(units) == 8
    for unit in units.tolist():
        mean = percentile[layers.top_rows(gallery.fc7, unit, 8)].mean()
        assert mean > 80 if weights[unit] > 0 else mean < 20


def test_top_rows_leave_out_photos_on_which_a_unit_is_silent() -> None:
    fc7 = np.array([[0, 1], [3, 0], [2, 0], [0, 0]], np.float16)
    assert layers.top_rows(fc7, 0, 3).tolist() == [1, 2]
