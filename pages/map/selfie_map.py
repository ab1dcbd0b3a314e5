"""The map of selfies: points, faces and cards drawn in the browser, one small file of positions."""

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

import pandas as pd
import streamlit as st

from pages.shared import ui
from pages.shared.component import component
from selfie_core.base.errors import DataError
from selfie_core.gallery.columns import MAP_COLUMNS
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo.factors import FACTORS

_MEASURED = {factor.name: factor for factor in FACTORS}
_TITLES = {"score": "Score", "label": "Liked by its audience", "seam": "Seams"}
# Not for colouring: names of single photos or people, the axes themselves, a twin of the score.
_LEFT_OUT = {"id", "file", "name", "user", "percentile", "posted_at"} | (MAP_COLUMNS - {"seam"})
_MOST_NAMES = 40  # a text column with more names says little by colour
# What the address bar keeps, so that a link brings one back: see parts/address.js.
ADDRESS = ("view", "colour", "layout", "only", "faces", "seams", "find", "region", "selfie")

_component = component(Path(__file__).parent, "selfie_map")


class Mark(TypedDict):
    """A named place on the map, with lines to the rows most like it."""

    x: float
    y: float
    label: str
    rows: Sequence[int]


def selfie_map(
    gallery: Gallery, *, key: str, marks: Sequence[Mark] = (), keep_address: bool = False
) -> int | None:
    """Show a gallery as a map; return the row whose full page was asked for in this run, or None.

    The browser fetches positions, values and pictures itself and keeps them; layouts, colours,
    filters, search and regions work there without a rerun.  A rerun sends a few kilobytes and
    neither redraws nor moves the map.

    Args:
        gallery: One in which some row has a position.
        key: Key of the widget.
        marks: Places to point out, "your photo" for one.
        keep_address: Keep place, zoom, colour and selection in the page's address.
    """

    def keep() -> None:
        address: Mapping[str, str] = st.session_state[key]["address"] or {}
        st.session_state[f"{key}_address"] = dict(address)
        if not keep_address:
            return
        for name in ADDRESS:
            if value := address.get(name):
                st.query_params[name] = value
            else:
                st.query_params.pop(name, None)

    asked = {name: st.query_params[name] for name in ADDRESS if name in st.query_params}
    if not keep_address or not asked:  # one who comes back from another page finds all as it was
        asked = st.session_state.get(f"{key}_address", {})
    data = {
        "base": ui.base(gallery),
        "count": len(gallery),
        "columns": _columns(gallery),
        "ramp": ui.RAMP,
        "marks": [
            {
                "x": float(mark["x"]),
                "y": float(mark["y"]),
                "label": mark["label"],
                "rows": [int(row) for row in mark["rows"]],
            }
            for mark in marks
        ],
        "landmarks": _landmarks(gallery),
        "hasGrid": gallery.has_grid,
        "hasSeams": gallery.has_seams,
        "gridCell": gallery.grid_cell if gallery.has_grid else 0,
        "address": asked,
        "keepsAddress": True,
    }
    answer = _component(key=key, data=data, on_clicked_change=lambda: None, on_address_change=keep)
    return None if answer["clicked"] is None else int(answer["clicked"])


def _landmarks(gallery: Gallery) -> list[dict[str, Any]]:
    """Return the named regions; a file that someone broke by hand costs the names only."""
    try:
        return [
            {
                "region": mark.region,
                "name": mark.name,
                "x": float(mark.x),
                "y": float(mark.y),
                "count": mark.count,
                "why": mark.why,
            }
            for mark in gallery.landmarks
        ]
    except DataError:
        return []


@functools.lru_cache(maxsize=4)
def _columns(gallery: Gallery) -> list[dict[str, Any]]:
    """Return what a map can be coloured by and laid out against: the score first."""
    names = [
        column
        for column in map(str, gallery.table.columns)
        if column not in _LEFT_OUT and _tells_apart(gallery.table[column])
    ]
    first = [name for name in ("score", "label") if name in names]
    if "score" not in first:  # all scores alike still are what the map is about
        first.insert(0, "score")
    rest = [name for name in names if name not in first]
    return [_column(name, gallery.table[name]) for name in [*first, *rest]]


def _column(name: str, values: pd.Series) -> dict[str, Any]:
    measured = _MEASURED.get(name)
    words = not (pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values))
    peers = ["less than its peers", "more than its peers"]
    return {
        "name": name,
        "title": measured.title if measured else _TITLES.get(name) or _as_title(name),
        "unit": "%" if name == "score" else measured.unit if measured else "",
        "missing": "no face" if measured else "not known",
        "words": words,
        "scale": not words,
        "yesNo": peers if name == "label" else ["no", "yes"],
    }


def _as_title(column: str) -> str:
    return column.replace("_", " ").capitalize()


def _tells_apart(values: pd.Series) -> bool:
    """Return whether a column has at least two values, and not too many if they are words."""
    different = values.nunique()
    return different >= 2 and (pd.api.types.is_numeric_dtype(values) or different <= _MOST_NAMES)
