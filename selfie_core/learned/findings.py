"""What the score follows: each rule of the post against a gallery, with intervals.

One additive regression of the score holds all factors but one fixed.  It finds what goes with the
score in this gallery, no more: only a photo that was itself changed (trials.py) shows a cause.

Letters: N photos.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from selfie_core.gallery.columns import FEW_WORDS, Use, columns_for, has_few_words
from selfie_core.learned.regression import FEWEST, Floats, Regression, clusters_of
from selfie_core.learned.rules import RULES, Rule, columns_of, rule_factors, sides
from selfie_core.training.measures import UNKNOWN, Estimate, mean_difference, mean_of

MATTERS = 0.1  # standard deviations of the score; a smaller difference is none worth a rule
BINS = 8  # of a chart, of equal numbers of photos
ASKED = 500  # photos on either side among which alike pairs are looked for
RuleVerdict = Literal["holds", "does not hold", "can't tell"]


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
        bins: One row per bin: middle, low, high (of the factor), n, mean, mean_low, mean_high, and
            held, held_low, held_high (with the others held fixed); empty if unknown.
        why: What can't be said and why, or what the verdict rests on.
    """

    rule: Rule
    verdict: RuleVerdict
    these: int
    others: int
    held: Estimate | None = None
    plain: Estimate | None = None
    bins: pd.DataFrame = field(default_factory=pd.DataFrame)
    why: str = ""


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
        """Return one row per rule: the numbers of the page, in points of score."""
        return pd.DataFrame([self._row(finding) for finding in self.of.values()])

    def _row(self, finding: Finding) -> dict[str, Any]:
        rule, held, plain = finding.rule, finding.held or UNKNOWN, finding.plain or UNKNOWN
        row = held.columns("held_fixed") | plain.columns("as_they_are")
        points = {name: round(100 * value, 2) for name, value in row.items()}
        size = round(finding.held.value / self.spread, 3) if finding.held else np.nan
        return {
            "rule": rule.key, "advice": rule.title, "said": rule.said, "verdict": finding.verdict,
            "these": rule.these, "n_these": finding.these, "others": rule.others,
            "n_others": finding.others, **points, "standard_deviations": size, "why": finding.why,
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
    def without(left_out: frozenset[str]) -> Regression:
        return Regression(scores, factors.drop(columns=list(left_out & set(factors))), users)

    found = {rule.key: _check(rule, scores, factors, without) for rule in RULES}
    enough = len(table) >= 2 * FEWEST and np.ptp(scores) > 0
    explained = without(frozenset({"filter"})).explained if enough else 0.0
    clusters = users.nunique() if users is not None else 0
    return Findings(found, float(scores.std()), explained, clusters, factors)


def _check(
    rule: Rule,
    scores: Floats,
    factors: pd.DataFrame,
    without: Callable[[frozenset[str]], Regression],
) -> Finding:
    """Return what the photos say about one rule; `without` fits all factors but some."""
    if rule.factor not in factors or factors[rule.factor].isna().all():
        return Finding(rule, "can't tell", 0, 0, why=_absent(rule))
    values = factors[rule.factor].to_numpy(float)
    these, others = sides(rule, values)
    n_these, n_others, spread = int(these.sum()), int(others.sum()), float(scores.std())
    if min(n_these, n_others) < FEWEST:
        few = f"{n_these:,} {rule.these}, {n_others:,} {rule.others}"
        why = f"Too few to compare: {few}; at least {FEWEST} of each."
        return Finding(rule, "can't tell", n_these, n_others, why=why)
    if spread == 0:
        why = "All photos have the same score."
        return Finding(rule, "can't tell", n_these, n_others, why=why)
    # What a filter does is measured as colour and shadows; the word itself is left out.
    model = without(frozenset(rule.not_held) | ({"filter"} - {rule.factor}))
    held = model.difference(rule.factor, these, others)
    plain = mean_difference(scores[these], scores[others])
    bins = _bins(values, scores, model, rule)
    verdict, why = judge_claim(rule.claim, held, spread)
    return Finding(rule, verdict, n_these, n_others, held, plain, bins, why)


def _absent(rule: Rule) -> str:
    if named := columns_of(rule.factor):
        columns = " or ".join(f'"{column}"' for column in named)
        return f"This gallery does not say: none of its photos has a value in a column {columns}."
    return "This gallery has not measured it; make it again with selfie build."


def judge_claim(claim: int, held: Estimate | None, spread: float) -> tuple[RuleVerdict, str]:
    """Return whether a claim holds, and why, from the interval of a difference.

    Args:
        claim: 1 (higher) or -1 (lower).
        held: The difference in score; None if the data can't tell it from another factor's.
        spread: Standard deviation of the scores.
    """
    if held is None:
        return "can't tell", (
            "Another factor always goes with it here, so the two can't be told apart."
        )
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
    """Return mean scores by bins of a factor; a factor of two values has one bin per value."""
    few = len(np.unique(values[np.isfinite(values)])) <= 2
    place = values if few else pd.qcut(values, BINS, labels=False, duplicates="drop")
    rows = []
    for number in np.unique(place[np.isfinite(place)]):
        here = place == number
        if (n := int(here.sum())) < 2:
            continue
        held = model.difference(rule.factor, here)
        fixed = [model.mean + part for part in held or UNKNOWN]
        inside = values[here]
        rows.append((inside.mean(), inside.min(), inside.max(), n, *mean_of(scores[here]), *fixed))
    names = "middle low high n mean mean_low mean_high held held_low held_high".split()
    return pd.DataFrame(rows, columns=names)


def alike_pairs(
    findings: Findings, rule: Rule, table: pd.DataFrame, *, count: int = 4
) -> list[tuple[int, int]]:
    """Return pairs of rows: a photo that follows a rule, and one that doesn't but is alike else.

    They are chosen blind to the score: by the other factors, and by the words that came with the
    photos.  No photo is shown twice.  At most `count` pairs, most alike first.
    """
    if rule.factor not in findings.factors:
        return []
    values = findings.factors[rule.factor].to_numpy(float)
    rng = np.random.default_rng(0)
    left, right = (rng.permutation(np.flatnonzero(side))[:ASKED] for side in sides(rule, values))
    if not (len(left) and len(right)):
        return []
    others = findings.factors.drop(columns=[rule.factor, *rule.not_held], errors="ignore")
    scale = others.std(ddof=0).replace(0, 1)
    z = ((others - others.mean()) / scale).fillna(3.0).to_numpy()
    apart = cdist(z[left], z[right], "sqeuclidean")
    for name in _given_words(table, rule):
        words = pd.factorize(table[name])[0]
        apart += np.not_equal.outer(words[left], words[right])
    if len(np.unique(values[np.isfinite(values)])) > 2:  # on either side of a bound is no contrast
        close = np.abs(np.subtract.outer(values[left], values[right])) < np.nanstd(values)
        apart[close] = np.inf
    return _closest(apart, left, right, count)


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
    apart: NDArray[np.floating[Any]], left: NDArray[np.intp], right: NDArray[np.intp], count: int
) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    while len(found) < count and np.isfinite(least := apart.min()):
        row, column = np.argwhere(apart == least)[0]
        found.append((int(left[row]), int(right[column])))
        apart[row], apart[:, column] = np.inf, np.inf
    return found


def count_verdicts(findings: Sequence[Finding]) -> dict[RuleVerdict, int]:
    """Return how many claims hold, don't, or can't be judged."""
    said = [finding.verdict for finding in findings]
    return {verdict: said.count(verdict) for verdict in get_args(RuleVerdict)}
