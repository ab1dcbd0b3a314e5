"""A roll, once it is read: keepers and the rest by a threshold, the map, and what to take along."""

import base64
import io
import zipfile
from collections import defaultdict
from pathlib import Path, PurePath, PurePosixPath

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from pages.score.place import roll_map
from pages.score.roll_drop import said_of
from pages.score.roll_open import by_score, open_photo, opening
from pages.score.roll_read import Roll
from pages.shared import ui
from pages.shared.component import component
from pages.shared.downloads import offer_file, offer_table
from pages.shared.pictures import jpeg
from selfie_core.answer.library import best_crops, changes_of, marks_of
from selfie_core.answer.roll import MOST_ON_SHEET, contact_sheet, pick_best
from selfie_core.base.settings import CullConfig
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo.sidecar import Crop, Mark

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
    best, keep = picks[picks["best"]], picks[picks["keep"]]
    best_first = by_score(picks)
    passed_over = said_of(roll.coming.passed_over)
    st.caption(
        f"{ui.counted(len(picks), 'photo')}, {ui.counted(len(best), 'moment')}: "
        f"**{ui.counted(len(keep), 'keeper')}**. Moments go by the time a photo was taken, where "
        f"it says one, and by looks{passed_over}."
    )
    _take_along(roll, picks, keep)
    st.header(f"{len(keep)} to keep", anchor=False)
    _grid(roll, best_first[best_first["keep"]], key="roll_keep")
    with st.expander("The rest"):  # a label that changed would close it
        _grid(roll, best_first[~best_first["keep"]], key="roll_rest")
    errors = dict(zip(picks["file"], picks["error"], strict=True)) | roll.broken
    if broken := [f"{name}: {error}" for name, error in errors.items() if error]:
        st.warning("  \n".join(map(ui.plain, broken)), icon=":material/broken_image:")
    if gallery.has_map:
        st.header("Where they land on the map", anchor=False)
        st.markdown(roll_map(gallery, _places(roll, gallery)), unsafe_allow_html=True)
        st.caption("Each photo of the roll among those of the gallery.")
    open_photo(roll, picks, gallery)


def _places(roll: Roll, gallery: Gallery) -> NDArray[np.float32]:
    """Return where the photos land on the map, shape (N, 2); found once per roll and gallery."""
    if gallery.version not in roll.places:
        readable = roll.photos["score"].notna().to_numpy()
        roll.places[gallery.version] = gallery.placer(roll.fc7[readable])
    return roll.places[gallery.version]


def _grid(roll: Roll, best_first: pd.DataFrame, *, key: str) -> None:
    """Show some of the photos, each with its rank in the roll; one colour per moment."""
    at = {file: row for row, file in enumerate(roll.photos["file"])}
    shots = [
        {
            "file": at[row["file"]], "group": row["moment"], "place": rank + 1,
            "picture": roll.pictures[at[row["file"]]], "score": ui.percent(row["score"]),
            "name": PurePath(row["file"]).name, "best": row["best"] and row["of"] > 1,
            "moment": _said(row),
        }
        for rank, row in zip(best_first.index.tolist(), best_first.to_dict("records"), strict=True)
    ]  # fmt: skip
    data = {"shots": shots, "colours": ui.RAMP[::-1]}
    _roll_grid(key=key, data=data, on_opened_change=opening(roll, key))


def _said(row: dict) -> str:
    """Return what is said of a photo among those of its moment."""
    if row["of"] == 1:
        return ""
    return f"best of {row['of']}: {row['why']}" if row["best"] else f"moment {row['moment']}"


def _take_along(roll: Roll, picks: pd.DataFrame, keep: pd.DataFrame) -> None:
    """Offer the contact sheet, the table and the sidecars."""
    with ui.bar_place():
        crops = _crops(roll, keep["file"]) if st.session_state.get("roll_crop") else {}
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(keep):
            first = keep[:MOST_ON_SHEET]
            offer_file(
                "Contact sheet", lambda: _sheet(roll, first), "keepers.jpg",
                key="roll_sheet", icon="image",
            )  # fmt: skip
        offer_table("Table", lambda: picks, "picks.csv", key="roll_table", icon="table")
        config = CullConfig(
            reject=st.session_state.get("roll_reject", False),
            label=st.session_state.get("roll_label", "").strip(),
        )
        marks = marks_of(picks, crops, config=config)
        offer_file(
            "Stars for your library", lambda: _sidecars(roll, marks), "sidecars.zip",
            key="roll_xmp", icon="star",
            help="XMP sidecars, which darktable, digiKam and Immich read: unpack them beside the "
            "photos, a folder's beside the folder. Stars that you gave by sidecars dropped here "
            "stay.",
        )  # fmt: skip
        st.text_input(
            "Label of the keepers", key="roll_label", placeholder="Label keepers: Green ...",
            label_visibility="collapsed", max_chars=40, width=230, icon=":material/label:",
        )  # fmt: skip
        st.toggle("Reject the rest", key="roll_reject", help="instead of giving them stars")
        st.toggle(
            "Crop the keepers", key="roll_crop",
            help="in the sidecars, to their best part of the same shape; it takes a while",
        )  # fmt: skip
        if st.session_state.roll_crop:
            gain = "gains" if len(crops) == 1 else "gain"
            st.caption(f"{len(crops)} of {len(keep)} {gain} by it", width="content")


def _crops(roll: Roll, keepers: pd.Series) -> dict[str, Crop]:
    """Return the best crops of keepers; each is searched for once."""
    new = {file: roll.files[file] for file in keepers if file not in roll.crops}
    if new:
        with ui.bar("Looking for the best crops") as progress:
            found = best_crops(new, ui.scorer(), progress=progress)
        roll.crops.update({file: found.get(file) for file in new})
    return {file: crop for file in keepers if (crop := roll.crops[file])}


def _sheet(roll: Roll, keep: pd.DataFrame) -> bytes:
    pictures = dict(zip(roll.photos["file"], roll.pictures, strict=True))
    held = (pictures[file].partition(",")[2] for file in keep["file"])
    photos = [Image.open(io.BytesIO(base64.b64decode(one))) for one in held]
    return jpeg(contact_sheet(photos, keep), "grid", quality=90)


def _sidecars(roll: Roll, marks: dict[str, Mark]) -> bytes:
    """Return a zip of the sidecars that are new or were added to, each where its photo lies."""
    paths = {name: PurePosixPath(name) for name in roll.files}
    names: dict[PurePosixPath, list[str]] = defaultdict(list)
    for path in paths.values():
        names[path.parent].append(path.name)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for _, path, change in changes_of(
            marks, paths, listed=names.__getitem__, read=lambda path: roll.files[str(path)]
        ):
            if change.state in ("new", "added to"):
                archive.writestr(str(path), change.data)
    return out.getvalue()
