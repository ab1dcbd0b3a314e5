"""Draw the map of a gallery anew."""

import dataclasses
import shutil
from pathlib import Path

import pandas as pd

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.names import beside
from selfie_core.base.progress import Stages
from selfie_core.gallery.columns import MAP_COLUMNS
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.map import landmarks
from selfie_core.gallery.map.draw import Map, draw_map


def with_kept_names(new: Map, ids: pd.Series, folder: Path) -> Map:
    """Return a map with the names that a person gave to the same regions of a folder's gallery."""
    try:
        old = Gallery.open(folder)
        before = landmarks.read_landmarks(folder)
    except DataError:  # none yet, or broken by hand; it is made anew
        return new
    if "region" not in old.table:
        return new
    regions = new.columns["region"].set_axis(ids)
    old_regions = old.table.set_index("id")["region"]
    kept = landmarks.keep_names(new.landmarks, regions, before, old_regions)
    return dataclasses.replace(new, landmarks=kept)


def complete_map(gallery: Gallery, *, progress: Stages | None = None) -> Gallery:
    """Return a gallery with all that a map of today has; its places, rows and photos stay.

    The gallery is made anew beside its place and swapped in whole; photos are not copied.

    Raises:
        DataError: It has no places to begin with.
    """
    if not gallery.has_map:
        raise DataError(
            f'the photos of {gallery.name} have no place on a map; rerun "selfie build" for one'
        )
    table = gallery.table.drop(columns=list(MAP_COLUMNS), errors="ignore")
    drawn = draw_map(table, gallery.fc7, xy=gallery.xy, config=gallery.layout, progress=progress)
    drawn = with_kept_names(drawn, table["id"], gallery.folder)
    work = beside(gallery.folder, ".mapping")
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(gallery.folder, work, copy_function=store.link_file)
    drawn.write(work)
    store.write_table(work / "selfies.parquet", pd.concat([table, drawn.columns], axis=1))
    store.write_json(work / "gallery.json", {**gallery.info, "map": drawn.facts})
    store.swap_folder(work, gallery.folder)
    return Gallery.open(gallery.folder)
