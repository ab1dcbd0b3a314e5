"""Landmarks: regions of the map that are named by what their photos share.

A trait is anything that can be said of a photo in plain words: measured ("black and white") or
given with it ("mirror shot").  Where most neighbours on the map share a trait that is rare
elsewhere, there is a landmark.  Nothing about the person names one: not sex, age, skin or hair.

Letters: N photos, K neighbours on the map.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.gallery.columns import Use, columns_for, has_few_words, is_text

FILE = "landmarks.json"
MOST = 12
_LEAST_PHOTOS = 12  # in a region
_SHARE = 0.6  # of a photo's neighbours that have the trait
_LIFT = 1.8  # times as common as in the whole gallery
_APART = 0.05  # of the map's width between two names

# Columns and values that speak of the person, or of nothing seen in the photo.
_PERSON = set(
    "sex gender male female man men woman women boy girl boys girls feminine masculine age aged "
    "baby child teenager youth middle senior old young skin race ethnicity ethnic asian "
    "hair bald beard moustache lipstick makeup face_shape oval round heart country nationality "
    "religion user name character person".split()
)
_PERSON_COLUMNS = {"white", "black"}  # skin, in the UCF Selfie dataset
_EMPTY = {"", "none", "no", "nan", "false", "0", "other", "unknown"}
_SAID = {  # shorter in plain words than "value column"
    "sun glasses": "sunglasses",
    "clear glasses": "glasses",
    "wearing sunglasses": "sunglasses",
    "wearing glasses": "glasses",
    "bw filter": "black and white",
    "group shot": "groups",
    "mirror shot": "mirror",
    "using mirror": "mirror",
    "closeup shot": "close faces",
    "night background": "night",
}


@dataclass(frozen=True)
class Landmark:
    """A named region of the map."""

    region: int  # its number in the table's column `region`
    name: str  # in plain words; a person may edit it in landmarks.json, "" hides the region
    x: float  # place of the member nearest to its middle, in [0, 1]
    y: float  # the same, downwards
    count: int  # number of its photos
    why: str  # what they share, in one line
    found: str  # the name that was found, by which an edited one is told apart


def find_landmarks(
    table: pd.DataFrame, xy: NDArray[np.floating]
) -> tuple[list[Landmark], NDArray[np.int8]]:
    """Return up to a dozen landmarks, the clearest first, and each photo's region, -1 for none.

    Args:
        table: Factors and given columns, one row per photo.
        xy: Positions in [0, 1], shape (N, 2); NaN for no place.
    """
    region = np.full(len(table), -1, np.int8)
    placed = np.flatnonzero(np.isfinite(xy).all(axis=1))
    if len(placed) < 2 * _LEAST_PHOTOS:
        return [], region
    places = np.asarray(xy[placed], np.float64)
    near = _neighbours(places)
    candidates = []
    for name, has in traits(table):
        has = has[placed]
        usual = float(has.mean())
        members = _largest_region(has, usual, near)
        if len(members) >= max(_LEAST_PHOTOS, 0.005 * len(placed)):
            here = float(has[members].mean())
            candidates.append(((here - usual) * np.sqrt(len(members)), name, members, here, usual))
    candidates.sort(key=lambda candidate: -candidate[0])

    found: list[Landmark] = []
    for _, name, members, here, usual in candidates:
        free = members[region[placed[members]] < 0]
        if len(found) == MOST or len(free) < max(_LEAST_PHOTOS, len(members) / 2):
            continue
        middle = np.median(places[free], axis=0)
        x, y = places[free[np.square(places[free] - middle).sum(axis=1).argmin()]]
        named = {mark.name for mark in found}
        if name in named or any(np.hypot(x - m.x, y - m.y) < _APART for m in found):
            continue
        region[placed[free]] = len(found)
        why = f"{100 * here:.0f} % of these {len(free):,} photos, {100 * usual:.0f} % of all"
        found.append(Landmark(len(found), name, float(x), float(y), len(free), why, name))
    return found, region


def traits(table: pd.DataFrame) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield what can be said of photos: a name and which photos it holds for, shape (N,)."""
    for column in (column.name for column in columns_for(table, Use.DESCRIBE)):
        if column in _PERSON_COLUMNS or _of_person(column):
            continue
        values = table[column]
        if is_text(values):
            words = values.astype("string").fillna("")
            if has_few_words(words):
                for word in sorted(set(words)):
                    if word.lower() not in _EMPTY and not _of_person(word):
                        yield _say(f"{word} {column}"), (words == word).to_numpy(bool)
        elif set(values.dropna().unique()) == {0, 1}:
            yield _say(column), (values == 1).fillna(False).to_numpy(bool)
    yield from measured_traits(table, MEASURED, EXTREMES)


