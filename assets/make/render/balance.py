"""Which seeds to draw so that no two factors go together, by chance neither.

Factors are sampled apart, but among 2,000 selfies the largest of thousands of correlations is
still about 0.09.  So more selfies are sampled than drawn, and those that hold factors together
are left out.
"""

from itertools import combinations

import numpy as np
from factors import LINKS, Selfie, flat
from numpy.typing import NDArray

PERSON = (
    "female", "old", "tone", "weight", "hair", "hairlen", "hair_cards", "fringe", "haircol", "curl",
    "beard", "light_skin", "dark_skin", "freckles", "brows", "brow", "lashes",
)  # fmt: skip
WORN = ("expression", "glasses", "hat", "top", "pattern", "makeup")
PHOTO = (
    "kind", "dist", "lighting", "light", "warm", "background", "blur", "filter", "noise", "border",
    "cut",
)  # fmt: skip
# One factor told in several ways, and distance, which tells the kind of shot.
SAME = {
    frozenset(pair)
    for pair in (
        *combinations(("hair", "hairlen", "hair_cards"), 2),
        ("dist", "background"),
    )
}  # fmt: skip
LINKED = {frozenset(link) for link in LINKS} | SAME
APART = [p for p in combinations(PERSON + WORN + PHOTO, 2) if frozenset(p) not in LINKED]
RARE = 0.01  # words of fewer selfies say nothing
POOL = 2  # selfies sampled for each that is drawn
STEPS = 200  # a share of so many is left out at a time


def columns(selfies: list[Selfie]) -> dict[str, NDArray[np.float64]]:
    """Return each factor of the photo and its first person as columns (N, K), mean 0, deviation 1.

    A number is one column, a word as many as it has values.
    """
    rows = [flat(selfie) for selfie in selfies]
    rows = [row | row["people"][0] for row in rows]  # pyright: ignore[reportOperatorIssue, reportIndexIssue]
    out = {}
    for name in PERSON + WORN + PHOTO:
        values = [row[name] for row in rows]
        if all(isinstance(value, int | float) for value in values):
            table = np.array(values, float)[:, None]
        else:
            every = sorted({str(value) for value in values})
            table = np.array([[str(value) == word for word in every] for value in values], float)
            table = table[:, table.mean(axis=0) > RARE]
        table = table[:, table.std(axis=0) > 0]
        out[name] = (table - table.mean(axis=0)) / table.std(axis=0)
    return out


def correlations(selfies: list[Selfie]) -> dict[tuple[str, str], float]:
    """Return the largest absolute correlation of the columns of each pair of factors in APART."""
    table = columns(selfies)
    return {
        (a, b): float(np.abs(table[a].T @ table[b]).max(initial=0)) / len(selfies) for a, b in APART
    }


def balanced(selfies: list[Selfie], count: int) -> list[int]:
    """Return places of `count` of the selfies among which factors go together least, in order."""
    table = columns(selfies)
    products = np.concatenate(
        [(table[a][:, :, None] * table[b][:, None, :]).reshape(len(selfies), -1) for a, b in APART],
        axis=1,
        dtype=np.float32,
    )  # (N, P), each column's sum over the drawn ones is to be 0
    kept = np.arange(len(selfies))
    while len(kept) > count:
        total = products[kept].sum(axis=0)
        weight = (total / np.abs(total).max()) ** 4  # the largest sums count most
        worse = products[kept] ** 2 @ weight - 2 * products[kept] @ (weight * total)
        few = min(len(kept) - count, max(1, len(kept) // STEPS))
        kept = np.delete(kept, np.argpartition(worse, few - 1)[:few])
    return kept.tolist()
