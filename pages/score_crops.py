"""The crops of a photo: suggestions, a frame to move by hand, before and after, a file to keep."""

from functools import partial
from typing import Any

import score_cards as cards
import score_view as view
import streamlit as st
import ui
from score_parts import compare, photo_frame
from score_seen import Seen, bar, bar_place

from selfie_core.crops import MODES, Crop, Mode, suggest_crops
from selfie_core.errors import SelfieError
from selfie_core.frames import ASPECTS, Box
from selfie_core.images import SCORE_SIDE

_LEAST = 0.12  # of the photo's shorter side: the smallest frame one can draw


@st.fragment
def show_crops(seen: Seen) -> None:
    """Ask for shape and manners, then show the frame with its suggestions."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        shape = st.segmented_control(
            "Shape", list(ASPECTS), default="1:1", required=True, key="score_shape",
            format_func=str.capitalize, label_visibility="collapsed",
        )  # fmt: skip
        rude = st.toggle(
            "Rude",
            key="score_rude",
            disabled=not seen.answer.faces,
            help="Suggestions keep the face. Rude lets the net cut whatever it wants, the person "
            "too, and shows what it likes best.",
        )
        mode: Mode = st.segmented_control(
            "Search", list(MODES)[::-1], default="fast", required=True, key="score_mode",
            format_func=str.capitalize, label_visibility="collapsed",
            help="Fast looks at the photo once. Exact scores every frame it tries.",
        )  # fmt: skip
    try:
        with bar_place():
            crops = find_crops(seen, shape, mode)
            rudest = find_crops(seen, shape, mode, rude=True)[:1] if rude else []
    except SelfieError as error:
        st.info(str(error))
        return
    _show(seen, shape, mode, crops, rudest)


def find_crops(seen: Seen, shape: str, mode: Mode, *, rude: bool = False) -> list[tuple[Crop, str]]:
    """Return the best crops of a shape with small pictures of them, searched for once.

    Raises:
        DataError: The photo is too small, or the shape leaves too thin a crop.
        ModelError: The scorer has no fast mode.
    """

    def search() -> list[tuple[Crop, str]]:
        with bar("Looking for better crops") as progress, seen.whole() as photo:
            found = suggest_crops(
                photo, ui.scorer(), aspect=ASPECTS[shape], faces=seen.answer.faces,
                keep_face=not rude, mode=mode, progress=progress,
            )  # fmt: skip
            return [(crop, view.data_address(photo.crop(crop.box), side=240)) for crop in found]

    return seen.keep(("crops", shape, mode, rude), search)


def _show(
    seen: Seen,
    shape: str,
    mode: Mode,
    crops: list[tuple[Crop, str]],
    rudest: list[tuple[Crop, str]],
) -> None:
    copy, scorer = seen.reduced(), ui.scorer()
    shrink = copy.width / seen.size[0]
    options = [_option(seen, place, *found) for place, found in enumerate(crops, 1)]
    options += [_option(seen, 0, *found) for found in rudest]
    stage, facts = st.columns([6, 5], gap="large", vertical_alignment="center")
    with stage:
        box, score = photo_frame(
            seen.picture,
            seen.size,
            options=options,
            aspect=ASPECTS[shape],
            least=max(SCORE_SIDE, round(_LEAST * min(seen.size))),
            score=lambda box: float(scorer([copy.crop(box.scaled(shrink))])[0]),
            key=f"score_frame_{seen.key}_{shape}_{mode}_{len(options)}",
        )
    with facts:
        st.markdown(cards.frame_score(seen, box, score, crops, rudest), unsafe_allow_html=True)
        after = view.data_address(copy.crop(box.scaled(shrink)), side=900)
        compare(
            (seen.picture, "Before", ui.percent(seen.answer.score)),
            (after, "After", ui.percent(score)),
            aspect=ASPECTS[shape] or 1.0,
            key="score_crop_compare",
        )
        _offer_file(seen, box)


def _option(seen: Seen, place: int, crop: Crop, picture: str) -> dict[str, Any]:
    """Return a crop as the frame wants it; place 0 is the rude one."""
    note = cards.points(crop.score - seen.answer.score)
    if crop.box == (0, 0, *seen.size):
        note = "whole photo"
    return {
        "box": list(crop.box),
        "score": crop.score,
        "picture": picture,
        "name": f"Crop {place}" if place else "Rude crop",
        "note": note if place else "rude",
        "rude": not place,
    }


def _offer_file(seen: Seen, box: Box) -> None:
    st.download_button(
        f"Download, {box.width:,} × {box.height:,} pixels",
        partial(view.crop_file, seen.data, box),
        file_name=f"{seen.stem}-crop.jpg",
        mime="image/jpeg",
        key="score_crop_file",
        icon=":material/download:",
        type="primary",
        on_click="ignore",
        width="stretch",
    )
