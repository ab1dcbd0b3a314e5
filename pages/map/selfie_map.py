"""The map of selfies: points, faces and cards drawn in the browser, one small file of positions."""

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pandas as pd
import streamlit as st

from pages.grid.selfie_grid import name_in_address
from pages.shared import fresh, ui
from pages.shared.component import component
from selfie_core.gallery.columns import MOST_WORDS, Column, Use, columns_for
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.map.landmarks import Landmark

# What the address bar keeps, so that a link brings one back: see parts/address.js.
ADDRESS = ("view", "colour", "layout", "only", "faces", "seams", "find", "region", "selfie")

_component = component(Path(__file__).parent, "selfie_map", uses="search_box")


class Mark(TypedDict):
    """A named place on the map, with lines to the rows most like it."""

    x: float
    y: float
    label: str
    rows: list[int]
    photo: str  # an address that holds the picture; "" where there is none


def selfie_map(
    gallery: Gallery, *, key: str, marks: list[Mark], landmarks: Sequence[Landmark]
) -> None:
    """Show a gallery as a map; a photo whose full page is asked for opens large.

    The browser fetches positions, values and pictures itself and keeps them; layouts, colours,
    filters, search and regions work there without a rerun.  A rerun sends a few kilobytes and
    neither redraws nor moves the map.  The address keeps place, zoom, colour and selection.

    Some row of the gallery has a position; `marks` are places to point out, "your photo" for one.
    """
    asked = {name: st.query_params[name] for name in ADDRESS if name in st.query_params}
    if not asked:  # one who comes back from another page finds all as it was
        asked = st.session_state.get(f"{key}_address", {})
    data = {
        "base": ui.base(gallery),
        "count": len(gallery),
        "runs": _runs(gallery),
        "drawnAnew": gallery.was_drawn_anew and fresh.has_moved_on(gallery),
        "columns": _columns(gallery),
        "ramp": ui.RAMP,
        "marks": marks,
        "landmarks": [dataclasses.asdict(landmark) for landmark in landmarks],
        "hasGrid": gallery.has_grid,
        "hasSeams": gallery.has_seams,
        "steps": _steps(gallery),
        "gridCell": gallery.grid_cell if gallery.has_grid else 0,
        "address": asked,
    }

    def open_large() -> None:
        name_in_address(gallery, int(st.session_state[key]["clicked"]))

    shown = _component(
        key=key, data=data, on_clicked_change=open_large, on_address_change=lambda: None
    )
    if shown.address is not None:  # the browser has it in its address bar already
        st.session_state[f"{key}_address"] = dict(shown.address)


@functools.lru_cache(maxsize=4)
def _runs(gallery: Gallery) -> list[list[int]]:
    """Return pairs of row and slot from which on both rise by one, see `Gallery.slots`."""
    first = np.flatnonzero(np.diff(gallery.slots, prepend=-2) != 1)
    return np.stack([first, gallery.slots[first]], axis=1).tolist()


@functools.lru_cache(maxsize=4)
def _steps(gallery: Gallery) -> list[float]:
    """Return the scores from which on a photo is above 1, 2 ... 99 % of the gallery."""
    rising = gallery.table[["score", "percentile"]].iloc[gallery.best_first[::-1]]
    first = np.searchsorted(rising["percentile"], np.arange(1, 100))
    steps = rising["score"].to_numpy(np.float32)[first[first < len(rising)]]
    return [float(str(step)) for step in steps]  # as short as tells them apart


@functools.lru_cache(maxsize=4)
def _columns(gallery: Gallery) -> list[dict[str, Any]]:
    """Return what a map can be coloured by and laid out against: the score first."""
    columns = [
        column
        for column in columns_for(gallery.table, Use.COLOUR)
        # All scores alike still are what the map is about.
        if column.name == "score" or _tells_apart(gallery.table[column.name])
    ]
    first = {"score": 0, "label": 1}
    columns.sort(key=lambda column: first.get(column.name, 2))
    return [_legend(column, gallery.table[column.name]) for column in columns]


def _legend(column: Column, values: pd.Series) -> dict[str, Any]:
    """Return what the browser knows of a column."""
    words = not pd.api.types.is_numeric_dtype(values)
    labels = column.name == "label"
    return {
        "name": column.name,
        "title": "Liked by its audience" if labels else column.title,
        "unit": column.unit,
        "missing": "no face" if column.measured else "not known",
        "words": words,
        "yesNo": ["less than its peers", "more than its peers"] if labels else ["no", "yes"],
    }


def _tells_apart(values: pd.Series) -> bool:
    """Return whether a column has at least two values, and not too many if they are words."""
    different = values.nunique()
    return different >= 2 and (pd.api.types.is_numeric_dtype(values) or different <= MOST_WORDS)
