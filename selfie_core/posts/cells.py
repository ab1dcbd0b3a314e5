"""Counts, tags and dates as people write them in a table -> numbers and times, or missing.

A column is read as a whole: what one cell leaves open, such as 2.000 or 03/04/2024, others settle.
"""

import re

import numpy as np
import pandas as pd

_DOTTED = r"\d{1,3}(\.\d{3})+"
_GROUPED = r"\d{1,3}([,'’\s\u00a0\u202f]\d{3})+"
_ROUNDED = r"(\d+(?:[.,]\d{1,2})?)\s*([kKmM])"  # as apps show counts: 12.3k
_THOUSANDS = {"k": 1_000, "m": 1_000_000}
_EXCEL = pd.Timestamp("1899-12-30", tz="UTC")  # its day 0; day 60, 29 February 1900, never was
_TURNED = re.compile(
    r"^(?P<one>\d{1,2})(?P<mark>[./-])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4})(?P<time>\D.*)?$"
)


def read_counts(values: pd.Series) -> pd.Series:
    """Return numbers, NaN where there is none: 1234, 1,234, 1 234, 12.3k, 1.234 if all cells agree.

    Half of the world writes two thousand as 2.000.  It is never read as two: either all cells are
    below 1000 or written so, or it is missing.
    """
    text = values.astype("string").str.strip()
    parts = text.str.extract(f"^{_ROUNDED}$")
    rounded = pd.to_numeric(parts[0].str.replace(",", "."), errors="coerce")
    rounded = (rounded * parts[1].str.lower().map(_THOUSANDS)).round()
    dotted = _matches(text, _DOTTED)
    if (dotted | _matches(text, r"\d{1,3}") | rounded.notna() | text.isna()).all():
        text = text.str.replace(".", "")
    else:
        text = text.mask(dotted)
    grouped = _matches(text, _GROUPED)
    text = text.mask(grouped, text.str.replace(r"\D", "", regex=True))
    return pd.to_numeric(text, errors="coerce").fillna(rounded).astype("float64")


def count_tags(tags: pd.Series) -> pd.Series:
    """Return numbers of tags, of a column of numbers, of words or of lists; an empty cell has 0."""
    known = tags[tags.notna() & (tags.astype(str).str.strip() != "")]
    numbers = pd.to_numeric(known, errors="coerce")
    if numbers.isna().any():  # a number among words is a tag too
        numbers = known.map(_number_of_tags)
    return numbers.reindex(tags.index, fill_value=0)


def _number_of_tags(tags: object) -> int:
    """Return how many there are in "#me #sun", "me,sun", "#me#sun" or ["me", "sun"]."""
    if not isinstance(tags, str):
        return len(tags) if isinstance(tags, list | tuple | np.ndarray) else 1
    return len(re.findall(r"[^\s,;|#]+", tags.strip("[]")))


def read_dates(values: pd.Series) -> pd.Series:
    """Return times in UTC, NaT where there is none.

    Read are ISO dates, seconds or milliseconds since 1970, the days of Excel, and days or months
    first, where dots or a number above 12 tell which; all rows must agree.
    """
    if pd.api.types.is_datetime64_any_dtype(values):
        return pd.to_datetime(values, utc=True)
    text = values.astype("string").str.strip()
    if _matches(text, r"\d{9,10}(\.\d*)?").all():
        return pd.to_datetime(text.astype("float64"), unit="s", utc=True)
    if _matches(text, r"\d{12,13}(\.0*)?").all():
        return pd.to_datetime(text.astype("float64"), unit="ms", utc=True)
    if _matches(text, r"[3-6]\d{4}(\.\d*)?").all():  # as Excel counts days: 1982 to 2091
        days = pd.to_timedelta(text.astype("float64"), unit="D")
        return (_EXCEL + days).dt.round("s")
    text = text.str.replace(r"\s*(UTC|GMT)$", "Z", regex=True)
    text = text.mask(_matches(text, r"\d{1,7}"))  # a year, a number of an Excel day among others
    dates = pd.to_datetime(text, errors="coerce", utc=True, format="ISO8601")
    parts = text.str.extract(_TURNED)
    turned = parts["one"].notna()
    one, two = pd.to_numeric(parts["one"]), pd.to_numeric(parts["two"])
    day_first = bool((one > 12).any() or (parts["mark"] == ".").any())
    month_first = bool((two > 12).any())
    if day_first == month_first:  # none, or nobody can tell
        return dates
    day, month = ("one", "two") if day_first else ("two", "one")
    time = parts["time"].fillna("").str.lstrip(", ")
    iso = parts["year"] + "-" + parts[month].str.zfill(2) + "-" + parts[day].str.zfill(2)
    return dates.mask(
        turned, pd.to_datetime(iso + " " + time, errors="coerce", utc=True, format="mixed")
    )


def _matches(text: pd.Series, pattern: str) -> pd.Series:
    """Return which cells are of a pattern; a missing one is not."""
    return text.str.fullmatch(pattern).fillna(False).astype(bool)
