"""A gallery of a million photos: opening it, finding in it, what the map and the pages ask.

python tests/bench/make_gallery.py /tmp/gallery1m --count 1000000 --quick
python tests/bench/bench_million.py /tmp/gallery1m

Each figure stands beside its goal, on two quiet cores; CPU seconds are of all threads, and are what
to compare on a machine that others use.
"""

import argparse
import re
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from selfie_core.gallery import explore, search, subset
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.grids import pick_rows
from selfie_core.gallery.map import fidelity, landmarks
from selfie_core.gallery.map.filled_grid import filled_grid

ROUNDS = 5


def memory() -> str:
    """Return what the process holds: its own, and all, with files that others may share."""
    status = Path("/proc/self/status").read_text()
    own, files = (int(re.search(rf"{name}:\s+(\d+)", status)[1]) for name in ("RssAnon", "RssFile"))
    return f"{own / 1e6:.2f} GB of its own, {files / 1e6:.2f} of files"


def show(name: str, goal: str, run: Callable[[], object], rounds: int = ROUNDS) -> object:
    """Print how long something takes: the first time, then at best."""
    times = []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        found = run()
        times.append((1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)))
    first, best = times[0], min(times[1:] or times)
    print(
        f"{name:34} {first[0]:8.0f} {first[1]:8.0f} {best[0]:8.0f} {best[1]:8.0f}  {goal:>8}   "
        f"{memory()}",
        flush=True,
    )
    return found


def recall(gallery: Gallery, rows: np.ndarray, count: int = 10) -> float:
    """Return which share of the nearest of some photos `nearest` finds."""
    exact = np.empty((len(rows), len(gallery)), np.float32)
    new = np.asarray(gallery.fc7[rows], np.float32)
    for start in range(0, len(gallery), 16_384):
        old = np.asarray(gallery.fc7[start : start + 16_384], np.float32)
        exact[:, start : start + len(old)] = np.square(old).sum(axis=1) - 2 * new @ old.T
    near = np.argpartition(exact, count, axis=1)[:, :count]
    found = [gallery.nearest(row, count)[0] for row in new]
    return float(
        np.mean([len(np.intersect1d(a, b)) / count for a, b in zip(near, found, strict=True)])
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("gallery", type=Path)
    parser.add_argument("--recall", action="store_true", help="also how true the neighbours are")
    parser.add_argument("--map", action="store_true", help="also what is made with the places")
    args = parser.parse_args()
    print(f"{'':34} {'first ms':>8} {'CPU ms':>8} {'best ms':>8} {'CPU ms':>8}  {'goal':>8}")
    gallery = show("open", "4,000", lambda: Gallery.open(args.gallery), 1)
    assert isinstance(gallery, Gallery)
    rng = np.random.default_rng(0)
    rows = rng.integers(0, len(gallery), 20)
    some = lambda: int(rng.choice(rows))  # noqa: E731
    show("continuum", "", lambda: pick_rows(gallery, "continuum", 240))
    show("100 photos' thumbnails", "", lambda: [gallery.thumb(int(row)) for row in rows] * 5)
    show("row of an id", "", lambda: gallery.row_of(str(gallery.table["id"].iat[some()])))
    show("percentile", "", lambda: gallery.percentile(0.5))
    wishes = {"face_height": (0.3, 0.5)}
    show("filter and top 100", "300", lambda: subset.choose_rows(gallery, wishes)[:100])
    show("filter's choices", "", lambda: subset.list_choices(gallery))
    show("search", "", lambda: search.find_rows(gallery, "groups"))
    show("codes of a column", "", lambda: gallery.codes("brightness"))
    show("what sets 1,000 apart", "", lambda: explore.set_apart(gallery, rows))
    show("what tells of a photo", "", lambda: explore.telling_factors(gallery, some()))
    one = lambda: np.asarray(gallery.fc7[some()], np.float32)  # noqa: E731
    show("neighbours of a photo", "50", lambda: gallery.nearest(one(), 9))
    show("usual distance", "", lambda: explore.usual_distance(gallery))
    mixed = lambda: (one() + one()) / 2  # noqa: E731
    show("what places newcomers", "", lambda: gallery.placer, 1)
    show("an uploaded photo's place", "100", lambda: gallery.placer(mixed()[None]))
    if args.map:
        table, fc7, xy = gallery.table, gallery.fc7, gallery.xy
        show("filled grid", "", lambda: filled_grid(xy), 1)
        show("seams", "", lambda: fidelity.seams(fc7, xy), 1)
        show("landmarks", "", lambda: landmarks.find_landmarks(table, xy), 1)
        show("how true the map is", "", lambda: fidelity.map_quality(fc7, xy), 1)
    if args.recall:
        print(f"recall of 10 neighbours: {recall(gallery, rows):.3f}")


if __name__ == "__main__":
    main()
