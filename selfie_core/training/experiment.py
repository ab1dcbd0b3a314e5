"""The experiment told by its numbers: how labels were made, how the net learned, how right it is.

Letters: N photos.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.base import store
from selfie_core.base.settings import LabelConfig
from selfie_core.posts.labels import label_by_peers
from selfie_core.scorer.checkpoint import read_config
from selfie_core.training import measures

POST = 0.60  # accuracy that the post gives, on its validation photos
DRAWN = 3000  # posts of the scatter plot
PARTS = 10  # of the audience, by followers
ROUNDS = 300  # of the bootstrap
SAME = 0.8  # share of labels that must come out again for the groups to be shown
MANY = 10_000  # judged photos, past which the bootstrap makes do with a third of its rounds
_POSTS = ("followers", "likes", "label")


@dataclass(frozen=True)
class Audience:
    """Followers, likes and labels of a gallery's posts.

    Attributes:
        posts: Followers, likes and label of all labelled posts.
        drawn: Of them, at most 3,000 for a plot.
        parts: One row per tenth by followers: low, high, n, likes (median), good with good_low and
            good_high.
        check: Of `measures.audience_check`.
        groups: One row per peer group: number, n, low, high (followers), likes (the middle of its
            likes); empty where labels were not made that way.
        same: Share of labels that come out again when these posts are grouped alone; below 1 where
            the gallery holds some of the posts only.
    """

    posts: pd.DataFrame
    drawn: pd.DataFrame
    parts: pd.DataFrame
    check: dict[str, Any]
    groups: pd.DataFrame
    same: float

    def group(self, number: int) -> pd.DataFrame:
        """Return the posts of one peer group."""
        return self.posts[self.posts["group"] == number]


def read_audience(table: pd.DataFrame) -> Audience | None:
    """Return a gallery's audience; None if it has no followers, likes or labels of both kinds."""
    if not set(_POSTS) <= set(table):
        return None
    known = [name for name in (*_POSTS, "tags") if name in table]
    posts = table[known].apply(pd.to_numeric, errors="coerce").astype("float64")
    posts = posts.dropna(subset=list(_POSTS)).reset_index(drop=True)
    if posts["label"].nunique() < 2 or posts["followers"].nunique() < 2:
        return None
    posts["group"], same = _peers(posts)
    drawn = posts.sample(min(DRAWN, len(posts)), random_state=0)
    check = measures.audience_check(posts, rounds=ROUNDS)
    groups = _by(posts, posts["group"].rename("number")).drop(columns="good").reset_index()
    groups = groups if same >= SAME else groups.head(0)
    return Audience(posts, drawn, _parts(posts), check, groups, same)


def _peers(posts: pd.DataFrame) -> tuple[NDArray[np.int64], float]:
    """Return each post's peer group, cut as `labels` cuts it, and the share of labels that fit."""
    config = LabelConfig()
    tags = posts["tags"].fillna(0) if "tags" in posts else 0
    audience = (posts["followers"] * (1 + config.tag_bonus * tags)).to_numpy(np.float64)
    likes = posts["likes"].to_numpy().astype(np.int64)
    labels, groups = label_by_peers(likes, audience, group_size=config.group_size)
    return groups, float((labels == posts["label"]).mean())


def _parts(posts: pd.DataFrame) -> pd.DataFrame:
    """Return likes and labels by tenths of the audience."""
    tenth = pd.qcut(posts["followers"].rank(method="first"), min(PARTS, len(posts)), labels=False)
    parts = _by(posts, tenth).reset_index(drop=True)
    low, high = measures.wilson(parts["good"], parts["n"])
    return parts.assign(good_low=low, good_high=high)


def _by(posts: pd.DataFrame, part: pd.Series) -> pd.DataFrame:
    """Return number, followers, likes and share of good ones by parts of the posts."""
    return posts.groupby(part).agg(
        n=("likes", "size"), low=("followers", "min"), high=("followers", "max"),
        likes=("likes", "median"), good=("label", "mean"),
    )  # fmt: skip


@dataclass(frozen=True)
class Training:
    """How a scorer was trained, as its own file says.

    Attributes:
        curve: One row per epoch: epoch, loss, val_loss, val_auc, seconds; empty if not recorded.
        best: The epoch that was kept; 0 if not recorded.
        learned: What fc7 learned beside the label: share of the variance explained on validation
            photos, by factor, most first.
        about: What it is and what it saw, as pairs of a name and a value.
    """

    curve: pd.DataFrame
    best: int
    learned: dict[str, float]
    about: list[tuple[str, str]]


