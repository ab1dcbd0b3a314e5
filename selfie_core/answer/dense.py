"""Scores of many boxes of one photo by one pass of the net: the whole photo's maps, cut by box.

fc7 sees three things of a photo: the mean of the last maps, where things are (places) and style,
cell by cell.  All three are made once for the whole photo and pooled box by box as RoIAlign does,
over areas instead of points.  It is no more than a likely order: the maps saw what lies around a
box, where the crop's own have an edge.  Measured by tests/bench/bench_crops.py.

Letters: B boxes, C channels, H W cells of maps, S cells per side of a box, F features, D of fc7.
"""

import functools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from selfie_core.answer.boxes import Box, Frame
from selfie_core.base.errors import ModelError
from selfie_core.photo.images import normalise
from selfie_core.scorer.export import maps_net, session
from selfie_core.scorer.features import features_of, head_of
from selfie_core.scorer.scorer import Scorer, probability

# Scales at which a crop's pixels are those that the net would see; each box takes the nearest.
# By the first scorer, on 20 photos, the best of 12 finalists fell short by 0.021 with one level
# (0.8), by 0.021 with these two, by 0.017 with three (1, 0.63, 0.4), which cost 2.6 times as much.
LEVELS = (1.0, 0.6)
GRAIN = 32  # pixels: nets halve a photo five times
CELL = 16  # pixels of a cell of places and style
# Blocks of such pixels that a photo may have at level 1; one of 4 by 3 has 20.  A strip is shown
# smaller than its crops would be, or the net would take 20 times as long.
MOST = 41

Floats = NDArray[np.float32]


class DenseNet:
    """The scorer's net in two parts: photo -> maps, pooled maps -> score."""

    def __init__(self, scorer: Scorer) -> None:
        self._config = scorer.config
        self._cells = scorer.config.image_size // CELL
        self._session = session(maps_net(scorer.path))
        self._weights = head_of(scorer.path)

    def scores(self, photo: Image.Image, boxes: Sequence[Box], frame: Frame) -> Floats:
        """Return about the score of each crop, shape (B,), in [0, 1].

        Args:
            photo: The photo, or a reduced copy of it.
            boxes: In pixels of `frame.photo`.
            frame: Their shape.
        """
        whole = frame.photo
        edges = np.array(boxes, np.float32).reshape(-1, 4)
        scales = ((edges[:, 2:] - edges[:, :2]) / frame.largest).max(axis=1)  # (B,)
        shares = edges / np.array([whole.width, whole.height] * 2, np.float32)
        level_of = np.abs(np.log(scales[:, None] / np.array(LEVELS))).argmin(axis=1)  # (B,)
        logits = np.empty(len(boxes), np.float32)
        for level, scale in enumerate(LEVELS):
            here = level_of == level
            if here.any():
                found, places, style = self._maps(photo, frame, scale)
                logits[here] = self._judge(found, places, style, shares[here])
        return probability(logits, self._config.temperature)

    def _maps(self, photo: Image.Image, frame: Frame, scale: float) -> list[Floats]:
        """Return the whole photo's maps, each (C, H, W), at the size that suits a scale."""
        config, whole = self._config, frame.photo
        blocks = np.array(whole[2:]) / frame.largest * config.image_size / (scale * GRAIN)
        most = MOST / scale**2
        blocks *= min(math.sqrt(most / blocks.prod()), 1)
        short = max(round(blocks.min()), 1)  # of the longest strips no more would be left
        size = [GRAIN * max(min(round(n), int(most / short)), 1) for n in blocks.tolist()]
        small = photo.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
        batch = normalise(np.asarray(small)[None], mean=config.mean, std=config.std)
        return [np.asarray(maps)[0] for maps in self._session.run(None, {"photos": batch})]

    def _judge(self, found: Floats, places: Floats, style: Floats, boxes: Floats) -> Floats:
        """Return logits of boxes, shape (B,); the boxes are shares of the photo, shape (B, 4)."""
        parts = features_of(
            pool_boxes(found, boxes, 1).reshape(len(boxes), -1),
            pool_boxes(style, boxes, self._cells),  # (B, C, S, S)
            pool_boxes(places, boxes, self._cells).reshape(len(boxes), -1),
        )
        rows = np.concatenate(parts, axis=1)  # (B, F)
        weight, bias, logit, offset = self._weights
        fc7 = np.maximum(rows @ weight + bias, 0)  # (B, D)
        return fc7 @ logit + offset


def pool_boxes(maps: Floats, boxes: Floats, cells: int) -> Floats:
    """Return the means of maps over the cells of boxes, shape (B, C, S, S).

    Args:
        maps: Shape (C, H, W).
        boxes: Left, top, right, bottom as shares of the photo, shape (B, 4).
        cells: S.
    """
    channels, height, width = maps.shape
    if width > height and cells > 1:  # the longer side first: half of the work, less in a strip
        turned = pool_boxes(maps.transpose(0, 2, 1), boxes[:, [1, 0, 3, 2]], cells)
        return turned.transpose(0, 1, 3, 2)
    across = _shares(boxes[:, 0], boxes[:, 2], cells, width)  # (B, S, W)
    down = _shares(boxes[:, 1], boxes[:, 3], cells, height)  # (B, S, H)
    if cells == 1:  # a mean over the box alone is one product
        weights = (down[:, 0, :, None] * across[:, 0, None, :]).reshape(len(boxes), -1)
        means = weights @ maps.reshape(channels, -1).T
        return means[:, :, None, None].astype(np.float32)
    rows = down.reshape(-1, height) @ maps.transpose(1, 0, 2).reshape(height, -1)
    rows = rows.reshape(len(boxes), cells, channels, width)  # (B, S, C, W)
    pooled = np.matmul(rows.reshape(len(boxes), -1, width), across.transpose(0, 2, 1))
    return pooled.reshape(len(boxes), cells, channels, cells).transpose(0, 2, 1, 3)


def _shares(start: Floats, end: Floats, cells: int, length: int) -> Floats:
    """Return how a box's cells lie on those of a map, shape (B, S, length); rows sum to 1."""
    steps = np.arange(cells + 1, dtype=np.float32) / cells
    edges = length * (start[:, None] + (end - start)[:, None] * steps)  # (B, S + 1)
    first = np.arange(length, dtype=np.float32)
    covered = np.minimum(edges[:, 1:, None], first + 1) - np.maximum(edges[:, :-1, None], first)
    covered = covered.clip(0)
    return covered / np.maximum(covered.sum(axis=2, keepdims=True), np.float32(1e-9))


@functools.lru_cache(maxsize=2)
def dense_net(scorer: object) -> DenseNet:
    """Return the net of a scorer in two parts, loaded once per process.

    Raises:
        ModelError: It is no `Scorer`, or its net has no such maps, as VGG16.
    """
    if not isinstance(scorer, Scorer):
        raise ModelError("fast crops need a scorer's net; choose mode exact")
    return DenseNet(scorer)
