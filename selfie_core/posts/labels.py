"""Likes -> good or bad among selfies with audiences of like size; reads no photo."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.base.errors import DataError
from selfie_core.base.settings import LabelConfig
from selfie_core.posts.table import (
    POPULARITY,
    is_popularity,
    need_unique,
    photo_paths,
    shows_face,
)


def label_by_peers(
    likes: NDArray[np.number], audience: NDArray[np.number], *, group_size: int = 100
) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Label each selfie 1 if it was liked more than its peers, else 0.

    Raw likes mostly measure audience size.  So selfies are sorted by audience and cut into groups
    of neighbours; inside a group audiences are about equal, and the upper half by likes is called
    good.  A remainder is spread over the groups, so that none is short.  Between equal likes chance
    decides: by audience, or the order of the table, labels would follow it.

    Args:
        likes: Likes of each selfie, shape (N,).
        audience: People who could see it, shape (N,).
        group_size: Least number of selfies in a peer group.

    Returns:
        Labels in {0, 1} and group numbers (0 is the smallest audience), both of shape (N,), in
        the order of the input.

    Reference:
        A. Karpathy, "What a Deep Neural Network thinks about your #selfie", 2015.
    """
    by_audience = np.argsort(audience, kind="stable")
    labels, groups = np.zeros(len(likes), np.int8), np.zeros(len(likes), np.int64)
    luck = np.random.default_rng(0).permutation(len(likes))
    for number, group in enumerate(np.array_split(by_audience, max(1, len(likes) // group_size))):
        by_likes = group[np.lexsort((luck[group], likes[group]))]
        labels[by_likes[len(group) // 2 :]] = 1
        groups[group] = number
    return labels, groups


def label_posts(posts: pd.DataFrame, *, config: LabelConfig | None = None) -> pd.DataFrame:
    """Return one row per checked post: file, user, audience, group, label (1, 0 or empty), split.

    Posts that the rules leave out keep their row, with group and label empty.  Age is counted
    from the newest post, so that the same table always gives the same labels.  Where the posts
    have a column `faces`, those with 0 are no selfies and are left out too.

    Where only the popularity is known, which has the audience in it, all posts are one group.
    Nothing is known of their users then, so the split is by photo: one person may stand on both
    sides.

    Raises:
        DataError: Fewer posts remain than one peer group.
    """
    config = config or LabelConfig()
    judged = shows_face(posts)
    faceless = f" ({(~judged).sum()} without a face)" * bool((~judged).any())
    if is_popularity(posts):
        users, audience = pd.Series(pd.NA, posts.index, "string"), pd.Series(np.nan, posts.index)
        likes, owners = posts[POPULARITY], posts["file"]
        passed, group_size = f"{judged.sum()} posts{faceless} are", int(judged.sum())
    else:
        users, owners, likes = posts["user"], posts["user"], posts["likes"]
        audience = posts["followers"] * (1 + config.tag_bonus * posts["tags"])
        judged = judged & _follows_rules(posts, config)
        passed = (
            f"{judged.sum()} of {len(posts)} posts{faceless} pass the rules "
            f"({config.min_followers} to {config.max_followers} followers, "
            f"at most {config.max_tags} tags, {config.min_age_days} days older than the newest):"
        )
        group_size = config.group_size
    if judged.sum() < config.group_size:
        raise DataError(
            f"{passed} fewer than one peer group of {config.group_size}; "
            f"add posts or lower --group-size"
        )
    table = pd.DataFrame(
        {
            "file": posts["file"],
            "user": users,
            "audience": audience.astype("float64"),
            "group": pd.array([pd.NA] * len(posts), "Int64"),
            "label": pd.array([pd.NA] * len(posts), "Int64"),
            "split": split_users(owners, config=config),
        }
    )
    table.loc[judged, "label"], table.loc[judged, "group"] = label_by_peers(
        likes.to_numpy()[judged], audience.to_numpy(np.float64)[judged], group_size=group_size
    )
    return table


def _follows_rules(posts: pd.DataFrame, config: LabelConfig) -> NDArray[np.bool_]:
    """Return which posts can be judged by their likes, shape (N,)."""
    age = (posts["posted_at"].max() - posts["posted_at"]).dt.days
    return (
        posts["followers"].between(config.min_followers, config.max_followers)
        & (posts["tags"] <= config.max_tags)
        & (age >= config.min_age_days)
    ).to_numpy(bool)


def split_users(users: pd.Series, *, config: LabelConfig) -> list[str]:
    """Return train, val or test for each post; all posts of a user fall into the same part."""
    names = np.sort(users.unique())
    shuffled = np.random.default_rng(config.seed).permutation(names)
    test = round(len(names) * config.test_share)
    val = round(len(names) * config.val_share)
    part = dict.fromkeys(shuffled[:test], "test") | dict.fromkeys(
        shuffled[test : test + val], "val"
    )
    return [part.get(user, "train") for user in users]


def labelled(labels: pd.DataFrame, photos: Path) -> pd.DataFrame:
    """Return the rows that have a label, after checking that their photos are there.

    Those of which a column `faces` says 0 are no selfies and are left out.

    Where they lie says `photo_paths`.

    Raises:
        DataError: A column or a photo lacks, a photo has two labels, or no row has one.
    """
    for column in ("file", "label", "split"):
        if column not in labels:
            raise DataError(f'the labels lack column "{column}"; make them by "selfie label"')
    rows = labels[labels["label"].notna() & shows_face(labels)]
    strange = rows["label"][~rows["label"].isin([0, 1])]
    if len(strange):
        raise DataError(f"label {strange.iat[0]!r} is neither 1 (good) nor 0 (bad); correct it")
    if rows.empty:
        raise DataError('no photo has a label; make them by "selfie label"')
    paths = photo_paths(rows["file"], photos, name="labelled photos")
    need_unique(pd.Series([*map(str, paths)]), name="the table of labels")
    return rows.reset_index(drop=True)
