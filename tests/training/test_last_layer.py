"""A scorer of one's own, made with the shipped one on the demo gallery's photos."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from selfie_core.answer.dense import dense_net
from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned import layers
from selfie_core.photo import images
from selfie_core.scorer.checkpoint import read_config
from selfie_core.scorer.scorer import Scorer, load_scorer
from selfie_core.training import last_layer, piles
from selfie_core.training.last_layer import FittedHead
from selfie_core.training.measures import auc
from selfie_core.training.piles import Piles

EACH = 40  # photos in a pile


@pytest.fixture(scope="module")
def demo() -> Gallery:
    return Gallery.open(store.demo_gallery())


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return load_scorer()


@pytest.fixture(scope="module")
def by_light(demo: Gallery) -> np.ndarray:
    """Rows from dark to bright."""
    return np.argsort(demo.table["brightness"].to_numpy(), kind="stable")


@pytest.fixture(scope="module")
def bright_and_dark(demo, scorer, by_light) -> Piles:
    """Every sixth of the brightest and of the darkest photos, as files."""

    def read(rows) -> list[tuple[str, bytes]]:
        return [(f"{row}.webp", demo.photo(int(row))) for row in rows]

    third = len(by_light) // 3
    good, bad = (
        by_light[-third:][:: third // EACH][:EACH],
        by_light[:third][:: third // EACH][:EACH],
    )
    return piles.read_piles(piles.from_piles(read(good), read(bad)), scorer)


@pytest.fixture(scope="module")
def fitted(bright_and_dark: Piles) -> FittedHead:
    return last_layer.fit_head(bright_and_dark)


@pytest.fixture(scope="module")
def own(scorer, fitted, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("own") / "mine.safetensors"
    path.write_bytes(last_layer.scorer_file(scorer, fitted.head, fitted.facts))
    return path


def test_photos_held_out_are_ranked_by_what_the_piles_differ_in(
    demo, fitted, bright_and_dark
) -> None:
    seen = {int(name.removesuffix(".webp")) for name in bright_and_dark.names}
    rows = np.array([row for row in range(len(demo)) if row not in seen])
    light = demo.table["brightness"].to_numpy()[rows]
    scores = fitted.head.score(demo.fc7[rows])
    assert auc((light > np.median(light)).astype(int), scores) > 0.93
    shipped = auc((light > np.median(light)).astype(int), demo.table["score"].to_numpy()[rows])
    assert shipped < 0.9


def test_cross_validated_auc_agrees_with_photos_held_out(
    demo, fitted, by_light, bright_and_dark
) -> None:
    third = len(by_light) // 3
    names = {int(name.removesuffix(".webp")) for name in bright_and_dark.names}
    ends = [row for row in [*by_light[:third], *by_light[-third:]] if int(row) not in names]
    light = demo.table["brightness"].to_numpy()[ends]
    truth = (light > np.median(light)).astype(int)
    measured = auc(truth, fitted.head.score(demo.fc7[ends]))
    yours = fitted.judged.iloc[0]
    assert yours["auc"] == pytest.approx(measured, abs=0.02)


def test_file_scores_as_the_fitted_head(demo, scorer, fitted, own) -> None:
    photos = [images.open_photo(demo.photo(row)) for row in range(0, 60, 5)]
    _, fc7 = scorer.features(photos)
    mine = load_scorer(own)
    scores, same = mine.features(photos)
    np.testing.assert_allclose(same, fc7, atol=1e-4)
    np.testing.assert_allclose(scores, fitted.head.score(fc7), atol=1e-5)
    weights, bias = layers.last_layer(mine)
    np.testing.assert_array_equal(weights, fitted.head.weights)
    assert bias == fitted.head.bias


def test_file_says_what_it_was_made_of(scorer, fitted, own) -> None:
    config = read_config(own)
    assert config.facts["base"] == scorer.id
    assert config.facts["auc_cross_validated"] == fitted.judged["auc"].iat[0]
    assert replace(config, facts={}, temperature=1.0) == replace(
        scorer.config, facts={}, temperature=1.0
    )


def test_gallery_scored_anew_stands_beside_the_old_one(demo, fitted, own, tmp_path) -> None:
    before = {path: path.stat().st_mtime_ns for path in demo.folder.iterdir()}
    new = last_layer.rescore_gallery(demo, own.read_bytes(), fitted.head, tmp_path / "new")
    assert {path: path.stat().st_mtime_ns for path in demo.folder.iterdir()} == before
    assert new.version != demo.version
    assert new.table["id"].tolist() == demo.table["id"].tolist()
    assert new.info["rescored"]["learned_from"] == "80 photos in two piles"
    new.check_scorer(load_scorer(new.scorer_path))
    np.testing.assert_allclose(new.table["score"], fitted.head.score(demo.fc7), atol=1e-6)
    assert new.photo(3) == demo.photo(3)
    assert not new.gaps
    rho = np.corrcoef(new.table["score"].rank(), demo.table["brightness"].rank())[0, 1]
    assert rho > 0.85


def test_no_form_of_ones_own_scorer_is_exported(demo, own, fitted, monkeypatch) -> None:
    monkeypatch.setattr(
        "selfie_core.scorer.nets.build_net", lambda config: pytest.fail("exported again")
    )
    photos = [images.open_photo(demo.photo(row)) for row in range(4)]
    mine = Scorer(own)
    scores, fc7 = mine.features(photos)
    np.testing.assert_allclose(scores, fitted.head.score(fc7), atol=1e-5)
    seen = layers.LayeredNet(mine).activations(photos)
    np.testing.assert_allclose(
        1 / (1 + np.exp(-seen.logits / fitted.head.temperature)), scores, atol=1e-5
    )
    dense_net(mine)  # fast crops, too


def test_labels_by_chance_are_called_what_they_are(bright_and_dark) -> None:
    rng = np.random.default_rng(3)
    mixed = replace(bright_and_dark, labels=rng.permutation(bright_and_dark.labels))
    fitted = last_layer.fit_head(mixed)
    yours = fitted.judged.iloc[0]
    assert yours["auc_low"] < 0.5
    assert not fitted.beats_a_coin


def test_few_photos_are_warned_of(fitted) -> None:
    assert fitted.beats_a_coin
    assert any("are few" in line for line in fitted.warnings)


def test_copies_never_judge_what_learned_from_them(bright_and_dark) -> None:
    """Labels by chance, each photo ten times: only a leak could tell them apart."""
    rng = np.random.default_rng(0)
    some = rng.permutation(2 * EACH)[:30]
    rows, labels = np.repeat(some, 10), np.repeat(rng.permutation(np.repeat([0, 1], 15)), 10)
    crowd = replace(
        bright_and_dark, names=["x"] * 300, labels=labels, fc7=bright_and_dark.fc7[rows],
        scores=bright_and_dark.scores[rows], brightness=bright_and_dark.brightness[rows],
        groups=rows, thumbs=[], left_out={},
    )  # fmt: skip
    assert last_layer.fit_head(crowd).judged["auc"].iat[0] < 0.75
    leaking = replace(crowd, groups=np.arange(300))
    assert last_layer.fit_head(leaking).judged["auc"].iat[0] > 0.9


def test_pile_of_one_photo_over_and_over_is_refused(bright_and_dark) -> None:
    groups = bright_and_dark.groups.copy()
    groups[bright_and_dark.labels == 1] = 7
    with pytest.raises(DataError, match="only 1 of 40 good photos"):
        last_layer.fit_head(replace(bright_and_dark, groups=groups))


def test_perfect_piles_still_get_an_interval(demo) -> None:
    made = piles.from_gallery(demo, "monochrome", 40)
    fitted = last_layer.fit_head(made)
    yours = fitted.judged.iloc[0]
    assert yours["auc"] > 0.99
    assert 0.8 < yours["auc_low"] < 1
    assert 0.001 < fitted.scores.min() and fitted.scores.max() < 0.999


def test_mistakes_are_the_photos_on_the_wrong_side(fitted, bright_and_dark) -> None:
    labels = bright_and_dark.labels
    for good in (True, False):
        rows = last_layer.mistakes(fitted, labels, good=good, count=99)
        assert set(rows) == {
            row for row in range(len(labels))
            if labels[row] == good and (fitted.scores[row] >= 0.5) != good
        }  # fmt: skip
        scores = fitted.scores[rows]
        assert sorted(scores, reverse=not good) == scores.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_any_grouping_with_five_in_each_pile_can_be_judged(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(14, 60))
    labels = np.r_[np.ones(7, int), np.zeros(7, int), rng.integers(0, 2, count - 14)]
    groups = np.r_[np.arange(14), rng.integers(0, 14, count - 14)]
    made = Piles(
        names=["x"] * count, labels=labels, fc7=rng.random((count, 9)).astype(np.float32),
        scores=rng.random(count).astype(np.float32), brightness=rng.random(count),
        groups=groups, thumbs=[], left_out={},
    )  # fmt: skip
    assert np.isfinite(last_layer.fit_head(made).scores).all()
