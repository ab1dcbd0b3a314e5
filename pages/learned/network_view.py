"""Under the hood: which photo goes through the net, which unit is looked at, what excites it."""

import functools
import hashlib
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.grid.selfie_grid import selfie_grid
from pages.learned.patches import show_choice, show_patches
from pages.learned.walk import Walk, field_line, walk_through
from pages.shared import ui
from pages.shared.pictures import samples
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.grids import square_photo
from selfie_core.learned import layers
from selfie_core.learned.layers import Layer, LayeredNet
from selfie_core.learned.patches import find_patches, patches_file
from selfie_core.photo import images
from selfie_core.scorer.scorer import Scorer

_MOST = 24  # photos or patches that excite a unit most


def ask(gallery: Gallery) -> tuple[str, bytes]:
    """Return name and content of the photo chosen last: an upload, a sample, one of the gallery."""
    drop, others = st.columns([5, 7], gap="large", vertical_alignment="bottom")
    turn = st.session_state.setdefault("net_turn", 0)
    with drop:
        uploaded = st.file_uploader(
            "Your selfie", key=f"net_photo_{turn}", label_visibility="collapsed", on_change=_point
        )  # fmt: skip
    known = samples()
    ends = {"the best of the gallery": gallery.best_first[0], "the worst": gallery.best_first[-1]}
    with others:
        st.caption("Or send one of these through, or any photo of the gallery below")
        photos = [images.open_photo(path, at_least=224) for path in known.values()]
        photos += [square_photo(gallery, int(row), side=112) for row in ends.values()]
        places = [{"sample": name} for name in known]
        places += [{"id": str(gallery.table["id"].iat[row])} for row in ends.values()]
        show_choice(photos, [*known, *ends], on_click=lambda place: _send(**places[place]))
    if uploaded:
        return uploaded.name, uploaded.getvalue()
    if path := known.get(st.query_params.get("sample", "")):
        return path.name, path.read_bytes()
    row = gallery.row_of(st.query_params.get("id", ""))
    if row is None and known:
        path = next(iter(known.values()))
        return path.name, path.read_bytes()
    row = int(gallery.best_first[0]) if row is None else row
    return f"{gallery.table['id'].iat[row]}.webp", gallery.photo(row)


def _send(**where: str) -> None:
    """Send another photo through the net: the address says which, by `id` or `sample`."""
    st.session_state.net_turn += 1  # a new key empties the uploader
    _point(**where)


def _sender(gallery: Gallery) -> Callable[[int], None]:
    """Return what a grid calls with the row clicked: that photo goes through the net."""
    return lambda row: _send(id=str(gallery.table["id"].iat[row]))


def _point(**where: str) -> None:
    """Let the address name a photo, or none."""
    for name in ("id", "sample"):
        st.query_params.pop(name, None)
    st.query_params.update(where)


def walk_of(name: str, data: bytes, net: LayeredNet, scorer: Scorer, gallery: Gallery) -> Walk:
    """Return the walk of a photo; of the one walked last, at once.

    Raises:
        DataError: It is no photo, damaged, too small or too large; the message names the file.
    """
    key = f"{gallery.version}-{hashlib.sha256(data).hexdigest()[:16]}"
    walk = st.session_state.get("net_walk_seen")
    if walk is None or walk.key != key:
        try:
            photo, _ = images.open_sized(data, at_least=scorer.copy_side)
            images.check_side(photo, images.SCORE_SIDE, "scores")
        except DataError as error:
            raise DataError(f"{name}: {error}") from error
        row = gallery.row_of(Path(name).stem)  # the gallery's copies are named by their id
        walk = walk_through(key, photo, net, scorer, gallery, row=row)
        st.session_state.net_walk_seen = walk
    return walk


def chosen_unit(net: LayeredNet, walk: Walk) -> tuple[str, int]:
    """Return the layer and unit that the address names, or the unit that weighs most here."""
    name, unit = st.query_params.get("layer", ""), st.query_params.get("unit", "")
    layer = net.layer(name)
    width = layer.channels if layer else len(walk.fc7)
    known = (layer or name == "fc7") and unit.isdecimal() and len(unit) < 10
    if known and int(unit) < width:
        return name, int(unit)
    return "fc7", walk.order[0]


def choose(layer: str, unit: int) -> None:
    """Let the address name a layer and a unit."""
    st.query_params["layer"], st.query_params["unit"] = layer, str(unit)


