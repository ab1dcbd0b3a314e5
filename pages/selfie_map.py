"""The map of selfies: points, faces and cards drawn in the browser, one small file of positions."""

import functools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pandas as pd
import streamlit as st
import ui

from selfie_core.factors import FACTORS
from selfie_core.gallery import Gallery

_HERE = Path(__file__).parent
_MEASURED = {factor.name: factor for factor in FACTORS}
_TITLES = {"score": "Score", "label": "Liked by its audience"}
# Not for colouring: names of single photos or people, the axes themselves, a twin of the score.
_LEFT_OUT = {"id", "file", "name", "user", "x", "y", "percentile", "posted_at"}
# Far apart in hue, readable on white and on black.
_PALETTE = [
    *("#4f5bd5", "#ff7a4d", "#12a594", "#c642b8", "#ffb13d"),
    *("#3aa0e8", "#e5484d", "#7c9a2e", "#a5714b"),
]
_OTHERS = "#77717d"
_MOST_NAMES = 40  # a text column with more names says little by colour


def _joined() -> str:
    """Return the component's modules as one text: Streamlit takes none that imports another."""
    files = [*sorted((_HERE / "selfie_map_parts").glob("*.js")), _HERE / "selfie_map.js"]
    text = "\n".join(file.read_text("utf-8") for file in files)
    return re.sub(r"^import .*?;\n|^export (?!default)", "", text, flags=re.MULTILINE | re.DOTALL)


_component = st.components.v2.component(
    "selfie_map", css=(_HERE / "selfie_map.css").read_text("utf-8"), js=_joined()
)


class Mark(TypedDict):
    """A named place on the map, with lines to the rows most like it."""

    x: float
    y: float
    label: str
    rows: Sequence[int]


def selfie_map(
    gallery: Gallery,
    *,
    key: str,
    colour: str = "score",
    marks: Sequence[Mark] = (),
    address: str | None = None,
) -> int | None:
    """Show a gallery as a map; return the row clicked in this run, or None.

    Positions and colours are fetched by the browser as small binary files and kept there:
    a rerun sends about a kilobyte and neither redraws nor moves the map.

    Args:
        gallery: One that has positions.
        key: Key of the widget.
        colour: A column of the table, one of `colour_titles`.
        marks: Places to point out, "your photo" for one.
        address: The query parameter that keeps place and zoom; by default nothing keeps them.
    """

    def keep_view() -> None:
        view = st.session_state[key]["view"] or ""
        st.session_state[f"{key}_last_view"] = view
        if address and view:
            st.query_params[address] = view
        elif address:
            st.query_params.pop(address, None)

    last_view = st.session_state.get(f"{key}_last_view", "")
    data = {
        "base": ui.base(gallery),
        "count": len(gallery),
        "colour": _colouring(gallery, colour),
        "marks": [
            {
                "x": float(mark["x"]),
                "y": float(mark["y"]),
                "label": mark["label"],
                "rows": [int(row) for row in mark["rows"]],
            }
            for mark in marks
        ],
        "view": st.query_params.get(address, last_view) if address else "",
        "keepsView": address is not None,
    }
    answer = _component(
        key=key, data=data, on_clicked_change=lambda: None, on_view_change=keep_view
    )
    return None if answer["clicked"] is None else int(answer["clicked"])


@functools.lru_cache(maxsize=4)
def colour_titles(gallery: Gallery) -> dict[str, str]:
    """Return the columns that a map can be coloured by, with their titles: the score first."""
    titles = {
        column: _title(column)
        for column in map(str, gallery.table.columns)
        if column not in _LEFT_OUT and _tells_apart(gallery.table[column])
    }
    titles.pop("score", None)
    first = {"label": titles.pop("label")} if "label" in titles else {}
    return {"score": _title("score")} | first | titles


def _title(column: str) -> str:
    if column in _MEASURED:
        return _MEASURED[column].title
    return _TITLES.get(column) or column.replace("_", " ").capitalize()


def _tells_apart(values: pd.Series) -> bool:
    """Return whether a column has at least two values, and not too many if they are words."""
    different = values.nunique()
    return different >= 2 and (pd.api.types.is_numeric_dtype(values) or different <= _MOST_NAMES)


@functools.lru_cache(maxsize=64)
def _colouring(gallery: Gallery, column: str) -> dict[str, Any]:
    """Return how the browser is to colour, name and explain a column."""
    codes, names = gallery.codes(column)
    known = codes[~np.isnan(codes)]
    measured = _MEASURED.get(column)
    shared = {
        "column": column,
        "title": _title(column),
        "missing": "no face" if measured else "not known",
    }
    if names is None and set(np.unique(known)) <= {0.0, 1.0}:
        names = (
            ["less than its peers", "more than its peers"] if column == "label" else ["no", "yes"]
        )
    if names is not None:
        return shared | _palette(names, known)
    low, high = np.quantile(known, [0.02, 0.98])  # a few odd photos don't pale the others
    if low == high:
        low, high = known.min(), known.max()
    unit = "%" if column == "score" else measured.unit if measured else ""
    return shared | {"low": float(low), "high": float(high), "unit": unit, "ramp": ui.RAMP}


def _palette(names: list[str], codes: np.ndarray) -> dict[str, Any]:
    """Return a colour for each name: the commonest get their own, the rest share a grey."""
    counts = np.bincount(codes.astype(int), minlength=len(names))
    common = np.sort(np.argsort(-counts, kind="stable")[: len(_PALETTE)])
    colours = [_OTHERS] * len(names)
    for colour, code in zip(_PALETTE, common, strict=False):
        colours[code] = colour
    legend = [[names[code], colours[code]] for code in common]
    if len(names) > len(common):
        legend.append(["others", _OTHERS])
    return {"names": names, "colours": colours, "legend": legend}
