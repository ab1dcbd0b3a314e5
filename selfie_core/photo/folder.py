"""Which files of a folder are its photos; what is passed over is counted and said."""

import logging
import mimetypes
import os
from collections import Counter
from pathlib import Path

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.names import is_leaving, plain_name
from selfie_core.photo.images import PHOTO_SUFFIXES

log = logging.getLogger(__name__)

# Apple's libraries keep smaller copies beside these.
_LIBRARIES = (".photoslibrary", ".aplibrary", ".migratedphotolibrary")
_ORIGINALS = ("originals", "masters")


def find_photos(folder: Path) -> list[Path]:
    """Return the photos in a folder and below it, sorted.

    Passed over are hidden files, what systems and other programs keep for themselves, galleries
    made of these photos, files of other kinds, and links to folders.  The log says how many of
    each, and which folders can't be read.

    Raises:
        DataError: There is no such folder, or no photo in it.
    """
    name = " ".join(plain_name(folder).split())  # an error is one line, even if the name is not
    if not folder.is_dir():
        raise DataError(f"no folder {name}; wanted a folder of photos; check the name")
    photos: list[Path] = []
    passed: Counter[str] = Counter()
    locked: list[OSError] = []
    closed: dict[Path, str] = {}  # folders of which all is passed over, and why
    for root, folders, files in os.walk(folder, onerror=locked.append):
        here = Path(root)
        if here != folder and here not in closed and store.is_gallery(here):
            closed[here] = "in galleries"
        for inside in folders:
            if reason := closed.get(here) or _not_of_ours(here, inside):
                closed[here / inside] = reason
            passed["as linked folder"] += (here / inside).is_symlink()
        for file in files:
            reason = closed.get(here) or ("hidden" if is_leaving(file) else _other_kind(file))
            if reason is None and (here / file).is_file():
                photos.append(here / file)
            elif reason and _is_media(file):
                passed[reason] += 1
    said = ", ".join(f"{count:,} {reason}" for reason, count in passed.most_common() if count)
    if locked:
        first = plain_name(locked[0].filename)
        log.warning("folders that can't be read in %s: %d; the first: %s", name, len(locked), first)
    if not photos:
        seen = f" ({said})" if said else ""
        raise DataError(
            f"no photos in {name}{seen}; wanted JPEG, PNG, HEIC or the like; copy some there or "
            f"name another"
        )
    if said:
        log.warning("passed over in %s: %s", name, said)
    return sorted(photos)


def _not_of_ours(parent: Path, name: str) -> str | None:
    """Return why all in a folder is passed over, or None."""
    if parent.suffix.lower() in _LIBRARIES and name.lower() not in _ORIGINALS:
        return f"in {parent.suffix} beside the originals"
    if is_leaving(name):
        return "hidden" if name.startswith(".") else f"in {name}"
    return None


def _other_kind(file: str) -> str | None:
    """Return the ending of a file that is no photo, or None."""
    suffix = Path(file).suffix.lower()
    return None if suffix in PHOTO_SUFFIXES else suffix


def _is_media(file: str) -> bool:
    """Return whether a person would take a file for a photo or a film."""
    kind, _ = mimetypes.guess_type(file)
    known = Path(file).suffix.lower() in (*PHOTO_SUFFIXES, ".dng", ".cr3", ".raf")
    return known or (kind or "").startswith(("image/", "video/"))
