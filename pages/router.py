"""The entry script: names the pages and runs the one that was asked for."""

import streamlit as st

from selfie_core import store

# A file of our own: icons by name would be fetched from the web.
icon = str(store.site() / "assets" / "icon.png")
st.set_page_config(page_title="Selfie", page_icon=icon, layout="wide")
# Streamlit leaves 6 rem free above a page; photos want that room.
st.html("<style>.stMainBlockContainer { padding-top: 4rem; padding-bottom: 3rem; }</style>")

st.navigation(
    [
        st.Page("front.py", title="Selfie", default=True, visibility="hidden"),
        st.Page("continuum.py", title="Continuum", icon=":material/grid_view:"),
        st.Page("map.py", title="Map", icon=":material/scatter_plot:", url_path="map"),
        st.Page(
            "celebrities.py", title="Celebrities", icon=":material/star:", url_path="celebrities"
        ),
        st.Page("score.py", title="Score yours", icon=":material/add_a_photo:", url_path="score"),
    ],
    position="top",
).run()
