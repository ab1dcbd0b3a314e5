"""A table of posts -> one checked row a photo, whatever way it was written.

Where likes have been set against the audience already, as in the UCF Selfie dataset, a column
`popularity` stands for user, followers, likes, tags and posted_at together.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from selfie_core.base import store
from selfie_core.base.errors import DataError

MOST = 2**53  # whole numbers are exact up to here
COLUMNS = ("file", "user", "followers", "likes", "tags", "posted_at")
POPULARITY = "popularity"  # likes for the audience: the higher the better, in no unit


def read_posts(path: Path) -> pd.DataFrame:
    """Return the posts of a .csv, .parquet or .json table, checked.

    Args:
        path: Table with columns file, user, followers, likes, tags (a number, or words separated
            by spaces) and posted_at (ISO date); or with file and popularity alone.  Further
            columns are kept as they are.

    Returns:
        One row a post: followers, likes and tags are counts (int64), posted_at a time in UTC.

    Raises:
        DataError: A column lacks, a count is negative or missing, a date can't be read, or a
            file is named twice.
    """
    return check_posts(store.read_table(path), name=Path(path).name)


def check_posts(table: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return a posts table with clean types; see `read_posts`."""
    if POPULARITY in table and "likes" not in table:
        return _check_popular(table, name=name)
    missing = [column for column in COLUMNS if column not in table]
    if missing:
        found = ", ".join(map(str, table.columns)) or "nothing"
        raise DataError(f'{name} lacks column "{missing[0]}"; found: {found}')
    if table.empty:
        raise DataError(f"{name} has no rows; wanted one row a photo")
    posts = _check_names(table, ("file", "user"), name=name)
    posts["tags"] = _count_tags(posts["tags"])
    for column in ("followers", "likes", "tags"):
        posts[column] = _counts(posts[column], name=name)
    posts["posted_at"] = _dates(posts["posted_at"], name=name)
    return posts


def _check_popular(table: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return posts of which only the popularity is known, one row a photo."""
    if "file" not in table:
        raise DataError(f'{name} lacks column "file"; found: {", ".join(map(str, table.columns))}')
    if table.empty:
        raise DataError(f"{name} has no rows; wanted one row a photo")
    posts = _check_names(table, ("file",), name=name)
    numbers = pd.to_numeric(posts[POPULARITY], errors="coerce").astype("float64")
    wrong = ~numbers.abs().lt(np.inf)  # NaN too
    if wrong.any():
        seen = posts[POPULARITY][wrong].iat[0]
        raise DataError(f'{name} line {_line(wrong)} has popularity "{seen}"; wanted a number')
    posts[POPULARITY] = numbers
    return posts


def _check_names(table: pd.DataFrame, columns: tuple[str, ...], *, name: str) -> pd.DataFrame:
    """Return a copy with these columns as words, none empty and no file named twice."""
    posts = table.copy()
    for column in columns:
        empty = posts[column].isna() | (posts[column].astype(str) == "")
        if empty.any():
            raise DataError(f'{name} line {_line(empty)} has no "{column}"; fill it in')
        posts[column] = posts[column].astype(str)
    twice = posts["file"].duplicated()
    if twice.any():
        raise DataError(
            f"{name} line {_line(twice)} names {posts['file'][twice].iat[0]!r} again; "
            f"keep one row a photo"
        )
    return posts


def _count_tags(tags: pd.Series) -> pd.Series:
    """Return numbers as they are, words counted, and an empty cell as none."""
    numbers = pd.to_numeric(tags, errors="coerce")
    words = tags.fillna("").astype(str).map(lambda text: len(str(text).split()))
    return numbers.where(numbers.notna(), words)


def _counts(values: pd.Series, *, name: str) -> pd.Series:
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    wrong = ~numbers.between(0, MOST) | (numbers % 1 != 0)
    if wrong.any():
        raise DataError(
            f'{name} line {_line(wrong)} has {values.name} "{values[wrong].iat[0]}"; '
            f"wanted a whole number, 0 or more"
        )
    return numbers.astype("int64")


def _dates(values: pd.Series, *, name: str) -> pd.Series:
    dates = pd.to_datetime(values, errors="coerce", utc=True, format="ISO8601")
    wrong = dates.isna()
    if wrong.any():
        raise DataError(
            f'{name} line {_line(wrong)} has posted_at "{values[wrong].iat[0]}"; '
            f"wanted an ISO date such as 2026-03-31"
        )
    return dates


def _line(wrong: "pd.Series[bool]") -> int:
    """Return the line of the first wrong row as a text editor counts, the header being line 1."""
    return int(np.flatnonzero(wrong.to_numpy())[0]) + 2
