"""Measure whether a scorer wants to see a face: the eyes in its crops and its best photos.

    python hidden_eyes.py PORTRAITS [--scorer S] [--gallery GALLERY] [--all] [--out FILE.json]

Of the portraits that `demo.py` learns from only those of its test split are taken, unless --all
says that the scorer has seen none.  Prints the yardsticks; `model_card.py` makes a section of
assets/eyes.json.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from face_recall import share, some
from model_card import eyes
from PIL import Image
from tqdm import tqdm

from selfie_core.answer.crops import suggest_crops
from selfie_core.base import store
from selfie_core.base.settings import LabelConfig
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo import images
from selfie_core.photo.faces import Face, find_faces
from selfie_core.photo.factors import cut_eyes, measure_factors
from selfie_core.photo.folder import find_photos
from selfie_core.posts.labels import split_users
from selfie_core.scorer.scorer import Scorer, load_scorer

# Where the upper edge of a crop runs, in distances from the eyes to the mouth, below the eyes.
EDGES = {"above the eyes": -0.6, "through the eyes": 0.0, "below the eyes": 0.4}
CROPS = 20  # portraits that are searched for crops
BEST = 100  # photos of a gallery
SHOWN = 0.25  # least share of the eyes outside the picture that counts as an eye lost


def below(photo: Image.Image, face: Face, edge: float) -> Image.Image:
    """Return the largest square around the face whose upper edge runs there."""
    marks = np.array(face.landmarks)
    eyes, mouth = marks[:2].mean(axis=0), marks[3:].mean(axis=0)
    top = max(0, round(eyes[1] + edge * (mouth[1] - eyes[1])))
    side = min(photo.height - top, photo.width)
    left = min(max(round(eyes[0] - side / 2), 0), photo.width - side)
    return photo.crop((left, top, left + side, top + side))


def cut_portraits(people: Sequence[tuple[Image.Image, Face]], scorer: Scorer) -> dict[str, object]:
    """Return the mean score of portraits whole and with the edge at each of `EDGES`.

    Beside it, of how many the score is below that of the crop above the eyes.
    """
    whole = scorer([photo for photo, _ in people])
    cut = {
        name: scorer([below(*person, edge) for person in people]) for name, edge in EDGES.items()
    }
    above = cut["above the eyes"]
    return {"whole head": {"score": float(whole.mean())}} | {
        name: {"score": float(scores.mean()), "below": share(scores < above)}
        for name, scores in cut.items()
    }


def lost_eyes(
    people: Sequence[tuple[Image.Image, Face]], scorer: Scorer, *, keep_face: bool
) -> dict[str, float]:
    """Return in how many portraits the best crop loses an eye."""
    lost = []
    for photo, face in tqdm(people, "kind crops" if keep_face else "rude crops"):
        crop, *_ = suggest_crops(photo, scorer, faces=[face], keep_face=keep_face, count=1)
        lost.append(cut_eyes(face, crop.box) >= SHOWN)
    return share(lost)


def best_with_eyes(gallery: Gallery) -> dict[str, float]:
    """Return how many of a gallery's best photos show both eyes of the largest face."""
    shown = []
    for row in tqdm(gallery.best_first[:BEST], "best of the gallery"):
        photo = images.open_photo(gallery.photo(int(row)))
        shown.append(measure_factors(photo, find_faces(photo))["eyes_cut"] < SHOWN)  # no face: NaN
    return share(shown)


def unseen(folder: Path) -> list[Path]:
    """Return the portraits of the test split of `demo.py`."""
    portraits = find_photos(folder)
    part_of = split_users(pd.Series([path.name for path in portraits]), config=LabelConfig(seed=1))
    return [path for path, part in zip(portraits, part_of, strict=True) if part == "test"]


def measure(paths: Sequence[Path], scorer: Scorer, gallery: Gallery) -> dict[str, object]:
    """Return all yardsticks: cut portraits, kind and rude crops, the best of a gallery."""
    opened = [images.open_photo(path) for path in paths]
    people = [(photo, faces[0]) for photo in opened if len(faces := find_faces(photo)) == 1]
    few = some(people, CROPS)
    return {
        "scorer": scorer.id,
        "portraits": len(people),
        "edges": cut_portraits(people, scorer),
        "kind": lost_eyes(few, scorer, keep_face=True),
        "rude": lost_eyes(few, scorer, keep_face=False),
        "best": best_with_eyes(gallery),
    }


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("portraits", type=Path, help="folder of portraits")
    parser.add_argument("--all", action="store_true", help="take all: the scorer has seen none")
    parser.add_argument("--scorer", type=Path, help="the shipped one by default")
    parser.add_argument("--gallery", type=Path, default=store.demo_gallery())
    parser.add_argument("--out", type=Path, help="JSON file")
    args = parser.parse_args()
    paths = find_photos(args.portraits) if args.all else unseen(args.portraits)
    found = measure(paths, load_scorer(args.scorer), Gallery.open(args.gallery))
    print(eyes(found))
    if args.out:
        store.write_json(args.out, found)


if __name__ == "__main__":
    main()
