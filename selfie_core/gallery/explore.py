"""What the map asks about a gallery: whom a word finds, what sets a region apart, what tells.

Letters: N photos, F factors.
"""

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.gallery.columns import Use, columns_for, has_few_words, is_text
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo.factors import FACTORS, Factor

# What one sees in a photo and can change in the next; "surround", "highlights" and other near
# twins would say the same thing three times.
TELLING = (
    "brightness", "contrast", "saturation", "warmth", "monochrome", "white_border", "sharpness",
    "noise", "faces", "face_height", "face_y", "face_cut", "tilt",
)  # fmt: skip
_FEWEST = 3  # photos on either side of a comparison


@dataclass(frozen=True)
class Difference:
    """How a group of photos differs from all others in one property.

    Attributes:
        title: "Brightness", or "Glasses: sunglasses" for a column of words.
        here: Mean of the group, as people read it.
        rest: Mean of the others.
        size: Standardised mean difference, in pooled standard deviations; above 0 is more here.
    """

    title: str
    here: str
    rest: str
    size: float


@dataclass(frozen=True)
class Push:
    """A factor of one photo, and which way its score goes with it in this gallery.

    Attributes:
        title: "Brightness".
        value: As people read it.
        push: z-score of the photo times the correlation of factor and score; above 0, photos
            like this one in that respect score higher.
    """

    title: str
    value: str
    push: float


def find_rows(gallery: Gallery, text: str) -> NDArray[np.intp]:
    """Return the rows of which id, file, name, user or tags hold every word of a text."""
    words = [word.lstrip("#@") for word in text.casefold().split()]
    words = [word for word in words if word]
    if not words:
        return np.zeros(0, np.intp)
    found = pd.Series(True, index=gallery.table.index)
    for word in words:
        found &= _searchable(gallery).str.contains(word, regex=False)
    return np.flatnonzero(found.to_numpy(bool))


@functools.lru_cache(maxsize=4)
def _searchable(gallery: Gallery) -> pd.Series:
    """Return one lower-case text per row, its columns apart by a sign that nobody types."""
    columns = [
        gallery.table[column.name].astype("string").fillna("").str.casefold()
        for column in columns_for(gallery.table, Use.SEARCH)
        if is_text(gallery.table[column.name])
    ]
    return functools.reduce(lambda left, right: left + "\x1f" + right, columns)


def set_apart(gallery: Gallery, rows: NDArray[np.intp], *, count: int = 6) -> list[Difference]:
    """Return in what some photos differ most from all others, largest difference first.

    Measured factors are compared by their means, columns of words by the share of each word:
    "Glasses: sunglasses, 92 % against 11 %".

    Args:
        gallery: All photos.
        rows: Row numbers of the group.
        count: How many differences; each column gives one at most.

    Returns:
        At most `count` differences; none if the group or the rest has fewer than 3 photos.
    """
    chosen = np.zeros(len(gallery), bool)
    chosen[rows] = True
    if min(chosen.sum(), (~chosen).sum()) < _FEWEST:
        return []
    found = []
    for columns in (_measured(gallery), _worded(gallery)):
        found += [best for of_one in columns if (best := _largest(of_one, chosen))]
    found = [difference for difference in found if abs(difference.size) > 0.1]
    return sorted(found, key=lambda difference: -abs(difference.size))[:count]


# A property as one column of numbers: title, values (N,), and how a mean is shown.
_Property = tuple[str, NDArray[np.float64], Factor]


@functools.lru_cache(maxsize=4)
def _measured(gallery: Gallery) -> list[list[_Property]]:
    return [[(factor.title, _values(gallery, factor), factor)] for factor in _telling(gallery)]


def _telling(gallery: Gallery) -> list[Factor]:
    return [f for f in FACTORS if f.name in TELLING and f.name in gallery.table]


def _values(gallery: Gallery, factor: Factor) -> NDArray[np.float64]:
    return gallery.table[factor.name].to_numpy(np.float64, na_value=np.nan)


