"""Google Photos, as Takeout exports them -> posts: favourites, views, albums, dates.

Beside each photo lies a JSON file that is named after it.  A photo is exported in the folder of
its year and again in that of each album, and an edited one beside its original.

Reference:
    https://support.google.com/photos/answer/10502587; the names of the JSON files are as the
    importers of ente and immich-go found them, from 2024 on and before.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.photo.folder import find_photos
from selfie_core.posts.ucf import Imported

CUT = 46  # characters of a JSON file's name before "(2)" and ".json"
_NUMBERED = re.compile(r"(.*)(\(\d+\))(\.[^.]*)")
Told = dict[str, dict[str, Any]]  # what the JSON files of a folder say, by their names


class _Copy(NamedTuple):
    """One file of a photo; what sorts first is taken."""

    original: bool  # of a photo that was edited
    album: str  # "" in the folder of a year
    file: str


def read_takeout(folder: Path) -> Imported:
    """Return the photos of an unpacked export: each once, and as it was edited.

    `posts` have file, popularity, favorite (1 or 0), views, albums, description and posted_at,
    the time when it was taken.  Popularity puts favourites first, then what was looked at most.

    Args:
        folder: "Takeout", or the folder of Google Photos in it.

    Raises:
        DataError: There are no photos, or none has a JSON file of Google Photos beside it.
    """
    told: dict[Path, Told] = {}
    copies, about = defaultdict[tuple[str, str], list[_Copy]](list), {}
    alone = binned = 0
    for photo in find_photos(folder):
        if photo.parent not in told:
            told[photo.parent] = _told_in(photo.parent)
        here = told[photo.parent]
        name = _original(photo.name, here)
        said = here.get(next((n for n in _json_names(name) if n in here), ""))
        alone += said is None
        if said is None or said.get("trashed"):
            binned += said is not None
            continue
        taken = str(said["photoTakenTime"].get("timestamp", ""))
        album = next((str(one["title"]) for one in here.values() if _is_album(one)), "")
        file = photo.relative_to(folder).as_posix()
        copies[name, taken].append(_Copy(name == photo.name, album, file))
        about[name, taken] = said
    if not copies:
        raise DataError(
            f"no photo in {folder} has a JSON file of Google Photos beside it; wanted an unpacked "
            "Takeout"
        )
    posts = pd.DataFrame([_row(sorted(files), about[key]) for key, files in copies.items()])
    posts.insert(1, "popularity", posts["favorite"] + posts["views"] / (1 + posts["views"].max()))
    again = sum(map(len, copies.values())) - len(copies)
    left_out = {
        "in albums again, or edited": again,
        "without their JSON file": alone,
        "in the bin": binned,
    }
    return Imported(folder, posts, {why: count for why, count in left_out.items() if count})


def _told_in(folder: Path) -> Told:
    told = {}
    for path in sorted(folder.glob("*.json")):
        with suppress(ValueError):  # one that is broken tells nothing
            said = json.loads(store.read_bytes(path))
            if isinstance(said, dict) and (_is_album(said) or _is_photo(said)):
                told[path.name] = said
    return told


def _is_photo(said: dict[str, Any]) -> bool:
    return isinstance(said.get("photoTakenTime"), dict)


def _is_album(said: dict[str, Any]) -> bool:
    return bool(said.get("title")) and not _is_photo(said)


def _json_names(photo: str) -> Iterator[str]:
    """Yield how the JSON file of a photo may be named."""
    numbered = _NUMBERED.fullmatch(photo)
    plain, number = (numbered[1] + numbered[3], numbered[2]) if numbered else (photo, "")
    for name, end in ((plain, number), (photo, "")):
        yield f"{name}.supplemental-metadata"[:CUT] + f"{end}.json"
        yield f"{name[:CUT]}{end}.json"


def _original(photo: str, here: Told) -> str:
    """Return the name of the photo that one is an edited copy of: a-edited.jpg, of a.jpg.

    The word is that of the account's language.
    """
    if any(name in here for name in _json_names(photo)):
        return photo
    original = re.sub(r"-[^-.()]+(?=(\(\d+\))?\.[^.]*$)", "", photo)
    return original if any(name in here for name in _json_names(original)) else photo


def _row(files: list[_Copy], said: dict[str, Any]) -> dict[str, Any]:
    seconds = str(said["photoTakenTime"].get("timestamp"))
    known = seconds.removeprefix("-").isdecimal()  # before 1970: a picture of a print
    taken = pd.to_datetime(int(seconds), unit="s", utc=True) if known else None
    views = str(said.get("imageViews"))
    return {
        "file": files[0].file,
        "favorite": int(bool(said.get("favorited"))),
        "views": int(views) if views.isdecimal() else 0,
        "albums": ", ".join(sorted({one.album for one in files} - {""})),
        "description": str(said.get("description") or ""),
        "posted_at": taken,
    }
