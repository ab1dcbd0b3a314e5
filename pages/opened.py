"""Which galleries this app shows: opened once a process, shared by pages and routes."""

import functools
import os
from pathlib import Path

from selfie_core import store
from selfie_core.errors import DataError
from selfie_core.gallery import Gallery


def main_gallery() -> Gallery:
    """Return the gallery of the app.

    Raises:
        DataError: There is none, or it is damaged.
    """
    return _open(Path(os.environ.get("SELFIE_GALLERY") or store.demo_gallery()))


def celebrity_gallery() -> Gallery | None:
    """Return the named set of the app, or None where there is none."""
    folder = Path(os.environ.get("SELFIE_CELEBRITIES") or store.demo_celebrities())
    return _open(folder) if folder.exists() else None


def gallery_of(version: str) -> Gallery | None:
    """Return the open gallery of a version, or None."""
    for opener in (main_gallery, celebrity_gallery):
        try:
            gallery = opener()
        except DataError:
            continue
        if gallery is not None and gallery.version == version:
            return gallery
    return None


def _open(folder: Path) -> Gallery:
    """Return a gallery; one that was rebuilt since is opened again."""
    facts = folder / "gallery.json"
    return _opened(folder, facts.stat().st_mtime_ns if facts.is_file() else 0)


@functools.lru_cache(maxsize=4)
def _opened(folder: Path, _mtime: int) -> Gallery:
    return Gallery.open(folder)
