"""The photos of a roll, scored as they come: the best so far is shown meanwhile."""

import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePath

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from PIL import Image, ImageOps
from streamlit.delta_generator import DeltaGenerator

from pages.score import roll_drop
from pages.score.roll_drop import MOST, MOST_GB, Coming, is_sidecar
from pages.shared import pictures, ui
from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import THUMB_CENTRE, THUMB_SIDE
from selfie_core.photo.copies import SIDE, square
from selfie_core.photo.exif import taken_at
from selfie_core.photo.faces import find_faces
from selfie_core.photo.factors import measure_factors
from selfie_core.photo.sidecar import Crop, persons_stars
from selfie_core.scorer.files import Scored, score_photos

_SHOWN = 176  # pixels of a photo in the grid and on the contact sheet
_SO_FAR, _SO_FAR_SIDE = 8, 104  # photos shown meanwhile, and their pixels
_PAUSE = 1.0  # seconds between two looks at the best so far
_POLL = 0.1  # seconds between two looks for files that came
_KEPT, _COMING = "roll", "roll_coming"  # in the session

_Seen = tuple[dict[str, float], NDArray[np.float32], str]


@dataclass(frozen=True, eq=False)
class Roll:
    """Photos that were read, in the order of their names on the visitor's side.

    Attributes:
        photos: As `pick_best` wants them.
        fc7: Shape (N, D).
        squares: Shape (N, SIDE * SIDE).
        pictures: Addresses that hold a small picture each, "" of what can't be read.
        files: Contents by name, of the sidecars too.
        broken: Why a sidecar is left alone, by name.
        scorer: Id of that which scored them.
        coming: How they came, with what is not read, and why.
        places: Of the readable ones on the map, by the gallery's version, as they are asked for.
        crops: The best of each photo, None where all of it is, as they are asked for.
    """

    photos: pd.DataFrame
    fc7: NDArray[np.float32]
    squares: NDArray[np.float32]
    pictures: list[str]
    files: dict[str, bytes]
    broken: dict[str, str]
    scorer: str
    coming: Coming
    places: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    crops: dict[str, Crop | None] = field(default_factory=dict)


@dataclass(eq=False)
class _Reading:
    """A roll that is being read.  The session keeps it: a page that starts anew goes on with it."""

    coming: Coming
    files: dict[str, bytes] = field(default_factory=dict)  # that came
    scored: dict[str, Scored[_Seen]] = field(default_factory=dict)
    scorer: str = ""  # id of that which scored them
    enough: bool = False  # the visitor wants those that were read

    def unread(self) -> list[str]:
        return [name for name in self.files if not (is_sidecar(name) or name in self.scored)]


def dropped() -> Roll | None:
    """Return the photos that someone drops here, kept in this session; None without any."""
    known: Roll | None = ui.kept_photos(_KEPT)
    if known:
        if known.scorer != ui.scorer().id:  # a visitor's own came into use, or went
            known.coming.ended = True  # files that were on their way have no place left to come to
            known = st.session_state[_KEPT] = _read(_Reading(known.coming, known.files))
        return known
    reading: _Reading | None = st.session_state.get(_COMING)
    coming = roll_drop.ask(reading and reading.coming)
    if coming is None:
        st.caption(
            f"Up to {MOST:,} photos of {MOST_GB} GB in all, and their .xmp sidecars. They stay in "
            "memory, are never saved, and are gone when you leave. On your own disk: `selfie cull`."
        )
        return None
    if not (reading and reading.coming is coming):
        reading = st.session_state[_COMING] = _Reading(coming)
    st.session_state[_KEPT] = _read(reading)
    del st.session_state[_COMING]
    roll_drop.close()
    st.rerun()


