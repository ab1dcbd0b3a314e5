"""The experiment: how labels were made, how the net learned, and how right it is."""

from pathlib import Path

import streamlit as st

from pages.shared import ui
from pages.training import experiment_view as view
from selfie_core.learned.trials import known_metrics
from selfie_core.training.experiment import model_card

gallery = ui.gallery()
st.html(Path(__file__).with_name("experiment.css"))
st.title("The experiment", anchor=False)
st.caption("From likes to labels, from labels to a net, and how far to trust it, in real numbers.")
view.show_labels(gallery)
st.space("medium")
view.show_training(gallery)
st.space("medium")
view.show_results(gallery)
if known_metrics(gallery.scorer_id):
    with st.expander("The model card", icon=":material/description:"):
        st.markdown(model_card())
ui.honest_line()
