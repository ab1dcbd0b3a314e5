"""Render selfies of people who don't exist, each with its factors known.

    python assets/make/render/draw.py OUT --count 100 --seed 3000
    python assets/make/render/draw.py OUT --people 24 --each 3 --seed 3000 --size 384
    python assets/make/render/draw.py OUT --count 50 --seed 3000 --vary tone female lighting

OUT gets the photos (WebP) and factors.jsonl, a line per photo.  Photos that are there are kept, so
an interrupted run goes on where it stopped, and several runs may fill one folder.  See README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pairs import PAIRS, pair_base, vary
from PIL import Image
from sample import KINDS, Selfie, flat, sample_selfie

if TYPE_CHECKING:
    from studio import Studio

QUALITY = 86  # WebP


@dataclass(frozen=True)
class Job:
    """One photo to make, and what its line says beside the factors."""

    name: str
    selfie: Selfie
    facts: dict[str, object] = field(default_factory=dict)


def singles(seed: int, count: int, kinds: tuple[str, ...]) -> Iterator[Job]:
    """Yield one selfie a seed, each of other people."""
    for number in range(seed, seed + count):
        yield Job(f"{number:05d}", sample_selfie(number, kinds=kinds))


def albums(seed: int, people: int, each: int, kinds: tuple[str, ...]) -> Iterator[Job]:
    """Yield several selfies of each of some people."""
    for identity in range(seed, seed + people):
        for number in range(each):
            selfie = sample_selfie(identity * 100 + number, identity=identity, kinds=kinds)
            yield Job(f"{identity:05d}-{number + 1}", selfie)


def pairs(seed: int, count: int, factors: list[str]) -> Iterator[Job]:
    """Yield selfies, each followed by itself with one factor at its low and its high end."""
    for number in range(seed, seed + count):
        base = pair_base(number)
        name = f"{number:05d}"
        yield Job(f"{name}-base", base, {"base": name, "factor": "none", "value": None})
        for factor in factors:
            for end, value in zip(("low", "high"), PAIRS[factor], strict=True):
                facts = {"base": name, "factor": factor, "end": end, "value": value}
                yield Job(f"{name}-{factor}-{end}", vary(base, factor, value), facts)


def draw_all(jobs: list[Job], out: Path, *, size: int, samples: int, threads: int) -> None:
    """Make the photos that are not there yet, then write factors.jsonl anew."""
    from tqdm import tqdm

    (out / LINES).mkdir(parents=True, exist_ok=True)
    todo = [job for job in jobs if not (out / f"{job.name}.webp").exists()]
    studio = None
    bar = tqdm(todo, total=len(jobs), initial=len(jobs) - len(todo), unit="photo", smoothing=0)
    try:
        for done, job in enumerate(bar):
            if done % 25 == 0:
                gather(out)
            studio = studio or _open_studio(size, samples=samples, threads=threads)
            photo, seen = draw(studio, job.selfie)
            line = {"file": f"{job.name}.webp"} | job.facts | flat(job.selfie) | seen
            text = json.dumps(_rounded(line)) + "\n"
            _replace(out / LINES / f"{job.name}.json", text.encode())
            photo.save(out / LINES / f"{job.name}.part", "WEBP", quality=QUALITY, method=6)
            os.replace(out / LINES / f"{job.name}.part", out / f"{job.name}.webp")
    finally:
        gather(out)


def _open_studio(size: int, *, samples: int, threads: int) -> Studio:
    """Return the studio; Blender starts here, not before there is something to draw."""
    from studio import Studio

    return Studio(size, samples=samples, threads=threads)


LINES = ".lines"  # in OUT: a file of factors a photo, joined into factors.jsonl


def draw(studio: Studio, selfie: Selfie) -> tuple[Image.Image, dict[str, object]]:
    """Return the photo of a selfie, and where its faces are in the frame before any border."""
    from backdrop import paint_backdrop
    from camera import view_of
    from develop import develop
    from studio import figures_of

    view = view_of(selfie)
    figures = figures_of(selfie, view, studio.size)
    people = studio.draw(selfie, figures, view)
    picture = paint_backdrop(selfie, studio.size)
    picture.paste(people, (0, 0), people)
    boxes, truth = [], []
    for figure in figures:
        head = view.project(figure.head)
        boxes.append([*head.min(axis=0).tolist(), *head.max(axis=0).tolist()])
        truth.append(_face_truth(view.project(figure.landmarks)))
    return develop(picture, selfie), {"face_boxes": boxes, "truth": truth}


def _face_truth(marks: np.ndarray) -> dict[str, object]:
    """Return tilt, height, place and visible forehead of a face from its landmarks (5, 2)."""
    left, right, hairline, brow, chin = marks
    across = left - right
    forehead = (brow[1] - max(0.0, hairline[1])) / max(1e-3, brow[1] - hairline[1])
    return {
        "tilt_deg": float(np.degrees(np.arctan2(across[1], across[0]))),
        "face_h": float(np.hypot(*(chin - hairline))),
        "center": ((left + right + chin) / 3).tolist(),
        "forehead_visible": float(np.clip(forehead, 0, 1)),
    }


def gather(out: Path) -> None:
    """Join the lines of all photos into factors.jsonl, and again if another run added some."""
    joined = -1
    while True:
        lines = sorted((out / LINES).glob("*.json"))
        lines = [path for path in lines if (out / f"{path.stem}.webp").exists()]
        if len(lines) == joined:
            return
        text = "".join(path.read_text() for path in lines)
        _replace(out / "factors.jsonl", text.encode())
        joined = len(lines)


def _replace(path: Path, data: bytes) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(data)
    os.replace(part, path)


def _rounded(value: object) -> object:
    """Return JSON values with numbers at four decimals."""
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    return round(value, 4) if isinstance(value, float) else value


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Render selfies of people who don't exist.")
    parser.add_argument("out", type=Path, help="folder for photos and factors.jsonl")
    parser.add_argument("--seed", type=int, default=0, help="of the first photo, or first person")
    parser.add_argument("--count", type=int, default=100, help="how many seeds, each one photo")
    parser.add_argument("--people", type=int, help="instead of --count: how many people")
    parser.add_argument("--each", type=int, default=3, help="selfies of each of --people")
    parser.add_argument(
        "--vary", nargs="+", choices=PAIRS, metavar="FACTOR", help=f"pairs, of: {', '.join(PAIRS)}"
    )
    parser.add_argument(
        "--kinds",
        nargs="+",
        choices=KINDS,
        default=tuple(KINDS),
        metavar="KIND",
        help=f"of {', '.join(KINDS)}",
    )
    parser.add_argument("--size", type=int, default=256, help="pixels per side")
    parser.add_argument("--samples", type=int, default=16, help="light paths a pixel")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    if min(args.seed, args.count - 1, args.size - 32, args.samples - 1) < 0:
        sys.exit("seed is 0 or more, count and samples 1 or more, size 32 or more")
    if args.vary:
        jobs = pairs(args.seed, args.count, args.vary)
    elif args.people:
        jobs = albums(args.seed, args.people, args.each, tuple(args.kinds))
    else:
        jobs = singles(args.seed, args.count, tuple(args.kinds))
    draw_all(list(jobs), args.out, size=args.size, samples=args.samples, threads=args.threads)


if __name__ == "__main__":
    main()
