"""The map: t-SNE positions of fc7 features, and where a new photo lands among them.

Letters: N photos of the gallery, M newcomers, D width of fc7, K neighbours.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfie_core.base.progress import Progress, chunks
from selfie_core.base.settings import LayoutConfig
from selfie_core.gallery.map.components import Components, principal_axes

# Below this t-SNE has no neighbourhoods to keep, and a plain projection says as much.
_FEWEST_FOR_TSNE = 10
_CALLBACK_EVERY = 25  # optimisation steps between two calls of `progress`
_TOGETHER = 20_000  # photos placed at once among those that t-SNE placed
_CHUNK = 8192  # rows of fc7 read at once: 134 MB at 4,096 float32
_STEPS = 50  # by which a newcomer settles
_PUSH_EVERY = 5  # of these, at which the push of all photos is taken anew
_MOST_PUSHING = 20_000  # photos, from which on those that stand together push as one
_CELL = 1.0  # side of the square that they stand in, in t-SNE units
_SAME = 1e-3  # of the squared distance to the other neighbours: float16 against float32


def lay_out(
    fc7: NDArray[np.floating[Any]],
    *,
    config: LayoutConfig | None = None,
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """Return positions at which photos that look alike to the net stand together.

    Fewer than ten photos are placed by their two main components instead, one
    photo in the middle: any gallery has a map.  Of more than `config.sample` a sample is
    placed by t-SNE, and each of the rest among those: where most photos like it stand, then
    where t-SNE holds it.

    Args:
        fc7: Features, shape (N, D).  Rows with a value that is not finite get no place.
        config: Settings; the perplexity is lowered to (N - 1) / 3 where it must be.
        progress: Called with (steps done, steps in all).

    Returns:
        Positions in [0, 1], shape (N, 2); one scale for both axes, centred; NaN for no place.

    Reference:
        P. Policar et al., "openTSNE: a modular Python library for t-SNE", 2019.
    """
    config = config or LayoutConfig()
    components = Components.of(fc7, config).values[:, : config.pca]
    whole = np.isfinite(components).all(axis=1)
    xy = np.full((len(components), 2), np.nan, np.float32)
    xy[whole] = _laid_out(components[whole], config, progress)
    return xy


def _laid_out(
    components: NDArray[np.float32], config: LayoutConfig, progress: Progress | None
) -> NDArray[np.float32]:
    if not components.any():  # one photo, or copies of one
        return np.full((len(components), 2), 0.5, np.float32)
    if len(components) < _FEWEST_FOR_TSNE:
        return _into_unit_square(components[:, :2])
    return _into_unit_square(_embed(components, config, progress))


class Placer:
    """Finds where new photos land on a finished map; made once per gallery.

    A newcomer starts at the median position of the photos most like it, so that it never
    begins in the void between two groups, and settles where t-SNE would hold it if all
    others stood still.  Left out and put back, 300 of 1,738 selfies landed at a median of
    0.3 % of the map's width from their own place, the mean was 0.9 %; the median position
    alone had 0.6 % and 2.1 %.
    """

    def __init__(
        self,
        fc7: NDArray[np.floating[Any]],
        xy: NDArray[np.float32],
        *,
        config: LayoutConfig | None = None,
        components: Components | None = None,
    ) -> None:
        """Keep the main components of the photos that have a place.

        Args:
            fc7: Features of the photos on the map, shape (N, D).
            xy: Their positions, shape (N, 2); NaN for no place.
            config: The settings the map was made with.
            components: Of fc7, where they are known: fc7 is not read then.
        """
        config = config or LayoutConfig()
        placed = np.isfinite(xy).all(axis=1)
        if components:
            placed &= np.isfinite(components.values[:, 0])
            values = components.values if placed.all() else components.values[placed]
            self.mean, self.axes = components.mean, components.axes[:, : config.pca]
            self.components = values[:, : config.pca]
        else:
            placed &= np.isfinite(fc7).all(axis=1)
            features = np.asarray(fc7[placed], np.float32)
            self.mean, self.axes = principal_axes(features, config)
            self.components = (features - self.mean) @ self.axes
        self._lengths = np.einsum("nc,nc->n", self.components, self.components)
        count = len(self.components)
        self.perplexity = min(config.perplexity, max(1.0, (count - 1) / 3))
        # Maps are about so many t-SNE units wide: 137 for 1,738 photos, 268 for 50,000.  A place
        # hardly depends on it; with a quarter of the right number it moved by 0.2 % of the width.
        self.units = 31.0 * max(1, count) ** 0.2
        self.xy = xy[placed].astype(np.float64) * self.units
        self._crowd, self._heads = self.xy, np.ones(count)
        if count > _MOST_PUSHING:
            self._crowd, self._heads = _gathered(self.xy, _CELL)

    def __call__(self, newcomers: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Return positions on the map's own scale, shape (M, 2), for features of shape (M, D)."""
        components = (np.asarray(newcomers, np.float32) - self.mean) @ self.axes
        squared = squared_distances(components, self.components, lengths=self._lengths)
        places = [self._place(row) for row in squared]
        return (np.array(places).reshape(-1, 2) / self.units).astype(np.float32)

    def _place(self, squared: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the position of one newcomer in t-SNE units, shape (2,), by its distances (N,)."""
        count = min(int(3 * self.perplexity), len(squared))
        near = np.argpartition(squared, count - 1)[:count]
        first = near[squared[near].argmin()]
        if squared[first] <= _SAME * float(np.median(squared[near])):  # it is on the map already
            return self.xy[first]
        place = np.quantile(
            self.xy[near], 0.5, axis=0, weights=_affinities(squared[near], 10.0),
            method="inverted_cdf",
        )  # fmt: skip
        if len(squared) < _FEWEST_FOR_TSNE:
            return place
        return self._settle(place, near, _affinities(squared[near], self.perplexity))

    def _settle(
        self, place: NDArray[np.float64], near: NDArray[np.intp], share: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Follow the t-SNE gradient of one photo; each step is scaled by the pull upon it.

        The push of all others is taken anew at every fifth step: where the photo comes to rest it
        is the same.
        """
        push = np.zeros(2)
        for step in range(_STEPS):
            if step % _PUSH_EVERY == 0:
                push = self._push(place)
            pull = share / (1 + np.square(place - self.xy[near]).sum(axis=1))
            gradient = pull @ (place - self.xy[near]) - push
            place = place - 0.5 * gradient / pull.sum()
        return place

    def _push(self, place: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how all photos of the map push one away, shape (2,)."""
        away = place - self._crowd
        push = 1 / (1 + np.einsum("nd,nd->n", away, away))
        return (self._heads * np.square(push)) @ away / (self._heads @ push)


def _gathered(
    xy: NDArray[np.float64], side: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the middle of the photos in each square of that side, and how many they are."""
    cells, own = np.unique(xy // side @ np.array([1, 1e6]), return_inverse=True)
    heads = np.bincount(own, minlength=len(cells)).astype(np.float64)
    sums = [np.bincount(own, weights=axis) for axis in xy.T]
    return np.stack(sums, axis=1) / heads[:, None], heads


def align(xy: NDArray[np.float32], to: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return positions turned and mirrored until they lie as those of before, in [0, 1].

    t-SNE knows no directions: two maps of the same photos differ by a turn, and by a mirror.

    Args:
        xy: Positions, shape (N, 2); NaN for no place.
        to: Those of before, shape (N, 2); NaN for photos that had none.

    Reference:
        P. Schönemann, "A generalized solution of the orthogonal Procrustes problem", 1966.
    """
    placed = np.isfinite(xy).all(axis=1)
    both = placed & np.isfinite(to).all(axis=1)
    if both.sum() < 3:
        return xy
    middle = xy[both].mean(axis=0)
    left, _, right = np.linalg.svd((xy[both] - middle).T @ (to[both] - to[both].mean(axis=0)))
    turned = xy.copy()
    turned[placed] = _into_unit_square((xy[placed] - middle) @ (left @ right))
    return turned


def morton_order(xy: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the row order in which neighbours on the map are mostly neighbours in the table.

    So the photos of one view share few atlases (16 bits per axis, interleaved).  Rows without
    a place come last.
    """
    placed = np.isfinite(xy).all(axis=1)
    code = np.where(placed, 0, np.iinfo(np.int64).max)
    if placed.any():
        cells = (_into_unit_square(xy[placed]) * 0xFFFF).astype(np.int64)
        for bit in range(16):
            x, y = (cells >> bit & 1).T
            code[placed] |= x << 2 * bit | y << 2 * bit + 1
    return np.argsort(code, kind="stable")


def _embed(
    components: NDArray[np.float32],
    config: LayoutConfig,
    progress: Progress | None,
) -> NDArray[np.float64]:
    """Return t-SNE positions, shape (N, 2), on a scale of their own."""
    from openTSNE import TSNE, affinity, initialization
    from openTSNE.nearest_neighbors import PrecomputedNeighbors
    from sklearn.neighbors import NearestNeighbors

    drawn = np.random.default_rng(config.seed).permutation(len(components))
    drawn, rest = np.sort(drawn[: config.sample]), np.sort(drawn[config.sample :])
    sample = components[drawn]
    perplexity = int(min(config.perplexity, (len(sample) - 1) / 3))
    # Exact neighbours by matrix products on all cores; openTSNE would ask Annoy for them, which
    # is approximate and was bound to one core, 33 s for 50,000.
    search = NearestNeighbors(algorithm="brute", n_jobs=config.jobs).fit(sample)
    distances, near = search.kneighbors(n_neighbors=3 * perplexity)
    neighbours = PrecomputedNeighbors(near, distances)
    neighbours.query = lambda others, k: search.kneighbors(others, k)[::-1]
    affinities = affinity.PerplexityBasedNN(
        knn_index=neighbours,
        perplexity=perplexity,
        n_jobs=config.jobs,
    )
    tsne = TSNE(
        negative_gradient_method="auto",  # exact for few, interpolated by FFT from 10,000
        random_state=config.seed,
        n_jobs=config.jobs,
    )
    parts = list(chunks(rest, _TOGETHER))
    steps = tsne.early_exaggeration_iter + tsne.n_iter + _STEPS * len(parts)
    done = 0

    def count_steps(*_: object) -> None:
        nonlocal done
        done += _CALLBACK_EVERY
        if progress:
            progress(min(done, steps), steps)

    tsne.callbacks, tsne.callbacks_every_iters = [count_steps], _CALLBACK_EVERY
    # Copies of one photo begin a little apart, or they could never part.
    start = initialization.jitter(
        initialization.rescale(sample[:, :2].astype(np.float64)), random_state=config.seed
    )
    embedding = tsne.fit(affinities=affinities, initialization=start)
    places = np.empty((len(components), 2))
    for part in parts:
        places[part] = embedding.transform(components[part], n_iter=_STEPS)
    places[drawn] = embedding  # which `transform` moved into the middle of its grid
    return places


def _into_unit_square(xy: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Return positions in [0, 1], scaled alike on both axes and centred."""
    low, high = xy.min(axis=0), xy.max(axis=0)
    side = float((high - low).max()) or 1.0
    return np.clip((xy - (low + high) / 2) / side + 0.5, 0, 1).astype(np.float32)


def squared_distances(
    newcomers: NDArray[np.floating[Any]],
    features: NDArray[np.floating[Any]],
    *,
    lengths: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Return squared distances, shape (M, N), reading features (perhaps a memory map) in chunks.

    Args:
        newcomers: Shape (M, D).
        features: Shape (N, D).
        lengths: Squared lengths of the features, shape (N,), if they are known.
    """
    new = np.asarray(newcomers, np.float32)
    squared = np.empty((len(new), len(features)), np.float32)
    for start in range(0, len(features), _CHUNK):
        old = np.asarray(features[start : start + _CHUNK], np.float32)
        own = np.einsum("nd,nd->n", old, old) if lengths is None else lengths[start:][: len(old)]
        squared[:, start : start + len(old)] = own - 2 * new @ old.T
    squared += np.einsum("md,md->m", new, new)[:, None]
    return np.maximum(squared, 0)  # rounding


def _affinities(squared: NDArray[np.floating[Any]], perplexity: float) -> NDArray[np.float64]:
    """Return how much each neighbour counts, shape (K,), sum 1: a Gaussian of that perplexity."""
    beyond = squared.astype(np.float64) - squared.min()
    beyond /= max(beyond.mean(), 1e-12)
    wanted = np.log(min(perplexity, len(beyond)))
    weights = np.ones(len(beyond))
    low, high = 1e-13, 1e13
    for _ in range(50):
        sharpness = np.sqrt(low * high)
        weights = np.exp(-beyond * sharpness)
        entropy = np.log(weights.sum()) + sharpness * (beyond @ weights) / weights.sum()
        if entropy > wanted:
            low = sharpness
        else:
            high = sharpness
    return weights / weights.sum()
