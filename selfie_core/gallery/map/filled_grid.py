"""The filled grid: each photo of a map gets its own cell, near to its place.

Letters: N photos.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Squared distances keep neighbours together best, plain ones move photos least: on 1,738 selfies
# the best squared solution kept 54 % of each photo's eight neighbours, the best plain one 17 %.
# A power of 1.3 keeps 52 to 64 % and moves photos at most 2.5 % more than need be (2,000 places in
# islands, a disc, a rectangle); with 1.5 it was 3.4 %.
_POWER = 1.3
_WINDOW = 16  # cells per side, solved exactly at once; the time grows with its 4th power
# Photos from which on windows have half that side: a million take 2 minutes instead of 11, and of
# 20,000 photos each moves 4 % farther.
_MANY = 100_000
_ROUNDS = 12


def filled_grid(xy: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Return the middle of each photo's own cell in a near-square grid, shape (N, 2), in [0, 1].

    First photos and cells are halved alike, along the longer side, until one of each is left;
    then windows of cells, moved by half their side from round to round, are solved exactly.
    (Solutions that are best in overlapping windows are close to the best of all.)

    Args:
        xy: Positions in [0, 1], shape (N, 2); a row with NaN gets NaN.

    Reference:
        M. Bonafini, B. Schmitzer, "Domain decomposition for entropy regularized optimal
        transport", 2021.
    """
    placed = np.isfinite(xy).all(axis=1)
    cells = np.full((len(xy), 2), np.nan, np.float32)
    if placed.any():
        cells[placed] = _assign(np.asarray(xy[placed], np.float64))
    return cells


def free_cells(
    grid: NDArray[np.floating[Any]], xy: NDArray[np.floating[Any]], columns: int
) -> NDArray[np.float32]:
    """Return the middle of a free cell for each newcomer, shape (M, 2), the nearest that is left.

    Most are at the rim or beyond it: inside, a filled grid is full, and nobody moves.

    Args:
        grid: Middles of the cells of those that have one, shape (N, 2); NaN for others.
        xy: Positions of the newcomers on the map, shape (M, 2).
        columns: Of the grid as it was made, side by side; it is 1 wide.
    """
    cells = np.rint(grid[np.isfinite(grid).all(axis=1)] * columns - 0.5).astype(np.intp)
    rim = math.ceil(math.sqrt(len(xy))) + 1
    low = np.minimum(cells.min(axis=0, initial=0), 0) - rim
    high = np.maximum(cells.max(axis=0, initial=0), columns - 1) + rim
    free = np.ones(tuple(high - low + 1)[::-1], bool)  # indexed [y, x]
    free[tuple((cells - low).T[::-1])] = False
    middles = np.empty((len(xy), 2), np.float32)
    for number, wanted in enumerate(xy * columns - 0.5 - low):
        x, y = _nearest_free(free, wanted)
        free[y, x] = False
        middles[number] = (np.array([x, y]) + low + 0.5) / columns
    return middles


def columns_of(count: int) -> int:
    """Return how many cells a filled grid of so many photos has side by side."""
    return max(1, math.ceil(math.sqrt(count)))


def spread_on_cells(xy: NDArray[np.float32], across: int) -> NDArray[np.intp]:
    """Return for each position its own cell of a square grid, shape (N, 2), x before y.

    Positions in the middle choose first; who finds a cell taken moves outwards.
    """
    wanted = xy * across - 0.5
    free = np.ones((across, across), bool)  # indexed [y, x]
    cells = np.empty((len(xy), 2), np.intp)
    for row in np.argsort(np.square(xy - xy.mean(axis=0)).sum(axis=1), kind="stable"):
        cells[row] = x, y = _nearest_free(free, wanted[row])
        free[y, x] = False
    return cells


def _nearest_free(free: NDArray[np.bool_], wanted: NDArray[np.float32]) -> tuple[int, int]:
    """Return x and y of the free cell nearest to a place, searched in a growing window."""
    reach = 2
    while True:
        left, top = np.clip(np.rint(wanted).astype(int) - reach, 0, len(free))
        right, bottom = np.rint(wanted).astype(int) + reach + 1
        y, x = np.nonzero(free[top:bottom, left:right])
        far = np.hypot(x + left - wanted[0], y + top - wanted[1])
        # Outside the window a cell is farther than its reach.
        if (len(far) and far.min() <= reach) or reach > 2 * len(free):
            nearest = far.argmin()
            return int(x[nearest] + left), int(y[nearest] + top)
        reach *= 2


def _assign(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    spots = _spots(len(xy))
    at = _halve(xy, spots)
    across = columns_of(len(xy)) / (_WINDOW if len(xy) < _MANY else _WINDOW // 2)
    for turn in range(_ROUNDS):
        window = np.floor(spots * across + turn % 2 / 2).astype(np.int64)
        windows = window[:, 0] * (int(across) + 2) + window[:, 1]
        by_window = np.argsort(windows, kind="stable")
        for rows in np.split(by_window, np.flatnonzero(np.diff(windows[by_window])) + 1):
            at[rows] = at[rows[_solve(xy[at[rows]], spots[rows])]]
    cells = np.empty_like(xy)
    cells[at] = spots
    return cells


def _spots(count: int) -> NDArray[np.float64]:
    """Return the middles of `count` cells, shape (count, 2); those left over are at the corners."""
    across = columns_of(count)
    down = math.ceil(count / across)
    y, x = np.mgrid[:down, :across].reshape(2, -1)
    spots = np.stack([x + 0.5, y + 0.5 + (across - down) / 2], axis=1) / across
    far = np.square(spots - 0.5).sum(axis=1)
    return spots[np.sort(np.argsort(far, kind="stable")[:count])]


def _halve(xy: NDArray[np.float64], spots: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return which photo stands at each spot, shape (N,)."""
    at = np.empty(len(xy), np.intp)
    todo = [(np.arange(len(xy)), np.arange(len(xy)))]
    while todo:
        photos, cells = todo.pop()
        if len(photos) == 1:
            at[cells] = photos
            continue
        axis = int(np.ptp(spots[cells], axis=0).argmax())
        half = len(photos) // 2
        photos = photos[np.argsort(xy[photos, axis], kind="stable")]
        cells = cells[np.lexsort((spots[cells, 1 - axis], spots[cells, axis]))]
        todo += [(photos[:half], cells[:half]), (photos[half:], cells[half:])]
    return at


def _solve(xy: NDArray[np.float64], spots: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return for each spot of a window which of its photos is to stand there, shape (K,)."""
    from scipy.optimize import linear_sum_assignment

    squared = np.square(spots[:, None] - xy[None]).sum(axis=2)
    return linear_sum_assignment(squared ** (_POWER / 2))[1]
