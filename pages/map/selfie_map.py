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
from selfie_core.gallery.columns import MOST_WORDS, Column, Use, columns_for
from selfie_core.gallery.gallery import Gallery

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
