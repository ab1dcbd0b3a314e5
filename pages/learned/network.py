"""Under the hood: one selfie through the net, layer by layer, and what excites its parts."""

import streamlit as st

from pages.learned import network_view as view
from pages.learned.walk import show_walk
from pages.shared import ui
from selfie_core.learned.layers import open_net

_OPENING = "Opening the net. For a scorer's first time this takes some seconds ..."

st.title("Under the hood", anchor=False)
st.caption(
    "One selfie through the net, layer by layer, in its real activations. Press Play, or pick a "
    "layer. Point at a tile, and the square on the photo is what that cell sees; open it, and the "
    "photos that excite it most stand below. Your own photo stays in memory and is never saved."
)
gallery, scorer = ui.gallery(), ui.scorer()
name, data = view.ask(gallery)
with st.spinner(_OPENING):
    net = open_net(scorer)
walk = view.walk_of(name, data, net, scorer, gallery)
st.space("small")
layer, unit = view.chosen_unit(net, walk)
show_walk(walk, layer=layer, unit=unit, on_choose=view.choose)
st.space("medium")
what = f"unit {unit} of fc7" if layer == "fc7" else f"channel {unit} of {layer}"
st.header(f"What excites {what}", anchor="excites")
view.ask_unit(net, walk, layer, unit)
view.show_excitement(gallery, scorer, net, walk, layer, unit)
st.space("medium")
st.header("The units that decide", anchor="decide")
st.caption(
    "These units of fc7 carry most of what sets the scores of this gallery apart (weight times "
    "covariance with the score), each with the photos that excite it most."
)
view.show_deciding(gallery, scorer)
ui.honest_line()
