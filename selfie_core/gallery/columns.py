"""What each column of a gallery is, and which use may be made of it.

A gallery's table holds what was measured of each photo, what came with it, and its place on the
map.  Columns with a meaning of their own stand in `_USES`; whatever else came with the photos
("glasses", "lighting", "is_female") says something of them.
"""

from dataclasses import dataclass
from enum import Flag, auto

import pandas as pd

from selfie_core.photo.factors import FACTORS

REQUIRED = ("id", "file", "score", "percentile", "x", "y", "faces")
CREDIT = ("author", "licence", "licence_url", "page")  # of a photo under a licence
# `newcomer`: it came since the map was drawn, and was placed among the others.
# `was_x`, `was_y`: where it stood on the map before this one.
MAP_COLUMNS = {
    "x", "y", "grid_x", "grid_y", "seam", "region", "newcomer", "was_x", "was_y",
}  # fmt: skip
MEASURED = ("id", "score", *(factor.name for factor in FACTORS))  # of a photo's content

MOST_WORDS = 40  # different words of a column; with more it names single photos
FEW_WORDS = 12  # different words of a column that parts the photos into groups
_FEW_NUMBERS = 12  # different whole numbers that are rather picked than bounded
_LARGEST = 2.0**63  # from which on a number has no place in 64 bits


class Use(Flag):
    """What a column may serve for."""

    SEARCH = auto()  # a text may name its values
    FILTER = auto()  # photos are chosen by it
    COLOUR = auto()  # the map is coloured by it and laid out against it
    GROUP = auto()  # the audit compares the photos of its values
    DESCRIBE = auto()  # its words say what is in a photo: they name a region of the map
    NONE = 0


@dataclass(frozen=True)
class Column:
    """One column of a gallery."""

    name: str  # in the table
    title: str  # as people read it: "Face height"
    uses: Use
    unit: str  # "%" (values are shares of 1), "°", "yes/no" (1 or 0), "" for anything else
    measured: bool  # whether it is one of `factors.FACTORS`

    def with_value(self, word: str) -> str:
        """Return a value of it as people read it alone: "Glasses: sun"."""
        return f"{self.title}: {word}"


_ASKED = Use.FILTER | Use.COLOUR
_FACTORS = [factor.name for factor in FACTORS]
_HISTORY = (
    "followers", "likes", "popularity", "audience", "appeal", "group", "label", "split", "rank",
)  # fmt: skip
_USES: dict[str, Use] = {
    **dict.fromkeys(("id", "file"), Use.SEARCH),
    **dict.fromkeys(("name", "user"), Use.SEARCH | Use.FILTER),
    "tags": Use.SEARCH | _ASKED,
    "posted_at": Use.SEARCH | Use.FILTER,
    **dict.fromkeys((*_FACTORS, *_HISTORY, *CREDIT, "score"), _ASKED),
    **dict.fromkeys(("faces", "label", "author", "licence"), Use.SEARCH | _ASKED),
    "percentile": Use.NONE,  # a twin of the score
    **dict.fromkeys(MAP_COLUMNS, Use.NONE),
    "seam": Use.COLOUR,
}
_GIVEN = Use.SEARCH | _ASKED | Use.GROUP | Use.DESCRIBE
_TITLES = {factor.name: factor.title for factor in FACTORS} | {"seam": "Seams"}
_UNITS = {factor.name: factor.unit for factor in FACTORS} | {"score": "%"}


def column_of(name: str) -> Column:
    """Return what a column of that name is."""
    title = _TITLES.get(name) or name.replace("_", " ").capitalize()
    uses = _USES.get(name, _GIVEN)
    return Column(name, title, uses, _UNITS.get(name, ""), measured=name in _FACTORS)


def columns_for(table: pd.DataFrame, use: Use) -> list[Column]:
    """Return the columns of a table that may serve for a use, in the table's order."""
    return [column for column in map(column_of, map(str, table)) if use in column.uses]


def given_columns(table: pd.DataFrame) -> list[str]:
    """Return the columns of a gallery's table that came with the photos."""
    return [c for c in map(str, table) if c not in {*MEASURED, *MAP_COLUMNS, "file", "percentile"}]


def is_text(values: pd.Series) -> bool:
    """Return whether a column holds words: neither numbers nor dates."""
    types = pd.api.types
    return not (types.is_numeric_dtype(values) or types.is_datetime64_any_dtype(values))


def has_few_words(values: pd.Series, most: int = MOST_WORDS) -> bool:
    """Return whether a column holds words, 2 to `most` different ones."""
    return is_text(values) and 2 <= values.nunique() <= most


def words_of(table: pd.DataFrame, name: str) -> pd.Series | None:
    """Return a column in words, missing where unknown; None if it holds many numbers or dates.

    A label is "good" or "bad", 1 and 0 of a yes/no column are "yes" and "no", and whole numbers
    of which there are few are words too.
    """
    values = table[name]
    if name == "label":
        return values.map({1: "good", 0: "bad"}).astype("string")
    if pd.api.types.is_bool_dtype(values) or column_of(name).unit == "yes/no":
        return values.astype("Float64").map({1: "yes", 0: "no"}).astype("string")
    if is_text(values):
        return values.astype("string")
    if not pd.api.types.is_numeric_dtype(values):
        return None
    known = values.dropna()
    whole = (known == known.round()) & (known.abs() < _LARGEST)
    if known.nunique() <= _FEW_NUMBERS and bool(whole.all()):
        return values.astype("Int64").astype("string")
    return None


def credit_of(photo: pd.Series) -> dict[str, str] | None:
    """Return author, licence, licence_url and page of a photo, or None if it names no licence."""
    known = {name: _word(photo.get(name)) for name in CREDIT}
    return known if known["licence"] else None


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
