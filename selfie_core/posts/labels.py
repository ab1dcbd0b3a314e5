"""Likes -> good or bad among selfies with audiences of like size; reads no photo."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.base.errors import DataError
from selfie_core.base.settings import LabelConfig
from selfie_core.posts.table import POPULARITY


def label_by_peers(
    likes: NDArray[np.int64], audience: NDArray[np.float64], *, group_size: int = 100
) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Label each selfie 1 if it was liked more than its peers, else 0.

    Raw likes mostly measure audience size.  So selfies are sorted by audience and cut into groups
    of neighbours; inside a group audiences are about equal, and the upper half by likes is called
    good.  A remainder is spread over the groups, so that none is short.

    Args:
        likes: Likes of each selfie, shape (N,), counts.
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
    for number, group in enumerate(np.array_split(by_audience, max(1, len(likes) // group_size))):
        by_likes = group[np.argsort(likes[group], kind="stable")]
        labels[by_likes[len(group) // 2 :]] = 1
        groups[group] = number
    return labels, groups


def label_posts(posts: pd.DataFrame, *, config: LabelConfig | None = None) -> pd.DataFrame:
    """Return one row a post: file, user, audience, group, label (1, 0 or empty), split.

    Posts that the rules leave out keep their row, with group and label empty.  Age is counted
    from the newest post, so that the same table always gives the same labels.

    Args:
        posts: A checked table of `posts.read_posts`.
        config: Settings.

    Raises:
        DataError: Fewer posts remain than one peer group.
    """
    config = config or LabelConfig()
    if POPULARITY in posts and "likes" not in posts:
        return _label_popular(posts, config=config)
    audience = posts["followers"] * (1 + config.tag_bonus * posts["tags"])
    age = (posts["posted_at"].max() - posts["posted_at"]).dt.days
    judged = (
        posts["followers"].between(config.min_followers, config.max_followers)
        & (posts["tags"] <= config.max_tags)
        & (age >= config.min_age_days)
    ).to_numpy()
    table = pd.DataFrame(
        {
            "file": posts["file"],
            "user": posts["user"],
            "audience": audience.astype("float64"),
            "group": pd.array([pd.NA] * len(posts), "Int64"),
            "label": pd.array([pd.NA] * len(posts), "Int64"),
            "split": split_users(posts["user"], config=config),
        }
    )
    if judged.sum() < config.group_size:
        raise DataError(
            f"{judged.sum()} of {len(posts)} posts pass the rules ({config.min_followers} to "
            f"{config.max_followers} followers, at most {config.max_tags} tags, "
            f"{config.min_age_days} days older than the newest): fewer than one peer group of "
            f"{config.group_size}; add posts or lower --group-size"
        )
    labels, groups = label_by_peers(
        posts["likes"].to_numpy(np.int64)[judged],
        audience.to_numpy(np.float64)[judged],
        group_size=config.group_size,
    )
    table.loc[judged, "label"] = labels
    table.loc[judged, "group"] = groups
    return table


def _label_popular(posts: pd.DataFrame, *, config: LabelConfig) -> pd.DataFrame:
    """Label the upper half by popularity, which has the audience in it already.

    Nothing is known of users, so the split is by photo: one person may stand on both sides.
    """
    if len(posts) < config.group_size:
        raise DataError(
            f"{len(posts)} posts are fewer than one peer group of {config.group_size}; "
            f"add posts or lower --group-size"
        )
    by_popularity = np.argsort(posts[POPULARITY].to_numpy(np.float64), kind="stable")
    labels = np.zeros(len(posts), np.int64)
    labels[by_popularity[len(posts) // 2 :]] = 1
    return pd.DataFrame(
        {
            "file": posts["file"],
            "user": pd.array([pd.NA] * len(posts), "string"),
            "audience": np.full(len(posts), np.nan),
            "group": pd.array([0] * len(posts), "Int64"),
            "label": pd.array(labels, "Int64"),
            "split": split_users(posts["file"], config=config),
        }
    )


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

    Raises:
        DataError: A column or a photo lacks, or no row has a label.
    """
    for column in ("file", "label", "split"):
        if column not in labels:
            raise DataError(f'the labels lack column "{column}"; make them by "selfie label"')
    rows = labels[labels["label"].notna()]
    strange = rows["label"][~rows["label"].isin([0, 1])]
    if len(strange):
        raise DataError(f"label {strange.iat[0]!r} is neither 1 (good) nor 0 (bad); correct it")
    if rows.empty:
        raise DataError('no photo has a label; make them by "selfie label"')
    absent = [file for file in rows["file"] if not (photos / file).is_file()]
    if absent:
        raise DataError(
            f"{len(absent)} of {len(rows)} labelled photos are not in {photos}, the first is "
            f"{absent[0]!r}; give the folder that `file` starts from"
        )
    return rows.reset_index(drop=True)
