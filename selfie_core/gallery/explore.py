"""What the map asks about a gallery: what sets a region apart, what tells.

Letters: N photos, F factors.
"""

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.gallery.columns import Use, columns_for, has_few_words
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.map.fidelity import stranger_distance
from selfie_core.photo.factors import COMPARED, FACTORS, Factor

_FEWEST = 3  # photos on either side of a comparison


@dataclass(frozen=True)
class Difference:
    """How a group of photos differs from all others in one property."""

    title: str  # "Brightness", or "Glasses: sunglasses" for a column of words
    here: str  # mean of the group, as people read it
    rest: str  # mean of the others
    size: float  # standardised mean difference, in pooled standard deviations; above 0 is more here


@dataclass(frozen=True)
class Push:
    """A factor of one photo, and which way its score goes with it in this gallery."""

    title: str  # "Brightness"
    value: str  # as people read it
    # z-score of the photo times the correlation of factor and score; above 0, photos like this
    # one in that respect score higher.
    push: float


def set_apart(gallery: Gallery, rows: NDArray[np.intp], *, count: int = 6) -> list[Difference]:
    """Return in what some photos differ most from all others, largest difference first.

    Measured factors are compared by their means, columns of words by the share of each word:
    "Glasses: sunglasses, 92 % against 11 %".  Each column gives one difference at most; there are
    none if the group or the rest has fewer than 3 photos.
    """
    chosen = np.zeros(len(gallery), bool)
    chosen[rows] = True
    if min(chosen.sum(), (~chosen).sum()) < _FEWEST:
        return []
    largest = [_largest(properties, chosen) for properties in _columns(gallery)]
    found = [difference for difference in largest if difference and abs(difference.size) > 0.1]
    return sorted(found, key=lambda difference: -abs(difference.size))[:count]


# A property as one column of numbers: title, values (N,), and how a mean is shown.
_Property = tuple[str, NDArray[np.float64] | NDArray[np.uint8], Factor]
_SHARE = Factor("share", "", "%", "")


@functools.lru_cache(maxsize=4)
def _columns(gallery: Gallery) -> list[list[_Property]]:
    """Return for each column its property, or one per word of a column of words."""
    found = [
        [(factor.title, gallery.table[name].to_numpy(np.float64, na_value=np.nan), factor)]
        for name, factor in _telling(gallery).items()
    ]
    for column in columns_for(gallery.table, Use.DESCRIBE):
        values = gallery.table[column.name]
        if has_few_words(values):
            has = pd.get_dummies(values, dtype="uint8")
            words = values.dropna().unique()  # as they come: of two words, one is as far apart
            found.append([(f"{column.title}: {w}", has[w].to_numpy(), _SHARE) for w in words])
    return found


def _telling(gallery: Gallery) -> dict[str, Factor]:
    return {f.name: f for f in FACTORS if f.name in COMPARED and f.name in gallery.table}


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
    z-score times its correlation with the score.  That is no cause.  There are fewer than `count`
    where some are not known, of a photo without a face say.
    """
    pushes = _pushes(gallery).iloc[row].dropna()
    strongest = pushes.sort_values(key=lambda push: -push.abs(), kind="stable")[:count]
    photo, factors = gallery.table.iloc[row], _telling(gallery)
    return [
        Push(factors[name].title, factors[name].show(photo[name]), round(float(pushes[name]), 3))
        for name in map(str, strongest.index)
    ]


@functools.lru_cache(maxsize=4)
def _pushes(gallery: Gallery) -> pd.DataFrame:
    """Return z-score times correlation of each telling factor, shape (N, F); NaN if unknown."""
    values = gallery.table[["score", *_telling(gallery)]].astype("float64")
    spread = values.std(ddof=0)
    z = (values - values.mean()) / spread.where(spread > 1e-9)
    score = z.pop("score")
    products = z.mul(score, axis=0)
    return z * products.mean().where(products.count() > _FEWEST)


@functools.lru_cache(maxsize=4)
def usual_distance(gallery: Gallery) -> float:
    """Return the median fc7 distance of two photos drawn at random; 1 if all are copies."""
    return stranger_distance(gallery.fc7, np.arange(len(gallery)))
