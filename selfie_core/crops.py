"""The best crops of a photo: a search over the three bounded parameters x, y and scale.

Every box the search looks at goes through the net, as in the original, coarse to fine.  Which
boxes are allowed (`Frame`) is kept apart from how they are scored (`Scored`).
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from selfie_core.errors import DataError
from selfie_core.faces import Face
from selfie_core.images import CROP_SIDE, SCORE_SIDE, check_side

Score = Callable[[Sequence[Image.Image]], NDArray[np.float32]]
Progress = Callable[[int, int], None]

# With these the best crop of eight portraits fell 0.0004 short of the best of about 2,000 boxes a
# photo (0.0024 at worst), by 208 boxes.  By 310 boxes (0.25, 7, 8): 0.0008.
SMALLEST = 0.4  # least scale: share of the largest box of that aspect
SCALES = 6  # from SMALLEST to 1 in the coarse grid
STRIDE = 0.35  # of the box between two places of the coarse grid
HALVINGS = 4  # of stride and scale step while refining: ends at 2 % of the box
BEAM = 6  # boxes refined at each halving
NEIGHBOURS = 6  # of a box in each halving
NEAR = 0.85  # boxes that share more than this (IoU) are not refined side by side
HEAD_ROOM = 0.15  # of the face's width and height, kept on its sides and below
TWIN = 0.7  # and those that share more than this are the same suggestion
COPY_SIDE = 256  # px the smallest crop keeps in the copy that is searched: all a net looks at
CHUNK = 16  # crops scored between two reports of progress
ASPECTS = (1.0, 4 / 5, 5 / 4, 3 / 4, 4 / 3, 16 / 9, 9 / 16)  # tried when none is asked for


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

    def scaled(self, factor: float) -> "Box":
        """The same rectangle on a copy of the photo that is `factor` as large."""
        return Box(*(round(edge * factor) for edge in self))

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
class Crop:
    """One suggestion, in pixels of the upright photo; score in [0, 1]."""

    left: int
    top: int
    right: int
    bottom: int
    score: float
    keeps_face: bool  # the largest face is found and whole, from brow to chin

    @property
    def box(self) -> Box:
        """Its rectangle."""
        return Box(self.left, self.top, self.right, self.bottom)


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

    def coarse(self) -> list[Box]:
        """A grid over scale and place; the largest box is part of it."""
        boxes = []
        for scale in np.linspace(self.smallest, 1, SCALES):
            width, height = self.size(float(scale))
            if bounds := self.bounds((width, height)):
                lefts, tops = _spread(*bounds[:2], width), _spread(*bounds[2:], height)
                boxes += [Box(x, y, x + width, y + height) for y in tops for x in lefts]
        return boxes

    def around(self, box: Box, halving: int) -> list[Box]:
        """The neighbours of a box: a step to each side, larger and smaller."""
        x, y = box.centre
        scale = max(box.width / self.largest[0], box.height / self.largest[1])
        share = STRIDE / 2**halving
        move_x, move_y = share * box.width, share * box.height
        grow = (1 - self.smallest) / (SCALES - 1) / 2**halving
        found = [self.box_at((x + i * move_x, y), scale) for i in (-1, 1)]
        found += [self.box_at((x, y + i * move_y), scale) for i in (-1, 1)]
        found += [self.box_at((x, y), scale + i * grow) for i in (-1, 1)]
        return [neighbour for neighbour in found if neighbour]


def _spread(first: int, last: int, side: int) -> list[int]:
    """Places from first to last, a stride of the box's side apart or less."""
    steps = math.ceil((last - first) / (STRIDE * side))
    return [round(first + (last - first) * i / max(steps, 1)) for i in range(steps + 1)]


@dataclass
class Scored:
    """The boxes scored so far; each goes through the net once."""

    photo: Image.Image
    score: Score
    shrink: float  # pixels of the searched copy a pixel of the photo
    progress: Progress | None
    total: int = 0
    of: dict[Box, float] = field(default_factory=dict)

    def add(self, boxes: Iterable[Box]) -> None:
        """Score those boxes that are new."""
        new = [box for box in dict.fromkeys(boxes) if box not in self.of]
        for start in range(0, len(new), CHUNK):
            chunk = new[start : start + CHUNK]
            crops = [self.photo.crop(box.scaled(self.shrink)) for box in chunk]
            self.of.update(zip(chunk, map(float, self.score(crops)), strict=True))
            if self.progress:
                self.progress(min(len(self.of), self.total), self.total)

    def best(self, count: int, apart: float) -> list[Box]:
        """The best boxes of which no two share more than `apart` (IoU)."""
        chosen: list[Box] = []
        for box in sorted(self.of, key=self.of.__getitem__, reverse=True):
            if all(box.overlap(other) <= apart for other in chosen):
                chosen.append(box)
                if len(chosen) == count:
                    break
        return chosen


