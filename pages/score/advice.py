"""What would raise a photo's score: the best few changes together, and each alone."""

import html
from collections.abc import Sequence

import streamlit as st

from pages.score.compare import compare
from pages.score.crops import find_crops
from pages.score.seen import Seen, stage_aspect
from pages.shared import pictures, ui
from pages.shared.bar import bar, bar_place
from pages.shared.ui import points
from selfie_core.answer.advice import Advice, Advised, advise_photo
from selfie_core.base.errors import SelfieError
from selfie_core.photo import images
from selfie_core.photo.edits import CHANGES, Step, render

Shown = tuple[Advice, str]  # with a picture of it
_NEXT_TO_NOTHING = 0.005  # score: below, a change does not help


def show_advice(seen: Seen) -> None:
    """Show the best combination, then each change that helps."""
    try:
        with bar_place():
            advised, best, singles = seen.keep("advice", lambda: _advise(seen))
    except SelfieError as error:
        st.info(str(error))
        return
    if best is None:
        st.info("None of the changes tried raises the score: it is as good as this net knows.")
        return
    stage, facts = st.columns([6, 5], gap="large", vertical_alignment="center")
    with stage:
        compare(
            (seen.picture, "Before", ui.percent(advised.score)),
            (best[1], "After", ui.percent(best[0].score)),
            aspect=stage_aspect(seen),
            key="score_advice_compare",
        )
    with facts:
        st.markdown(best_advice(advised, best[0]), unsafe_allow_html=True)
        _offer_file(seen, best[0].steps, "advice", primary=True)
    _show_singles(seen, singles)
    if line := no_help([a for a in advised.singles if a.gain < _NEXT_TO_NOTHING]):
        st.caption(line)


def _advise(seen: Seen) -> tuple[Advised, Shown | None, list[Shown]]:
    crop = None
    if min(seen.size) >= images.CROP_SIDE:
        crop = find_crops(seen, "1:1", st.session_state.get("score_mode", "fast"))[0][0]
    with bar("Trying changes") as progress:
        with seen.whole() as photo:
            advised = advise_photo(
                photo, ui.scorer(), faces=seen.answer.faces, crop=crop, progress=progress
            )
        copy = seen.reduced()

        def shown(advice: Advice, side: int) -> Shown:
            return advice, pictures.data_address(render(copy, advice.steps), side=side)

        singles = [shown(a, 480) for a in advised.singles if a.gain >= _NEXT_TO_NOTHING]
        return advised, shown(advised.best, 1280) if advised.best else None, singles


def _show_singles(seen: Seen, singles: Sequence[Shown]) -> None:
    if not singles:
        return
    st.space("small")
    st.markdown("##### Each change alone")
    for start in range(0, len(singles), 4):
        with st.container(key=f"score_advice_{start}"):
            for column, (advice, picture) in zip(
                st.columns(4, gap="medium"), singles[start : start + 4], strict=False
            ):
                with column:
                    about = CHANGES[advice.steps[0].name].about
                    st.html(advice_card(advice, picture, about))
                    _offer_file(seen, advice.steps, advice.steps[0].name)


def _offer_file(seen: Seen, steps: Sequence[Step], name: str, *, primary: bool = False) -> None:
    def file() -> bytes:
        with seen.whole() as photo:
            return pictures.jpeg(render(photo, steps))

    st.download_button(
        "Download",
        file,
        file_name=f"{seen.stem}-{name}.jpg",
        mime="image/jpeg",
        key=f"score_file_{name}",
        icon=":material/download:",
        type="primary" if primary else "secondary",
        on_click="ignore",
        width="stretch",
    )


def best_advice(advised: Advised, best: Advice) -> str:
    """Return the best combination: its score, its gain, and its steps."""
    changes = [CHANGES[step.name] for step in best.steps]
    steps = "".join(
        f"<li><b>{html.escape(change.title)}</b> {html.escape(change.about)}</li>"
        for change in changes
    )
    return (
        f'<div class="score-best"><small>The best of {advised.tried} versions</small>'
        f"<b>{ui.percent(best.score)}</b><span>{points(best.gain)}</span><ol>{steps}</ol></div>"
    )


def advice_card(advice: Advice, picture: str, about: str) -> str:
    """Return one change with its picture and what it gains."""
    return (
        f'<div class="score-advice"><img src="{picture}" alt=""><div class="line">'
        f"<b>{html.escape(advice.title)}</b><span>{points(advice.gain)}</span></div>"
        f"<p>{html.escape(about)}</p></div>"
    )


def no_help(advices: Sequence[Advice]) -> str:
    """Return what was tried in vain, in one line."""
    said = [f"{advice.title.lower()} ({points(advice.gain)})" for advice in advices]
    return f"Tried, and no help: {', '.join(said)}." if said else ""
