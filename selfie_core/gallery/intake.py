"""A folder's files -> contents, each measured once: what is known of a photo is not asked again.

Unchanged files cost a look at the folder, and moved ones are told by size, time and inode.  Others
are read: touched, renamed and copied ones are known by their content, and the rest is scored.
"""

import hashlib
import logging
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from PIL import Image, ImageOps

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.names import plain_name
from selfie_core.base.progress import Progress, chunks, cores, part_of
from selfie_core.base.settings import BuildConfig
from selfie_core.gallery.gallery import THUMB_CENTRE, THUMB_SIDE
from selfie_core.gallery.ledger import Ledger, Seen
from selfie_core.gallery.segments import Part, write_photos, write_segment
from selfie_core.photo import faces, factors
from selfie_core.photo.folder import Scan
from selfie_core.scorer.files import score_photos
from selfie_core.scorer.scorer import Scorer

log = logging.getLogger(__name__)

SHARD = 256  # photos between two savings
MEASURES = 1  # to be raised when other things are measured of a photo: galleries compute them anew
_CHANGED = "photo changed while it was read; build again"
_CLOSED = "photo can't be opened; check its name and permissions"


class Shelf:
    """All photos that were computed by one recipe, by the ids of their contents."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self.parts: list[Part] = []
        self.at: dict[str, int] = {}  # by id, the row among all rows of the parts
        self._rows = 0
        for part in parts:
            self.add(part)

    def add(self, part: Part) -> None:
        """Put further photos beside the others."""
        self.parts.append(part)
        for row, id in enumerate(part.table["id"], self._rows):
            self.at.setdefault(id, row)
        self._rows += len(part.table)

    def known(self, id: str) -> str:
        """Return the id by which a content is known here: an older gallery has only 12 digits."""
        return id[:12] if id not in self.at and id[:12] in self.at else id


@dataclass
class Taken:
    """What a folder holds: by path below it, either an id or why the file can't be used."""

    ids: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


class _Measured(NamedTuple):
    row: dict[str, Any]  # of the table
    large: bytes
    thumb: bytes


@dataclass(frozen=True)
class Intake:
    """How photos are taken in.

    Attributes:
        photos: Folder of photos.
        gallery: Folder of the gallery.
        shelf: What was computed before; gets what is computed now.
        ledger: What is known of the files.
        scorer: Gives scores and fc7.
        config: Settings of the gallery.
    """

    photos: Path
    gallery: Path
    shelf: Shelf
    ledger: Ledger
    scorer: Scorer
    config: BuildConfig

    def take(
        self,
        scan: Scan,
        *,
        verify: bool = False,
        retry: bool = False,
        progress: Progress | None = None,
    ) -> Taken:
        """Return what the folder holds; what is new is computed and put on the shelf.

        Args:
            scan: The files of the folder.
            verify: Read all files: an edit may keep size and time.
            retry: Try again what could not be used before.
            progress: Called with (files, of) that had to be read.
        """
        seen = {path: Seen.of(stat) for path, stat in scan.photos.items()}
        known = self.ledger.files()
        taken = Taken({} if verify else _unchanged(seen, known))
        bad = {} if retry else self.ledger.bad(self.recipe)
        if self.config.faceless:
            bad = {id: reason for id, reason in bad.items() if reason != faces.NO_FACE}

        fresh = [
            path for path in seen if not ((id := taken.ids.get(path)) in self.shelf.at or id in bad)
        ]
        for number, part in enumerate(chunks(fresh, SHARD)):
            told = part_of(progress, before=number * SHARD, of=len(fresh))
            self._read({path: seen[path] for path in part}, taken, bad, told)
        moved = {p: id for p, id in taken.ids.items() if known.get(p) != (seen[p], id)}
        self.ledger.record({path: (seen[path], id) for path, id in moved.items()})

        # What lies below a folder that can't be read now is not gone.
        below = tuple(os.path.join(folder, "") for folder in scan.locked)
        kept = {path: id for path, (_, id) in known.items() if below and path.startswith(below)}
        taken.ids |= kept
        self.ledger.forget(known.keys() - seen.keys() - kept.keys())
        self._refuse(taken, bad)
        return taken

    @property
    def recipe(self) -> str:
        """The name of all that a photo's row depends on besides its content."""
        return recipe_of(self.scorer.id, self.config)

    def _read(
        self, files: Mapping[str, Seen], taken: Taken, bad: dict[str, str], tell: Progress | None
    ) -> None:
        """Find out what some files hold, compute what is new, and keep both."""
        with ThreadPoolExecutor(cores()) as readers:
            read = readers.map(lambda path: _id_of(self.photos / path), files)
            ids = {path: id and self.shelf.known(id) for path, id in zip(files, read, strict=True)}
        new: dict[str, str] = {}  # by id, the file that it is measured of
        for path, id in ids.items():
            if id is None:
                taken.refused[path] = _CLOSED
            elif id not in self.shelf.at and id not in bad:
                new.setdefault(id, path)
        refused = self._measure(new, tell)
        for path, seen in files.items():  # one that was being written is read anew the next time
            if ids[path] and _seen(self.photos / path) != seen:
                taken.refused[path] = _CHANGED
                ids[path] = None
        taken.ids |= {path: id for path, id in ids.items() if id}
        settled = {path: (files[path], id) for path, id in ids.items() if id}
        refused = {id: reason for id, reason in refused.items() if ids[new[id]]}
        self.ledger.record(settled, bad=refused, recipe=self.recipe)
        bad |= refused
        if tell:
            tell(len(files), len(files))

    def _measure(self, new: Mapping[str, str], tell: Progress | None) -> dict[str, str]:
        """Put contents, each with a file that holds it, on the shelf; return why some can't be."""
        refused, rows, fc7, copies = {}, [], [], []
        paths = [self.photos / path for path in new.values()]
        look = partial(_examine, config=self.config)
        scored = score_photos(paths, self.scorer, look, progress=tell)
        for id, path, found in zip(new, paths, scored, strict=True):
            if found.seen is None:
                log.warning("%s: %s", plain_name(path), found.error)
                refused[id] = str(found.error)
                continue
            rows.append({"id": id, "score": found.score, **found.seen.row})
            fc7.append(found.fc7.astype(np.float16))
            copies.append(found.seen)
        if rows:
            made = write_segment(
                self.gallery,
                pd.DataFrame(rows),
                np.stack(fc7),
                where=write_photos(self.gallery, [copy.large for copy in copies]),
                thumbs=[copy.thumb for copy in copies],
                recipe=self.recipe,
            )
            self.shelf.add(made)
        return refused

    def _refuse(self, taken: Taken, bad: Mapping[str, str]) -> None:
        """Set apart the files whose content is no photo of the gallery."""
        parts = self.shelf.parts
        faceless = np.concatenate([part.table["faces"] for part in parts]) == 0 if parts else []
        for path, id in list(taken.ids.items()):
            row = self.shelf.at.get(id)
            if row is None:
                taken.refused[path] = bad.get(id, _CHANGED)
            elif faceless[row] and not self.config.faceless:
                taken.refused[path] = faces.NO_FACE
            else:
                continue
            del taken.ids[path]


