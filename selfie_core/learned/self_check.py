"""Whether an audit can be trusted: gaps planted in its own photos are found, and no others.

Letters: N photos, P pairs, R rounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from selfie_core.base.progress import Progress
from selfie_core.learned.gaps import (
    Bools,
    Family,
    Floats,
    Grouping,
    Ints,
    Resampling,
    pairs_of,
    share_error,
)
from selfie_core.training.measures import Estimate, wilson

TRIALS = 200  # without a gap, and half as many for each planted one
PLANTED = (0.02, 0.05, 0.1)  # of score, that all photos of one group are given


@dataclass(frozen=True)
class Compared:
    """The groups of one column, each two held against each other.

    Attributes:
        of: The groups.
        pairs: Of those that are large enough, shape (P, 2).
        scores: Mean score per group, shape (1 + R, G).
        passed: Share at or above the threshold, shape (1 + R, G).
        flagged: Whether the mean scores, and the shares, differ beyond chance, shape (P, 2).
    """

    of: Grouping
    pairs: Ints
    scores: Floats
    passed: Floats
    flagged: Bools


def compare_all(
    columns: Sequence[Grouping], scores: Floats, *, threshold: float, resampling: Resampling
) -> list[Compared]:
    """Return the groups of each column compared, with a verdict for all comparisons together."""
    family, measured = Family(), []
    for of in columns:
        rates = of.rates(scores, resampling), of.rates(scores >= threshold, resampling)
        pairs = pairs_of(np.flatnonzero(of.judged))
        one, other = pairs.T
        error = share_error(rates[1], of.photos)
        least = 0.0, np.hypot(error[one], error[other])
        away = [
            family.add(rate[:, one], rate[:, other], low)
            for rate, low in zip(rates, least, strict=True)
        ]
        measured.append((of, pairs, *rates, np.stack(away, axis=1)))
    compared = []
    for of, pairs, mean, passed, away in measured:
        beyond = family.critical(of.users[pairs].min(axis=1, initial=of.users.max()))
        compared.append(Compared(of, pairs, mean, passed, np.abs(away) > beyond[:, None]))
    return compared


def check_itself(
    columns: Sequence[Grouping],
    scores: Floats,
    *,
    threshold: float,
    resampling: Resampling,
    trials: int = TRIALS,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return how often the audit errs on these very photos, when the truth is known.

    The scores are dealt out anew among the users, so that no group differs but by luck.  Then all
    photos of one group, drawn at random, are given some points more.

    Returns:
        photos; none: trials, and rate, rate_low, rate_high of those in which anything was flagged
        without a gap; planted: likewise per gap, of those in which that very group was flagged.
    """
    rng = np.random.default_rng(0)
    judged = [(of, int(group)) for of in columns for group in np.flatnonzero(of.judged)]
    rates, done = [], 0
    total = trials + len(PLANTED) * (trials // 2)
    for gap in (0.0, *PLANTED):
        hits, times = 0, trials // 2 if gap else trials
        for _ in range(times):
            dealt = deal(scores, resampling.users, rng)
            of, group = judged[rng.integers(len(judged))]
            dealt = dealt + gap * (of.groups == group)
            found = compare_all(columns, dealt, threshold=threshold, resampling=resampling)
            if gap:
                (here,) = (one for one in found if one.of is of)
                hits += bool(here.flagged[(here.pairs == group).any(axis=1)].any())
            else:
                hits += any(one.flagged.any() for one in found)
            done += 1
            if progress:
                progress(done, total)
        ends = map(float, wilson(hits / times, times))
        rates.append({"trials": times, **Estimate(hits / times, *ends).columns("rate")})
    none, *planted = rates
    return {
        "photos": len(scores),
        "none": none,
        "planted": [{"gap": gap} | rate for gap, rate in zip(PLANTED, planted, strict=True)],
    }


def deal(scores: Floats, users: Ints, rng: np.random.Generator) -> Floats:
    """Return the scores of all users in another order of users, each one's still together."""
    luck = rng.permutation(int(users.max()) + 1)
    dealt = np.empty_like(scores)
    dealt[np.argsort(users, kind="stable")] = scores[np.argsort(luck[users], kind="stable")]
    return dealt
