"""Where a photo stands: in the strip from worst to best, among those most like it, on the map."""

import functools
import html
import math

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.grid.selfie_grid import selfie_grid
from pages.score.seen import Seen
from pages.shared import ui
from pages.shared.pictures import sheet_address
from selfie_core.answer.alike import say_alike
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.grids import pick_rows

_STRIP = (12, 25)  # photos of the strip, in a narrow window and in a wide one
_CELL = 96  # pixels of one of them in the picture that travels
_MAP = 1000  # width of the little map in its own units
_DOTS = 3000  # of the little map; more are thinned out


def strip(gallery: Gallery, seen: Seen | None = None) -> str:
    """Return the gallery from worst to best as one row of photos, with this one in its place."""
    few, many = (_row_of_photos(gallery, count) for count in _STRIP)
    return (
        f'<div class="score-strip" style="--ramp:{",".join(ui.RAMP)}">'
        f"{_marker(gallery, seen) if seen else ''}"
        f'<picture><source media="(max-width: 640px)" srcset="{few}">'
        f'<img src="{many}" alt="Photos of the gallery from worst to best"></picture>'
        f'<div class="ramp"></div><div class="ends"><span>worst</span><span>best</span></div></div>'
    )


def _marker(gallery: Gallery, seen: Seen) -> str:
    colour = ui.RAMP[ui.ramp_steps(seen.answer.percentile)]
    count = _STRIP[1]
    # The scale ends in the middle of a photo.
    x = (seen.answer.percentile * (count - 1) + 50) / count
    return (
        f'<div class="over" style="--x:{x:.2f}%;--here:{colour}">'
        f'<img class="me" src="{seen.thumb}" alt="Your photo"><i class="stem"></i></div>'
    )


def _row_of_photos(gallery: Gallery, count: int) -> str:
    """Return the address of one picture: photos side by side from worst to best."""
    rows = pick_rows(gallery, "continuum", count)[::-1]
    rows = rows[np.arange(count) * len(rows) // count]  # a few stand more than once
    return html.escape(sheet_address(gallery, rows, columns=count, cell=_CELL))


def mark_on_map(seen: Seen) -> None:
    """Let the map of this visit point the photo out."""
    if seen.answer.place:
        (x, y), near = seen.answer.place, seen.answer.nearest[:5]
        rows = [one.row for one in near]
        mark = {"x": x, "y": y, "label": "Your photo", "rows": rows, "photo": seen.thumb}
        st.session_state.score_mark = mark


def show_alike(seen: Seen, gallery: Gallery) -> None:
    """Show the photos most like this one, and its place on the map."""
    answer = seen.answer
    alike, where = st.columns([1, 1], gap="large") if answer.place else (st.container(), None)
    with alike:
        st.markdown("## Most alike, to the net")
        if said := say_alike(answer, gallery):
            st.caption(said)
        selfie_grid(
            gallery, [near.row for near in answer.nearest], columns=4, cell=160, smallest=64,
            key="score_near",
        )  # fmt: skip
    if where and answer.place:
        with where:
            st.markdown("## Where it lands on the map")
            st.markdown(_little_map(gallery, seen, answer.place), unsafe_allow_html=True)
            x, y = answer.place
            st.page_link(
                "map/map.py", label="Open the map here", icon=":material/scatter_plot:",
                query_params={"view": f"{x:.4f},{y:.4f},5"},
            )  # fmt: skip


def _little_map(gallery: Gallery, seen: Seen, place: tuple[float, float]) -> str:
    """Return the gallery's map as dots, this photo's place on it, and threads to the nearest."""
    dots, box = _dots(gallery)
    x, y = place
    ends = gallery.xy[[near.row for near in seen.answer.nearest[:6]]]
    threads = "".join(
        f'<line class="thread" x1="{_MAP * x:.0f}" y1="{_MAP * y:.0f}" '
        f'x2="{_MAP * u:.0f}" y2="{_MAP * v:.0f}"></line>'
        for u, v in ends[np.isfinite(ends).all(axis=1)]
    )
    circle = f'cx="{_MAP * x:.0f}" cy="{_MAP * y:.0f}" r="13"'
    return (
        f'<div class="score-map"><svg viewBox="{box}" role="img" aria-label="Where your photo '
        f'lands on the map">{dots}{threads}<circle class="me" {circle}></circle>'
        f'<circle class="dot" {circle}></circle></svg></div>'
    )


def roll_map(gallery: Gallery, places: NDArray[np.floating]) -> str:
    """Return the gallery's map as dots, with many photos at their places on it, shape (N, 2)."""
    dots, box = _dots(gallery)
    circles = "".join(
        f'<circle class="dot" cx="{_MAP * x:.0f}" cy="{_MAP * y:.0f}" r="13"></circle>'
        for x, y in places
    )
    land = f"{ui.counted(len(places), 'photo')} land{'s' if len(places) == 1 else ''}"
    return (
        f'<div class="score-map"><svg viewBox="{box}" role="img" aria-label="Where {land} on the '
        f'map">{dots}{circles}</svg></div>'
    )


@functools.lru_cache(maxsize=4)
def _dots(gallery: Gallery) -> tuple[str, str]:
    """Return the map's dots, one path per colour of the score, and the box they fill."""
    placed = np.flatnonzero(np.isfinite(gallery.xy).all(axis=1))
    (left, top), (right, bottom) = gallery.xy[placed].min(axis=0), gallery.xy[placed].max(axis=0)
    rim = 0.06
    box = (left - rim, top - rim, right - left + 2 * rim, bottom - top + 2 * rim)
    rows = placed[:: -(-len(placed) // _DOTS)]
    steps = ui.ramp_steps(gallery.table["percentile"].to_numpy()[rows])
    size = 0.42 * _MAP * math.sqrt(box[2] * box[3] / len(rows))
    paths = []
    for step, colour in enumerate(ui.RAMP):
        points = "".join(
            f"M{_MAP * x:.0f} {_MAP * y:.0f}h0" for x, y in gallery.xy[rows[steps == step]]
        )
        paths.append(f'<path d="{points}" stroke="{colour}"></path>')
    dots = f'<g class="dots" stroke-width="{size:.1f}">{"".join(paths)}</g>'
    return dots, " ".join(f"{_MAP * edge:.0f}" for edge in box)
