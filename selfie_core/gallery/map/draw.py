"""All that a map is made of: places, filled grid, seams, landmarks, and how good it is."""

import functools
import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
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
from selfie_core.gallery.map.filled_grid import filled_grid
from selfie_core.gallery.map.landmarks import Landmark
from selfie_core.gallery.map.tsne import lay_out


@dataclass(frozen=True, eq=False)
class Map:
    """A map of N photos.

    Attributes:
        columns: `MAP_COLUMNS`, one row per photo.
        edges: Its strongest seams, shape (3, E), see `fidelity.seams`.
        landmarks: Its named regions.
        facts: For gallery.json: settings and quality.
    """

    columns: pd.DataFrame
    edges: NDArray[np.float32]
    landmarks: list[Landmark]
    facts: dict[str, Any]

    def reorder(self, order: NDArray[np.integer]) -> "Map":
        """Return the map of the same photos in another order."""
        edges = self.edges.copy()
        edges[:2] = np.argsort(order)[edges[:2].astype(np.intp)]
        columns = self.columns.iloc[order].reset_index(drop=True)
        return replace(self, columns=columns, edges=edges)

    def write(self, folder: Path) -> None:
        """Write what stands beside the table."""
        store.write_array(folder / "seams.npy", self.edges)
        landmarks.write_landmarks(folder, self.landmarks)


def draw_map(
    table: pd.DataFrame,
    fc7: NDArray[np.floating[Any]],
    *,
    config: LayoutConfig | None = None,
    xy: NDArray[np.float32] | None = None,
    keep: Path | None = None,
    progress: Stages | None = None,
) -> Map:
    """Return the map of photos by their features.

    Args:
        table: Factors and given columns, one row per photo, which name the landmarks.
        fc7: Features, shape (N, D).
        config: Settings of the places.
        xy: Places that are known already, shape (N, 2).
        keep: A folder for the stages that take long: a rerun of the same work takes them up.
        progress: Called with (stage, done, of).
    """
    config = config or LayoutConfig()
    tell = progress or (lambda stage, done, of: None)
    key = hashlib.sha256(np.ascontiguousarray(fc7).tobytes())
    key.update(json.dumps(asdict(config)).encode())

    def stage(name: str, make: Callable[[], NDArray[np.float32]]) -> NDArray[np.float32]:
        file = keep / f"{name}-{key.hexdigest()[:12]}.npy" if keep else None
        if file and file.is_file():
            return np.array(store.read_array(file))
        made = make()
        if file:
            store.write_array(file, made)
        return made

    if xy is None:
        xy = stage(
            "map", lambda: lay_out(fc7, config=config, progress=functools.partial(tell, "map"))
        )
    places = xy
    tell("filled grid", 0, 1)
    grid = stage("grid", lambda: filled_grid(places))
    tell("landmarks", 0, 1)
    seam, edges = seams(fc7, xy)
    found, region = landmarks.find_landmarks(table, xy)
    columns = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "seam": seam})
    columns["grid_x"], columns["grid_y"] = grid.T
    columns["region"] = pd.Series(region, dtype="Int8").mask(region < 0)
    facts = {
        "perplexity": config.perplexity,
        "pca": config.pca,
        "seed": config.seed,
        # Makes the gallery's version, hence the addresses, differ whenever the columns do.
        "columns": store.content_id(columns.to_numpy(np.float32, na_value=np.nan).tobytes()),
        **map_quality(fc7, xy, seed=config.seed),
    }
    return Map(columns, edges, found, facts)
