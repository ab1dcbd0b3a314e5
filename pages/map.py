"""The map: selfies that look alike to the net stand together."""

import streamlit as st
import ui
from detail import open_selfie
from selfie_map import colour_titles, selfie_map

gallery = ui.gallery()
if not gallery.has_map:
    st.title("Map", anchor=False)
    st.info(
        "This gallery's photos have no places yet. Make it again with "
        "`selfie build PHOTOS --out GALLERY`, which ends with the map.",
        icon=":material/scatter_plot:",
    )
    ui.honest_line()
    st.stop()

titles = colour_titles(gallery)
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    with st.container(width=680, gap=None):
        st.title("Map", anchor=False)
        st.caption(
            f"{len(gallery):,} selfies; those that look alike to the net stand together. "
            "Hover for the score, click or tap to open."
        )
    colour = st.selectbox(
        "Colour by",
        list(titles),
        format_func=lambda column: titles[column],
        key="map_colour",
        bind="query-params",
        width=220,
    )
# The photo last scored on the page "score yours" stays on the map for this visit.
marks = [mark] if (mark := st.session_state.get("score_mark")) else []
clicked = selfie_map(gallery, key="map", colour=colour, marks=marks, address="view")
ui.honest_line()
open_selfie(gallery, clicked)
