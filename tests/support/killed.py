"""Build galleries in processes that are killed before their n-th step, for every n.

python -m tests.support.killed FOLDER prints a line of JSON per kill.  Each process is forked from
this one, which has imported everything, so that a kill costs no second start.
"""

import functools
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import sklearn.decomposition
import sklearn.neighbors  # noqa: F401  what a build imports when it needs it

from selfie_core.gallery import generation, intake, measure, segments
from selfie_core.gallery.build import BuildConfig, build_gallery
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.ledger import Ledger
from tests.conftest import FIRST_FORMAT
from tests.support.drawn import BrightnessScorer, draw_photo

NEW = ("new-0.png", "new-1.png")
# Everything by which a build changes what lies on the disk.
STEPS: list[tuple[Any, str]] = [
    (os, "replace"),
    (Path, "rename"),
    (Path, "unlink"),
    (segments.shutil, "rmtree"),
    (Ledger, "record"),
    (Ledger, "forget"),
    (generation, "write_generation"),
]


def build(folder: Path, measured: Path, kill_at: int | None) -> None:
    """Build, and note the name of each photo that is measured."""
    examine = measure._examine

    def noting(photo: Any, path: Path, **how: Any) -> Any:
        with measured.open("a") as file:
            file.write(path.name + "\n")
        return examine(photo, path, **how)

    measure._examine, intake.SHARD = noting, 1  # type: ignore[assignment]
    if kill_at is not None:
        numbers = count()
        for owner, name in STEPS:
            setattr(owner, name, _killing(getattr(owner, name), numbers, kill_at))
    scorer = BrightnessScorer(folder / "brightness.safetensors")
    build_gallery(folder / "photos", folder / "gallery", scorer=scorer, config=BuildConfig())


def _killing(step: Callable[..., Any], numbers: Any, kill_at: int) -> Callable[..., Any]:
    @functools.wraps(step)
    def run(*args: Any, **how: Any) -> Any:
        # What happens inside a folder without its name yet is one step with its naming.
        unnamed = "/.new-" in str(args[-1]) or (step.__name__ == "unlink" and how)
        if not unnamed and next(numbers) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(*args, **how)

    return run


def apart(work: Callable[[], object]) -> int:
    """Return how a process of its own ended that did some work."""
    child = os.fork()
    if not child:
        try:
            work()
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def prepare(folder: Path, start: str) -> None:
    """Lay out photos, and a gallery of some of them: of the first format, of today's, or none."""
    (folder / "photos").mkdir(parents=True)
    (folder / "brightness.safetensors").write_bytes(b"no weights")
    for number in range(8):
        draw_photo(number).save(folder / "photos" / f"photo-{number}.png")
    if start == "first format":
        shutil.copytree(FIRST_FORMAT, folder / "gallery")
    if start == "today":
        apart(lambda: build(folder, folder / "measured-before", None))
    for number, name in enumerate(NEW):
        draw_photo(number, size=(99 + number, 97)).save(folder / "photos" / name)
    for number in (0, 3, 7):
        (folder / "photos" / f"photo-{number}.png").unlink()


def ids(folder: Path) -> list[str]:
    """Return whose photos the gallery shows, each checked for its pictures."""
    gallery = Gallery.open(folder / "gallery")
    rows = range(len(gallery))
    assert all(gallery.photo(row) and gallery.thumb(row) for row in rows)
    return sorted(id[:12] for id in gallery.table["id"])


def main() -> None:
    """Kill before each step, and tell what was left, and what the next build made of it."""
    root, start = Path(sys.argv[1]), sys.argv[2]
    prepare(root / "base", start)
    for number in count():
        folder = root / str(number)
        shutil.copytree(root / "base", folder)  # inodes and times are new: all is read again
        measured = folder / "measured"
        killed = apart(lambda: build(folder, measured, number))  # noqa: B023
        left = folder / "left.json"
        if (folder / "gallery" / "gallery.json").is_file():
            code = apart(lambda: left.write_text(json.dumps(ids(folder))))  # noqa: B023
            assert code == 0, "what the kill left does not open"
        code = apart(lambda: build(folder, measured, None))  # noqa: B023
        assert code == 0, "the next build fails"
        result = folder / "result.json"
        assert apart(lambda: result.write_text(json.dumps(ids(folder)))) == 0  # noqa: B023
        print(
            json.dumps(
                {
                    "killed": killed == -signal.SIGKILL,
                    "left": json.loads(left.read_text()) if left.is_file() else None,
                    "then": json.loads(result.read_text()),
                    "measured": measured.read_text().split() if measured.is_file() else [],
                    "litter": [p.name for p in (folder / "gallery").rglob(".*")],
                }
            ),
            flush=True,
        )
        shutil.rmtree(folder)
        if killed != -signal.SIGKILL:
            assert killed == 0
            break


if __name__ == "__main__":
    main()
