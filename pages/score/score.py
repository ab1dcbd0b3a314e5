"""Score yours: a photo's score and its place at once; then crops, advice and reasons."""

from collections.abc import Callable

import streamlit as st

from pages.grid.detail import open_selfie
from pages.grid.selfie_grid import selfie_grid
from pages.score import answer as view
from pages.score import place
from pages.score.advice import show_advice
from pages.score.ask import ask, forget, warm_up
from pages.score.burst import back, show_burst
from pages.score.crops import show_crops
from pages.score.seen import Photo, Seen, look
from pages.score.share import show_share
from pages.score.why import show_why
from pages.shared import ui
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery


def _show_answer(seen: Seen, gallery: Gallery) -> int | None:
    """Show what one came for; return the row of a photo clicked."""
    left, right = st.columns([6, 5], gap="large", vertical_alignment="center")
    left.html(view.photo(seen))
    with right:
        st.markdown(view.score_card(seen), unsafe_allow_html=True)
        _offer_to_forget()
    st.html(place.strip(gallery, seen))
    worse, better = view.beside(gallery, seen)
    with st.container(key="score_beside"):
        columns = st.columns([3, 1, 3], gap="small", wrap=False)
        columns[1].html(view.yours(seen))
        clicked = None
        for column, rows, words in ((columns[0], worse, "worse"), (columns[2], better, "better")):
            with column:
                if not rows:
                    st.caption(f"Nothing scores {words}.")
                    continue
                key = f"score_{words}"
                row = selfie_grid(gallery, rows, columns=3, cell=160, smallest=20, key=key)
                st.html(view.beside_line(gallery, rows, f"just {words}"))
                clicked = row if row is not None else clicked
    return clicked


def _show_alike(seen: Seen, gallery: Gallery) -> int | None:
    """Show the photos most like this one, and its place on the map; return the row clicked."""
    answer = seen.answer
    alike, where = st.columns([1, 1], gap="large") if answer.place else (st.container(), None)
    with alike:
        st.markdown("##### Most alike, to the net")
        rows = [near.row for near in answer.nearest]
        clicked = selfie_grid(gallery, rows, columns=4, cell=160, smallest=64, key="score_near")
    if where and answer.place:
        with where:
            st.markdown("##### Where it lands on the map")
            st.markdown(place.little_map(gallery, seen), unsafe_allow_html=True)
            x, y = answer.place
            st.page_link(
                "map/map.py",
                label="Open the map here",
                icon=":material/scatter_plot:",
                query_params={"view": f"{x:.4f},{y:.4f},5"},
            )
    return clicked


_MORE: dict[str, Callable[[Seen, Gallery], int | None]] = {
    "Crops": lambda seen, _: show_crops(seen),
    "Advice": lambda seen, _: show_advice(seen),
    "Why": show_why,
    "Like it": _show_alike,
    "Share": show_share,
}


def _show(photo: Photo, gallery: Gallery) -> int | None:
    """Show a photo's answer and, below it, the part that was asked for."""
    seen = look(photo, gallery)
    if seen.answer.place:  # the map points it out
        (x, y), near = seen.answer.place, seen.answer.nearest[:5]
        rows = [one.row for one in near]
        st.session_state.score_mark = {"x": x, "y": y, "label": "Your photo", "rows": rows}
    clicked = _show_answer(seen, gallery)
    st.space("small")
    part = st.segmented_control(
        "More of this photo", list(_MORE), default="Crops", required=True, key="score_show",
        bind="query-params", label_visibility="collapsed", width="stretch",
    )  # fmt: skip
    below = _MORE[part](seen, gallery)
    return below if clicked is None else clicked


def _offer_to_forget() -> None:
    st.button(
        "Forget it", icon=":material/close:", type="tertiary", key="score_forget", on_click=forget
    )


def _show_all(photos: list[Photo], gallery: Gallery) -> int | None:
    """Show one photo's answer, or all of a burst; return the row of a photo clicked."""
    opened = st.session_state.get("score_open")
    if len(photos) > 1 and opened is None:
        show_burst(photos, gallery)
        _offer_to_forget()
        return None
    if len(photos) > 1:
        back(len(photos))
    photo = photos[opened or 0]
    try:
        return _show(photo, gallery)
    except DataError as error:
        st.error(f"{photo[0]}: {error}", icon=":material/error:")
        return None


gallery = ui.gallery()
st.html(view.STYLE)
st.title("Score yours", anchor=False)
st.caption(
    "Drop in a selfie, or a whole burst: the net scores the photo and shows where it stands among "
    f"{len(gallery):,} others. It stays in memory, is never saved, and is gone when you leave."
)
photos = ask()
clicked = None
if photos:
    try:
        clicked = _show_all(photos, gallery)
    except DataError as error:
        st.error(str(error), icon=":material/error:")
else:
    st.space("medium")
    st.html(place.strip(gallery))
ui.honest_line()
open_selfie(gallery, clicked)
if not photos:
    warm_up(gallery, ui.scorer())
