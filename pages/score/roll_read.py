"""The photos of a roll, as they are dropped: scored one by one, the best so far shown meanwhile."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePath, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from PIL import Image, ImageOps
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.shared import pictures, ui
from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import THUMB_CENTRE, THUMB_SIDE
from selfie_core.photo.copies import SIDE, square
from selfie_core.photo.exif import taken_at
from selfie_core.photo.faces import find_faces
from selfie_core.photo.factors import measure_factors
from selfie_core.photo.sidecar import Crop
from selfie_core.scorer.files import score_photos

PHOTOS, FOLDER = "Photos", "A folder"
_MOST = 2000  # photos
_SHOWN = 176  # pixels of a photo in the grid and on the contact sheet
_SO_FAR = 8  # photos shown meanwhile
_PAUSE = 1.0  # seconds between two looks at the best so far
_KEPT = "roll"  # in the session


@dataclass(frozen=True, eq=False)
class Roll:
    """Photos that were read, in the order in which they came.

    Attributes:
        photos: As `pick_best` wants them.
        fc7: Shape (N, D).
        squares: Shape (N, SIDE * SIDE).
        pictures: Addresses that hold a small picture each, "" of what can't be read.
        files: Contents by name, of the sidecars too.
        scorer: Id of that which scored them.
        places: Of the readable ones on the map, by the gallery's version, as they are asked for.
        crops: The best of each photo, None where all of it is, as they are asked for.
    """

    photos: pd.DataFrame
    fc7: NDArray[np.float32]
    squares: NDArray[np.float32]
    pictures: list[str]
    files: dict[str, bytes]
    scorer: str
    places: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    crops: dict[str, Crop | None] = field(default_factory=dict)


def dropped(kind: str) -> Roll | None:
    """Return the photos that someone drops here, kept in this session; None without any."""
    known: Roll | None = ui.kept_photos(_KEPT)
    if known:
        if known.scorer != ui.scorer().id:  # a visitor's own came into use, or went
            known = st.session_state[_KEPT] = _read(known.files)
        return known
    with ui.large_drop("roll_drop"):
        files = st.file_uploader(
            "Your photos", accept_multiple_files=True if kind == PHOTOS else "directory",
            key=f"roll_files_{kind}", label_visibility="collapsed",
        )  # fmt: skip
    st.caption(
        f"Up to {_MOST:,} photos, and the .xmp sidecars beside them. They stay in memory, are "
        "never saved, and are gone when you leave. On your own disk: `selfie cull`."
        + (" Browsers don't tell the subfolders of what is dropped: click for a folder that has "
           "some, and its sidecars lie in them too." if kind == FOLDER else "")
    )  # fmt: skip
    if not files:
        return None
    st.session_state[_KEPT] = _read(_named(files))
    st.rerun()


def _named(files: Sequence[UploadedFile]) -> dict[str, bytes]:
    """Return contents by name; of two that have one name, the second is called "a (2).jpg"."""
    named: dict[str, bytes] = {}
    for file in files:
        path, turn = PurePosixPath(file.name), 1
        while str(path) in named:
            turn += 1
            path = path.with_stem(f"{PurePosixPath(file.name).stem} ({turn})")
        named[str(path)] = file.getvalue()
    return named


def _read(files: dict[str, bytes]) -> Roll:
    """Return what is kept of files; the best so far is shown while they are read."""
    photos = {name: data for name, data in files.items() if not name.lower().endswith(".xmp")}
    if not 2 <= len(photos) <= _MOST:
        raise DataError(f"{len(photos)} photos; wanted 2 to {_MOST:,} at once")
    rows, fc7, squares, shown = [], [], [], []
    first: dict[str, str] = {}
    sources: list[Callable[[], bytes]] = [partial(bytes, data) for data in photos.values()]
    with ui.bar(f"Looking at {len(photos)} photos") as progress:
        place, told = st.empty(), time.monotonic()
        found = score_photos(sources, ui.scorer(), _look, at_least=_SHOWN, progress=progress)
        for (name, data), one in zip(photos.items(), found, strict=True):
            factors, small, address = one.seen or ({}, np.zeros(SIDE * SIDE, np.float32), "")
            same = first.setdefault(store.content_id(data), name)
            row = {"file": name, "score": one.score, "taken": taken_at(data)}
            row |= {"same_as": "" if same == name else same, "error": one.error or ""}
            rows.append(row | factors)
            fc7.append(one.fc7)
            squares.append(small)
            shown.append(address)
            if time.monotonic() - told > _PAUSE:
                _show_so_far(place, rows, shown)
                told = time.monotonic()
        place.empty()
    table = pd.DataFrame(rows)
    return Roll(table, np.stack(fc7), np.stack(squares), shown, files, ui.scorer().id)


def _look(
    photo: Image.Image, _content: object
) -> tuple[dict[str, float], NDArray[np.float32], str]:
    """Return a photo's factors, its grey square, and an address that holds a small picture."""
    thumb = ImageOps.fit(photo, (THUMB_SIDE, THUMB_SIDE), centering=THUMB_CENTRE)  # as galleries do
    factors = measure_factors(photo, find_faces(photo))
    return factors, square(thumb), pictures.data_address(photo, side=_SHOWN, square=True)


def _show_so_far(place: DeltaGenerator, rows: list[dict[str, Any]], shown: list[str]) -> None:
    """Show the best photos among those that were read."""
    readable = [at for at, address in enumerate(shown) if address]
    best = sorted(readable, key=lambda at: -rows[at]["score"])[:_SO_FAR]
    if best:
        names = [PurePath(rows[at]["file"]).name for at in best]
        captions = [
            f"{ui.percent(rows[at]['score'])} {name}" for at, name in zip(best, names, strict=True)
        ]
        place.image([shown[at] for at in best], [ui.plain(line) for line in captions], width=120)
