"""How good is yours: all there is to say of one photo among those of a gallery, by one call.

Letters: N photos of the gallery, D width of fc7.
"""

import functools
import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from selfie_core.base.words import standing
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo import images
from selfie_core.photo.faces import Face, find_faces
from selfie_core.photo.factors import FACTORS, measure_factors
from selfie_core.scorer.scorer import Scorer

NEAREST = 12
BESIDE = 3  # photos that score just better, and just worse
RELATED = 0.15  # least rank correlation at which a factor is said to go with the score
STANDS_OUT = 80  # least share of the gallery, percent, that a factor must be beyond
BEYOND_ALL = 99.5  # from here on the gallery has nothing to compare with
UNSURE = {"noise", "sharpness"}  # a patterned dress measures like grain

# From the best on: least percentile, and what the net expects.
_BANDS = (
    (97, "would expect this photo to be among the most liked"),
    (75, "would expect this photo to get more likes than most"),
    (55, "would expect this photo to get slightly more likes than usual"),
    (45, "would expect about the usual number of likes for this photo"),
    (25, "would expect slightly fewer likes than usual for this photo"),
    (0, "would expect fewer likes than most for this photo"),
)


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
        sentence: The above in one plain sentence.
        reason: The measured factor that stands out most, in one sentence; may be empty.
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
        sentence=_sentence(percentile),
        reason=_reason(factors, percentile, gallery),
        faces=tuple(face.scaled(photo.size, (width, height)) for face in faces),
        factors=factors,
        place=place,
        nearest=_neighbours(gallery.nearest(fc7[0], NEAREST)[0], fc7[0], gallery),
        width=width,
        height=height,
        better=_neighbours(above[::-1][:BESIDE], fc7[0], gallery),
        worse=_neighbours(below[:BESIDE], fc7[0], gallery),
    )


def _sentence(percentile: float) -> str:
    expects = next(words for least, words in _BANDS if percentile >= least)
    return f"The net {expects}: it scores {standing(percentile)} of this gallery."


def _reason(factors: dict[str, float], percentile: float, gallery: Gallery) -> str:
    """Return the factor that stands out most among those that explain the side it is on."""
    best, reason = 0.0, ""
    for factor in FACTORS:
        value, relation = factors[factor.name], _relations(gallery).get(factor.name, 0.0)
        if math.isnan(value) or abs(relation) < RELATED:
            continue
        others = gallery.table[factor.name].dropna().to_numpy(np.float64)
        below, above = 100 * np.mean(others < value), 100 * np.mean(others > value)
        beyond, word = (below, "higher") if below > above else (above, "lower")
        goes = "better" if (relation > 0) == (word == "higher") else "lower"
        explains = goes == ("better" if percentile >= 50 else "lower")
        if explains and STANDS_OUT <= beyond < BEYOND_ALL and abs(relation) * beyond > best:
            best = abs(relation) * beyond
            reason = (
                f"What stands out: {factor.title.lower()}, {factor.show(value)}. That is {word} "
                f"than in {math.floor(beyond)} % of the gallery, where {word} comes with {goes} "
                "scores."
            )
    return reason


@functools.lru_cache(maxsize=4)
def _relations(gallery: Gallery) -> dict[str, float]:
    """Return the rank correlation of each factor with the score, over the gallery's photos.

    Yes or no is left out: "more of it" has no meaning there.
    """
    table = gallery.table
    sure = [f for f in FACTORS if f.unit != "yes/no" and f.name not in UNSURE]
    names = [f.name for f in sure if f.name in table]
    ranks = table[names].astype(float).rank()
    with np.errstate(invalid="ignore", divide="ignore"):  # a factor that never varies
        relations: pd.Series = ranks.corrwith(table["score"].rank())
    return {str(name): float(value) for name, value in relations.dropna().items()}


def _neighbours(rows: np.ndarray, fc7: np.ndarray, gallery: Gallery) -> tuple[Neighbour, ...]:
    ids, scores = (gallery.table[name].to_numpy()[rows] for name in ("id", "score"))
    distances = np.linalg.norm(gallery.fc7[rows].astype(np.float32) - fc7, axis=1)
    return tuple(
        Neighbour(int(row), str(id), float(score), float(distance))
        for row, id, score, distance in zip(rows, ids, scores, distances, strict=True)
    )