def read_landmarks(folder: Path) -> tuple[Landmark, ...]:
    """Return the landmarks of a gallery's folder as a person left them; none if there is no file.

    Raises:
        DataError: The file was broken by hand.
    """
    file = folder / FILE
    if not file.is_file():
        return ()
    advice = 'mend it, or make it anew by "selfie map GALLERY"'
    try:
        marks = json.loads(store.read_bytes(file))["landmarks"]
    except ValueError as error:
        where = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise DataError(f"{FILE} is no JSON{where}; {advice}") from error
    except (TypeError, KeyError) as error:
        raise DataError(f'{FILE} has no list "landmarks"; {advice}') from error
    try:
        return tuple(_landmark(mark) for mark in marks)
    except (TypeError, ValueError, KeyError) as error:
        raise DataError(f"{FILE} has an entry that is no landmark ({error}); {advice}") from error


def write_landmarks(folder: Path, landmarks: Sequence[Landmark]) -> None:
    """Write the landmarks to a gallery's folder, for the app and for people."""
    store.write_json(folder / FILE, {"landmarks": [asdict(mark) for mark in landmarks]})


def keep_names(
    found: Sequence[Landmark], regions: pd.Series, old: Sequence[Landmark], old_regions: pd.Series
) -> list[Landmark]:
    """Return new landmarks under the names that a person gave to the same regions before.

    Args:
        found: The new landmarks.
        regions: The new region of each photo, by its id; missing for none.
        old: The landmarks of the gallery that is replaced.
        old_regions: And the regions of its photos.
    """
    edited = [mark for mark in old if mark.name != mark.found]
    kept = []
    for mark in found:
        now = set(regions.index[(regions == mark.region).fillna(False)])
        for other in edited:
            before = set(old_regions.index[(old_regions == other.region).fillna(False)])
            if 2 * len(now & before) >= max(len(now), len(before)):
                mark = replace(mark, name=other.name)
                break
        kept.append(mark)
    return kept


def _landmark(entry: dict[str, object]) -> Landmark:
    name = entry["name"]
    if not isinstance(name, str):
        raise TypeError(f"name is {name!r}")
    region, x, y, count = (float(str(entry[key])) for key in ("region", "x", "y", "count"))
    why, found = str(entry.get("why", "")), str(entry.get("found", name))
    return Landmark(int(region), name.strip(), x, y, int(count), why, found)


def _of_person(words: str) -> bool:
    return not _PERSON.isdisjoint(re.split(r"[^a-z]+", words.lower()))


def _say(words: str) -> str:
    plain = " ".join(words.replace("_", " ").lower().split())
    return _SAID.get(plain, plain)


# Measured factor, name, and the bound; a bound in (0, 1) of `q` is a share of the gallery's photos.
MEASURED = {
    "faces": [("groups", 3, 99), ("two faces", 2, 2)],
    "monochrome": [("black and white", 1, 1)],
    "white_border": [("white border", 0.5, 1)],
    "black_border": [("black border", 0.5, 1)],
    "face_height": [("close faces", 0.5, 9), ("small faces", 0, 0.18)],
    "face_cut": [("forehead cut", 0.4, 9)],
    "eyes_cut": [("eyes cut", 0.3, 1)],
    "tilt": [("tilted", 15, 180)],
}
EXTREMES = {  # the highest and the lowest eighth of the gallery
    "surround": ("bright surroundings", "dark surroundings"),
    "saturation": ("strong colours", "pale colours"),
    "shadows": ("faded", ""),
    "contrast": ("strong contrast", "soft contrast"),
    "warmth": ("warm light", "cool light"),
    "face_x": ("face at the right", "face at the left"),
    "face_y": ("face low", "face high"),
}


def measured_traits(
    table: pd.DataFrame,
    bounds: Mapping[str, Sequence[tuple[str, float, float]]],
    extremes: Mapping[str, tuple[str, str]],
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield what was measured of photos: a name and which photos it holds for, shape (N,).

    Args:
        table: Factors, one row per photo.
        bounds: By factor: name, least and most.
        extremes: By factor: what its highest and its lowest eighth are called, "" for nothing.
    """
    for column, named in bounds.items():
        if column in table:
            values = table[column].to_numpy(float, na_value=np.nan)
            for name, low, high in named:
                yield name, (values >= low) & (values <= high)
    for column, (high_name, low_name) in extremes.items():
        if column in table and table[column].nunique() > 8:
            values = table[column].to_numpy(float, na_value=np.nan)
            low, high = np.nanquantile(values, [1 / 8, 7 / 8])
            yield high_name, values >= high
            if low_name:
                yield low_name, values <= low


def _neighbours(places: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the nearest on the map of each photo, itself too, shape (N, K)."""
    from scipy.spatial import KDTree

    count = min(max(8, len(places) // 100), 40, len(places))
    return KDTree(places).query(places, k=count)[1].reshape(len(places), -1)


def _largest_region(
    has: NDArray[np.bool_], usual: float, near: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return the rows of the largest connected region in which most neighbours have a trait."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    inside = has[near].mean(axis=1) >= max(_SHARE, _LIFT * usual)
    rows = np.flatnonzero(inside)
    if len(rows) < _LEAST_PHOTOS:
        return rows
    close = near[:, :8]
    starts = np.arange(0, close.size + 1, close.shape[1])
    links = csr_array((np.ones(close.size, np.int8), close.ravel(), starts))
    _, part = connected_components(links[rows][:, rows], directed=False)
    return rows[part == np.bincount(part).argmax()]
