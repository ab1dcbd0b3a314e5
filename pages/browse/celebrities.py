"""A named set of photos, ranked; and a visitor's own."""

import streamlit as st

from pages.browse import celebrities_view as view
from pages.browse import own_names
from pages.grid.detail import open_selfie
from pages.shared import ui
from selfie_core.gallery.celebrities import Order, rank_celebrities

_ORDERS: dict[str, Order] = {"Best photo": "best", "Mean of all": "mean"}


def _ask_order(*, several: bool) -> Order:
    if not several:
        return "best"
    return _ORDERS[ui.choose("Rank by", _ORDERS, key="celebrities_by", linked=True)]


gallery, own = ui.celebrities(), own_names.dropped()
if own or gallery is None:
    with ui.title_row("Celebrities"):
        order = _ask_order(several=bool(own) and own_names.several(own[0]))
    if own:
        own_names.show(*own, order=order)
    else:
        st.info("No named set is open. Rank photos of your own:")
        own_names.ask()
        st.markdown(view.HOW_TO)
    ui.honest_line()
    st.stop()

ranking = rank_celebrities(gallery)
several = bool((ranking["photos"] > 1).any())
with ui.title_row("Celebrities"):
    order = _ask_order(several=several)
    if order == "mean":
        ranking = rank_celebrities(gallery, order=order)
    with st.popover("Rank your own", icon=":material/folder_open:", width="content"):
        own_names.ask()
        with st.expander("Many photos, and a page to keep"):
            st.markdown(view.HOW_TO)
    view.offer_files(gallery, ranking, order=order)
st.caption(view.about(gallery, ranking, several=several), width=900)
view.show_sheet(gallery, ranking, order=order, several=several)
ui.honest_line()
open_selfie(gallery)
