"""Download buttons: a file, a table, the photos of a grid."""

import mimetypes
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from pages.shared.pictures import jpeg
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.grids import grid_table, paste_grid


def offer_file(
    label: str,
    content: bytes | Callable[[], bytes],
    name: str,
    *,
    key: str,
    kind: Literal["primary", "secondary", "tertiary"] = "secondary",
    icon: str | None = "download",
    wide: bool = False,
    help: str | None = None,
) -> None:
    """Show a button that downloads a file; its name's ending tells the browser what it is.

    `content` may be a function: it is called once the button is clicked.
    """
    st.download_button(
        label, content, file_name=name, mime=mimetypes.guess_type(name)[0], key=key, help=help,
        type=kind, icon=icon and f":material/{icon}:", width="stretch" if wide else "content",
        on_click="ignore",
    )  # fmt: skip


def offer_table(
    label: str,
    table: Callable[[], pd.DataFrame],
    name: str,
    *,
    key: str,
    icon: str | None = "download",
    wide: bool = False,
) -> None:
    """Show a button that downloads a table as CSV; it is made once the button is clicked."""
    offer_file(
        label, lambda: table().to_csv(index=False).encode(), name, key=key, icon=icon, wide=wide
    )


def sheet_file(
    gallery: Gallery,
    rows: Sequence[int] | NDArray[np.intp],
    *,
    columns: int,
    cell: int = 128,
    gap: int = 3,
    blur: float = 0,
) -> bytes:
    """Return a grid of a gallery's photos as the content of one JPEG."""
    sheet = paste_grid(gallery, rows, columns=columns, cell=cell, gap=gap, blur=blur)
    return jpeg(sheet, "grid", quality=88)


def offer_sheet(
    gallery: Gallery, rows: Sequence[int] | NDArray[np.intp], *, name: str, columns: int
) -> None:
    """Show a button for a grid as one JPEG and one for its table as CSV."""
    offer_file(
        "Picture", lambda: sheet_file(gallery, rows, columns=columns), f"{name}.jpg",
        key=f"{name}_picture", icon="image",
    )  # fmt: skip
    offer_table(
        "Table", lambda: grid_table(gallery, rows), f"{name}.csv", key=f"{name}_table", icon="table"
    )
