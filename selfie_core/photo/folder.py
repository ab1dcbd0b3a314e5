"""Which files of a folder are its photos; what is passed over is counted and said."""

import logging
import mimetypes
import os
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

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


class Seen(NamedTuple):
    """What is known of a photo without its being read; compared for equality only.

    So a clock may run backwards.  Inodes differ where a disk was mounted anew: they tell only
    whether a file was moved.
    """

    size: int  # bytes
    mtime_ns: int  # or another number that changes with the file
    inode: int  # or another place; 0 where there is none

    @classmethod
    def of(cls, stat: os.stat_result) -> "Seen":
        """Return what a disk said of a file."""
        # SQLite holds 63 bits of a number; pools of disks, and Windows, have inodes of more.
        return cls(stat.st_size, stat.st_mtime_ns, stat.st_ino & (2**63 - 1))


class Reader(Protocol):
    """Gives the photos of a source; it goes to other processes, so it holds nothing open."""

    @property
    def at_once(self) -> int:
        """How many photos are best read together."""
        ...

    def read(self, name: str, seen: Seen, /) -> Path | bytes:
        """Return a photo's file, or its content.

        Raises:
            DataError: It can't be read now.
        """
        ...

    def stays(self, name: str, seen: Seen, /) -> bool:
        """Return whether a photo that was read is still the same."""
        ...


@dataclass(frozen=True)
class Stored:
    """A photo of a source that is no folder: of a tar, a table, a bucket."""

    reader: Reader
    name: str
    seen: Seen

    def __call__(self) -> Path | bytes:
        """Return its content.

        Raises:
            DataError: It can't be read now.
        """
        return self.reader.read(self.name, self.seen)


@dataclass(frozen=True)
class Scan:
    """What photos there are, below a folder or elsewhere."""

    photos: dict[str, Seen]  # by path below the folder, sorted
    locked: list[str]  # folders that can't be read
    reader: Reader


@dataclass(frozen=True)
class FolderReader:
    """Gives the photos below a folder."""

    folder: Path
    at_once = 256  # nothing of them is held

    def read(self, name: str, seen: Seen) -> Path:
        """Return a photo's file."""
        return self.folder / name

    def stays(self, name: str, seen: Seen) -> bool:
        """Return whether the disk still says the same of a file."""
        try:
            return Seen.of((self.folder / name).stat()) == seen
        except OSError:
            return False


def scan_photos(folder: Path) -> Scan:
    """Return the photos in a folder and below it, each with what the disk says of its file.

    Passed over are hidden files, what systems and other programs keep for themselves, galleries
    made of these photos, files of other kinds, and links to folders or to nothing.  The log says
    how many of each, and which folders can't be read.

    Raises:
        DataError: There is no such folder, or no photo in it.
    """
    name = " ".join(plain_name(folder).split())  # an error is one line, even if the name is not
    if not folder.is_dir():
        raise DataError(f"no folder {name}; wanted a folder of photos; check the name")
    photos: dict[str, Seen] = {}
    passed: Counter[str] = Counter()
    locked: list[str] = []
    todo: list[tuple[str, str | None]] = [("", None)]  # a folder, and why all in it is passed over
    while todo:
        inside, closed = todo.pop()
        here = folder / inside
        try:
            entries = list(os.scandir(here))
            os.stat(os.path.join(here, os.curdir))  # one may be listed and nothing in it opened
        except OSError:
            locked.append(inside)
            continue
        if inside and not closed and store.is_gallery(here):
            closed = "in galleries"
        for entry in entries:
            path = os.path.join(inside, entry.name)
            if _is_folder(entry):
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
                        photos[path] = Seen.of(entry.stat())
                    elif entry.is_symlink():
                        passed["as broken link"] += 1
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
    photos = {path: photos[path] for path in sorted(photos, key=_by_parts)}
    return Scan(photos, locked, FolderReader(folder.absolute()))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle, or into a folder that can't be read
        return False


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
