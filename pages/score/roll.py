"""Best of my roll: moments, the best photo of each and why, keepers, and all that to take along."""

from pathlib import Path

import streamlit as st

from pages.score import roll_read, roll_show
from pages.shared import ui

gallery = ui.gallery()
st.html(Path(__file__).with_name("score.css"))
ui.title_row("Best of my roll")
roll = roll_read.dropped()
if roll:
    roll_show.show(roll, gallery)
ui.honest_line()
