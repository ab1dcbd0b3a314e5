"""Why a photo scores as it does: the parts that move it, its factors beside the gallery's."""

import score_cards as cards
import score_view as view
import streamlit as st
import ui
from score_parts import compare
from score_seen import Seen, bar, bar_place

from selfie_core.gallery import Gallery
from selfie_core.why import heat_map, paint_heat, place_factors

_TELLING = 7  # factors shown at once; the rest unfold


def show_why(seen: Seen, gallery: Gallery) -> None:
    """Show the heat map over the photo, and the factors, the most telling first."""
    places = place_factors(seen.answer.factors, gallery)
    left, right = st.columns([6, 5], gap="large")
    with right:
        st.markdown("##### What can be measured")
        if not places:
            st.caption("This gallery has too few photos with measured factors to compare with.")
        st.html(cards.factors(places[:_TELLING]))
        if places[_TELLING:]:
            with st.expander(f"{len(places) - _TELLING} more"):
                st.html(cards.factors(places[_TELLING:]))
    with left:
        st.markdown("##### What the net looks at")
        with bar_place():
            picture, most, least = seen.keep("heat", lambda: _heat(seen))
        compare(
            (seen.picture, "Photo", ""),
            (picture, "Heat", ""),
            aspect=view.stage_aspect(seen),
            key="score_heat",
        )
        st.html(cards.heat_legend(most, least))


def _heat(seen: Seen) -> tuple[str, float, float]:
    """Return the painted photo, and what the parts that count most for and against it move."""
    with bar("Covering the photo part by part") as progress:
        copy = seen.reduced()
        heat = heat_map(copy, ui.scorer(), progress=progress)
        picture = view.data_address(paint_heat(copy, heat), side=1280)
    return picture, float(heat.max()), float(heat.min())
