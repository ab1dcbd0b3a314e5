"""All that a map is made of: places, filled grid, seams, landmarks, and how good it is."""

import functools
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core import landmarks, store
from selfie_core.errors import DataError
from selfie_core.fidelity import map_quality, seams
from selfie_core.gallery import MAP_COLUMNS, Gallery
from selfie_core.landmarks import Landmark
from selfie_core.layout import lay_out
from selfie_core.settings import LayoutConfig
from selfie_core.tiling import filled_grid

Progress = Callable[[str, int, int], None]  # stage, done, of


@dataclass(frozen=True, eq=False)
class Map:
    """A map of N photos.

    Attributes:
        columns: `MAP_COLUMNS`, one row a photo.
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
        return Map(columns, edges, self.landmarks, self.facts)

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
    progress: Progress | None = None,
) -> Map:
    """Return the map of photos by their features.

    Args:
        table: Factors and given columns, one row a photo, which name the landmarks.
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


def with_kept_names(new: Map, ids: pd.Series, old: Gallery | None) -> Map:
    """Return the map with the names that a person gave to the same regions of an older gallery."""
    if old is None or "region" not in old.table:
        return new
    try:
        before = landmarks.read_landmarks(old.folder)
    except DataError:  # broken by hand; it is made anew
        return new

    def members(marks: list[Landmark], region: pd.Series, ids: pd.Series) -> list[NDArray]:
        return [ids[(region == mark.region).fillna(False)].to_numpy() for mark in marks]

    named = landmarks.keep_names(
        new.landmarks,
        members(new.landmarks, new.columns["region"], ids),
        before,
        members(list(before), old.table["region"], old.table["id"]),
    )
    return Map(new.columns, new.edges, named, new.facts)


def complete_map(gallery: Gallery, *, progress: Progress | None = None) -> Gallery:
    """Return a gallery with all that a map of today has; its places, rows and photos stay.

    The gallery is made anew beside its place and swapped in whole; photos are not copied.

    Raises:
        DataError: It has no places to begin with.
    """
    if not gallery.has_map:
        raise DataError(
            f'the photos of {gallery.name} have no place on a map; rerun "selfie build" for one'
        )
    facts = gallery.info.get("map") or gallery.info
    known = {name: facts[name] for name in ("perplexity", "pca", "seed") if facts.get(name)}
    table = gallery.table.drop(columns=[c for c in MAP_COLUMNS if c in gallery.table])
    drawn = draw_map(
        table, gallery.fc7, config=LayoutConfig(**known), xy=gallery.xy, progress=progress
    )
    drawn = with_kept_names(drawn, table["id"], gallery)
    work = gallery.folder.with_name(f".{gallery.folder.name}.mapping")
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(gallery.folder, work, copy_function=_link)
    drawn.write(work)
    store.write_table(work / "selfies.parquet", pd.concat([table, drawn.columns], axis=1))
    store.write_json(work / "gallery.json", {**gallery.info, "map": drawn.facts})
    store.swap_folder(work, gallery.folder)
    return Gallery.open(gallery.folder)


def _link(source: str, target: str) -> None:
    """Give a file a second name, or copy it where the disk can't."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
