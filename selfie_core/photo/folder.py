"""Which files of a folder are its photos; what is passed over is counted and said."""

import logging
import mimetypes
import os
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.names import is_leaving, plain_name
from selfie_core.photo.images import PHOTO_SUFFIXES

log = logging.getLogger(__name__)

# Apple's libraries keep smaller copies beside these.
_LIBRARIES = (".photoslibrary", ".aplibrary", ".migratedphotolibrary")
_ORIGINALS = ("originals", "masters")
_SUFFIXES = frozenset(PHOTO_SUFFIXES)


def find_photos(folder: Path) -> list[Path]:
    """Return the photos in a folder and below it, sorted; what is passed over as `scan_photos`."""
    return [folder / name for name in scan_photos(folder).photos]


@dataclass(frozen=True)
class Scan:
    """What lies in a folder of photos and below it."""

    photos: dict[str, os.stat_result]  # by path below the folder, sorted
    locked: list[str]  # folders that can't be read


def scan_photos(folder: Path) -> Scan:
    """Return the photos in a folder and below it, each with what the disk says of its file.

    Passed over are hidden files, what systems and other programs keep for themselves, galleries
    made of these photos, files of other kinds, and links to folders.  The log says how many of
    each, and which folders can't be read.

    Raises:
        DataError: There is no such folder, or no photo in it.
    """
    name = " ".join(plain_name(folder).split())  # an error is one line, even if the name is not
    if not folder.is_dir():
        raise DataError(f"no folder {name}; wanted a folder of photos; check the name")
    photos: dict[str, os.stat_result] = {}
    passed: Counter[str] = Counter()
    locked: list[str] = []
    todo: list[tuple[str, str | None]] = [("", None)]  # a folder, and why all in it is passed over
    while todo:
        inside, closed = todo.pop()
        here = folder / inside
        try:
            entries = list(os.scandir(here))
        except OSError:
            locked.append(inside)
            continue
        if inside and not closed and store.is_gallery(here):
            closed = "in galleries"
        for entry in entries:
            path = os.path.join(inside, entry.name)
            if entry.is_dir():
                if entry.is_symlink():
                    passed["as linked folder"] += 1
                else:
                    todo.append((path, closed or _not_of_ours(here, entry.name)))
                continue
            reason = closed or ("hidden" if is_leaving(entry.name) else _other_kind(entry.name))
            if reason and _is_media(entry.name):
                passed[reason] += 1
            elif reason is None:
                with suppress(OSError):  # gone since it was listed
                    if entry.is_file():
                        photos[path] = entry.stat()
    said = ", ".join(f"{count:,} {reason}" for reason, count in passed.most_common() if count)
    if locked:
        first = plain_name(folder / locked[0])
        log.warning("folders that can't be read in %s: %d; the first: %s", name, len(locked), first)
    if not photos:
        seen = f" ({said})" if said else ""
        raise DataError(
            f"no photos in {name}{seen}; wanted JPEG, PNG, HEIC or the like; copy some there or "
            f"name another"
        )
    if said:
        log.warning("passed over in %s: %s", name, said)
    return Scan({path: photos[path] for path in sorted(photos, key=_by_parts)}, locked)


def _by_parts(path: str) -> list[str]:
    return path.split(os.sep)


def _not_of_ours(parent: Path, name: str) -> str | None:
    """Return why all in a folder is passed over, or None."""
    if parent.suffix.lower() in _LIBRARIES and name.lower() not in _ORIGINALS:
        return f"in {parent.suffix} beside the originals"
    if is_leaving(name):
        return "hidden" if name.startswith(".") else f"in {name}"
    return None


def _other_kind(file: str) -> str | None:
    """Return the ending of a file that is no photo, or None."""
    suffix = os.path.splitext(file)[1].lower()
    return None if suffix in _SUFFIXES else suffix


def _is_media(file: str) -> bool:
    """Return whether a person would take a file for a photo or a film."""
    kind, _ = mimetypes.guess_type(file)
    known = Path(file).suffix.lower() in (*PHOTO_SUFFIXES, ".dng", ".cr3", ".raf")
    return known or (kind or "").startswith(("image/", "video/"))
