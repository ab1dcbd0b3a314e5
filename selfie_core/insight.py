"""What the score follows: each rule of the post against a gallery, with intervals.

One additive regression of the score holds all factors but one fixed.  It finds what goes with the
score in this gallery, no more: only a photo that was itself changed (trials.py) shows a cause.

Letters: N photos.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.regression import (
    FEWEST,
    Bools,
    Estimate,
    Floats,
    Regression,
    clusters_of,
    mean_difference,
)

MATTERS = 0.1  # standard deviations of the score; a smaller difference is none worth a rule
BINS = 8  # of a chart, of equal numbers of photos
ASKED = 500  # photos on either side among which alike pairs are looked for
Verdict = Literal["holds", "does not hold", "can't tell"]


@dataclass(frozen=True)
class Rule:
    """One piece of advice as something that can be checked.

    Attributes:
        key: Its name in addresses.
        title: The advice.
        kind: Whether the post says do, says don't, or worries, or its readers asked.
        said: The words it comes from.
        claim: 1 if photos that follow `these` should score higher, -1 if lower.
        these: "photos with a white border".
        others: "photos without".
        factor: Of `rule_factors`.
        low: Photos have at least this much of the factor ...
        high: ... and less than this.
        not_held: Factors that are left free to differ, as the rule itself changes them.
    """

    key: str
    title: str
    kind: Literal["do", "dont", "asked"]
    said: str
    claim: int
    these: str
    others: str
    factor: str
    low: float = 0.5
    high: float = np.inf
    not_held: tuple[str, ...] = ()


# Bounds are those between the top and the bottom of the original's own 240 photos (see TASTES).
RULES = (
    Rule("female", "Be female", "do", "Women are consistently ranked higher than men.", 1,
         "photos of women", "photos of men", "female"),
    Rule("third", "Let the face fill about a third", "do",
         "Face should occupy about 1/3 of the image.", 1, "faces of about a third of the height",
         "smaller and larger ones", "face_height", 0.27, 0.40),
    Rule("high", "Put the face high", "do", "... positioned in the center and at the top.", 1,
         "faces above the middle", "lower ones", "face_y", 0.0, 0.38),
    Rule("tilted", "Tilt it slightly", "do", "... is slightly tilted ...", 1,
         "heads tilted by 5 to 20 degrees", "all others", "tilt", 5, 20),
    Rule("forehead", "Cut off the forehead", "do", "Cut off your forehead. What's up with that?", 1,
         "photos that cut the forehead", "photos that show it", "face_cut", 0.2),
    Rule("hair", "Show long hair", "do", "Show your long hair.", 1, "photos with long hair",
         "photos with other hair", "long_hair"),
    Rule("colour", "Oversaturate", "do", "Oversaturate the face.", 1, "photos with strong colours",
         "paler ones", "saturation", 0.35, not_held=("filter",)),
    Rule("fade", "Fade it", "do", "... look much more uniform and faded out.", 1,
         "photos with faded shadows", "photos with deep ones", "shadows", 0.2,
         not_held=("filter", "light", "noise")),
    Rule("filter", "Put a filter on it", "do", "Put a filter on it.", 1, "photos with a filter",
         "photos without", "filter", not_held=("saturation", "shadows", "monochrome", "skin")),
    Rule("mono", "Go black and white", "do", "Black and white photos seem to do quite well.", 1,
         "black-and-white photos", "photos in colour", "monochrome",
         not_held=("filter", "saturation", "skin")),
    Rule("border", "Add a border", "do", "Add a border.", 1, "photos with a white border",
         "photos without", "white_border"),
    Rule("light", "Take it in low light", "dont", "Take in low lighting.", -1,
         "photos in low light", "lighter ones", "light", 0.0, 0.3, ("filter", "shadows", "noise")),
    Rule("large", "Frame the head too large", "dont", "Frame your head too large.", -1,
         "faces of over half the height", "smaller ones", "face_height", 0.5),
    Rule("group", "Take group shots", "dont", "Take group shots.", -1, "photos of several people",
         "photos of one", "group"),
    Rule("skin", "Is it a mere skin counter?", "asked",
         "... a simple amount-of-skin-texture-counter.", 1,
         "photos more than a third of which looks like skin", "photos with less", "skin", 1 / 3),
    Rule("glasses", "Do glasses help?", "asked", "Asked by its readers.", 1,
         "photos with glasses", "photos without", "glasses"),
    Rule("pout", "Does the pout help?", "asked", "Asked by its readers.", 1,
         "photos with a pout", "photos without", "pout"),
)  # fmt: skip

# What only the data can name: columns it may stand in, and the words that mean yes.  A number
# means yes above one half.
_NO = ("none", "no", "", "normal", "original")
_NAMED: dict[str, tuple[tuple[str, ...], tuple[str, ...] | None]] = {
    "female": (
        ("sex", "gender", "female", "is_female", "character_feminine"),
        ("female", "f", "woman"),
    ),
    "long_hair": (("long_hair", "hair"), ("long", "yes")),
    "filter": (("filter",), None),  # all words but those of _NO
    "glasses": (("glasses", "wearing_glasses"), None),
    "pout": (("pout", "duck_face", "expression"), ("pout", "duck", "yes")),
}
_MEASURED = {"light": "surround"} | {
    name: name for name in (
        "face_height", "face_y", "off_centre", "face_cut", "tilt", "saturation", "shadows",
        "monochrome", "noise",
    )
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """What a gallery says about one rule.  Differences are in score: 0.1 is ten points.

    Attributes:
        rule: The rule.
        verdict: Of the claim, from the interval of `held`.
        these: Photos that do it.
        others: Photos that don't.
        held: How much higher they score with the other factors held fixed; None if unknown.
        plain: How much higher they score as they are.
        bins: One row a bin: middle, low, high (of the factor), n, mean, mean_low, mean_high, and
            held, held_low, held_high (with the others held fixed); empty if unknown.
        why: What can't be said and why, or what the verdict rests on.
    """

    rule: Rule
    verdict: Verdict
    these: int
    others: int
    held: Estimate | None
    plain: Estimate | None
    bins: pd.DataFrame
    why: str


@dataclass(frozen=True)
class Findings:
    """What a gallery says about all rules.

    Attributes:
        of: By the rules' keys, in their order.
        spread: Standard deviation of the scores.
        explained: Share of the scores' variance that the factors explain together, in [0, 1].
        clusters: Users over whom the intervals are taken, each photo of an unknown one counting as
            one; 0 if photos count one by one.
        factors: Of `rule_factors`, shape (N, factors).
    """

    of: dict[str, Finding]
    spread: float
    explained: float
    clusters: int
    factors: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Return one row a rule: the numbers of the page, in points of score."""
        return pd.DataFrame([self._row(finding) for finding in self.of.values()])

    def _row(self, finding: Finding) -> dict[str, Any]:
        rule, row = finding.rule, {}
        for name, found in (("held_fixed", finding.held), ("as_they_are", finding.plain)):
            value, low, high = found or (np.nan,) * 3
            row |= {name: 100 * value, f"{name}_low": 100 * low, f"{name}_high": 100 * high}
        numbers = {name: round(value, 2) for name, value in row.items()}
        size = round(finding.held.value / self.spread, 3) if finding.held else np.nan
        return {
            "rule": rule.key, "advice": rule.title, "said": rule.said, "verdict": finding.verdict,
            "these": rule.these, "n_these": finding.these, "others": rule.others,
            "n_others": finding.others, **numbers, "standard_deviations": size, "why": finding.why,
        }  # fmt: skip


