"""The map: selfies that look alike to the net stand together."""

import streamlit as st

from pages.grid.detail import open_selfie
from pages.map.newcomers import show_newcomers
from pages.map.selfie_map import Mark, selfie_map
from pages.shared import ui
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery


def _your_photo(gallery: Gallery) -> list[Mark]:
    """Return where the photo scored last stands: from this visit, or from the link that was opened.

    The link holds the place and the rows of the five photos most like it, never the photo.
    """
    if mark := st.session_state.get("score_mark"):
        numbers = [f"{mark['x']:.4f}", f"{mark['y']:.4f}", *map(str, mark["rows"])]
        st.query_params["here"] = ",".join(numbers)
        return [mark]
    try:
        x, y, *rows = map(float, st.query_params.get("here", "").split(","))
    except ValueError:
        return []
    known = [int(row) for row in rows if 0 <= row < len(gallery)]
    inside = 0 <= x <= 1 and 0 <= y <= 1
    return [Mark(x=x, y=y, label="Your photo", rows=known[:5], photo="")] if inside else []


gallery = ui.gallery()
head = st.container(gap=None)
head.title("Map", anchor=False)
if not gallery.has_map:
    st.info(
        "This gallery's photos have no places yet. Make it again with "
        "`selfie build PHOTOS --out GALLERY`, which ends with the map.",
        icon=":material/scatter_plot:",
    )
    ui.honest_line()
    st.stop()

sample = (gallery.info.get("map") or {}).get("sample")
head.caption(
    f"{ui.counted(len(gallery), 'selfie')}; those that look alike to the net stand together. "
    + (f"Drawn from a sample of {sample:,}; the rest are placed among them. " if sample else "")
    + "Point at a photo, open it, or draw round a region."
)
show_newcomers(gallery)
gaps, landmarks = list(gallery.gaps), ()
try:
    landmarks = gallery.landmarks
except DataError as error:  # a file that someone broke by hand costs the names only
    gaps.append(str(error))
if gaps:
    st.warning("  \n".join(map(ui.plain, gaps)), icon=":material/broken_image:")
selfie_map(gallery, key="map", marks=_your_photo(gallery), landmarks=landmarks)
ui.honest_line()
open_selfie(gallery)
