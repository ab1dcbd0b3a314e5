"""The gallery from best to worst, the best 100, the worst 300; or all of it, ranked."""

import io
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.grid import stars
from pages.grid.detail import open_selfie
from pages.grid.filter import ask_subset
from pages.grid.selfie_grid import ranked_grid, selfie_grid
from pages.shared import ui
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.grids import MAX_CELLS, Kind, grid_table, paste_grid, pick_rows
from selfie_core.gallery.subset import bit_mask

FEW = 20  # photos: below, the continuum shows all there is to see
# How each grid looks on the page and in the file one downloads.  The worst stay small and
# blurred in both, so that nobody is shamed.
_LOOKS: dict[Kind, dict[str, Any]] = {
    "continuum": {"cell": 96, "ends": True},
    "best": {"cell": 160, "smallest": 60},
    "worst": {"cell": 32, "smallest": 26, "blur": True},
}
_FILES: dict[Kind, dict[str, Any]] = {
    "continuum": {"cell": 128, "gap": 3},
    "best": {"cell": 128, "gap": 3},
    "worst": {"cell": 32, "gap": 1, "blur": 1.5},
}
_GRIDS, _ALL = _VIEWS = ("Grids", "All")


def _show(gallery: Gallery, kind: Kind, line: str, *, count: int, columns: int) -> int | None:
    """Show a line on a grid, what downloads it, and the grid; return the row clicked."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.caption(line, width=760)
        st.space("stretch")
        if kind == "continuum":
            with st.popover("Grid", icon=":material/grid_on:", width="content"):
                count, columns = _ask_shape()
        with st.popover("Download", icon=":material/download:", width="content"):
            _offer_files(gallery, kind, count=count, columns=columns)
    rows = pick_rows(gallery, kind, count, among=chosen.rows)
    return selfie_grid(
        gallery, rows, kind=None if chosen.words else kind, columns=columns,
        key=f"continuum_{kind}_grid", **_LOOKS[kind],
    )  # fmt: skip


def _ask_shape() -> tuple[int, int]:
    """Return how many photos and how many side by side; the address bar keeps both."""
    lines = st.slider("Rows", 2, 25, 12, key="continuum_rows", bind="query-params")
    columns = st.slider("Columns", 4, 26, 20, key="continuum_columns", bind="query-params")
    return lines * columns, columns


def _offer_files(gallery: Gallery, kind: Kind, *, count: int, columns: int) -> None:
    """Offer a grid as a picture and as a table, of as many photos as one likes."""
    most = min(MAX_CELLS, len(chosen.rows))
    wanted = 1
    if most > 1:
        wanted = st.slider("Photos", 1, most, min(count, most), key=f"continuum_{kind}_count")
    across = max(1, round(columns * (wanted / count) ** 0.5))  # keeps the grid's proportions

    def rows() -> NDArray[np.intp]:
        return pick_rows(gallery, kind, wanted, among=chosen.rows)

    def picture() -> bytes:
        file = io.BytesIO()
        paste_grid(gallery, rows(), columns=across, **_FILES[kind]).save(file, "JPEG", quality=88)
        return file.getvalue()

    st.download_button(
        f"{wanted:,} photos, one JPEG",
        picture,
        file_name=f"{kind}-{wanted}.jpg",
        mime="image/jpeg",
        key=f"continuum_{kind}_file",
        type="primary",
        on_click="ignore",
        width="stretch",
    )
    st.download_button(
        "Their table, CSV",
        lambda: grid_table(gallery, rows()).to_csv(index=False).encode(),
        file_name=f"{kind}-{wanted}.csv",
        mime="text/csv",
        key=f"continuum_{kind}_table",
        on_click="ignore",
        width="stretch",
    )


def _show_all(gallery: Gallery) -> int | None:
    """Show every photo that is meant, best first; return the row clicked."""
    picked = stars.starred(gallery)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.caption(f"{_whom(gallery)}, best first. Arrow keys move, Enter opens.", width=640)
        st.space("stretch")
        pick = st.toggle(
            "Pick stars", key="continuum_pick", bind="query-params",
            help="A click gives a star; so does the key S at any time. The stars make a part of "
            "their own: see Filter. The address keeps them.",
        )  # fmt: skip
        if picked:
            st.button(f"Take {len(picked)} stars away", key="continuum_clear", on_click=stars.clear)
        with st.popover("Download", icon=":material/download:", width="content"):
            _offer_files(gallery, "best", count=100, columns=10)
    ui.honest_line()  # below, the photos go on for thousands of lines
    return ranked_grid(
        gallery, mask=bit_mask(gallery, chosen.rows) if chosen.words else None, starred=picked,
        pick=pick, key="continuum_all_grid", on_star=lambda row: stars.toggle(gallery, row),
    )  # fmt: skip


def _whom(gallery: Gallery) -> str:
    """Return in words how many photos these are, and which."""
    if chosen.words:
        return f"**{len(chosen.rows):,}** of {len(gallery):,} selfies ({chosen.words})"
    return f"{len(gallery):,} selfies"


def _show_grids(gallery: Gallery) -> int | None:
    """Show the three grids; return the row clicked in any."""
    few = len(chosen.rows)
    line = (
        f"What the net makes of {_whom(gallery)}, at evenly spaced ranks: the best photo at the "
        "top left, the worst at the bottom right. Hover for the score, click or tap to open."
    )
    clicked = [_show(gallery, "continuum", line, count=240, columns=20)]
    if few >= FEW:
        st.space("medium")
        st.header(f"Best {min(100, few)}", anchor="best")
        clicked += [_show(gallery, "best", "The very best comes first.", count=100, columns=10)]
        st.space("medium")
        st.header(f"Worst {min(300, few)}", anchor="worst")
        line = "Small and blurred on purpose. The lowest score comes last."
        clicked += [_show(gallery, "worst", line, count=300, columns=30)]
    return next((row for row in clicked if row is not None), None)


gallery = ui.gallery()
stars.follow_address(gallery)
with st.container(horizontal=True, vertical_alignment="center"):
    st.title("From best to worst", anchor=False, width="content")
    st.space("stretch")
    chosen = ask_subset(gallery)
    view = st.segmented_control(
        "View", _VIEWS, default=_GRIDS, required=True, key="continuum_view", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
if not len(chosen.rows):
    st.info("No photo is like that. Take a wish away under Filter.", icon=":material/filter_alt:")
    ui.honest_line()
    open_selfie(gallery, among=chosen.rows)
    st.stop()
if view == _ALL:
    clicked = _show_all(gallery)
else:
    clicked = _show_grids(gallery)
    ui.honest_line()
open_selfie(gallery, clicked, among=chosen.rows)
