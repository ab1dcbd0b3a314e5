"""Could you tell?  Pairs of a good and a bad selfie: your choice beside the net's."""

import streamlit as st

from pages.browse.guess_view import show_examples, show_game
from pages.grid.detail import open_selfie
from pages.shared import ui
from selfie_core.base.errors import DataError
from selfie_core.gallery.guess import labelled_rows

_PLAY, _EXAMPLES = _VIEWS = ("Play", "Examples")

gallery = ui.gallery()
with ui.title_row("Could you tell?"):
    shown = ui.choose("View", _VIEWS, key="guess_view", linked=True)
try:
    counts = [len(labelled_rows(gallery, label)) for label in (1, 0)]
except DataError as error:
    st.info(ui.plain(str(error)), icon=":material/quiz:")
    ui.honest_line()
    open_selfie(gallery)
    st.stop()
st.caption(
    f"{counts[0]:,} selfies of this gallery were liked more than their peers, {counts[1]:,} less. "
    "Of each two, one is good and one is bad: choose by click, tap or arrow key."
    if shown == _PLAY
    else "Chosen by chance among all that are labelled: what the net had to learn to tell apart."
)
if shown == _PLAY:
    show_game(gallery)
else:
    show_examples(gallery)
ui.honest_line()
open_selfie(gallery)
