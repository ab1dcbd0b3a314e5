"""Under the hood: one selfie through the net, layer by layer, and what excites its parts."""

import hashlib

import streamlit as st

from pages.grid.selfie_grid import selfie_grid
from pages.learned import network_view as view
from pages.learned.network_view import Walk
from pages.shared import ui
from pages.shared.pictures import samples
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.grids import square_photo
from selfie_core.learned import layers, patches
from selfie_core.learned.layers import LayeredNet
from selfie_core.photo import images
from selfie_core.scorer.scorer import Scorer

_SEARCHING = "Looking through the gallery"
_OPENING = "Opening the net. For a scorer's first time this takes some seconds ..."


def _ask(gallery: Gallery) -> tuple[str, bytes]:
    """Return name and content of the photo chosen last: an upload, a sample, one of the gallery."""
    drop, others = st.columns([5, 7], gap="large", vertical_alignment="bottom")
    turn = st.session_state.setdefault("net_turn", 0)
    with drop:
        uploaded = st.file_uploader(
            "Your selfie", type=["image", *images.PHOTO_SUFFIXES], key=f"net_photo_{turn}",
            label_visibility="collapsed", on_change=lambda: _point(),
        )  # fmt: skip
    known = samples()
    ends = {"the best of the gallery": gallery.best_first[0], "the worst": gallery.best_first[-1]}
    with others:
        st.caption("Or send one of these through, or any photo of the gallery below")
        photos = [images.open_photo(path, at_least=224) for path in known.values()]
        photos += [square_photo(gallery, int(row), side=112) for row in ends.values()]
        place = view.show_choice(photos, [*known, *ends], key="net_choice")
    if place is not None:
        names = list(known)
        _send(gallery, row=None if place < len(names) else list(ends.values())[place - len(names)],
              sample=names[place] if place < len(names) else None)  # fmt: skip
    if uploaded:
        return uploaded.name, uploaded.getvalue()
    if path := known.get(st.query_params.get("sample", "")):
        return path.name, path.read_bytes()
    row = gallery.row_of(st.query_params.get("id", ""))
    if row is None and known:
        path = next(iter(known.values()))
    else:
        path = gallery.photo_path(int(gallery.best_first[0]) if row is None else row)
    return path.name, path.read_bytes()


def _send(gallery: Gallery, *, row: int | None = None, sample: str | None = None) -> None:
    """Send another photo through the net: the address says which."""
    st.session_state.net_turn += 1  # a new key empties the uploader
    _point(id=None if row is None else str(gallery.table["id"].iat[row]), sample=sample)
    st.rerun()


def _point(**where: str | None) -> None:
    """Let the address name a photo, or none."""
    for name in ("id", "sample"):
        st.query_params.pop(name, None)
        if value := where.get(name):
            st.query_params[name] = value


def _walk(data: bytes, net: LayeredNet, scorer: Scorer, gallery: Gallery) -> Walk:
    key = f"{gallery.version}-{hashlib.sha256(data).hexdigest()[:16]}"
    walk = st.session_state.get("net_walk_seen")
    if walk is None or walk.key != key:
        photo = images.open_photo(data)
        images.check_side(photo, images.SCORE_SIDE, "scores")
        walk = view.walk_through(key, photo, net, scorer, gallery)
        st.session_state.net_walk_seen = walk
    return walk


def _chosen(net: LayeredNet, walk: Walk) -> tuple[str, int]:
    """Return the layer and unit that the address names, or the unit that weighs most here."""
    name, unit = st.query_params.get("layer", ""), st.query_params.get("unit", "")
    layer = net.layer(name)
    width = layer.channels if layer else len(walk.fc7)
    if (layer or name == "fc7") and unit.isdecimal() and int(unit) < width:
        return name, int(unit)
    return "fc7", walk.order[0]


def _choose(layer: str, unit: int) -> None:
    st.query_params["layer"], st.query_params["unit"] = layer, str(unit)


def _ask_unit(net: LayeredNet, walk: Walk, name: str, unit: int) -> None:
    """Let any unit of any layer be chosen by hand."""
    st.session_state.net_layer, st.session_state.net_unit = name, unit
    layer = net.layer(name)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Layer", ["fc7", *(layer.name for layer in net.layers)], key="net_layer", width=180,
            on_change=lambda: _choose(st.session_state.net_layer, 0),
        )  # fmt: skip
        st.number_input(
            "Channel" if layer else "Unit", 0, (layer.channels if layer else len(walk.fc7)) - 1,
            key="net_unit", width=180,
            on_change=lambda: _choose(name, int(st.session_state.net_unit)),
        )  # fmt: skip


