"""What the score does per group: distribution, share of the top, calibration, light against tone.

Groups are columns that came with the photos; nothing here guesses who is in one.

Letters: N photos.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from selfie_core.base.errors import DataError
from selfie_core.gallery.columns import FEW_WORDS, Column, Use, columns_for
from selfie_core.learned.regression import FEWEST, Regression, clusters_of
from selfie_core.learned.rules import named_by, rule_factors
from selfie_core.training.measures import (
    MOST_GROUPS,
    UNKNOWN,
    Estimate,
    as_groups,
    mean_difference,
    mean_of,
    wilson,
)

TOP = 100  # the grid in which the post found no man
SHARE = 0.2  # of a small gallery: its best 100 would be most of it
STEPS = 60  # of a distribution's curve
WOMEN = "Women and men"
_TONES = ("skin_tone", "character_skin_tone", "monk", "fitzpatrick")
THIRDS = ("lowest third", "middle third", "highest third")


def groups_of(table: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the groups that a gallery names: a title, and each photo's group or missing.

    Each group is named with its column ("Glasses: sun"); numbers are cut into thirds.  Women and
    men come first, where the data names them.
    """
    found: dict[str, pd.Series] = {}
    if (female := rule_factors(table).get("female")) is not None:
        found[WOMEN] = female.map({1.0: "women", 0.0: "men"}).astype("category")
    for column in columns_for(table, Use.GROUP):
        if female is not None and "female" in named_by(column.name):
            if not (table[column.name].notna() & female.isna()).any():  # it names no others
                continue
        if (groups := _grouped(table[column.name])) is not None:
            names = _names(column, table[column.name], list(groups.cat.categories))
            found[column.title] = groups.cat.rename_categories(names)
    return {title: groups for title, groups in found.items() if groups.nunique() > 1}


