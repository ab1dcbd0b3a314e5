"""What excites the channels of a net: where in a gallery each fires most, and what it sees there.

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
from selfie_core.learned.layers import Anatomy, Layer
from selfie_core.learned.receptive import Field
from selfie_core.photo import images

SAMPLE = 300  # photos of a gallery that are searched
BATCH = 4  # photos at once
PATCH_DETAIL = 4  # pixels of a patch for each that the net sees

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Peak:
    """Where in a gallery a channel is excited most."""

    row: int  # of the gallery
    cell: tuple[int, int]  # row and column on the layer's map
    value: float  # the activation there


class Peaks:
    """The highest activation of every channel on each of some photos, and its place.

    Attributes:
        rows: Of the gallery, shape (N,).
    """

    def __init__(self, layers: Sequence[Layer], rows: NDArray[Any], found: Floats) -> None:
        self._starts = dict(
            zip(
                (y.name for y in layers),
                np.cumsum([0, *(y.channels for y in layers)]),
                strict=False,
            )
        )
        self._sides = {layer.name: layer.side for layer in layers}
        self.rows, self._found = rows, found

    def top(self, layer: str, channel: int, count: int) -> list[Peak]:
        """Return where a channel is excited most, one place a photo, the most first."""
        values, places = self._found[:, :, self._starts[layer] + channel]
        best = np.argsort(-values, kind="stable")[:count]
        side = self._sides[layer]
        return [
            Peak(
                int(self.rows[i]), (int(places[i]) // side, int(places[i]) % side), float(values[i])
            )
            for i in best
        ]


def find_peaks(
    net: Anatomy, gallery: Gallery, *, sample: int = SAMPLE, progress: Progress | None = None
) -> Peaks:
    """Return what excites each channel among photos at evenly spaced ranks of a gallery.

    Kept in the cache folder: the next call reads it there.
    """
    rows = pick_rows(gallery, "continuum", sample)
    file = peaks_file(gallery, sample)
    if file.is_file():
        found = np.array(store.read_array(file))
        if found.shape == (2, len(rows), sum(layer.channels for layer in net.layers)):
            return Peaks(net.layers, rows, found)
    parts = []
    for part in chunks(rows, BATCH):
        seen = net.look([images.open_photo(gallery.photo_path(int(row))) for row in part])
        parts.append(_peaks_of([seen.maps[layer.name] for layer in net.layers]))
        if progress:
            progress(sum(part.shape[1] for part in parts), len(rows))
    found = np.concatenate(parts, axis=1)
    store.write_array(file, found)
    return Peaks(net.layers, rows, found)


def peaks_file(gallery: Gallery, sample: int = SAMPLE) -> Path:
    """Return where the peaks of a gallery are kept."""
    return store.cache_folder() / f"{gallery.scorer_id}-peaks-{gallery.version}-{sample}.npy"


def _peaks_of(maps: Sequence[Floats]) -> Floats:
    """Return highest activations and their flat places, shape (2, B, all channels)."""
    flat = [layer.reshape(*layer.shape[:2], -1) for layer in maps]
    values = np.concatenate([layer.max(axis=2) for layer in flat], axis=1)
    places = np.concatenate([layer.argmax(axis=2) for layer in flat], axis=1)
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
