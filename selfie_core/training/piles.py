"""Two piles of photos, or a zip with a table, as someone dropped them -> what training wants.

All stays in memory, and of each photo little is kept: its features and a thumbnail.

Letters: N photos, D width of fc7.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image, ImageOps

from selfie_core.base import store
from selfie_core.base.delimited import read_delimited
from selfie_core.base.errors import DataError
from selfie_core.base.names import spelled_in
from selfie_core.base.progress import Progress
from selfie_core.base.words import counted
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.grids import square_photo
from selfie_core.photo.copies import group_copies, outline
from selfie_core.posts.labels import label_posts
from selfie_core.posts.table import check_posts, need_unique
from selfie_core.scorer.files import Scored, score_photos
from selfie_core.scorer.scorer import Scorer
from selfie_core.training.unzip import Archive

MOST_PHOTOS = 5000
LEAST = 5  # photos in a pile, so that each fifth of the cross-validation has one
MOST_PHOTO = 60_000_000  # bytes of one photo of a zip
MOST_TABLE = 20_000_000  # bytes of its table
THUMB = 96  # pixels

GOOD, BAD = {"1", "1.0", "good", "true", "yes"}, {"0", "0.0", "bad", "false", "no"}


@dataclass(frozen=True)
class Dropped:
    """A photo that someone labelled, not yet opened."""

    name: str
    good: bool
    read: Callable[[], bytes]
    user: str = ""  # whose photo, where a table says so


@dataclass(frozen=True, eq=False)
class Piles:
    """What is kept of labelled photos, in one order throughout.

    Attributes:
        names: Of the files.
        labels: 1 good, 0 bad, shape (N,).
        fc7: Shape (N, D).
        scores: Of the scorer that gave fc7, in [0, 1], shape (N,).
        brightness: Mean of each photo, in [0, 1], shape (N,).
        groups: Near-copies, and the photos of one user, share a number, shape (N,).
        thumbs: Squares of `THUMB` pixels.
        left_out: How many photos were left out, by reason.
    """

    names: list[str]
    labels: NDArray[np.int64]
    fc7: NDArray[np.float32]
    scores: NDArray[np.float32]
    brightness: NDArray[np.float64]
    groups: NDArray[np.int64]
    thumbs: list[Image.Image]
    left_out: dict[str, int]


def from_piles(
    good: Sequence[tuple[str, bytes]], bad: Sequence[tuple[str, bytes]]
) -> list[Dropped]:
    """Return the photos of two piles, given as (name, content).

    Raises:
        DataError: A pile is empty or there are too many photos.
    """
    dropped = [
        Dropped(name, label, partial(bytes, data))
        for pile, label in ((good, True), (bad, False))
        for name, data in pile
    ]
    _check_count(dropped)
    return dropped


def from_zip(data: bytes) -> list[Dropped]:
    """Return the labelled photos of a zip with a table; nothing is written.

    The table is a .csv with columns file and label (1 or 0, good or bad), or posts.csv with
    followers and likes, from which labels are made as `selfie label` makes them.

    Raises:
        DataError: It is no zip, unsafe, too large, or table and photos do not fit together.
    """
    archive = Archive(data)
    table_name = _table_of(archive.names)
    rows = _labels(archive.read(table_name, most=MOST_TABLE), PurePosixPath(table_name).name)
    names, folder = archive.names, PurePosixPath(table_name).parent
    found = spelled_in(names, [str(folder / file) for file in rows["file"]])
    paths = {file: path for file, path in zip(rows["file"], found, strict=True) if path}
    absent = [file for file in rows["file"] if file not in paths]
    if absent:
        raise DataError(
            f"{table_name} names {counted(len(absent), 'photo')} not in the zip, the first is "
            f"{absent[0]!r}; zip table and photos together"
        )
    dropped = [
        Dropped(file, label == 1, partial(archive.read, paths[file], most=MOST_PHOTO), user)
        for file, label, user in zip(rows["file"], rows["label"], rows["user"], strict=True)
    ]
    _check_count(dropped)
    return dropped


@dataclass(frozen=True, eq=False)
class _Look:
    """What is kept of an opened photo."""

    id: str  # of its content
    outline: NDArray[np.uint8]
    thumb: Image.Image


def square(photo: Image.Image) -> Image.Image:
    """Return a small copy of a photo, `THUMB` pixels on each side."""
    return ImageOps.fit(photo, (THUMB, THUMB), Image.Resampling.BICUBIC, centering=(0.5, 0.4))


def _look(photo: Image.Image, content: Any) -> _Look:
    return _Look(store.content_id(content), outline(photo), square(photo))


def read_piles(
    dropped: Sequence[Dropped], scorer: Scorer, *, progress: Progress | None = None
) -> Piles:
    """Return what training wants of labelled photos.

    Unreadable photos and copies of a photo are left out and counted.

    Raises:
        DataError: One photo is in both piles, or too few photos are left of one.
    """
    kept: dict[str, tuple[Dropped, Scored[_Look]]] = {}  # by content
    left_out: Counter[str] = Counter()
    found = score_photos(
        [item.read for item in dropped], scorer, _look, purpose="training photos", progress=progress
    )
    for item, one in zip(dropped, found, strict=True):
        if one.seen is None:
            left_out[str(one.error)] += 1
        elif one.seen.id in kept:
            earlier, _ = kept[one.seen.id]
            _check_pile(item, earlier)
            left_out["copies"] += 1
        else:
            kept[one.seen.id] = item, one
    items, scored = [item for item, _ in kept.values()], [one for _, one in kept.values()]
    _check_count(items, left_out)
    looks = [one.seen for one in scored if one.seen]
    return Piles(
        names=[item.name for item in items],
        labels=np.array([item.good for item in items], np.int64),
        fc7=np.stack([one.fc7 for one in scored]),
        scores=np.array([one.score for one in scored], np.float32),
        brightness=np.array([_brightness(look.thumb) for look in looks]),
        groups=group_copies(
            np.array([look.outline for look in looks]), [item.user for item in items]
        ),
        thumbs=[look.thumb for look in looks],
        left_out=dict(left_out),
    )


def ends_of(gallery: Gallery, factor: str, count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows with most of a factor, the most first, and those with least, likewise.

    Args:
        gallery: Its photos.
        factor: A number column of its table.
        count: Photos in each; fewer where a value would be in both.

    Raises:
        DataError: Too few photos have the factor, or too many the same.
    """
    values = gallery.table[factor].astype("Float64").to_numpy(np.float64, na_value=np.nan)
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    count = min(count, len(order) // 2)
    high, low = order[::-1][:count], order[:count]
    if count and (tied := values[low[-1]]) == values[high[-1]]:  # it goes to one pile, whole
        above, below = high[values[high] > tied], low[values[low] < tied]
        high, low = (above, low) if len(above) > len(below) else (high, below)
    count = min(len(high), len(low))
    if count < LEAST:
        raise DataError(
            f"{factor} tells too few photos of {gallery.name} apart; wanted {2 * LEAST} or more; "
            f"choose another"
        )
    return high[:count], low[:count]


def from_gallery(gallery: Gallery, factor: str, count: int) -> Piles:
    """Return piles made of a gallery: the photos of `ends_of`; those with most are good.

    Their fc7 is known, so no photo is opened but its thumbnail.
    """
    ends = ends_of(gallery, factor, count)
    rows = np.concatenate(ends)
    photos = gallery.table.iloc[rows]
    users = photos["user"].fillna("").astype(str) if "user" in photos else [""] * len(rows)
    thumbs = [square_photo(gallery, int(row), side=THUMB) for row in rows]
    return Piles(
        names=photos["file"].tolist(),
        labels=np.repeat([1, 0], [len(end) for end in ends]),
        fc7=np.asarray(gallery.fc7[rows], np.float32),
        scores=photos["score"].to_numpy(np.float32),
        brightness=np.array([_brightness(thumb) for thumb in thumbs]),
        groups=group_copies(np.array([outline(thumb) for thumb in thumbs]), list(users)),
        thumbs=thumbs,
        left_out={},
    )


def _brightness(photo: Image.Image) -> float:
    return float(np.asarray(photo.convert("L")).mean()) / 255


def _check_pile(item: Dropped, earlier: Dropped) -> None:
    if item.good == earlier.good:
        return
    other = "" if item.name == earlier.name else f" (there called {earlier.name!r})"
    raise DataError(
        f"{item.name!r} is in both piles{other}; a photo is good or bad, take it out of one"
    )


def _check_count(items: Sequence[Dropped], left_out: Counter[str] | None = None) -> None:
    """Refuse piles that nothing can be learned from."""
    good = sum(item.good for item in items)
    bad = len(items) - good
    lost = f", after {left_out.total()} were left out" if left_out else ""
    if len(items) > MOST_PHOTOS:
        raise DataError(f"{len(items):,} photos; at most {MOST_PHOTOS:,} fit; drop fewer")
    if items and not (good and bad):
        name, other = ("good", "bad") if good else ("bad", "good")
        all_are = "the photo is" if len(items) == 1 else f"all {len(items):,} photos are"
        raise DataError(f"{all_are} {name}{lost}; add some {other} ones")
    if min(good, bad) < LEAST:
        raise DataError(
            f"{good} good and {bad} bad photos{lost}; wanted at least {LEAST} of each, "
            f"better 50; add some"
        )


def _table_of(names: set[str]) -> str:
    tables = sorted(name for name in names if name.lower().endswith(".csv"))
    posts = [name for name in tables if PurePosixPath(name).name == "posts.csv"]
    if not tables:
        raise DataError("the zip holds no .csv; add one with columns file and label (good or bad)")
    if len(tables) > 1 and len(posts) != 1:
        raise DataError(f"the zip holds {len(tables)} .csv files; leave one, or name one posts.csv")
    return posts[0] if posts else tables[0]


def _labels(data: bytes, name: str) -> pd.DataFrame:
    """Return file, label (1 or 0) and user of each labelled row of a table."""
    read = read_delimited(data, name=name)
    table, places = read.cells, [f"line {line}" for line in read.lines]
    found = ", ".join(map(str, table.columns)) or "nothing"
    if "label" not in table and "likes" not in table:
        raise DataError(
            f'{name} has no column "label" (good or bad), nor the columns of posts.csv; '
            f"found: {found}"
        )
    if "label" not in table:
        posts = check_posts(table, name=name, places=places)
        rows = posts.merge(label_posts(posts)[["file", "label"]], on="file")
        rows = rows[rows["label"].notna()]
        return rows[["file", "label", "user"]].astype({"label": "int64", "user": str})
    if "file" not in table:
        raise DataError(f'{name} lacks column "file"; found: {found}')
    words = table["label"].str.lower()
    strange = np.flatnonzero(~words.isin(GOOD | BAD | {""}))
    if len(strange):
        raise DataError(
            f'{name} {places[strange[0]]} has label "{table["label"].iat[strange[0]]}"; '
            f"wanted good or bad, 1 or 0"
        )
    need_unique(table["file"], name=name)
    rows = pd.DataFrame({"file": table["file"], "label": words.isin(GOOD).astype("int64")})
    rows["user"] = table["user"] if "user" in table else ""
    return rows[words != ""]
