"""Folders that are put in their place whole."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from selfie_core.base.errors import cant_write
from selfie_core.base.names import beside


def swap_folder(new: Path, old: Path) -> None:
    """Put the finished folder `new` in the place of `old`; `old` is moved away, then deleted."""
    away = beside(old, ".old")
    shutil.rmtree(away, ignore_errors=True)
    if old.exists():
        os.replace(old, away)
    os.replace(new, old)
    shutil.rmtree(away, ignore_errors=True)


def link_file(source: str | Path, target: str | Path) -> None:
    """Give a file a second name, or copy it to another disk, or one that knows no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def link_files(files: Mapping[str, Path], folder: Path) -> None:
    """Let a folder hold these files and no others, by their paths in it.

    They are links to the same data where that goes.
    """
    new = beside(folder, ".new")
    shutil.rmtree(new, ignore_errors=True)
    try:
        new.mkdir(parents=True)
        for name, file in files.items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            link_file(file, new / name)
        swap_folder(new, folder)
    except OSError as error:
        raise cant_write(folder, error) from error
