"""One selfie large: its score, where its factors stand in the gallery, the photos most like it.

The address bar says which photo is open (`?id=`), so that a link, a reload and a click inside
the dialog all take the same way.
"""

import html
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from pages.grid import stars
from pages.grid.selfie_grid import name_in_address, selfie_grid
from pages.shared import ui
from pages.shared.downloads import offer_file
from pages.shared.scripts import run_script
from selfie_core.base.errors import DataError
from selfie_core.gallery.columns import credit_of
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo.factors import FACTORS, Factor

_NEIGHBOURS = 8
_NAMESAKES = 24  # other photos of one name
_BARS = 24  # of a factor's distribution
# What one can see in a photo and change in the next, in this order.
_SHOWN = (
    "brightness", "contrast", "saturation", "warmth", "monochrome", "white_border", "sharpness",
    "noise", "face_height", "face_y", "face_cut", "eyes_cut", "tilt",
)  # fmt: skip
_STYLE = Path(__file__).with_name("detail.css")


def open_selfie(gallery: Gallery, *, among: NDArray[np.intp] | None = None) -> None:
    """Open the photo that the address names; the last line of a page.

    `among` are the rows that the buttons step through, best first; all by default.
    """
    asked = st.query_params.get("id")
    if asked is None:
        return
    if gallery.row_of(asked) is None:
        _close()
        st.toast("That photo is not in this gallery.")
        return
    _dialog(gallery, gallery.best_first if among is None else among)


def _close() -> None:
    st.query_params.pop("id", None)


@st.dialog("Selfie", width="large", on_dismiss=_close)
@ui.plain_errors()
def _dialog(gallery: Gallery, among: NDArray[np.intp]) -> None:
    row = gallery.row_of(st.query_params.get("id", ""))
    if row is None:  # the browser went back to the page below
        st.rerun()
    as_dialog()
    photo, facts = st.columns([6, 5], gap="medium")
    with photo:
        # Markdown keeps the <img> when its address changes: the old photo stays till the new is in.
        shown = gallery.table.iloc[row]
        alt = html.escape(f"Selfie {shown.get('file', '')}, rank {gallery.rank[row]:,}")
        image = f'<img src="{ui.base(gallery)}/photo/{row}" alt="{alt}">'
        figure = f'<div class="selfie-photo">{image}{_credit(shown)}</div>'
        st.markdown(figure, unsafe_allow_html=True)
        _show_buttons(gallery, row, among)
    with facts:
        st.markdown(_score(gallery, row), unsafe_allow_html=True)
        st.markdown(_factors(gallery, row), unsafe_allow_html=True)
    _show_namesakes(gallery, row)
    try:
        near, _ = gallery.nearest(np.asarray(gallery.fc7[row], np.float32), _NEIGHBOURS + 1)
    except DataError as error:
        st.info(ui.plain(str(error)))
        return
    _show_row(gallery, near[near != row][:_NEIGHBOURS], "Most alike, to the net", key="detail_near")


def _show_row(gallery: Gallery, rows: NDArray[np.intp], title: str, *, key: str) -> None:
    """Show photos that one may go on to."""
    if len(rows):
        st.markdown(f"## {title}")
        selfie_grid(gallery, rows, columns=_NEIGHBOURS, cell=160, smallest=72, key=key)


def _show_namesakes(gallery: Gallery, row: int) -> None:
    """Show the other photos of the same name, best first."""
    if "name" not in gallery.table:
        return
    same = (gallery.table["name"] == gallery.table["name"].iat[row]).to_numpy(bool)
    others = gallery.best_first[same[gallery.best_first] & (gallery.best_first != row)]
    _show_row(gallery, others[:_NAMESAKES], "The same name", key="detail_same")


def _credit(photo: pd.Series) -> str:
    """Return whom a photo is owed to, with links, as HTML; "" where nobody is named."""
    credit = credit_of(photo)
    if credit is None:
        return ""
    words = [
        _link(credit["author"] or "Photo", credit["page"]),
        _link(credit["licence"], credit["licence_url"]),
    ]
    return f'<div class="selfie-credit">{", ".join(words)}</div>'


def _link(text: str, address: str) -> str:
    if not address:
        return html.escape(text)
    return f'<a href="{html.escape(address)}" target="_blank">{html.escape(text)}</a>'


