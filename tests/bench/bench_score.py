"""From file to number: the shipped scorer against an eager PyTorch loop over single photos.

python tests/bench/bench_score.py FOLDER [--rounds 5]
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from selfie_core import images, model, store
from selfie_core.score import load_scorer


def eager(paths: list[Path]) -> np.ndarray:
    """The plain way: open a photo whole, run the net on it alone, next."""
    net, config = model.load_net(store.demo_scorer())
    scores = []
    with torch.inference_mode():
        for path in paths:
            photo = images.open_photo(path)
            inputs = images.to_batch(
                [photo], size=config.image_size, mean=config.mean, std=config.std
            )
            logit = net(torch.from_numpy(inputs))[0]
            scores.append(float(torch.sigmoid(logit / config.temperature)[0]))
    return np.array(scores)


def shipped(paths: list[Path]) -> np.ndarray:
    """The way of `selfie score`, but for the faces."""
    return load_scorer()([images.open_photo(path) for path in paths])


def seconds(run: Callable[[list[Path]], np.ndarray], paths: list[Path]) -> float:
    """Return how long one run takes."""
    start = time.perf_counter()
    run(paths)
    return time.perf_counter() - start


def main() -> None:
    """Print medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    paths = images.find_photos(args.folder)
    difference = np.abs(eager(paths) - shipped(paths)).max()
    times = [(seconds(eager, paths), seconds(shipped, paths)) for _ in range(args.rounds)]
    plain, ours = (len(paths) / statistics.median(column) for column in zip(*times, strict=True))
    print(f"{len(paths)} photos, {args.rounds} rounds, medians, from file to number")
    print(f"eager PyTorch, one by one: {plain:6.1f} photos/s")
    print(f"the shipped scorer:        {ours:6.1f} photos/s, {ours / plain:.1f} times")
    print(f"largest difference of a score: {difference:.4f}")


if __name__ == "__main__":
    main()
