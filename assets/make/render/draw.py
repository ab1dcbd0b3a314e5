"""Render selfies of people who don't exist, each with its factors known.

    draw.py OUT --makehuman FOLDER --environments FOLDER --count 100 --seed 3000
    draw.py OUT ... --people 24 --each 3 --seed 3000
    draw.py OUT ... --count 50 --seed 3000 --vary tone female lighting

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

import numpy as np
from balance import POOL, balanced
from factors import FULL_LENGTH, KINDS, Selfie, flat
from pairs import PAIRS, pair_base, vary
from PIL import Image
from sample import sample_selfie

QUALITY = 86  # WebP


@dataclass(frozen=True)
class Job:
    """One photo to make, and what its line says beside the factors."""

    name: str
    selfie: Selfie
    facts: dict[str, object] = field(default_factory=dict)


def singles(seed: int, count: int, kinds: tuple[str, ...], *, even: bool = False) -> Iterator[Job]:
    """Yield selfies, each of other people; even ones are chosen so that no factors go together."""
    selfies = [
        sample_selfie(number, kinds=kinds)
        for number in range(seed, seed + count * (POOL if even else 1))
    ]
    for place in balanced(selfies, count) if even else range(count):
        yield Job(f"{selfies[place].seed:05d}", selfies[place])


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


@dataclass(frozen=True)
class Sources:
    """Where the meshes and the light come from, and how finely they are drawn."""

    makehuman: Path
    environments: Path
    size: int  # pixels per side
    samples: int  # light paths per pixel
    threads: int


def draw_all(jobs: list[Job], out: Path, sources: Sources) -> None:
    """Make the photos that are not there yet, then write factors.jsonl anew."""
    from tqdm import tqdm

    (out / LINES).mkdir(parents=True, exist_ok=True)
    done = {path.stem for path in (*out.glob("*.webp"), *(out / LINES).glob("*.left-out"))}
    todo = [job for job in jobs if job.name not in done]
    painter = None
    bar = tqdm(todo, total=len(jobs), initial=len(jobs) - len(todo), unit="photo", smoothing=0)
    try:
        for number, job in enumerate(bar):
            if number % 25 == 0:
                gather(out)
            if (out / f"{job.name}.webp").exists():  # another run was here
                continue
            painter = painter or Painter(sources, out / PLACES)
            photo, seen = painter.draw(job.selfie)
            if photo is None:
                _replace(out / LINES / f"{job.name}.left-out", json.dumps(seen).encode())
                continue
            line = {"file": f"{job.name}.webp"} | job.facts | flat(job.selfie) | seen
            text = json.dumps(_rounded(line)) + "\n"
            _replace(out / LINES / f"{job.name}.json", text.encode())
            photo.save(out / LINES / f"{job.name}.part", "WEBP", quality=QUALITY, method=6)
            os.replace(out / LINES / f"{job.name}.part", out / f"{job.name}.webp")
    finally:
        gather(out)


LINES = ".lines"  # in OUT: a file of factors per photo, joined into factors.jsonl
PLACES = ".places"  # in OUT: the rooms that were made


class Painter:
    """Draws selfies; Blender starts here, not before there is something to draw."""

    def __init__(self, sources: Sources, places: Path) -> None:
        from scenery import Scenery
        from studio import Studio

        self.sources = sources
        self.studio = Studio(sources.size, samples=sources.samples, threads=sources.threads)
        self.scenery = Scenery(self.studio, sources.environments, places)

    def draw(self, selfie: Selfie) -> tuple[Image.Image | None, dict[str, object]]:
        """Return the photo of a selfie, and where its faces are in the frame before any border.

        No photo is drawn of a selfie on which one person hides the eyes of another.
        """
        from camera import hands_of, view_of
        from develop import develop
        from dress import make_figure
        from places import backdrop

        size, folder = self.sources.size, self.sources.makehuman
        view = view_of(selfie)
        far = selfie.kind in FULL_LENGTH or len(selfie.people) > 2
        detail = (0.5 if far else 1.0) * size / 384
        figures = [
            make_figure(
                person, look, hands_of(selfie, look, view), view.at, folder=folder, detail=detail
            )
            for person, look in selfie.people
        ]
        heads = [view.project(figure.head) for figure in figures]
        hair = [view.project(figure.hair()) for figure in figures]
        marks = [view.project(figure.landmarks) for figure in figures]
        seen: dict[str, object] = {
            "face_boxes": [
                [*head.min(axis=0).tolist(), *head.max(axis=0).tolist()] for head in heads
            ],
            "truth": [_face_truth(points) for points in marks],
        }
        depths = [float(((figure.head - view.at) @ view.ahead).mean()) for figure in figures]
        if eyes_hidden(hair, marks, depths):
            return None, seen
        behind = backdrop(selfie, view, size, self.scenery.find)
        light = self.studio.draw(selfie, figures, view, self.scenery.find(selfie.light), behind)
        return develop(light, selfie), seen


def eyes_hidden(heads: list[np.ndarray], marks: list[np.ndarray], depths: list[float]) -> bool:
    """Return whether one head is before an eye of another.

    Only places count, never what a person looks like.

    Args:
        heads: Points of each head and its hair in the frame, (N, 2).
        marks: Landmarks of each face, eyes first, (5, 2).
        depths: Metres from the camera.
    """
    for near, head in enumerate(heads):
        middle, half = head.mean(axis=0), np.ptp(head, axis=0) / 2
        for far, points in enumerate(marks):
            if depths[far] > depths[near]:
                if (np.hypot(*((points[:2] - middle) / half).T) < 1).any():
                    return True
    return False


def _face_truth(marks: np.ndarray) -> dict[str, object]:
    """Return tilt, height, place and visible forehead of a face from its landmarks (5, 2)."""
    left, right, hairline, brow, chin = marks
    across = left - right
    forehead = (brow[1] - max(0.0, hairline[1])) / max(1e-3, brow[1] - hairline[1])
    return {
        "tilt_deg": float(np.degrees(np.arctan2(across[1], across[0]))),
        "face_h": float(np.hypot(*(chin - hairline))),
        "center": ((left + right + chin) / 3).tolist(),
        "eyes": [left.tolist(), right.tolist()],
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
    parser.add_argument(
        "--balanced", action="store_true", help=f"choose --count of {POOL} times as many seeds"
    )
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
    parser.add_argument("--makehuman", type=Path, required=True, help="folder of its assets")
    parser.add_argument("--environments", type=Path, required=True, help="folder of .exr.js files")
    parser.add_argument("--size", type=int, default=384, help="pixels per side")
    parser.add_argument("--samples", type=int, default=8, help="light paths per pixel")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--backwards", action="store_true", help="last first: meets another run")
    args = parser.parse_args()
    if min(args.seed, args.count - 1, args.size - 32, args.samples - 1) < 0:
        sys.exit("seed is 0 or more, count and samples 1 or more, size 32 or more")
    for folder, what in ((args.makehuman, "hair/long01"), (args.environments, "park.exr.js")):
        if not (folder / what).exists():
            sys.exit(f"{folder} has no {what}; README.md says where to get it")
    if args.vary:
        jobs = pairs(args.seed, args.count, args.vary)
    elif args.people:
        jobs = albums(args.seed, args.people, args.each, tuple(args.kinds))
    else:
        jobs = singles(args.seed, args.count, tuple(args.kinds), even=args.balanced)
    sources = Sources(args.makehuman, args.environments, args.size, args.samples, args.threads)
    draw_all(list(jobs)[:: -1 if args.backwards else 1], args.out, sources)


if __name__ == "__main__":
    main()
