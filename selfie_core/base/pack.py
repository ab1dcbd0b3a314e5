"""Many small files as one: their bytes one after the other, and where each begins."""

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from selfie_core.base import store
from selfie_core.base.errors import DataError


class Pack:
    """The contents of a pack, by number; they stay readable after its file was deleted."""

    def __init__(self, file: Path) -> None:
        """Open a pack.

        Raises:
            DataError: It is missing, or cut off.
        """
        self._starts = store.read_array(file.with_suffix(".npy"))
        try:
            self._bytes = np.memmap(file, np.uint8, "r")
        except (OSError, ValueError) as error:
            raise DataError(f"{file} is missing or empty; make it again") from error
        if self._starts[-1] != len(self._bytes):
            raise DataError(f"{file} is cut off; make it again")

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, number: int) -> bytes:
        return self._bytes[self._starts[number] : self._starts[number + 1]].tobytes()


def write_pack(file: Path, contents: Iterable[bytes]) -> None:
    """Write contents one after the other, and beside them an .npy of where each begins."""
    starts = [0]
    with store.replacing(file) as temporary, temporary.open("wb") as pack:
        for content in contents:
            pack.write(content)
            starts.append(pack.tell())
        settle(pack.fileno())
    store.write_array(file.with_suffix(".npy"), np.array(starts, np.int64))


def read_span(file: Path, start: int, length: int) -> bytes:
    """Return some bytes of a file; none where it is missing."""
    try:
        with file.open("rb") as pack:
            pack.seek(start)
            return pack.read(length)
    except OSError:
        return b""


def settle(file: int) -> None:
    """Wait until the disk has what was written: a name must not outlive its content."""
    os.fsync(file)
