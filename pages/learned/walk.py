"""One photo's walk through the net: the maps of each layer, fc7, the score; played in a browser."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image, ImageColor

from pages.shared import ui
from pages.shared.component import component
from pages.shared.pictures import png
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned.layers import Layer, LayeredNet, is_wide, last_layer, strongest, tile_sheet
from selfie_core.photo import images
from selfie_core.scorer.scorer import Scorer, probability

_MOST_TILES = {64: 24, 32: 24}  # by the side of a map; smaller maps get smaller tiles
_TILES, _COLUMNS = 40, 8
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

_walk = component(Path(__file__).parent, "net_walk")


@dataclass(frozen=True, eq=False)
class Walk:
    """One photo's way through the net; the photo itself is not kept."""

    key: str  # hash of photo and scorer
    data: dict[str, Any]  # for the component
    fc7: NDArray[np.float32]  # shape (D,)
    order: list[int]  # units of fc7, the largest contribution first


def walk_through(
    key: str,
    photo: Image.Image,
    net: LayeredNet,
    scorer: Scorer,
    gallery: Gallery,
    *,
    row: int | None = None,
) -> Walk:
    """Return what the net makes of a photo, ready to be shown; `row` if it is the gallery's."""
    seen = net.activations([photo])
    weights, bias = last_layer(scorer)
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
        *(
            _maps(layer, seen.maps[layer.name][0], net.size)
            for layer in sorted(net.layers, key=lambda layer: _ORDER.index(layer.name.split()[0]))
        ),
        {
            "id": "fc7", "kind": "units", "name": "fc7",
            "title": f"fc7: {len(fc7)} units",
            "about": "Each sums up, with weights of its own, all that was found before; below zero "
            f"it stays silent. On this photo {active} fire. The map is made of these numbers.",
        },
        {
            "id": "score", "kind": "score", "name": "Score",
            "title": "What the last layer weighs",
            "about": "Each unit’s activation times its weight, all added up: the whole judgement."
            + _copy_line(gallery, row),
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
        "place": f"{ui.standing(gallery.percentile(score))} of the gallery",
        "active": active,
    }
    return Walk(key, data, fc7, order.tolist())


def show_walk(walk: Walk, *, layer: str, unit: int, on_choose: Callable[[str, int], None]) -> None:
    """Show the walk; `on_choose` is called with a layer and unit clicked before the page reruns."""

    def clicked() -> None:
        chosen = st.session_state.net_walk["chosen"]
        on_choose(str(chosen["layer"]), int(chosen["unit"]))

    start = layer if "layer" in st.query_params else walk.data["layers"][2]["id"]
    data = {**walk.data, "chosen": {"layer": layer, "unit": unit}, "start": start}
    _walk(key="net_walk", data=data, on_chosen_change=clicked)


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


def _copy_line(gallery: Gallery, row: int | None) -> str:
    """Return why a photo of the gallery has another score here than on the other pages."""
    if row is None:
        return ""
    score = ui.percent(gallery.table["score"].to_numpy()[row])
    return f" This is the gallery’s small copy of the photo; the photo itself scored {score}."


def _maps(layer: Layer, maps: NDArray[np.float32], size: int) -> dict[str, Any]:
    channels = strongest(maps, _MOST_TILES.get(layer.side, _TILES))
    sheet = tile_sheet(maps[channels], columns=_COLUMNS)
    return {
        "id": layer.name,
        "kind": "maps",
        "name": layer.name.capitalize(),
        "title": _title(layer),
        "about": _ABOUT.get(layer.name, _PATTERN),
        "under": f"{field_line(layer, size)} {_shown_line(layer, len(channels))}",
        "side": layer.side,
        "field": {"size": layer.field.size, "step": layer.field.step, "start": layer.field.start},
        "channels": channels.tolist(),
        "columns": _COLUMNS,
        "sheet": png(_coloured(sheet)),
    }


def _title(layer: Layer) -> str:
    """Return a layer's name and shape in words."""
    side = f"{layer.side}\u00a0×\u00a0{layer.side}"
    return f"{layer.name.capitalize()}: {layer.channels:,} channels of {side}"


def field_line(layer: Layer, size: int) -> str:
    """Return how much of the picture a cell sees, in words."""
    field = layer.field
    if is_wide(layer, size):
        return (
            f"A cell’s receptive field is {field.size} pixels wide, wider than the picture "
            f"({size}): in the middle of the map it sees all."
        )
    return (
        f"A cell sees {field.size} × {field.size} of {size} × {size} pixels: its receptive field."
    )


def _shown_line(layer: Layer, shown: int) -> str:
    """Return which channels are shown, in words."""
    if shown == layer.channels:
        return "The channels that vary most over this photo come first."
    return f"Shown: the {shown} channels that vary most over this photo."


def _coloured(grey: Image.Image) -> Image.Image:
    """Return a grey picture in the colours of the score, black below and white above."""
    stops = ["#0d0b14", *ui.RAMP, "#fff3d6"]
    colours = np.array([ImageColor.getrgb(stop) for stop in stops])
    places = np.linspace(0, len(stops) - 1, 256)
    palette = np.stack([np.interp(places, range(len(stops)), channel) for channel in colours.T], 1)
    picture = grey.copy()
    picture.putpalette(palette.round().astype(np.uint8).tobytes())
    return picture
