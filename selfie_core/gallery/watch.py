"""A folder watched: its gallery is brought up to date whenever something changes in it."""

import logging
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery

log = logging.getLogger(__name__)

_QUIET = 400  # ms without a change after which those seen so far are taken in
_LONGEST = 3000  # ms after which they are taken in though more come
_RETRY = 1000  # ms until a build that could not be done is tried again, then twice that ...
_SELDOM = 60  # such spans at most
_LOOK = 300  # such spans, after which all is looked at without a reason: events get lost
_POLL = 5000  # ms between two questions to a network disk
_OCTAL = re.compile(r"\\([0-7]{3})")  # how a list of mounts writes a space in a name
# Of these no system tells what other machines change.
_REMOTE = ("nfs", "cifs", "smb", "afp", "9p", "webdav", "davfs", "vboxsf", "virtiofs", "fuse.")


def watch_folder(
    photos: Path,
    out: Path,
    build: Callable[[], Gallery],
    *,
    polling: bool | None = None,
    stop: threading.Event | None = None,
) -> Iterator[Gallery]:
    """Yield the gallery of a folder, and again each time that it changed, until `stop`.

    What can't be done now, because the folder is not mounted or another process builds, is logged
    and tried again.

    Args:
        photos: Folder of photos.
        out: Folder of the gallery; what changes in it is no news.
        build: Brings the gallery up to date and returns it.
        polling: Ask for the times of all files instead of being told of changes; by default where
            the folder is on a network disk.
        stop: Set to end.

    Raises:
        DataError: There is no such folder, or the system can't watch it.
    """
    if not photos.is_dir():
        raise DataError(f"no folder {photos}; wanted a folder of photos; check the name")
    if polling is None:
        polling = is_remote(photos)
    version, failed, wanted, idle, again = "", "", True, 0, 0
    for changed in _changes(photos, out.resolve(), polling, stop):  # the first comes at once
        idle, again = (0, 0) if changed else (idle + 1, again)
        wanted |= changed or idle % _LOOK == 0
        if not wanted or idle < again:
            continue
        try:
            gallery = build()
        except (DataError, OSError) as error:
            if str(error) != failed:  # once
                log.warning("%s", error)
            failed = str(error)
            again = min(2 * idle + 1, idle + _SELDOM)  # a disk may be full for days
            continue
        wanted, failed = False, ""
        if gallery.version != version:
            version = gallery.version
            yield gallery


def _changes(
    photos: Path, without: Path, polling: bool, stop: threading.Event | None
) -> Iterator[bool]:
    """Yield at least every second whether something changed in a folder, but for one in it."""
    from watchfiles import watch

    batches = watch(
        photos,
        watch_filter=lambda _kind, path: not Path(path).is_relative_to(without),
        debounce=_LONGEST,
        step=_QUIET,
        rust_timeout=_RETRY,
        yield_on_timeout=True,
        stop_event=stop,
        force_polling=polling,
        poll_delay_ms=_POLL,
        ignore_permission_denied=True,
    )
    try:
        yield from map(bool, batches)
    except OSError as error:  # more folders than the system tells of
        raise DataError(f"can't watch {photos}: {error}; try --poll") from error


def is_remote(folder: Path, mounts: Path = Path("/proc/mounts")) -> bool:
    """Return whether a folder lies on a network disk, as far as the system tells."""
    try:
        lines = [line.split() for line in mounts.read_text("utf-8", "replace").splitlines()]
    except OSError:
        return False
    path = folder.resolve()
    places = [(_OCTAL.sub(lambda sign: chr(int(sign[1], 8)), line[1]), line[2]) for line in lines]
    at = [(len(place), kind) for place, kind in places if path.is_relative_to(place)]
    return bool(at) and max(at)[1].startswith(_REMOTE)
