"""One photo of a roll, large: its score, its place in the roll, why it was picked, its crops."""

import html
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

import pandas as pd
import streamlit as st

from pages.grid.detail import as_dialog, step_buttons
from pages.score.ask import take
from pages.score.crops import show_crops
from pages.score.roll_read import Roll
from pages.score.seen import look
from pages.shared import ui
from selfie_core.gallery.gallery import Gallery

_OPEN = "roll_open"  # in the session: the file that is shown large


def opening(roll: Roll, key: str) -> Callable[[], None]:
    """Return what lets the page open the photo that was clicked in the grid `key`."""

    def clicked() -> None:
        _go(str(roll.photos["file"].iat[int(st.session_state[key]["opened"])]))

    return clicked


def open_photo(roll: Roll, picks: pd.DataFrame, gallery: Gallery) -> None:
    """Open the photo that was clicked; the last line of a page."""
    if _OPEN in st.session_state:
        _dialog(roll, by_score(picks), gallery)


def by_score(picks: pd.DataFrame) -> pd.DataFrame:
    """Return the photos that could be read, numbered by their rank from 0 on."""
    readable = picks[picks["score"].notna()]
    return readable.sort_values("score", ascending=False, kind="stable", ignore_index=True)


def _go(file: str) -> None:
    st.session_state[_OPEN] = file


def _close() -> None:
    st.session_state.pop(_OPEN, None)


@st.dialog("Photo", width="large", on_dismiss=_close)
@ui.plain_errors()
def _dialog(roll: Roll, best_first: pd.DataFrame, gallery: Gallery) -> None:
    files = best_first["file"].tolist()
    file = st.session_state[_OPEN]
    at = files.index(file)
    seen = look((PurePath(file).name, roll.files[file]), gallery)
    as_dialog()
    photo, facts = st.columns([6, 5], gap="medium")
    with photo:
        alt = html.escape(f"{seen.name}, rank {at + 1:,}")
        image = f'<img src="{seen.picture}" alt="{alt}">'
        st.markdown(f'<div class="selfie-photo">{image}</div>', unsafe_allow_html=True)
        with st.container(horizontal=True, horizontal_alignment="center", gap="small"):
            step_buttons(_go, files[max(at - 1, 0) : at], files[at + 1 : at + 2])
    with facts:
        pick = best_first.iloc[at].to_dict()
        said = _facts(pick, f"Rank {at + 1:,} of {len(files):,}", seen.answer.percentile)
        st.markdown(said, unsafe_allow_html=True)
        st.space("small")
        if st.button("Advice, reasons and more", key="roll_more", icon=":material/add_a_photo:"):
            _close()
            take([(seen.name, seen.data)])
            st.switch_page("score/score.py")
    st.markdown("## Its best crops")
    show_crops(seen)


def _facts(pick: dict[Any, Any], rank: str, among: float) -> str:
    """Return score, places and why it was picked, as HTML; `among` is its percentile outside."""
    moment = f"One of {pick['of']} of its moment, and not the best"
    if pick["best"]:
        why = f": {pick['why']}" if pick["why"] else ""
        moment = f"Best of {pick['of']}{why}" if pick["of"] > 1 else "Alone in its moment"
    kept = "To keep" if pick["keep"] else "Not among those to keep"
    lines = [pick["file"], pick["same_as"] and f"the same file as {pick['same_as']}", pick["taken"]]
    return (
        f'<div class="selfie-name">{kept}</div>'
        f'<div class="selfie-score">{ui.percent(pick["score"])}</div>'
        f'<div class="selfie-place"><span>Scores {ui.standing(pick["percentile"])} of this roll'
        f"</span> · <span>{rank}</span></div>"
        f'<div class="selfie-place">{html.escape(moment)}</div>'
        f'<div class="selfie-place">Of the gallery it scores {ui.standing(among)}</div>'
        + "".join(
            f'<div class="selfie-given selfie-file">{html.escape(line)}</div>'
            for line in lines
            if line
        )
    )
