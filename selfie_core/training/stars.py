"""Stars that someone gave their photos -> what they like: the engine of /taste, asked nothing.

Two photos with different stars are a choice.  Each photo stands in one pair only, and of
near-copies one is taken, so what is held out was never learned from.

Letters: N photos, Q pairs.
"""

import functools
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.names import plain_name
from selfie_core.base.progress import Progress
from selfie_core.photo.copies import group_moments, square
from selfie_core.photo.exif import read_head, taken_at
from selfie_core.photo.faces import find_faces
from selfie_core.photo.factors import measure_factors
from selfie_core.photo.folder import scan_photos
from selfie_core.photo.sidecar import Listing, persons_stars, sidecars_of
from selfie_core.scorer.files import score_photos
from selfie_core.scorer.scorer import Scorer
from selfie_core.training.taste import LEFT, RIGHT, Question, Shown, Taste, fit_taste, main_axes

LEAST = 20  # photos with stars: of fewer pairs than ten no taste can be told from a coin


@dataclass(frozen=True, eq=False)
class Starred:
    """What was learned from stars: of how many photos, and of how many that were left out."""

    taste: Taste
    photos: int
    near_copies: int
    unreadable: int


def read_stars(photos: Path) -> dict[Path, int]:
    """Return the stars that a person gave, -1 to 5, by photo: from sidecars, else from inside it.

    Our own stars don't count.

    Raises:
        DataError: There is no such folder, or no photo in it.
    """
    listed = functools.cache(lambda folder: Listing(os.listdir(folder)))
    found = {}
    for path in (photos / name for name in scan_photos(photos).photos):
        for said in _said(path, listed(path.parent)):
            with suppress(DataError):  # no XMP
                stars = persons_stars(said)
                if stars is not None:
                    found[path] = stars
                    break
    return found


def _said(path: Path, there: Listing) -> Iterator[bytes]:
    """Yield what may hold the stars of a photo, the best known first."""
    for name in sidecars_of(path.name, there):
        with suppress(DataError):  # it may not be read
            yield store.read_bytes(path.parent / name)
    yield read_head(path)[1]


def learn_stars(photos: Path, scorer: Scorer, *, progress: Progress | None = None) -> Starred:
    """Return the taste by which a person gave stars to the photos of a folder.

    Args:
        photos: The folder.
        scorer: Gives fc7, and the scores that the taste is compared with.
        progress: Called with (photos, of).

    Raises:
        DataError: Fewer than `LEAST` different photos have stars, or all have the same.
    """
    stars = read_stars(photos)
    _check([*stars.values()], f"photos in {plain_name(photos)} have a person's stars")

    def look(photo: Image.Image, _path: object) -> tuple[dict[str, float], NDArray[np.float32]]:
        return measure_factors(photo, find_faces(photo)), square(photo)

    scored = list(score_photos([*stars], scorer, look, progress=progress))
    known = [(path, one, one.seen) for path, one in zip(stars, scored, strict=True) if one.seen]
    fc7 = np.array([one.fc7 for _, one, _ in known])
    squares = np.array([seen[1] for _, _, seen in known])
    taken = np.array([taken_at(path) for path, _, _ in known])
    kept = np.unique(group_moments(squares, fc7, taken), return_index=True)[1] if known else []
    rows = [known[row] for row in sorted(kept)]
    values = np.array([stars[path] for path, _, _ in rows])
    _check(values.tolist(), "different photos with a person's stars can be read")
    shown = Shown(
        np.array([one.fc7 for _, one, _ in rows]), np.array([one.score for _, one, _ in rows]),
        pd.DataFrame([seen[0] for _, _, seen in rows]),
    )  # fmt: skip
    questions, answers = pair_stars(values)
    found = fit_taste(shown, main_axes(shown.fc7), questions, answers)
    return Starred(found, len(rows), len(known) - len(rows), len(stars) - len(known))


def pair_stars(stars: NDArray[np.integer], *, seed: int = 0) -> tuple[list[Question], list[int]]:
    """Return as many pairs as can be of photos with different stars, no photo twice, and answers.

    Args:
        stars: Shape (N,).
        seed: Of who meets whom, and who stands left.
    """
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.random(len(stars)), stars))
    # So far apart that both are never of the largest group, nor of any other.
    apart = max(-(-len(stars) // 2), int(np.bincount(stars - stars.min()).max()))
    pairs = np.stack([order[: len(order) - apart], order[apart:]], axis=1)
    pairs = rng.permuted(rng.permutation(pairs), axis=1)
    questions = [Question(left, right) for left, right in pairs.tolist()]
    return questions, [RIGHT if stars[q.right] > stars[q.left] else LEFT for q in questions]


def _check(values: list[int], who: str) -> None:
    if len(values) < LEAST:
        raise DataError(f"{len(values)} {who}; wanted {LEAST} or more; rate some")
    if len(set(values)) < 2:
        raise DataError(f"all {len(values)} {who}, each {values[0]}; wanted different ones")
