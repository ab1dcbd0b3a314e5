"""Which boxes a crop may be: of one shape, inside the photo, around what must be kept."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from PIL import Image

from selfie_core.base.errors import DataError
from selfie_core.photo.faces import Face
from selfie_core.photo.images import SCORE_SIDE

SMALLEST = 0.4  # least scale: share of the largest box of that aspect
ASPECTS = {"1:1": 1.0, "4:5": 4 / 5, "3:4": 3 / 4, "16:9": 16 / 9, "free": None}  # by name
FREE = (1.0, 4 / 5, 5 / 4, 3 / 4, 4 / 3, 16 / 9, 9 / 16)  # tried when no shape is asked for
HEAD_ROOM = 0.15  # of the face's width and height, kept on its sides and below
FOREHEAD = 0.8  # kept above the eyes, in distances from eyes to mouth: half of the forehead


class Box(NamedTuple):
    """A rectangle of whole pixels, measured from the top left of the photo."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """In pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """In pixels."""
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle, (x, y)."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def cut(self, copy: Image.Image, whole: tuple[int, int]) -> Image.Image:
        """This part of a photo of `whole` width and height, cut from a copy of any size."""
        across, down = copy.width / whole[0], copy.height / whole[1]
        left, right = (round(edge * across) for edge in (self.left, self.right))
        top, bottom = (round(edge * down) for edge in (self.top, self.bottom))
        return copy.crop((left, top, right, bottom))

    def holds(self, other: "Box") -> bool:
        """Whether the other box lies inside this one."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )

    def overlap(self, other: "Box") -> float:
        """Shared area over joint area (IoU), in [0, 1]."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        shared = max(width, 0) * max(height, 0)
        return shared / (self.width * self.height + other.width * other.height - shared)


@dataclass(frozen=True)
class Frame:
    """The boxes of one aspect that lie inside a photo and around what must be kept."""

    photo: Box
    aspect: float  # width / height
    keep: Box | None = None

    @property
    def largest(self) -> tuple[int, int]:
        """Width and height of the largest box."""
        width, height = self.photo.width, self.photo.height
        return min(width, round(height * self.aspect)), min(height, round(width / self.aspect))

    @property
    def smallest(self) -> float:
        """The least scale: a crop must itself be large enough to be scored."""
        return max(SMALLEST, SCORE_SIDE / min(self.largest))

    def size(self, scale: float) -> tuple[int, int]:
        """Width and height of the boxes of one scale."""
        width, height = self.largest
        return round(width * scale), round(height * scale)

    def scale(self, box: Box) -> float:
        """The scale of a box: its share of the largest."""
        return max(box.width / self.largest[0], box.height / self.largest[1])

    def bounds(self, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
        """Least and greatest left, least and greatest top; None if nothing of that size fits."""
        (width, height), keep = size, self.keep
        left, right = 0, self.photo.width - width
        top, bottom = 0, self.photo.height - height
        if keep:
            left, right = max(left, keep.right - width), min(right, keep.left)
            top, bottom = max(top, keep.bottom - height), min(bottom, keep.top)
        return (left, right, top, bottom) if left <= right and top <= bottom else None

    def box_at(self, centre: tuple[float, float], scale: float) -> Box | None:
        """The allowed box of that scale nearest to a centre."""
        width, height = self.size(min(max(scale, self.smallest), 1))
        if not (bounds := self.bounds((width, height))):
            return None
        left = min(max(round(centre[0] - width / 2), bounds[0]), bounds[1])
        top = min(max(round(centre[1] - height / 2), bounds[2]), bounds[3])
        return Box(left, top, left + width, top + height)

    def grid(self, *, scales: int, stride: float, most: int) -> list[Box]:
        """A grid over so many scales, from the smallest to 1, and places.

        Places are a stride of the box's side apart, in strips as far as `most` boxes allow.  The
        largest box is part of the grid.
        """
        sizes = [self.size(float(scale)) for scale in np.linspace(self.smallest, 1, scales)]
        fitting = [(size, bounds) for size in sizes if (bounds := self.bounds(size))]
        while True:
            places = [
                (width, height, _spread(*at[:2], stride * width), _spread(*at[2:], stride * height))
                for (width, height), at in fitting
            ]
            if sum(len(lefts) * len(tops) for _, _, lefts, tops in places) <= most:
                break
            stride *= 1.2
        return [
            Box(left, top, left + width, top + height)
            for width, height, lefts, tops in places
            for top in tops
            for left in lefts
        ]

    def around(self, box: Box, *, move: float, grow: float) -> list[Box]:
        """The neighbours of a box: to each side by a share of it, larger and smaller in scale."""
        (x, y), scale = box.centre, self.scale(box)
        found = [self.box_at((x + i * move * box.width, y), scale) for i in (-1, 1)]
        found += [self.box_at((x, y + i * move * box.height), scale) for i in (-1, 1)]
        found += [self.box_at((x, y), scale + i * grow) for i in (-1, 1)]
        return [neighbour for neighbour in found if neighbour]


def frames_of(whole: Box, aspect: float | None, keep: Sequence[Box | None]) -> list[Frame]:
    """Return one Frame per aspect ratio, each around the first box of `keep` that fits.

    The aspect is width / height; None stands for the usual ones.

    Raises:
        DataError: The shape leaves too thin a crop.
    """
    shapes = [Frame(whole, ratio) for ratio in ([aspect] if aspect else FREE)]
    frames = [frame for frame in shapes if min(frame.largest) >= SCORE_SIDE]
    if not frames:
        width, height = shapes[0].largest
        raise DataError(
            f"the asked shape leaves {width}x{height} pixels of this photo; a crop needs at least "
            f"{SCORE_SIDE} on each side, choose a shape nearer to the photo's own"
        )
    for box in keep:
        around = [replace(frame, keep=box) for frame in frames]
        fitting = [frame for frame in around if frame.bounds(frame.largest)]
        if fitting:
            return fitting
    return frames


def face_box(face: Face, whole: Box, *, room: float = 0) -> Box:
    """Return what a crop must hold to keep a face, in whole pixels inside the photo.

    From the middle of the forehead down: cutting hair and forehead is what the best selfies do.
    `HEAD_ROOM`, a share of the face, is room for the ears and chin of the whole head.
    """
    height = [y for _, y in face.landmarks]
    eyes, mouth = (height[0] + height[1]) / 2, (height[3] + height[4]) / 2
    return Box(
        max(math.floor(face.left - room * face.width), 0),
        max(math.floor(max(face.top, eyes - FOREHEAD * (mouth - eyes))), 0),
        min(math.ceil(face.right + room * face.width), whole.width),
        min(math.ceil(face.bottom + room * face.height), whole.height),
    )


def _spread(first: int, last: int, stride: float) -> list[int]:
    """Places from first to last, a stride apart or less."""
    steps = math.ceil((last - first) / stride)
    return np.linspace(first, last, steps + 1).round().astype(int).tolist()
