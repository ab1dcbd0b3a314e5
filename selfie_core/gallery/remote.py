"""A gallery in a bucket: brought here to be used, and put back once it is whole.

Only files that lack travel, as most are named after what is in them; gallery.json goes last, so
that readers see the old gallery or the new one.
"""

import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.progress import Progress, chunks
from selfie_core.gallery.backup import gallery_files
from selfie_core.gallery.ledger import FILE as LEDGER
from selfie_core.gallery.ledger import Ledger
from selfie_core.photo.sources import one_line, open_filesystem

FACTS = "gallery.json"
_TRIES = 5  # each is begun anew where another machine puts a generation in place
_AT_ONCE = 16  # files
_NAMED = ("segments/", "photos/", "scorer-")  # after what is in them, so never changed


class RemoteGallery:
    """A gallery at an address such as `s3://bucket/name`, and its copy in the cache folder.

    Attributes:
        address: Where it is, of whatever fsspec writes to.
        folder: Of the copy; `fetch` fills it.
    """

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        hash = hashlib.sha256(self.address.encode()).hexdigest()[:12]
        self.folder = store.cache_folder() / "galleries" / hash / self.address.rpartition("/")[2]
        self._fetched: bytes | None = None

    def fetch(self, *, progress: Progress | None = None) -> Path:
        """Return the folder of the copy, which is now as the gallery is: empty where there is none.

        Raises:
            DataError: The address can't be read, holds something else, or the copy is in use.
        """
        for _ in range(_TRIES):
            there = self._listed()
            self._fetched = self._facts(there)
            if self._fetched == self._own_facts():
                return self.folder
            with Ledger(self.folder):  # nobody builds what goes away
                shutil.rmtree(self.folder / "generations", ignore_errors=True)
                (self.folder / FACTS).unlink(missing_ok=True)
            if self._fetched is None:
                return self.folder
            try:
                self._get(there, progress)
            except DataError as error:
                if isinstance(error.__cause__, FileNotFoundError):  # of a generation that is gone
                    continue
                raise
            store.write_bytes(self.folder / FACTS, self._fetched)
            return self.folder
        raise DataError(f"{self.address} is being built all the time; try again when that is done")

    def put(self, *, progress: Progress | None = None) -> None:
        """Put what the copy has become in the place of the gallery.

        Raises:
            DataError: Another machine did so since `fetch`, or the address takes no files.
        """
        facts, there = self._own_facts(), self._listed()
        if self._facts(there) != self._fetched:
            raise DataError(
                f"another machine built {self.address} meanwhile; run the same command again: "
                f"what was computed here is kept"
            )
        names = gallery_files(self.folder)
        lack = [name for name in names if there.get(name) != self._size(name)]
        if facts is None or (facts == self._fetched and not lack):
            return
        if facts != self._fetched:
            lack = [name for name in names if name in lack or not name.startswith(_NAMED)]
        fs, root = open_filesystem(self.address)
        with one_line(self.address, "write"):
            for done, part in enumerate(chunks(lack, _AT_ONCE)):
                if progress:
                    progress(done * _AT_ONCE, len(lack))
                fs.put([str(self.folder / name) for name in part], [f"{root}/{n}" for n in part])
            fs.pipe_file(f"{root}/{FACTS}", facts)
            fs.put_file(str(self.folder / LEDGER), f"{root}/{LEDGER}")
            if gone := there.keys() - {*names, FACTS, LEDGER}:
                fs.rm([f"{root}/{name}" for name in sorted(gone)])
        self._fetched = facts

    def _listed(self) -> dict[str, int]:
        """Return the size of each file that is there, by its path."""
        fs, root = open_filesystem(self.address)
        with one_line(self.address):
            found = fs.find(root, detail=True)
        there = {path.removeprefix(root).lstrip("/"): int(i["size"]) for path, i in found.items()}
        if there and FACTS not in there and not any(n.startswith("segments/") for n in there):
            raise DataError(f"{self.address} holds something else; wanted a gallery or nothing")
        return there

    def _facts(self, there: dict[str, int]) -> bytes | None:
        fs, root = open_filesystem(self.address)
        with one_line(self.address):
            return fs.cat_file(f"{root}/{FACTS}") if FACTS in there else None

    def _own_facts(self) -> bytes | None:
        file = self.folder / FACTS
        return file.read_bytes() if file.is_file() else None

    def _get(self, there: dict[str, int], progress: Progress | None) -> None:
        """Bring the files that lack here, each whole or not at all."""
        fs, root = open_filesystem(self.address)
        lack = [
            name
            for name, size in there.items()
            if name != FACTS and (self._size(name) != size or not name.startswith(_NAMED))
        ]
        for done, part in enumerate(chunks(lack, _AT_ONCE)):
            if progress:
                progress(done * _AT_ONCE, len(lack))
            new = [self.folder / f"{name}.part" for name in part]
            try:
                with one_line(self.address):
                    for file in new:
                        file.parent.mkdir(parents=True, exist_ok=True)
                    fs.get([f"{root}/{name}" for name in part], [str(file) for file in new])
                for name, file in zip(part, new, strict=True):
                    if file.stat().st_size != there[name]:
                        raise DataError(f"{self.address}/{name} came by half; try again")
                    os.replace(file, self.folder / name)
            finally:
                for file in new:
                    with suppress(OSError):
                        file.unlink()

    def _size(self, name: str) -> int | None:
        file = self.folder / name
        return file.stat().st_size if file.is_file() else None
