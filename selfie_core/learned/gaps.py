"""Gaps between groups of photos, judged together: which are more than chance.

Intervals and verdicts come from one bootstrap of the users, since photos of one user are alike.
All gaps are held against the largest that the same resampling brings forth anywhere among them, so
that a hundred comparisons find no more by chance than one would.

Letters: N photos, U users, B bags of users, G groups, P pairs, R rounds.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm, t

from selfie_core.learned.regression import FEWEST
from selfie_core.training.measures import ROUNDS, Estimate, wilson

BAGS = 2000  # users are drawn one by one up to here, above in so many bags: as true, and fast
FEWEST_USERS = 10  # of a group: with fewer its spread is a guess
LEVEL = 0.05  # how often anything may be flagged where there is nothing
Ints = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Resampling:
    """Users drawn again and again: the same draws for every group and measure."""

    def __init__(self, users: Ints, *, rounds: int = ROUNDS):
        """Draw users; `users` numbers that of each photo from 0, shape (N,)."""
        rng = np.random.default_rng(0)
        count = int(users.max()) + 1
        self.users, self.rounds = users, rounds
        self._bags = min(count, BAGS)
        self._bag = (rng.permutation(count) % self._bags)[users]
        drawn = rng.multinomial(self._bags, np.full(self._bags, 1 / self._bags), size=rounds)
        self._weights = np.vstack([np.ones(self._bags), drawn]).astype(np.float32)

    def sums(self, groups: Ints, count: int, values: Floats | Bools) -> Floats:
        """Return sums of values in the photos themselves and in each draw, shape (1 + R, G).

        `groups` numbers each photo's group from 0, below 0 if it has none, shape (N,).
        """
        some = groups >= 0
        cells = self._bag[some] * count + groups[some]
        sums = np.bincount(cells, values[some], minlength=self._bags * count)
        return (self._weights @ sums.reshape(self._bags, count).astype(np.float32)).astype(float)


@dataclass(frozen=True)
class Grouping:
    """The groups of one column, or the meetings of the groups of two.

    Attributes:
        groups: Number of each photo's group, below 0 if it has none, shape (N,).
        photos: Of each group, shape (G,).
        users: Likewise.
        drawn: Photos of each group in each draw, shape (1 + R, G).
    """

    groups: Ints
    photos: Ints
    users: Ints
    drawn: Floats

    @classmethod
    def of(cls, groups: Ints, count: int, resampling: Resampling) -> "Grouping":
        """Return `count` groups of photos, counted."""
        known = groups >= 0
        pairs = np.unique(resampling.users[known].astype(np.int64) * count + groups[known])
        return cls(
            groups,
            np.bincount(groups[known], minlength=count),
            np.bincount(pairs % count, minlength=count),
            resampling.sums(groups, count, known),
        )

    @property
    def judged(self) -> Bools:
        """Which groups are large enough, shape (G,)."""
        return (self.photos >= FEWEST) & (self.users >= FEWEST_USERS)

    def rates(self, values: Floats | Bools, resampling: Resampling) -> Floats:
        """Return the mean of values per group, NaN where a draw has none, shape (1 + R, G)."""
        sums = resampling.sums(self.groups, len(self.photos), values)
        return np.divide(sums, self.drawn, out=np.full_like(sums, np.nan), where=self.drawn > 0)


def interval(rates: Floats) -> list[Estimate]:
    """Return each column's first value and the interval of the draws below it."""
    known = np.isfinite(rates).any(axis=0)
    ends = np.nanquantile(np.where(known, rates, 0)[1:], (0.025, 0.975), axis=0)
    low, high = np.where(known, ends, np.nan).tolist()
    return list(map(Estimate, rates[0].tolist(), low, high))


def share_interval(rates: Floats, photos: Ints) -> list[Estimate]:
    """Return `interval` of shares; where a share is 0 or 1, of which no draw differs, Wilson's."""
    found = interval(rates)
    for place, (share, n) in enumerate(zip(rates[0], photos, strict=True)):
        if share in (0, 1) and n:
            found[place] = Estimate(float(share), *map(float, wilson(share, n)))
    return found


@dataclass
class Family:
    """Gaps that are judged together: how large one must be to be more than the luck of all."""

    count: int = 0
    _largest: list[Floats] = field(default_factory=list)

    def add(self, one: Floats, other: Floats, least: Floats | float = 0.0) -> Floats:
        """Return gaps in their own standard errors, shape (P,), and count them in.

        Args:
            one: Rates of `Grouping.rates`, shape (1 + R, P).
            other: Those they are compared with, shape (1 + R, P) or (1 + R, 1).
            least: Standard errors that no gap can fall below, shape (P,).
        """
        found = one[0] - other[0]
        away = one[1:] - other[1:] - found
        away[np.isnan(away)] = 0  # a draw without the group
        error = np.maximum(away.std(axis=0), least)
        safe = np.where(error > 0, error, np.inf)
        self._largest.append(np.abs(away / safe).max(axis=1, initial=0))
        self.count += len(found)
        return found / safe

    def critical(self, users: Ints) -> Floats:
        """Return how many standard errors are more than chance.

        `users` is the number in the smaller group of each pair, shape (P,): few of them tell little
        of their own spread, so it is Student's t of as many.
        """
        largest = np.quantile(np.max(self._largest, axis=0), 1 - LEVEL)
        return t.isf(norm.sf(largest), np.maximum(users - 1, 1))


def share_error(rates: Floats, photos: Ints) -> Floats:
    """Return the least standard error of shares, shape (G,): 0 of 20 is not certainly none."""
    share = (np.nan_to_num(rates[0]) * photos + 2) / (photos + 4)  # as Agresti and Coull
    return np.sqrt(share * (1 - share) / (photos + 4))


def pairs_of(groups: Iterable[int]) -> Ints:
    """Return each two of some groups, shape (P, 2)."""
    listed = list(groups)
    return np.array([(a, b) for n, a in enumerate(listed) for b in listed[n + 1 :]], int).reshape(
        -1, 2
    )


def numbered(users: pd.Series | None, count: int) -> Ints:
    """Return a number per user for each photo, from 0; each photo its own where none is known."""
    return np.arange(count) if users is None else pd.factorize(users)[0].astype(np.intp)