def _show_buttons(gallery: Gallery, row: int, among: NDArray[np.intp]) -> None:
    """The next better and worse among those meant, a star, the file, a link."""
    ranks = gallery.rank[among]
    higher, lower = among[ranks < gallery.rank[row]][-1:], among[ranks > gallery.rank[row]][:1]
    with st.container(horizontal=True, horizontal_alignment="center", gap="small"):
        step_buttons(partial(name_in_address, gallery), higher.tolist(), lower.tolist())
        if stars.offered(gallery):
            starred = row in stars.starred(gallery)
            st.button(
                "Take the star away" if starred else "Star this photo", key="detail_star",
                icon=":material/star:" if starred else ":material/star_outline:", type="tertiary",
                help="Stars make a part of their own: see Filter", on_click=stars.toggle,
                args=(gallery, row),
            )  # fmt: skip
        offer_file(
            "Download the photo", partial(gallery.photo, row),
            f"{gallery.table['id'].iat[row]}.webp", key="detail_file", kind="tertiary",
            help="Download the photo",
        )  # fmt: skip
        st.link_button(
            "Open this photo in its own tab", f"?{ui.photo_query(gallery, row)}",
            key="detail_link", icon=":material/link:", help="Open this photo in its own tab",
            type="tertiary",
        )  # fmt: skip


def step_buttons(go: Callable[[Any], None], higher: Sequence[Any], lower: Sequence[Any]) -> None:
    """Show the ways to the next better and worse photo, by arrow keys too.

    `go` is called with the only one of `higher` or `lower`; at the end there is none.
    """
    st.button(
        "Higher score", key="detail_better", icon=":material/arrow_back:", shortcut="Left",
        disabled=not len(higher), on_click=go, args=tuple(higher),
    )  # fmt: skip
    st.button(
        "Lower score", key="detail_worse", icon=":material/arrow_forward:",
        icon_position="right", shortcut="Right", disabled=not len(lower),
        on_click=go, args=tuple(lower),
    )  # fmt: skip


def as_dialog() -> None:
    """Let a photo and what is said of it look, and be drawn across, as in all dialogs."""
    st.html(_STYLE)
    run_script("grid/detail.js")


def _score(gallery: Gallery, row: int) -> str:
    """Return score, percentile, rank and what was given with the photo, as HTML."""
    photo = gallery.table.iloc[row]
    name = html.escape(str(photo["name"])) if "name" in photo else ""
    return (
        f'<div class="selfie-name">{name}</div>'
        f'<div class="selfie-score">{ui.percent(photo["score"])}</div>'
        f'<div class="selfie-place"><span>Scores {ui.standing(photo["percentile"])} of this gallery'
        f"</span> · <span>Rank {gallery.rank[row]:,} of {len(gallery):,}</span></div>"
        f'<div class="selfie-given">{html.escape(" · ".join(_given(photo)))}</div>'
        f'<div class="selfie-given selfie-file">{html.escape(str(photo.get("file", "")))}</div>'
    )


def _given(photo: pd.Series) -> list[str]:
    """Return what came with the photo: how its audience took it, in words."""
    words = []
    if "label" in photo and pd.notna(photo["label"]):
        words.append("liked more than its peers" if photo["label"] else "liked less than its peers")
    counts = pd.to_numeric(photo.reindex(["likes", "followers", "tags"]), errors="coerce").dropna()
    named = ((str(column).removesuffix("s"), int(count)) for column, count in counts.items())
    return words + [ui.counted(count, word) for word, count in named]


def _factors(gallery: Gallery, row: int) -> str:
    """Return a table: each factor, the gallery's distribution with this photo's bar lit, value."""
    measured = gallery.table.columns[gallery.table.notna().any()]
    known = {factor.name: factor for factor in FACTORS if factor.name in measured}
    lines = [_factor(gallery, row, known[name]) for name in _SHOWN if name in known]
    return (
        '<div class="selfie-lead">Where it stands among all photos of the gallery</div>'
        f'<table class="selfie-factors">{"".join(lines)}</table>'
    )


def _factor(gallery: Gallery, row: int, factor: Factor) -> str:
    value = gallery.table[factor.name].to_numpy(float, na_value=np.nan)[row]
    of_row, heights = _distribution(gallery, factor.name)
    rects = "".join(
        f'<rect x="{4 * bar}" y="{18 - height}" width="3" height="{height}" '
        f'class="{"here" if bar == of_row[row] else ""}"></rect>'
        for bar, height in enumerate(heights)
    )
    bars = f'<svg viewBox="0 0 95 18" preserveAspectRatio="none" aria-hidden="true">{rects}</svg>'
    return (
        f'<tr title="{html.escape(factor.about)}"><td>{html.escape(factor.title)}</td>'
        f"<td>{bars}</td><td>{html.escape(factor.show(value))}</td></tr>"
    )


@ui.cached(most=64)
def _distribution(gallery: Gallery, name: str) -> tuple[NDArray[np.float32], list[float]]:
    """Return each row's bar, and the bars' heights in [1, 18]; the outermost 1 % share a bar."""
    values = gallery.table[name]
    bars = pd.cut(values.clip(*values.quantile([0.01, 0.99])), _BARS, labels=False)
    counts = bars.value_counts().reindex(range(_BARS), fill_value=0)
    heights = (counts / counts.max() * 17).round(1) + 1
    return bars.to_numpy("float32"), heights.tolist()
