"""Train your own: two piles of photos, or a zip with a table, and a scorer in a minute."""

from pathlib import Path

import streamlit as st

from pages.shared import ui
from pages.training.ask import ask
from pages.training.train_view import show_trained, train

_STEPS = """<div class="train-steps">
<div><b>1</b><p><strong>Drop two piles.</strong> At least 5 photos each; with 50 it gets steady.
Whatever differs between them is learned, so let them differ in what you mean.</p></div>
<div><b>2</b><p><strong>Train.</strong> Only the last layer is fitted anew, to the 512 numbers that
the net makes of a photo, and judged on photos that it did not learn from.</p></div>
<div><b>3</b><p><strong>Use it.</strong> See every page ranked by your piles, score new photos by
them, take the scorer home. No photos at hand? “This gallery” fills the piles.</p></div></div>"""

gallery, scorer = ui.gallery(own=False), ui.scorer(own=False)
st.html(Path(__file__).with_name("train.css"))
st.title("Train your own", anchor=False)
st.caption(
    "Show the net what you like: a pile of good photos and a pile of bad ones. Its last layer "
    "learns the difference in a minute, and the pages can rank by it. Photos stay in memory and "
    "are never saved."
)
make = ask(gallery, scorer)
icon = ":material/model_training:"
if make and st.button("Train", type="primary", icon=icon, key="train_go"):
    st.session_state.train_done = None
    st.session_state.train_done = train(make, scorer)
st.space("small")
if trained := st.session_state.get("train_done"):
    show_trained(trained, gallery, scorer)
else:
    st.html(_STEPS)
ui.honest_line()
