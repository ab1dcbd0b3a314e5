"""Which files were read, and which contents can't be used: a photo is read once in its life.

It lies in the gallery's folder.  Deleting it is safe: files are read again, but what was computed
of their content stays.  Who holds it builds; others are refused.
"""

import errno
import logging
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from selfie_core.base.errors import DataError, cant_write
from selfie_core.photo.folder import Seen

log = logging.getLogger(__name__)

FILE = "ledger.sqlite"
_TABLES = """
CREATE TABLE IF NOT EXISTS files (  -- path below the folder of photos, as the system spells it
    path BLOB PRIMARY KEY, size INTEGER, mtime_ns INTEGER, inode INTEGER, id TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bad (  -- why a content is no photo of the gallery, by a recipe
    id TEXT, recipe TEXT, reason TEXT, PRIMARY KEY (id, recipe)) WITHOUT ROWID;
"""


class Ledger:
    """The ledger of a gallery's folder, held by one process at a time: a context."""

    def __init__(self, folder: Path) -> None:
        """Name the gallery's folder."""
        self._folder = folder

    def __enter__(self) -> "Ledger":
        """Take the ledger; a damaged one is begun anew.

        Raises:
            DataError: Another process holds it, or the disk does not take it.
        """
        file = self._folder / FILE
        with self._one_line():
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise cant_write(self._folder, error) from error
            try:
                self._base = _taken(file)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                log.warning("%s is damaged; all photos are read again", file)
                file.unlink()
                self._base = _taken(file)
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def files(self) -> dict[str, tuple[Seen, str]]:
        """Return what is known of each file: what the disk said of it, and its content's id."""
        with self._one_line():
            rows = self._base.execute("SELECT path, size, mtime_ns, inode, id FROM files")
            return {os.fsdecode(path): (Seen(*seen), id) for path, *seen, id in rows}

    def bad(self, recipe: str) -> dict[str, str]:
        """Return why contents can't be used, by their ids."""
        with self._one_line():
            query = "SELECT id, reason FROM bad WHERE recipe = ?"
            return dict(self._base.execute(query, (recipe,)).fetchall())

    def record(
        self,
        files: Mapping[str, tuple[Seen, str]],
        *,
        bad: Mapping[str, str] | None = None,
        recipe: str = "",
    ) -> None:
        """Keep what became of files, and why contents can't be used, all or nothing of it."""
        rows = [(os.fsencode(path), *seen, id) for path, (seen, id) in files.items()]
        reasons = [(id, recipe, reason) for id, reason in (bad or {}).items()]
        with self._one_line(), self._base:
            self._base.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", rows)
            self._base.executemany("INSERT OR REPLACE INTO bad VALUES (?, ?, ?)", reasons)

    def forget(self, paths: Iterable[str]) -> None:
        """Drop files that are no longer there."""
        with self._one_line(), self._base:
            rows = [(os.fsencode(path),) for path in paths]
            self._base.executemany("DELETE FROM files WHERE path = ?", rows)

    @contextmanager
    def _one_line(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if "locked" in str(error):
                raise DataError(
                    f"{self._folder} is being built by another process; wait until that is done"
                ) from error
            code = errno.ENOSPC if "full" in str(error) else None
            raise cant_write(self._folder / FILE, OSError(code, str(error))) from error


def _taken(file: Path) -> sqlite3.Connection:
    base = sqlite3.connect(file, timeout=0)
    try:
        base.execute("PRAGMA locking_mode = EXCLUSIVE")  # until it is closed, or its process dies
        base.executescript("BEGIN EXCLUSIVE;" + _TABLES + "COMMIT;")
    except BaseException:
        base.close()
        raise
    return base
