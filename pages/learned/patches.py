"""Patches of photos as buttons on one sheet: what excites a channel, photos to choose from."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from PIL import Image

from pages.shared.component import component
from pages.shared.pictures import data_address
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned.layers import Layer, LayeredNet, is_wide
from selfie_core.learned.patches import Patch, cut_patch
from selfie_core.photo import images

_PATCH = 112  # pixels

_patches = component(Path(__file__).parent, "net_patches")


def show_patches(
    net: LayeredNet,
    gallery: Gallery,
    layer: Layer,
    peaks: Sequence[Patch],
    *,
    mean: Sequence[float],
    on_click: Callable[[int], None],
) -> None:
    """Show where a channel fires most; `on_click` is called with the row of a photo clicked.

    Of a layer that sees all, whole photos with the cell that fires; else what the cell sees.
    """
    wide = is_wide(layer, net.size)
    cuts, patches = [], []
    for peak in peaks:
        photo = images.open_photo(gallery.photo(peak.row))
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
    label = f"{len(peaks)} patches"
    _show_sheet(cuts, patches, label, side=_PATCH, key="net_patches", on_click=on_click)


def show_choice(
    photos: Sequence[Image.Image], names: Sequence[str], *, on_click: Callable[[int], None]
) -> None:
    """Show a few photos as buttons; `on_click` is called with the place of the one clicked."""
    patches = [{"row": place, "says": name, "spot": None} for place, name in enumerate(names)]
    _show_sheet(photos, patches, "Photos to try", side=54, key="net_choice", on_click=on_click)


def _show_sheet(
    cuts: Sequence[Image.Image],
    patches: list[dict[str, Any]],
    label: str,
    *,
    side: int,
    key: str,
    on_click: Callable[[int], None],
) -> None:
    sheet = Image.new("RGB", (_PATCH * len(cuts), _PATCH))
    for place, cut in enumerate(cuts):
        # Small patches keep their pixels: that is how little the cell sees.
        how = Image.Resampling.NEAREST if cut.width < _PATCH / 3 else Image.Resampling.LANCZOS
        sheet.paste(cut.resize((_PATCH, _PATCH), how), (place * _PATCH, 0))
    address = data_address(sheet, side=max(sheet.size))
    data = {"sheet": address, "patches": patches, "label": label, "side": side}
    _patches(
        key=key, data=data,
        on_clicked_change=lambda: on_click(int(st.session_state[key]["clicked"])),
    )  # fmt: skip
