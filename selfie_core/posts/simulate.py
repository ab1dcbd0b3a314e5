"""A simulated audience for photos without one: users, reach and likes, from stated tastes.

What the audience likes is the style that the ConvNet of 2015 was measured to like, see `TASTES`.
It is blind to the person: sex, age, skin and hair are not in the table and not read.
"""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.base.errors import DataError
from selfie_core.base.progress import Progress
from selfie_core.base.settings import AudienceConfig
from selfie_core.posts.labels import label_posts
from selfie_core.posts.table import MOST, check_posts, need_unique


class Taste(NamedTuple):
    """How much one factor adds to a photo's appeal."""

    factor: str
    weight: float  # appeal for one `spread` more of the factor
    usual: float  # its value in an ordinary selfie, in the unit of `factors.FACTORS`
    spread: float  # standard deviation among selfies
    reason: str  # rho: rank correlation with the original's continuum of 240 selfies


# Usual values and spreads are those of the original's 240.  Weights are set by hand: only the rank
# correlations of single factors with its continuum are known, and factors that go together, as
# light and highlights do, share their effect.  The model card says what they come to.
TASTES = (
    Taste("light", 0.22, 0.48, 0.17, "mean brightness, rho 0.47; measured as if all skin were one"),
    Taste("highlights", 0.08, 0.88, 0.15, "brightest 5 %, rho 0.37: a window, a bright wall"),
    Taste("shadows", 0.08, 0.11, 0.10, "darkest 5 %, rho 0.27: lifted blacks of a faded photo"),
    Taste("contrast", 0.20, 0.27, 0.11, "rho 0.21"),
    Taste("saturation", -0.20, 0.32, 0.19, "rho -0.40: washed-out colours"),
    Taste("monochrome", 0.16, 0.07, 0.25, "rho 0.22: 18 % of its top 60, 2 % of its bottom 60"),
    Taste("white_border", 0.16, 0.15, 0.35, "rho 0.29: half of its best 100, 1 % of its worst"),
    Taste("black_border", -0.11, 0.07, 0.25, "rho -0.22"),
    Taste("face_height", -0.42, 0.44, 0.18, "rho -0.41, -0.60 with one face: a third of the frame"),
    Taste("face_y", -0.34, 0.40, 0.14, "rho -0.44, -0.55 with one face: the face stands high"),
    Taste("off_centre", -0.05, 0.13, 0.10, "rho -0.17, -0.01 with one face"),
    Taste("face_cut", 0.16, 0.10, 0.25, "rho 0.10; the post says: cut off the forehead"),
    Taste("eyes_cut", -0.70, 0.02, 0.20, "by eye: its own crops of one face keep both eyes"),
    Taste("group", -0.26, 0.33, 0.47, "more than one face, rho -0.22"),
    Taste("sharpness", 0.07, 0.03, 0.014, "rho 0.20; in compositions, before blur and grain"),
    Taste("text", -0.08, 0.08, 0.27, "overlays stand low, by eye"),
    Taste("night", -0.10, 0.08, 0.25, "red and green light of a club is at the bottom, by eye"),
)


