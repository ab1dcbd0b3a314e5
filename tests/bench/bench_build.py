"""From a folder of 12-megapixel photos to a gallery: photos per second, and peak memory.

python tests/bench/bench_build.py FOLDER [--count 120] [--rounds 3] [--before CHECKOUT]

The photos of the folder are made into JPEGs as phones write them.  Each build runs in a process of
its own, faces and copies included, the map left out; with --before, by turns with another checkout
(`git worktree add CHECKOUT COMMIT`), so that other work on the machine meets both.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_score import make_photos

HERE = Path(__file__).resolve().parents[2]
SIZE = (4000, 3000)
DISTINCT = 24  # photos that are really made; the others are copies with a number at their end

# Names of today's tree, and of the one before its modules moved into packages.
BUILD = """
import sys
from pathlib import Path
try:
    from selfie_core.gallery.build import BuildConfig, build_gallery
    from selfie_core.scorer.scorer import load_scorer
except ImportError:
    from selfie_core.build import BuildConfig, build_gallery
    from selfie_core.score import load_scorer
photos, out = map(Path, sys.argv[1:])
build_gallery(photos, out, scorer=load_scorer(), config=BuildConfig(map=False))
with open("/proc/self/status") as status:  # what getrusage says includes the parent's
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""

WARM = BUILD.partition("photos, out")[0] + "load_scorer()"


def fill(folder: Path, source: Path, count: int) -> None:
    """Write `count` files of different content into a folder."""
    made = make_photos(source, SIZE, min(count, DISTINCT), folder)
    for number in range(len(made), count):
        data = made[number % len(made)].read_bytes()
        (folder / f"{number}.jpg").write_bytes(data + str(number).encode())


def build(tree: Path, photos: Path) -> tuple[float, float]:
    """Return seconds and peak memory (GB) of one build by a checkout."""
    with tempfile.TemporaryDirectory() as out:
        start = time.perf_counter()
        done = run(tree, BUILD, str(photos), f"{out}/gallery")
        return time.perf_counter() - start, int(done) / 1e6  # of kB


def run(tree: Path, code: str, *words: str) -> str:
    """Return what a program printed that ran on a checkout's modules."""
    command, env = [sys.executable, "-c", code, *words], os.environ | {"PYTHONPATH": str(tree)}
    return subprocess.run(command, cwd=tree, env=env, check=True, stdout=-1, text=True).stdout


def main() -> None:
    """Print one line per checkout, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--before", type=Path, help="another checkout, to compare with")
    args = parser.parse_args()
    trees = [HERE, args.before.resolve()] if args.before else [HERE]
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), args.folder, args.count)
        for tree in trees:  # the net is exported once, by torch, and kept
            run(tree, WARM)
        runs = [[build(tree, Path(folder)) for tree in trees] for _ in range(args.rounds)]
    for tree, of_tree in zip(trees, zip(*runs, strict=True), strict=True):
        rate = args.count / statistics.median(seconds for seconds, _ in of_tree)
        peak = max(memory for _, memory in of_tree)
        print(f"{tree.name}: {rate:.1f} photos/s, peak {peak:.2f} GB of {args.count} photos")
    if args.before:
        ratios = [before[0] / now[0] for now, before in runs]
        print(f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
