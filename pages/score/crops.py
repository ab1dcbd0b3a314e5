"""The crops of a photo: suggestions, a frame to move by hand, before and after, a file to keep."""

import html
from pathlib import Path
from typing import Any

import streamlit as st

from pages.score.compare import Side, photo_side, show_beside
from pages.score.seen import Seen
from pages.shared import pictures, ui
from pages.shared.component import component
from pages.shared.downloads import offer_file
from selfie_core.answer.boxes import ASPECTS, Box
from selfie_core.answer.crops import MODES, Crop, Mode, suggest_crops
from selfie_core.base.errors import SelfieError
from selfie_core.photo.images import SCORE_SIDE

_frame = component(Path(__file__).parent, "frame", css="parts")

Found = list[tuple[Crop, str]]  # crops with small pictures of them, best first
_LEAST = 0.12  # of the photo's shorter side: the smallest frame one can draw


@st.fragment
@ui.plain_errors()
def show_crops(seen: Seen) -> None:
    """Ask for shape and manners, then show the frame with its suggestions."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        shape = ui.choose("Shape", ASPECTS, key="score_shape", words=str.capitalize)
        rude = st.toggle(
            "Rude", key="score_rude", disabled=not seen.answer.faces,
            help="Suggestions keep the face. Rude lets the net cut whatever it wants, the person "
            "too, and shows what it likes best.",
        )  # fmt: skip
        mode = ui.choose(
            "Search", MODES[::-1], key="score_mode", words=str.capitalize,
            help="Fast looks at the photo once. Exact scores every frame it tries.",
        )  # fmt: skip
    try:
        with ui.bar_place():
            crops = find_crops(seen, shape, mode)
            rudest = find_crops(seen, shape, mode, rude=True)[:1] if rude else []
    except SelfieError as error:
        st.info(ui.plain(str(error)))
        return
    _show(seen, crops, rudest, aspect=ASPECTS[shape], key=f"{seen.key}_{shape}_{mode}")


def find_crops(seen: Seen, shape: str, mode: Mode, *, rude: bool = False) -> Found:
    """Return the best crops of a shape with small pictures of them, searched for once.

    Raises:
        DataError: The photo is too small, or the shape leaves too thin a crop.
        ModelError: The scorer has no fast mode.
    """

    def search() -> Found:
        with ui.bar("Looking for better crops") as progress:
            found = suggest_crops(
                seen.copy, ui.scorer(), size=seen.size, aspect=ASPECTS[shape],
                faces=seen.answer.faces, keep_face=not rude, mode=mode, progress=progress,
            )  # fmt: skip
        return [(crop, pictures.data_address(seen.cut(crop.box), side=240)) for crop in found]

    return seen.keep(("crops", shape, mode, rude), search)


def best_crop(seen: Seen) -> Crop | None:
    """Return the best of the crops found so far, if it beats the photo."""
    found = [
        crops[0][0]
        for what, crops in seen.kept.items()
        if what[0] == "crops" and not what[3] and crops
    ]
    best = max(found, key=lambda crop: crop.score, default=None)
    return best if best and best.score > seen.answer.score else None


def _show(seen: Seen, crops: Found, rudest: Found, *, aspect: float | None, key: str) -> None:
    """Show the frame on the left; its score, before and after, and the file on the right."""
    options = [_option(seen, place, *found) for place, found in enumerate(crops, 1)]
    options += [_option(seen, 0, *found) for found in rudest]
    stage, facts = st.columns([6, 5], gap="large", vertical_alignment="center")
    with stage:
        box, score = _show_frame(seen, options, aspect=aspect, key=f"{key}_{len(options)}")
    with facts:
        st.markdown(_frame_score(seen, box, score, crops, rudest), unsafe_allow_html=True)
        show_beside(
            photo_side(seen, "Before", ui.percent(seen.answer.score)),
            Side.of(seen.cut(box), "After", ui.percent(score), most=900),
        )
        offer_file(
            f"Download, {box.width:,} × {box.height:,} pixels",
            lambda: seen.of_whole(lambda photo: pictures.jpeg(box.cut(photo, seen.size), "crop")),
            f"{seen.stem}-crop.jpg", key="score_crop_file", kind="primary", wide=True,
        )  # fmt: skip


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


def _frame_score(seen: Seen, box: Box, score: float, crops: Found, rudest: Found) -> str:
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
    gain = ui.points(score - answer.score)
    return (
        f'<div class="score-frame-score"><b>{ui.percent(score)}</b><span>{gain}</span>'
        f"<p>{html.escape(' '.join(notes))}</p></div>"
    )


def _show_frame(
    seen: Seen, options: list[dict[str, Any]], *, aspect: float | None, key: str
) -> tuple[Box, float]:
    """Show the photo with a frame to move by hand; return where it lies and its score.

    It starts at the first option and keeps the aspect, width / height, if there is one. `key` names
    the photo and its options.
    """
    key = f"score_frame_{key}"
    moved = (st.session_state.get(key) or {}).get("box")
    box = Box(*(moved or options[0]["box"]))
    known = {Box(*option["box"]): option["score"] for option in options}
    score = known[box] if box in known else seen.score(box)
    data = {
        "picture": seen.picture,
        "width": seen.size[0],
        "height": seen.size[1],
        "options": options,
        "aspect": aspect,
        "least": max(SCORE_SIDE, round(_LEAST * min(seen.size))),
        "scored": {"box": list(box), "score": score},
    }
    _frame(key=key, data=data, on_box_change=lambda: None)
    return box, score
