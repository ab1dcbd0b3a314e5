"""The entry script: names the pages and runs the one that was asked for."""

import contextlib
from pathlib import Path

import streamlit as st

from pages.shared import access, fresh, ui
from pages.shared.scripts import run_script
from pages.shared.search_box import search_bar
from selfie_core.base import store
from selfie_core.base.errors import SelfieError
from selfie_core.web.roles import role_wanted

# A file of our own: icons by name would be fetched from the web.
icon = str(store.site() / "assets" / "icon.png")
st.set_page_config(page_icon=icon, layout="wide")
HERE = Path(__file__)
st.html(HERE.with_name("router.css"))

ui.own_bar()
front = st.Page("browse/front.py", title="Selfie", default=True, visibility="hidden")
pages = {
    "": [
        front,
        st.Page("browse/continuum.py", title="Continuum", icon=":material/grid_view:"),
        st.Page("map/map.py", title="Map", icon=":material/scatter_plot:"),
        st.Page("score/score.py", title="Score yours", icon=":material/add_a_photo:"),
        st.Page("browse/celebrities.py", title="Celebrities", icon=":material/star:"),
        st.Page("browse/guess.py", title="Could you tell?", icon=":material/quiz:"),
    ],
    "What it learned": [
        st.Page("learned/rules.py", title="Do’s and don’ts", icon=":material/rule:"),
        st.Page("learned/audit.py", title="Audit", icon=":material/balance:"),
        st.Page("learned/network.py", title="Under the hood", icon=":material/layers:"),
        st.Page("training/experiment.py", title="The experiment", icon=":material/science:"),
    ],
    "Make it yours": [
        st.Page("taste/taste.py", title="Your taste", icon=":material/favorite:"),
        st.Page("score/roll.py", title="Best of my roll", icon=":material/burst_mode:"),
        st.Page("training/train.py", title="Train your own", icon=":material/model_training:"),
        st.Page(
            "host/about.py",
            title="About this server",
            icon=":material/dns:",
            visibility="hidden" if access.access().is_open else "visible",
        ),
    ],
}
who = access.visitor()
# A page that is not named here is run for nobody, whatever their browser asks for.
shown = {
    group: allowed
    for group, some in pages.items()
    if (allowed := [page for page in some if who.may(role_wanted(f"/{page.url_path}"))])
}
page = st.navigation(shown, position="top")
st.set_page_config(page_title=page.title if page is front else f"{page.title} · Selfie")
with st.container(key="brand", gap=None):
    st.page_link(front, label="Selfie")
    run_script("router.js")
    if page.url_path not in ("", "map"):  # which have a box of their own
        with st.container(key="bar_find"), contextlib.suppress(SelfieError):
            search_bar(ui.gallery(), key="bar_search")
with ui.plain_errors():
    page.run()
access.sign_out_line()
with contextlib.suppress(SelfieError):
    if ui.gallery().grows:
        fresh.offer_newer()
