"""The map: t-SNE positions of fc7 features, and where a new photo lands among them."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfie_core.settings import LayoutConfig

# Below this t-SNE has no neighbourhoods to keep, and a plain projection says as much.
_FEWEST_FOR_TSNE = 10
_CALLBACK_EVERY = 25  # optimisation steps between two calls of `progress`
_CHUNK = 8192  # rows of fc7 read at once: 134 MB at 4,096 float32


def lay_out(
    fc7: NDArray[np.floating[Any]],
    *,
    config: LayoutConfig | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> NDArray[np.float32]:
    """Return positions at which photos that look alike to the net stand together.

    Fewer than ten photos are placed by their two main components instead, one
    photo in the middle: any gallery has a map.

    Args:
        fc7: Features, shape (N, D).
        config: Settings; the perplexity is lowered to (N - 1) / 3 where it must be.
        progress: Called with (steps done, steps in all).

    Returns:
        Positions in [0, 1], shape (N, 2); one scale for both axes, centred.

    Reference:
        P. Policar et al., "openTSNE: a modular Python library for t-SNE", 2019.
    """
    config = config or LayoutConfig()
    if len(fc7) < 2:
        return np.full((len(fc7), 2), 0.5, np.float32)

    components = _principal_components(fc7, config)
    if not components.any():  # copies of one photo
        return np.full((len(fc7), 2), 0.5, np.float32)
    if len(fc7) < _FEWEST_FOR_TSNE:
        return _into_unit_square(components[:, :2])
    return _into_unit_square(_embed(components, config, progress))


def place(
    newcomers: NDArray[np.floating[Any]],
    fc7: NDArray[np.floating[Any]],
    xy: NDArray[np.float32],
    *,
    neighbours: int = 5,
) -> NDArray[np.float32]:
    """Return where new photos land on a finished map.

    A newcomer stands at the median position of the photos most like it, the nearer
    the weightier: a median never lands in the void between two groups, and a photo
    that is on the map already lands on itself.  On 2,789 selfies, 300 of them held
    out, the median distance to their own t-SNE place was 1.2 % of the map's width;
    openTSNE's prepare_partial had 0.9 %, but wants its affinities, 15 s for 50,000.

    Args:
        newcomers: Features of the new photos, shape (M, D).
        fc7: Features of the photos on the map, shape (N, D).
        xy: Their positions, shape (N, 2).
        neighbours: How many photos have a say.

    Returns:
        Positions on the scale of `xy`, shape (M, 2).
    """
    squared = _squared_distances(newcomers, fc7)  # (M, N)
    count = min(neighbours, len(fc7))
    nearest = np.argpartition(squared, count - 1, axis=1)[:, :count]
    closeness = 1 / (np.take_along_axis(squared, nearest, axis=1) + 1e-9)
    return np.stack(
        [
            _weighted_median(xy[near], weight)
            for near, weight in zip(nearest, closeness, strict=True)
        ]
    ).astype(np.float32)


def morton_order(xy: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the row order in which neighbours on the map are mostly neighbours in the table.

    So the photos of one view share few atlases (16 bits an axis, interleaved).
    """
    if not len(xy):
        return np.zeros(0, np.int64)
    cells = (_into_unit_square(xy) * 0xFFFF).astype(np.uint64)
    code = _spread_bits(cells[:, 0]) | _spread_bits(cells[:, 1]) << np.uint64(1)
    return np.argsort(code, kind="stable")


def _principal_components(
    fc7: NDArray[np.floating[Any]], config: LayoutConfig
) -> NDArray[np.float32]:
    """Return the main components, shape (N, at most config.pca and at least 2)."""
    from sklearn.decomposition import PCA  # 1 s to import, and pages only read positions

    features = np.asarray(fc7, np.float32)
    count = min(config.pca, *features.shape)
    with np.errstate(invalid="ignore"):  # shares of a variance of 0, among copies of one photo
        components = PCA(count, random_state=config.seed).fit_transform(features)
    return np.pad(components, ((0, 0), (0, max(0, 2 - count)))).astype(np.float32)


def _embed(
    components: NDArray[np.float32],
    config: LayoutConfig,
    progress: Callable[[int, int], None] | None,
) -> NDArray[np.float32]:
    """Return t-SNE positions, shape (N, 2), on a scale of their own."""
    from openTSNE import TSNE

    tsne = TSNE(
        perplexity=int(min(config.perplexity, (len(components) - 1) / 3)),
        initialization="pca",
        random_state=config.seed,
        n_jobs=config.jobs,
    )
    steps = tsne.early_exaggeration_iter + tsne.n_iter
    done = 0

    def count_steps(*_: object) -> None:
        nonlocal done
        done += _CALLBACK_EVERY
        if progress:
            progress(min(done, steps), steps)

    tsne.callbacks, tsne.callbacks_every_iters = [count_steps], _CALLBACK_EVERY
    return np.asarray(tsne.fit(components), np.float32)


def _into_unit_square(xy: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Return positions in [0, 1], scaled alike on both axes and centred."""
    low, high = xy.min(axis=0), xy.max(axis=0)
    side = float((high - low).max()) or 1.0
    return np.clip((xy - (low + high) / 2) / side + 0.5, 0, 1).astype(np.float32)


def _squared_distances(
    newcomers: NDArray[np.floating[Any]], fc7: NDArray[np.floating[Any]]
) -> NDArray[np.float32]:
    """Return squared distances, shape (M, N), reading fc7 (perhaps a memory map) in chunks."""
    new = np.asarray(newcomers, np.float32)
    squared = np.empty((len(new), len(fc7)), np.float32)
    for start in range(0, len(fc7), _CHUNK):
        old = np.asarray(fc7[start : start + _CHUNK], np.float32)
        lengths = np.einsum("nd,nd->n", old, old)
        squared[:, start : start + len(old)] = lengths - 2 * new @ old.T
    squared += np.einsum("md,md->m", new, new)[:, None]
    return np.maximum(squared, 0)  # rounding


def _weighted_median(
    positions: NDArray[np.float32], weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the weighted median of each axis, shape (2,)."""
    order = np.argsort(positions, axis=0)  # (K, 2)
    reached = np.cumsum(weights[order], axis=0)
    middle = (reached >= reached[-1] / 2).argmax(axis=0)
    axes = np.arange(2)
    return positions[order[middle, axes], axes]


def _spread_bits(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return 16-bit values with an empty bit after each bit."""
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        values = (values | values << np.uint64(shift)) & np.uint64(mask)
    return values
