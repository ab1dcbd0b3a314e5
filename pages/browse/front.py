"""The front page: what this is, and the three ways in."""

from pathlib import Path

import streamlit as st

from pages.browse import front_view as view
from pages.grid.detail import open_selfie
from pages.grid.selfie_grid import selfie_grid
from pages.shared import ui
from selfie_core.gallery.grids import pick_rows

_WALL = (120, 24)  # photos, and how many side by side
_MORE = (
    ("browse/guess.py", "Could you tell?", "Two selfies, one was liked more. You against the net."),
    ("browse/celebrities.py", "Celebrities", "A named set, ranked, over all photos of each name."),
    ("learned/rules.py", "Do’s and don’ts", "What the score follows, computed and not asserted."),
    ("learned/audit.py", "Audit", "What it does to groups of people, and where it fails."),
    ("learned/network.py", "Under the hood", "One selfie through the net, layer by layer."),
    ("training/experiment.py", "The experiment", "How labels were made, and how well it learned."),
    ("training/train.py", "Train your own", "Two piles of photos in, a scorer out."),
)


def _way(picture: str, page: str, title: str, words: str) -> None:
    with st.container(key=f"front_way_{page.removesuffix('.py')}"):
        st.html(picture)
        st.page_link(page, label=title)
        st.caption(words)


st.html(Path(__file__).with_name("front.css"))
st.html(view.HEADLINE)
gallery = ui.gallery()
count, columns = _WALL
with st.container(key="front_wall"):
    selfie_grid(
        gallery, pick_rows(gallery, "continuum", count), columns=columns, cell=64, smallest=22,
        ends=True, key="front_grid",
    )  # fmt: skip
with st.container(key="front_ways"):
    grids, map_, score = st.columns(3, gap="medium")
    with grids:
        words = f"{len(gallery):,} selfies from best to worst. Filter them, star your own best."
        _way(view.grids_picture(gallery), "browse/continuum.py", "Browse the grids", words)
    with map_:
        words = "What looks alike to the net stands together. Zoom in until it is faces."
        _way(view.map_picture(gallery), "map/map.py", "Hover the map", words)
    with score:
        words = "Its score, its rank, and the crops that would do better. Nothing is saved."
        _way(view.score_picture(gallery), "score/score.py", "Score your own", words)
ui.honest_line()
with st.container(key="front_more"):
    for part in (_MORE[:4], _MORE[4:]):
        for column, (page, title, words) in zip(st.columns(4, gap="medium"), part, strict=False):
            with column:
                st.page_link(page, label=title)
                st.caption(words)
open_selfie(gallery)
