"""A named set of photos, ranked."""

import io

import pandas as pd
import streamlit as st

from pages.grid.detail import open_selfie
from pages.grid.selfie_grid import selfie_grid
from pages.shared import ui
from selfie_core.base import store
from selfie_core.gallery.celebrities import celebrity_sheet, rank_celebrities
from selfie_core.gallery.columns import credit_of
from selfie_core.gallery.gallery import Gallery

_OWN = """
One folder of photos, a name a file: `ada-vale.jpg`, `ada-vale-2.jpg`, `josé-núñez.jpg`.
Several photos of one name are told apart by a number.

```shell
selfie celebrities FOLDER --out DIR
selfie app GALLERY --celebrities DIR
```

Freely licensed photos of the famous come from Wikimedia Commons, with author and licence:

```shell
selfie import commons "Selfies of NAME" --out FOLDER
```
"""
_ORDERS = {"Best photo": "best", "Mean of all": "mean"}


def _note(star: pd.Series) -> str:
    """Return what all photos of a name score, in words."""
    if star["photos"] == 1:
        return "one photo"
    worst, mean, best = (ui.percent(star[name]) for name in ("worst", "mean", "score"))
    return f"{star['photos']} photos: {worst} to {best}, mean {mean}"


def _show(gallery: Gallery, ranking: pd.DataFrame, *, shown: str) -> int | None:
    """Show the sheet, a range below each name that has several photos; return the row clicked."""
    numbers = ranking[["worst", "mean", "score", "photos"]].to_numpy(float).round(4).tolist()
    rows = ranking["row"].to_numpy()
    credits = [credit_of(gallery.table.iloc[row]) for row in rows]
    details = {
        "scores": ranking[shown].round(4).tolist(),
        "spreads": numbers if several else None,
        "notes": [_note(star) for _, star in ranking.iterrows()],
        "credits": credits if any(credits) else None,
    }
    return selfie_grid(
        gallery, rows, captions=ranking["name"].tolist(), details=details, columns=8, cell=192,
        smallest=96, key="celebrities_grid",
    )  # fmt: skip


def _offer_files(gallery: Gallery, ranking: pd.DataFrame, *, order: str) -> None:
    def sheet() -> bytes:
        file = io.BytesIO()
        picture = celebrity_sheet(gallery, order=order)  # type: ignore[arg-type]
        picture.save(file, "JPEG", quality=90)
        return file.getvalue()

    def table() -> bytes:
        return ranking.drop(columns="row").to_csv(index=False).encode()

    with st.popover("Download", icon=":material/download:", width="content"):
        st.download_button(
            "Ranked sheet, JPEG", sheet, file_name="celebrities.jpg", mime="image/jpeg",
            key="celebrities_file", type="primary", on_click="ignore", width="stretch",
        )  # fmt: skip
        st.download_button(
            "Table of names, CSV", table, file_name="celebrities.csv", mime="text/csv",
            key="celebrities_table", on_click="ignore", width="stretch",
        )  # fmt: skip


gallery = ui.celebrities()
if gallery is None:
    st.title("Celebrities", anchor=False)
    st.info("No named set is open. Here is how to rank one.")
    st.markdown(_OWN)
    ui.honest_line()
    st.stop()

with ui.plain_errors():
    ranking = rank_celebrities(gallery)
several = bool((ranking["photos"] > 1).any())
with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Celebrities", anchor=False, width="content")
    st.space("stretch")
    asked = "Best photo"
    if several:
        asked = st.segmented_control(
            "Rank by", list(_ORDERS), default=asked, required=True, key="celebrities_by",
            bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
    order = _ORDERS[asked or "Best photo"]
    if order == "mean":
        ranking = rank_celebrities(gallery, order="mean")
    with st.popover("Rank your own", icon=":material/folder_open:", width="content"):
        st.markdown(_OWN)
    _offer_files(gallery, ranking, order=order)
count = f"{len(ranking):,} {'name' if len(ranking) == 1 else 'names'}"
line = f"{count}, one photo each, the highest score at the top left."
if several:
    line = (
        f"{count}, {len(gallery):,} photos, the highest score at the top left. The bar reaches "
        "from a name's worst photo to its best, the dot is their mean, on a line from 0 to 100 %. "
        "Many photos are many chances of a good one; the mean is fairer."
    )
if gallery.folder == store.demo_celebrities().resolve():
    line += " These are characters rendered in 3D, and their names are invented."
st.caption(line, width=900)
clicked = _show(gallery, ranking, shown="mean" if order == "mean" else "score")
ui.honest_line()
open_selfie(gallery, clicked)