def rule_factors(table: pd.DataFrame, *, skin: Floats | None = None) -> pd.DataFrame:
    """Return the factors of `RULES` that a gallery knows, as numbers; NaN where one is missing.

    Args:
        table: Of a gallery, N rows.
        skin: Of `skin_share`, shape (N,).
    """
    known = {name: _numbers(table[column]) for name, column in _MEASURED.items() if column in table}
    if "white_border" in table:
        known["white_border"] = (_numbers(table["white_border"]) > 0.4).astype(float)
    if "faces" in table:
        known["group"] = (_numbers(table["faces"]) > 1).astype(float)
    for name, (columns, words) in _NAMED.items():
        there = [column for column in columns if column in table and table[column].notna().any()]
        if there:
            known[name] = _yes(table[there[0]], words)
    if skin is not None:
        known["skin"] = np.asarray(skin, float)
    return pd.DataFrame(known, index=table.index)


def named_by(column: str) -> set[str]:
    """Return the factors that a given column names."""
    return {name for name, (columns, _) in _NAMED.items() if column in columns}


def _numbers(values: pd.Series) -> Floats:
    return pd.to_numeric(values, errors="coerce").to_numpy(np.float64, na_value=np.nan)


def _yes(values: pd.Series, words: tuple[str, ...] | None) -> Floats:
    """Return 1 for yes, 0 for no and NaN for unknown."""
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        numbers = _numbers(values)
        return np.where(np.isnan(numbers), np.nan, numbers > 0.5)
    said = values.astype("string").str.strip().str.casefold()
    yes = said.isin(words) if words else ~said.isin(_NO)
    return np.where(said.isna(), np.nan, yes.to_numpy(float, na_value=np.nan))


