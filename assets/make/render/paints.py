"""How a surface looks, as data: `materials.py` makes Blender's materials of it.

Colours are linear light, (3,) in [0, 1].
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from factors import Colour
from meshes import Points
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class SkinPaint:
    """Skin; the mesh carries `scalp`, `beard`, `lips`, `blush` and `lids` in [0, 1]."""

    albedo: NDArray[np.float32]  # (H, W, 3)
    relief: NDArray[np.float32]  # (H, W), pores and lines, about 0
    tone: float  # 0 light .. 1 dark
    colour: Points  # of the cheek
    hair: Points
    roots: float  # how far the scalp takes the hair's colour, 0 .. 1
    stubble: float
    lips: Points | None
    makeup: float
    old: float


@dataclass(frozen=True, eq=False)
class CardPaint:
    """A card with a picture of hair, clear beside the hairs."""

    picture: Path
    colour: Points
    opacity: float = 1.0
    roughness: float = 0.5


@dataclass(frozen=True, eq=False)
class StrandPaint:
    """Single hairs."""

    colour: Points


@dataclass(frozen=True, eq=False)
class ClothPaint:
    """Cloth dyed over a picture of its shade; the mesh carries `legs`, 1 below the waist."""

    shade: Path
    relative: bool  # the picture's own light and dark rather than its shade are kept
    relief: Path | None  # normal map
    colour: Points
    pattern: str
    second: Points
    legs: Points


@dataclass(frozen=True, eq=False)
class PlainPaint:
    """One colour."""

    colour: Points
    roughness: float = 0.5
    specular: float = 0.5
    under: float = 0.0  # light that goes through under the surface, 0 .. 1
    weave: float = 0.0  # height of its ribs, 0 .. 1


@dataclass(frozen=True, eq=False)
class PicturePaint:
    """A picture multiplied by a colour."""

    picture: Path
    colour: Points
    roughness: float


@dataclass(frozen=True, eq=False)
class EyePaint:
    """The ball of an eye with its iris, seen from the front."""

    iris: str


@dataclass(frozen=True, eq=False)
class ClearPaint:
    """Clear without refraction: light passes, the surface mirrors."""

    tint: Points
    ior: float


Paint = (
    SkinPaint | CardPaint | StrandPaint | ClothPaint | PlainPaint | PicturePaint | EyePaint
    | ClearPaint
)  # fmt: skip


def linear(colour: Colour | Points) -> Points:
    """Return an sRGB colour in linear light."""
    return np.asarray(colour, float) ** 2.2
