"""Grids of selfies: pictures from the server, cut into real buttons by the browser.

A grid of up to a thousand is one picture; the whole gallery is fetched in parts as it scrolls.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.shared import ui
from pages.shared.component import component
from pages.shared.pictures import sheet_address
from selfie_core.gallery.gallery import Gallery

_SHEET_COLUMNS = 20  # of the picture that travels; the browser lays its cuts out as it likes

_HERE = Path(__file__).parent
_one_sheet = component(_HERE, "selfie_grid")
_ranked = component(_HERE, "ranked_grid", css="selfie_grid")


def name_in_address(gallery: Gallery, row: int) -> None:
    """Let the address name a photo, which `open_selfie` then opens."""
    st.query_params["id"] = str(gallery.table["id"].iat[row])


def selfie_grid(
    gallery: Gallery,
    rows: Sequence[int] | NDArray[np.intp],
    *,
    columns: int,
    cell: int,
    key: str,
    captions: Sequence[str] | None = None,
    details: dict[str, list[Any]] | None = None,
    ends: bool = False,
    smallest: int = 38,
    blur: bool = False,
    on_click: Callable[[int], None] | None = None,
) -> None:
    """Show photos as a grid; a click opens one large, if the page ends with `open_selfie`.

    `rows` are in reading order; `cell` is the side of a photo in the picture that travels, pixels.
    A window in which the columns would be narrower than `smallest`, CSS pixels, gets fewer.
    `captions` are names below the photos, and then `details` tell more of each: "scores" in place
    of its own; "spreads", of all photos of a name (worst, mean, best, how many); "notes" for the
    card; "credits", whom it is owed to (author, page, licence, licence_url) or None. `ends` writes
    "best" and "worst" at the side. `on_click`, called with the clicked row, replaces the opening.
    """
    rows = np.asarray(rows)
    sheet_columns = min(_SHEET_COLUMNS, len(rows))
    data = {
        "base": ui.base(gallery),
        "sheet": sheet_address(gallery, rows, columns=sheet_columns, cell=cell),
        "sheetColumns": sheet_columns,
        "columns": columns,
        "smallest": smallest,
        "rows": rows.tolist(),
        # Names are ranked among names: one name may have several photos.
        "ranks": list(range(1, len(rows) + 1)) if captions else gallery.rank[rows].tolist(),
        "scores": gallery.table["score"].to_numpy()[rows].tolist(),
        "percentiles": gallery.table["percentile"].to_numpy()[rows].tolist(),
        "total": len(gallery),
        "captions": list(captions) if captions else None,
        "ends": ends,
        "blur": blur,
        "ramp": ui.RAMP,
        **(details or {}),
    }

    def clicked() -> None:
        row = int(st.session_state[key]["clicked"])
        if on_click is None:
            name_in_address(gallery, row)
        else:
            on_click(row)

    _one_sheet(key=key, data=data, on_clicked_change=clicked)


def ranked_grid(
    gallery: Gallery,
    *,
    key: str,
    mask: str | None = None,
    starred: Sequence[int] = (),
    pick: bool = False,
    on_star: Callable[[int], None],
) -> None:
    """Show all photos, or those of a mask, best first; a click opens one large.

    `mask` says which rows as `bit_mask` does. With `pick` a click gives or takes a star instead;
    `on_star` is called with a row whose star changes, before the page runs again.
    """
    data = {
        "base": ui.base(gallery),
        "mask": mask,
        "total": len(gallery),
        "side": 84,
        "starred": list(starred),
        "pick": pick,
        "ramp": ui.RAMP,
    }

    def row_of(event: str) -> int:
        return int(st.session_state[key][event])

    _ranked(
        key=key,
        data=data,
        on_clicked_change=lambda: name_in_address(gallery, row_of("clicked")),
        on_starred_change=lambda: on_star(row_of("starred")),
    )
