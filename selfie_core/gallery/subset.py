"""Which photos of a gallery are meant: by words, by a range, by what a text finds, by hand.

Letters: N photos.
"""

import base64
import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.gallery.columns import MOST_WORDS, Use, column_of, columns_for, is_text, words_of
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.search import find_rows

_NUMBER = re.compile(r"-?\d+")
Wish = Sequence[str] | tuple[Any, Any]  # words, any of which will do, or the least and the most


@dataclass(frozen=True)
class Choice:
    """A column by which photos can be chosen."""

    column: str  # its name in the table; "rank" is known of every photo
    title: str  # "Face height"
    words: tuple[str, ...] = ()  # what there is to choose from; empty for a column of numbers
    least: Any = None  # the ends of a column of numbers or dates
    most: Any = None
    share: bool = False  # whether the numbers are shares of 1, shown as percents


def list_choices(gallery: Gallery) -> list[Choice]:
    """Return the columns by which photos can be told apart: neither constant nor all different."""
    columns = ["rank", *(column.name for column in columns_for(gallery.table, Use.FILTER))]
    found = (_choice(gallery, column) for column in columns)
    return [choice for choice in found if choice is not None]


def choose_rows(
    gallery: Gallery,
    wishes: Mapping[str, Wish],
    *,
    text: str = "",
    starred: Sequence[int] | None = None,
) -> NDArray[np.intp]:
    """Return the rows that fulfil all wishes, best score first.

    A photo of which a wished-for property is not known is left out.

    Args:
        gallery: All photos.
        wishes: By column: some of its words, or the least and the most, both included.
        text: What `find_rows` has to find.
        starred: The only rows that may be returned.
    """
    kept = np.ones(len(gallery), bool)
    for column, wish in wishes.items():
        values = _column(gallery, column)
        if is_text(values):
            kept &= values.isin(list(wish)).to_numpy(bool)
            continue
        least, most = wish
        if pd.api.types.is_datetime64_any_dtype(values):
            least, most = pd.Timestamp(least), pd.Timestamp(most)
        kept &= values.between(least, most).fillna(False).to_numpy(bool)
    rows = gallery.best_first[kept[gallery.best_first]]
    if text.strip():
        rows = rows[np.isin(rows, find_rows(gallery, text))]
    if starred is not None:
        rows = rows[np.isin(rows, list(starred))]
    return rows


def bit_mask(gallery: Gallery, rows: NDArray[np.intp]) -> str:
    """Return which rows are meant, one bit per photo, the lowest first, in base64."""
    flags = np.zeros(len(gallery), bool)
    flags[rows] = True
    return base64.b64encode(np.packbits(flags, bitorder="little").tobytes()).decode()


@functools.lru_cache(maxsize=256)
def _choice(gallery: Gallery, column: str) -> Choice | None:
    about = column_of(column)
    values = _column(gallery, column).dropna()
    if values.nunique() < 2:
        return None
    if is_text(values):
        words = values.unique().tolist()
        if len(words) > MOST_WORDS:
            return None
        return Choice(column, about.title, tuple(sorted(words, key=_natural)))
    least, most = values.min(), values.max()
    if pd.api.types.is_datetime64_any_dtype(values):
        return Choice(column, about.title, least=least.date(), most=most.date())
    if not np.isfinite([float(least), float(most)]).all():
        return None
    if pd.api.types.is_integer_dtype(values):
        return Choice(column, about.title, least=int(least), most=int(most))
    # Whole hundredths outside of the values: ends that a slider can show and an address can hold.
    ends = float(np.floor(100 * least) / 100), float(np.ceil(100 * most) / 100)
    return Choice(column, about.title, least=ends[0], most=ends[1], share=about.unit == "%")


def _column(gallery: Gallery, column: str) -> pd.Series:
    """Return a column of words, of numbers, or of days without a time."""
    if column == "rank":
        return pd.Series(gallery.rank)
    words = words_of(gallery.table, column)
    if words is not None:
        return words
    values = gallery.table[column]
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.tz_localize(None).dt.normalize()
    return values


def _natural(word: str) -> tuple[float, str]:
    return (float(word), "") if _NUMBER.fullmatch(word) else (np.inf, word.casefold())
