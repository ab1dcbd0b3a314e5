"""Several photos at once: ranked, those of one moment marked, the best of each told."""

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from pages.score.ask import Photo
from pages.shared import pictures, ui
from pages.shared.component import component
from pages.shared.downloads import offer_table
from selfie_core.answer.burst import rank_burst
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo import images

_burst = component(Path(__file__).parent, "burst", css="parts")

_THUMB = 224  # pixels


def show_burst(files: list[Photo], gallery: Gallery) -> None:
    """Rank the photos and show them; a click opens the full answer of one.

    Raises:
        DataError: There are more than fifty.
    """
    with ui.bar_place():
        version, ranked = st.session_state.get("score_burst", ("", None))
        if ranked is None or version != gallery.version:
            ranked = _rank(files, gallery)
            st.session_state.score_burst = gallery.version, ranked
    table, shots = ranked
    st.space("small")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(_title(table), anchor=False, width="stretch")
        offer_table("Table", lambda: table.drop(columns="row"), "burst.csv", key="score_burst_file")
    st.caption(ui.plain(_line(table)))
    data = {"shots": shots, "colours": ui.RAMP[::-1]}
    _burst(key="score_burst_grid", data=data, on_opened_change=_open)
    broken = table[table["error"] != ""]
    if len(broken):
        lines = (broken["file"] + ": " + broken["error"]).tolist()
        st.warning("  \n".join(map(ui.plain, lines)), icon=":material/broken_image:")


def _open() -> None:
    """Let the page show the full answer of the photo clicked."""
    st.session_state.score_open = int(st.session_state.score_burst_grid["opened"])


def back(count: int) -> None:
    """Offer the way from one photo's answer back to all."""
    st.button(
        f"All {count} photos", icon=":material/arrow_back:", key="score_back",
        on_click=st.session_state.pop, args=("score_open", None),
    )  # fmt: skip


def _rank(files: list[Photo], gallery: Gallery) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Return the table, with the number of each file as "row", and what the grid shows."""
    numbered = [(str(row), data) for row, (_, data) in enumerate(files)]  # names may be alike
    with ui.bar(f"Scoring {len(files)} photos") as progress:
        table = rank_burst(numbered, ui.scorer(), gallery=gallery, progress=progress)
    table["row"] = table["file"].astype(int)
    for column in ("file", "same_as"):
        table[column] = [files[int(row)][0] if row else "" for row in table[column]]
    readable = table[table["error"] == ""]
    sizes = readable["group"].map(readable["group"].value_counts())
    shots = []
    for fields, moment in zip(readable.to_dict("records"), sizes, strict=True):
        photo = images.open_photo(files[fields["row"]][1], at_least=_THUMB)
        picture = pictures.data_address(photo, side=_THUMB, square=True)
        shots.append(_shot(fields, picture, moment=int(moment)))
    return table, shots


def _shot(row: dict[Any, Any], picture: str, *, moment: int) -> dict[str, Any]:
    """Return a photo of a burst as its grid wants it; `moment` is the size of its group."""
    best = bool(row["best_of_group"]) and moment > 1
    said = f"moment {row['group']}" if moment > 1 else ""
    if best:
        said = f"best of {moment} alike"
    if row["same_as"]:
        said = f"same file as {row['same_as']}"
    return {
        "file": int(row["row"]),
        "group": int(row["group"]),
        "picture": picture,
        "place": int(row["rank"]),
        "score": ui.percent(row["score"]),
        "name": row["file"],
        "moment": said,
        "best": best,
    }


def _title(table: pd.DataFrame) -> str:
    """Return how many photos there are, of how many moments."""
    count = int((table["error"] == "").sum())
    moments = table["group"].nunique()
    of = f", {moments} moments" if 1 < moments < count else ""
    return f"{ui.counted(count, 'photo')}, best first{of}"


def _line(table: pd.DataFrame) -> str:
    """Return which one to keep, in one sentence."""
    if table["error"].iat[0]:
        return "None of these files could be read."
    best = table.iloc[0]
    where = f"{ui.standing(best['percentile'])} of this gallery"
    keep = f"{best['file']} is the one to keep: {ui.percent(best['score'])}, {where}."
    return f"{keep} Open a photo for its full answer."