def read_training(scorer: Path) -> Training:
    """Return how a scorer was trained.

    Raises:
        ModelError: The file is missing or no scorer.
    """
    config = read_config(scorer)
    facts = config.facts
    history, photos = facts.get("history") or [], facts.get("photos") or {}
    columns = ["epoch", "loss", "val_loss", "val_auc", "seconds"]
    curve = pd.DataFrame(history, columns=columns).astype("float64")
    best = int(facts.get("best_epoch") or 0)
    kept = next((row for row in history if row.get("epoch") == best), {})
    learned = sorted((kept.get("also_r2") or {}).items(), key=lambda item: -item[1])
    about = [
        ("net", config.backbone),
        ("photo", f"{config.image_size} px square"),
        ("fc7", f"{config.fc7_width} wide"),
    ]
    for name, purpose in (("train", "learn from"), ("val", "stop by")):
        if photos.get(name):
            about.append((f"photos to {purpose}", f"{int(photos[name]):,}"))
    if history:
        minutes = curve["seconds"].sum() / 60
        about.append(("trained for", f"{len(history)} epochs, {minutes:.0f} min"))
    if facts.get("device"):
        about.append(("on", str(facts["device"]).upper()))
    return Training(curve, best, dict(learned), about)


@dataclass(frozen=True)
class Judged:
    """How right the scorer is on one set of photos.

    Attributes:
        name: Of the set.
        facts: Of `measures.evaluate_scores`: photos, good, and by rival accuracy and auc with
            their intervals.
        curve: Of `measures.reliability_curve`; None where the single photos are not at hand.
        error: Expected calibration error, in [0, 1].
        note: What a reader must know.
    """

    name: str
    facts: dict[str, Any]
    curve: pd.DataFrame | None
    error: float
    note: str = ""


def judge_gallery(table: pd.DataFrame) -> Judged | None:
    """Return how right the scores of a gallery are by its labels; None without both kinds.

    Photos of the split "test" are judged; without a split all are, and a note says so.
    """
    if "label" not in table:
        return None
    rows = table[table["label"].notna()]
    tested = rows[rows["split"] == "test"] if "split" in rows else rows.head(0)
    note = ""
    if tested.empty:
        tested = rows
        note = "No photo is marked as test: the scorer may have learned from these very photos."
    labels = tested["label"].astype("int64").to_numpy()
    if len(np.unique(labels)) < 2:
        return None
    scores = tested["score"].to_numpy(np.float64)
    bright = tested["brightness"] if "brightness" in tested else pd.Series(0.5, tested.index)
    bright = bright.fillna(0.5).to_numpy(np.float64)
    rounds = ROUNDS if len(tested) < MANY else ROUNDS // 3
    facts = measures.evaluate_scores(labels, scores, brightness=bright, rounds=rounds)
    curve = measures.reliability_curve(labels, scores)
    return Judged("this gallery", facts, curve, measures.calibration_error(curve), note)


def judged_before(metrics: dict[str, Any]) -> list[Judged]:
    """Return what was measured when the scorer was made, per set of photos it never saw."""
    sets = {
        "renders": "rendered selfies",
        "compositions of portraits": "new portraits",
        "compositions of renders": "new scenes",
    }
    return [
        Judged(title, metrics[name], None, metrics[name]["calibration_error"])
        for name, title in sets.items()
        if name in metrics
    ]


def right_of_100(judged: Sequence[Judged]) -> list[tuple[str, int]]:
    """Return of how many photos in 100 each judge is right: a coin, the post, the net, the best."""
    rows = [("a coin", 50), ("the net of 2015, on real likes", round(100 * POST))]
    if judged:
        facts = judged[0].facts
        rows.append((f"this net, on {judged[0].name}", round(100 * facts["scorer"]["accuracy"])))
        known = next((j for j in judged if "perfect_knower" in j.facts), None)
        if known:
            most = round(100 * known.facts["perfect_knower"]["accuracy"])
            rows.append((f"one who knows each photo’s appeal, on {known.name}", most))
    return rows


def model_card() -> str:
    """Return the card of the scorer that ships, in Markdown, without its title."""
    text = store.read_bytes(store.model_card()).decode("utf-8")
    return text.partition("\n")[2].strip()
