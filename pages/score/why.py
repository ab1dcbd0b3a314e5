"""Why a photo scores as it does: the parts that move it, its factors beside the gallery's."""

import html
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from pages.score.compare import compare, photo_side
from pages.score.seen import Seen
from pages.shared import pictures, ui
from selfie_core.answer.why import FactorPlace, heat_map, paint_heat, place_factors
from selfie_core.gallery.gallery import Gallery

_TELLING = 7  # factors shown at once; the rest unfold


def show_why(seen: Seen, gallery: Gallery) -> None:
    """Show the heat map over the photo, and the factors, the most telling first."""
    places = place_factors(seen.answer.factors, gallery)
    left, right = st.columns([6, 5], gap="large")
    with right:
        st.markdown("## What can be measured")
        if not places:
            st.caption("This gallery has too few photos with measured factors to compare with.")
        st.html(_factors(places[:_TELLING]))
        if places[_TELLING:]:
            with st.expander(f"{len(places) - _TELLING} more"):
                st.html(_factors(places[_TELLING:]))
    with left:
        st.markdown("## What the net looks at")
        with ui.bar_place():
            picture, most, least = seen.keep("heat", lambda: _heat(seen))
        photo = photo_side(seen, "Photo")
        compare(seen, photo, replace(photo, picture=picture, label="Heat"), key="score_heat")
        st.html(_heat_legend(most, least))


def _heat(seen: Seen) -> tuple[str, float, float]:
    """Return the painted photo, and what the parts that count most for and against it move."""
    with ui.bar("Covering the photo part by part") as progress:
        heat = heat_map(seen.copy, ui.scorer(), progress=progress)
        picture = pictures.data_address(paint_heat(seen.large, heat), side=1280)
    return picture, float(heat.max()), float(heat.min())


def _heat_legend(most: float, least: float) -> str:
    """Return which colour is which, and how much the strongest spots count."""
    return (
        '<div class="score-heat"><div class="ramp"></div><div class="ends">'
        "<span>speaks against it</span><span>does not matter</span><span>speaks for it</span></div>"
        f"<p>Blurring the warmest part away changes the score by {ui.points(-max(most, 0))}; "
        f"the bluest, by {ui.points(-min(least, 0))}.</p></div>"
    )


def _factors(places: Sequence[FactorPlace]) -> str:
    """Return a list: each factor, its value, where it stands in the gallery, what that means."""
    ends = '<div class="ends"><span>lowest of the gallery</span><span>highest</span></div>'
    return f'<div class="score-factors">{ends}{"".join(map(_factor, places))}</div>'


def _factor(place: FactorPlace) -> str:
    sure = abs(place.gain) > max(place.margin, 0.005)
    kind = ("for" if place.gain > 0 else "against") if sure else "even"
    return (
        f'<div class="{kind}" title="{html.escape(place.factor.about)}"><div class="line">'
        f"<b>{html.escape(place.factor.title)}</b>"
        f"<span>{html.escape(place.factor.show(place.value))}</span></div>"
        f'<div class="track" role="img" aria-label="More than in {place.percentile:.0f} % of the '
        f'gallery" style="--at:{place.percentile:.1f}%"><i></i></div>'
        f"<p>{html.escape(place.sentence)}</p></div>"
    )
