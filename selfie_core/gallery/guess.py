"""Pairs of a good and a bad selfie, how often someone picks the good one, and what they go by.

Letters: R rounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest

from selfie_core.base.errors import DataError
from selfie_core.base.words import counted
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo.factors import COMPARED, FACTORS, Factor

CONFIDENCE = 0.98  # of a taste: two rounds give two looks, and folds are not independent
_APART = 0.1  # of the gallery lies between two photos that differ in a factor to the eye
_TWINS = 0.5  # rank correlation of two factors that say the same thing twice
FEWEST = 10  # photos of either kind: below, one would see the same ones again and again


@dataclass(frozen=True)
class Pair:
    """Two photos of a round, one labelled good and one bad."""

    left: int  # row numbers
    right: int
    good: int  # 0 if the good one stands left, 1 if it stands right
    picked: int  # which one the net scores higher, 0 or 1


@dataclass(frozen=True)
class Verdict:
    """How many pairs were told right, with an interval of the share, 95 % unless said."""

    right: int
    of: int
    low: float
    high: float


@dataclass(frozen=True)
class Leaning:
    """A factor that someone's choices go by."""

    factor: Factor
    more: bool  # whether they take the photo with more of it
    yours: Verdict  # of the pairs that differ in it, how often they took that one
    nets: Verdict  # and how often the net would have
    beyond_net: bool  # whether they go by it more than the net does

    @property
    def phrase(self) -> str:
        """Which of two photos they take, "the brighter photo"."""
        return COMPARED[self.factor.name][0 if self.more else 1]


def draw_pairs(gallery: Gallery, *, seed: int, rounds: int) -> list[Pair]:
    """Return pairs drawn by chance, no photo twice; the same for the same seed.

    Where the gallery knows the split, the pairs come from photos that the net never learned
    from, as long as those are enough for the rounds.  A small gallery gives fewer pairs.

    Raises:
        DataError: The gallery has no labels, or too few of one kind.
    """
    good, bad = labelled_rows(gallery, 1, unseen=rounds), labelled_rows(gallery, 0, unseen=rounds)
    rng = np.random.default_rng(seed)
    rounds = min(rounds, len(good), len(bad))
    both = np.stack([rng.permutation(good)[:rounds], rng.permutation(bad)[:rounds]], axis=1)
    scores = gallery.table["score"].to_numpy()
    pairs = []
    for good_row, bad_row in both.tolist():
        side = int(rng.integers(2))
        left, right = (bad_row, good_row) if side else (good_row, bad_row)
        pairs.append(Pair(left, right, side, int(scores[right] > scores[left])))
    return pairs


def labelled_rows(gallery: Gallery, label: int, *, unseen: int | None = None) -> NDArray[np.intp]:
    """Return the rows with a label, 1 for good or 0 for bad.

    If the test split has `unseen` of them, they are taken from there alone.

    Raises:
        DataError: The gallery has no labels, or too few of this kind.
    """
    if "label" not in gallery.table or gallery.table["label"].isna().all():
        raise DataError(
            "the photos of this gallery have no labels, good or bad; build it with the posts they "
            "come from: selfie build PHOTOS --out GALLERY --posts posts.csv"
        )
    is_it = (gallery.table["label"] == label).fillna(False).to_numpy(bool)
    if is_it.sum() < FEWEST:
        kind = "good" if label else "bad"
        raise DataError(
            f"{counted(int(is_it.sum()), 'photo')} of this gallery "
            f"{'is' if is_it.sum() == 1 else 'are'} labelled {kind}; "
            f"wanted {FEWEST} or more to draw pairs from"
        )
    if unseen is not None and "split" in gallery.table:
        held_back = is_it & (gallery.table["split"] == "test").fillna(False).to_numpy(bool)
        if held_back.sum() >= max(unseen, FEWEST):
            return np.flatnonzero(held_back)
    return np.flatnonzero(is_it)


def example_rows(gallery: Gallery, label: int, *, count: int, seed: int = 0) -> NDArray[np.intp]:
    """Return at most `count` of the `labelled_rows`, chosen by chance."""
    rows = labelled_rows(gallery, label)
    return np.random.default_rng(seed).permutation(rows)[:count]


def never_trained_on(gallery: Gallery, pairs: Sequence[Pair]) -> bool:
    """Return whether all photos of the pairs are of the test split."""
    if "split" not in gallery.table:
        return False
    rows = [row for pair in pairs for row in (pair.left, pair.right)]
    return bool((gallery.table["split"].iloc[rows] == "test").all())


def judge_answers(right: Sequence[bool]) -> Verdict:
    """Return the share of right answers with Wilson's 95 % interval; that of none is all of it."""
    return _judge(right, 0.95, "wilson")


def judge_exactly(
    right: Sequence[bool] | NDArray[np.bool_], confidence: float = CONFIDENCE
) -> Verdict:
    """Return the same with Clopper and Pearson's interval, which never promises too much."""
    return _judge([*map(bool, right)], confidence, "exact")


def _judge(right: Sequence[bool], confidence: float, method: Literal["wilson", "exact"]) -> Verdict:
    of, hits = len(right), sum(right)
    if not of:
        return Verdict(0, 0, 0.0, 1.0)
    interval = binomtest(hits, of).proportion_ci(confidence, method=method)
    return Verdict(hits, of, float(interval.low), float(interval.high))


def find_leanings(
    factors: pd.DataFrame, sides: NDArray[np.intp], right: NDArray[np.bool_],
    nets: NDArray[np.bool_],
) -> list[Leaning]:  # fmt: skip
    """Return the factors that choices go by.

    Each is tested so strictly that all together err in 5 of 100 cases, and one that says the same
    as a clearer one is left out.

    Args:
        factors: Of all photos, one row each.
        sides: Rows of the photos left and right, shape (Q, 2).
        right: Whether the right one was taken, shape (Q,).
        nets: Whether the net scores the right one higher, shape (Q,).
    """
    measured = [factor for factor in FACTORS if factor.name in COMPARED and factor.name in factors]
    standing = factors[[factor.name for factor in measured]].astype("float64").rank(pct=True)
    found: list[Leaning] = []
    for factor in measured:
        gap = np.diff(standing[factor.name].to_numpy()[sides], axis=1)[:, 0]
        apart = np.abs(gap) > _APART  # without a face there is no gap: NaN
        took, net = (gap[apart] > 0) == right[apart], (gap[apart] > 0) == nets[apart]
        if took.size and took.mean() < 0.5:
            took, net, more = ~took, ~net, False
        else:
            more = True
        yours = judge_exactly(took, 1 - 0.05 / len(measured))
        if yours.low > 0.5:
            only_one = [int((took & ~net).sum()), int((net & ~took).sum())]
            beyond = sum(only_one) > 0 and binomtest(
                only_one[0], sum(only_one), alternative="greater"
            ).pvalue < 0.025  # fmt: skip
            found.append(Leaning(factor, more, yours, judge_exactly(net), bool(beyond)))
    found.sort(key=lambda one: -one.yours.low)
    kept: list[Leaning] = []
    for one in found:
        among = standing[[other.factor.name for other in kept]]
        if not (among.corrwith(standing[one.factor.name]).abs() > _TWINS).any():
            kept.append(one)
    return kept
