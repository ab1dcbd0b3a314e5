"""How good is yours: all there is to say of one photo among those of a gallery, by one call.

Letters: N photos of the gallery, D width of fc7.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from PIL import Image

from selfie_core.answer.why import FactorPlace, place_factors
from selfie_core.base.words import counted, standing
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo import images
from selfie_core.photo.faces import Face, find_faces
from selfie_core.photo.factors import measure_factors
from selfie_core.scorer.scorer import Scorer

NEAREST = 12
BESIDE = 3  # photos that score just better, and just worse
TOLD = 3  # factors
ONE_SIDED = 10  # percentiles from the middle of the gallery at which a photo is on a side of it

NO_FACE = "No face was found in it. The net learned from selfies, so this score tells little."
# From the best on: least percentile, and where that is.
PLACES = (
    (90, "In the best tenth"),
    (200 / 3, "In the upper third"),
    (100 / 3, "In the middle third"),
    (10, "In the lower third"),
    (0, "In the lowest tenth"),
)
SENTENCE = "{where} of this gallery: it scores {standing} of {count}."
# What a photo with little of a factor has, and one with much.  What is not here is not told: a
# patterned dress measures like grain, and left and right are alike.
_WORDS = {
    "brightness": ("little light", "much light"),
    "surround": ("a dark background", "a bright background"),
    "contrast": ("soft contrast", "strong contrast"),
    "highlights": ("dull highlights", "bright highlights"),
    "shadows": ("deep shadows", "faded shadows"),
    "saturation": ("pale colours", "strong colours"),
    "warmth": ("cool light", "warm light"),
    "monochrome": ("colour", "black and white"),
    "white_border": ("no white border", "a white border"),
    "black_border": ("no black border", "a black border"),
    "faces": ("no face", "several faces"),
    "face_height": ("a face small in the frame", "a face large in the frame"),
    "face_y": ("a face high in the frame", "a face low in the frame"),
    "off_centre": ("a face in the middle", "a face off to the side"),
    "face_cut": ("a whole forehead", "a forehead cut off"),
    "tilt": ("a face held straight", "a face that leans"),
}
# Of these one is told: they say nearly the same.
_TWINS = ("brightness", "surround", "highlights"), ("contrast", "shadows")


@dataclass(frozen=True)
class Neighbour:
    """A photo of the gallery beside the one in question; the distance is that of fc7."""

    row: int
    id: str
    score: float
    distance: float


@dataclass(frozen=True)
class Answer:
    """What the net makes of a photo.

    Attributes:
        score: In [0, 1].
        percentile: Share of the gallery that scores lower, in [0, 100].
        rank: The place it would take; 1 is the best.
        of: Number of photos ranked, this one among them.
        sentence: Where that is, in one plain sentence.
        reason: The two or three measured factors that tell most for and against it; may be empty.
        faces: Largest first; there may be none.
        factors: Measured factors by name; NaN where it needs a face and there is none.
        place: Where it lands on the gallery's map; None if that has no map.
        nearest: Photos most like it to the net, nearest first.
        width: Of the photo, pixels.
        height: Likewise.
        better: Photos that score just better, the closest first; three where there are so many.
        worse: Photos that score just worse or alike, the closest first; likewise.
    """

    score: float
    percentile: float
    rank: int
    of: int
    sentence: str
    reason: str
    faces: tuple[Face, ...]
    factors: dict[str, float]
    place: tuple[float, float] | None
    nearest: tuple[Neighbour, ...]
    width: int
    height: int
    better: tuple[Neighbour, ...]
    worse: tuple[Neighbour, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values; NaN becomes None."""
        factors = {k: None if math.isnan(v) else v for k, v in self.factors.items()}
        return asdict(self) | {"factors": factors}


def answer_photo(
    photo: Image.Image,
    *,
    scorer: Scorer,
    gallery: Gallery,
    size: tuple[int, int] | None = None,
) -> Answer:
    """Return what the net makes of a photo among those of a gallery.

    Args:
        photo: An upright RGB photo, at least 32 pixels on each side.
        scorer: The one that scored the gallery.
        gallery: What the photo is compared with.
        size: Whole width and height, if the photo is a reduced copy: the faces are told in its
            pixels.

    Raises:
        DataError: The photo is too small.
        ModelError: The gallery was scored by another scorer.
    """
    images.check_side(photo, images.SCORE_SIDE, "scores")
    gallery.check_scorer(scorer)
    width, height = size or photo.size
    faces = tuple(find_faces(photo))
    scores, fc7 = scorer.features([photo])
    score = float(scores[0])
    percentile = gallery.percentile(score)
    place = tuple(gallery.placer(fc7)[0].tolist()) if gallery.has_map else None
    factors = measure_factors(photo, faces)
    rank = 1 + int(np.count_nonzero(gallery.table["score"].to_numpy() > score))
    above, below = gallery.best_first[: rank - 1], gallery.best_first[rank - 1 :]
    return Answer(
        score=score,
        percentile=percentile,
        rank=rank,
        of=len(gallery) + 1,
        sentence=_sentence(percentile, len(gallery)),
        reason=_reason(factors, gallery),
        faces=tuple(face.scaled(photo.size, (width, height)) for face in faces),
        factors=factors,
        place=place,
        nearest=_neighbours(gallery.nearest(fc7[0], NEAREST)[0], fc7[0], gallery),
        width=width,
        height=height,
        better=_neighbours(above[::-1][:BESIDE], fc7[0], gallery),
        worse=_neighbours(below[:BESIDE], fc7[0], gallery),
    )


def where(percentile: float) -> str:
    """Return where a percentile in [0, 100] is: "In the upper third"."""
    return next(words for least, words in PLACES if percentile >= least)


def _sentence(percentile: float, count: int) -> str:
    parts = {
        "where": where(percentile),
        "standing": standing(percentile),
        "count": counted(count, "photo"),
    }
    return SENTENCE.format(**parts)


def _reason(factors: dict[str, float], gallery: Gallery) -> str:
    """Return the measured factors that tell most for and against a photo, three at most.

    They are those in which the gallery's photos like it score furthest from the mean, and in which
    it stands clearly on one side.
    """
    told: dict[str, list[str]] = {"For it": [], "Against it": []}
    said: set[str] = set()
    for place in place_factors(factors, gallery):
        name = place.factor.name
        words = _words(place)
        if name in said or not words or abs(place.gain) <= place.margin:
            continue
        said.update({name}, *(twins for twins in _TWINS if name in twins))
        told["For it" if place.gain > 0 else "Against it"].append(words)
        if sum(map(len, told.values())) == TOLD:
            break
    return " ".join(f"{side}: {', '.join(words)}." for side, words in told.items() if words)


def _words(place: FactorPlace) -> str:
    """Return what a photo has in one respect; "" where it is one of many."""
    less, more = _WORDS.get(place.factor.name, ("", ""))
    if place.value == 0 or place.factor.unit == "yes/no":
        return more if place.value else less
    if abs(place.percentile - 50) < ONE_SIDED:
        return ""
    return more if place.percentile > 50 else less


def _neighbours(rows: np.ndarray, fc7: np.ndarray, gallery: Gallery) -> tuple[Neighbour, ...]:
    ids, scores = (gallery.table[name].to_numpy()[rows] for name in ("id", "score"))
    distances = np.linalg.norm(gallery.fc7[rows].astype(np.float32) - fc7, axis=1)
    return tuple(
        Neighbour(int(row), str(id), float(score), float(distance))
        for row, id, score, distance in zip(rows, ids, scores, distances, strict=True)
    )
