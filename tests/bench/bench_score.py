"""From file to number: the shipped scorer against an eager PyTorch loop over single photos.

python tests/bench/bench_score.py FOLDER [--count 24] [--rounds 5]

The photos of the folder are made into JPEGs as phones and the web have them, with grain, so that
decoding costs what it costs there.  Neither side looks for faces.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2.functional import normalize, pil_to_tensor, resize

from selfie_core.base import progress, store
from selfie_core.photo import images
from selfie_core.photo.folder import find_photos
from selfie_core.scorer import nets, weights
from selfie_core.scorer.files import score_files
from selfie_core.scorer.scorer import load_scorer

SIZES = {"12 megapixels": (4000, 3000), "1 megapixel": (1152, 864)}
LONG = 10**9  # pixels of a run beside which its first and last photos count for little
GRAIN = 4.0  # standard deviation, of 255
QUALITY = 90


def make_photos(folder: Path, size: tuple[int, int], count: int, out: Path) -> list[Path]:
    """Write `count` photos of one size, made of those in a folder; return their paths."""
    rng = np.random.default_rng(0)
    sources = find_photos(folder)
    paths = []
    for number in range(count):
        photo = images.open_photo(sources[number % len(sources)])
        photo = photo.resize(size, Image.Resampling.BICUBIC)
        pixels = np.asarray(photo) + rng.normal(0, GRAIN, (*photo.size[::-1], 1))
        paths.append(out / f"{number}.jpg")
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(paths[-1], quality=QUALITY)
    return paths


def eager(paths: list[Path], net: nets.Net, config: nets.ScorerConfig) -> np.ndarray:
    """The plain way: open a photo whole, let torchvision resize it, run the net on it, next."""
    scores, side = [], [config.image_size] * 2
    with torch.inference_mode():
        for path in paths:
            with Image.open(path) as image:
                ImageOps.exif_transpose(image, in_place=True)
                photo = image.convert("RGB")
            square = resize(pil_to_tensor(photo).float(), side, InterpolationMode.BICUBIC).clamp(
                0, 255
            )
            inputs = normalize(square / 255, list(config.mean), list(config.std))
            logit = net(inputs[None])[0]
            scores.append(float(torch.sigmoid(logit / config.temperature)[0]))
    return np.array(scores)


def shipped(paths: list[Path]) -> np.ndarray:
    """The way of `selfie score --no-faces`."""
    return score_files(paths, load_scorer(), count_faces=False)["score"].to_numpy()


def seconds(run: Callable[[], object]) -> float:
    """Return how long one run takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def compare(paths: list[Path], rounds: int) -> str:
    """Return photos per second of both ways, medians, and how far their scores differ."""
    net, config = weights.load_net(store.demo_scorer())
    difference = np.abs(eager(paths, net, config) - shipped(paths))
    times = []
    for _ in range(rounds):  # by turns, so that other work on the machine meets both
        Image.core.set_blocks_max(0)  # the plain way has Pillow as it comes
        plain = seconds(lambda: eager(paths, net, config))
        Image.core.set_blocks_max(images.KEPT_BLOCKS)
        times.append((plain, seconds(lambda: shipped(paths))))
    plain, ours = (len(paths) / statistics.median(column) for column in zip(*times, strict=True))
    return (
        f"eager {plain:6.1f} photos/s, shipped {ours:6.1f} photos/s: {ours / plain:.1f} times; "
        f"scores differ by {difference.mean():.4f} on average, {difference.max():.4f} at most"
    )


def allowed(paths: list[Path], size: tuple[int, int], rounds: int) -> str:
    """Return photos per second beside what decoding alone and the net alone allow together."""
    paths = paths * (LONG // (len(paths) * size[0] * size[1]) + 1)
    scorer, cores = load_scorer(), ThreadPoolExecutor(progress.cores())
    at_least = scorer.copy_side
    squares = [images.squash(images.open_photo(p, at_least=at_least), 128) for p in paths]

    def decode() -> None:
        list(cores.map(lambda path: images.open_photo(path, at_least=at_least), paths))

    ways = (decode, lambda: scorer.features_of(squares), lambda: shipped(paths))
    times = [[seconds(way) for way in ways] for _ in range(rounds + 1)][1:]
    decoding, net, all_of_it = (statistics.median(column) for column in zip(*times, strict=True))
    rates = [len(paths) / part for part in (decoding, net, decoding + net, all_of_it)]
    return (
        "decoding alone {:.0f} photos/s, the net alone {:.0f}, together {:.0f}; "
        "`selfie score` {:.0f}: {:.2f} of it".format(*rates, (decoding + net) / all_of_it)
    )


def main() -> None:
    """Print two lines per size of photo."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    for name, size in SIZES.items():
        with tempfile.TemporaryDirectory() as out:
            paths = make_photos(args.folder, size, args.count, Path(out))
            print(f"{name}: {compare(paths, args.rounds)}", flush=True)
            print(f"{name}: {allowed(paths, size, args.rounds)}", flush=True)
    paths = find_photos(args.folder)[: args.count]
    print(f"as they lie in {args.folder.name}: {compare(paths, args.rounds)}")


if __name__ == "__main__":
    main()
