"""Which photos are near-copies."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

SIDE = 24  # pixels of the grey squares that are compared
# Two photos are of one moment if their squares agree so well (correlation), or less well but to the
# net too (cosine of fc7).  Chosen by eye; no set of real bursts has been measured.
SAME = 0.9
ALIKE, ALIKE_FC7 = 0.6, 0.9
# Seconds: photos taken so near each other need be alike in one way only, of 179,700 pairs of the
# demo's different photos 1.5 % are; those taken farther apart are two moments, however alike.
NEAR_TIME, FAR_TIME = 60.0, 600.0
_ROWS = 256  # compared with all others at a time

# Bits of 64 in which outlines of near-copies differ at most: 95 % of the demo's photos do when
# shrunk and compressed anew, and 3 of 94,395 pairs of different photos.
NEAR = 6


def group_moments(
    squares: NDArray[np.float32],
    fc7: NDArray[np.floating[Any]],
    taken: NDArray[np.float64] | None = None,
) -> NDArray[np.intp]:
    """Return a group for each photo, shape (N,): alike are those of one moment.

    Without times looks alone decide: so it is for a burst dropped on /score and on /phone.

    Args:
        squares: Grey squares of mean 0 and length 1, flat, shape (N, SIDE * SIDE).
        fc7: Features, shape (N, D).
        taken: When each was taken, seconds, shape (N,); NaN where that isn't known.
    """
    length = np.linalg.norm(fc7, axis=1, keepdims=True)
    unit = (fc7 / np.maximum(length, 1e-6)).astype(np.float32)
    taken = np.full(len(squares), np.nan) if taken is None else taken
    links = [np.empty((0, 2), np.intp)]
    for start in range(0, len(squares), _ROWS):
        part = slice(start, start + _ROWS)
        agree, cosine = squares[part] @ squares.T, unit[part] @ unit.T
        apart = np.abs(taken[part, None] - taken)  # NaN is neither near nor far
        alike, same_to_net = agree >= ALIKE, cosine >= ALIKE_FC7
        same = ((agree >= SAME) | (alike & same_to_net)) & ~(apart > FAR_TIME)
        same |= (alike | same_to_net) & (apart <= NEAR_TIME)
        links.append(np.argwhere(same) + np.array([start, 0]))
    return _linked(np.concatenate(links).T, len(squares))


def _linked(links: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """Return a number for each photo; those that a chain of links joins, shape (2, L), share it."""
    matrix = coo_matrix((np.ones(links.shape[1]), (links[0], links[1])), shape=(count, count))
    return connected_components(matrix, directed=False)[1].astype(np.intp)


def square(photo: Image.Image) -> NDArray[np.float32]:
    """Return a grey square of mean 0 and length 1, flat: equal for a photo and a brighter copy."""
    small = photo.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX, reducing_gap=2.0)
    values = np.asarray(small, np.float32).ravel()
    values -= values.mean()
    return values / max(float(np.linalg.norm(values)), 1e-6)


def group_copies(outlines: NDArray[np.uint8], users: Sequence[str]) -> NDArray[np.int64]:
    """Return a number for each photo, shape (N,); near-copies and photos of one user share it.

    Args:
        outlines: 64 bits a photo as 8 bytes, shape (N, 8).
        users: Of each photo, "" if not known.
    """
    words = outlines.copy().view(np.uint64).ravel()
    one, other = [], []
    for row, word in enumerate(words):
        near = np.flatnonzero(np.bitwise_count(words[row + 1 :] ^ word) <= NEAR) + row + 1
        one.extend([row] * len(near))
        other.extend(near.tolist())
    first: dict[str, int] = {}
    for row, user in enumerate(users):
        if user:
            one.append(row)
            other.append(first.setdefault(user, row))
    return _linked(np.array([one, other], np.intp), len(words)).astype(np.int64)


def outline(photo: Image.Image) -> NDArray[np.uint8]:
    """Return 64 bits that near-copies share: where brightness falls from left to right.

    Reference:
        N. Krawetz, "Kind of Like That" (difference hash), 2013.
    """
    small = np.asarray(photo.convert("L").resize((9, 8), Image.Resampling.BOX), np.int16)
    return np.packbits(small[:, 1:] < small[:, :-1])
