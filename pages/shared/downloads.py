"""Any rows of a gallery as files: one picture, one table."""

import io
from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.grids import grid_table, paste_grid


def offer_sheet(
    gallery: Gallery,
    rows: Sequence[int] | NDArray[np.intp],
    *,
    name: str,
    columns: int,
    cell: int = 128,
    gap: int = 3,
    blur: float = 0,
) -> None:
    """Show a button for a grid as one JPEG and one for its table as CSV; made when asked for."""

    def picture() -> bytes:
        file = io.BytesIO()
        sheet = paste_grid(gallery, rows, columns=columns, cell=cell, gap=gap, blur=blur)
        sheet.save(file, "JPEG", quality=88)
        return file.getvalue()

    st.download_button(
        "Picture", picture, file_name=f"{name}.jpg", mime="image/jpeg", key=f"{name}_picture",
        icon=":material/image:", on_click="ignore",
    )  # fmt: skip
    st.download_button(
        "Table", lambda: grid_table(gallery, rows).to_csv(index=False).encode(),
        file_name=f"{name}.csv", mime="text/csv", key=f"{name}_table", icon=":material/table:",
        on_click="ignore",
    )  # fmt: skip
