"""What would raise the score: changes to the photo, each tried and scored, and the best few of all.

They touch light, colour, finish and framing of the whole photo; none of them alters a face or body.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
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
NEXT_TO_NOTHING = 0.005  # score: a change that brings less does not help
SPECIAL = 0.5  # standard deviations above the usual gain from which a change suits a photo
LEAST = 1e-4  # score: nearer to 0 or 1 a logit says nothing
DARK = 0.3  # mean luminance below which a photo is worth a rescue
TILTS = 2.5, 30.0  # degrees: less is straight, more was meant

# What is said of it, on the pages and on the visitor's own device.
WORDS = {
    "own": "What suits this photo better than most",
    "best": "The best of {tried} versions",
    "no_own": "; no change does more for this photo than usual",
    "nothing": "None of the changes tried raises the score: it is as good as this net knows.",
    "usually": "Usually {points}.",
    "special": "What suits this photo",
    "most": "What raises most photos",
    "alone": "Each change alone",
    "no_help": "Tried, and no help: {said}.",
}

# By the name of a change: mean and standard deviation of what it adds to a photo's logit.
Usual = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Advice:
    """One or more changes, in the order in which they are made, and what they bring.

    Attributes:
        steps: At most three.
        title: What they are, "Brighten, white border".
        score: Of the changed photo, in [0, 1].
        gain: The score less that of the photo as it is.
        usual: What a photo of this score usually gains by it; None if that isn't known, as of
            several changes together.
        special: It is among the three that bring this photo more than usual.
    """

    steps: tuple[Step, ...]
    title: str
    score: float
    gain: float
    usual: float | None = None
    special: bool = False


@dataclass(frozen=True)
class Advised:
    """All that was tried on a photo.

    Attributes:
        score: Of the photo as it is, in [0, 1].
        singles: Each change alone in its best strength: the special ones first, those furthest
            above their usual gain leading; then the others, best first.  Gains may be negative.
        best: The best combination; None if nothing raises the score.
        own: The best combination of changes that are special to this photo; None if there are none.
        tried: Number of versions tried.
    """

    score: float
    singles: tuple[Advice, ...]
    best: Advice | None
    own: Advice | None
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
    usual: Usual | None = None,
    at_once: int = MOST,
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
        usual: What each change brings the photos of a gallery, by `usual_gains`; without, nothing
            is said to be special.
        at_once: Most changes together; 1 tries each alone, in half of the time.
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
    copy, variants = prepare(photo, size or photo.size, faces, crop)
    flat = [step for steps in variants.values() for step in steps]
    several = [
        names
        for count in range(2, at_once + 1)
        for names in itertools.combinations(variants, count)
        if not any(one in CHANGES[other].not_with for one in names for other in names)
    ]
    total = 2 + len(flat) + len(several) + len(variants) + FINALISTS + 1
    done = 0

    def scores(made_of: Image.Image, recipes: Sequence[tuple[Step, ...]]) -> list[float]:
        nonlocal done
        tell, done = part_of(progress, before=done, of=total), done + len(recipes)
        return score_made(partial(render, made_of), recipes, score, progress=tell)

    of_copy, *values = scores(copy, [(), *((step,) for step in flat)])
    alone = dict(zip(flat, values, strict=True))
    chosen = {name: max(steps, key=alone.__getitem__) for name, steps in variants.items()}
    made = {name: alone[step] for name, step in chosen.items()}
    special = _special(made, of_copy, usual or {})
    combined = [tuple(chosen[name] for name in names) for names in several]
    together = dict(zip(combined, scores(copy, combined), strict=True))
    finalists = sorted(combined, key=together.__getitem__, reverse=True)
    own = [steps for steps in finalists if set(special).issuperset(step.name for step in steps)]
    finalists = list(dict.fromkeys([*finalists[:FINALISTS], *own[:1]]))
    told = [*((step,) for step in chosen.values()), *finalists]
    base, *values = scores(photo, [(), *told])
    if progress:
        progress(total, total)
    advices = [
        _advice(steps, value, base, special, usual or {})
        for steps, value in zip(told, values, strict=True)
    ]
    advices.sort(key=lambda advice: -advice.score)
    places = {name: place for place, name in enumerate(special)}
    singles = [advice for advice in advices if len(advice.steps) == 1]
    return Advised(
        score=base,
        singles=tuple(sorted(singles, key=lambda one: places.get(one.steps[0].name, MOST))),
        best=next((advice for advice in advices if advice.gain > 0), None),
        own=next((advice for advice in advices if advice.special and advice.gain > 0), None),
        tried=1 + len(flat) + len(several),
    )


def logit(score: float) -> float:
    """Return ln(p / (1 - p)): on this scale a change moves low, middling and high scores alike."""
    score = min(max(score, LEAST), 1 - LEAST)
    return math.log(score / (1 - score))


def _special(scores: Mapping[str, float], base: float, usual: Usual) -> list[str]:
    """Return the changes that suit a photo, at most three, the furthest above its usual gain first.

    Gains are compared as logits, in standard deviations over the gallery's photos.
    """
    beyond = {
        name: (logit(score) - logit(base) - usual[name][0]) / max(usual[name][1], LEAST)
        for name, score in scores.items()
        if name in usual and score - base >= NEXT_TO_NOTHING
    }
    first = sorted(beyond, key=beyond.__getitem__, reverse=True)[:MOST]
    return [name for name in first if beyond[name] >= SPECIAL]


def _advice(
    steps: tuple[Step, ...], score: float, base: float, special: Sequence[str], usual: Usual
) -> Advice:
    title = ", ".join(CHANGES[step.name].title.lower() for step in steps).capitalize()
    brings = None
    if len(steps) == 1 and steps[0].name in usual:
        brings = 1 / (1 + math.exp(-logit(base) - usual[steps[0].name][0])) - base
    suits = set(special).issuperset(step.name for step in steps)
    return Advice(steps, title, score, score - base, brings, suits)


def prepare(
    photo: Image.Image, whole: tuple[int, int], faces: Sequence[Face], crop: Crop | None
) -> tuple[Image.Image, dict[str, list[Step]]]:
    """Return a small copy, and what there is to try on it: by name, in the order of making."""
    copy = _reduced(photo)
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
    return copy, {name: steps for name, steps in found.items() if steps}


def _reduced(photo: Image.Image) -> Image.Image:
    shrink = COPY_SIDE / max(photo.size)
    if shrink >= 1:
        return photo
    size = [max(images.SCORE_SIDE, round(edge * shrink)) for edge in photo.size]
    return photo.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
