"""A named set of photos, ranked."""

import io

import streamlit as st
import ui
from detail import open_selfie
from selfie_grid import selfie_grid

from selfie_core import store
from selfie_core.celebrities import celebrity_sheet, rank_celebrities

_OWN = """
One folder of photos, a name a file: `ada-vale.jpg`, `ada-vale-2.jpg`, `josé-núñez.jpg`.
Several photos of one name are told apart by a number; the best of them counts.

```shell
selfie celebrities FOLDER --out DIR
selfie app GALLERY --celebrities DIR
```
"""

st.title("Celebrities", anchor=False)
gallery = ui.celebrities()
if gallery is None:
    st.info("No named set is open. Here is how to rank one.")
    st.markdown(_OWN)
    st.stop()

with ui.plain_errors():
    ranking = rank_celebrities(gallery)


def sheet() -> bytes:
    """Return the ranking as one JPEG."""
    file = io.BytesIO()
    celebrity_sheet(gallery).save(file, "JPEG", quality=90)
    return file.getvalue()


line = f"{len(ranking)} names, one photo each, the highest score at the top left."
if gallery.folder == store.demo_celebrities().resolve():
    line += " These are characters rendered in 3D, and their names are invented."
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.caption(line, width=760)
    st.space("stretch")
    with st.popover("Rank your own", icon=":material/folder_open:", width="content"):
        st.markdown(_OWN)
    st.download_button(
        "Download",
        sheet,
        file_name="celebrities.jpg",
        mime="image/jpeg",
        key="celebrities_file",
        icon=":material/download:",
        on_click="ignore",
    )
clicked = selfie_grid(
    gallery,
    ranking["row"].to_numpy(),
    captions=ranking["name"].tolist(),
    columns=8,
    cell=192,
    smallest=96,
    key="celebrities_grid",
)
ui.honest_line()
open_selfie(gallery, clicked)
