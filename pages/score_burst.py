"""Several photos at once: ranked, those of one moment marked, the best of each told."""

from typing import Any

import pandas as pd
import score_cards as cards
import score_view as view
import streamlit as st
import ui
from score_ask import Photo
from score_parts import burst_grid
from score_seen import bar, bar_place

from selfie_core import images
from selfie_core.burst import rank_burst
from selfie_core.gallery import Gallery

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
        st.subheader(cards.burst_title(table), anchor=False, width="stretch")
        st.download_button(
            "Table",
            table.drop(columns="row").to_csv(index=False).encode(),
            file_name="burst.csv",
            mime="text/csv",
            key="score_burst_file",
            icon=":material/download:",
            on_click="ignore",
        )
    st.caption(cards.burst_line(table))
    opened = burst_grid(shots, key="score_burst_grid")
    if broken := table[table["error"] != ""].apply(cards.broken_line, axis=1).tolist():
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
        picture = view.data_address(photo, side=_THUMB, square=True)
        shots.append(cards.shot(fields, picture, moment=int(moment)))
    return table, shots
