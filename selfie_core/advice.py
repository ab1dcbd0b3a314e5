"""What would raise the score: changes to the photo, each tried and scored, and the best few of all.

They touch light, colour, finish and framing of the whole photo; none of them alters a face or body.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps

from selfie_core import images
from selfie_core.crops import Crop, Mode, Progress, Score, suggest_crops
from selfie_core.faces import Face

COPY_SIDE = 512  # pixels of the longer side of the copy on which changes are tried
MOST = 3  # changes at once
DARK = 0.3  # mean luminance below which a photo is worth a rescue
RESCUED = 0.45  # mean luminance that a rescue aims at
TILTS = 2.5, 30.0  # degrees: less is straight, more was meant
CHUNK = 16  # pictures scored between two reports of progress


@dataclass(frozen=True)
class Step:
    """One change.

    Attributes:
        name: Of one of `CHANGES`.
        amount: Its strength: a gamma, a share or degrees; see there.
        box: Of a crop: left, top, right, bottom as shares of the photo.
    """

    name: str
    amount: float = 0.0
    box: tuple[float, float, float, float] | None = None

    def apply(self, photo: Image.Image) -> Image.Image:
        """Return the photo with this change, at its own size."""
        return CHANGES[self.name].apply(photo, self)


@dataclass(frozen=True)
class Change:
    """A kind of change, tried in a few strengths."""

    title: str
    about: str
    apply: Callable[[Image.Image, Step], Image.Image]
    amounts: tuple[float, ...] = ()  # tried where the photo itself does not set it
    not_with: tuple[str, ...] = ()


@dataclass(frozen=True)
class Advice:
    """One or more changes, in the order in which they are made, and what they bring.

    Attributes:
        steps: At most three.
        title: What they are, "Brighten, white border".
        score: Of the changed photo, in [0, 1], measured on a copy of 512 pixels.
        gain: The score less that of the photo as it is, measured alike.
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
    faces: Sequence[Face] = (),
    crop: Crop | None = None,
    keep_face: bool = True,
    mode: Mode = "exact",
    progress: Progress | None = None,
) -> Advised:
    """Return what each change would bring, and the best combination of up to three.

    Every combination is tried, a hundred at most, on a small copy; `render` makes the
    picture at full size.

    Args:
        photo: An upright RGB photo, at least 32 pixels on each side.
        score: Gives each photo of a batch its score in [0, 1]; a `Scorer`, for one.
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
        found = suggest_crops(photo, score, count=1, faces=faces, keep_face=keep_face, mode=mode)
        crop = found[0] if found else None
    copy = _reduced(photo)
    trials = _Trials(copy, score, progress)
    variants = _variants(photo, faces, crop)
    trials.total = 1 + 2 * sum(map(len, variants.values())) + 3 ** len(variants) // 20
    (base,) = trials.scores([()])
    flat = [(step,) for steps in variants.values() for step in steps]
    alone = dict(zip(flat, trials.scores(flat), strict=True))
    chosen = [max(((s,) for s in steps), key=alone.__getitem__)[0] for steps in variants.values()]
    several = [
        steps
        for count in range(2, MOST + 1)
        for steps in itertools.combinations(chosen, count)
        if not any(a.name in CHANGES[b.name].not_with for a in steps for b in steps)
    ]
    trials.total = 1 + len(flat) + len(several)
    scored = dict(zip(several, trials.scores(several), strict=True))
    singles = [_advice((step,), alone[(step,)], base) for step in chosen]
    singles.sort(key=lambda advice: -advice.score)
    every = [*singles, *(_advice(steps, value, base) for steps, value in scored.items())]
    best = max(every, key=lambda advice: advice.gain, default=None)
    if best is None or best.gain <= 0:
        best = None
    return Advised(base, tuple(singles), best, trials.done)


def render(photo: Image.Image, steps: Sequence[Step]) -> Image.Image:
    """Return a photo with changes made one after another, at full size, without metadata."""
    for step in steps:
        photo = step.apply(photo)
    return photo


class _Trials:
    """Pictures made and scored; only a chunk of them is held at a time."""

    def __init__(self, photo: Image.Image, score: Score, progress: Progress | None) -> None:
        self.photo, self.score, self.progress = photo, score, progress
        self.done = self.total = 0

    def scores(self, recipes: Sequence[tuple[Step, ...]]) -> list[float]:
        """Return the score of each recipe's picture."""
        values: list[float] = []
        for start in range(0, len(recipes), CHUNK):
            pictures = [render(self.photo, steps) for steps in recipes[start : start + CHUNK]]
            values += map(float, self.score(pictures))
            self.done += len(pictures)
            if self.progress:
                self.progress(self.done, max(self.total, self.done))
        return values


def _advice(steps: tuple[Step, ...], score: float, base: float) -> Advice:
    title = ", ".join(CHANGES[step.name].title.lower() for step in steps).capitalize()
    return Advice(steps, title, score, score - base)


