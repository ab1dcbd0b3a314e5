"""A gallery that grows: nothing to do, some photos more, some gone, beside building it whole.

python tests/bench/bench_living.py FOLDER [--count 400] [--files 50000] [--rounds 3]

`count` photos of the folder make a gallery; the rest of the `files` are hard links to them, which
the ledger knows one by one as it does photos.  CPU seconds and seconds of `selfie build` each time.
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from selfie_core.gallery.build import build_gallery
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo.folder import find_photos
from selfie_core.scorer.scorer import load_scorer

MORE = 20  # photos added


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    source = find_photos(args.folder)[: args.count + MORE]
    first, more = source[: args.count], source[args.count :]
    scorer = load_scorer()
    with tempfile.TemporaryDirectory() as work:
        photos, out = Path(work, "photos"), Path(work, "gallery")
        photos.mkdir()
        for number, path in enumerate(first):
            shutil.copyfile(path, photos / f"{number}{path.suffix}")
        made = list(photos.iterdir())
        for number in range(len(made), args.files):
            one = made[number % len(made)]
            place = photos / f"{number // 1000:03}"
            place.mkdir(exist_ok=True)
            os.link(one, place / f"{number}{one.suffix}")

        def build(where: Path = out) -> Gallery:
            return build_gallery(photos, where, scorer=scorer)

        size = f"{args.files:,} files, {len(first)} photos"
        say("built whole", size, [timed(build)])
        say("nothing to do", size, [timed(build) for _ in range(args.rounds)])
        for path in more:
            shutil.copyfile(path, photos / f"more-{path.name}")
        say(f"{len(more)} more", size, [timed(build)])
        for path in photos.glob("more-*"):
            path.unlink()
        say(f"{len(more)} gone", size, [timed(build)])
        say("built whole again", size, [timed(lambda: build(Path(work, "again")))])


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return seconds and CPU seconds."""
    start, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - cpu


def say(what: str, size: str, runs: list[tuple[float, float]]) -> None:
    """Print one row: medians."""
    wall, cpu = (statistics.median(run[column] for run in runs) for column in (0, 1))
    print(f"{what:18} {wall:7.2f} s {cpu:7.2f} CPU s   ({size})", flush=True)


if __name__ == "__main__":
    main()
