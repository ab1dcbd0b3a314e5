"""The front page: what this is, and the three ways in."""

from pathlib import Path

import streamlit as st

from pages.browse import front_view as view
from pages.grid.detail import open_selfie
from pages.grid.selfie_grid import selfie_grid
from pages.shared import access, ui
from pages.shared.link import MORE, WAYS
from pages.shared.search_box import search_bar
from selfie_core.gallery.grids import pick_rows

st.html(Path(__file__).with_name("front.css"))
st.html(view.HEADLINE)
st.html(ui.phone_link("Score yours on this device: no photo leaves it"))
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
    ways = zip(pictures, WAYS.items(), strict=True)
    open_ones = [way for way in ways if access.may_open(way[1][0])]
    columns = st.columns(len(open_ones), gap="medium")
    for column, (picture, (page, (title, words))) in zip(columns, open_ones, strict=True):
        with column, st.container(key=f"front_way_{page.removesuffix('.py')}"):
            st.html(picture(gallery))
            st.page_link(page, label=title)
            st.caption(words.format(ui.counted(len(gallery), "selfie")))
ui.honest_line()
with st.container(key="front_more"):
    more = [(page, words) for page, words in MORE.items() if access.may_open(page)]
    for part in (more[:4], more[4:]):
        for column, (page, (title, words)) in zip(st.columns(4, gap="medium"), part, strict=False):
            with column:
                st.page_link(page, label=title)
                st.caption(words)
open_selfie(gallery)
