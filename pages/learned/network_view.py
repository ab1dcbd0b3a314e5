"""What the page "under the hood" draws: the walk through the net, patches, words for each layer."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from pages.shared import ui
from pages.shared.component import component
from pages.shared.pictures import data_address, png
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned import layers as anatomy
from selfie_core.learned.layers import Layer, LayeredNet
from selfie_core.learned.patches import Patch, cut_patch
from selfie_core.photo import images
from selfie_core.scorer.scorer import Scorer, probability

_HERE = Path(__file__).parent
_MOST_TILES = {64: 24, 32: 24}  # by the side of a map; smaller maps get smaller tiles
_TILES, _COLUMNS = 40, 8
_PATCH = 112  # pixels
_ROWS = 24  # photos of a gallery that excite a unit most
_ORDER = ("stem", "stage", "head", "places", "style")
_ABOUT = {
    "stem": "The first filters, 3 × 3 pixels each, slide over the photo. Bright: here one fires.",
    "head": "Of each channel only its mean over the picture goes on to fc7: "
    "what was found, not where.",
    "places": "These keep where in the frame things are: every cell goes on to fc7 by itself.",
    "style": "Nothing learned: how light, colourful, white and black each cell is. A net that "
    "learned to name things overlooks light and colour; here they are the matter.",
}
_PATTERN = "Each channel is a pattern that the net learned to look for. Bright: here it is."

_walk = component(_HERE, "net_walk")
_patches = component(_HERE, "net_patches", html='<div class="patches" role="group"></div>')


@dataclass(frozen=True, eq=False)
class Walk:
    """One photo's way through the net; the photo itself is not kept."""

    key: str  # hash of photo and scorer
    data: dict[str, Any]  # for the component
    fc7: NDArray[np.float32]  # shape (D,)
    order: list[int]  # units of fc7, the largest contribution first
    score: float


def walk_through(
    key: str, photo: Image.Image, net: LayeredNet, scorer: Scorer, gallery: Gallery
) -> Walk:
    """Return what the net makes of a photo, ready to be shown."""
    seen = net.activations([photo])
    weights, bias = anatomy.last_layer(scorer)
    fc7, logit = seen.fc7[0], seen.logits[0]
    contributions = weights * fc7
    order = np.argsort(-np.abs(contributions), kind="stable")
    score = float(probability(seen.logits, scorer.config.temperature)[0])
    active = int((fc7 > 0).sum())
    layers = [
        {
            "id": "photo", "kind": "photo", "name": "Photo",
            "title": "What goes in",
            "about": _photo_line(photo, net),
        },
        *(_maps(layer, seen.maps[layer.name][0], net.size) for layer in _in_order(net)),
        {
            "id": "fc7", "kind": "units", "name": "fc7",
            "title": f"fc7: {len(fc7)} units",
            "about": "Each sums up, with weights of its own, all that was found before; below zero "
            f"it stays silent. On this photo {active} fire. The map is made of these numbers.",
        },
        {
            "id": "score", "kind": "score", "name": "Score",
            "title": "What the last layer weighs",
            "about": "Each unit’s activation times its weight, all added up: the whole judgement.",
        },
    ]  # fmt: skip
    square = images.squash_picture(photo, net.size)
    data = {
        "key": key,
        "photo": png(square),
        "colours": [png(colour) for colour in _colours(square)],
        "size": net.size,
        "layers": layers,
        "fc7": fc7.round(4).tolist(),
        "weights": weights.round(5).tolist(),
        "contributions": contributions.round(6).tolist(),
        "order": order[: (contributions != 0).sum()].tolist(),
        "bias": bias,
        "logit": float(logit),
        "temperature": scorer.config.temperature,
        "score": ui.percent(score),
        "place": f"above {int(gallery.percentile(score))} % of the gallery",
        "active": active,
    }
    return Walk(key, data, fc7, order.tolist(), score)


def show_walk(walk: Walk, *, layer: str, unit: int, key: str) -> tuple[str, int] | None:
    """Show the walk; return the layer and unit clicked in this run, or None."""
    start = layer if "layer" in st.query_params else walk.data["layers"][2]["id"]
    data = {**walk.data, "chosen": {"layer": layer, "unit": unit}, "start": start}
    chosen = _walk(key=key, data=data, on_chosen_change=lambda: None)["chosen"]
    return None if chosen is None else (str(chosen["layer"]), int(chosen["unit"]))


def _in_order(net: LayeredNet) -> list[Layer]:
    return sorted(net.layers, key=lambda layer: _ORDER.index(layer.name.split()[0]))


def _colours(photo: Image.Image) -> list[Image.Image]:
    """Return the red, green and blue part of a photo, each in its colour."""
    dark = Image.new("L", photo.size)
    return [
        Image.merge("RGB", [part if place == other else dark for other in range(3)])
        for place, part in enumerate(photo.split())
    ]


def _photo_line(photo: Image.Image, net: LayeredNet) -> str:
    squashed = "" if photo.width == photo.height else ", squashed to a square as in 2015"
    return (
        f"The net sees {net.size} × {net.size} pixels{squashed}, as three maps: how much red, "
        f"green and blue is where."
    )


