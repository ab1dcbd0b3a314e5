"""The advice of the post as rules that can be checked, and the factors they speak of.

Letters: N photos.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from selfie_core.learned.regression import Bools, Floats


@dataclass(frozen=True)
class Rule:
    """One piece of advice as something that can be checked.

    Attributes:
        key: Its name in addresses.
        title: The advice.
        kind: Whether the post says do, says don't, or worries, or its readers asked.
        said: The words it comes from.
        claim: 1 if photos that follow `these` should score higher, -1 if lower.
        these: "photos with a white border".
        others: "photos without".
        factor: Of `rule_factors`.
        low: Photos have at least this much of the factor ...
        high: ... and less than this.
        not_held: Factors that are left free to differ, as the rule itself changes them.
    """

    key: str
    title: str
    kind: Literal["do", "dont", "asked"]
    said: str
    claim: int
    these: str
    others: str
    factor: str
    low: float = 0.5
    high: float = np.inf
    not_held: tuple[str, ...] = ()


# Bounds are those between the top and the bottom of the original's own 240 photos (see TASTES).
RULES = (
    Rule("female", "Be female", "do", "Women are consistently ranked higher than men.", 1,
         "photos of women", "photos of men", "female"),
    Rule("third", "Let the face fill about a third", "do",
         "Face should occupy about 1/3 of the image.", 1, "faces of about a third of the height",
         "smaller and larger ones", "face_height", 0.27, 0.40),
    Rule("high", "Put the face high", "do", "... positioned in the center and at the top.", 1,
         "faces above the middle", "lower ones", "face_y", 0.0, 0.38),
    Rule("tilted", "Tilt it slightly", "do", "... is slightly tilted ...", 1,
         "heads tilted by 5 to 20 degrees", "all others", "tilt", 5, 20),
    Rule("forehead", "Cut off the forehead", "do", "Cut off your forehead. What's up with that?", 1,
         "photos that cut the forehead", "photos that show it", "face_cut", 0.2),
    Rule("hair", "Show long hair", "do", "Show your long hair.", 1, "photos with long hair",
         "photos with other hair", "long_hair"),
    Rule("colour", "Oversaturate", "do", "Oversaturate the face.", 1, "photos with strong colours",
         "paler ones", "saturation", 0.35, not_held=("filter",)),
    Rule("fade", "Fade it", "do", "... look much more uniform and faded out.", 1,
         "photos with faded shadows", "photos with deep ones", "shadows", 0.2,
         not_held=("filter", "light", "noise")),
    Rule("filter", "Put a filter on it", "do", "Put a filter on it.", 1, "photos with a filter",
         "photos without", "filter", not_held=("saturation", "shadows", "monochrome", "skin")),
    Rule("mono", "Go black and white", "do", "Black and white photos seem to do quite well.", 1,
         "black-and-white photos", "photos in colour", "monochrome",
         not_held=("filter", "saturation", "skin")),
    Rule("border", "Add a border", "do", "Add a border.", 1, "photos with a white border",
         "photos without", "white_border"),
    Rule("light", "Take it in low light", "dont", "Take in low lighting.", -1,
         "photos in low light", "lighter ones", "light", 0.0, 0.3, ("filter", "shadows", "noise")),
    Rule("large", "Frame the head too large", "dont", "Frame your head too large.", -1,
         "faces of over half the height", "smaller ones", "face_height", 0.5),
    Rule("group", "Take group shots", "dont", "Take group shots.", -1, "photos of several people",
         "photos of one", "group"),
    Rule("skin", "Is it a mere skin counter?", "asked",
         "... a simple amount-of-skin-texture-counter.", 1,
         "photos more than a third of which looks like skin", "photos with less", "skin", 1 / 3),
    Rule("glasses", "Do glasses help?", "asked", "Asked by its readers.", 1,
         "photos with glasses", "photos without", "glasses"),
    Rule("pout", "Does the pout help?", "asked", "Asked by its readers.", 1,
         "photos with a pout", "photos without", "pout"),
)  # fmt: skip

# What only the data can name: columns it may stand in, the words that mean yes, and those that mean
# no where others mean neither.  A number means yes above one half.
_NO = ("none", "no", "", "normal", "original")
_NAMED: dict[str, tuple[tuple[str, ...], tuple[str, ...] | None, tuple[str, ...] | None]] = {
    "female": (
        ("sex", "gender", "female", "is_female", "character_feminine"),
        ("female", "f", "woman", "women"),
        ("male", "m", "man", "men"),
    ),
    "long_hair": (("long_hair", "hair"), ("long", "yes"), None),
    "filter": (("filter",), None, None),  # all words but those of _NO
    "glasses": (("glasses", "wearing_glasses"), None, None),
    "pout": (("pout", "duck_face", "expression"), ("pout", "duck", "yes"), None),
}
_MEASURED = {"light": "surround"} | {
    name: name for name in (
        "face_height", "face_y", "off_centre", "face_cut", "eyes_cut", "tilt", "saturation",
        "shadows", "monochrome", "noise",
    )
}  # fmt: skip


def rule_factors(table: pd.DataFrame, *, skin: Floats | None = None) -> pd.DataFrame:
    """Return the factors of `RULES` that a gallery knows, as numbers; NaN where one is missing.

    Args:
        table: Of a gallery, N rows.
        skin: Of `skin_share`, shape (N,).
    """
    known = {name: _numbers(table[column]) for name, column in _MEASURED.items() if column in table}
    if "white_border" in table:
        known["white_border"] = (_numbers(table["white_border"]) > 0.4).astype(float)
    if "faces" in table:
        known["group"] = (_numbers(table["faces"]) > 1).astype(float)
    for name, (columns, yes, no) in _NAMED.items():
        there = [column for column in columns if column in table and table[column].notna().any()]
        if there:
            known[name] = _yes(table[there[0]], yes, no)
    if skin is not None:
        known["skin"] = np.asarray(skin, float)
    return pd.DataFrame(known, index=table.index)


def named_by(column: str) -> set[str]:
    """Return the factors that a given column names."""
    return {name for name, (columns, *_) in _NAMED.items() if column in columns}


def columns_of(factor: str) -> tuple[str, ...]:
    """Return the columns that may name a factor; none if it is measured."""
    return _NAMED[factor][0] if factor in _NAMED else ()


def sides(rule: Rule, values: Floats) -> tuple[Bools, Bools]:
    """Return which photos follow a rule and which don't, both of shape (N,); unknown is neither."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        these = known & (values >= rule.low) & (values < rule.high)
    return these, known & ~these


def _numbers(values: pd.Series) -> Floats:
    return pd.to_numeric(values, errors="coerce").to_numpy(np.float64, na_value=np.nan)


def _yes(values: pd.Series, words: tuple[str, ...] | None, no: tuple[str, ...] | None) -> Floats:
    """Return 1 for yes, 0 for no and NaN for unknown."""
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        numbers = _numbers(values)
        return np.where(np.isnan(numbers), np.nan, numbers > 0.5)
    said = values.astype("string").str.strip().str.casefold()
    yes = said.isin(words) if words else ~said.isin(_NO)
    known = yes | said.isin(no) if no else said.notna()
    return np.where(known.to_numpy(bool, na_value=False), yes.to_numpy(float, na_value=0), np.nan)
