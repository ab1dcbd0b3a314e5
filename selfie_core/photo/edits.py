"""Changes to a photo: brighten, fade, crop."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps

RESCUED = 0.45  # mean luminance that a rescue aims at


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


def render(photo: Image.Image, steps: Sequence[Step]) -> Image.Image:
    """Return a photo with changes made one after another, at full size, without metadata."""
    for step in steps:
        photo = step.apply(photo)
    return photo


def luminance(photo: Image.Image) -> NDArray[np.float32]:
    """Return the luminance of each pixel, shape (H, W), 0..1."""
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
    left, top = round(left * width), round(top * height)
    # Of a strip's small copy at least a line.
    right, bottom = max(round(right * width), left + 1), max(round(bottom * height), top + 1)
    return photo.crop((left, top, right, bottom))


def _brighten(photo: Image.Image, step: Step) -> Image.Image:
    return _curve(photo, np.linspace(0, 1, 256) ** step.amount)


def _fade(photo: Image.Image, step: Step) -> Image.Image:
    return _curve(photo, step.amount + np.linspace(0, 1, 256) * (1 - 1.3 * step.amount))


def _black_and_white(photo: Image.Image, _step: Step) -> Image.Image:
    return photo.convert("L").convert("RGB")


def _pale(photo: Image.Image, step: Step) -> Image.Image:
    return ImageEnhance.Color(photo).enhance(step.amount)


def _border(photo: Image.Image, step: Step) -> Image.Image:
    return ImageOps.expand(photo, border_width(photo.size, step.amount), "white")


def border_width(size: tuple[int, int], amount: float) -> int:
    """Return how wide a border is, pixels, on a photo of this width and height."""
    return max(1, round(amount * min(size)))


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
