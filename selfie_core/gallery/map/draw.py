"""All that a map is made of: places, filled grid, seams, landmarks, and how good it is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.base import store
from selfie_core.base.progress import Stages
from selfie_core.base.settings import LayoutConfig
from selfie_core.gallery.map import landmarks
from selfie_core.gallery.map.fidelity import map_quality, seams
from selfie_core.gallery.map.filled_grid import columns_of, filled_grid
from selfie_core.gallery.map.landmarks import Landmark


@dataclass(frozen=True, eq=False)
class Map:
    """A map of N photos."""

    columns: pd.DataFrame  # `MAP_COLUMNS`, one row per photo
    edges: NDArray[np.float32]  # its strongest seams, shape (3, E), see `fidelity.seams`
    landmarks: list[Landmark]
    facts: dict[str, Any]  # for gallery.json: settings and quality

    def write(self, folder: Path) -> None:
        """Write what stands beside the table."""
        store.write_array(folder / "seams.npy", self.edges)
        landmarks.write_landmarks(folder, self.landmarks)


def draw_map(
    table: pd.DataFrame,
    fc7: NDArray[np.floating[Any]],
    *,
    xy: NDArray[np.float32],
    config: LayoutConfig,
    progress: Stages | None = None,
) -> Map:
    """Return the map of photos that have their places.

    Args:
        table: Factors and given columns, one row per photo, which name the landmarks.
        fc7: Features, shape (N, D).
        xy: Places by `tsne.lay_out`, shape (N, 2); NaN for no place.
        config: The settings that they were made with.
        progress: Called with (stage, done, of).
    """
    tell = progress or (lambda stage, done, of: None)
    tell("filled grid", 0, 1)
    grid = filled_grid(xy)
    tell("landmarks", 0, 1)
    seam, edges = seams(fc7, xy)
    found, region = landmarks.find_landmarks(table, xy)
    columns = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "seam": seam})
    columns["grid_x"], columns["grid_y"] = grid.T
    columns["region"] = pd.Series(region, dtype="Int8").mask(region < 0)
    placed = int(np.isfinite(xy).all(axis=1).sum())
    facts = {
        "perplexity": config.perplexity,
        "pca": config.pca,
        "seed": config.seed,
        "grid_columns": columns_of(placed),
        "columns": columns_id(columns),
        **map_quality(fc7, xy, seed=config.seed),
    }
    if placed > config.sample:
        facts["sample"] = config.sample
    return Map(columns, edges, found, facts)


def columns_id(columns: pd.DataFrame) -> str:
    """Return what makes a gallery's version, hence the addresses, differ when the columns do."""
    return store.content_id(columns.to_numpy(np.float32, na_value=np.nan).tobytes())
