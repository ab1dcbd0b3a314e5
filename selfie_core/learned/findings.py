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

from selfie_core.gallery.columns import FEW_WORDS, Use, columns_for, has_few_words
from selfie_core.learned.regression import (
    FEWEST,
    Estimate,
    Floats,
    Regression,
    clusters_of,
    mean_difference,
)
from selfie_core.learned.rules import RULES, Rule, columns_of, rule_factors, sides

MATTERS = 0.1  # standard deviations of the score; a smaller difference is none worth a rule
BINS = 8  # of a chart, of equal numbers of photos
ASKED = 500  # photos on either side among which alike pairs are looked for
Verdict = Literal["holds", "does not hold", "can't tell"]


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
    if named := columns_of(rule.factor):
        columns = " or ".join(f'"{column}"' for column in named)
        return f"This gallery does not say: none of its photos has a value in a column {columns}."
    return "This gallery has not measured it; make it again with selfie build."


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
    own = columns_of(rule.factor)
    away = {*own, "lighting"} if rule.key == "light" else {*own, "shot"}
    return [
        column.name
        for column in columns_for(table, Use.DESCRIBE)
        if column.name not in away and has_few_words(table[column.name], FEW_WORDS)
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
