"""What would raise a photo's score: what suits it most first, then what raises any photo."""

import html
from collections.abc import Sequence
from typing import Literal, NamedTuple

import streamlit as st

from pages.score.compare import Side, compare, photo_side
from pages.score.crops import find_crops
from pages.score.seen import Seen
from pages.shared import pictures, ui
from pages.shared.downloads import offer_file
from selfie_core.answer.advice import NEXT_TO_NOTHING, WORDS, Advice, Advised, advise_photo
from selfie_core.answer.usual import usual_gains
from selfie_core.base.errors import ModelError, SelfieError
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo import images
from selfie_core.photo.edits import CHANGES, Step, render

_CARD = 480  # pixels of a picture


class Found(NamedTuple):
    """What was tried on a photo, and the pictures that are shown of it, by their steps."""

    advised: Advised
    large: Side | None
    small: dict[tuple[Step, ...], str]


def show_advice(seen: Seen, gallery: Gallery) -> None:
    """Show the photo before and after what suits it, then each change that helps."""
    try:
        with ui.bar_place():
            found = seen.keep("advice", lambda: _advise(seen, gallery))
    except SelfieError as error:
        st.info(ui.plain(str(error)))
        return
    advised = found.advised
    shown = _lead(advised)
    if shown is None or found.large is None:
        st.info(WORDS["nothing"])
        return
    stage, facts = st.columns([6, 5], gap="large", vertical_alignment="center")
    with stage:
        before = photo_side(seen, "Before", ui.percent(advised.score))
        compare(seen, before, found.large, key="score_advice_compare", steps=shown.steps)
    with facts:
        st.markdown(_facts(advised, shown), unsafe_allow_html=True)
        _offer_photo(seen, shown.steps, "advice", kind="primary")
    helps = [one for one in advised.singles if one.gain >= NEXT_TO_NOTHING]
    usual = [one for one in helps if not one.special]
    best = advised.best if advised.own else None
    if best and len(best.steps) > 1 and best != advised.own:  # one alone stands there already
        usual.append(best)
    special = [one for one in helps if one.special]
    if len(special) > 1:  # one alone is shown large already
        _show_cards(seen, WORDS["special"], special, found)
    known = any(one.usual is not None for one in helps)
    _show_cards(seen, WORDS["most" if known else "alone"], usual, found)
    if line := _no_help([one for one in advised.singles if one.gain < NEXT_TO_NOTHING]):
        st.caption(line)


def _lead(advised: Advised) -> Advice | None:
    """Return what is shown large: what suits the photo, else what raises its score most."""
    return advised.own or advised.best


def _advise(seen: Seen, gallery: Gallery) -> Found:
    crop = None
    if min(seen.size) >= images.CROP_SIDE:
        try:
            found = find_crops(seen, "1:1", st.session_state.get("score_mode", "fast"))
        except ModelError:  # a net without the maps
            found = find_crops(seen, "1:1", "exact")
        crop = found[0][0]
    with ui.bar("Trying changes") as progress:
        advised = advise_photo(
            seen.copy, ui.scorer(), size=seen.size, faces=seen.answer.faces, crop=crop,
            usual=usual_gains(gallery), progress=progress,
        )  # fmt: skip
        lead = _lead(advised)
        large = lead and Side.of(render(seen.large, lead.steps), "After", ui.percent(lead.score))
        best = [advised.best] if advised.best else []
        small = {
            one.steps: pictures.data_address(render(seen.large, one.steps), side=_CARD)
            for one in [*advised.singles, *best]
            if one.gain >= NEXT_TO_NOTHING
        }
    return Found(advised, large, small)


def _show_cards(seen: Seen, title: str, advices: Sequence[Advice], found: Found) -> None:
    if not advices:
        return
    st.space("small")
    st.markdown(f"## {title}")
    for start in range(0, len(advices), 4):
        columns = st.columns(4, gap="medium")
        for column, advice in zip(columns, advices[start : start + 4], strict=False):
            with column:
                st.html(_card(advice, found.small[advice.steps], found.advised.tried))
                several = len(advice.steps) > 1
                _offer_photo(seen, advice.steps, "best" if several else advice.steps[0].name)


def _offer_photo(
    seen: Seen,
    steps: Sequence[Step],
    name: str,
    kind: Literal["primary", "secondary"] = "secondary",
) -> None:
    """Offer the changed photo, made of the uploaded file at full size."""
    offer_file(
        "Download",
        lambda: seen.of_whole(lambda photo: pictures.jpeg(render(photo, steps), "edit")),
        f"{seen.stem}-{name}.jpg", key=f"score_file_{name}", kind=kind, wide=True,
    )  # fmt: skip


def _facts(advised: Advised, shown: Advice) -> str:
    """Return the score of what is shown large, its gain, and its steps."""
    usual = {one.steps[0].name: one.usual for one in advised.singles}
    if shown is advised.own:
        lead = WORDS["own"]
    else:
        lead = WORDS["best"].format(tried=advised.tried)
        if any(gain is not None for gain in usual.values()):
            lead += WORDS["no_own"]
    steps = "".join(
        f"<li><b>{html.escape(CHANGES[step.name].title)}</b> "
        f"{html.escape(CHANGES[step.name].about)}{_usually(usual[step.name])}</li>"
        for step in shown.steps
    )
    return (
        f'<div class="score-best"><small>{lead}</small><b>{ui.percent(shown.score)}</b>'
        f"<span>{ui.points(shown.gain)}</span><ol>{steps}</ol></div>"
    )


def _usually(gain: float | None) -> str:
    return "" if gain is None else " " + WORDS["usually"].format(points=ui.points(gain))


def _card(advice: Advice, picture: str, tried: int) -> str:
    """Return one change with its picture, what it gains here, and what it usually does."""
    title, about = advice.title, CHANGES[advice.steps[0].name].about + _usually(advice.usual)
    if len(advice.steps) > 1:
        title, about = "The most", f"{title}: the best of {tried} versions."
    return (
        f'<div class="score-advice"><img src="{picture}" alt=""><div class="line">'
        f"<b>{html.escape(title)}</b><span>{ui.points(advice.gain)}</span></div>"
        f"<p>{html.escape(about)}</p></div>"
    )


def _no_help(advices: Sequence[Advice]) -> str:
    """Return what was tried in vain, in one line."""
    said = [f"{advice.title.lower()} ({ui.points(advice.gain)})" for advice in advices]
    return WORDS["no_help"].format(said=", ".join(said)) if said else ""