def check_rules(table: pd.DataFrame, *, skin: Floats | None = None) -> Findings:
    """Return what a gallery says about each of `RULES`.

    A claim holds if its interval lies above 0 and its difference matters (0.1 standard deviations
    of the score); it does not hold if the whole interval lies below what matters; else nobody
    can tell.

    Args:
        table: Of a gallery: score, and what is known of measured and given factors.
        skin: Of `skin_share`, shape (N,).
    """
    factors = rule_factors(table, skin=skin)
    scores = table["score"].to_numpy(np.float64)
    users = clusters_of(table)

    @functools.cache
    def fitted(left_out: frozenset[str]) -> Regression:
        return Regression(scores, factors.drop(columns=list(left_out & set(factors))), users)

    enough = len(table) >= 2 * FEWEST and np.ptp(scores) > 0
    base = fitted(frozenset({"filter"})) if enough else None
    spread = float(scores.std())
    found = {}
    for rule in RULES:
        # What a filter does is measured as colour and shadows; the word itself is left out.
        free = frozenset(rule.not_held) | ({"filter"} - {rule.factor})
        found[rule.key] = _check(rule, scores, factors, spread, lambda free=free: fitted(free))
    clusters = users.nunique() if users is not None else 0
    return Findings(found, spread, base.explained if base else 0.0, clusters, factors)


def _check(
    rule: Rule,
    scores: Floats,
    factors: pd.DataFrame,
    spread: float,
    fitted: Callable[[], Regression],
) -> Finding:
    """Return what the photos say about one rule."""

    def untold(why: str, these: int = 0, others: int = 0) -> Finding:
        return Finding(rule, "can't tell", these, others, None, None, pd.DataFrame(), why)

    if rule.factor not in factors or factors[rule.factor].isna().all():
        return untold(_absent(rule))
    values = factors[rule.factor].to_numpy(float)
    these, others = sides(rule, values)
    n_these, n_others = int(these.sum()), int(others.sum())
    if min(n_these, n_others) < FEWEST:
        few = f"{n_these:,} {rule.these}, {n_others:,} {rule.others}"
        return untold(f"Too few to compare: {few}; at least {FEWEST} of each.", n_these, n_others)
    if spread == 0:
        return untold("All photos have the same score.", n_these, n_others)
    model = fitted()
    held, plain = (
        model.difference(rule.factor, these, others),
        mean_difference(scores, these, others),
    )
    bins = _bins(values, scores, model, rule)
    if held is None:
        why = "Another factor always goes with it here, so the two can't be told apart."
        return Finding(rule, "can't tell", n_these, n_others, None, plain, bins, why)
    verdict, why = judge_claim(rule.claim, held, spread)
    return Finding(rule, verdict, n_these, n_others, held, plain, bins, why)


def _absent(rule: Rule) -> str:
    if rule.factor in _NAMED:
        columns = " or ".join(f'"{column}"' for column in _NAMED[rule.factor][0])
        return f"This gallery does not say: none of its photos has a value in a column {columns}."
    return "This gallery has not measured it; make it again with selfie build."


