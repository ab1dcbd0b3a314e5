"""What a gallery shows at one moment: which photos of its segments, their names and places.

    gallery.json            its number, the segments in order, facts
    generations/NUMBER/     rows.parquet    row in the segments, file, what was given, place
                            seams.npy, landmarks.json
                            components.npy, axes.npy    what is alike is found by them
                            fc7.npy                     if the photos lie in several segments

A new generation is written beside the old one and begins with the replacement of gallery.json:
readers see the old gallery or the new one.  A gallery of the first format is its own generation.

Letters: N photos, D width of fc7.
"""

import functools
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.names import quoted
from selfie_core.base.settings import BuildConfig
from selfie_core.gallery.columns import MEASURED
from selfie_core.gallery.map.components import Components
from selfie_core.gallery.segments import (
    CELLS,
    LooseFiles,
    Part,
    Segment,
    atlases_of,
    find_segments,
    new_folder,
)

FORMAT = 2
KEPT_SETTINGS = ("photo_side", "quality", "faceless")  # in gallery.json, for the next build
FIRST_FORMAT_PARTS = ("selfies.parquet", "fc7.npy", "photos", "thumbs")
OWN_SCORES = "scores.npy"  # of a view by another last layer: they stand before the segments'


@dataclass(frozen=True, eq=False)
class Generation:
    """The photos of a gallery at one moment, row by row.

    Attributes:
        files: The folder of seams.npy and landmarks.json.
        parts: Where the photos lie.
        at: Of each row its place among all rows of the parts, rising, shape (N,).
        table: One row per photo.
        fc7: Features, shape (N, D), a memory map.
        components: Of fc7; none in galleries of before.
    """

    files: Path
    parts: tuple[Part, ...]
    at: NDArray[np.int64]
    table: pd.DataFrame
    fc7: NDArray[np.float16]
    components: Components | None = None

    @functools.cached_property
    def _starts(self) -> NDArray[np.int64]:
        return np.cumsum([0, *(len(part) for part in self.parts)])

    def find(self, row: int) -> tuple[Part, int]:
        """Return in which part a photo lies, and its row there."""
        number = int(np.searchsorted(self._starts, self.at[row], "right")) - 1
        return self.parts[number], int(self.at[row] - self._starts[number])

    @functools.cached_property
    def _first_atlas(self) -> NDArray[np.int64]:
        return np.cumsum([0, *(atlases_of(len(part)) for part in self.parts)])

    @property
    def atlases(self) -> int:
        """Number of thumbnail atlases."""
        return int(self._first_atlas[-1])

    def atlas(self, number: int) -> bytes:
        """Return an atlas as its part does."""
        part = int(np.searchsorted(self._first_atlas, number, "right")) - 1
        return self.parts[part].atlas(int(number - self._first_atlas[part]))

    @functools.cached_property
    def slots(self) -> NDArray[np.int64]:
        """Which cell shows each row, counted through all atlases, shape (N,)."""
        part = np.searchsorted(self._starts, self.at, "right") - 1
        return self._first_atlas[part] * CELLS + self.at - self._starts[part]


def read_facts(folder: Path) -> dict[str, Any]:
    """Return gallery.json of a gallery that this version reads.

    Raises:
        DataError: There is no gallery, or it is damaged or of a newer version.
    """
    facts = folder / "gallery.json"
    if not facts.is_file():
        half = folder.is_dir() and any(folder.iterdir())
        raise DataError(
            f"no {'finished gallery' if half else 'gallery'} in {folder}; "
            f'run "selfie build PHOTOS --out {quoted(folder)}" or open another'
        )
    info = store.read_json(facts)
    found = info.get("format")
    if isinstance(found, int) and found > FORMAT:
        raise NewerFormat(
            f"{folder} is a gallery of format {found}, of a newer version; "
            f"this one reads 1 to {FORMAT}; update selfie"
        )
    if found not in (1, FORMAT):
        raise DataError(
            f'{folder} is a gallery of format {found}, wanted 1 to {FORMAT}; rerun "selfie build"'
        )
    scorer = info.get("scorer")
    lacks = [part for part in FIRST_FORMAT_PARTS if found == 1 and not (folder / part).exists()]
    if lacks or not isinstance(scorer, dict) or "id" not in scorer:
        lack = lacks[0] if lacks else "the scorer's id"
        raise DataError(f'gallery {folder} lacks {lack}; rerun "selfie build"')
    return info


def own_scorer(folder: Path, info: Mapping[str, Any]) -> Path:
    """Return the scorer that goes with a gallery: its own copy, or the one that ships."""
    for name in (f"scorer-{info['scorer']['id']}.safetensors", "scorer.safetensors"):
        if (folder / name).is_file():
            return folder / name
    return store.demo_scorer()


def settings_of(info: Mapping[str, Any], **asked: Any) -> BuildConfig:
    """Return the settings of the next build of a gallery: what is asked for, else as before."""
    kept = {name: info[name] for name in KEPT_SETTINGS if name in info}
    return BuildConfig(**kept | {name: value for name, value in asked.items() if value is not None})


class NewerFormat(DataError):
    """A gallery that a later version made: to be left alone."""


