"""A gallery on disk, opened: table, fc7 and pictures, row by row in the same order everywhere.

Letters: N photos, D width of fc7.
"""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from selfie_core.base import store
from selfie_core.base.errors import DataError, ModelError
from selfie_core.base.settings import BuildConfig, LayoutConfig
from selfie_core.gallery.columns import REQUIRED
from selfie_core.gallery.generation import (
    Generation,
    open_generation,
    own_scorer,
    percentiles,
    read_facts,
    settings_of,
    shares_below,
)
from selfie_core.gallery.map import landmarks, tsne
from selfie_core.gallery.map.components import Components
from selfie_core.gallery.map.filled_grid import columns_of
from selfie_core.gallery.map.landmarks import Landmark
from selfie_core.gallery.segments import Part
from selfie_core.scorer.scorer import Scorer

__all__ = ["Gallery", "percentiles"]

_TRIES = 3  # readings of a gallery that is built meanwhile
_JPEG_END = b"\xff\xd9"
THUMB_SIDE = 128  # pixels of a photo's own square
THUMB_CENTRE = (0.5, 0.4)  # of an oblong photo: heads are above the middle


@dataclass(frozen=True, eq=False)
class Gallery:
    """Scored photos with their features, map positions and thumbnails.

    Attributes:
        folder: Where it lies.
        info: The facts of gallery.json.
        table: One row per photo: id, file, score, percentile, x, y, faces, measured factors,
            and what was given with the photos (user, likes, label ...).
        version: Short hash of this build; part of every address, so that browsers may
            keep what they got for ever.
    """

    folder: Path
    info: dict[str, Any]
    table: pd.DataFrame
    _generation: Generation
    version: str

    @classmethod
    def open(cls, folder: Path) -> "Gallery":
        """Return the gallery in a folder, checked for wholeness.

        Raises:
            DataError: There is none, it is half written, damaged, or of a newer version.
        """
        folder = Path(folder).resolve()
        for _ in range(_TRIES):
            info, version = read_facts(folder), store.content_id(_facts(folder))
            try:
                shown = open_generation(folder, info)
                break
            except DataError:
                if store.content_id(_facts(folder)) == version:  # else a build came between
                    raise
        else:
            raise DataError(f"{folder} is built again and again; open it when that is over")
        pa.default_memory_pool().release_unused()  # of a million photos, 0.2 GB it read with
        columns = [name for name in REQUIRED if name not in shown.table]
        if columns:
            raise DataError(f'gallery {folder} lacks column "{columns[0]}"; rerun "selfie build"')
        return cls(folder, info, shown.table, shown, version)

    @property
    def fc7(self) -> NDArray[np.float16]:
        """Features, shape (N, D), a memory map.

        Raises:
            DataError: They are of other photos; all that needs no features works nevertheless.
        """
        fc7 = self._generation.fc7
        if len(fc7) != len(self):
            raise DataError(
                f"fc7.npy has {len(fc7):,} rows, the gallery {len(self):,} photos: what is "
                f'alike can\'t be found; delete the gallery and rerun "selfie build"'
            )
        return fc7

    def __len__(self) -> int:
        return len(self.table)

    @property
    def name(self) -> str:
        """The gallery's name, for titles."""
        return str(self.info.get("name", self.folder.name))

    @property
    def scorer_id(self) -> str:
        """Id of the scorer that made the scores and fc7."""
        return str(self.info["scorer"]["id"])

    @property
    def scorer_path(self) -> Path:
        """The scorer that goes with this gallery: its own copy, or the one that ships."""
        return own_scorer(self.folder, self.info)

    @property
    def atlases(self) -> int:
        """Number of thumbnail atlases."""
        return self._generation.atlases

    @property
    def slots(self) -> NDArray[np.int64]:
        """Which cell shows each row, counted through all atlases, `CELLS` each, shape (N,)."""
        return self._generation.slots

    @functools.cached_property
    def best_first(self) -> NDArray[np.intp]:
        """Row numbers by falling score, shape (N,)."""
        return np.argsort(-self.table["score"].to_numpy(), kind="stable")

    @functools.cached_property
    def rank(self) -> NDArray[np.intp]:
        """Rank of each row, shape (N,); 1 is the best."""
        rank = np.empty(len(self), np.intp)
        rank[self.best_first] = np.arange(1, len(self) + 1)
        return rank

    @property
    def has_map(self) -> bool:
        """Whether any row has a position."""
        return bool(self._placed.any())

    @functools.cached_property
    def _placed(self) -> NDArray[np.bool_]:
        return np.asarray(np.isfinite(self.xy).all(axis=1))

    @property
    def has_grid(self) -> bool:
        """Whether the rows have cells of the filled grid; older galleries have none."""
        return {"grid_x", "grid_y"} <= set(self.table)

    @property
    def grid_cell(self) -> float:
        """Side of a cell of the filled grid, which is 1 wide."""
        made = (self.info.get("map") or {}).get("grid_columns")
        return 1 / (made or columns_of(int(self.table["grid_x"].notna().sum())))

    @property
    def has_seams(self) -> bool:
        """Whether it is known where the map lies; older galleries do not know."""
        return "seam" in self.table and (self.map_files / "seams.npy").is_file()

    @property
    def edges(self) -> NDArray[np.float32]:
        """The strongest seams, shape (3, E), see `fidelity.seams`."""
        return store.read_array(self.map_files / "seams.npy")

    @property
    def map_files(self) -> Path:
        """The folder of seams.npy and landmarks.json."""
        return self._generation.files

    @property
    def landmarks(self) -> tuple[Landmark, ...]:
        """The named regions of the map, read anew each time: a person may edit the names.

        Raises:
            DataError: The file was broken by hand.
        """
        if "region" not in self.table:
            return ()
        return tuple(mark for mark in landmarks.read_landmarks(self.map_files) if mark.name)

    @functools.cached_property
    def gaps(self) -> tuple[str, ...]:
        """What is missing, in plain sentences; the gallery opens all the same."""
        said = []
        try:
            _ = self.fc7
        except DataError as error:
            said.append(f"{error}.")
        astray = len(self) - int(self._placed.sum())
        if self.has_map and astray:
            said.append(f"{astray:,} of {len(self):,} photos have no place on the map.")
        bad = 0
        if self.info["format"] == 1:  # a segment is whole, or it doesn't open
            bad = sum(self.atlas(n)[-2:] != _JPEG_END for n in range(self.atlases))
        if bad:
            said.append(
                f"{bad:,} of {self.atlases:,} thumbnail atlases are missing or damaged; "
                f'rerun "selfie build".'
            )
        return tuple(said)

    @property
    def grows(self) -> bool:
        """Whether a build may add to it while it is open; one of the first format is replaced."""
        return self.info["format"] > 1

    @property
    def parts(self) -> tuple[Part, ...]:
        """Where its photos lie."""
        return self._generation.parts

    @property
    def at(self) -> NDArray[np.int64]:
        """Of each row its place among all rows of the parts, rising, shape (N,)."""
        return self._generation.at

    @property
    def newcomers(self) -> NDArray[np.bool_]:
        """Which photos came since the map was drawn, shape (N,)."""
        came = self.table.get("newcomer")
        return np.zeros(len(self), bool) if came is None else came.to_numpy(bool)

    @property
    def was_drawn_anew(self) -> bool:
        """Whether it is known where the photos stood on the map before this one."""
        return "was_x" in self.table

    @property
    def settings(self) -> BuildConfig:
        """The settings that it was built with."""
        return settings_of(self.info, layout=self.layout)

    @property
    def layout(self) -> LayoutConfig:
        """The settings that its map was made with."""
        facts = self.info.get("map") or self.info
        known = {
            name: facts[name] for name in ("perplexity", "pca", "sample", "seed") if facts.get(name)
        }
        return LayoutConfig(**known)

    @functools.cached_property
    def placer(self) -> tsne.Placer:
        """Finds where a new photo lands on this map."""
        return tsne.Placer(self.fc7, self.xy, config=self.layout, components=self.components)

    @functools.cached_property
    def components(self) -> Components:
        """The main components of fc7."""
        return self._generation.components or Components.of(self.fc7, self.layout)

    @functools.cached_property
    def xy(self) -> NDArray[np.float32]:
        """Map positions in [0, 1], shape (N, 2); NaN for no place."""
        return self.table[["x", "y"]].to_numpy(np.float32)

    def percentile(self, score: float) -> float:
        """Return the share of this gallery that scores lower, in [0, 100]; ties count half."""
        return float(shares_below(np.array([score]), self._rising)[0])

    @functools.cached_property
    def _rising(self) -> NDArray[np.float64]:
        """The scores from the lowest up, shape (N,)."""
        return self.table["score"].to_numpy(np.float64)[self.best_first[::-1]]

    def nearest(
        self, fc7: NDArray[np.floating[Any]], count: int
    ) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Return the rows most like a photo to the net, and their fc7 distances, nearest first.

        Args:
            fc7: Features of the photo, shape (D,).
            count: How many rows; all of them if there are fewer.
        """
        features = self.fc7
        near = self.components.candidates(fc7, count)
        distances = np.linalg.norm(features[near].astype(np.float32) - fc7, axis=1)
        nearest = np.argsort(distances, kind="stable")[:count]
        return near[nearest], distances[nearest].astype(np.float32)

    def row_of(self, id: str) -> int | None:
        """Return the row of a photo's id, or None; 12 digits are an id of older galleries."""
        ids = self.table["id"]
        rows = np.flatnonzero(
            ids.str[: store.SHORT_ID] == id if len(id) == store.SHORT_ID else ids == id
        )
        return int(rows[0]) if len(rows) else None

    def photo(self, row: int) -> bytes:
        """Return a photo as large as it was kept, WebP; nothing where it is missing."""
        part, place = self._generation.find(row)
        return part.photo(place)

    def thumb(self, row: int) -> bytes:
        """Return a photo's 128 px square, JPEG; nothing where it is missing."""
        part, place = self._generation.find(row)
        return part.thumb(place)

    def atlas(self, number: int) -> bytes:
        """Return one atlas, JPEG: the photos of slots 64 * number to 64 * number + 63."""
        return self._generation.atlas(number)

    def codes(self, column: str) -> tuple[NDArray[np.float32], list[str] | None]:
        """Return a column as numbers, NaN where missing, and the names if it holds words.

        Raises:
            DataError: There is no such column.
        """
        if column not in self.table:
            raise DataError(f'the gallery has no column "{column}"')
        values = self.table[column]
        if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
            return values.astype("Float64").to_numpy(np.float32, na_value=np.nan), None
        words = pd.Categorical(values.astype("string"))
        codes = words.codes.astype(np.float32)
        codes[codes < 0] = np.nan
        return codes, [str(name) for name in words.categories]

    def check_scorer(self, scorer: Scorer) -> None:
        """Refuse a scorer whose scores can't be compared with this gallery's.

        Raises:
            ModelError: The gallery was made by another scorer.
        """
        if scorer.id != self.scorer_id:
            raise ModelError(
                f"gallery {self.name} was scored by scorer {self.scorer_id}, this is {scorer.id}; "
                f'rerun "selfie build" with it or name another gallery'
            )


def _facts(folder: Path) -> bytes:
    return store.read_bytes(folder / "gallery.json")
