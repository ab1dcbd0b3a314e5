"""Which heat map is right about the scorer: occlusion against captum's gradient methods.

python tests/bench/bench_why.py [GALLERY] [--photos 40]     (needs `pip install captum`)

The deletion test: cells of a photo are blurred away one after another, once in the order of what
speaks for the photo, once of what speaks against it.  The mean gap between the two curves of the
score, in points of 100, says how much of the net a map has understood; chance is 0.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from captum.attr import InputXGradient, IntegratedGradients, NoiseTunnel, Saliency
from numpy.typing import NDArray
from PIL import Image

from selfie_core.answer import why
from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo import images
from selfie_core.scorer import weights
from selfie_core.scorer.scorer import load_scorer

STEPS = 12  # points of a curve
Heat = NDArray[np.floating]


def gap(square: Image.Image, blurred: Image.Image, heat: Heat) -> float:
    """Return the mean gap between the curves of a photo's map, in score."""
    scorer = load_scorer()
    cells = len(heat)
    order = np.argsort(-heat, axis=None)
    curves = []
    for way in (order, order[::-1]):
        photos = []
        for gone in np.linspace(0, cells * cells, STEPS + 2)[1:-1].round().astype(int):
            mask = np.zeros(cells * cells, np.uint8)
            mask[way[:gone]] = 255
            cover = Image.fromarray(mask.reshape(cells, cells)).resize(square.size, 0)
            photos.append(Image.composite(blurred, square, cover))
        curves.append(scorer(photos).mean())
    return float(curves[1] - curves[0])


def gradients(square: Image.Image, blurred: Image.Image) -> dict[str, Callable[[], Heat]]:
    """Return captum's methods as functions that give a map of CELLS x CELLS."""
    net, config = weights.load_net(store.demo_scorer())
    photo, base = (
        torch.from_numpy(
            images.to_batch([p], size=config.image_size, mean=config.mean, std=config.std)
        )
        for p in (square, blurred)
    )

    def logit(batch: torch.Tensor) -> torch.Tensor:
        return net(batch)[0]

    def cells(values: torch.Tensor) -> Heat:
        pooled = torch.nn.functional.adaptive_avg_pool2d(values.sum(1, keepdim=True), why.CELLS)
        return pooled[0, 0].detach().numpy()

    away = InputXGradient(lambda difference: logit(base + difference))
    whole, noisy = IntegratedGradients(logit), NoiseTunnel(IntegratedGradients(logit))
    return {
        "gradient, size": lambda: cells(Saliency(logit).attribute(photo)),
        "gradient x input": lambda: cells(away.attribute((photo - base).requires_grad_())),
        "integrated gradients": lambda: cells(whole.attribute(photo, base, n_steps=32)),
        "the same, with noise": lambda: cells(
            noisy.attribute(photo, nt_samples=8, stdevs=0.15, baselines=base, n_steps=16)
        ),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("gallery", nargs="?", type=Path, default=store.demo_gallery())
    parser.add_argument("--photos", type=int, default=40)
    args = parser.parse_args()
    gallery = Gallery.open(args.gallery)
    rng = np.random.default_rng(0)
    gaps: dict[str, list[float]] = {}
    times: dict[str, list[float]] = {}
    for row in rng.choice(len(gallery), min(args.photos, len(gallery)), replace=False):
        photo = images.open_photo(gallery.photo(int(row)))
        square, blurred = why.covers(photo)
        ways: dict[str, Callable[[], Heat]] = {
            "occlusion (ours)": lambda photo=photo: why.heat_map(photo, load_scorer()),
            **gradients(square, blurred),
            "chance": lambda: rng.random((why.CELLS, why.CELLS)),
        }
        for name, way in ways.items():
            start = time.perf_counter()
            heat = way()
            times.setdefault(name, []).append(time.perf_counter() - start)
            gaps.setdefault(name, []).append(100 * gap(square, blurred, heat))
    for name, found in gaps.items():
        error = 1.96 * np.std(found) / len(found) ** 0.5
        print(
            f"{name:22} {np.mean(found):5.1f} +- {error:.1f} points; {np.median(times[name]):.2f} s"
        )


if __name__ == "__main__":
    main()
