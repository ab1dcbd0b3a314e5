"""The crops of a photo: suggestions, a frame to move by hand, before and after, a file to keep."""

import html
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from pages.score.compare import compare
from pages.score.seen import Seen
from pages.shared import pictures, ui
from pages.shared.bar import bar, bar_place
from pages.shared.component import component
from pages.shared.pictures import jpeg
from pages.shared.ui import points
from selfie_core.answer.boxes import ASPECTS, Box
from selfie_core.answer.crops import MODES, Crop, Mode, suggest_crops
from selfie_core.base.errors import SelfieError
from selfie_core.photo import images
from selfie_core.photo.images import SCORE_SIDE

_frame = component(Path(__file__).parent, "frame", css="parts", title="score_frame")

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
            return [(crop, pictures.data_address(photo.crop(crop.box), side=240)) for crop in found]

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
        st.markdown(frame_score(seen, box, score, crops, rudest), unsafe_allow_html=True)
        after = pictures.data_address(copy.crop(box.scaled(shrink)), side=900)
        compare(
            (seen.picture, "Before", ui.percent(seen.answer.score)),
            (after, "After", ui.percent(score)),
            aspect=ASPECTS[shape] or 1.0,
            key="score_crop_compare",
        )
        _offer_file(seen, box)


def _option(seen: Seen, place: int, crop: Crop, picture: str) -> dict[str, Any]:
    """Return a crop as the frame wants it; place 0 is the rude one."""
    note = ui.points(crop.score - seen.answer.score)
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
        partial(crop_file, seen.data, box),
        file_name=f"{seen.stem}-crop.jpg",
        mime="image/jpeg",
        key="score_crop_file",
        icon=":material/download:",
        type="primary",
        on_click="ignore",
        width="stretch",
    )


def frame_score(
    seen: "Seen",
    box: Box,
    score: float,
    crops: Sequence[tuple[Crop, str]],
    rudest: Sequence[tuple[Crop, str]],
) -> str:
    """Return the frame's score, what it gains, and what is to be said of it."""
    answer = seen.answer
    known = {crop.box: crop for crop, _ in [*crops, *rudest]}
    notes = []
    if box in known and answer.faces and not known[box].keeps_face:
        notes.append("It cuts the face.")
    if box == (0, 0, *seen.size):
        notes.append("This is the whole photo.")
    elif box == crops[0][0].box and score <= answer.score:
        notes.append("No crop of this shape does better than the whole photo.")
    if not answer.faces:
        notes.append("As no face was found, the score alone decides.")
    if rudest:
        rude = rudest[0][0]
        does = "keeps the face all the same" if rude.keeps_face else "cuts the face"
        notes.append(f"Left to itself, the net {does} and gives {ui.percent(rude.score)}.")
    gain = points(score - answer.score)
    return (
        f'<div class="score-frame-score"><b>{ui.percent(score)}</b><span>{gain}</span>'
        f"<p>{html.escape(' '.join(notes))}</p></div>"
    )


def photo_frame(
    picture: str,
    size: tuple[int, int],
    *,
    options: Sequence[dict[str, Any]],
    aspect: float | None,
    least: int,
    score: Callable[[Box], float],
    key: str,
) -> tuple[Box, float]:
    """Show a photo with a frame to move by hand; return where it lies and its score.

    Args:
        picture: The photo as an address.
        size: Its whole width and height, pixels.
        options: Frames to start from, the first one at first: box, score, picture, name, note
            and whether it is rude.
        aspect: Width / height that the frame keeps; None for any.
        least: Pixels of the frame's shorter side.
        score: Gives a frame that is none of the options its score.
        key: Key of the widget; a new one for new options.
    """
    moved = (st.session_state.get(key) or {}).get("box")
    box = Box(*moved) if moved else Box(*options[0]["box"])
    known = {Box(*option["box"]): option["score"] for option in options}
    scored = known[box] if box in known else score(box)
    data = {
        "picture": picture,
        "width": size[0],
        "height": size[1],
        "options": list(options),
        "aspect": aspect,
        "least": least,
        "scored": {"box": list(box), "score": scored},
    }
    _frame(key=key, data=data, on_box_change=lambda: None)
    return box, scored


def crop_file(data: bytes, box: Box) -> bytes:
    """Return a crop as a JPEG, cut from the uploaded file: full size, no metadata."""
    return jpeg(images.open_photo(data).crop(box))
