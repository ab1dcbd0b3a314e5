"""How good is yours: all there is to say of one photo among those of a gallery, by one call.

Letters: N photos of the gallery, D width of fc7.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from selfie_core import images, layout
from selfie_core.crops import Crop, suggest_crops
from selfie_core.faces import Face, find_faces
from selfie_core.factors import FACTORS, measure_factors
from selfie_core.gallery import Gallery
from selfie_core.score import Scorer

NEAREST = 12
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
        crops: Suggestions, best first; empty if none were asked for or the photo is too small.
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
    crops: tuple[Crop, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values; NaN becomes None."""
        factors = {k: None if math.isnan(v) else v for k, v in self.factors.items()}
        return asdict(self) | {"factors": factors}


def answer_photo(
    photo: Image.Image,
    *,
    scorer: Scorer,
    gallery: Gallery,
    crops: bool = True,
    keep_face: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Answer:
    """Return what the net makes of a photo among those of a gallery.

    Args:
        photo: An upright RGB photo, at least 32 pixels on each side.
        scorer: The one that scored the gallery.
        gallery: What the photo is compared with.
        crops: Search for better crops too, which takes several times as long as all the rest.
        keep_face: Crops keep the largest face.
        progress: Called with the number of crops scored and (about) all.

    Raises:
        DataError: The photo is too small.
        ModelError: The gallery was scored by another scorer.
    """
    images.check_side(photo, images.SCORE_SIDE, "scores")
    gallery.check_scorer(scorer)
    faces = tuple(find_faces(photo))
    scores, fc7 = scorer.features([photo])
    score = float(scores[0])
    percentile = gallery.percentile(score)
    factors = measure_factors(photo, faces)
    found: tuple[Crop, ...] = ()
    if crops and min(photo.size) >= images.CROP_SIDE:
        suggested = suggest_crops(
            photo, scorer, faces=faces, keep_face=keep_face, progress=progress
        )
        found = tuple(suggested)
    return Answer(
        score=score,
        percentile=percentile,
        rank=1 + int(np.count_nonzero(gallery.table["score"].to_numpy() > score)),
        of=len(gallery) + 1,
        sentence=_sentence(percentile),
        reason=_reason(factors, percentile, gallery),
        faces=faces,
        factors=factors,
        place=_place(fc7, gallery),
        nearest=_nearest(fc7[0], gallery),
        crops=found,
    )


def _sentence(percentile: float) -> str:
    expects = next(words for least, words in _BANDS if percentile >= least)
    above = math.floor(percentile)
    where = {0: "below nearly all", 100: "above all"}.get(above, f"above {above} %")
    return f"The net {expects}: it scores {where} of this gallery."


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


def _place(fc7: np.ndarray, gallery: Gallery) -> tuple[float, float] | None:
    if not gallery.has_map:
        return None
    x, y = layout.place(fc7, gallery.fc7, gallery.xy)[0]
    return float(x), float(y)


def _nearest(fc7: np.ndarray, gallery: Gallery) -> tuple[Neighbour, ...]:
    rows, distances = gallery.nearest(fc7, NEAREST)
    ids, scores = (gallery.table[name].to_numpy()[rows] for name in ("id", "score"))
    return tuple(
        Neighbour(int(row), str(id), float(score), float(distance))
        for row, id, score, distance in zip(rows, ids, scores, distances, strict=True)
    )
