"""What would raise the score: changes to the photo, each tried and scored, and the best few of all.

They touch light, colour, finish and framing of the whole photo; none of them alters a face or body.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PIL import Image

from selfie_core.answer.crops import Crop, Mode, suggest_crops
from selfie_core.base.progress import Progress, part_of
from selfie_core.photo import images
from selfie_core.photo.edits import CHANGES, Step, luminance, render
from selfie_core.photo.faces import Face
from selfie_core.scorer.scorer import Score, score_made

COPY_SIDE = 512  # pixels of the longer side of the copy on which changes are tried
MOST = 3  # changes at once
FINALISTS = 4  # combinations made of the photo itself: the copy's scores err by 0.0016 at most
DARK = 0.3  # mean luminance below which a photo is worth a rescue
TILTS = 2.5, 30.0  # degrees: less is straight, more was meant


@dataclass(frozen=True)
class Advice:
    """One or more changes, in the order in which they are made, and what they bring.

    Attributes:
        steps: At most three.
        title: What they are, "Brighten, white border".
        score: Of the changed photo, in [0, 1].
        gain: The score less that of the photo as it is.
    """

    steps: tuple[Step, ...]
    title: str
    score: float
    gain: float


@dataclass(frozen=True)
class Advised:
    """All that was tried on a photo.

    Attributes:
        score: Of the photo as it is, in [0, 1].
        singles: Each change alone in its best strength, best first; gains may be negative.
        best: The best combination; None if nothing raises the score.
        tried: Number of pictures made and scored.
    """

    score: float
    singles: tuple[Advice, ...]
    best: Advice | None
    tried: int


def advise_photo(
    photo: Image.Image,
    score: Score,
    *,
    size: tuple[int, int] | None = None,
    faces: Sequence[Face] = (),
    crop: Crop | None = None,
    keep_face: bool = True,
    mode: Mode = "exact",
    progress: Progress | None = None,
) -> Advised:
    """Return what each change would bring, and the best combination of up to three.

    Every combination is tried, a hundred at most, on a small copy; what is told of is then made of
    the photo itself and scored anew.  `render` makes the picture at full size.

    Args:
        photo: An upright RGB photo, at least 32 pixels on each side.
        score: Gives each photo of a batch its score in [0, 1]; a `Scorer`, for one.
        size: Whole width and height, if the photo is a reduced copy: faces and crop are in its
            pixels.
        faces: The photo's faces, largest first: for the tilt, and what a crop keeps.
        crop: The best crop, if it is known already; else it is searched for.
        keep_face: The search for a crop keeps the largest head.
        mode: Of that search.
        progress: Called with the number of pictures scored and all.

    Raises:
        DataError: The photo is too small.
    """
    images.check_side(photo, images.SCORE_SIDE, "scores")
    if crop is None and min(photo.size) >= images.CROP_SIDE:
        found = suggest_crops(
            photo, score, size=size, count=1, faces=faces, keep_face=keep_face, mode=mode
        )
        crop = found[0] if found else None
    copy = _reduced(photo)
    variants = _variants(copy, size or photo.size, faces, crop)
    flat = [step for steps in variants.values() for step in steps]
    several = [
        names
        for count in range(2, MOST + 1)
        for names in itertools.combinations(variants, count)
        if not any(one in CHANGES[other].not_with for one in names for other in names)
    ]
    last = 1 + len(variants) + min(FINALISTS, len(several))
    total = len(flat) + len(several) + last
    done = 0

    def scores(made_of: Image.Image, recipes: Sequence[tuple[Step, ...]]) -> list[float]:
        nonlocal done
        tell, done = part_of(progress, before=done, of=total), done + len(recipes)
        return score_made(partial(render, made_of), recipes, score, progress=tell)

    alone = dict(zip(flat, scores(copy, [(step,) for step in flat]), strict=True))
    chosen = {name: max(steps, key=alone.__getitem__) for name, steps in variants.items()}
    combined = [tuple(chosen[name] for name in names) for names in several]
    together = dict(zip(combined, scores(copy, combined), strict=True))
    finalists = sorted(combined, key=together.__getitem__, reverse=True)[:FINALISTS]
    told = [*((step,) for step in chosen.values()), *finalists]
    base, *values = scores(photo, [(), *told])
    advices = [_advice(*made, base) for made in zip(told, values, strict=True)]
    advices.sort(key=lambda advice: -advice.score)
    singles = tuple(advice for advice in advices if len(advice.steps) == 1)
    best = advices[0] if advices and advices[0].gain > 0 else None
    return Advised(base, singles, best, 1 + len(flat) + len(several))


def _advice(steps: tuple[Step, ...], score: float, base: float) -> Advice:
    title = ", ".join(CHANGES[step.name].title.lower() for step in steps).capitalize()
    return Advice(steps, title, score, score - base)


def _variants(
    copy: Image.Image, whole: tuple[int, int], faces: Sequence[Face], crop: Crop | None
) -> dict[str, list[Step]]:
    """Return what there is to try, by name, in the order in which it is made."""
    found = {name: [Step(name, amount) for amount in c.amounts] for name, c in CHANGES.items()}
    tilt = faces[0].tilt if faces else 0.0
    if TILTS[0] <= abs(tilt) <= TILTS[1]:
        found["straighten"] = [Step("straighten", round(tilt, 1))]
    if crop and crop.box != (0, 0, *whole):
        (width, height), box = whole, crop.box
        shares = (box.left / width, box.top / height, box.right / width, box.bottom / height)
        found["crop"] = [Step("crop", box=shares)]
    if luminance(copy).mean() < DARK:
        found["rescue"] = [Step("rescue")]
    return {name: steps for name, steps in found.items() if steps}


def _reduced(photo: Image.Image) -> Image.Image:
    shrink = COPY_SIDE / max(photo.size)
    if shrink >= 1:
        return photo
    size = [max(images.SCORE_SIDE, round(edge * shrink)) for edge in photo.size]
    return photo.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
