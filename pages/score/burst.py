"""Several photos at once: ranked, those of one moment marked, the best of each told."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from pages.score.seen import Photo
from pages.shared import pictures, ui
from pages.shared.bar import bar, bar_place
from pages.shared.component import component
from selfie_core.answer.burst import rank_burst
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo import images

_burst = component(Path(__file__).parent, "burst", css="parts", title="score_burst")

_THUMB = 224  # pixels


def show_burst(files: list[Photo], gallery: Gallery) -> None:
    """Rank the photos and show them; a click opens the full answer of one.

    Raises:
        DataError: There are more than fifty.
    """
    with bar_place():
        version, ranked = st.session_state.get("score_burst", ("", None))
        if ranked is None or version != gallery.version:
            ranked = _rank(files, gallery)
            st.session_state.score_burst = gallery.version, ranked
    table, shots = ranked
    st.space("small")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(burst_title(table), anchor=False, width="stretch")
        st.download_button(
            "Table",
            table.drop(columns="row").to_csv(index=False).encode(),
            file_name="csv",
            mime="text/csv",
            key="score_burst_file",
            icon=":material/download:",
            on_click="ignore",
        )
    st.caption(burst_line(table))
    opened = burst_grid(shots, key="score_burst_grid")
    if broken := table[table["error"] != ""].apply(broken_line, axis=1).tolist():
        st.warning("  \n".join(broken), icon=":material/broken_image:")
    if opened is not None:
        st.session_state.score_open = opened
        st.rerun()


def back(count: int) -> None:
    """Offer the way from one photo's answer back to all."""
    st.button(
        f"All {count} photos",
        icon=":material/arrow_back:",
        key="score_back",
        on_click=lambda: st.session_state.pop("score_open", None),
    )


def _rank(files: list[Photo], gallery: Gallery) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Return the table, with the number of each file as "row", and what the grid shows."""
    numbered = [(str(row), data) for row, (_, data) in enumerate(files)]  # names may be alike
    with bar(f"Scoring {len(files)} photos") as progress:
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
        shots.append(shot(fields, picture, moment=int(moment)))
    return table, shots


def shot(row: dict[Any, Any], picture: str, *, moment: int) -> dict[str, Any]:
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


def burst_title(table: pd.DataFrame) -> str:
    """Return how many photos there are, of how many moments."""
    count = int((table["error"] == "").sum())
    moments = table["group"].nunique()
    of = f", {moments} moments" if 1 < moments < count else ""
    return f"{count} photo{'s' if count != 1 else ''}, best first{of}"


def burst_line(table: pd.DataFrame) -> str:
    """Return which one to keep, in one sentence."""
    if table["error"].iat[0]:
        return "None of these files could be read."
    best = table.iloc[0]
    where = f"above {math.floor(best['percentile'])} % of this gallery"
    keep = f"{best['file']} is the one to keep: {ui.percent(best['score'])}, {where}."
    return f"{keep} Click a photo for its full answer."


def broken_line(row: pd.Series) -> str:
    """Return what is wrong with a file."""
    return f"{row['file']}: {row['error']}"


def burst_grid(shots: Sequence[dict[str, Any]], *, key: str) -> int | None:
    """Show the photos of a burst; return the number of the file clicked in this run, or None."""
    data = {"shots": list(shots), "colours": ui.RAMP[::-1]}
    opened = _burst(key=key, data=data, on_opened_change=lambda: None)["opened"]
    return None if opened is None else int(opened)
