"""Few and whole segments: many small ones become one, in the order of the map, without the dead.

Letters: N photos of a gallery, M of them that are written anew.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.base.progress import Progress, chunks
from selfie_core.gallery.map.tsne import morton_order
from selfie_core.gallery.segments import (
    LooseFiles,
    Part,
    Segment,
    write_photos,
    write_segment,
)

MOST_SEGMENTS = 16  # more are slow to open: of the last ones, as many become one as it takes
LARGEST = 65_536  # photos in a segment that was merged
_DEAD = 0.2  # share of rows that the gallery doesn't show, from which all is written anew
_PACK = 256  # large copies in one file

Group = tuple[Part | None, NDArray[np.intp]]  # rows that stay in their part, or are written anew


@dataclass(frozen=True, eq=False)
class Compacted:
    """Where a gallery's photos lie after a compaction."""

    segments: list[Segment]
    at: NDArray[np.int64]  # of each row its place among all rows of the segments, rising, (N,)
    order: NDArray[np.intp]  # which row each was before, shape (N,)


def compact(
    gallery: Path,
    parts: Sequence[Part],
    at: NDArray[np.int64],
    xy: NDArray[np.float32],
    *,
    recipe: str,
    whole: bool,
    progress: Progress | None = None,
) -> Compacted:
    """Return a gallery's photos in few segments; mostly they stay where they are.

    All is written anew, in the order of the map, where that was drawn anew (`whole`) or a fifth of
    the rows is dead; else the last segments where they are many, and what comes from a gallery of
    the first format.

    Args:
        gallery: Its folder.
        parts: All of its photos, in the order of their rows.
        at: Of each row its place among all rows of the parts, rising, shape (N,).
        xy: Places on the map, shape (N, 2); NaN for none.
        recipe: By which the photos were computed.
        whole: Write all anew.
        progress: Called with (photos written, of).
    """
    starts = np.cumsum([0, *(len(part) for part in parts)])
    whole |= len(at) < (1 - _DEAD) * starts[-1]
    copier = _Copier(gallery, parts, at, starts, recipe, drops_dead=whole)
    segments: list[Segment] = []
    places, order = [], []
    groups = [(None, np.arange(len(at)))] if whole else _groups(parts, copier.part)
    before = done = 0
    for part, rows in groups:
        if isinstance(part, Segment):
            segments.append(part)
            places.append(before + at[rows] - starts[copier.part[rows[0]]])
            order.append(rows)
            before += len(part)
            continue
        for some in chunks(rows[morton_order(xy[rows])], LARGEST):
            segments.append(copier.copy(some))
            places.append(before + np.arange(len(some)))
            order.append(some)
            before += len(some)
            done += len(some)
            if progress:
                progress(done, len(at))
    return Compacted(segments, np.concatenate(places), np.concatenate(order))


def _groups(parts: Sequence[Part], part_of_row: NDArray[np.intp]) -> list[Group]:
    """Return which rows stay in their part, and which are written anew together."""
    groups: list[Group] = []
    for number, part in enumerate(parts):
        rows = np.flatnonzero(part_of_row == number)
        if len(rows):
            groups.append((None if isinstance(part, LooseFiles) else part, rows))
    if len(groups) <= MOST_SEGMENTS:
        return groups
    # A segment no larger than all behind it joins them: each photo is copied a few times in its
    # life, however many come.
    tail, count = len(groups), 0
    while tail and (len(groups) - tail < 2 or len(groups[tail - 1][1]) <= count):
        tail -= 1
        count += len(groups[tail][1])
    return [*groups[:tail], (None, np.concatenate([rows for _, rows in groups[tail:]]))]


class _Copier:
    """Writes photos that lie in several parts as one segment."""

    def __init__(
        self,
        gallery: Path,
        parts: Sequence[Part],
        at: NDArray[np.int64],
        starts: NDArray[np.int64],
        recipe: str,
        *,
        drops_dead: bool,
    ) -> None:
        self._gallery, self._parts, self._recipe = gallery, list(parts), recipe
        self.part = np.searchsorted(starts, at, "right") - 1  # of each row
        self._inside = at - starts[self.part]
        self._where = pd.concat([_where(part) for part in parts], ignore_index=True).iloc[at]
        self._stale = {""}  # packs from which photos are copied; else only their places are
        if drops_dead:
            for pack, alive in self._where.groupby("pack")["length"].sum().items():
                with suppress(OSError):  # one that is missing stays so
                    if pack and alive < (gallery / "photos" / f"{pack}.bin").stat().st_size:
                        self._stale.add(str(pack))

    def copy(self, rows: NDArray[np.intp]) -> Segment:
        """Return a new segment of these rows, in this order, shape (M,)."""
        part, inside = self.part[rows], self._inside[rows]
        found = [(self._parts[n], np.flatnonzero(part == n)) for n in np.unique(part)]
        order = np.argsort(np.concatenate([places for _, places in found]))
        tables = [one.table.take(inside[places]) for one, places in found]
        fc7 = np.concatenate([one.fc7[inside[places]] for one, places in found])[order]
        lie = [(self._parts[self.part[row]], int(self._inside[row])) for row in rows.tolist()]
        where = self._where.take(rows).reset_index(drop=True)
        for some in chunks(np.flatnonzero(where["pack"].isin(list(self._stale))), _PACK):
            contents = [part.photo(row) for part, row in (lie[place] for place in some)]
            where.iloc[some.tolist()] = write_photos(self._gallery, contents)
        return write_segment(
            self._gallery,
            pd.concat(tables, ignore_index=True).take(order).reset_index(drop=True),
            fc7,
            where=where,
            thumbs=[part.thumb(row) for part, row in lie],
            recipe=self._recipe,
        )


def _where(part: Part) -> pd.DataFrame:
    if isinstance(part, Segment):
        return part.where.astype({"pack": "str"})
    return pd.DataFrame({"pack": "", "start": 0, "length": 0}, index=range(len(part)))