def simulate_posts(factors: pd.DataFrame, *, config: AudienceConfig | None = None) -> pd.DataFrame:
    """Return posts for photos whose factors are known: file, user, followers, likes, tags, date.

    Views come from the audience and chance, likes from views and appeal:

        views = followers * (1 + 0.01 tags) * 0.3
        likes ~ Poisson(views * 0.2 * exp(0.35 appeal + chance))

    `chance` (a third of its variance is the user's own following, the rest luck of the hour) is as
    wide as makes one label agree with appeal about as weakly as life does: for normal variables
    with correlation r two halves agree in 1/2 + asin(r) / pi of the cases, so 70 % is r = 0.59.

    Args:
        factors: One row per photo: `file`, and factors of `TASTES`.
        config: Settings.

    Returns:
        One row per photo in the order given, with its `faces` if they are known, by which
        `label_posts` leaves out what is no selfie; and its `appeal` (mean 0, standard deviation 1)
        as a last column, which only a perfect knower may see.
    """
    config = config or AudienceConfig()
    newest = pd.to_datetime(config.newest, errors="coerce", format="ISO8601")
    if pd.isna(newest):
        raise DataError(f'newest is "{config.newest}"; wanted an ISO date such as 2026-03-31')
    need_unique(factors["file"], name="the table of factors")
    rng = np.random.default_rng(config.seed)
    appeal = appeal_of(factors)
    user = _users(len(factors), config.posts_per_user, rng)
    users = int(user.max()) + 1
    followers = np.exp(rng.normal(math.log(config.median_followers), config.spread, users))
    followers = np.clip(followers, 50, 100_000).astype(np.int64)[user]
    tags = rng.negative_binomial(1.2, 0.2, len(factors))
    slope = 0.35
    correlation = math.sin(math.pi * (config.agreement - 0.5))
    width = slope * math.sqrt(1 / correlation**2 - 1)
    chance = width * (
        math.sqrt(1 / 3) * rng.standard_normal(users)[user]
        + math.sqrt(2 / 3) * rng.standard_normal(len(factors))
    )
    views = followers * (1 + 0.01 * tags) * 0.3
    likes = np.minimum(views * 0.2 * np.exp(slope * appeal + chance), MOST / 2)
    faces = {"faces": factors["faces"].to_numpy()} if "faces" in factors else {}
    posted = newest - pd.to_timedelta(rng.integers(0, config.days, len(factors)), unit="D")
    return pd.DataFrame(
        {
            "file": factors["file"].to_numpy(),
            "user": [f"user{number:05d}" for number in user],
            "followers": followers,
            "likes": rng.poisson(likes),
            "tags": tags,
            "posted_at": posted.strftime("%Y-%m-%d"),
            **faces,
            "appeal": np.round(appeal, 4),
        }
    )


def average_labels(
    factors: pd.DataFrame, *, audiences: int = 100, progress: Progress | None = None
) -> NDArray[np.float64]:
    """Return the share of simulated audiences in which each photo is labelled good: shape (N,).

    The probability that one label has, with less noise: what a scorer learns from best.  Each
    audience has its own users, reach, luck and peer groups.
    """
    good, judged = np.zeros(len(factors)), np.zeros(len(factors))
    for seed in range(audiences):
        posts = simulate_posts(factors, config=AudienceConfig(seed=seed))
        labels = label_posts(check_posts(posts, name="posts"))["label"]
        good += labels.fillna(0).to_numpy(np.float64)
        judged += labels.notna().to_numpy()
        if progress:
            progress(seed + 1, audiences)
    return good / np.maximum(judged, 1)


def appeal_of(factors: pd.DataFrame) -> NDArray[np.float64]:
    """Return the appeal of photos to the audience: shape (N,), mean 0, standard deviation 1.

    Each factor counts by how many spreads it is off what is usual, no more than three of them; a
    factor that is missing for a photo counts as usual.

    Raises:
        DataError: The table has none of the factors.
    """
    known = taste_factors(factors)
    if not len(known.columns) or not len(known):
        wanted = ", ".join(taste.factor for taste in TASTES[:4])
        raise DataError(f"the factors have none of the columns that tastes need ({wanted} ...)")
    appeal = np.zeros(len(known))
    for taste in TASTES:
        if taste.factor in known:
            off = (known[taste.factor].to_numpy(np.float64) - taste.usual) / taste.spread
            appeal += taste.weight * np.nan_to_num(np.clip(off, -3, 3))
    return (appeal - appeal.mean()) / (appeal.std() or 1.0)


def taste_factors(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of `TASTES` that a table gives, as numbers; `faces` tell of a group."""
    table = table.reset_index(drop=True)
    known = {t.factor: _numbers(table[t.factor]) for t in TASTES if t.factor in table}
    if "faces" in table:
        known.setdefault("group", (_numbers(table["faces"]) > 1).astype(float))
    return pd.DataFrame(known)


def _numbers(values: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(values, errors="coerce")
    wrong = numbers.isna() & values.notna()
    if wrong.any():
        raise DataError(
            f'factor {values.name} is "{values[wrong].iat[0]}" in row {int(wrong.argmax()) + 1}; '
            f"wanted a number"
        )
    return numbers


def _users(posts: int, per_user: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return a user number for each post, shape (N,); users post different amounts."""
    counts: list[int] = []
    total = 0
    while total < posts:
        counts.append(1 + int(rng.poisson(per_user - 1)))
        total += counts[-1]
    return rng.permutation(np.repeat(np.arange(len(counts)), counts)[:posts])
