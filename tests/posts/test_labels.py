"""Labels among peers: half of each group is good, and nobody is on both sides of the split."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from selfie_core.base.errors import DataError
from selfie_core.base.settings import LabelConfig
from selfie_core.posts.labels import label_by_peers, label_posts, labelled
from selfie_core.posts.table import check_posts


def some_posts(count: int = 1000, *, seed: int = 0) -> pd.DataFrame:
    """Posts whose likes follow the audience, and chance."""
    rng = np.random.default_rng(seed)
    followers = np.exp(rng.normal(7, 1.2, count)).astype(int) + 60
    table = pd.DataFrame(
        {
            "file": [f"{n:04d}.jpg" for n in range(count)],
            "user": [f"u{n // 5}" for n in range(count)],
            "followers": followers,
            "likes": rng.poisson(followers * 0.1 * np.exp(rng.normal(0, 0.4, count))),
            "tags": rng.integers(0, 20, count),
            "posted_at": [f"2026-{1 + n % 9:02d}-11" for n in range(count)],
        }
    )
    return check_posts(table, name="posts")


def test_half_of_every_peer_group_is_good() -> None:
    labels = label_posts(some_posts())
    share = labels.dropna(subset="label").groupby("group")["label"].mean()
    assert len(share) > 3
    assert share.between(0.49, 0.51).all()


def test_audience_size_alone_earns_nothing() -> None:
    posts = some_posts()
    labels = label_posts(posts)
    judged = labels["label"].notna()
    followers = posts.loc[judged, "followers"].rank()
    assert posts.loc[judged, "likes"].rank().corr(followers) > 0.8
    assert abs(labels.loc[judged, "label"].astype(float).corr(followers)) < 0.08


@pytest.mark.parametrize(
    "known", [["user", "followers", "likes", "tags", "posted_at"], ["popularity"]]
)
def test_post_without_a_face_gets_no_label(known: list[str]) -> None:
    posts = some_posts().assign(popularity=range(1000))
    posts = check_posts(posts[["file", *known]].assign(faces=[0, 1, 2, None] * 250), name="posts")
    labels = label_posts(posts)
    judged = labels["label"].notna()
    assert judged.sum() > 100
    assert not judged[posts["faces"] == 0].any()
    assert labels["label"].mean() == pytest.approx(0.5, abs=0.01)  # among those that are left
    with pytest.raises(DataError, match=r"\(1000 without a face\)"):
        label_posts(posts.assign(faces=0))


def test_more_likes_in_the_same_group_is_better() -> None:
    likes = np.arange(100)[::-1].copy()
    labels, groups = label_by_peers(likes, np.full(100, 500.0))
    assert labels.tolist() == [1] * 50 + [0] * 50
    assert set(groups) == {0}


def test_equal_likes_go_by_neither_audience_nor_order(rng: np.random.Generator) -> None:
    followers = np.sort(100 + rng.lognormal(5, 1, 20_000))
    labels, groups = label_by_peers(rng.poisson(0.01 * followers), followers)
    within = pd.Series(followers).groupby(groups).rank(pct=True)
    assert abs(np.corrcoef(within, labels)[0, 1]) < 0.05
    alike, _ = label_by_peers(np.full(1000, 3), np.full(1000, 500.0), group_size=1000)
    assert abs(np.corrcoef(np.arange(1000), alike)[0, 1]) < 0.1


def test_remainder_is_spread_over_the_groups() -> None:
    _, groups = label_by_peers(np.arange(299), np.arange(299).astype(float))
    assert np.bincount(groups).tolist() == [150, 149]


def test_order_of_input_is_kept() -> None:
    posts = some_posts()
    shuffled = posts.sample(frac=1, random_state=3).reset_index(drop=True)
    straight = label_posts(posts).set_index("file")["split"]
    turned = label_posts(shuffled)
    assert turned["file"].tolist() == shuffled["file"].tolist()
    assert (straight[turned["file"]].to_numpy() == turned["split"].to_numpy()).all()


def test_same_owner_never_in_train_and_test() -> None:
    labels = label_posts(some_posts())
    assert labels.groupby("user")["split"].nunique().max() == 1
    assert set(labels["split"]) == {"train", "val", "test"}


@pytest.mark.parametrize(
    ("column", "value"),
    [("followers", 20), ("followers", 900_000), ("tags", 40), ("posted_at", "2026-09-30")],
)
def test_posts_outside_the_rules_get_no_label(column: str, value: object) -> None:
    posts = some_posts()
    posts.loc[7, column] = pd.Timestamp(value, tz="UTC") if column == "posted_at" else value
    labels = label_posts(posts)
    assert labels.loc[7, ["label", "group"]].isna().all()
    assert len(labels) == len(posts)


def test_tags_widen_the_audience() -> None:
    posts = some_posts()
    audience = label_posts(posts, config=LabelConfig(tag_bonus=0.5))["audience"]
    assert np.allclose(audience, posts["followers"] * (1 + 0.5 * posts["tags"]))


def test_photo_in_two_splits_is_refused(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).touch()
    rows = pd.DataFrame({"file": ["a.jpg", "b.jpg", "./a.jpg"], "label": [1, 0, 1]})
    with pytest.raises(DataError, match=r"a\.jpg' twice"):
        labelled(rows.assign(split=["train", "train", "val"]), tmp_path)


def test_fewer_than_a_group_is_refused_with_the_way_out() -> None:
    with pytest.raises(
        DataError, match=r"60 posts pass.*fewer than one peer group of 100; .*--group-size"
    ):
        label_posts(some_posts(60))
