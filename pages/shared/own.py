"""A scorer of the visitor's own: its file, and every page ranked by it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import galleries, ui
from pages.shared.downloads import offer_file
from selfie_core.scorer.scorer import Scorer

if TYPE_CHECKING:  # it brings scikit-learn, which pages that only show do without
    from selfie_core.training.last_layer import Head


def offer_scorer(
    scorer: Scorer, make_file: Callable[[], bytes], head: "Head", *, worth: bool, key: str
) -> None:
    """Offer a scorer as a file, and to show every page by it.

    `scorer` is the app's, whose last layer is replaced by `head`; `worth` is whether it is better
    than a coin.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Re-score this gallery with it", icon=":material/swap_vert:", key=f"{key}_use",
            type="primary" if worth else "tertiary",
        ):  # fmt: skip
            _use(scorer, make_file(), head)
        offer_file("Download the scorer", make_file, "my-scorer.safetensors", key=f"{key}_file")
    if st.session_state.get(ui.OWN):
        label = "See the continuum as your scorer ranks it"
        st.page_link("browse/continuum.py", label=label, icon=":material/grid_view:")
    st.caption(
        "Re-scored, every page of this session shows your ranking; the old one stays, and one "
        "click on top brings it back. The file is an ordinary scorer: `selfie build --scorer` "
        "takes it."
    )


def _use(scorer: Scorer, file: bytes, head: "Head") -> None:
    """Let the pages of this session rank by the new scorer."""
    with ui.bar("Scoring the gallery anew") as progress:
        own = galleries.add_own_view(
            scorer, file, head, progress=progress,
            instead_of=st.session_state.get("own_used"),  # this session's, no one else's
        )  # fmt: skip
    st.session_state.own_used = own.version
    ui.use_own(own.version)
    st.rerun()