def recipe_of(scorer_id: str, config: BuildConfig) -> str:
    """Return the name of all that a photo's row depends on besides its content."""
    facts = [MEASURES, scorer_id, config.photo_side, config.quality]
    return store.content_id(repr(facts).encode())


def _unchanged(seen: Mapping[str, Seen], known: Mapping[str, tuple[Seen, str]]) -> dict[str, str]:
    """Return the ids of files that need no reading: neither they nor their place changed."""
    moved = {was: id for path, (was, id) in known.items() if was.inode and path not in seen}
    ids = {}
    for path, now in seen.items():
        was, id = known.get(path, (None, None))
        if was and was[:2] == now[:2]:  # an inode may change with a mount
            ids[path] = id
        elif now in moved:
            ids[path] = moved[now]
    return ids


def _id_of(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[: store.PHOTO_ID]
    except OSError:
        return None


def _seen(path: Path) -> Seen | None:
    try:
        return Seen.of(path.stat())
    except OSError:
        return None


def _examine(photo: Image.Image, _path: object, *, config: BuildConfig) -> _Measured:
    """Return the measured style of one photo, and its copies."""
    found = faces.find_faces(photo)
    if not (found or config.faceless):
        raise DataError(faces.NO_FACE)
    row = {**factors.measure_factors(photo, found), "faces": len(found)}
    large, side = photo, config.photo_side
    if max(photo.size) > side:
        large = ImageOps.contain(photo, (side, side), Image.Resampling.LANCZOS)
    # Method 4 would save 4 % of the file in 2.4 times the time.
    kept = _saved(large, "WEBP", quality=config.quality, method=2)
    if min(large.size) >= 2 * THUMB_SIDE:  # a strip's square is cut from all of it
        photo = large
    square = ImageOps.fit(
        photo, (THUMB_SIDE, THUMB_SIDE), Image.Resampling.LANCZOS, centering=THUMB_CENTRE
    )
    return _Measured(row, kept, _saved(square, "JPEG", quality=82, optimize=True))


def _saved(picture: Image.Image, kind: str, **how: Any) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **how)
    return file.getvalue()