def _show_unit(gallery: Gallery, scorer: Scorer, walk: Walk, unit: int) -> int | None:
    """Show the photos that excite a unit of fc7 most; return the row clicked."""
    weights, _ = layers.last_layer(scorer)
    st.markdown(view.unit_line(unit, weights, walk, gallery))
    rows = layers.top_rows(gallery.fc7, unit, 24)
    if not len(rows):
        st.info("No photo of this gallery makes this unit fire.")
        return None
    return selfie_grid(gallery, rows, columns=12, cell=128, smallest=64, key="net_top")


def _show_channel(
    gallery: Gallery, scorer: Scorer, net: LayeredNet, name: str, channel: int
) -> int | None:
    """Show the patches that excite a channel most; return the row clicked."""
    layer = net.layer(name)
    assert layer is not None
    bar = None if patches.patches_file(gallery).is_file() else st.progress(0.0, _SEARCHING)
    peaks = patches.find_patches(
        net, gallery,
        progress=lambda done, of: bar and bar.progress(done / of, f"{_SEARCHING}: {done} of {of}"),
    )  # fmt: skip
    if bar:
        bar.empty()
    what = (
        "Whole photos, with the cell that fires."
        if layers.is_wide(layer, net.size)
        else "What the cell sees, and no more."
    )
    st.markdown(f"{view.field_line(layer, net.size)} {what}")
    few = f"{len(peaks.rows)} photos of the gallery, at evenly spaced ranks"
    st.caption(f"From {few}; the strongest first.")
    found = peaks.top(name, channel, 24)
    return view.show_patches(net, gallery, layer, found, mean=scorer.config.mean, key="net_patches")


def _show_deciding(gallery: Gallery, scorer: Scorer) -> int | None:
    """Show the units that move the score most in the gallery; return the row clicked."""
    clicked = None
    sides = st.columns(2, gap="large")
    for column, sign, words in ((sides[0], 1, "raise"), (sides[1], -1, "lower")):
        with column:
            st.markdown(f"##### Units that {words} the score")
            for unit, weight, rows in view.deciding(gallery, scorer):
                if weight * sign <= 0 or not len(rows):
                    continue
                st.caption(f"Unit {unit}, weight {weight:+.3f}".replace("-", "−"))
                key = f"net_unit_{unit}"
                row = selfie_grid(gallery, rows, columns=8, cell=96, smallest=40, key=key)
                clicked = row if row is not None else clicked
    return clicked


st.title("Under the hood", anchor=False)
st.caption(
    "One selfie through the net, layer by layer, in its real activations. Press Play, or pick a "
    "layer. Move over a tile: the square on the photo is what that cell sees. Click it: below "
    "stand the photos that excite it most. Your own photo stays in memory and is never saved."
)
gallery, scorer = ui.gallery(), ui.scorer()
name, data = _ask(gallery)
clicked = None
try:
    with st.spinner(_OPENING), ui.plain_errors():
        net = layers.open_net(scorer)
    walk = _walk(data, net, scorer, gallery)
except DataError as error:
    st.error(f"{name}: {error}", icon=":material/error:")
    ui.honest_line()
    st.stop()
st.space("small")
layer, unit = _chosen(net, walk)
if picked := view.show_walk(walk, layer=layer, unit=unit, key="net_walk"):
    _choose(*picked)
    st.rerun()
st.space("medium")
what = f"unit {unit} of fc7" if layer == "fc7" else f"channel {unit} of {layer}"
st.header(f"What excites {what}", anchor="excites")
_ask_unit(net, walk, layer, unit)
with ui.plain_errors():
    if layer == "fc7":
        clicked = _show_unit(gallery, scorer, walk, unit)
    else:
        clicked = _show_channel(gallery, scorer, net, layer, unit)
st.space("medium")
st.header("The units that decide", anchor="decide")
st.caption(
    "Of all units of fc7 these move the score most from one photo of the gallery to the next "
    "(weight times standard deviation), each with the photos that excite it most."
)
with ui.plain_errors():
    row = _show_deciding(gallery, scorer)
ui.honest_line()
if (clicked := row if clicked is None else clicked) is not None:
    _send(gallery, row=clicked)
