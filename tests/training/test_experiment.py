"""The experiment told by its numbers: audience, training, and how right the scores are."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, roc_auc_score

from selfie_core.base import store
from selfie_core.base.errors import ModelError
from selfie_core.base.settings import LabelConfig
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned.trials import known_metrics
from selfie_core.posts.labels import label_posts
from selfie_core.posts.simulate import simulate_posts
from selfie_core.posts.table import check_posts
from selfie_core.training import experiment
from selfie_core.training.experiment import (
    judge_gallery,
    judged_before,
    read_audience,
    read_training,
    right_of_100,
)


@pytest.fixture(scope="module")
def posts() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    factors = pd.DataFrame(
        {"file": [f"{n}.png" for n in range(1200)], "light": rng.normal(0.5, 0.17, 1200)}
    )
    made = simulate_posts(factors)
    config = LabelConfig(min_age_days=0, min_followers=0, max_followers=10**9, max_tags=10**6)
    labelled = label_posts(check_posts(made, name="posts"), config=config)
    return made.merge(labelled[["file", "label", "split"]], on="file").assign(
        score=lambda table: rng.random(len(table)), brightness=factors["light"]
    )


@pytest.fixture(scope="module")
def shipped() -> Gallery:
    return Gallery.open(store.demo_gallery())


def test_likes_follow_followers_and_labels_do_not(posts: pd.DataFrame) -> None:
    found = read_audience(posts)
    assert found is not None
    assert found.check["likes_follow_followers"] > 0.6
    low, high = found.check["label_follow_followers_interval"]
    assert low < 0 < high
    assert found.parts["likes"].iloc[-1] > 5 * found.parts["likes"].iloc[0]
    assert (found.parts["good_low"] < 0.5).all() and (found.parts["good_high"] > 0.5).all()


def test_groups_are_those_in_which_labels_were_made(posts: pd.DataFrame) -> None:
    found = read_audience(posts)
    assert found is not None and found.same == 1
    assert len(found.groups) == 12 and found.groups["n"].sum() == len(posts)
    for row in found.groups.itertuples():
        group = found.group(int(row.number))
        assert len(group) == 100 and group["label"].mean() == 0.5
        assert group.loc[group["label"] == 1, "likes"].min() >= row.likes


def test_labels_made_otherwise_show_no_groups(posts: pd.DataFrame) -> None:
    other = posts.assign(label=(np.random.default_rng(1).random(len(posts)) < 0.5).astype(int))
    found = read_audience(other)
    assert found is not None and found.same < experiment.SAME and found.groups.empty


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"score": [0.5]}),
        pd.DataFrame({"followers": [1, 2], "likes": [3, 4], "label": [1, 1]}),
        pd.DataFrame({"followers": [1, 2], "likes": [3, 4], "label": [None, None]}),
        pd.DataFrame({"followers": [7, 7], "likes": [3, 4], "label": [0, 1]}),
    ],
)
def test_gallery_without_posts_has_no_audience(table: pd.DataFrame) -> None:
    assert read_audience(table) is None


def test_three_posts_are_shown_without_error() -> None:
    three = pd.DataFrame({"followers": [1, 2, 3], "likes": [0, 4, 5], "label": [0, 1, 1]})
    found = read_audience(three)
    assert found is not None and len(found.parts) == 3


def test_only_test_photos_are_judged_and_as_others_would(shipped: Gallery) -> None:
    table = shipped.table.copy()
    table.loc[:400, "split"] = "train"
    found = judge_gallery(table)
    rows = table[(table["split"] == "test") & table["label"].notna()]
    labels, scores = rows["label"].astype(int), rows["score"]
    assert found is not None and found.note == ""
    assert found.facts["photos"] == len(rows)
    assert found.facts["scorer"]["auc"] == pytest.approx(roc_auc_score(labels, scores), abs=1e-4)
    right = accuracy_score(labels, scores >= 0.5)
    assert found.facts["scorer"]["accuracy"] == pytest.approx(right, abs=1e-4)
    low, high = found.facts["scorer"]["auc_interval"]
    assert low < found.facts["scorer"]["auc"] < high


def test_photos_of_the_training_are_said_to_flatter(posts: pd.DataFrame) -> None:
    found = judge_gallery(posts.drop(columns="split"))
    assert found is not None and "may have learned" in found.note


def test_labels_of_one_kind_judge_nothing(posts: pd.DataFrame) -> None:
    assert judge_gallery(posts.assign(label=1)) is None
    assert judge_gallery(posts.drop(columns="label")) is None


def test_training_of_the_shipped_scorer_is_in_its_file(shipped: Gallery) -> None:
    training = read_training(shipped.scorer_path)
    curve = training.curve.set_index("epoch")
    assert curve.index.tolist() == list(range(1, len(curve) + 1))
    assert training.best == curve["val_auc"].idxmax()
    assert curve["loss"].iloc[-1] < curve["loss"].iloc[0]
    assert ("fc7", "512 wide") in training.about
    assert all(share <= 1 for share in training.learned.values()) and training.learned


def test_file_that_is_no_scorer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="no scorer"):
        read_training(tmp_path / "s.safetensors")


def test_right_of_100_puts_the_net_between_a_coin_and_the_best(shipped: Gallery) -> None:
    own = judge_gallery(shipped.table)
    assert own is not None
    before = judged_before(known_metrics(shipped.scorer_id))
    rows = dict(right_of_100([own, *before]))
    coin, _, net, best = rows.values()
    assert coin == 50 < net <= best
    assert net == round(100 * own.facts["scorer"]["accuracy"])
    assert right_of_100([])[-1][1] == 60


def test_card_is_that_of_the_shipped_scorer(shipped: Gallery) -> None:
    assert shipped.scorer_id in experiment.model_card()
