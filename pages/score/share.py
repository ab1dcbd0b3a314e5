"""A card to share, made only when it is asked for."""

import streamlit as st

from pages.score.seen import Seen
from pages.shared import pictures
from selfie_core.answer.card import card_file, share_card
from selfie_core.answer.crops import Crop
from selfie_core.gallery.gallery import Gallery

_PHOTO, _CROP = "The photo", "Its best crop"


def show_share(seen: Seen, gallery: Gallery) -> None:
    """Ask what to put on the card; make it, show it, and offer the file."""
    crop = _best_crop(seen)
    form, stage = st.columns([5, 6], gap="large", vertical_alignment="center")
    with form:
        st.markdown("##### A card made for posting")
        st.caption(
            "One picture with the photo, its score, its percentile and its place in the strip. "
            "It is made only when you ask for it, and its file says nothing of where or when."
        )
        what = st.segmented_control(
            "On the card", [_PHOTO, *([_CROP] if crop else [])], default=_PHOTO, required=True,
            key="score_card_of", label_visibility="collapsed",
        )  # fmt: skip
        shown = crop if what == _CROP else None
        made = ("card", shown.box if shown else None)
        if made not in seen.kept:
            st.button(
                "Make the card",
                type="primary",
                key="score_card_make",
                on_click=lambda: seen.kept.update({made: _make(seen, gallery, shown)}),
            )
        else:
            st.download_button(
                "Download the card",
                seen.kept[made][0],
                file_name=f"{seen.stem}-card.png",
                mime="image/png",
                key="score_card_file",
                icon=":material/download:",
                type="primary",
                on_click="ignore",
            )
    with stage:
        st.html(card(seen.kept[made][1] if made in seen.kept else ""))


def _best_crop(seen: Seen) -> Crop | None:
    """Return the best of the crops found so far, if it beats the photo."""
    found = [
        crops[0][0]
        for what, crops in seen.kept.items()
        if what[0] == "crops" and not what[3] and crops
    ]
    best = max(found, key=lambda crop: crop.score, default=None)
    return best if best and best.score > seen.answer.score else None


def _make(seen: Seen, gallery: Gallery, crop: Crop | None) -> tuple[bytes, str]:
    """Return the card's file and a smaller picture of it."""
    answer = seen.answer
    score = crop.score if crop else answer.score
    percentile = gallery.percentile(score) if crop else answer.percentile
    with seen.whole() as photo:
        card = share_card(
            photo, score=score, percentile=percentile, gallery=gallery,
            crop=crop.box if crop else None,
        )  # fmt: skip
    return card_file(card), pictures.data_address(card, side=1000)


def card(picture: str) -> str:
    """Return the card to share, or the place where it will be."""
    inside = f'<img src="{picture}" alt="The card to share">' if picture else ""
    return f'<div class="score-share">{inside}</div>'
