"""What the page of celebrities shows: the ranked sheet, its files, how to rank one's own."""

import pandas as pd
import streamlit as st

from pages.grid.selfie_grid import selfie_grid
from pages.shared import ui
from pages.shared.downloads import offer_file, offer_table
from pages.shared.pictures import jpeg
from selfie_core.base import store
from selfie_core.gallery.celebrities import Order, celebrity_sheet
from selfie_core.gallery.columns import credit_of
from selfie_core.gallery.gallery import Gallery

HOW_TO = """
One folder of photos, one file per name: `ada-vale.jpg`, `ada-vale-2.jpg`, `josé-núñez.jpg`.
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


def about(gallery: Gallery, ranking: pd.DataFrame, *, several: bool) -> str:
    """Return how many there are and how to read the sheet, in words."""
    count = ui.counted(len(ranking), "name")
    line = f"{count}, one photo each, the highest score at the top left."
    if several:
        line = (
            f"{count}, {ui.counted(len(gallery), 'photo')}, the highest score at the top left. The "
            "bar reaches from a name's worst photo to its best, the dot is their mean, on a line "
            "from 0 to 100\u00a0%. Many photos are many chances of a good one; the mean is fairer."
        )
    if gallery.folder == store.demo_celebrities().resolve():
        line += " These are characters rendered in 3D, and their names are invented."
    return line


def show_sheet(gallery: Gallery, ranking: pd.DataFrame, *, order: Order, several: bool) -> None:
    """Show the sheet, a range below each name where names have several photos."""
    shown = "mean" if order == "mean" else "score"
    numbers = ranking[["worst", "mean", "score", "photos"]].to_numpy(float).tolist()
    rows = ranking["row"].to_numpy()
    credits = [credit_of(gallery.table.iloc[row]) for row in rows]
    details = {
        "scores": ranking[shown].tolist(),
        "spreads": numbers if several else None,
        "notes": [_note(star) for _, star in ranking.iterrows()],
        "credits": credits if any(credits) else None,
    }
    selfie_grid(
        gallery, rows, captions=ranking["name"].tolist(), details=details, columns=8, cell=192,
        smallest=96, key="celebrities_grid",
    )  # fmt: skip


def _note(star: pd.Series) -> str:
    """Return what all photos of a name score, in words."""
    if star["photos"] == 1:
        return "one photo"
    worst, mean, best = (ui.percent(star[name]) for name in ("worst", "mean", "score"))
    return f"{star['photos']} photos: {worst} to {best}, mean {mean}"


def offer_files(gallery: Gallery, ranking: pd.DataFrame, *, order: Order) -> None:
    """Offer the sheet as a picture, and the table of names."""

    def sheet() -> bytes:
        return jpeg(celebrity_sheet(gallery, order=order), "grid", quality=90)

    with st.popover("Download", icon=":material/download:", width="content"):
        offer_file(
            "Ranked sheet, JPEG", sheet, "celebrities.jpg", key="celebrities_file", kind="primary",
            icon=None, wide=True,
        )  # fmt: skip
        offer_table(
            "Table of names, CSV", lambda: ranking.drop(columns="row"), "celebrities.csv",
            key="celebrities_table", icon=None, wide=True,
        )  # fmt: skip
