"""A table of posts -> one checked row per photo, whatever way it was written.

Where likes have been set against the audience already, as in the UCF Selfie dataset, a column
`popularity` stands for user, followers, likes, tags and posted_at together.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.names import same_name, spelled_in

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
        One row per post: followers, likes and tags are counts (int64), posted_at a time in UTC.

    Raises:
        DataError: A column lacks, a count is negative or missing, a date can't be read, or a
            file is named twice.
    """
    return check_posts(store.read_table(path), name=Path(path).name)


def check_posts(table: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return a posts table with clean types; see `read_posts`."""
    popular = is_popularity(table)
    names = ("file",) if popular else ("file", "user")
    need_columns(table, *(names if popular else COLUMNS), name=name)
    if table.empty:
        raise DataError(f"{name} has no rows; wanted one row per photo")
    posts = _check_names(table, names, name=name)
    if popular:
        numbers = pd.to_numeric(posts[POPULARITY], errors="coerce").astype("float64")
        _refuse(posts[POPULARITY], ~numbers.abs().lt(np.inf), "a number", name)  # NaN too
        return posts.assign(**{POPULARITY: numbers})
    posts["tags"] = _count_tags(posts["tags"])
    for column in ("followers", "likes", "tags"):
        posts[column] = _counts(posts[column], name=name)
    posts["posted_at"] = _dates(posts["posted_at"], name=name)
    return posts


def is_popularity(posts: pd.DataFrame) -> bool:
    """Return whether of posts only the popularity is known, which has the audience in it."""
    return POPULARITY in posts and "likes" not in posts


def shows_face(table: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which rows are of a photo with a face, shape (N,): all but those of 0 `faces`."""
    if "faces" not in table:
        return np.ones(len(table), bool)
    return pd.to_numeric(table["faces"], errors="coerce").ne(0).to_numpy(bool)


def need_columns(table: pd.DataFrame, *columns: str, name: str) -> None:
    """Refuse a table that lacks a column, with what is there instead."""
    for column in columns:
        if column not in table:
            found = ", ".join(map(str, table.columns)) or "nothing"
            raise DataError(f'{name} lacks column "{column}"; found: {found}')


def need_unique(files: pd.Series, *, name: str) -> None:
    """Refuse a table that names a file twice."""
    twice = files[files.duplicated()]
    if len(twice):
        raise DataError(f"{name} names {twice.iat[0]!r} twice; keep one row per photo")


def photo_paths(files: pd.Series, photos: Path, *, name: str) -> list[Path]:
    """Return where the files of a table lie in a folder, however a system spells their names.

    Raises:
        DataError: Some are not there; it tells their number and the first of them.
    """
    paths = [photos / str(file) for file in files]
    if all(path.is_file() for path in paths):
        return paths
    there = {same_name(path.relative_to(photos)): path for path in photos.rglob("*")}
    spelled = [spelled_in(there, str(file)) for file in files]
    absent = [file for file, found in zip(files, spelled, strict=True) if found is None]
    if absent:
        raise DataError(
            f"{len(absent)} of {len(files)} {name} are not in {photos}, the first is "
            f"{absent[0]!r}; give the folder that `file` starts from"
        )
    return [there[found] for found in spelled if found]


def _check_names(table: pd.DataFrame, columns: tuple[str, ...], *, name: str) -> pd.DataFrame:
    """Return a copy with these columns as words, none empty and no file named twice."""
    posts = table.copy()
    for column in columns:
        empty = posts[column].isna() | (posts[column].astype(str) == "")
        if empty.any():
            raise DataError(f'{name} line {_line(empty)} has no "{column}"; fill it in')
        posts[column] = posts[column].astype(str)
    posts["file"] = posts["file"].map(same_name)
    twice = posts["file"].duplicated()
    if twice.any():
        raise DataError(
            f"{name} line {_line(twice)} names {posts['file'][twice].iat[0]!r} again; "
            f"keep one row per photo"
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
    _refuse(values, wrong, "a whole number, 0 or more", name)
    return numbers.astype("int64")


def _dates(values: pd.Series, *, name: str) -> pd.Series:
    dates = pd.to_datetime(values, errors="coerce", utc=True, format="ISO8601")
    _refuse(values, dates.isna(), "an ISO date such as 2026-03-31", name)
    return dates


def _refuse(values: pd.Series, wrong: "pd.Series[bool]", wanted: str, name: str) -> None:
    """Refuse a column of which any value is wrong, with the first of them."""
    if wrong.any():
        seen = values[wrong].iat[0]
        raise DataError(f'{name} line {_line(wrong)} has {values.name} "{seen}"; wanted {wanted}')


def _line(wrong: "pd.Series[bool]") -> int:
    """Return the line of the first wrong row as a text editor counts, the header being line 1."""
    return int(np.flatnonzero(wrong.to_numpy())[0]) + 2
