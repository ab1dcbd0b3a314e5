"""How true a map is: where its neighbours are strangers in fc7, and how well it keeps neighbours.

Letters: N photos, D width of fc7, E edges, S sampled photos.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfie_core.gallery.map.tsne import squared_distances

SEAM_NEIGHBOURS = 8
MOST_EDGES = 60_000  # 720 kB for the browser
RECALL_AT = 10
_PAIRS = 4096  # of photos drawn at random, to know how far apart strangers are
_SAMPLE = 1000  # photos asked
_PAIRED = 200_000_000  # photos asked times all others, at most: of a million 200 are asked
_CHUNK = 16_384  # distances at once: 67 MB at 512 float32


def seams(
    fc7: NDArray[np.floating[Any]],
    xy: NDArray[np.floating[Any]],
    *,
    of: NDArray[np.intp] | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return how strange to each photo its neighbours on the map are, and the strongest borders.

    A map in two dimensions must tear somewhere: there photos stand side by side that the net
    finds no more alike than any two.

    Args:
        fc7: Features, shape (N, D).
        xy: Positions, shape (N, 2); NaN for no place.
        of: Rows that have a place, to be asked alone; else all are.

    Returns:
        Per photo the mean fc7 distance to its eight nearest on the map, shape (N,), as a share
        of the median distance of two photos drawn at random, at most 1; NaN where it has no place.
        Per edge a row, a neighbour's row and their distance on that scale, shape (3, E),
        strongest first, at most `MOST_EDGES`.
    """
    strange = np.full(len(xy), np.nan, np.float32)
    placed = np.flatnonzero(np.isfinite(xy).all(axis=1))
    asked = placed if of is None else of
    count = min(SEAM_NEIGHBOURS, len(placed) - 1)
    if count < 1:
        strange[placed] = 0
        return strange, np.zeros((3, 0), np.float32)
    rows = np.repeat(asked, count)
    others = placed[_nearest(xy[placed], np.searchsorted(placed, asked), count)].ravel()
    far = np.minimum(_distances(fc7, rows, others) / stranger_distance(fc7, placed), 1)
    strange[asked] = far.reshape(-1, count).mean(axis=1)

    both = np.stack([np.minimum(rows, others), np.maximum(rows, others)])
    edges, first = np.unique(both, axis=1, return_index=True)
    edges = np.concatenate([edges, far[None, first]])
    strongest = np.argsort(-far[first], kind="stable")[:MOST_EDGES]
    return strange, edges[:, strongest].astype(np.float32)


def map_quality(
    fc7: NDArray[np.floating[Any]], xy: NDArray[np.floating[Any]], *, seed: int = 0
) -> dict[str, float]:
    """Return trustworthiness and the recall of the ten nearest, each in [0, 1], 1 is the best.

    Trustworthiness falls with every neighbour on the map that is none in fc7, the more the
    farther it is there; recall is the share of the ten nearest in fc7 that are among the ten
    nearest on the map.  At most 1,000 photos are asked, fewer of very many, each about all others.

    Reference:
        J. Venna, S. Kaski, "Neighborhood preservation in nonlinear projection methods", 2001.
    """
    placed = np.flatnonzero(np.isfinite(xy).all(axis=1))
    features = fc7 if len(placed) == len(fc7) else fc7[placed]
    total, count = len(placed), RECALL_AT
    if total < 2 * count + 2:  # the definition divides by 2N - 3K - 1
        return {}
    asked = np.random.default_rng(seed).permutation(total)[: min(_SAMPLE, _PAIRED // total)]
    shown = _nearest(np.asarray(xy[placed], np.float64), asked, count)
    excess = kept = 0
    for some in np.array_split(np.arange(len(asked)), max(1, len(asked) * total // 20_000_000)):
        true = squared_distances(features[asked[some]], features)
        true[np.arange(len(some)), asked[some]] = np.inf
        far = np.take_along_axis(true, shown[some], axis=1)
        ranks = 1 + np.stack([(true < far[:, [n]]).sum(axis=1) for n in range(count)])
        excess += int(np.maximum(ranks - count, 0).sum())
        kept += int((ranks <= count).sum())
    trust = 1 - 2 * excess / (len(asked) * count * (2 * total - 3 * count - 1))
    return {
        "trustworthiness": round(trust, 4),
        f"recall_at_{count}": round(kept / (len(asked) * count), 4),
    }


def _nearest(
    xy: NDArray[np.floating[Any]], asked: NDArray[np.intp], count: int
) -> NDArray[np.intp]:
    """Return the rows nearest on the map to each of those asked, shape (S, count), without it."""
    from scipy.spatial import KDTree

    near = np.asarray(KDTree(xy).query(xy[asked], k=count + 1)[1])
    # Among copies of one place a photo need not come first in its own list.
    own = near == asked[:, None]
    own[~own.any(axis=1), -1] = True
    return near[~own].reshape(len(asked), count)


def _distances(
    fc7: NDArray[np.floating[Any]], rows: NDArray[np.intp], others: NDArray[np.intp]
) -> NDArray[np.float32]:
    """Return the fc7 distance of each pair of rows, shape (E,); a damaged row is a stranger."""
    distances = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _CHUNK):
        pairs = slice(start, start + _CHUNK)
        apart = fc7[rows[pairs]].astype(np.float32) - fc7[others[pairs]].astype(np.float32)
        distances[pairs] = np.sqrt(np.einsum("nd,nd->n", apart, apart))
    return np.nan_to_num(distances, nan=np.inf)


def stranger_distance(fc7: NDArray[np.floating[Any]], rows: NDArray[np.intp]) -> float:
    """Return the median fc7 distance of two of these rows drawn at random; 1 if all are copies."""
    first, second = np.random.default_rng(0).choice(rows, (2, _PAIRS))
    different = first != second
    distances = _distances(fc7, first[different], second[different])
    median = float(np.median(distances)) if len(distances) else 0.0
    return median if 0 < median < np.inf else 1.0
