"""How the gallery is shown from best to worst: three grids, or all of it as one ranked list."""

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.grid import stars
from pages.grid.filter import Subset
from pages.grid.selfie_grid import ranked_grid, selfie_grid
from pages.shared import ui
from pages.shared.downloads import offer_file, offer_table, sheet_file
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.grids import MAX_CELLS, Kind, grid_table, pick_rows
from selfie_core.gallery.subset import bit_mask

_FEW = 20  # photos: below, the continuum shows all there is to see
# How each grid looks on the page and in the file one downloads.  The worst stay small and
# blurred in both, so that nobody is shamed.
_LOOKS: dict[Kind, dict[str, Any]] = {
    "continuum": {"cell": 96, "ends": True},
    "best": {"cell": 160, "smallest": 60},
    "worst": {"cell": 32, "smallest": 26, "blur": True},
}
_WORST_FILE: dict[str, Any] = {"cell": 32, "gap": 1, "blur": 1.5}


def show_grids(gallery: Gallery, chosen: Subset) -> None:
    """Show the photos that are meant as continuum, best and worst grid."""
    line = (
        f"What the net makes of {_whom(gallery, chosen)}, at evenly spaced ranks: the best photo "
        "at the top left, the worst at the bottom right. Open a photo for its score and more."
    )
    _show_grid(gallery, chosen, "continuum", line, count=240, columns=20)
    few = len(chosen.rows)
    if few < _FEW:
        return
    st.space("medium")
    st.header(f"Best {min(100, few)}", anchor="best")
    _show_grid(gallery, chosen, "best", "The very best comes first.", count=100, columns=10)
    st.space("medium")
    st.header(f"Worst {min(300, few)}", anchor="worst")
    line = "Small and blurred on purpose. The lowest score comes last."
    _show_grid(gallery, chosen, "worst", line, count=300, columns=30)


def show_all(gallery: Gallery, chosen: Subset) -> None:
    """Show every photo that is meant, best first."""
    picked = stars.starred(gallery)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        line = f"{_whom(gallery, chosen)}, best first. Arrow keys move, Enter opens."
        st.caption(line, width=640)
        st.space("stretch")
        pick = st.toggle(
            "Pick stars", key="continuum_pick", bind="query-params",
            help="A click gives a star; so does the key S at any time. The stars make a part of "
            "their own: see Filter. The address keeps them.",
        )  # fmt: skip
        if picked:
            label = f"Take {ui.counted(len(picked), 'star')} away"
            st.button(label, key="continuum_clear", on_click=stars.clear)
        with st.popover("Download", icon=":material/download:", width="content"):
            _offer_files(gallery, chosen, "best", count=100, columns=10)
    ui.honest_line()  # below, the photos go on for thousands of lines
    ranked_grid(
        gallery, mask=bit_mask(gallery, chosen.rows) if chosen.words else None, starred=picked,
        pick=pick, key="continuum_all_grid", on_star=lambda row: stars.toggle(gallery, row),
    )  # fmt: skip


def _show_grid(
    gallery: Gallery, chosen: Subset, kind: Kind, line: str, *, count: int, columns: int
) -> None:
    """Show a line on a grid, what downloads it, and the grid."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.caption(line, width=760)
        st.space("stretch")
        if kind == "continuum":  # the address keeps its shape
            with st.popover("Grid", icon=":material/grid_on:", width="content"):
                lines = st.slider("Rows", 2, 25, 12, key="continuum_rows", bind="query-params")
                columns = st.slider(
                    "Columns", 4, 26, 20, key="continuum_columns", bind="query-params"
                )
                count = lines * columns
        with st.popover("Download", icon=":material/download:", width="content"):
            _offer_files(gallery, chosen, kind, count=count, columns=columns)
    selfie_grid(
        gallery, pick_rows(gallery, kind, count, among=chosen.rows), columns=columns,
        key=f"continuum_{kind}_grid", **_LOOKS[kind],
    )  # fmt: skip


def _offer_files(gallery: Gallery, chosen: Subset, kind: Kind, *, count: int, columns: int) -> None:
    """Offer a grid as a picture and as a table, of as many photos as one likes."""
    most = min(MAX_CELLS, len(chosen.rows))
    wanted = 1
    if most > 1:
        wanted = st.slider("Photos", 1, most, min(count, most), key=f"continuum_{kind}_count")
    look = _WORST_FILE if kind == "worst" else {}
    across = max(1, round(columns * (wanted / count) ** 0.5))  # keeps the grid's proportions

    def rows() -> NDArray[np.intp]:
        return pick_rows(gallery, kind, wanted, among=chosen.rows)

    offer_file(
        f"{ui.counted(wanted, 'photo')}, one JPEG",
        lambda: sheet_file(gallery, rows(), columns=across, **look),
        f"{kind}-{wanted}.jpg", key=f"continuum_{kind}_file", kind="primary", icon=None, wide=True,
    )  # fmt: skip
    offer_table(
        "Their table, CSV", lambda: grid_table(gallery, rows()), f"{kind}-{wanted}.csv",
        key=f"continuum_{kind}_table", icon=None, wide=True,
    )  # fmt: skip


def _whom(gallery: Gallery, chosen: Subset) -> str:
    """Return in words how many photos these are, and which."""
    all_ = ui.counted(len(gallery), "selfie")
    if chosen.words:
        return f"**{len(chosen.rows):,}** of {all_} ({ui.plain(chosen.words)})"
    return all_