def ask_unit(net: LayeredNet, walk: Walk, name: str, unit: int) -> None:
    """Let any unit of any layer be chosen by hand."""
    st.session_state.net_layer, st.session_state.net_unit = name, unit
    layer = net.layer(name)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Layer", ["fc7", *(layer.name for layer in net.layers)], key="net_layer", width=180,
            on_change=lambda: choose(st.session_state.net_layer, 0),
        )  # fmt: skip
        st.number_input(
            "Channel" if layer else "Unit", 0, (layer.channels if layer else len(walk.fc7)) - 1,
            key="net_unit", width=180,
            on_change=lambda: choose(name, int(st.session_state.net_unit)),
        )  # fmt: skip


def show_excitement(
    gallery: Gallery, scorer: Scorer, net: LayeredNet, walk: Walk, name: str, unit: int
) -> None:
    """Show the photos or patches that excite a unit of fc7, or a channel of a layer, most."""
    layer = net.layer(name)
    if layer is None:
        _show_unit(gallery, scorer, walk, unit)
    else:
        _show_channel(gallery, scorer, net, layer, unit)


def _show_unit(gallery: Gallery, scorer: Scorer, walk: Walk, unit: int) -> None:
    weights, _ = layers.last_layer(scorer)
    st.markdown(_unit_line(unit, weights, walk, gallery))
    rows = layers.top_rows(gallery.fc7, unit, _MOST)
    if not len(rows):
        st.info("No photo of this gallery makes this unit fire.")
        return
    selfie_grid(
        gallery, rows, columns=12, cell=128, smallest=64, key="net_top", on_click=_sender(gallery)
    )


def _show_channel(
    gallery: Gallery, scorer: Scorer, net: LayeredNet, layer: Layer, channel: int
) -> None:
    known = patches_file(gallery).is_file()
    with nullcontext() if known else ui.bar("Looking through the gallery") as progress:
        peaks = find_patches(net, gallery, progress=progress)
    wide = layers.is_wide(layer, net.size)
    what = "Whole photos, with the cell that fires." if wide else "What the cell sees, and no more."
    st.markdown(f"{field_line(layer, net.size)} {what}")
    few = f"{len(peaks.rows)} photos of the gallery, at evenly spaced ranks"
    st.caption(f"From {few}; the strongest first.")
    show_patches(
        net, gallery, layer, peaks.top(layer.name, channel, _MOST), mean=scorer.config.mean,
        on_click=_sender(gallery),
    )  # fmt: skip


def show_deciding(gallery: Gallery, scorer: Scorer) -> None:
    """Show the units that move the score most in the gallery."""
    sides = st.columns(2, gap="large")
    for column, sign, words in ((sides[0], 1, "raise"), (sides[1], -1, "lower")):
        with column:
            st.markdown(f"### Units that {words} the score")
            for unit, weight, rows in _deciding(gallery, scorer):
                if weight * sign <= 0 or not len(rows):
                    continue
                st.caption(f"Unit {unit}, weight {ui.signed(weight, '+.3f')}")
                selfie_grid(
                    gallery, rows, columns=8, cell=96, smallest=40, key=f"net_unit_{unit}",
                    on_click=_sender(gallery),
                )  # fmt: skip


@functools.lru_cache(maxsize=4)
def _deciding(gallery: Gallery, scorer: Scorer) -> list[tuple[int, float, NDArray[np.intp]]]:
    """Return the units that decide in a gallery: number, weight, the rows that excite it most."""
    weights, _ = layers.last_layer(scorer)
    units = layers.deciding_units(weights, gallery.fc7, 8).tolist()
    return [(u, float(weights[u]), layers.top_rows(gallery.fc7, u, 8)) for u in units]


def _unit_line(unit: int, weights: NDArray[np.float32], walk: Walk, gallery: Gallery) -> str:
    """Return what one unit of fc7 does in the gallery and on this photo, in words."""
    share = float((gallery.fc7[:, unit] > 0).mean())
    does = "raises" if weights[unit] > 0 else "lowers"
    line = (
        f"It fires on {100 * share:.0f} % of the gallery. By its weight, "
        f"{ui.signed(weights[unit], '+.3f')}, it **{does}** the score. Its activation on the photo "
        f"above: {walk.fc7[unit]:.2f}."
    )
    rows = layers.top_rows(gallery.fc7, unit, _MOST)
    high = len(rows) and gallery.table["percentile"].to_numpy()[rows].mean() > 50
    if len(rows) and high != (weights[unit] > 0):
        line += (
            f" The photos that excite it most score {'high' if high else 'low'} all the same: "
            "other units that fire with it weigh more."
        )
    return line
