"""The front page: what this is, and the three ways in."""

from pathlib import Path

import streamlit as st

from pages.browse import front_view as view
from pages.grid.detail import open_selfie
from pages.grid.selfie_grid import selfie_grid
from pages.shared import ui
from pages.shared.search_box import search_bar
from selfie_core.gallery.grids import pick_rows

_WAYS = (
    ("browse/continuum.py", "Browse the grids",
     "{:,} selfies from best to worst. Filter them, star your own best."),
    ("map/map.py", "Hover the map",
     "What looks alike to the net stands together. Zoom in until it is faces."),
    ("score/score.py", "Score your own",
     "Its score, its rank, and the crops that would do better. Nothing is saved."),
)  # fmt: skip
_MORE = (
    ("browse/guess.py", "Could you tell?", "Two selfies, one was liked more. You against the net."),
    ("browse/celebrities.py", "Celebrities", "A named set, ranked, over all photos of each name."),
    ("learned/rules.py", "Do’s and don’ts", "What the score follows, computed and not asserted."),
    ("learned/audit.py", "Audit", "What it does to groups of people, and where it fails."),
    ("learned/network.py", "Under the hood", "One selfie through the net, layer by layer."),
    ("training/experiment.py", "The experiment", "How labels were made, and how well it learned."),
    ("training/train.py", "Train your own", "Two piles of photos in, a scorer out."),
)


st.html(Path(__file__).with_name("front.css"))
st.html(view.HEADLINE)
gallery = ui.gallery()
with st.container(key="front_find"):
    search_bar(gallery, key="front_search")
with st.container(key="front_wall"):
    selfie_grid(
        gallery, pick_rows(gallery, "continuum", 120), columns=24, cell=64, smallest=22,
        ends=True, key="front_grid",
    )  # fmt: skip
with st.container(key="front_ways"):
    pictures = (view.grids_picture, view.map_picture, view.score_picture)
    columns = st.columns(3, gap="medium")
    for column, picture, (page, title, words) in zip(columns, pictures, _WAYS, strict=True):
        with column, st.container(key=f"front_way_{page.removesuffix('.py')}"):
            st.html(picture(gallery))
            st.page_link(page, label=title)
            st.caption(words.format(len(gallery)))
ui.honest_line()
with st.container(key="front_more"):
    for part in (_MORE[:4], _MORE[4:]):
        for column, (page, title, words) in zip(st.columns(4, gap="medium"), part, strict=False):
            with column:
                st.page_link(page, label=title)
                st.caption(words)
open_selfie(gallery)
