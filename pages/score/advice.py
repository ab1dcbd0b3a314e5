"""What would raise a photo's score: the best few changes together, and each alone."""

import html
from collections.abc import Sequence
from typing import Literal

import streamlit as st

from pages.score.compare import compare
from pages.score.crops import find_crops
from pages.score.seen import Seen
from pages.shared import pictures, ui
from pages.shared.downloads import offer_file
from selfie_core.answer.advice import Advice, Advised, advise_photo
from selfie_core.base.errors import SelfieError
from selfie_core.photo import images
from selfie_core.photo.edits import CHANGES, Step, render

Shown = tuple[Advice, str]  # with a picture of it
_NEXT_TO_NOTHING = 0.005  # score: below, a change does not help


def show_advice(seen: Seen) -> None:
    """Show the best combination, then each change that helps."""
    try:
        with ui.bar_place():
            advised, best, singles = seen.keep("advice", lambda: _advise(seen))
    except SelfieError as error:
        st.info(ui.plain(str(error)))
        return
    if best is None:
        st.info("None of the changes tried raises the score: it is as good as this net knows.")
        return
    stage, facts = st.columns([6, 5], gap="large", vertical_alignment="center")
    with stage:
        compare(
            (seen.picture, "Before", ui.percent(advised.score)),
            (best[1], "After", ui.percent(best[0].score)),
            aspect=seen.stage,
            key="score_advice_compare",
        )
    with facts:
        st.markdown(_best_advice(advised, best[0]), unsafe_allow_html=True)
        _offer_photo(seen, best[0].steps, "advice", kind="primary")
    _show_singles(seen, singles)
    if line := _no_help([a for a in advised.singles if a.gain < _NEXT_TO_NOTHING]):
        st.caption(line)


def _advise(seen: Seen) -> tuple[Advised, Shown | None, list[Shown]]:
    crop = None
    if min(seen.size) >= images.CROP_SIDE:
        crop = find_crops(seen, "1:1", st.session_state.get("score_mode", "fast"))[0][0]
    with ui.bar("Trying changes") as progress:
        advised = advise_photo(
            seen.copy, ui.scorer(), size=seen.size, faces=seen.answer.faces, crop=crop,
            progress=progress,
        )  # fmt: skip

        def shown(advice: Advice, side: int) -> Shown:
            return advice, pictures.data_address(render(seen.large, advice.steps), side=side)

        singles = [shown(a, 480) for a in advised.singles if a.gain >= _NEXT_TO_NOTHING]
        return advised, shown(advised.best, 1280) if advised.best else None, singles


def _show_singles(seen: Seen, singles: Sequence[Shown]) -> None:
    if not singles:
        return
    st.space("small")
    st.markdown("##### Each change alone")
    for start in range(0, len(singles), 4):
        with st.container(key=f"score_advice_{start}"):
            columns = st.columns(4, gap="medium")
            for column, (advice, picture) in zip(columns, singles[start : start + 4], strict=False):
                with column:
                    st.html(_advice_card(advice, picture))
                    _offer_photo(seen, advice.steps, advice.steps[0].name)


def _offer_photo(
    seen: Seen,
    steps: Sequence[Step],
    name: str,
    kind: Literal["primary", "secondary"] = "secondary",
) -> None:
    """Offer the changed photo, made of the uploaded file at full size."""
    offer_file(
        "Download", lambda: seen.of_whole(lambda photo: pictures.jpeg(render(photo, steps))),
        f"{seen.stem}-{name}.jpg", key=f"score_file_{name}", kind=kind, wide=True,
    )  # fmt: skip


def _best_advice(advised: Advised, best: Advice) -> str:
    """Return the best combination: its score, its gain, and its steps."""
    changes = [CHANGES[step.name] for step in best.steps]
    steps = "".join(
        f"<li><b>{html.escape(change.title)}</b> {html.escape(change.about)}</li>"
        for change in changes
    )
    return (
        f'<div class="score-best"><small>The best of {advised.tried} versions</small>'
        f"<b>{ui.percent(best.score)}</b><span>{ui.points(best.gain)}</span><ol>{steps}</ol></div>"
    )


def _advice_card(advice: Advice, picture: str) -> str:
    """Return one change with its picture and what it gains."""
    about = CHANGES[advice.steps[0].name].about
    return (
        f'<div class="score-advice"><img src="{picture}" alt=""><div class="line">'
        f"<b>{html.escape(advice.title)}</b><span>{ui.points(advice.gain)}</span></div>"
        f"<p>{html.escape(about)}</p></div>"
    )


def _no_help(advices: Sequence[Advice]) -> str:
    """Return what was tried in vain, in one line."""
    said = [f"{advice.title.lower()} ({ui.points(advice.gain)})" for advice in advices]
    return f"Tried, and no help: {', '.join(said)}." if said else ""
