"""A roll, once it is read: keepers and the rest by a threshold, the map, and what to take along."""

import base64
import io
import zipfile
from pathlib import Path, PurePath

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from pages.score.place import roll_map
from pages.score.roll_read import Roll
from pages.shared import ui
from pages.shared.component import component
from pages.shared.downloads import offer_file, offer_table
from pages.shared.pictures import jpeg
from selfie_core.answer.library import marks_of
from selfie_core.answer.roll import MOST_ON_SHEET, contact_sheet, pick_best
from selfie_core.base.settings import CullConfig
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo import sidecar

_roll_grid = component(Path(__file__).parent, "burst", css="parts")


def show(roll: Roll, gallery: Gallery) -> None:
    """Show what of a roll to keep."""
    threshold = st.slider(
        "Keep the best of each moment from a score of",
        0,
        100,
        50,
        format="%d %%",
        key="roll_threshold",
    )
    config = CullConfig(threshold=threshold / 100)
    picks = pick_best(roll.photos, roll.fc7, roll.squares, among=gallery.table, config=config)
    at = {file: row for row, file in enumerate(roll.photos["file"])}
    best, keep = picks[picks["best"]], picks[picks["keep"]]
    st.caption(
        f"{len(picks)} photos, {len(best)} moments: **{len(keep)} keepers**. Moments go by the "
        "time a photo was taken, where it says one, and by looks."
    )
    _take_along(roll, picks, keep, at)
    st.header(f"{len(keep)} to keep", anchor=False)
    _grid(roll, keep, at, key="roll_keep")
    rest = picks[picks["score"].notna() & ~picks["keep"]]
    with st.expander("The rest"):  # a label that changed would close it
        _grid(roll, rest, at, key="roll_rest")
    if broken := (picks["file"] + ": " + picks["error"])[picks["error"] != ""].tolist():
        st.warning("  \n".join(map(ui.plain, broken)), icon=":material/broken_image:")
    if gallery.has_map:
        st.header("Where they land on the map", anchor=False)
        st.markdown(roll_map(gallery, _places(roll, gallery)), unsafe_allow_html=True)
        st.caption("Each photo of the roll among those of the gallery.")


def _places(roll: Roll, gallery: Gallery) -> NDArray[np.float32]:
    """Return where the photos land on the map, shape (N, 2); found once per roll and gallery."""
    if gallery.version not in roll.places:
        readable = roll.photos["score"].notna().to_numpy()
        roll.places[gallery.version] = gallery.placer(roll.fc7[readable])
    return roll.places[gallery.version]


def _grid(roll: Roll, picks: pd.DataFrame, at: dict[str, int], *, key: str) -> None:
    """Show photos, the best first; those of one moment carry one colour."""
    shots = [
        {
            "file": at[row["file"]], "group": row["moment"], "place": place,
            "picture": roll.pictures[at[row["file"]]], "score": ui.percent(row["score"]),
            "name": PurePath(row["file"]).name, "best": row["best"] and row["of"] > 1,
            "moment": _said(row),
        }
        for place, row in enumerate(picks.to_dict("records"), 1)
    ]  # fmt: skip
    _roll_grid(key=key, data={"shots": shots, "colours": ui.RAMP[::-1]})


def _said(row: dict) -> str:
    """Return what is said of a photo among those of its moment."""
    if row["of"] == 1:
        return ""
    return f"best of {row['of']}: {row['why']}" if row["best"] else f"moment {row['moment']}"


def _take_along(roll: Roll, picks: pd.DataFrame, keep: pd.DataFrame, at: dict[str, int]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(keep):
            first = keep[:MOST_ON_SHEET]
            offer_file(
                "Contact sheet", lambda: _sheet(roll, first, at), "keepers.jpg",
                key="roll_sheet", icon="image",
            )  # fmt: skip
        offer_table("Table", lambda: picks, "picks.csv", key="roll_table", icon="table")
        reject = st.session_state.get("roll_reject", False)
        offer_file(
            "Stars for your library", lambda: _stars(roll, picks, reject=reject), "sidecars.zip",
            key="roll_xmp", icon="star",
            help="XMP sidecars, which darktable, digiKam and Immich read: unpack them beside the "
            "photos. Stars that you gave by the sidecars dropped here stay.",
        )  # fmt: skip
        st.toggle("Reject the rest", key="roll_reject", help="instead of giving them stars")


def _sheet(roll: Roll, keep: pd.DataFrame, at: dict[str, int]) -> bytes:
    held = (roll.pictures[at[file]].partition(",")[2] for file in keep["file"])
    photos = [Image.open(io.BytesIO(base64.b64decode(one))) for one in held]
    return jpeg(contact_sheet(photos, keep), "grid", quality=90)


def _stars(roll: Roll, picks: pd.DataFrame, *, reject: bool) -> bytes:
    """Return a zip of the sidecars that are new or were added to, each where its photo lies."""
    out = io.BytesIO()
    marks = marks_of(picks, {}, config=CullConfig(reject=reject))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, mark in marks.items():
            folder = PurePath(file).parent
            there = [PurePath(name).name for name in roll.names if PurePath(name).parent == folder]
            for change in sidecar.plan_changes(
                PurePath(file).name, there, mark,
                read=lambda name, folder=folder: roll.sidecars[str(folder / name)],
            ):  # fmt: skip
                if change.state in ("new", "added to"):
                    archive.writestr(str(folder / change.name), change.data)
    return out.getvalue()