def _grouped(values: pd.Series) -> pd.Series | None:
    """Return a column as categories, numbers as thirds, or None if it is dates or many words."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return None
    numeric = pd.api.types.is_numeric_dtype(values)
    if not numeric and values.nunique() > FEW_WORDS:
        return None
    return as_groups(values).astype("category")


def _names(column: Column, values: pd.Series, words: Sequence[str]) -> list[str]:
    """Return each group with what it is one of: "People: 1", "lowest third of age (0 to 0.2)"."""
    numeric = pd.api.types.is_numeric_dtype(values)
    if numeric and values.nunique() > MOST_GROUPS and len(words) == len(THIRDS):
        of = column.title.lower()
        return [f"{third} of {of} ({ends})" for third, ends in zip(THIRDS, words, strict=True)]
    if numeric and set(words) <= {"0", "1"}:
        words = ["yes" if word == "1" else "no" for word in words]
    return [column.with_value(word) for word in words]


def top_of(photos: int) -> int:
    """Return how many photos are the top of a gallery: 100, or a fifth of a small one."""
    return min(TOP, max(1, round(SHARE * photos)))


def compare_groups(table: pd.DataFrame, groups: Sequence[pd.Series]) -> pd.DataFrame:
    """Return how each group, or each intersection of two groups, fares.

    Args:
        table: Of a gallery, N rows: score, and label (1, 0 or missing) where there are labels.
        groups: One or two of `groups_of`; photos without a value are left out.

    Returns:
        One row per group: its names in columns one (and two), n, enough (at least 20 photos), share
        (of the photos), mean (score) with mean_low and mean_high, in_top (photos of the best
        `top_of`), top_share (of these) with top_low, top_high and in_short (what they say), and
        labelled, good (share of good ones), gap (mean score less that share: above 0 the score
        flatters) with gap_low and gap_high.  Intervals hold 95 %: Wilson's for the top, else of a
        mean.

    Raises:
        DataError: No photo has a group.
    """
    names = ["one", "two"][: len(groups)]
    rank = table["score"].rank(method="first", ascending=False)
    photos = pd.concat(groups, axis=1, keys=names).assign(
        score=table["score"].astype("float64"),
        best=rank <= top_of(len(table)),
        label=table["label"].astype("Float64").astype("float64") if "label" in table else np.nan,
    )
    photos = photos.dropna(subset=names)
    if photos.empty:
        raise DataError("no photo has a value in these columns; choose another")
    best = int(photos["best"].sum())
    frame = pd.DataFrame(
        dict(zip(names, map(str, group), strict=True)) | _means(of)
        for group, of in photos.groupby(names, observed=True)
    )
    frame["share"] = frame["n"] / len(photos)
    frame["enough"] = frame["n"] >= FEWEST
    frame["top_share"] = frame["in_top"] / best if best else np.nan
    frame["top_low"], frame["top_high"] = wilson(frame["top_share"], max(best, 1))
    frame["in_short"] = np.select(
        [~frame["enough"], frame["top_low"] > frame["share"], frame["top_high"] < frame["share"]],
        ["too few", "more than its share", "less than its share"],
        "about its share",
    )
    return frame


def _means(photos: pd.DataFrame) -> dict[str, Any]:
    """Return the counts, the mean score and the calibration of one group."""
    labelled = photos.dropna(subset="label")
    gaps = labelled["score"] - labelled["label"]
    return {
        "n": len(photos),
        **mean_of(photos["score"].to_numpy()).columns("mean"),
        "in_top": int(photos["best"].sum()),
        "labelled": len(labelled),
        "good": labelled["label"].mean(),
        **mean_of(gaps.to_numpy()).columns("gap"),
    }


def group_gaps(table: pd.DataFrame, title: str, groups: pd.Series) -> pd.DataFrame:
    """Return how much higher each group of `groups_of` scores than all others, style free or held.

    Style is what `check_rules` regresses the score on: light, framing, colour, finish, people, less
    what this very column says.

    Returns:
        One row per group: group, n, plain, plain_low, plain_high, held, held_low, held_high; all
        NaN for one of fewer than 20 photos, held for one that always goes with a factor.
    """
    known = groups.notna().to_numpy()
    own = {"female"} if title == WOMEN else named_by(title.lower().replace(" ", "_"))
    factors = rule_factors(table)[known].drop(columns=["filter", *own], errors="ignore")
    scores, users = table["score"].to_numpy(np.float64)[known], clusters_of(table[known])
    rows = []
    for name in groups.cat.categories:
        here = (groups[known] == name).to_numpy()
        plain = held = UNKNOWN
        if FEWEST <= here.sum() <= len(here) - FEWEST:
            plain = mean_difference(scores[here], scores[~here])
            model = Regression(scores, factors.assign(here=here.astype(float)), users)
            held = model.difference("here", here, ~here) or UNKNOWN
        row = {"group": str(name), "n": int(here.sum())}
        rows.append(row | plain.columns("plain") | held.columns("held"))
    return pd.DataFrame(rows)


def score_curves(scores: NDArray[np.floating], groups: pd.Series) -> pd.DataFrame:
    """Return the distribution of the score in each group of at least 20, as smooth curves.

    Returns:
        One row per group and step: group, score, density (its highest is 1 over all groups).
    """
    parts = []
    edges = np.linspace(0, 1, STEPS + 1)
    for name in groups.cat.categories:
        here = scores[(groups == name).to_numpy()]
        if len(here) >= FEWEST:
            heights = np.histogram(here, edges, density=True)[0]
            curve = gaussian_filter1d(heights, 2.0, mode="nearest")
            middles = (edges[1:] + edges[:-1]) / 2
            parts.append(pd.DataFrame({"group": str(name), "score": middles, "density": curve}))
    if not parts:
        return pd.DataFrame(columns=["group", "score", "density"])
    table = pd.concat(parts, ignore_index=True)
    return table.assign(density=table["density"] / table["density"].max())


@dataclass(frozen=True)
class LightAndTone:
    """Light against skin tone, both as given or measured.

    Attributes:
        cells: Of `compare_groups`: one is the light, two the tone, from low to high.
        held: Likewise, with all else held fixed.
        light: How much higher the brightest third scores than the darkest, all else held fixed.
        tone: How much higher the highest third of the tone scores than the lowest.
        spread: Standard deviation of the scores.
        column: That the tone stands in.
    """

    cells: pd.DataFrame
    held: pd.DataFrame
    light: Estimate | None
    tone: Estimate | None
    spread: float
    column: str

    def widest(self) -> tuple[str, float] | None:
        """Return the light in which the tones differ most, all else held fixed, and by how much.

        Above 0 the highest third scores higher than the lowest.
        """
        enough = self.held[self.held["enough"]]
        means = enough.pivot(index="one", columns="two", values="mean").reindex(columns=THIRDS)
        apart = (means[THIRDS[2]] - means[THIRDS[0]]).dropna()
        if apart.empty:
            return None
        place = int(np.abs(apart).argmax())
        return str(apart.index[place]), float(apart.iloc[place])


def light_and_tone(table: pd.DataFrame) -> LightAndTone:
    """Return what light and skin tone each do to the score.

    Raises:
        DataError: No column names the tone, or one of both can't be cut into thirds.
    """
    column = next((c for c in _TONES if c in table and table[c].notna().any()), None)
    factors = rule_factors(table)
    if column is None:
        raise DataError("No column of this gallery names a skin tone, and none is guessed.")
    if not pd.api.types.is_numeric_dtype(table[column]):
        raise DataError(f'Column "{column}" names the skin tone in words; wanted numbers.')
    if "light" not in factors:
        raise DataError("This gallery has not measured light; make it again with selfie build.")
    tone = table[column].astype("Float64").astype("float64")
    thirds = {
        "tone": _thirds(tone, f'Column "{column}"'),
        "light": _thirds(factors["light"], "The light around faces"),
    }
    light = thirds["light"].cat.rename_categories(["darkest third", THIRDS[1], "brightest third"])
    if "lighting" in table and (given := _grouped(table["lighting"])) is not None:
        # From dark to bright, as measured.
        order = factors["light"].groupby(given, observed=True).mean().sort_values().index
        light = given.cat.reorder_categories(list(order))
    scores = table["score"].to_numpy(np.float64)
    # A filter and a tone are told apart by what the filter does to colour and shadows.
    held = factors.drop(columns=["filter", "skin"], errors="ignore").assign(tone=tone)
    model = Regression(scores, held, clusters_of(table))
    effects = {
        name: model.difference(name, *(np.asarray(groups == THIRDS[end]) for end in (2, 0)))
        for name, groups in thirds.items()
    }
    alike = table.assign(score=model.free_of_others(["light", "tone"]))
    return LightAndTone(
        compare_groups(table, [light, thirds["tone"]]),
        compare_groups(alike, [light, thirds["tone"]]),
        effects["light"],
        effects["tone"],
        float(scores.std()),
        column,
    )


def _thirds(values: pd.Series, title: str) -> pd.Series:
    """Return the thirds of numbers; refuse those of which ties leave fewer."""
    cut = pd.qcut(values, 3, duplicates="drop")
    if len(cut.cat.categories) < 3:
        raise DataError(f"{title} has too few different values to be cut into thirds.")
    return cut.cat.rename_categories(list(THIRDS))
