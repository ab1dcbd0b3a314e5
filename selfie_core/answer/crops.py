"""The best crops of a photo: a search over the three bounded parameters x, y and scale.

Two modes, one interface.  Exact: every box the search looks at goes through the net, as in the
original, coarse to fine.  Fast: one pass of the net over the whole photo puts about 600 boxes in
order, and only the finalists go through the net.  In both, a crop's score is what the scorer gives
the crop cut out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from PIL import Image

from selfie_core.answer.boxes import HEAD_ROOM, Box, Frame, face_box, frames_of
from selfie_core.base.errors import DataError
from selfie_core.base.progress import Progress, part_of
from selfie_core.photo.faces import Face
from selfie_core.photo.images import CROP_SIDE, check_side
from selfie_core.scorer.scorer import Score, score_made

Mode = Literal["exact", "fast"]
MODES: tuple[Mode, ...] = get_args(Mode)

# Exact.  With these the best crop of eight portraits fell 0.0004 short of the best of about 2,000
# boxes per photo (0.0024 at worst), by 208 boxes.  By 310 boxes (0.25, 7, 8): 0.0008.
SCALES = 6  # of the coarse grid, from the smallest to 1
STRIDE = 0.35  # of the box between two places of the coarse grid
HALVINGS = 4  # of stride and scale step while refining: ends at 2 % of the box
BEAM = 6  # boxes refined at each halving
NEIGHBOURS = 6  # of a box in each halving
NEAR = 0.85  # boxes that share more than this (IoU) are not refined side by side

MOST = 250  # boxes of the coarse grid: more than any photo has that is no strip

FAST_SCALES, FAST_STRIDE = 10, 0.105  # about 600 boxes of a square photo
FAST_MOST = 2500
FINALISTS = 10  # of the fast search, scored by the net; they differ as suggestions do

TWIN = 0.7  # boxes that share more than this (IoU) are the same suggestion
COPY_SIDE = 256  # px the smallest crop keeps in the copy that is searched: all a net looks at


@dataclass(frozen=True)
class Crop:
    """One suggestion, in pixels of the upright photo; score in [0, 1]."""

    left: int
    top: int
    right: int
    bottom: int
    score: float
    keeps_face: bool  # the largest face is found and whole, from mid-forehead to chin

    @property
    def box(self) -> Box:
        """Its rectangle."""
        return Box(self.left, self.top, self.right, self.bottom)


def suggest_crops(
    photo: Image.Image,
    score: Score,
    *,
    size: tuple[int, int] | None = None,
    count: int = 3,
    aspect: float | None = 1.0,
    faces: Sequence[Face] = (),
    keep_face: bool = True,
    mode: Mode = "exact",
    progress: Progress | None = None,
) -> list[Crop]:
    """Return the best-scored crops of a photo that differ from one another, best first.

    The largest box of the aspect is a candidate too, so the whole of a square photo can win.
    The search cuts from a reduced copy; the scores returned are those of the crops cut from
    the photo itself.

    Args:
        photo: An upright RGB photo, at least 64 pixels on each side.
        score: Gives each photo of a batch its score in [0, 1]; fast needs a `Scorer`.
        size: Whole width and height, if the photo is a reduced copy: faces and crops are in its
            pixels, scores are those of the crops cut from the copy.
        count: Number of suggestions; fewer come back if no others differ enough.
        aspect: Width / height of the crops; None tries the usual ones, lying and upright.
        faces: The photo's faces, largest first.
        keep_face: Keep the largest head inside, cut at the forehead at most.  Where no box can,
            the crops say so.
        mode: "exact", or "fast": about the best, in a tenth of the time.
        progress: Called with the number of candidates done and (about) all.

    Raises:
        DataError: The photo is too small, or the aspect leaves too thin a crop.
        ModelError: Mode fast with a scorer of which the net has no maps, such as VGG16.

    Reference:
        A. Karpathy, "What a Deep Neural Network thinks about your #selfie", 2015: "rude" crops
        that drop the person are what comes without `keep_face`.
    """
    check_side(photo, CROP_SIDE, "crops")
    if mode not in MODES:
        raise DataError(f'mode is "{mode}"; wanted {" or ".join(MODES)}')
    size = size or photo.size
    whole = Box(0, 0, *size)
    head, face = (face_box(faces[0], whole, room=r) if faces else None for r in (HEAD_ROOM, 0))
    frames = frames_of(whole, aspect, (head, face) if keep_face else ())
    if mode == "fast":
        boxes, tell = _differing(_estimate(photo, frames, score), max(count, FINALISTS)), progress
    else:
        copy = _reduced(photo, frames)
        boxes, tell = _differing(_search(copy, frames, score, progress), count), None
    exact = score_made(lambda box: box.cut(photo, size), boxes, score, progress=tell)
    crops = [
        Crop(*box, score=value, keeps_face=bool(face and box.holds(face)))
        for box, value in zip(boxes, exact, strict=True)
    ]
    return sorted(crops, key=lambda crop: -crop.score)[:count]


def _search(
    photo: Image.Image, frames: list[Frame], score: Score, progress: Progress | None
) -> list[Box]:
    """Return boxes, the best first: a coarse grid, then neighbours of the best, ever nearer."""
    whole = frames[0].photo[2:]
    scores: dict[Box, float] = {}

    def rank(boxes: Iterable[Box]) -> list[Box]:
        """Return all boxes so far, the best first; each goes through the net once."""
        new = [box for box in boxes if box not in scores]
        tell = part_of(progress, before=len(scores), of=total)
        made = score_made(lambda box: box.cut(photo, whole), new, score, progress=tell)
        scores.update(zip(new, made, strict=True))
        return sorted(scores, key=scores.__getitem__, reverse=True)

    grids = [(frame, frame.grid(scales=SCALES, stride=STRIDE, most=MOST)) for frame in frames]
    home = {box: frame for frame, boxes in grids for box in boxes}
    total = len(home) + HALVINGS * BEAM * NEIGHBOURS
    ranked = rank(home)
    for halving in range(1, HALVINGS + 1):
        near = {
            neighbour: home[box]
            for box in _apart(ranked, BEAM, NEAR)
            for neighbour in home[box].around(
                box,
                move=STRIDE / 2**halving,
                grow=(1 - home[box].smallest) / (SCALES - 1) / 2**halving,
            )
        }
        ranked = rank(near)
        home |= near
    if progress:
        progress(total, total)
    return ranked


def _estimate(photo: Image.Image, frames: list[Frame], score: Score) -> list[Box]:
    """Return boxes in the order in which one pass of the net puts them, the best first."""
    from selfie_core.answer.dense import dense_net  # the exact search works with any callable

    net = dense_net(score)
    likely: dict[Box, float] = {}
    for frame in frames:
        boxes = frame.grid(scales=FAST_SCALES, stride=FAST_STRIDE, most=FAST_MOST)
        likely.update(zip(boxes, net.scores(photo, boxes, frame).tolist(), strict=True))
    return sorted(likely, key=likely.__getitem__, reverse=True)


def _differing(ranked: Sequence[Box], count: int) -> list[Box]:
    """The first boxes that are no twins; near ones too where a large face leaves little choice."""
    boxes = _apart(ranked, count, TWIN)
    return boxes if len(boxes) == count else _apart(ranked, count, NEAR)


def _apart(ranked: Sequence[Box], count: int, apart: float) -> list[Box]:
    """The first boxes of which no two share more than `apart` (IoU)."""
    chosen: list[Box] = []
    for box in ranked:
        if all(box.overlap(other) <= apart for other in chosen):
            chosen.append(box)
            if len(chosen) == count:
                break
    return chosen


def _reduced(photo: Image.Image, frames: list[Frame]) -> Image.Image:
    """Return a copy in which the smallest crop keeps COPY_SIDE pixels."""
    whole = frames[0].photo
    side = min(side for frame in frames for side in frame.size(frame.smallest))
    width, height = (max(round(edge * COPY_SIDE / side), 1) for edge in whole[2:])
    if width >= photo.width:
        return photo
    return photo.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2)
