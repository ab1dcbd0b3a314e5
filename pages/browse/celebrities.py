"""A named set of photos, ranked."""

import streamlit as st

from pages.browse import celebrities_view as view
from pages.grid.detail import open_selfie
from pages.shared import ui
from selfie_core.gallery.celebrities import Order, rank_celebrities

_ORDERS: dict[str, Order] = {"Best photo": "best", "Mean of all": "mean"}

gallery = ui.celebrities()
if gallery is None:
    st.title("Celebrities", anchor=False)
    st.info("No named set is open. Here is how to rank one.")
    st.markdown(view.HOW_TO)
    ui.honest_line()
    st.stop()

ranking = rank_celebrities(gallery)
several = bool((ranking["photos"] > 1).any())
order: Order = "best"
with ui.title_row("Celebrities"):
    if several:
        order = _ORDERS[ui.choose("Rank by", _ORDERS, key="celebrities_by", linked=True)]
    if order == "mean":
        ranking = rank_celebrities(gallery, order=order)
    with st.popover("Rank your own", icon=":material/folder_open:", width="content"):
        st.markdown(view.HOW_TO)
    view.offer_files(gallery, ranking, order=order)
st.caption(view.about(gallery, ranking, several=several), width=900)
view.show_sheet(gallery, ranking, order=order, several=several)
ui.honest_line()
open_selfie(gallery)
