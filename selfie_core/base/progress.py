"""Long work: in parts, on how many cores, how far."""

import os
from collections.abc import Callable, Iterator
from typing import Any

Progress = Callable[[int, int], object]  # done, of
Stages = Callable[[str, int, int], object]  # name of the stage, done, of


def part_of(progress: Progress | None, *, before: int, of: int) -> Progress | None:
    """Return what tells of a part of longer work, `of` items long with `before` of them done."""
    if progress is None:
        return None
    return lambda done, _of_part: progress(before + done, of)


only: int | None = None  # cores that are left to this process by one that shares them out


def cores() -> int:
    """Return the number of processor cores that this process may use."""
    if only:
        return only
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def chunks(items: Any, size: int) -> Iterator[Any]:
    """Yield runs of at most `size` items of a sequence or an array, in order."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
