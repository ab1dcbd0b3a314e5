"""A zip from a stranger, read in memory: nothing is written, and what is unsafe is refused.

Files are unpacked one at a time and measured while they are read: headers may lie.
"""

import io
import re
import stat
import threading
import zipfile
import zlib
from contextlib import suppress
from pathlib import PurePosixPath

from selfie_core.base.errors import DataError
from selfie_core.base.names import is_leaving, same_name

MOST_ENTRIES = 20_000
MOST_BYTES = 1_000_000_000  # unpacked, all files together
_UTF8 = 0x800  # flag of an entry whose name is UTF-8; else it is said to be code page 437


class Archive:
    """A zip held in memory whose files can be read one at a time, each within bounds."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise DataError("that is no zip file, or it is cut off; make it again") from error
        entries = self._zip.infolist()
        if len(entries) > MOST_ENTRIES:
            raise DataError(f"the zip holds {len(entries):,} files; at most {MOST_ENTRIES:,} fit")
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            name = _safe_name(entry)
            if name in self._entries:
                raise DataError(f"the zip holds {name!r} twice; make it again")
            if not entry.is_dir() and not any(map(is_leaving, name.split("/"))):
                self._entries[name] = entry
        self._left = MOST_BYTES
        self._reading = threading.Lock()  # several read at once; what is left is theirs together

    @property
    def names(self) -> set[str]:
        """Paths of the files, as of `same_name`; what a system hides is not among them."""
        return set(self._entries)

    def read(self, name: str, *, most: int = MOST_BYTES) -> bytes:
        """Return a file's content, as far as there is room; what the headers say is not asked."""
        with self._reading:
            room = min(most, self._left)
            try:
                with self._zip.open(self._entries[name]) as file:
                    data = file.read(room + 1)
            except (
                *(zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError),
                *(NotImplementedError, RuntimeError),
            ) as error:
                raise DataError(f"{name!r} in the zip is damaged; make the zip again") from error
            if len(data) > most:
                raise DataError(
                    f"{name!r} in the zip is larger than {most / 1e6:,.0f} MB; shrink it"
                )
            if len(data) > room:
                raise DataError(
                    f"the zip unpacks to more than {MOST_BYTES / 1e6:,.0f} MB at {name!r}; "
                    f"make it smaller"
                )
            self._left -= len(data)
            return data


def _safe_name(entry: zipfile.ZipInfo) -> str:
    """Return the name of a zip's entry with plain slashes; refuse what has no place in ours."""
    name = entry.filename.replace("\\", "/")
    if not entry.flag_bits & _UTF8:  # some write UTF-8 all the same
        with suppress(ValueError):
            name = name.encode("cp437").decode("utf-8")
    parts = PurePosixPath(name).parts
    if re.match(r"/|[A-Za-z]:/", name) or ".." in parts:
        raise DataError(f"the zip names a path outside itself, {name!r}; make it again")
    if entry.flag_bits & 1:
        raise DataError(f"{name!r} in the zip is encrypted; make it again without a password")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # Of these alone zipfile unpacks no more at a time than is asked for.
        raise DataError(f"{name!r} in the zip is packed in a rare way; make it again with deflate")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise DataError(f"{name!r} in the zip is a link, not a file; zip the file itself")
    if name.lower().endswith((".zip", ".7z", ".rar", ".tar", ".gz", ".tgz")):
        raise DataError(f"the zip holds another archive, {name!r}; unpack it first")
    return same_name(name)
