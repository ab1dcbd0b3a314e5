"""A simulated audience for photos without one: users, reach and likes, from stated tastes.

What the audience likes is the style that the ConvNet of 2015 was measured to like, see `TASTES`.
It is blind to the person: sex, age, skin and hair are not in the table and not read.
"""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.errors import DataError
from selfie_core.settings import AudienceConfig


class Taste(NamedTuple):
    """How much one factor adds to a photo's appeal."""

    factor: str
    weight: float  # appeal for one standard deviation more of the factor
    reason: str  # rho: rank correlation with the original's continuum of 240 selfies


TASTES = (
    Taste("light", 0.45, "light on the scene: mean brightness has rho 0.47"),
    Taste("surround", 0.25, "bright surroundings; the faces are left out, so that skin counts not"),
    Taste("saturation", -0.30, "rho -0.40; washed-out colours"),
    Taste("monochrome", 0.20, "18 % of its top 60 are black and white, 2 % of its bottom 60"),
    Taste("fade", 0.20, "lifted blacks, rho 0.27"),
    Taste("white_border", 0.30, "rho 0.29; a third of its best"),
    Taste("black_border", -0.15, "rho -0.22"),
    Taste("face_height", -0.50, "rho -0.41, -0.60 with one face: about a third of the frame"),
    Taste("face_y", -0.40, "rho -0.44, -0.55 with one face: the face stands high"),
    Taste("forehead_cut", 0.12, "rho 0.10; the post says: cut off the forehead"),
    Taste("group", -0.25, "more than one face, rho -0.22"),
    Taste("noise", -0.20, "grain of a dark room; all of its worst have it"),
    Taste("blur", -0.15, "sharpness has rho 0.20"),
    Taste("text", -0.10, "overlays stand low, by eye"),
)

# The renderer's own words as numbers: how much light falls on the scene, how strong the colours.
_LIGHTING = {"dark": 0.0, "flash": 0.45, "harsh": 0.5, "soft": 0.6, "bright": 1.0}
_SATURATION = {"bw": 0.0, "desat": 0.25, "sepia": 0.35, "fade": 0.35, "cool": 0.5, "none": 0.6,
               "vignette": 0.6, "vivid": 1.0}  # fmt: skip
_SURROUND = {"night": 0.0, "car": 0.35, "shelf": 0.4, "city": 0.5, "room": 0.55, "park": 0.5,
             "bath": 0.7, "beach": 0.85, "plain": 0.7}  # fmt: skip


def simulate_posts(factors: pd.DataFrame, *, config: AudienceConfig | None = None) -> pd.DataFrame:
    """Return posts for photos whose factors are known: file, user, followers, likes, tags, date.

    Views come from the audience and chance, likes from views and appeal:

        views = followers * (1 + 0.01 tags) * 0.3
        likes ~ Poisson(views * 0.2 * exp(0.35 appeal + chance))

    `chance` (a third of its variance is the user's own following, the rest luck of the hour) is as
    wide as makes one label agree with appeal about as weakly as life does: for normal variables
    with correlation r two halves agree in 1/2 + asin(r) / pi of the cases, so 70 % is r = 0.59.

    Args:
        factors: One row a photo: `file`, and the factors of `TASTES` or the renderer's own columns.
        config: Settings.

    Returns:
        One row a photo in the order given, and its `appeal` (mean 0, standard deviation 1) as a
        last column, which only a perfect knower may see.
    """
    config = config or AudienceConfig()
    newest = pd.to_datetime(config.newest, errors="coerce", format="ISO8601")
    if pd.isna(newest):
        raise DataError(f'newest is "{config.newest}"; wanted an ISO date such as 2026-03-31')
    if factors["file"].duplicated().any():
        twice = factors["file"][factors["file"].duplicated()].iat[0]
        raise DataError(f"the factors name {twice!r} twice; keep one row a photo")
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
    posted = newest - pd.to_timedelta(rng.integers(0, config.days, len(factors)), unit="D")
    return pd.DataFrame(
        {
            "file": factors["file"].to_numpy(),
            "user": [f"user{number:05d}" for number in user],
            "followers": followers,
            "likes": rng.poisson(views * 0.2 * np.exp(slope * appeal + chance)),
            "tags": tags,
            "posted_at": posted.strftime("%Y-%m-%d"),
            "appeal": np.round(appeal, 4),
        }
    )


def appeal_of(factors: pd.DataFrame) -> NDArray[np.float64]:
    """Return the appeal of photos to the audience: shape (N,), mean 0, standard deviation 1.

    Each factor is measured in its own standard deviations, no more than three of them; a factor
    that is missing for a photo counts as average.

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
            values = known[taste.factor].to_numpy(np.float64)
            spread = np.nanstd(values)
            if spread > 0:
                standard = np.clip((values - np.nanmean(values)) / spread, -3, 3)
                appeal += taste.weight * np.nan_to_num(standard)
    return (appeal - appeal.mean()) / (appeal.std() or 1.0)


def taste_factors(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of `TASTES` that a table gives, translating the renderer's words."""
    table = table.reset_index(drop=True)
    known = {t.factor: _numbers(table[t.factor]) for t in TASTES if t.factor in table}
    if "lighting" in table:
        known.setdefault("light", table["lighting"].map(_LIGHTING))
    if "background" in table:
        known.setdefault("surround", table["background"].map(_SURROUND))
    if "filter" in table:
        known.setdefault("saturation", table["filter"].map(_SATURATION))
        known.setdefault("monochrome", (table["filter"] == "bw").astype(float))
        known.setdefault("fade", (table["filter"] == "fade").astype(float))
    if "border" in table:
        known.setdefault("white_border", table["border"].isin([True, "white", 1]).astype(float))
    if "n" in table:
        known.setdefault("group", (table["n"] > 1).astype(float))
    if "truth" in table and table["truth"].map(lambda faces: isinstance(faces, list)).all():
        largest = [
            max(faces, key=lambda face: face["face_h"], default=None) for faces in table["truth"]
        ]
        known.setdefault(
            "face_height", pd.Series([f and f["face_h"] for f in largest], dtype=float)
        )
        known.setdefault("face_y", pd.Series([f and f["center"][1] for f in largest], dtype=float))
        known.setdefault(
            "forehead_cut",
            pd.Series([f and 1 - f["forehead_visible"] for f in largest], dtype=float),
        )
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
