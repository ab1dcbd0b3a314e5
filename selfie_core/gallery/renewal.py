"""The next generation of a gallery: its map drawn or its newcomers placed, compacted, written.

Letters: N photos, D width of fc7.
"""

import dataclasses
import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.progress import Progress, Stages
from selfie_core.base.settings import LayoutConfig
from selfie_core.gallery.columns import MAP_COLUMNS
from selfie_core.gallery.compaction import compact
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.generation import FORMAT, write_generation
from selfie_core.gallery.map import landmarks
from selfie_core.gallery.map.components import Components
from selfie_core.gallery.map.draw import Map, draw_map
from selfie_core.gallery.map.newcomers import add_newcomers
from selfie_core.gallery.map.tsne import align, lay_out
from selfie_core.gallery.segments import Part

# What becomes of the places: all drawn anew; those of before and newcomers placed among them;
# those of before with all else that a map has; none.
Drawing = Literal["anew", "add", "complete", "none"]


@dataclass(frozen=True, eq=False)
class Photos:
    """The photos that a gallery is to show.

    Attributes:
        parts: Where they lie.
        at: Of each its place among all rows of the parts, rising, shape (N,).
        rows: What the generation says of them: file, and what was given, one row per photo.
    """

    parts: Sequence[Part]
    at: NDArray[np.int64]
    rows: pd.DataFrame

    def measured(self) -> pd.DataFrame:
        """Return what was measured of them, one row per photo."""
        tables = pd.concat([part.table for part in self.parts], ignore_index=True)
        return tables.iloc[self.at].reset_index(drop=True)

    def fc7(self) -> NDArray[np.float16]:
        """Return their features, shape (N, D)."""
        return np.concatenate([part.fc7 for part in self.parts])[self.at]


def renew(
    folder: Path,
    photos: Photos,
    *,
    old: Gallery | None,
    info: dict[str, Any],
    recipe: str,
    drawing: Drawing,
    layout: LayoutConfig,
    progress: Stages,
) -> Gallery:
    """Return the gallery of a folder once it shows these photos.

    Args:
        folder: Of the gallery.
        photos: What it is to show.
        old: What it shows now, if anything.
        info: Facts of gallery.json: name, scorer ...
        recipe: By which the photos were computed.
        drawing: What becomes of the map.
        layout: Settings of a map drawn anew.
        progress: Called with (stage, done, of).
    """
    measured, fc7 = photos.measured(), photos.fc7()
    places = _places(measured["id"], old)
    drawn: Map | None = None
    if drawing == "anew":
        before = places[["x", "y"]].to_numpy(np.float32)
        laid = align(_laid_out(fc7, layout, folder, partial(progress, "map")), before)
        places = pd.DataFrame({"x": laid[:, 0], "y": laid[:, 1]})
        if np.isfinite(before).any():
            places["was_x"], places["was_y"] = before.T
    elif drawing == "add" and old:
        edges = _moved(old.edges, old.table["id"], measured["id"])
        drawn = add_newcomers(places, fc7, edges, facts=old.info["map"], config=layout)
        drawn = dataclasses.replace(drawn, landmarks=list(landmarks.read_landmarks(old.map_files)))
        places = drawn.columns

    lie = compact(
        folder,
        photos.parts,
        photos.at,
        places[["x", "y"]].to_numpy(np.float32),
        recipe=recipe,
        whole=drawing == "anew",
        progress=partial(progress, "copies"),
    )
    order = lie.order
    rows, measured, fc7 = (
        photos.rows.iloc[order].reset_index(drop=True),
        measured.iloc[order].reset_index(drop=True),
        fc7[order],
    )
    if drawn:
        edges = _moved(drawn.edges, pd.Series(np.arange(len(order))), pd.Series(order))
        columns = drawn.columns.iloc[order].reset_index(drop=True)
        drawn = dataclasses.replace(drawn, columns=columns, edges=edges)
    elif drawing != "none":
        xy = places[["x", "y"]].to_numpy(np.float32)[order]
        table = pd.concat([measured, rows], axis=1)
        drawn = draw_map(table, fc7, xy=xy, config=layout, progress=progress)
        drawn = _with_kept_names(drawn, measured["id"], old)
    if drawn and "was_x" in places and "was_x" not in drawn.columns:
        were = places[["was_x", "was_y"]].iloc[order].reset_index(drop=True)
        drawn = dataclasses.replace(drawn, columns=pd.concat([drawn.columns, were], axis=1))
    columns = drawn.columns if drawn else pd.DataFrame({"x": np.nan, "y": np.nan}, rows.index)
    info = {"format": FORMAT, **info} | {
        "format": FORMAT,
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "generation": old.info.get("generation", 0) + 1 if old else 1,
        "count": len(rows),
        "segments": [segment.name for segment in lie.segments],
        "map": drawn.facts if drawn else None,
    }
    rows = pd.concat([pd.DataFrame({"at": lie.at}), rows, columns], axis=1)
    write_generation(
        folder,
        info,
        rows=rows,
        fc7=None if [len(fc7)] == [len(one.fc7) for one in lie.segments] else fc7,
        components=Components.of(fc7, layout),
        write_map=drawn.write if drawn else None,
    )
    return Gallery.open(folder)


def _places(ids: pd.Series, old: Gallery | None) -> pd.DataFrame:
    """Return where photos stood on the map, one row per id: missing for those that did not."""
    if old is None:
        return pd.DataFrame({"x": np.nan, "y": np.nan}, range(len(ids)))
    columns = [name for name in old.table if name in MAP_COLUMNS]
    return old.table.set_index("id")[columns].reindex(ids).reset_index(drop=True)


def _moved(edges: NDArray[np.float32], before: pd.Series, now: pd.Series) -> NDArray[np.float32]:
    """Return seams by the rows of now; what ended at a photo that is gone is gone."""
    row = pd.Series(np.arange(len(now)), index=now).reindex(before).to_numpy(np.float64)
    ends = row[edges[:2].astype(np.int64)]
    there = np.isfinite(ends).all(axis=0)
    return np.concatenate([ends, edges[2:]])[:, there].astype(np.float32)


def _laid_out(
    fc7: NDArray[np.float16], config: LayoutConfig, folder: Path, progress: Progress
) -> NDArray[np.float32]:
    """Return the places of the photos, read back if a run that was killed found them."""
    name = store.content_id(fc7.tobytes() + repr(config).encode())
    file = folder / "generations" / f"places-{name}.npy"
    if not file.is_file():
        store.write_array(file, lay_out(fc7, config=config, progress=progress))
    return np.array(store.read_array(file))


def _with_kept_names(new: Map, ids: pd.Series, old: Gallery | None) -> Map:
    """Return a map with the names that a person gave to the same regions of the old one."""
    if old is None or "region" not in old.table:
        return new
    try:
        before = landmarks.read_landmarks(old.map_files)
    except DataError:  # broken by hand; it is made anew
        return new
    regions = new.columns["region"].set_axis(ids)
    old_regions = old.table.set_index("id")["region"]
    kept = landmarks.keep_names(new.landmarks, regions, before, old_regions)
    return dataclasses.replace(new, landmarks=kept)
