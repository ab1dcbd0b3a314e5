"""Which galleries this app shows: opened once per process, shared by pages and routes.

A visitor's own scorer gives a second view of the same photos, for that visitor's session; these
views lie in a temporary folder that ends with the process.
"""

import contextlib
import functools
import os
import shutil
import tempfile
import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.progress import Progress
from selfie_core.gallery.gallery import Gallery
from selfie_core.scorer.scorer import Scorer

if TYPE_CHECKING:  # it brings scikit-learn, which pages that only show do without
    from selfie_core.training.last_layer import Head

_MOST_OWN = 16  # visitors' views kept; the one not asked for longest goes first
_own: OrderedDict[str, tuple[Gallery, Gallery | None]] = OrderedDict()  # by version
# A gallery may grow while it is looked at: who looks keeps what was shown, until a visitor asks.
_MOST_RECENT = 4
_recent: OrderedDict[str, Gallery] = OrderedDict()  # by version
_LOCK = threading.Lock()


def main_gallery() -> Gallery:
    """Return the gallery of the app.

    Raises:
        DataError: There is none, or it is damaged.
    """
    gallery = _open(Path(os.environ.get("SELFIE_GALLERY") or store.demo_gallery()))
    with _LOCK:
        _recent[gallery.version] = gallery
        _recent.move_to_end(gallery.version)
        if len(_recent) > _MOST_RECENT:
            _recent.popitem(last=False)
    return gallery


def recent(version: str | None) -> Gallery | None:
    """Return the app's gallery in a state that was shown lately, or None."""
    with _LOCK:
        return _recent.get(version or "")


def celebrity_gallery() -> Gallery | None:
    """Return the named set of the app, or None where there is none."""
    folder = Path(os.environ.get("SELFIE_CELEBRITIES") or store.demo_celebrities())
    return _open(folder) if folder.exists() else None


def own_view(version: str | None) -> tuple[Gallery, Gallery | None] | None:
    """Return gallery and named set as a visitor's scorer sees them; None once they are gone."""
    with _LOCK:
        view = _own.get(version or "")
        if view is not None:
            _own.move_to_end(view[0].version)
    try:
        stale = view is None or view[0].info["rescored"]["from"] != main_gallery().version
    except DataError:  # the app's gallery is being built anew
        stale = True
    return None if stale else view


def add_own_view(
    scorer: Scorer,
    data: bytes,
    head: "Head",
    *,
    instead_of: str | None = None,
    progress: Progress = lambda done, of: None,
) -> Gallery:
    """Return the app's gallery, scored by a visitor's scorer.

    `scorer` is the app's; of it the new one was made, whose file is `data` and last layer `head`.
    The view of the version `instead_of` is dropped once this one is there.
    """
    from selfie_core.training.last_layer import rescore_gallery

    folder = Path(tempfile.mkdtemp(dir=_own_folder().name))
    try:
        gallery = rescore_gallery(main_gallery(), data, head, folder / "gallery")
        progress(1, 2)
        named = celebrity_gallery()
        if named is not None and named.scorer_id == scorer.id:
            named = rescore_gallery(named, data, head, folder / "celebrities")
        else:  # its fc7 is another net's
            named = None
        progress(2, 2)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    with _LOCK:
        _own[gallery.version] = gallery, named
        dropped = [_own.pop(instead_of)] if instead_of in _own else []
        dropped += [_own.popitem(last=False)[1] for _ in range(len(_own) - _MOST_OWN)]
    for old, _ in dropped:
        shutil.rmtree(old.folder.parent, ignore_errors=True)
    return gallery


@functools.cache  # which keeps it until the process ends
def _own_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="selfie-own-", ignore_cleanup_errors=True)


def open_galleries() -> int:
    """Return how many galleries are kept open."""
    with _LOCK:
        return _opened.cache_info().currsize + sum(
            len(view) - view.count(None) for view in _own.values()
        )


def gallery_of(version: str) -> Gallery | None:
    """Return the open gallery of a version, or None."""
    with _LOCK:
        known = [*(gallery for view in _own.values() for gallery in view), *_recent.values()]
    for opener in (main_gallery, celebrity_gallery):
        with contextlib.suppress(DataError):
            known.append(opener())
    return next((one for one in known if one is not None and one.version == version), None)


def _open(folder: Path) -> Gallery:
    """Return a gallery; one that was rebuilt since is opened again."""
    facts = folder / "gallery.json"
    return _opened(folder, facts.stat().st_mtime_ns if facts.is_file() else 0)


@functools.lru_cache(maxsize=4)
def _opened(folder: Path, _mtime: int) -> Gallery:
    return Gallery.open(folder)
