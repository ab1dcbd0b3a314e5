"""Some files -> what a gallery keeps of them: the part of a build that other processes can do."""

import hashlib
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.progress import Progress
from selfie_core.base.settings import BuildConfig
from selfie_core.gallery.gallery import THUMB_CENTRE, THUMB_SIDE
from selfie_core.photo import faces, factors
from selfie_core.photo.folder import Reader, Seen
from selfie_core.scorer.files import score_photos
from selfie_core.scorer.scorer import Scorer

CHANGED = "photo changed while it was read; build again"
_CLOSED = "photo can't be opened; check its name and permissions"
_READERS = 8  # files that one process reads at the same time

Ids = NDArray[np.bytes_]  # sorted


@dataclass(frozen=True)
class Measurer:
    """All that what is measured depends on, but for the files.

    Attributes:
        reader: Gives the photos.
        scorer: Gives scores and fc7.
        config: Settings of the gallery.
        known: Contents that need no measuring, see `sorted_ids`.
    """

    reader: Reader
    scorer: Scorer
    config: BuildConfig
    known: Ids


class Look(NamedTuple):
    """What a look at a photo gives."""

    row: dict[str, Any]  # of the table
    large: bytes
    thumb: bytes


class Made(NamedTuple):
    """What is kept of a photo."""

    row: dict[str, Any]  # of the table, with id and score
    fc7: NDArray[np.float16]  # shape (D,)
    large: bytes
    thumb: bytes


@dataclass
class Measured:
    """What became of some files.

    Attributes:
        ids: Of each file that could be read, of its content.
        failed: By file, why it could not be read; it may be another time.
        refused: By id, why a content is no photo of a gallery.
        made: By id, the rest, unless it was known.
    """

    ids: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    made: dict[str, Made] = field(default_factory=dict)


def sorted_ids(ids: Any) -> Ids:
    """Return ids as processes share them: in a fifth of the memory of a set."""
    return np.sort(np.array(list(ids), f"S{store.PHOTO_ID}"))


def merged(parts: Iterable[Measured]) -> Measured:
    """Return what became of the files of all parts, each content once."""
    whole = Measured()
    for part in parts:
        whole.ids |= part.ids
        whole.failed |= part.failed
        whole.refused |= part.refused
        for id, made in part.made.items():
            whole.made.setdefault(id, made)
    return whole


def measure_files(
    how: Measurer, files: Mapping[str, Seen], progress: Progress | None = None
) -> Measured:
    """Return what became of some files, each content read and measured once.

    Args:
        how: What it depends on.
        files: As they were seen.
        progress: Called with (done, of) contents that are measured.
    """
    found = Measured()
    new: dict[str, tuple[str, Path | bytes]] = {}  # by id, a file that holds it, and its content
    with ThreadPoolExecutor(_READERS) as readers:
        read = readers.map(partial(_read, how.reader), files.items())
        for name, (content, id) in zip(files, read, strict=True):
            if content is None:
                found.failed[name] = id
                continue
            found.ids[name] = id
            if not _is_in(how.known, id):
                new.setdefault(id, (name, content))
    contents = [
        content if isinstance(content, Path) else partial(bytes, content)
        for _, content in new.values()
    ]
    look = partial(_examine, config=how.config)
    scored = score_photos(contents, how.scorer, look, progress=progress)
    for id, one in zip(new, scored, strict=True):
        if one.seen is None:
            found.refused[id] = str(one.error)
            continue
        row = {"id": id, "score": one.score, **one.seen.row}
        found.made[id] = Made(row, one.fc7.astype(np.float16), one.seen.large, one.seen.thumb)
    for name, seen in files.items():  # one that was being written is read anew the next time
        if name in found.ids and not how.reader.stays(name, seen):
            found.failed[name] = CHANGED
            id = found.ids.pop(name)
            if new.get(id, ("",))[0] == name:
                found.refused.pop(id, None)
                found.made.pop(id, None)
    return found


def _read(reader: Reader, file: tuple[str, Seen]) -> tuple[Path | bytes | None, str]:
    """Return a content, or its file, with its id; or None with why it can't be read."""
    try:
        content = reader.read(*file)
        return content, _id_of(content)
    except DataError as error:
        return None, str(error)
    except OSError:
        return None, _CLOSED


def _id_of(content: Path | bytes) -> str:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()[: store.PHOTO_ID]
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[: store.PHOTO_ID]


def _is_in(known: Ids, id: str) -> bool:
    """Return whether an id is known, or the short one that an older gallery has of it."""
    wanted = np.array([id, id[: store.SHORT_ID]], known.dtype)
    places = np.searchsorted(known, wanted)
    return any(
        known[place] == one for place, one in zip(places, wanted, strict=True) if place < len(known)
    )


def _examine(photo: Image.Image, _content: object, *, config: BuildConfig) -> Look:
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
    return Look(row, kept, _saved(square, "JPEG", quality=82, optimize=True))


def _saved(picture: Image.Image, kind: str, **how: Any) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **how)
    return file.getvalue()