def _maps(layer: Layer, maps: NDArray[np.float32], size: int) -> dict[str, Any]:
    channels = anatomy.strongest(maps, _MOST_TILES.get(layer.side, _TILES))
    sheet = anatomy.tile_sheet(maps[channels], columns=_COLUMNS)
    return {
        "id": layer.name,
        "kind": "maps",
        "name": layer.name.capitalize(),
        "title": title(layer),
        "about": _ABOUT.get(layer.name, _PATTERN),
        "under": f"{field_line(layer, size)} {shown_line(layer, len(channels))}",
        "side": layer.side,
        "field": {"size": layer.field.size, "step": layer.field.step, "start": layer.field.start},
        "channels": channels.tolist(),
        "columns": _COLUMNS,
        "sheet": png(_coloured(sheet)),
    }


def title(layer: Layer) -> str:
    """Return a layer's name and shape in words."""
    side = f"{layer.side}\u00a0×\u00a0{layer.side}"
    return f"{layer.name.capitalize()}: {layer.channels:,} channels of {side}"


def field_line(layer: Layer, size: int) -> str:
    """Return how much of the picture a cell sees, in words."""
    field = layer.field
    if anatomy.is_wide(layer, size):
        return (
            f"A cell’s receptive field is {field.size} pixels wide, wider than the picture "
            f"({size}): in the middle of the map it sees all."
        )
    return (
        f"A cell sees {field.size} × {field.size} of {size} × {size} pixels: its receptive field."
    )


def shown_line(layer: Layer, shown: int) -> str:
    """Return which channels are shown, in words."""
    if shown == layer.channels:
        return "The channels that vary most over this photo come first."
    return f"Shown: the {shown} channels that vary most over this photo."


def show_patches(
    net: LayeredNet,
    gallery: Gallery,
    layer: Layer,
    peaks: Sequence[Patch],
    *,
    mean: Sequence[float],
    key: str,
) -> int | None:
    """Show where a channel fires most; return the row of the photo clicked, or None.

    Of a layer that sees all, whole photos with the cell that fires; else what the cell sees.
    """
    wide = anatomy.is_wide(layer, net.size)
    cuts, patches = [], []
    for peak in peaks:
        photo = images.open_photo(gallery.photo_path(peak.row))
        spot = None
        if wide:
            share = 100 / layer.side
            spot = [peak.cell[1] * share, peak.cell[0] * share, share]
            cut = images.squash_picture(photo, _PATCH)
        else:
            cut = cut_patch(photo, layer.field, peak.cell, image_size=net.size, mean=mean)
        cuts.append(cut)
        says = f"activation {peak.activation:.2f} on the photo of rank {gallery.rank[peak.row]:,}"
        patches.append({"row": peak.row, "says": says, "spot": spot})
    return _show_sheet(cuts, patches, f"{len(peaks)} patches", side=_PATCH, key=key)


def show_choice(photos: Sequence[Image.Image], names: Sequence[str], *, key: str) -> int | None:
    """Show a few photos as buttons; return the place of the one clicked in this run, or None."""
    patches = [{"row": place, "says": name, "spot": None} for place, name in enumerate(names)]
    return _show_sheet(photos, patches, "Photos to try", side=58, key=key)


def _show_sheet(
    cuts: Sequence[Image.Image], patches: list[dict[str, Any]], label: str, *, side: int, key: str
) -> int | None:
    sheet = Image.new("RGB", (_PATCH * len(cuts), _PATCH))
    for place, cut in enumerate(cuts):
        # Small patches keep their pixels: that is how little the cell sees.
        how = Image.Resampling.NEAREST if cut.width < _PATCH / 3 else Image.Resampling.LANCZOS
        sheet.paste(cut.resize((_PATCH, _PATCH), how), (place * _PATCH, 0))
    address = data_address(sheet, side=max(sheet.size))
    data = {"sheet": address, "patches": patches, "label": label, "side": side}
    clicked = _patches(key=key, data=data, on_clicked_change=lambda: None)["clicked"]
    return None if clicked is None else int(clicked)


@functools.lru_cache(maxsize=4)
def deciding(gallery: Gallery, scorer: Scorer) -> list[tuple[int, float, NDArray[np.intp]]]:
    """Return the units that decide in a gallery: number, weight, the rows that excite it most."""
    weights, _ = anatomy.last_layer(scorer)
    units = anatomy.deciding_units(weights, gallery.fc7, 8).tolist()
    return [(u, float(weights[u]), anatomy.top_rows(gallery.fc7, u, 8)) for u in units]


def unit_line(unit: int, weights: NDArray[np.float32], walk: Walk, gallery: Gallery) -> str:
    """Return what one unit of fc7 does in the gallery and on this photo, in words."""
    share = float((gallery.fc7[:, unit] > 0).mean())
    does = "raises" if weights[unit] > 0 else "lowers"
    return (
        f"It fires on {100 * share:.0f} % of the gallery and **{does}** the score (weight "
        f"{weights[unit]:+.3f}). Its activation on the photo above: {walk.fc7[unit]:.2f}."
    ).replace("-", "−")


def _coloured(grey: Image.Image) -> Image.Image:
    """Return a grey picture in the colours of the score, black below and white above."""
    stops = ["#0d0b14", *ui.RAMP, "#fff3d6"]
    colours = np.array([[int(stop[i : i + 2], 16) for i in (1, 3, 5)] for stop in stops])
    places = np.linspace(0, len(stops) - 1, 256)
    palette = np.stack([np.interp(places, range(len(stops)), channel) for channel in colours.T], 1)
    picture = grey.convert("P")
    picture.putdata(grey.get_flattened_data())
    picture.putpalette(palette.round().astype(np.uint8).tobytes())
    return picture
