"""Draw the map of a gallery anew."""

import dataclasses
import os
import shutil

import pandas as pd
from numpy.typing import NDArray

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.progress import Stages
from selfie_core.gallery.columns import MAP_COLUMNS
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.map import landmarks
from selfie_core.gallery.map.draw import Map, draw_map
from selfie_core.gallery.map.landmarks import Landmark


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
    return dataclasses.replace(new, landmarks=named)


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
    drawn = draw_map(table, gallery.fc7, config=gallery.layout, xy=gallery.xy, progress=progress)
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