_SHARE = Factor("share", "", "%", "")


@functools.lru_cache(maxsize=4)
def _worded(gallery: Gallery) -> list[list[_Property]]:
    """Return for each column of words the share of each of its words."""
    described = columns_for(gallery.table, Use.DESCRIBE)
    worded = [(c.title, gallery.table[c.name]) for c in described]
    return [
        [
            (f"{title}: {word}", (values == word).to_numpy(np.float64, na_value=0), _SHARE)
            for word in values.dropna().unique()
        ]
        for title, values in worded
        if has_few_words(values)
    ]


def _largest(properties: list[_Property], chosen: NDArray[np.bool_]) -> Difference | None:
    """Return the largest difference among the properties of one column."""
    best: Difference | None = None
    for title, values, factor in properties:
        here, rest = values[chosen & ~np.isnan(values)], values[~chosen & ~np.isnan(values)]
        if min(len(here), len(rest)) < _FEWEST:
            continue
        overall = np.r_[here, rest].std()
        if overall < 1e-9:
            continue
        # A word that all here have and nobody else would be infinitely apart.
        spread = max(np.sqrt((here.var() + rest.var()) / 2), 0.1 * overall)
        size = float((here.mean() - rest.mean()) / spread)
        if best is None or abs(size) > abs(best.size):
            best = Difference(
                title, _show_mean(factor, here.mean()), _show_mean(factor, rest.mean()), size
            )
    return best


def _show_mean(factor: Factor, value: float) -> str:
    """Return a mean as people read it: of "yes" and "no" it is a share, of counts a decimal."""
    if factor.unit == "yes/no":
        return _SHARE.show(value)
    if factor.unit == "":
        return f"{value:.1f}"
    return factor.show(value)


def telling_factors(gallery: Gallery, row: int, *, count: int = 3) -> list[Push]:
    """Return the factors of one photo that its score goes with most, strongest first.

    A factor tells when the photo is unusual in it and scores in this gallery follow it: its
    z-score times its correlation with the score.  That is no cause.

    Args:
        gallery: All photos.
        row: Row number.
        count: How many factors; fewer where some are not known, of a photo without a face say.
    """
    pushes = _pushes(gallery)[row]
    order = np.argsort(-np.abs(np.nan_to_num(pushes)), kind="stable")[:count]
    strongest = [(_telling(gallery)[at], float(pushes[at])) for at in order]
    return [
        Push(factor.title, factor.show(float(_values(gallery, factor)[row])), round(push, 3))
        for factor, push in strongest
        if np.isfinite(push)
    ]


@functools.lru_cache(maxsize=4)
def _pushes(gallery: Gallery) -> NDArray[np.float32]:
    """Return z-score times correlation of each telling factor that is known, shape (N, F)."""
    known = _telling(gallery)
    score = _standardised(gallery.table["score"].to_numpy(np.float64))
    pushes = np.full((len(gallery), len(known)), np.nan, np.float32)
    for place, factor in enumerate(known):
        z = _standardised(_values(gallery, factor))
        both = np.isfinite(z) & np.isfinite(score)
        if both.sum() > _FEWEST:
            pushes[:, place] = z * np.mean(z[both] * score[both])
    return pushes


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return z-scores; NaN where a value is missing or all are alike."""
    known = values[np.isfinite(values)]
    if not len(known) or known.std() < 1e-9:
        return np.full_like(values, np.nan)
    return (values - known.mean()) / known.std()


@functools.lru_cache(maxsize=4)
def usual_distance(gallery: Gallery, *, pairs: int = 2000) -> float:
    """Return the median fc7 distance of two photos drawn at random; 1 if all are copies."""
    drawn = np.random.default_rng(0).integers(0, len(gallery), (2, pairs))
    apart = np.asarray(gallery.fc7[drawn[0]], np.float32) - gallery.fc7[drawn[1]]
    lengths = np.linalg.norm(apart[drawn[0] != drawn[1]], axis=1)
    return float(np.median(lengths)) or 1.0 if len(lengths) else 1.0
