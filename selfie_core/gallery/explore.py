"""What the map asks about a gallery: what sets a region apart, what tells.

Letters: N photos, F factors.
"""

import functools
from collections.abc import Sequence
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
    table, factors = gallery.table, _telling(gallery)
    largest = [
        _in_numbers(factor, table[name].to_numpy(np.float64, na_value=np.nan), chosen)
        for name, factor in factors.items()
    ] + [_in_words(title, codes, words, chosen) for title, codes, words in _worded(gallery)]
    found = [difference for difference in largest if difference and abs(difference.size) > 0.1]
    return sorted(found, key=lambda difference: -abs(difference.size))[:count]


_SHARE = Factor("share", "", "%", "")


@functools.lru_cache(maxsize=4)
def _worded(gallery: Gallery) -> list[tuple[str, NDArray[np.int8], list[str]]]:
    """Return of each column of few words its title, which word each photo has, and the words.

    The first is word 1, 0 stands for none.
    """
    found = []
    for column in columns_for(gallery.table, Use.DESCRIBE):
        values = gallery.table[column.name]
        if has_few_words(values):
            codes, words = pd.factorize(values)  # as they come: of two words, one is as far apart
            found.append((column.title, (codes + 1).astype(np.int8), [str(word) for word in words]))
    return found


def _telling(gallery: Gallery) -> dict[str, Factor]:
    return {f.name: f for f in FACTORS if f.name in COMPARED and f.name in gallery.table}


def _in_numbers(
    factor: Factor, values: NDArray[np.float64], chosen: NDArray[np.bool_]
) -> Difference | None:
    known = ~np.isnan(values)
    here, rest = values[chosen & known], values[~chosen & known]
    if min(len(here), len(rest)) < _FEWEST:
        return None
    means, variances = (here.mean(), rest.mean()), (here.var(), rest.var())
    return _difference(factor.title, factor, means, variances, values[known].std())


def _in_words(
    title: str, codes: NDArray[np.int8], words: list[str], chosen: NDArray[np.bool_]
) -> Difference | None:
    """Return the largest difference among the words of a column."""
    here = np.bincount(codes[chosen], minlength=len(words) + 1)[1:]
    every = np.bincount(codes, minlength=len(words) + 1)[1:]
    count = int(chosen.sum())
    shares = np.stack([here / count, (every - here) / (len(codes) - count), every / len(codes)])
    found = [
        _difference(f"{title}: {word}", _SHARE, share[:2], variance[:2], variance[2] ** 0.5)
        for word, share, variance in zip(words, shares.T, (shares * (1 - shares)).T, strict=True)
    ]
    return max(filter(None, found), key=lambda difference: abs(difference.size), default=None)


def _difference(
    title: str, factor: Factor, means: Sequence[float], variances: Sequence[float], overall: float
) -> Difference | None:
    """Return how means here and of the rest differ; None where `overall` nothing varies."""
    if overall < 1e-9:
        return None
    # A word that all here have and nobody else would be infinitely apart.
    spread = max(np.sqrt(sum(variances) / 2), 0.1 * overall)
    here, rest = means
    size = float((here - rest) / spread)
    return Difference(title, _show_mean(factor, here), _show_mean(factor, rest), size)


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
    factors, usual = _telling(gallery), _usual(gallery)
    photo = gallery.table.iloc[[row]][list(factors)].astype("float64").iloc[0]
    z = (photo - usual["mean"]) / usual["spread"]
    pushes = (z * usual["correlation"]).dropna()
    strongest = pushes.sort_values(key=lambda push: -push.abs(), kind="stable")[:count]
    return [
        Push(factors[name].title, factors[name].show(photo[name]), round(float(pushes[name]), 3))
        for name in map(str, strongest.index)
    ]


@functools.lru_cache(maxsize=4)
def _usual(gallery: Gallery) -> pd.DataFrame:
    """Return mean, spread and correlation with the score of each telling factor, shape (F, 3)."""
    score = gallery.table["score"]
    score = (score - score.mean()) / _spread(score)
    found = {}
    for name in _telling(gallery):
        values = gallery.table[name].astype("float64")
        mean, spread = values.mean(), _spread(values)
        products = (values - mean) / spread * score
        correlation = products.mean() if products.count() > _FEWEST else np.nan
        found[name] = {"mean": mean, "spread": spread, "correlation": correlation}
    return pd.DataFrame.from_dict(found, orient="index", columns=["mean", "spread", "correlation"])


def _spread(values: pd.Series) -> float:
    """Return the standard deviation; NaN where all are alike."""
    spread = float(values.std(ddof=0))
    return spread if spread > 1e-9 else np.nan


@functools.lru_cache(maxsize=4)
def usual_distance(gallery: Gallery) -> float:
    """Return the median fc7 distance of two photos drawn at random; 1 if all are copies."""
    return stranger_distance(gallery.fc7, np.arange(len(gallery)))
