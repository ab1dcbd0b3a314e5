"""A gallery as one file and back, each file in it told by its hash.

The app may run meanwhile, and a build: what a gallery shows lies in files that are never changed,
and `gallery.json` says which.  The ledger stays out: the next build reads the photos once more.
"""

import datetime
import hashlib
import io
import json
import shutil
import tarfile
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from selfie_core import __version__
from selfie_core.base import store
from selfie_core.base.errors import DataError, cant_write
from selfie_core.base.folders import swap_folder
from selfie_core.base.names import beside
from selfie_core.base.progress import Progress
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.ledger import FILE as LEDGER
from selfie_core.gallery.ledger import Ledger

FORMAT = 1
MANIFEST = "manifest.json"  # the last file in a backup: without it, it is cut off
_TRIES = 5  # each is begun anew where a build puts another generation in place


def backup_gallery(folder: Path, file: Path, *, progress: Progress | None = None) -> int:
    """Write a gallery into one .tar, whole or not at all; return the number of its files.

    Raises:
        DataError: There is no gallery, it changes all the time, or the disk does not take the file.
    """
    store.check_target(file, ".tar")
    Gallery.open(folder)
    for _ in range(_TRIES):
        facts = store.read_bytes(folder / "gallery.json")
        files = gallery_files(folder)
        if facts != store.read_bytes(folder / "gallery.json"):
            continue
        try:
            with store.replacing(file) as temporary, tarfile.open(temporary, "w") as tar:
                hashes = {"gallery.json": _add(tar, "gallery.json", io.BytesIO(facts))}
                for done, name in enumerate(files, 1):
                    with (folder / name).open("rb") as content:
                        hashes[name] = _add(tar, name, content)
                    if progress:
                        progress(done, len(files))
                made = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
                said = {"format": FORMAT, "selfie": __version__, "made": made, "sha256": hashes}
                _add(tar, MANIFEST, io.BytesIO(json.dumps(said, indent=2).encode()))
            return len(hashes)
        except DataError as error:
            if isinstance(error.__cause__, FileNotFoundError):  # of a generation that is gone
                continue
            raise
    raise DataError(f"{folder} is being built all the time; try again when the build is done")


def gallery_files(folder: Path) -> list[str]:
    """Return what lies in a gallery's folder but gallery.json, what leads to the rest first."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    names = [path.relative_to(folder) for path in found]
    kept = [name for name in names if not any(part.startswith(".") for part in name.parts)]
    kept = [name for name in kept if not name.name.startswith(LEDGER)]
    order = sorted(kept, key=lambda name: (name.parts[0] != "generations", name))
    return [name.as_posix() for name in order if name.as_posix() != "gallery.json"]


def _add(tar: tarfile.TarFile, name: str, content: BinaryIO) -> str:
    """Add a file to a backup; return its SHA-256."""
    member = tarfile.TarInfo(name)
    member.size = content.seek(0, io.SEEK_END)
    content.seek(0)
    reading = _Hashed(content)
    tar.addfile(member, reading)  # type: ignore[arg-type]  # it only reads
    return reading.hash.hexdigest()


class _Hashed:
    """A file that knows the SHA-256 of what was read of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.hash, self._file = hashlib.sha256(), file

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.hash.update(data)
        return data


def restore_gallery(file: Path, folder: Path, *, progress: Progress | None = None) -> Gallery:
    """Return the gallery of a backup, put in the place of a folder's once all of it is verified.

    Raises:
        DataError: The backup is damaged, cut off, foreign or of a newer version; or the folder
            holds something else, or is being built.
    """
    store.check_folder(folder, own="gallery.json")
    new = beside(folder.resolve(), ".restoring")
    shutil.rmtree(new, ignore_errors=True)
    try:
        _unpack(file, new, progress)
        Gallery.open(new)
        with ExitStack() as held:
            if folder.is_dir():
                held.enter_context(Ledger(folder))  # nobody builds what goes away
            swap_folder(new, folder.resolve())
    except OSError as error:
        raise cant_write(folder, error) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return Gallery.open(folder)


def _unpack(file: Path, folder: Path, progress: Progress | None) -> None:
    """Write the files of a backup into a folder, and hold them against their hashes."""
    hashes: dict[str, str] = {}
    try:
        archive = file.open("rb")
    except OSError as error:
        raise DataError(
            f"can't read the backup {file}: {error.strerror}; check the name"
        ) from error
    try:
        with archive, tarfile.open(fileobj=archive) as tar:
            for member in tar:
                path = PurePosixPath(member.name)
                content = tar.extractfile(member) if member.isreg() else None
                if content is None or path.is_absolute() or ".." in path.parts:
                    raise DataError(f'{file} is no backup of a gallery: it holds "{member.name}"')
                if member.name == MANIFEST:
                    said = json.load(content)
                    break
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                reading = _Hashed(content)
                with (folder / path).open("wb") as made:
                    shutil.copyfileobj(reading, made)
                hashes[member.name] = reading.hash.hexdigest()
                if progress:
                    progress(len(hashes), len(hashes))
            else:
                raise DataError(f"{file} is cut off; it has no {MANIFEST}")
        newer, files = said["format"] > FORMAT, said["sha256"].items()
    except (tarfile.TarError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{file} is damaged or no .tar of selfie backup") from error
    if newer:
        raise DataError(f"{file} is of selfie {said['selfie']}, which is newer; update selfie")
    if wrong := {name for name, _ in hashes.items() ^ files}:
        raise DataError(f"{file} is damaged: {min(wrong)} is not as it was; nothing was restored")
