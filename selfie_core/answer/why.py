"""Why a score: which parts of a photo move it, and its own factors beside the gallery's.

Letters: G cells per side of the heat map.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from selfie_core.base.progress import Progress
from selfie_core.gallery.gallery import Gallery, percentiles
from selfie_core.photo import images
from selfie_core.photo.factors import FACTORS, Factor
from selfie_core.scorer.scorer import Score, score_made

CELLS = 12  # G
REACH = 2  # cells that a patch covers to each side: they overlap, so the map is smooth
SIDE = 384  # pixels of the square copy that is covered: three times what a net sees
PAINTED = 1280  # pixels of the longer side of the painted photo, at most
BLUR = 0.08  # of the side: what a covered part keeps is its colour
ALIKE = 0.1  # share of the gallery, nearest in one factor, that counts as like the photo
FEWEST = 10  # photos alike that say something


def heat_map(
    photo: Image.Image, score: Score, *, progress: Progress | None = None
) -> NDArray[np.float32]:
    """Return by how much the score falls where a part of the photo is blurred away, shape (G, G).

    Above 0 the part speaks for the photo, below 0 against it; rows from the top, in score (0.1 is
    ten points).  Occlusion asks the scorer alone, so it works for any net, without torch.

    Args:
        photo: An RGB photo, at least 32 pixels on each side.
        score: Gives each photo of a batch its score in [0, 1].
        progress: Called with the number of cells done and all.

    Raises:
        DataError: The photo is too small.

    Reference:
        M. Zeiler, R. Fergus, "Visualizing and Understanding Convolutional Networks", 2014.
    """
    images.check_side(photo, images.SCORE_SIDE, "scores")
    square, blurred = covers(photo)
    base = float(score([square])[0])
    spots = [(row, column) for row in range(CELLS) for column in range(CELLS)]
    scores = score_made(lambda spot: _cover(square, blurred, spot), spots, score, progress=progress)
    return (base - np.array(scores, np.float32)).reshape(CELLS, CELLS)


def covers(photo: Image.Image) -> tuple[Image.Image, Image.Image]:
    """Return a photo squashed to a square of SIDE pixels, and the same blurred away."""
    square = images.squash_picture(photo, SIDE)
    return square, square.filter(ImageFilter.GaussianBlur(BLUR * SIDE))


def _cover(square: Image.Image, blurred: Image.Image, spot: tuple[int, int]) -> Image.Image:
    """Return the square with the neighbourhood of one cell blurred, soft at its rim."""
    middle_y, middle_x = ((place + 0.5) / CELLS * SIDE for place in spot)
    reach = REACH * SIDE / CELLS
    mask = Image.new("L", square.size)
    edges = (middle_x - reach, middle_y - reach, middle_x + reach, middle_y + reach)
    left, top, right, bottom = (round(min(max(edge, 0), SIDE)) for edge in edges)
    mask.paste(255, (left, top, right, bottom))
    mask = mask.filter(ImageFilter.BoxBlur(SIDE / CELLS / 4))
    return Image.composite(blurred, square, mask)


def paint_heat(photo: Image.Image, heat: NDArray[np.float32]) -> Image.Image:
    """Return the photo in grey under its heat map: warm speaks for it, blue against it."""
    shrink = min(1, PAINTED / max(photo.size))
    size = (max(1, round(photo.width * shrink)), max(1, round(photo.height * shrink)))
    grey = photo.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0).convert("L")
    most = max(float(np.abs(heat).max()), 0.01)  # a photo that nothing moves stays grey
    smooth = Image.fromarray(heat / most).resize(size, Image.Resampling.BICUBIC)
    strength = np.asarray(smooth)[:, :, None].clip(-1, 1)
    base = np.asarray(grey, np.float32)[:, :, None] * 0.85 + 30
    warm, cool = np.array([255, 122, 40], np.float32), np.array([60, 110, 255], np.float32)
    share = 0.72 * np.abs(strength) ** 0.8
    colour = np.where(strength > 0, warm, cool) * (0.35 + 0.65 * base / 255)
    return Image.fromarray((base * (1 - share) + colour * share).clip(0, 255).astype(np.uint8))


@dataclass(frozen=True)
class FactorPlace:
    """One factor of a photo beside the gallery's.

    Attributes:
        factor: Its name, title and unit.
        value: The photo's; never NaN.
        percentile: Share of the gallery below it, in [0, 100]; ties count half.
        alike: Mean score of the gallery's photos that are like it in this.
        gain: By how much that is above the mean of the whole gallery.
        margin: Half of the 95 % interval of `alike`.
        sentence: What the gallery says about it.
    """

    factor: Factor
    value: float
    percentile: float
    alike: float
    gain: float
    margin: float
    sentence: str


def place_factors(factors: dict[str, float], gallery: Gallery) -> list[FactorPlace]:
    """Return a photo's factors beside the gallery's, the most telling first.

    Telling are those in which photos like it score far from the mean, beyond chance.

    Args:
        factors: By `measure_factors`; those that are NaN or unknown to the gallery are left out.
        gallery: What the photo is compared with.
    """
    places = [
        _place(factor, factors[factor.name], gallery)
        for factor in FACTORS
        if not math.isnan(factors.get(factor.name, math.nan)) and factor.name in gallery.table
    ]
    found = [place for place in places if place]
    return sorted(found, key=lambda place: -abs(place.gain) + place.margin)


def _place(factor: Factor, value: float, gallery: Gallery) -> FactorPlace | None:
    column = pd.to_numeric(gallery.table[factor.name], errors="coerce")
    values = column.to_numpy(np.float64, na_value=np.nan)
    known = np.isfinite(values)
    if known.sum() < FEWEST:
        return None
    among = gallery.table["score"].to_numpy(np.float64)
    values, scores = values[known], among[known]
    near = np.abs(values - value)
    if factor.unit in ("yes/no", ""):  # a count is alike or not
        alike = scores[near < 0.5]
    else:
        # Beyond all the gallery's values its most extreme would stand for it; then nothing is said.
        reach = np.partition(near, count := max(FEWEST, int(ALIKE * len(near))) - 1)[count]
        outside = value < values.min() - values.std() or value > values.max() + values.std()
        alike = scores[:0] if outside else scores[near <= reach]
    if len(alike) < FEWEST:
        return None
    margin = 1.96 * float(alike.std(ddof=1)) / math.sqrt(len(alike))
    gain = float(alike.mean() - among.mean())
    return FactorPlace(
        factor=factor,
        value=value,
        percentile=float(percentiles(np.array([value]), values)[0]),
        alike=float(alike.mean()),
        gain=gain,
        margin=margin,
        sentence=_sentence(gain, margin, len(alike)),
    )


def _sentence(gain: float, margin: float, count: int) -> str:
    who = f"Photos like it in this ({count:,} of the gallery) score"
    if abs(gain) <= max(margin, 0.005):
        return f"{who} about as the rest."
    return f"{who} {100 * abs(gain):.0f} points {'above' if gain > 0 else 'below'} the mean."
