"""A box to search the gallery: suggestions as one types, each with how many photos it finds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from pages.shared import ui
from pages.shared.component import component
from selfie_core.gallery.gallery import Gallery

FIND = "find"  # in the address of every page that shows what a text finds
_WAYS = {"Grid": "browse/continuum.py", "Map": "map/map.py"}  # where a text may lead: title, page
_component = component(Path(__file__).parent, "search_box")


def search_box(gallery: Gallery, *, key: str) -> str:
    """Show a box; return what it was last asked for, which the address keeps."""
    if asked := _show(gallery, key, inside=True).sought:
        ask_for(asked["text"])
    return st.query_params.get(FIND, "")


def search_bar(gallery: Gallery, *, key: str) -> None:
    """Show a box whose text leads to the grids, or to the map."""
    asked = _show(gallery, key, ways=list(_WAYS)).sought
    if asked and asked["text"]:
        st.switch_page(_WAYS[asked["way"]], query_params={FIND: asked["text"]})


def ask_for(text: str) -> None:
    """Let the address name what is sought; "" for nothing."""
    if text:
        st.query_params[FIND] = text
    else:
        st.query_params.pop(FIND, None)


def _show(gallery: Gallery, key: str, *, ways: Sequence[str] = (), inside: bool = False) -> Any:
    """Show the box; `inside` a popover, which would cut it off, its list takes room of its own."""
    data = {
        "base": ui.base(gallery),
        "name": "Search photos",
        "text": st.query_params.get(FIND, ""),
        "ways": ways,
        "inside": inside,
    }
    return _component(key=key, data=data, on_sought_change=lambda: None)
