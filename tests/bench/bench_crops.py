"""Crops: exact and fast search against trying every box of 600, and the spatial transformer.

python tests/bench/bench_crops.py [FOLDER] [--photos 20] [--stn 5]
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from selfie_core.answer import crops
from selfie_core.answer.boxes import Box, Frame
from selfie_core.answer.crops import FAST_MOST, FAST_SCALES, FAST_STRIDE, suggest_crops
from selfie_core.base import store
from selfie_core.photo import images
from selfie_core.photo.folder import find_photos
from selfie_core.scorer import weights
from selfie_core.scorer.scorer import Scorer, load_scorer


def timed(run: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a call gives, and its seconds."""
    start = time.perf_counter()
    return run(), time.perf_counter() - start


def exhaustive(photo: Image.Image, scorer: Scorer, boxes: list[Box]) -> np.ndarray:
    """Score every box: the plain way."""
    return np.concatenate(
        [scorer([photo.crop(b) for b in boxes[i : i + 16]]) for i in range(0, len(boxes), 16)]
    )


def compare(paths: list[Path], scorer: Scorer) -> None:
    """Print regret, overlap and time of both modes against trying every box."""
    frames = [Frame(Box(0, 0, *images.open_photo(p).size), 1.0) for p in paths]
    rows: dict[str, list[tuple[float, float, float]]] = {"exact": [], "fast": []}
    plain, same = [], []
    for path, frame in zip(paths, frames, strict=True):
        photo = images.open_photo(path)
        boxes = frame.grid(scales=FAST_SCALES, stride=FAST_STRIDE, most=FAST_MOST)
        scores, seconds = timed(lambda p=photo, b=boxes: exhaustive(p, scorer, b))
        plain.append(seconds)
        same.append(len(boxes))
        best = boxes[int(scores.argmax())]
        for mode, found in rows.items():
            suggested, seconds = timed(lambda p=photo, m=mode: suggest_crops(p, scorer, mode=m))
            regret = float(scores.max()) - suggested[0].score
            found.append((regret, best.overlap(suggested[0].box), seconds))
    print(f"{len(paths)} photos, {statistics.mean(same):.0f} boxes each; regret: score of the best")
    print("box less that of the crop found; below 0 the search found a better one")
    every = statistics.median(plain)
    print(f"every box: {every:6.3f} s a photo")
    for mode, found in rows.items():
        regret, overlap, seconds = (np.array(column) for column in zip(*found, strict=True))
        took = float(np.median(seconds))
        print(
            f"{mode:9}: {took:6.3f} s a photo ({1 / took:.1f} photos/s, {every / took:.1f} times),"
            f" regret {regret.mean():+.4f} mean, {np.maximum(regret, 0).mean():.4f} counting none"
            f" below 0, {regret.max():+.4f} worst; overlap {overlap.mean():.2f}"
        )


