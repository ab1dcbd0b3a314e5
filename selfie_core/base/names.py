"""Names of files as text: what every table and console can hold, spelled alike on every system."""

import posixpath
import shlex
import unicodedata
from collections.abc import Collection, Iterable
from pathlib import Path, PurePath

# What Windows, macOS, Android and NAS boxes keep for themselves among people's files.
_LEAVINGS = frozenset(
    (
        *("@eadir", "@recycle", "@recently-snapshot", "@tmp", "#recycle", "#snapshot"),
        *("$recycle.bin", "recycler", "system volume information", "found.000", "lost+found"),
        *("__macosx", "network trash folder", "temporary items", "lost.dir"),
        *("thumbs.db", "desktop.ini"),
    )
)


def is_leaving(name: str) -> bool:
    """Return whether a file or folder of that name is a system's: hidden, a bin, thumbnails."""
    return name.startswith(".") or name.casefold() in _LEAVINGS


def plain_name(path: PurePath | str) -> str:
    r"""Return a path as text that goes anywhere; a byte that is no UTF-8 shows as \xe9."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def quoted(path: Path) -> str:
    """Return a path as a shell takes it in a command to paste."""
    return shlex.quote(plain_name(path))


def short_name(stem: str, end: str, *, most: int = 255) -> str:
    """Return the name of a file, its stem cut so that systems take it: `most` bytes in all."""
    whole, room = stem.encode("utf-8", "surrogateescape"), most - len(end.encode())
    return (stem if len(whole) <= room else whole[:room].decode("utf-8", "ignore")) + end


def beside(path: Path, end: str) -> Path:
    """Return where a file or folder is made before it is put in its place: ".gallery.building"."""
    return path.with_name(short_name(f".{path.name}", end))


def same_name(name: PurePath | str) -> str:
    """Return the one spelling of a file's name: plain, letters composed, slashes, no "./".

    macOS writes é as two characters, e and an accent, where others write one.
    """
    text = name if isinstance(name, str) else name.as_posix()
    return posixpath.normpath(unicodedata.normalize("NFC", plain_name(text.strip())))


def spelled_in(there: Collection[str], names: Iterable[str]) -> list[str | None]:
    """Return the spelling by which each name is among others, all as of `same_name`; None if none.

    In what Windows wrote, a backslash stands for a slash, and large letters for small ones: those
    count for the same where that leaves one spelling only.
    """
    exact = set(there)
    folded: dict[str, str | None] = {}
    for name in there:
        folded[name.casefold()] = None if name.casefold() in folded else name
    found = []
    for name in names:
        spellings = [same_name(name), same_name(name.replace("\\", "/"))]
        known = [folded.get(spelling.casefold()) for spelling in spellings]
        known = [spelling for spelling in spellings if spelling in exact] + known
        found.append(next(filter(None, known), None))
    return found
