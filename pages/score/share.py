"""A card to share, made only when it is asked for."""

import streamlit as st

from pages.score.crops import best_crop
from pages.score.seen import Seen
from pages.shared import pictures, ui
from pages.shared.downloads import offer_file
from selfie_core.answer.card import card_file, share_card
from selfie_core.answer.crops import Crop
from selfie_core.gallery.gallery import Gallery

_PHOTO, _CROP = "The photo", "Its best crop"


def show_share(seen: Seen, gallery: Gallery) -> None:
    """Ask what to put on the card; make it, show it, and offer the file."""
    crop = best_crop(seen)
    form, stage = st.columns([5, 6], gap="large", vertical_alignment="center")
    with form:
        st.markdown("## A card made for posting")
        st.caption(
            "One picture with the photo, its score, its percentile and its place in the strip. "
            "It is made only when you ask for it, and its file says that software "
            "made it, and nothing of where or when."
        )
        what = ui.choose("On the card", [_PHOTO, *([_CROP] if crop else [])], key="score_card_of")
        shown = crop if what == _CROP else None
        made = ("card", shown.box if shown else None)
        if made not in seen.kept:
            st.button(
                "Make the card", type="primary", key="score_card_make", on_click=seen.keep,
                args=(made, lambda: _make(seen, gallery, shown)),
            )  # fmt: skip
        else:
            offer_file(
                "Download the card", seen.kept[made][0], f"{seen.stem}-card.png",
                key="score_card_file", kind="primary",
            )  # fmt: skip
    with stage:
        picture = seen.kept[made][1] if made in seen.kept else ""
        inside = f'<img src="{picture}" alt="The card to share">' if picture else ""
        st.html(f'<div class="score-share">{inside}</div>')


def _make(seen: Seen, gallery: Gallery, crop: Crop | None) -> tuple[bytes, str]:
    """Return the card's file and a smaller picture of it."""
    score = crop.score if crop else seen.answer.score
    card = seen.of_whole(
        lambda photo: share_card(
            crop.box.cut(photo, seen.size) if crop else photo,
            score=score, percentile=gallery.percentile(score), gallery=gallery,
        )
    )  # fmt: skip
    return card_file(card), pictures.data_address(card, side=1000)