class Transformer:
    """The spatial transformer: gradient ascent on x, y and scale of a square crop."""

    def __init__(self, scorer: Scorer, photo: Image.Image) -> None:
        self.net, self.config = weights.load_net(scorer.path)
        self.net.requires_grad_(False)
        side = 4 * self.config.image_size
        pixels = images.to_batch([photo], size=side, mean=self.config.mean, std=self.config.std)
        self.photo = torch.from_numpy(pixels)

    def logits(self, place: torch.Tensor) -> torch.Tensor:
        """Return logits of crops; `place` holds centre x, y and scale in [0, 1], shape (B, 3)."""
        x, y, scale = place.unbind(1)
        zero = torch.zeros_like(x)
        rows = [scale, zero, 2 * x - 1, zero, scale, 2 * y - 1]
        theta = torch.stack(rows, 1).view(-1, 2, 3)
        side = 2 * self.config.image_size  # then halved: sampling every pixel once would alias
        grid = functional.affine_grid(theta, [len(place), 3, side, side], align_corners=False)
        photo = self.photo.expand(len(place), -1, -1, -1)
        cut = functional.grid_sample(photo, grid, mode="bilinear", align_corners=False)
        return self.net(functional.avg_pool2d(cut, 2))[0]

    @staticmethod
    def bounded(place: torch.Tensor) -> torch.Tensor:
        """Return places inside the photo, scale from 0.4 to 1."""
        scale = place[:, 2:].clamp(0.4, 1)
        centre = torch.minimum(torch.maximum(place[:, :2], scale / 2), 1 - scale / 2)
        return torch.cat([centre, scale], 1)

    def scores(self, place: torch.Tensor) -> np.ndarray:
        """Return scores of crops, shape (B,)."""
        with torch.no_grad():
            return torch.sigmoid(self.logits(place) / self.config.temperature).numpy()

    def climb(self, start: torch.Tensor, *, steps: int = 30, lr: float = 0.02) -> torch.Tensor:
        """Return the best place of each ascent (Adam)."""
        place = start.clone().requires_grad_()
        adam = torch.optim.Adam([place], lr=lr)
        best, most = start.clone(), torch.full((len(start),), -torch.inf)
        for _ in range(steps):
            logits = self.logits(place)
            better = (logits > most).detach()
            best[better], most[better] = place.detach()[better], logits.detach()[better]
            adam.zero_grad()
            (-logits.sum()).backward()
            adam.step()
            with torch.no_grad():
                place.copy_(self.bounded(place))
        return best


def transform(paths: list[Path], scorer: Scorer, *, starts: int = 8, steps: int = 30) -> None:
    """Print how often gradient ascent sticks, and whether it refines the best of a grid."""
    stuck, near, refined, halved = [], [], [], []
    rng = torch.Generator().manual_seed(0)
    for path in paths:
        photo = images.open_photo(path)
        side = min(photo.size)
        photo = photo.crop((0, 0, side, side))
        net = Transformer(scorer, photo)
        frame = Frame(Box(0, 0, side, side), 1.0)
        coarse = frame.grid(scales=crops.SCALES, stride=crops.STRIDE, most=crops.MOST)
        places = torch.tensor([[*(np.array(b.centre) / side), b.width / side] for b in coarse])
        grid = np.concatenate([net.scores(part) for part in places.float().split(16)])
        start = net.bounded(torch.rand(starts, 3, generator=rng))
        ended = net.scores(net.climb(start, steps=steps))
        top = places[torch.tensor(np.argsort(-grid)[:3].copy())].float()
        risen = net.scores(net.climb(top, steps=steps))
        found = suggest_crops(photo, scorer)[0]
        at = torch.tensor([[*(np.array(found.box.centre) / side), found.box.width / side]])
        halving = float(net.scores(at.float())[0])  # by the same way of cutting
        best = max(grid.max(), risen.max(), halving)
        stuck += (ended < grid.max() - 0.005).tolist()
        near += (ended > best - 0.01).tolist()
        refined.append(float(risen.max() - grid.max()))
        halved.append(halving - float(grid.max()))
    print(
        f"spatial transformer, {len(paths)} photos, {starts} random starts, {steps} steps of Adam"
    )
    print(f"ends below the best of the coarse grid ({len(coarse)} boxes): {np.mean(stuck):.0%}")
    print(f"ends within 0.01 of the best known: {np.mean(near):.0%}")
    print(f"from the 3 best of the grid: {np.mean(refined):+.4f} by {3 * steps} passes both ways")
    print(f"halving steps instead:       {np.mean(halved):+.4f} by at most 144 passes one way")


def main() -> None:
    """Print both comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=store.demo_gallery() / "photos")
    parser.add_argument("--photos", type=int, default=20)
    parser.add_argument("--stn", type=int, default=5, help="photos for the spatial transformer")
    args = parser.parse_args()
    paths = find_photos(args.folder)
    paths = paths[:: max(1, len(paths) // args.photos)][: args.photos]
    scorer = load_scorer()
    suggest_crops(images.open_photo(paths[0]), scorer, mode="fast")  # loads and exports
    compare(paths, scorer)
    transform(paths[: args.stn], scorer)


if __name__ == "__main__":
    main()
