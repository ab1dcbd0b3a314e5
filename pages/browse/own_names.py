"""Names of a visitor's own, ranked from photos dropped on the page; they stay in memory."""

import html
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from pages.shared import pictures, ui
from pages.shared.downloads import offer_table
from selfie_core.base.errors import DataError
from selfie_core.base.names import is_leaving
from selfie_core.gallery.celebrities import Order, rank_names, score_dropped

_MOST = 200  # photos
_SIDE = 192  # pixels
_SHOWN = "celebrities_own"  # in the session
_FILES, _FOLDERS = "Photos", "A folder"


@dataclass
class _Dropped:
    """Photos of this visit, and what was made of them."""

    files: list[tuple[str, bytes]]  # names and contents
    scorer: str = ""  # id of that which scored them
    ranked: tuple[pd.DataFrame, list[str]] | None = None  # table and small pictures


def ask() -> None:
    """Take photos, a name per file or per folder."""
    what = ui.choose("What", (_FILES, _FOLDERS), key="celebrities_what")
    st.caption(
        "One file per name, such as ada-vale.jpg; several of one name by a number, ada-vale-2.jpg."
        if what == _FILES
        else "A folder with a folder per name. Or one of photos, each named after who is on it."
    )
    turn = st.session_state.setdefault("celebrities_turn", 0)
    key = f"celebrities_drop_{turn}_{what}"
    st.file_uploader(
        "Photos to rank", accept_multiple_files="directory" if what == _FOLDERS else True,
        key=key, label_visibility="collapsed", on_change=_take, args=(key,),
    )  # fmt: skip
    st.caption("They stay in memory, are never saved, and are gone when you leave.")


def _take(key: str) -> None:
    if uploaded := st.session_state[key]:
        ours = [file for file in uploaded if not any(map(is_leaving, Path(file.name).parts))]
        found = [(file.name, file.getvalue()) for file in ours or uploaded]
        st.session_state[_SHOWN] = _Dropped(found)
        st.session_state.celebrities_turn += 1


def dropped() -> tuple[pd.DataFrame, list[str]] | None:
    """Return the photos of this visit with a small picture of each, or None.

    Raises:
        DataError: There are more than two hundred, or none can be read.
    """
    known: _Dropped | None = st.session_state.get(_SHOWN)
    if known is None:
        return None
    found, scorer = known.files, ui.scorer()
    if known.ranked and known.scorer == scorer.id:  # else a visitor's own came into use, or went
        return known.ranked
    if len(found) > _MOST:
        del st.session_state[_SHOWN]
        raise DataError(f"{len(found)} photos at once; wanted {_MOST} at most, choose fewer")
    with ui.bar(f"Scoring {ui.counted(len(found), 'photo')}") as progress:
        table, squares = score_dropped(found, scorer, side=_SIDE, progress=progress)
    if not table["score"].notna().any():
        del st.session_state[_SHOWN]
        raise DataError(f"none of these can be ranked; {table['file'][0]}: {table['error'][0]}")
    shown = [pictures.data_address(one, side=_SIDE) if one else "" for one in squares]
    known.scorer, known.ranked = scorer.id, (table, shown)
    return known.ranked


def show(table: pd.DataFrame, shown: list[str], *, order: Order) -> None:
    """Show the names, the highest first, with what was refused below."""
    ranking = rank_names(table[table["score"].notna()], order=order)
    st.html(Path(__file__).with_suffix(".css"))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(_title(ranking), anchor=False, width="stretch")
        offer_table(
            "Table", lambda: ranking.drop(columns="row"), "names.csv", key="celebrities_own_table"
        )
        st.button(
            "Back", icon=":material/close:", key="celebrities_own_back", type="tertiary",
            on_click=st.session_state.pop, args=(_SHOWN,),
        )  # fmt: skip
    cells = "".join(
        _cell(place, star, shown[star["row"]], order)
        for place, (_, star) in enumerate(ranking.iterrows(), 1)
    )
    st.html(f'<ol class="own-names">{cells}</ol>')
    broken = table[table["error"] != ""]
    if len(broken):
        lines = (broken["file"] + ": " + broken["error"]).map(ui.plain)
        st.warning("  \n".join(lines), icon=":material/broken_image:")


def several(table: pd.DataFrame) -> bool:
    """Return whether a name has more than one photo."""
    return bool(table.loc[table["score"].notna(), "name"].duplicated().any())


def _title(ranking: pd.DataFrame) -> str:
    photos = ui.counted(int(ranking["photos"].sum()), "photo")
    return f"{ui.counted(len(ranking), 'name')}, {photos}"


def _cell(place: int, star: pd.Series, picture: str, order: Order) -> str:
    score = ui.percent(star["mean" if order == "mean" else "score"])
    spread = f"{star['photos']} photos, {ui.percent(star['worst'])} to {ui.percent(star['score'])}"
    note = f"<small>{spread}</small>" if star["photos"] > 1 else ""
    return (
        f'<li><img src="{picture}" alt=""><b>{place}. {html.escape(star["name"])}</b>'
        f"<span>{score}</span>{note}</li>"
    )
