"""Maximally activating patches: where in a gallery each channel of a net is strongest.

Letters: N photos, C channels of a layer, H W cells of a map.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from selfie_core.base import store
from selfie_core.base.progress import Progress, chunks
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.grids import pick_rows
from selfie_core.learned.layers import Layer, LayeredNet
from selfie_core.learned.receptive import Field
from selfie_core.photo import images

SAMPLE = 300  # photos of a gallery that are searched
BATCH = 4  # photos at once
PATCH_DETAIL = 4  # pixels of a patch for each that the net sees

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Patch:
    """A place in a photo of a gallery, and how strongly a channel is activated there."""

    row: int  # of the gallery
    cell: tuple[int, int]  # row and column on the layer's map
    activation: float


class TopPatches:
    """The strongest activation of every channel on each of some photos, and its place.

    Attributes:
        rows: Of the gallery, shape (N,).
    """

    def __init__(self, layers: Sequence[Layer], rows: NDArray[Any], found: Floats) -> None:
        starts = np.cumsum([0, *(layer.channels for layer in layers)])
        self._places = {y.name: (start, y.side) for y, start in zip(layers, starts, strict=False)}
        self.rows, self._found = rows, found

    def top(self, layer: str, channel: int, count: int) -> list[Patch]:
        """Return where a channel is activated most, one place per photo, the strongest first."""
        start, side = self._places[layer]
        values, places = self._found[:, :, start + channel]
        return [
            Patch(int(self.rows[i]), divmod(int(places[i]), side), float(values[i]))
            for i in np.argsort(-values, kind="stable")[:count]
        ]


def find_patches(
    net: LayeredNet, gallery: Gallery, *, sample: int = SAMPLE, progress: Progress | None = None
) -> TopPatches:
    """Return what activates each channel most among photos at evenly spaced ranks of a gallery.

    Kept in the cache folder: the next call reads it there.
    """
    rows = pick_rows(gallery, "continuum", sample)
    file = patches_file(gallery, sample)
    if file.is_file():
        found = np.array(store.read_array(file))
        if found.shape == (2, len(rows), sum(layer.channels for layer in net.layers)):
            return TopPatches(net.layers, rows, found)
    parts = []
    for part in chunks(rows, BATCH):
        photos = [images.open_photo(gallery.photo(int(row))) for row in part]
        parts.append(_strongest_of(list(net.activations(photos).maps.values())))
        if progress:
            progress(sum(part.shape[1] for part in parts), len(rows))
    found = np.concatenate(parts, axis=1)
    store.write_array(file, found)
    return TopPatches(net.layers, rows, found)


def patches_file(gallery: Gallery, sample: int = SAMPLE) -> Path:
    """Return where the patches of a gallery are kept."""
    return store.cache_folder() / f"{gallery.scorer_id}-patches-{gallery.version}-{sample}.npy"


def _strongest_of(maps: Sequence[Floats]) -> Floats:
    """Return the strongest activations and their flat places, shape (2, B, all channels)."""
    flat = [layer.reshape(*layer.shape[:2], -1) for layer in maps]
    values, places = (
        np.concatenate([found(layer, axis=2) for layer in flat], axis=1)
        for found in (np.max, np.argmax)
    )
    return np.stack([values, places.astype(np.float32)])


def cut_patch(
    photo: Image.Image,
    field: Field,
    cell: tuple[int, int],
    *,
    image_size: int,
    mean: Sequence[float],
) -> Image.Image:
    """Return the part of a photo that a cell sees, squashed as the net sees it.

    What reaches over the rim is filled with the mean colour of ImageNet: to the net's first layer,
    the zeros of its padding are just that.

    Args:
        photo: RGB, any size.
        field: Receptive field of the layer.
        cell: Row and column.
        image_size: Side of the net's input, pixels.
        mean: Of RGB, in [0, 1].
    """
    side = image_size * PATCH_DETAIL
    left, top, right, bottom = (edge * PATCH_DETAIL for edge in field.box(*cell))
    patch = Image.new("RGB", (right - left, bottom - top), tuple(round(255 * m) for m in mean))
    patch.paste(images.squash_picture(photo, side), (-left, -top))
    return patch