def suggest_crops(
    photo: Image.Image,
    score: Score,
    *,
    count: int = 3,
    aspect: float | None = 1.0,
    faces: Sequence[Face] = (),
    keep_face: bool = True,
    progress: Progress | None = None,
) -> list[Crop]:
    """Return the best-scored crops of a photo that differ from one another, best first.

    The largest box of the aspect is a candidate too, so the whole of a square photo can win.
    The search cuts from a reduced copy; the scores returned are those of the crops cut from
    the photo itself.

    Args:
        photo: An upright RGB photo, at least 64 pixels on each side.
        score: Gives each photo of a batch its score in [0, 1]; a `Scorer`, for one.
        count: Number of suggestions; fewer come back if no others differ enough.
        aspect: Width / height of the crops; None tries the usual ones, lying and upright.
        faces: The photo's faces, largest first.
        keep_face: Keep the largest face inside. Where no box can, the crops say so.
        progress: Called with the number of candidates done and (about) all.

    Raises:
        DataError: The photo is too small, or the aspect leaves too thin a crop.

    Reference:
        A. Karpathy, "What a Deep Neural Network thinks about your #selfie", 2015: "rude" crops
        that drop the person are what comes without `keep_face`.
    """
    check_side(photo, CROP_SIDE, "crops")
    whole = Box(0, 0, *photo.size)
    face, head = (_around(faces[0], whole, room) if faces else None for room in (0, HEAD_ROOM))
    frames = _frames(whole, aspect, (head, face) if keep_face else ())

    scored = _reduced(photo, frames, score, progress)
    _search(frames, scored)
    boxes = scored.best(count, TWIN)
    if len(boxes) < count:  # a face that fills the photo leaves little choice
        boxes = scored.best(count, NEAR)
    exact = score([photo.crop(box) for box in boxes])
    crops = [
        Crop(*box, score=float(value), keeps_face=bool(face and box.holds(face)))
        for box, value in zip(boxes, exact, strict=True)
    ]
    return sorted(crops, key=lambda crop: -crop.score)


def _search(frames: list[Frame], scored: Scored) -> None:
    """Score a coarse grid, then the neighbours of the best boxes, with halving steps."""
    home = {box: frame for frame in frames for box in frame.coarse()}
    scored.total = len(home) + HALVINGS * BEAM * NEIGHBOURS
    scored.add(home)
    for halving in range(1, HALVINGS + 1):
        near = {
            neighbour: home[box]
            for box in scored.best(BEAM, NEAR)
            for neighbour in home[box].around(box, halving)
        }
        scored.add(near)
        home |= near
    if scored.progress:
        scored.progress(scored.total, scored.total)


def _frames(whole: Box, aspect: float | None, keep: Sequence[Box | None]) -> list[Frame]:
    """One frame an aspect, around the first of the boxes to keep that any crop can hold."""
    shapes = [Frame(whole, ratio) for ratio in ([aspect] if aspect else ASPECTS)]
    frames = [frame for frame in shapes if min(frame.largest) >= SCORE_SIDE]
    if not frames:
        width, height = shapes[0].largest
        raise DataError(
            f"the asked shape leaves {width}x{height} pixels of this photo; a crop needs at least "
            f"{SCORE_SIDE} on each side, choose a shape nearer to the photo's own"
        )
    for box in keep:
        around = [replace(frame, keep=box) for frame in frames]
        if any(frame.bounds(frame.largest) for frame in around):
            return around
    return frames


def _around(face: Face, whole: Box, room: float) -> Box:
    """The face with `room` for ears and chin, in whole pixels inside the photo.

    Hair and forehead get none: cutting them is what the best selfies do.
    """
    width, height = face.right - face.left, face.bottom - face.top
    return Box(
        max(math.floor(face.left - room * width), 0),
        max(math.floor(face.top), 0),
        min(math.ceil(face.right + room * width), whole.width),
        min(math.ceil(face.bottom + room * height), whole.height),
    )


def _reduced(
    photo: Image.Image, frames: list[Frame], score: Score, progress: Progress | None
) -> Scored:
    """A search over a copy in which the smallest crop keeps COPY_SIDE pixels."""
    side = min(side for frame in frames for side in frame.size(frame.smallest))
    shrink = min(COPY_SIDE / side, 1)
    size = [max(round(edge * shrink), 1) for edge in photo.size]
    copy = photo.resize(size, Image.Resampling.BILINEAR, reducing_gap=2) if shrink < 1 else photo
    return Scored(copy, score, shrink, progress)
