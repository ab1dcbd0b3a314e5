"""Score yours: a photo's score and its place at once; then crops, advice and reasons."""

from pathlib import Path

import streamlit as st

from pages.grid.detail import open_selfie
from pages.score import place
from pages.score.advice import show_advice
from pages.score.answer import show_answer
from pages.score.ask import Photo, ask, offer_to_forget
from pages.score.burst import back, show_burst
from pages.score.crops import show_crops
from pages.score.seen import look, warm_up
from pages.score.share import show_share
from pages.score.why import show_why
from pages.shared import ui
from selfie_core.gallery.gallery import Gallery

_PARTS = {
    "Crops": lambda seen, _: show_crops(seen),
    "Advice": show_advice,
    "Why": show_why,
    "Like it": place.show_alike,
    "Share": show_share,
}


def _show(photo: Photo, gallery: Gallery) -> None:
    """Show a photo's answer and, below it, the part that was asked for."""
    seen = look(photo, gallery)
    place.mark_on_map(seen)
    show_answer(seen, gallery)
    st.space("small")
    part = ui.choose("More of this photo", _PARTS, key="score_show", linked=True, wide=True)
    _PARTS[part](seen, gallery)


def _show_all(photos: list[Photo], gallery: Gallery) -> None:
    """Show one photo's answer, or all of a burst."""
    opened = st.session_state.get("score_open")
    if len(photos) > 1 and opened is None:
        show_burst(photos, gallery)
        offer_to_forget()
        return
    if len(photos) > 1:
        back(len(photos))
    _show(photos[opened or 0], gallery)


gallery = ui.gallery()
st.html(Path(__file__).with_name("score.css"))
st.title("Score yours", anchor=False)
st.caption(
    "Drop in a selfie, or a whole burst: the net scores the photo and shows where it stands among "
    f"{ui.counted(len(gallery), 'other')}. It stays in memory, is never saved, and is gone "
    "when you leave."
)
st.html(ui.phone_link("Or score it on your device: nothing is sent"))
photos = ask()
if photos:
    _show_all(photos, gallery)
else:
    st.space("medium")
    st.html(place.strip(gallery))
ui.honest_line()
open_selfie(gallery)
if not photos:
    warm_up(gallery, ui.scorer())