def _variants(
    photo: Image.Image, faces: Sequence[Face], crop: Crop | None
) -> dict[str, list[Step]]:
    """Return what there is to try, by name, in the order in which it is made."""
    found = {name: [Step(name, amount) for amount in c.amounts] for name, c in CHANGES.items()}
    tilt = faces[0].tilt if faces else 0.0
    if TILTS[0] <= abs(tilt) <= TILTS[1]:
        found["straighten"] = [Step("straighten", round(tilt, 1))]
    if crop and crop.box != (0, 0, *photo.size):
        (width, height), box = photo.size, crop.box
        shares = (box.left / width, box.top / height, box.right / width, box.bottom / height)
        found["crop"] = [Step("crop", box=shares)]
    if _luminance(_reduced(photo)).mean() < DARK:
        found["rescue"] = [Step("rescue")]
    return {name: steps for name, steps in found.items() if steps}


def _reduced(photo: Image.Image) -> Image.Image:
    shrink = COPY_SIDE / max(photo.size)
    if shrink >= 1:
        return photo
    size = [max(images.SCORE_SIDE, round(edge * shrink)) for edge in photo.size]
    return photo.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)


def _luminance(photo: Image.Image) -> NDArray[np.float32]:
    return np.asarray(photo.convert("L"), np.float32) / np.float32(255)


def _curve(photo: Image.Image, curve: NDArray[np.floating]) -> Image.Image:
    """Apply one curve of 256 values, 0..1, to all channels."""
    table = np.rint(255 * curve.clip(0, 1)).astype(int).tolist()
    return photo.point(table * 3)


def _rescue(photo: Image.Image, _step: Step) -> Image.Image:
    """Take the grain out, colour grain most, then lift the light.

    Luminance by a self-guided filter: it smooths what varies less than the grain and keeps edges.

    Reference:
        K. He, J. Sun, X. Tang, "Guided Image Filtering", 2013.
    """
    from scipy.ndimage import uniform_filter  # 0.2 s to import, for night photos only

    light, blue, red = photo.convert("YCbCr").split()
    values = np.asarray(light, np.float32) / 255
    side = max(3, round(min(photo.size) / 128) | 1)  # pixels of the window, odd
    mean = uniform_filter(values, side)
    variance = np.maximum(uniform_filter(values**2, side) - mean**2, 0)
    grain = float(np.median(variance))  # most of a photo is without detail
    keep = variance / (variance + 2 * grain + 1e-6)
    smooth = uniform_filter(keep, side) * values + uniform_filter((1 - keep) * mean, side)
    gamma = math.log(RESCUED) / math.log(max(float(smooth.mean()), 0.02))
    lifted = smooth.clip(0, 1) ** max(gamma, 0.35)  # below, black turns to fog
    colours = [uniform_filter(np.asarray(c, np.float32), 2 * side + 1) for c in (blue, red)]
    channels = [255 * lifted, *colours]
    planes = [Image.fromarray(np.rint(c.clip(0, 255)).astype(np.uint8)) for c in channels]
    return Image.merge("YCbCr", planes).convert("RGB")


def _straighten(photo: Image.Image, step: Step) -> Image.Image:
    """Turn by the tilt, then cut the largest upright box of the photo's shape."""
    turned = photo.rotate(step.amount, Image.Resampling.BICUBIC)
    width, height = photo.size
    angle = math.radians(abs(step.amount))
    long, short = max(photo.size), min(photo.size)
    share = 1 / (math.cos(angle) + long / short * math.sin(angle))
    across, down = int(width * share) // 2 * 2, int(height * share) // 2 * 2
    left, top = (width - across) // 2, (height - down) // 2
    return turned.crop((left, top, left + across, top + down))


def _crop(photo: Image.Image, step: Step) -> Image.Image:
    left, top, right, bottom = step.box or (0, 0, 1, 1)
    width, height = photo.size
    return photo.crop(
        (round(left * width), round(top * height), round(right * width), round(bottom * height))
    )


def _brighten(photo: Image.Image, step: Step) -> Image.Image:
    return _curve(photo, np.linspace(0, 1, 256) ** step.amount)


def _fade(photo: Image.Image, step: Step) -> Image.Image:
    return _curve(photo, step.amount + np.linspace(0, 1, 256) * (1 - 1.3 * step.amount))


def _black_and_white(photo: Image.Image, _step: Step) -> Image.Image:
    return photo.convert("L").convert("RGB")


def _pale(photo: Image.Image, step: Step) -> Image.Image:
    return ImageEnhance.Color(photo).enhance(step.amount)


def _border(photo: Image.Image, step: Step) -> Image.Image:
    return ImageOps.expand(photo, max(1, round(step.amount * min(photo.size))), "white")


# In the order in which they are made.
CHANGES = {
    "rescue": Change(
        "Low-light rescue", "Takes the grain out of a dark photo and lifts it.", _rescue,
        not_with=("brighten",),
    ),
    "crop": Change("Crop", "The best crop.", _crop),
    "straighten": Change("Straighten", "Turns the photo until the face is upright.", _straighten),
    "brighten": Change("Brighten", "Lifts the middle tones.", _brighten, (0.8, 0.6)),
    "pale": Change("Less saturation", "Pales the colours.", _pale, (0.7, 0.4)),
    "bw": Change(
        "Black and white", "Takes the colour out.", _black_and_white, (1.0,), not_with=("pale",)
    ),
    "fade": Change("Fade", "Lifts the shadows and softens the contrast.", _fade, (0.1, 0.18)),
    "border": Change("White border", "Puts the photo on white.", _border, (0.03, 0.06)),
}  # fmt: skip
