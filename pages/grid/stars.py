"""Photos starred by hand: a part of the gallery that no column names.

The visit keeps them; the address bar of the continuum does too, so that a link brings them along.
"""

import streamlit as st

from pages.shared import ui
from selfie_core.gallery.gallery import Gallery

_MOST = 300  # in an address


def offered(gallery: Gallery) -> bool:
    """Return whether photos of this gallery may be starred: those of the continuum."""
    return gallery.version == ui.gallery().version


def starred(gallery: Gallery) -> list[int]:
    """Return the rows of the starred photos, in the order they were starred."""
    rows = (gallery.row_of(id) for id in st.session_state.get("stars", []))
    return [row for row in rows if row is not None]


def toggle(gallery: Gallery, row: int) -> None:
    """Give a photo a star, or take it away."""
    ids = list(st.session_state.get("stars", []))
    id = str(gallery.table["id"].iat[row])
    if id in ids:
        ids.remove(id)
    elif len(ids) >= _MOST:
        st.toast(f"{_MOST} photos have a star; that is as many as a link can hold.")
    else:
        ids.append(id)
    _keep(ids)


def clear() -> None:
    """Take all stars away."""
    _keep([])


def follow_address(gallery: Gallery) -> None:
    """Take the stars of a link that was opened; say if it names photos that are not here."""
    asked = st.query_params.get("stars")
    if asked is None:
        _keep(st.session_state.get("stars", []))
        return
    ids = list(dict.fromkeys(filter(None, asked.split(","))))[:_MOST]
    known = [id for id in ids if gallery.row_of(id) is not None]
    if len(known) < len(ids):
        gone = len(ids) - len(known)
        st.toast(f"{gone:,} of {len(ids):,} starred photos are not in this gallery.")
    _keep(known)


def _keep(ids: list[str]) -> None:
    st.session_state["stars"] = ids
    if ids:
        st.query_params["stars"] = ",".join(ids)
    else:
        st.query_params.pop("stars", None)