def sides(rule: Rule, values: Floats) -> tuple[Bools, Bools]:
    """Return which photos follow a rule and which don't, both of shape (N,); unknown is neither."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        these = known & (values >= rule.low) & (values < rule.high)
    return these, known & ~these


def judge_claim(claim: int, held: Estimate, spread: float) -> tuple[Verdict, str]:
    """Return whether a claim holds, and why, from the interval of a difference.

    Args:
        claim: 1 (higher) or -1 (lower).
        held: The difference in score.
        spread: Standard deviation of the scores.
    """
    low, high = sorted((claim * held.low, claim * held.high))
    matters = MATTERS * spread
    if low > 0 and claim * held.value >= matters:
        return "holds", "The whole interval speaks for it."
    if high < 0:
        return "does not hold", "The whole interval speaks against it."
    if high < matters:
        return "does not hold", "If it makes a difference at all, it is too small to matter."
    return "can't tell", "The interval has room for a difference that matters and for none."


def _bins(values: Floats, scores: Floats, model: Regression, rule: Rule) -> pd.DataFrame:
    """Return mean scores by bins of a factor; a factor of two values has one bin a value."""
    known = np.isfinite(values)
    different = np.unique(values[known])
    if len(different) <= 2:
        place = pd.Series(np.where(known, values, np.nan)).astype("category").cat.codes
    else:
        place = pd.qcut(values, BINS, labels=False, duplicates="drop")
    place = np.asarray(place, float)
    rows = []
    for number in np.unique(place[np.isfinite(place) & known]):
        here = (place == number) & known
        if (n := int(here.sum())) < 2:
            continue
        mean, reach = scores[here].mean(), 1.96 * scores[here].std(ddof=1) / np.sqrt(n)
        held = model.difference(rule.factor, here)
        fixed = [model.mean + part for part in held] if held else [np.nan] * 3
        inside = values[here]
        rows.append(
            (inside.mean(), inside.min(), inside.max(), n, mean, mean - reach, mean + reach, *fixed)
        )
    names = "middle low high n mean mean_low mean_high held held_low held_high".split()
    return pd.DataFrame(rows, columns=names)


def alike_pairs(
    findings: Findings, rule: Rule, table: pd.DataFrame, *, count: int = 4, seed: int = 0
) -> list[tuple[int, int]]:
    """Return rows of photos that differ in a rule's factor and are alike otherwise.

    They are chosen blind to the score: by the other factors, and by the words that came with the
    photos.  No photo is shown twice.

    Args:
        findings: Of the gallery.
        rule: The rule.
        table: Of the gallery.
        count: How many pairs; fewer where there are no more.
        seed: Of the draw among many photos.

    Returns:
        Pairs of a photo that follows the rule and one that doesn't, most alike first.
    """
    if rule.factor not in findings.factors:
        return []
    values = findings.factors[rule.factor].to_numpy(float)
    rng = np.random.default_rng(seed)
    some = [rng.permutation(np.flatnonzero(side))[:ASKED] for side in sides(rule, values)]
    if not min(map(len, some)):
        return []
    others = findings.factors.drop(columns=[rule.factor, *rule.not_held], errors="ignore")
    apart = np.zeros((len(some[0]), len(some[1])))
    for name in others:
        column = others[name].to_numpy(float)
        scale = np.nanstd(column) or 1.0
        z = np.nan_to_num((column - np.nanmean(column)) / scale, nan=3.0)
        apart += (z[some[0], None] - z[None, some[1]]) ** 2
    for name in _given_words(table, rule):
        words = pd.factorize(table[name])[0]
        apart += words[some[0], None] != words[None, some[1]]
    if len(np.unique(values[np.isfinite(values)])) > 2:  # on either side of a bound is no contrast
        close = np.abs(values[some[0], None] - values[None, some[1]]) < np.nanstd(values)
        apart[close] = np.inf
    return _closest(apart, some[0], some[1], count)


def _given_words(table: pd.DataFrame, rule: Rule) -> list[str]:
    """Return columns of a few words, less those that say what the rule is about."""
    own = _NAMED.get(rule.factor, ((), None))[0]
    away = {*own, "lighting"} if rule.key == "light" else {*own, "shot"}
    return [
        str(name)
        for name in table
        if name not in {*away, "split", "user", "file", "id"}
        and not pd.api.types.is_numeric_dtype(table[name])
        and 2 <= table[name].nunique() <= 12
    ]


def _closest(
    apart: Floats, left: NDArray[np.intp], right: NDArray[np.intp], count: int
) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    while len(found) < count and np.isfinite(least := apart.min()):
        row, column = np.argwhere(apart == least)[0]
        found.append((int(left[row]), int(right[column])))
        apart[row], apart[:, column] = np.inf, np.inf
    return found


def count_verdicts(findings: Sequence[Finding]) -> dict[Verdict, int]:
    """Return how many claims hold, don't, or can't be judged."""
    verdicts: tuple[Verdict, ...] = ("holds", "does not hold", "can't tell")
    return {name: sum(finding.verdict == name for finding in findings) for name in verdicts}
