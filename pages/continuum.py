"""The gallery from best to worst, then the best 100, then the worst 300."""

import io
from typing import Any

import streamlit as st
import ui
from detail import open_selfie
from selfie_grid import selfie_grid

from selfie_core.gallery import Gallery
from selfie_core.grids import MAX_CELLS, Kind, paste_grid, pick_rows

FEW = 20  # photos: below, the continuum shows all there is to see
# How each grid looks on the page and in the file one downloads.  The worst stay small and
# blurred in both, so that nobody is shamed.
_LOOKS: dict[Kind, dict[str, Any]] = {
    "continuum": {"cell": 96},
    "best": {"cell": 160, "smallest": 60},
    "worst": {"cell": 32, "smallest": 26, "blur": True},
}
_FILES: dict[Kind, dict[str, Any]] = {
    "continuum": {"cell": 128, "gap": 3},
    "best": {"cell": 128, "gap": 3},
    "worst": {"cell": 32, "gap": 1, "blur": 1.5},
}


def _show(gallery: Gallery, kind: Kind, line: str, *, count: int, columns: int) -> int | None:
    """Show a line on a grid, what downloads it, and the grid; return the row clicked."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.caption(line, width=760)
        st.space("stretch")
        if kind == "continuum":
            with st.popover("Grid", icon=":material/grid_on:", width="content"):
                count, columns = _ask_shape()
        with st.popover("Download", icon=":material/download:", width="content"):
            _offer_file(gallery, kind, count=count, columns=columns)
    rows = pick_rows(gallery, kind, count)
    key = f"continuum_{kind}_grid"
    return selfie_grid(gallery, rows, kind=kind, columns=columns, key=key, **_LOOKS[kind])


def _ask_shape() -> tuple[int, int]:
    """Return how many photos and how many side by side; the address bar keeps both."""
    lines = st.slider("Rows", 2, 25, 12, key="continuum_rows", bind="query-params")
    columns = st.slider("Columns", 4, 26, 20, key="continuum_columns", bind="query-params")
    return lines * columns, columns


def _offer_file(gallery: Gallery, kind: Kind, *, count: int, columns: int) -> None:
    most = max(2, min(MAX_CELLS, len(gallery)))
    wanted = st.slider("Photos", 1, most, min(count, most), key=f"continuum_{kind}_count")
    across = max(1, round(columns * (wanted / count) ** 0.5))  # keeps the grid's proportions

    def picture() -> bytes:
        file = io.BytesIO()
        rows = pick_rows(gallery, kind, wanted)
        paste_grid(gallery, rows, columns=across, **_FILES[kind]).save(file, "JPEG", quality=88)
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


gallery = ui.gallery()
st.title("From best to worst", anchor=False)
line = (
    f"What the net makes of {len(gallery):,} selfies, at evenly spaced ranks: the best photo at "
    "the top left, the worst at the bottom right. Hover for the score, click or tap to open."
)
clicked = [_show(gallery, "continuum", line, count=240, columns=20)]
if len(gallery) < FEW:
    ui.honest_line()
    open_selfie(gallery, clicked[0])
    st.stop()
st.space("medium")
st.header(f"Best {min(100, len(gallery))}", anchor="best")
clicked += [_show(gallery, "best", "The very best comes first.", count=100, columns=10)]
st.space("medium")
st.header(f"Worst {min(300, len(gallery))}", anchor="worst")
line = "Small and blurred on purpose. The lowest score comes last."
clicked += [_show(gallery, "worst", line, count=300, columns=30)]
ui.honest_line()
open_selfie(gallery, next((row for row in clicked if row is not None), None))
