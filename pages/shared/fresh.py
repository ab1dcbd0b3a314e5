"""A gallery that grows while it is looked at: pages keep what they show until a visitor asks."""

import streamlit as st

from pages.shared import galleries
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery

_SEEN = "gallery_seen"  # in session: the version that the visit looks at
_MOVED_ON = "gallery_moved_on"  # the version that it came to from an older one
_EVERY = 4  # seconds between two looks for a newer one


def shown_gallery() -> Gallery:
    """Return the app's gallery as this visit began to look at it.

    Raises:
        DataError: There is none, or it is damaged.
    """
    newest = galleries.main_gallery()
    seen = galleries.recent(st.session_state.get(_SEEN))
    if seen and seen is not newest and _follows(newest, seen):
        return seen
    st.session_state[_SEEN] = newest.version
    return newest


def has_moved_on(gallery: Gallery) -> bool:
    """Return whether this visit has looked at an older state of a gallery."""
    return st.session_state.get(_MOVED_ON) == gallery.version


@st.fragment(run_every=_EVERY)
def offer_newer() -> None:
    """Say how many photos came since, once some did; pressed, the pages show them."""
    try:
        shown, newest = shown_gallery(), galleries.main_gallery()
    except DataError:  # a page says it
        return
    if newest is shown:
        return
    with st.container(key="fresh"):
        if st.button(
            _news(shown, newest), key="fresh_show", icon=":material/refresh:", type="primary"
        ):
            show_newest()
            st.rerun()  # the whole page: this is but a part of it


def show_newest() -> None:
    """Let the pages of this visit show the gallery as it is now."""
    newest = galleries.main_gallery()
    st.session_state[_SEEN] = st.session_state[_MOVED_ON] = newest.version


def _news(shown: Gallery, newest: Gallery) -> str:
    came = len(set(newest.table["id"]) - set(shown.table["id"]))
    if came:
        return f"{came:,} new"
    gone = len(shown) - len(newest)
    return f"{gone:,} gone" if gone else "Updated"


def _follows(newer: Gallery, older: Gallery) -> bool:
    """Return whether one gallery is a later state of another, by the same scorer."""
    same = newer.folder == older.folder and newer.scorer_id == older.scorer_id
    return same and newer.info.get("generation", 0) > older.info.get("generation", 0) > 0
