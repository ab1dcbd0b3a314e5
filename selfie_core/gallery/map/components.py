"""fc7 in few numbers per photo: what is alike is found by them first, among a million photos.

    components.npy      float32 (N, C)
    axes.npy            float32 (1 + C, D): the mean, then the axes

Letters: N photos, D width of fc7, C components.
"""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfie_core.base import store
from selfie_core.base.progress import chunks
from selfie_core.base.settings import LayoutConfig

_WIDTH = 64  # at least as many as t-SNE is given
_SAMPLE = 50_000  # photos that the axes are found from
_CHUNK = 8192  # rows of fc7 read at once
_AHEAD = 500  # photos compared in whole beyond those asked for


@dataclass(frozen=True, eq=False)
class Components:
    """The main components of a gallery's fc7.

    Attributes:
        mean: Shape (D,).
        axes: Shape (D, C).
        values: Shape (N, C), perhaps a memory map; NaN where fc7 is damaged.
    """

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    values: NDArray[np.float32]

    @classmethod
    def of(cls, fc7: NDArray[np.floating[Any]], config: LayoutConfig) -> "Components":
        """Return those of fc7, shape (N, D); the first are those of a map by the same settings."""
        sample = np.asarray(fc7[:: -(-len(fc7) // _SAMPLE) or 1], np.float32)
        sample = sample[np.isfinite(sample).all(axis=1)]
        mean, axes = principal_axes(sample, config, count=max(_WIDTH, config.pca))
        values = np.empty((len(fc7), axes.shape[1]), np.float32)
        for rows in chunks(np.arange(len(fc7)), _CHUNK):
            part = slice(rows[0], rows[-1] + 1)
            values[part] = (np.asarray(fc7[part], np.float32) - mean) @ axes
        return cls(mean, axes, values)

    @classmethod
    def read(cls, folder: Path) -> "Components | None":
        """Return those kept in a folder, or None where an older version kept none.

        Raises:
            DataError: A file is damaged.
        """
        if not (folder / "components.npy").is_file():
            return None
        axes = np.array(store.read_array(folder / "axes.npy"))
        return cls(axes[0], axes[1:].T, store.read_array(folder / "components.npy"))

    def write(self, folder: Path) -> None:
        """Write them into a folder."""
        store.write_array(folder / "components.npy", self.values)
        store.write_array(folder / "axes.npy", np.vstack([self.mean, self.axes.T]))

    def candidates(self, fc7: NDArray[np.floating[Any]], count: int) -> NDArray[np.intp]:
        """Return rows among which the `count` most like a photo are nearly always, rising."""
        new = (np.asarray(fc7, np.float32) - self.mean) @ self.axes
        squared = self._squared_lengths - self.values @ (2 * new)
        most = min(count + _AHEAD, len(squared))
        return np.sort(np.argpartition(squared, most - 1)[:most])

    @functools.cached_property
    def _squared_lengths(self) -> NDArray[np.float32]:
        return np.einsum("nc,nc->n", self.values, self.values)


def principal_axes(
    features: NDArray[np.float32], config: LayoutConfig, *, count: int | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the mean, shape (D,), and the main axes, shape (D, at most `count`, at least 2).

    As many as t-SNE is given, if no `count` is named.
    """
    from sklearn.decomposition import PCA  # 1 s to import, and pages only read positions

    if not len(features):
        return np.zeros(features.shape[1], np.float32), np.zeros((features.shape[1], 2), np.float32)
    count = min(count or config.pca, *features.shape)
    # The covariance of many rows is small beside them: 50,000 x 512 took 1.1 s of one core.
    solver = "covariance_eigh" if len(features) > 2 * features.shape[1] else "auto"
    with np.errstate(invalid="ignore", divide="ignore"):  # among copies of one photo
        pca = PCA(count, random_state=config.seed, svd_solver=solver).fit(features)
    axes = np.pad(np.asarray(pca.components_).T, ((0, 0), (0, max(0, 2 - count))))
    return np.asarray(pca.mean_, np.float32), axes.astype(np.float32)