def open_generation(folder: Path, info: dict[str, Any]) -> Generation:
    """Return what a gallery's folder shows, by its gallery.json.

    Raises:
        DataError: A part is missing or damaged.
    """
    if info["format"] == 1:
        table, files = store.read_table(folder / "selfies.parquet"), folder
        measured = table[[name for name in MEASURED if name in table]]
        parts = (LooseFiles(folder, measured, store.read_array(folder / "fc7.npy")),)
        at, said = np.arange(len(table)), "selfies.parquet"
    else:
        parts = tuple(Segment.open(folder, name) for name in info["segments"])
        files = folder / "generations" / str(info["generation"])
        rows, said = store.read_table(files / "rows.parquet"), "rows.parquet"
        at = rows.pop("at").to_numpy(np.int64)
        table = _measured(parts, at, without=rows)
        table = pd.concat([table, rows], axis=1)
    if len(table) != info.get("count"):
        raise DataError(
            f"{said} has {len(table)} rows, gallery.json says {info.get('count')}; "
            f'delete the gallery and rerun "selfie build"'
        )
    if (folder / OWN_SCORES).is_file():
        table = table.assign(score=np.asarray(store.read_array(folder / OWN_SCORES), np.float64))
    if "score" in table:
        table["percentile"] = percentiles(table["score"].to_numpy(), table["score"].to_numpy())
    first = [name for name in ("id", "file", "score", "percentile") if name in table]
    table = table[[*first, *table.columns.difference(first, False)]]
    return Generation(files, parts, at, table, _fc7(files, parts, at), Components.read(files))


def _fc7(files: Path, parts: Sequence[Part], at: NDArray[np.int64]) -> NDArray[np.float16]:
    """Return the features of a generation, which stand beside it or are those of its one part."""
    if len(parts) == 1 and len(at) == len(parts[0]):
        return parts[0].fc7
    if (files / "fc7.npy").is_file():
        return store.read_array(files / "fc7.npy")
    return np.concatenate([part.fc7 for part in parts])[at]  # of a version that kept none


def _measured(parts: Sequence[Part], at: NDArray[np.int64], without: pd.DataFrame) -> pd.DataFrame:
    """Return what was measured of the rows; what a generation says itself stands before it."""
    if not parts:
        return pd.DataFrame(index=range(len(at)))
    table = pd.concat([part.table for part in parts], ignore_index=True)
    if len(at) and at.max() >= len(table):
        raise DataError('rows.parquet names photos that no segment has; rerun "selfie build"')
    own = [name for name in table if name in without]
    return table.drop(columns=own).iloc[at].reset_index(drop=True)


def write_generation(
    folder: Path,
    info: dict[str, Any],
    *,
    rows: pd.DataFrame,
    fc7: NDArray[np.float16] | None,
    components: Components,
    write_map: Callable[[Path], object] | None,
) -> None:
    """Let a gallery show these photos from now on; what only older generations need is deleted.

    Args:
        folder: Of the gallery.
        info: Its gallery.json, with the number of the new generation.
        rows: Column `at`, and what the generation says of its photos, shape (N, ...).
        fc7: Features of its photos, shape (N, D), unless they are those of its one segment.
        components: Of fc7.
        write_map: Writes seams.npy and landmarks.json into a folder.
    """
    with new_folder(folder / "generations" / str(info["generation"])) as made:
        store.write_table(made / "rows.parquet", rows)
        components.write(made)
        if fc7 is not None:
            store.write_array(made / "fc7.npy", fc7)
        if write_map:
            write_map(made)
    store.write_json(folder / "gallery.json", info)
    sweep(folder, info)


def sweep(folder: Path, info: dict[str, Any]) -> None:
    """Delete what no row of a gallery needs.  Who has it open reads on."""
    kept = {"generations": {str(info["generation"])}, "segments": set(info["segments"])}
    packs = set()
    for name in find_segments(folder):
        if name in kept["segments"]:
            packs |= {f"{pack}.bin" for pack in Segment.open(folder, name).where["pack"]}
    for inside, names in {**kept, "photos": packs}.items():
        for path in (folder / inside).glob("*"):
            if path.name not in names:
                _delete(path)
    for name in ("selfies.parquet", "fc7.npy", "seams.npy", "landmarks.json", "thumbs"):
        _delete(folder / name)
    scorer = own_scorer(folder, info)
    for path in (*folder.glob("scorer*.safetensors"), *folder.glob(".scorer-*.safetensors")):
        if path != scorer:
            _delete(path)
    for path in store.left_over(folder / "gallery.json"):
        _delete(path)


def _delete(path: Path) -> None:
    """Delete a file or folder; what a system keeps while it is open goes the next time."""
    with suppress(OSError):
        if path.is_dir():
            away = path.with_name(f".old-{path.name.lstrip('.')}")  # half of it must not be taken
            path.rename(away)  # for whole
            shutil.rmtree(away, ignore_errors=True)
        else:
            path.unlink()


def percentiles(
    scores: NDArray[np.floating[Any]], among: NDArray[np.floating[Any]]
) -> NDArray[np.float64]:
    """Return for each score the share of `among` that is lower, in [0, 100]; ties count half."""
    return shares_below(scores, np.sort(among))


def shares_below(
    scores: NDArray[np.floating[Any]], rising: NDArray[np.floating[Any]]
) -> NDArray[np.float64]:
    """Return `percentiles` among scores that are sorted already."""
    below = np.searchsorted(rising, scores, "left")
    not_above = np.searchsorted(rising, scores, "right")
    shares = (below + not_above) * 50.0 / max(1, len(rising))
    return np.where(np.isnan(scores), np.nan, shares)  # NaN is sorted behind all others
