"""The map against PCA and UMAP: time, trustworthiness, recall; newcomers; the filled grid.

python tests/bench/bench_layout.py [GALLERY | FC7.npy] [--count N] [--umap]

UMAP needs `pip install umap-learn`, which nothing else here does.  CPU seconds are those of all
threads; on a quiet machine with two cores the wall takes a little more than half.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from selfie_core.base import store
from selfie_core.base.settings import LayoutConfig
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.map.components import principal_axes
from selfie_core.gallery.map.fidelity import map_quality
from selfie_core.gallery.map.filled_grid import filled_grid
from selfie_core.gallery.map.tsne import Placer, lay_out

CONFIG = LayoutConfig()


def timed(run: Callable[[], np.ndarray]) -> tuple[np.ndarray, float, float]:
    """Return what it gives, and its wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    made = run()
    return made, time.perf_counter() - wall, time.process_time() - cpu


def pca(fc7: np.ndarray) -> np.ndarray:
    """Return the two main components."""
    mean, axes = principal_axes(fc7, CONFIG)
    return (fc7 - mean) @ axes[:, :2]


def umap(fc7: np.ndarray) -> np.ndarray:
    """Return UMAP's places, of the same 50 components."""
    from umap import UMAP

    mean, axes = principal_axes(fc7, CONFIG)
    return UMAP(n_jobs=CONFIG.jobs).fit_transform((fc7 - mean) @ axes)


def newcomers(fc7: np.ndarray, xy: np.ndarray) -> None:
    """Print how far 100 photos, left out and put back, land from their own place of all."""
    rng, far = np.random.default_rng(1), {"five nearest, median": [], "placed": []}
    for _ in range(3):
        out = rng.choice(len(fc7), 100, replace=False)
        rest = np.setdiff1d(np.arange(len(fc7)), out)
        placer = Placer(fc7[rest], xy[rest], config=CONFIG)
        plain = []
        for row in fc7[out]:
            apart = np.square(fc7[rest] - row).sum(axis=1)
            near = np.argpartition(apart, 5)[:5]
            weights = 1 / (apart[near] + 1e-9)
            plain.append(
                np.quantile(xy[rest][near], 0.5, axis=0, weights=weights, method="inverted_cdf")
            )
        for name, places in (("five nearest, median", plain), ("placed", placer(fc7[out]))):
            far[name].append(np.linalg.norm(np.array(places) - xy[out], axis=1))
    for name, parts in far.items():
        apart = 100 * np.concatenate(parts)
        print(
            f"  {name:21} median {np.median(apart):.2f} %, mean {apart.mean():.2f} % of the width"
        )
    times = [timed(lambda: placer(fc7[out[:1]]))[1] for _ in range(9)]
    print(f"  one newcomer: {1000 * np.median(times):.0f} ms")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("gallery", nargs="?", type=Path, default=store.demo_gallery())
    parser.add_argument("--count", type=int, help="of its photos, drawn at random")
    parser.add_argument("--umap", action="store_true")
    args = parser.parse_args()
    npy = args.gallery.suffix == ".npy"
    fc7 = np.load(args.gallery) if npy else Gallery.open(args.gallery).fc7
    fc7 = np.asarray(fc7, np.float32)
    if args.count:
        fc7 = fc7[np.random.default_rng(0).permutation(len(fc7))[: args.count]]
    print(f"{len(fc7):,} photos, fc7 of {fc7.shape[1]}; perplexity {CONFIG.perplexity:g}")
    ways = {"t-SNE": lambda: lay_out(fc7, config=CONFIG), "PCA": lambda: pca(fc7)}
    if args.umap:
        ways["UMAP"] = lambda: umap(fc7)
    places, recalls = {}, {}
    for name, way in ways.items():
        places[name], wall, cpu = timed(way)
        quality = map_quality(fc7, places[name])
        recalls[name] = quality["recall_at_10"]
        print(
            f"  {name:6} {wall:6.1f} s, CPU {cpu:6.1f} s; "
            f"trustworthiness {quality['trustworthiness']:.3f}, recall at 10 {recalls[name]:.3f}, "
            f"t-SNE's is {recalls['t-SNE'] / recalls[name]:.1f} times that"
        )
    newcomers(fc7, places["t-SNE"])
    _, wall, cpu = timed(lambda: filled_grid(places["t-SNE"]))
    print(f"  filled grid: {wall:.1f} s, CPU {cpu:.1f} s")


if __name__ == "__main__":
    main()
