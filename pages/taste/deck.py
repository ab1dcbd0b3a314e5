"""The photos that someone chooses between: the gallery's, or their own, kept in memory."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from pages.shared import pictures, ui
from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo.faces import find_faces
from selfie_core.photo.factors import measure_factors
from selfie_core.scorer.files import score_photos
from selfie_core.training import taste
from selfie_core.training.taste import Axes, Shown

_MOST = 300  # photos of one's own
_LARGE, _SMALL = 520, 96  # pixels
_DROPPED = "taste_dropped"  # in the session


@dataclass(frozen=True, eq=False)
class Deck:
    """Photos to choose between."""

    key: str  # the same for the same photos
    shown: Shown
    axes: Axes
    large: Callable[[int], str]  # address of a photo
    small: Callable[[int], str]
    lasting: bool  # whether a link or a later visit finds them again
    refused: tuple[str, ...] = ()  # a line per photo that can't be shown


def of_gallery(gallery: Gallery) -> Deck:
    """Return the photos of the gallery."""
    base = ui.base(gallery)
    return Deck(
        gallery.version, taste.shown_of(gallery), _axes(gallery),
        f"{base}/photo/{{}}".format, f"{base}/thumb/{{}}".format, lasting=True,
    )  # fmt: skip


@ui.cached()
def _axes(gallery: Gallery) -> Axes:
    return taste.main_axes(gallery.fc7)


def of_dropped() -> Deck | None:
    """Return the photos that someone drops here; None while there are none."""
    known: Deck | None = ui.kept_photos(_DROPPED)
    if known:
        _say_refused(known)
        return known
    with ui.large_drop("taste_drop"):
        files = st.file_uploader(
            "Your photos", accept_multiple_files=True, key="taste_files",
            label_visibility="collapsed",
        )  # fmt: skip
    st.caption(
        f"Sixty photos or more let every pair be new; {_MOST} at most. They stay in memory, are "
        "never saved, and are gone when you leave."
    )
    if not files:
        return None
    if len(files) > _MOST:
        raise DataError(f"{len(files)} photos; at most {_MOST} at once; drop fewer")
    made = st.session_state[_DROPPED] = _read([(file.name, file.getvalue()) for file in files])
    _say_refused(made)
    return made


def _say_refused(deck: Deck) -> None:
    if deck.refused:
        lines = "  \n".join(map(ui.plain, deck.refused))
        st.warning(lines, icon=":material/broken_image:")


def _read(files: list[tuple[str, bytes]]) -> Deck:
    """Return photos as they are shown, and why others can't be."""
    unlike = {store.content_id(data): (name, data) for name, data in files}  # copies once
    sources = [lambda data=data: data for _, data in unlike.values()]
    with ui.bar(f"Looking at {ui.counted(len(sources), 'photo')}") as progress:
        found = list(score_photos(sources, ui.scorer(own=False), _look, at_least=_LARGE,
                                  purpose="choices", progress=progress))  # fmt: skip
    seen = [(one, one.seen) for one in found if one.seen]
    refused = [
        f"{name}: {one.error}"
        for (name, _), one in zip(unlike.values(), found, strict=True) if one.error
    ]  # fmt: skip
    if len(seen) < 2:
        reasons = f" ({'; '.join(refused)})" if refused else ""
        raise DataError(
            f"{ui.counted(len(seen), 'photo')} that can be shown{reasons}; wanted two or more; "
            "add some"
        )
    fc7 = np.stack([one.fc7 for one, _ in seen])
    shown = Shown(
        fc7, np.array([one.score for one, _ in seen]),
        pd.DataFrame([factors for _, (factors, _, _) in seen]),
    )  # fmt: skip
    large = [picture for _, (_, picture, _) in seen]
    small = [picture for _, (_, _, picture) in seen]
    key = store.content_id("".join(unlike).encode())
    axes = taste.main_axes(fc7)
    return Deck(
        key, shown, axes, large.__getitem__, small.__getitem__, lasting=False,
        refused=tuple(refused),
    )  # fmt: skip


def _look(photo: Image.Image, _content: object) -> tuple[dict[str, float], str, str]:
    """Return a photo's factors and addresses that hold a large and a small picture of it."""
    factors = measure_factors(photo, find_faces(photo))
    large = pictures.data_address(photo, side=_LARGE)
    return factors, large, pictures.data_address(photo, side=_SMALL, square=True)
