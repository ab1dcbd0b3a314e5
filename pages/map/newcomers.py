"""How many photos came since the map was drawn, how well they fit, and drawing it anew."""

import streamlit as st

from pages.shared import fresh, ui
from selfie_core.gallery.gallery import Gallery

_AT_HOME = ("127.0.0.1", "localhost", "::1")  # else any visitor could keep the machine busy


def show_newcomers(gallery: Gallery) -> None:
    """Say that some photos were placed among the others, and offer to draw the map anew."""
    facts = gallery.info.get("map") or {}
    count, fit = facts.get("newcomers", 0), facts.get("fit", 1.0)
    if not count:
        return
    how = "as well as" if fit >= 0.95 else f"{100 * fit:.0f} % as well as"
    with st.container(horizontal=True, vertical_alignment="center", key="map_newcomers"):
        st.caption(
            f"**{count:,} new** since this map was drawn. Their neighbours suit them {how} "
            "those of the others.",
            width="content",
        )
        if st.get_option("server.address") in _AT_HOME:
            if st.button(
                "Draw it anew", key="map_anew", type="tertiary", icon=":material/brush:",
                help="Places all photos by t-SNE; the map lies as before, as far as it can",
            ):  # fmt: skip
                _draw_anew(gallery)
        else:
            st.caption("`selfie map GALLERY --anew` draws it anew.", width="content")


def _draw_anew(gallery: Gallery) -> None:
    from selfie_core.gallery.remap import complete_map  # openTSNE takes a second

    with ui.bar("Drawing the map anew") as move:
        complete_map(gallery, anew=True, progress=lambda stage, done, of: move(done, of))
    fresh.show_newest()
    st.rerun()