def _read(reading: _Reading) -> Roll | None:
    """Return what is kept of photos once all came; the best so far is shown meanwhile."""
    coming, scorer = reading.coming, ui.scorer()
    if reading.scorer != scorer.id:
        reading.scorer, reading.scored = scorer.id, {}
    of = coming.photos + len(reading.scored) + len(reading.unread())
    with ui.bar(f"Looking at {ui.counted(of, 'photo')}") as progress:
        enough, best = st.empty(), st.empty()
        told = shown = 0

        def tell() -> None:
            """Show the best so far once a second, and the last of those that came too."""
            nonlocal told, shown
            if len(reading.scored) == shown or time.monotonic() - told < _PAUSE:
                return
            if not shown:
                enough.button(
                    "Enough, show these", key="roll_enough", on_click=setattr,
                    args=(reading, "enough", True),
                )  # fmt: skip
            _show_so_far(best, reading.scored)
            told, shown = time.monotonic(), len(reading.scored)

        while not reading.enough:
            progress(len(reading.scored), max(of, 1))  # ends here if the visitor left
            reading.files |= coming.take()
            names = reading.unread()
            if not names:
                if coming.over:
                    break
                tell()
                time.sleep(_POLL)
                continue
            sources = [partial(bytes, reading.files[name]) for name in names]
            found = score_photos(sources, scorer, _look, at_least=_SHOWN)
            for name, one in zip(names, found, strict=True):
                reading.scored[name] = one
                progress(len(reading.scored), of)
                tell()
        enough.empty()
        best.empty()
    reading.files |= coming.take()  # what came meanwhile would stay with Streamlit
    return _made(reading)


def _made(reading: _Reading) -> Roll | None:
    """Return what is kept of photos, by name; None without any."""
    none = np.zeros(ui.scorer().fc7_width, np.float32)
    scored = reading.scored | {
        name: Scored(float("nan"), none, None, why) for name, why in reading.coming.refused.items()
    }
    first: dict[str, str] = {}
    rows, squares, shown = [], [], []
    for name, one in sorted(scored.items()):
        factors, small, address = one.seen or ({}, np.zeros(SIDE * SIDE, np.float32), "")
        data = reading.files.get(name, b"")
        same = first.setdefault(store.content_id(data), name) if data else name
        row = {"file": name, "score": one.score, "taken": taken_at(data)}
        row |= {"same_as": "" if same == name else same, "error": one.error or ""}
        rows.append(row | factors)
        squares.append(small)
        shown.append(address)
    if not rows:
        return None
    unread = set(reading.unread())
    files = {name: data for name, data in reading.files.items() if name not in unread}
    fc7 = [one.fc7 for _, one in sorted(scored.items())]
    return Roll(
        pd.DataFrame(rows), np.stack(fc7), np.stack(squares), shown, files, _broken(files),
        reading.scorer, reading.coming,
    )  # fmt: skip


def _broken(files: dict[str, bytes]) -> dict[str, str]:
    """Return what is wrong with sidecars, by name."""
    found: dict[str, str] = {}
    for name in filter(is_sidecar, files):
        try:
            persons_stars(files[name])
        except DataError as error:
            found[name] = str(error)
    return found


def _look(photo: Image.Image, _content: object) -> _Seen:
    """Return a photo's factors, its grey square, and an address that holds a small picture."""
    thumb = ImageOps.fit(photo, (THUMB_SIDE, THUMB_SIDE), centering=THUMB_CENTRE)  # as galleries do
    factors = measure_factors(photo, find_faces(photo))
    return factors, square(thumb), pictures.data_address(photo, side=_SHOWN, square=True)


def _show_so_far(place: DeltaGenerator, scored: dict[str, Scored[_Seen]]) -> None:
    """Show the best photos among those that were read."""
    readable = [(name, one.score, one.seen) for name, one in scored.items() if one.seen]
    best = sorted(readable, key=lambda one: -one[1])[:_SO_FAR]
    with place.container(horizontal=True):
        for name, score, seen in best:
            caption = f"{ui.percent(score)} {PurePath(name).name}"
            st.image(seen[2], ui.plain(caption), width=_SO_FAR_SIDE)
