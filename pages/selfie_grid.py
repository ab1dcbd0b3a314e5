"""The grid of selfies: one picture from the server, cut into real buttons by the browser."""

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import streamlit as st
import ui
from numpy.typing import NDArray

from selfie_core.gallery import Gallery
from selfie_core.grids import Kind

_HERE = Path(__file__).parent
_SHEET_COLUMNS = 20  # of the picture that travels; the browser lays its cuts out as it likes

_component = st.components.v2.component(
    "selfie_grid",
    css=(_HERE / "selfie_grid.css").read_text("utf-8"),
    js=(_HERE / "selfie_grid.js").read_text("utf-8"),
)


def selfie_grid(
    gallery: Gallery,
    rows: Sequence[int] | NDArray[np.intp],
    *,
    columns: int,
    cell: int,
    key: str,
    kind: Kind | None = None,
    captions: Sequence[str] | None = None,
    smallest: int = 38,
    blur: bool = False,
    on_click: Callable[[int], None] | None = None,
) -> int | None:
    """Show photos as a grid; return the row clicked in this run, or None.

    Args:
        gallery: Where the rows come from.
        rows: Row numbers in reading order.
        columns: Photos side by side, where the window is wide enough.
        cell: Side of a photo in the picture that travels, pixels.
        key: Key of the widget.
        kind: Says that `rows` are `pick_rows(gallery, kind, len(rows))`: a shorter address, and
            a continuum gets "best" and "worst" at its side.
        captions: A name below each photo, with its score.
        smallest: Below this side, CSS pixels, a narrow window gets fewer columns.
        blur: Soften the photos, and the larger one on hover a little less.
        on_click: Called with the clicked row before the page runs again.
    """
    rows = np.asarray(rows)
    sheet_columns = min(_SHEET_COLUMNS, len(rows))
    which = {"kind": kind, "count": len(rows)} if kind else {"of": ",".join(map(str, rows))}
    query = urlencode({**which, "columns": sheet_columns, "cell": cell}, safe=",")
    data = {
        "base": ui.base(gallery),
        "sheet": f"{ui.base(gallery)}/grid.jpg?{query}",
        "sheetColumns": sheet_columns,
        "columns": columns,
        "smallest": smallest,
        "rows": rows.tolist(),
        # Names are ranked among names: one name may have several photos.
        "ranks": list(range(1, len(rows) + 1)) if captions else gallery.rank[rows].tolist(),
        "scores": gallery.table["score"].to_numpy()[rows].round(4).tolist(),
        "percentiles": gallery.table["percentile"].to_numpy()[rows].round(1).tolist(),
        "total": len(gallery),
        "captions": list(captions) if captions else None,
        "ends": kind == "continuum",
        "blur": blur,
        "ramp": ui.RAMP,
    }

    def clicked() -> None:
        if on_click is not None:
            on_click(int(st.session_state[key]["clicked"]))

    answer = _component(key=key, data=data, on_clicked_change=clicked)["clicked"]
    return None if answer is None else int(answer)
