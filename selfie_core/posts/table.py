"""A table of posts -> one checked row per photo, whatever way it was written.

Where likes have been set against the audience already, as in the UCF Selfie dataset, a column
`popularity` stands for user, followers, likes, tags and posted_at together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.names import same_name, spelled_in
from selfie_core.posts.cells import count_tags, read_counts, read_dates

MOST = 2**53  # whole numbers are exact up to here
COLUMNS = ("file", "user", "followers", "likes", "tags", "posted_at")
POPULARITY = "popularity"  # likes for the audience: the higher the better, in no unit


def read_posts(path: Path) -> pd.DataFrame:
    """Return the posts of a .csv, .parquet or .json table, checked.

    Args:
        path: Table with columns file, user, followers, likes, tags (a number, or the words in any
            common form) and posted_at (an ISO date, day or month first where all rows agree, or
            seconds since 1970); or with file and popularity alone.  Further columns are kept as
            they are.

    Returns:
        One row per post: followers, likes and tags are counts (int64), posted_at a time in UTC.

    Raises:
        DataError: A column lacks, a count is negative or missing, a date can't be read, or a
            file is named twice.
    """
    table, places = store.read_rows(path, words=COLUMNS)
    return check_posts(table, name=Path(path).name, places=[*places])


def check_posts(
    table: pd.DataFrame, *, name: str, places: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return a posts table with clean types; see `read_posts`.

    Args:
        table: As it was read.
        name: Of its file, for messages.
        places: Where in the file each row stands: "line 2"; as in a plain CSV by default.
    """
    places = places or [f"line {row + 2}" for row in range(len(table))]
    check = _Check(name, places)
    lower = {title.lower(): title for title in map(str, table)}  # beside "user", "User" stays
    table = table.rename(columns={lower[c]: c for c in COLUMNS if c in lower and c not in table})
    popular = is_popularity(table)
    names = ("file",) if popular else ("file", "user")
    need_columns(table, *(names if popular else COLUMNS), name=name)
    if table.empty:
        raise DataError(f"{name} has no rows; wanted one row per photo")
    posts = _check_names(table, names, check)
    if popular:
        numbers = pd.to_numeric(posts[POPULARITY], errors="coerce").astype("float64")
        check.refuse(posts[POPULARITY], ~numbers.abs().lt(np.inf), "a number")  # NaN too
        return posts.assign(**{POPULARITY: numbers})
    posts["tags"] = count_tags(posts["tags"])
    for column in ("followers", "likes", "tags"):
        posts[column] = _counts(posts[column], check)
    posts["posted_at"] = _dates(posts["posted_at"], check)
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
    spelled = spelled_in(there, map(str, files))
    absent = [file for file, found in zip(files, spelled, strict=True) if found is None]
    if absent:
        raise DataError(
            f"{len(absent)} of {len(files)} {name} are not in {photos}, the first is "
            f"{absent[0]!r}; give the folder that `file` starts from"
        )
    return [there[found] for found in spelled if found]


@dataclass(frozen=True)
class _Check:
    """Refuses a table with the place of the first wrong row."""

    name: str
    places: Sequence[str]

    def at(self, wrong: "pd.Series[bool]") -> str:
        """Return where the first wrong row stands: "posts.csv line 7"."""
        return f"{self.name} {self.places[int(np.flatnonzero(wrong.to_numpy(bool))[0])]}"

    def refuse(self, values: pd.Series, wrong: "pd.Series[bool]", wanted: str) -> None:
        """Refuse a column of which any value is wrong, with the first of them."""
        if wrong.any():
            seen = "" if values.isna()[wrong].iat[0] else values[wrong].iat[0]
            raise DataError(f'{self.at(wrong)} has {values.name} "{seen}"; wanted {wanted}')


def _check_names(table: pd.DataFrame, columns: tuple[str, ...], check: _Check) -> pd.DataFrame:
    """Return a copy with these columns as words, none empty and no file named twice."""
    posts = table.copy()
    for column in columns:
        empty = posts[column].isna() | (posts[column].astype(str) == "")
        if empty.any():
            raise DataError(f'{check.at(empty)} has no "{column}"; fill it in')
        posts[column] = posts[column].astype(str)
    posts["file"] = posts["file"].map(same_name)
    twice = posts["file"].duplicated()
    if twice.any():
        raise DataError(
            f"{check.at(twice)} names {posts['file'][twice].iat[0]!r} again; keep one row per photo"
        )
    return posts


def _counts(values: pd.Series, check: _Check) -> pd.Series:
    numbers = read_counts(values)
    wrong = ~numbers.between(0, MOST) | (numbers % 1 != 0)
    check.refuse(values, wrong, "a whole number, 0 or more")
    return numbers.astype("int64")


def _dates(values: pd.Series, check: _Check) -> pd.Series:
    dates = read_dates(values)
    wanted = "an ISO date such as 2026-03-31: 03/04/2026 may be March or April"
    check.refuse(values, dates.isna(), wanted)
    return dates
