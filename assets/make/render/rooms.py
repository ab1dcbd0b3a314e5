"""Rooms to be behind people, as boxes: plain walls, bedrooms, bookshelves, bathrooms, cars.

Coordinates are those of the body: the camera is near the origin at the height of the eyes, the
floor a little more than a metre and a half below them.
"""

import colorsys
from dataclasses import dataclass

import human
import numpy as np
from factors import Colour
from meshes import Mesh, Points
from paints import linear
from worn import grid

Rng = np.random.Generator
MADE = {"plain": 8, "room": 12, "shelf": 5, "bath": 8, "car": 5}  # how many of each are made
FLOOR, CEILING = -0.90, 1.62  # metres above the hips
EYE = float(human.EYES[1])


@dataclass(frozen=True)
class Box:
    """A box; `soft` ones are rounded like cushions."""

    at: tuple[float, float, float]  # middle, metres
    size: tuple[float, float, float]  # whole edges, metres
    colour: Colour
    turn: float = 0.0  # radians around the vertical
    soft: bool = False
    glow: float = 0.0  # light that it gives
    look: str = "paint"  # paint, wood, tiles, cloth, print
    roughness: float = 0.6


def furnish(kind: str, number: int) -> list[Box]:
    """Return one of the rooms of a kind of MADE; the same number gives the same room."""
    rng = np.random.default_rng([sum(kind.encode()), number])
    return {"plain": _plain, "room": _room, "shelf": _shelf, "bath": _bath, "car": _car}[kind](rng)


def mesh_of_boxes(boxes: list[Box]) -> Mesh:
    """Return boxes as one mesh that carries `red`, `green`, `blue`, `glow` and `roughness`."""
    vertices, corners, values, start = [], [], [], 0
    for box in boxes:
        at, faces = _cushion() if box.soft else _cube()
        turned = (at * np.array(box.size) / 2) @ human.rotation([0, 1, 0], box.turn).T
        vertices.append(turned + np.array(box.at))
        corners.append(faces.ravel() + start)
        values.append(np.tile([*linear(box.colour), box.glow, box.roughness], (len(at), 1)))
        start += len(at)
    loops = np.concatenate(corners)
    names = ("red", "green", "blue", "glow", "roughness")
    carried = dict(zip(names, np.concatenate(values).T, strict=True))
    sizes = np.full(len(loops) // 4, 4)
    return Mesh(np.concatenate(vertices), loops, sizes, attributes=carried)


def _cube() -> tuple[Points, Points]:
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    faces = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    return signs, np.array(faces)


def _cushion(rows: int = 9, columns: int = 16) -> tuple[Points, Points]:
    """Return a rounded box: a sphere pushed towards its corners."""
    polar = np.linspace(0, np.pi, rows)[:, None]
    around = np.linspace(0, 2 * np.pi, columns, endpoint=False)[None, :]
    ball = [np.sin(polar) * np.cos(around), np.cos(polar) + 0 * around,
            np.sin(polar) * np.sin(around)]  # fmt: skip
    at = np.stack([np.sign(axis) * np.abs(axis) ** 0.5 for axis in ball], axis=-1).reshape(-1, 3)
    return at, grid(rows, columns)


def _hue(rng: Rng, saturation: float, value: float, hue: float | None = None) -> Colour:
    return colorsys.hsv_to_rgb(rng.random() if hue is None else hue % 1, saturation, value)


def _wood(rng: Rng) -> Colour:
    return _hue(rng, rng.uniform(0.3, 0.6), rng.uniform(0.2, 0.6), rng.uniform(0.05, 0.1))


def _shell(rng: Rng, wide: float, deep: float, wall: str, walls: Colour) -> list[Box]:
    """Return floor, ceiling with a lamp, four walls, a window and a door."""
    high, middle = CEILING - FLOOR, (CEILING + FLOOR) / 2
    pale = _hue(rng, 0.03, 0.85)
    boxes = [
        Box((0, FLOOR - 0.05, 0), (wide, 0.1, deep), _wood(rng), look="wood", roughness=0.4),
        Box((0, CEILING + 0.05, 0), (wide, 0.1, deep), (0.85, 0.84, 0.82)),
        Box((0, CEILING - 0.04, 0), (0.5, 0.05, 0.5), (1, 0.93, 0.82), glow=rng.uniform(4, 9)),
    ]
    for side in (-1, 1):
        boxes += [
            Box((side * (wide / 2 + 0.05), middle, 0), (0.1, high, deep), walls, look=wall),
            Box((0, middle, side * (deep / 2 + 0.05)), (wide, high, 0.1), walls, look=wall),
            Box((0, FLOOR + 0.05, side * (deep / 2 - 0.01)), (wide, 0.1, 0.02), pale),
            Box((side * (wide / 2 - 0.01), FLOOR + 0.05, 0), (0.02, 0.1, deep), pale),
        ]
    side, z = (1 if rng.random() < 0.5 else -1), rng.uniform(-0.8, 0.8)
    boxes += _window(rng, side * (wide / 2 - 0.02), z)
    x = rng.uniform(-0.3, 0.3) * wide
    door = _wood(rng) if rng.random() < 0.5 else pale
    boxes += [
        Box((x, FLOOR + 1.02, -deep / 2 + 0.02), (0.95, 2.05, 0.05), pale),
        Box((x, FLOOR + 1.0, -deep / 2 + 0.05), (0.82, 1.98, 0.04), door, roughness=0.4),
        Box((x + 0.34, FLOOR + 1.0, -deep / 2 + 0.09), (0.1, 0.02, 0.04), (0.6, 0.6, 0.6)),
    ]
    return boxes


def _window(rng: Rng, x: float, z: float) -> list[Box]:
    day = _hue(rng, rng.uniform(0, 0.25), 1.0, 0.58)
    cloth = _hue(rng, rng.uniform(0, 0.5), rng.uniform(0.4, 0.9))
    inwards = -np.sign(x) * 0.06
    boxes = [
        Box((x, EYE, z), (0.04, 1.25, 1.15), day, glow=rng.uniform(2, 6)),
        Box((x + inwards * 0.4, EYE, z), (0.05, 1.25, 0.05), (0.85, 0.85, 0.83)),
        Box((x + inwards * 0.4, EYE, z), (0.05, 0.05, 1.15), (0.85, 0.85, 0.83)),
    ]
    for end in (-1, 1):
        for fold in range(4):
            at = (x + inwards, EYE - 0.1, z + end * (0.58 + 0.09 * fold))
            boxes.append(Box(at, (0.07, 1.8, 0.10), cloth, soft=True, look="cloth"))
    return boxes


def _pictures(rng: Rng, wide: float, deep: float, count: int) -> list[Box]:
    """Return framed pictures and posters, somewhere on the walls."""
    boxes = []
    for _ in range(count):
        across, high = rng.uniform(0.25, 0.7), rng.uniform(0.3, 0.8)
        y, side = EYE + rng.uniform(-0.1, 0.5), rng.choice([-1, 1])
        frame = _hue(rng, 0.2, rng.choice([0.05, 0.9, 0.3]))
        ink = _hue(rng, rng.uniform(0.2, 0.7), rng.uniform(0.3, 0.9))
        if rng.random() < 0.5:
            z = rng.uniform(-0.4, 0.4) * deep
            boxes += [
                Box((side * (wide / 2 - 0.015), y, z), (0.03, high + 0.05, across + 0.05), frame),
                Box((side * (wide / 2 - 0.03), y, z), (0.03, high, across), ink, look="print"),
            ]
        else:
            x = rng.uniform(-0.4, 0.4) * wide
            boxes += [
                Box((x, y, side * (deep / 2 - 0.015)), (across + 0.05, high + 0.05, 0.03), frame),
                Box((x, y, side * (deep / 2 - 0.03)), (across, high, 0.03), ink, look="print"),
            ]
    return boxes


def _plain(rng: Rng) -> list[Box]:
    wide, deep = rng.uniform(3, 5, 2)
    walls = _hue(rng, rng.uniform(0, 0.35), rng.uniform(0.45, 0.9))
    shell = _shell(rng, wide, deep, "paint", walls)
    return [box for box in shell if box.size[1] != 2.05][: rng.integers(11, 26)]


def _books(rng: Rng, x: float, y: float, z: float, wide: float, *, along_x: bool) -> list[Box]:
    """Return a row of books and things on a board from x (or z) on."""
    boxes, place, hue = [], 0.0, rng.random()
    while place < wide - 0.05:
        thick, high = rng.uniform(0.015, 0.05), rng.uniform(0.16, 0.27)
        if rng.random() < 0.12:
            thick, high = rng.uniform(0.06, 0.2), rng.uniform(0.06, 0.2)
        wild = hue + rng.normal(0, 0.2)
        ink = _hue(rng, rng.uniform(0.05, 0.5), rng.uniform(0.08, 0.75), wild)
        if rng.random() < 0.93:
            size = (thick * 0.9, high, 0.17) if along_x else (0.17, high, thick * 0.9)
            shift = place + thick / 2
            at = (x + shift, y + high / 2, z) if along_x else (x, y + high / 2, z + shift)
            boxes.append(Box(at, size, ink, roughness=0.5, turn=float(rng.normal(0, 0.01))))
        place += thick
    return boxes


def _shelf(rng: Rng) -> list[Box]:
    wide, deep = rng.uniform(3.4, 5.0, 2)
    walls = _hue(rng, rng.uniform(0, 0.25), rng.uniform(0.5, 0.9))
    boxes, wood = _shell(rng, wide, deep, "paint", walls), _wood(rng)
    gap = rng.uniform(0.30, 0.36)
    for side in (-1, 1):
        for level in range(7):
            y = FLOOR + 0.08 + level * gap
            z, x = side * (deep / 2 - 0.13), side * (wide / 2 - 0.13)
            boxes.append(Box((0, y, z), (wide, 0.025, 0.25), wood, look="wood"))
            boxes += _books(rng, -wide / 2, y + 0.013, z, wide, along_x=True)
            if side > 0:
                boxes.append(Box((x, y, 0), (0.25, 0.025, deep), wood, look="wood"))
                boxes += _books(rng, x, y + 0.013, -deep / 2, deep, along_x=False)
        for x in np.arange(-wide / 2, wide / 2 + 0.1, 0.9):
            post = (float(x), FLOOR + 1.2, side * (deep / 2 - 0.13))
            boxes.append(Box(post, (0.03, 2.4, 0.26), wood, look="wood"))
    return boxes


def _room(rng: Rng) -> list[Box]:
    """Return a bedroom or living room, often untidy."""
    wide, deep = rng.uniform(3, 4.6, 2)
    walls = _hue(rng, rng.uniform(0, 0.3), rng.uniform(0.5, 0.9))
    boxes, wood = _shell(rng, wide, deep, "paint", walls), _wood(rng)
    boxes += _pictures(rng, wide, deep, int(rng.integers(2, 7)))
    x, z = rng.choice([-1, 1]) * (wide / 2 - 0.75), -deep / 2 + 1.05
    sheet = _hue(rng, rng.uniform(0, 0.6), rng.uniform(0.3, 0.95))
    boxes += [  # a bed
        Box((x, FLOOR + 0.22, z), (1.45, 0.35, 2.0), wood, look="wood"),
        Box((x, FLOOR + 0.48, z), (1.42, 0.26, 1.95), sheet, soft=True, look="cloth"),
        Box((x, FLOOR + 0.62, z + 0.3), (1.5, 0.22, 1.3), _hue(rng, 0.4, 0.7), soft=True,
            look="cloth", turn=float(rng.normal(0, 0.2))),
        Box((x, FLOOR + 0.55, -deep / 2 + 0.05), (1.5, 1.0, 0.06), wood, look="wood"),
    ]  # fmt: skip
    for k in (-1, 1):
        pillow = _hue(rng, rng.uniform(0, 0.4), rng.uniform(0.5, 0.95))
        boxes.append(Box((x + 0.35 * k, FLOOR + 0.72, -deep / 2 + 0.3), (0.62, 0.22, 0.4), pillow,
                         soft=True, look="cloth", turn=float(rng.normal(0, 0.2))))  # fmt: skip
    side = -np.sign(x) * (wide / 2 - 0.3)
    tall = rng.uniform(1.2, 2.1)
    closet = wood if rng.random() < 0.5 else _hue(rng, 0.05, 0.85)
    boxes.append(Box((side, FLOOR + tall / 2, z), (0.58, tall, 1.1), closet, look="wood"))
    boxes.append(Box((side, FLOOR + 0.37, deep / 2 - 0.6), (0.55, 0.74, 1.1), wood, look="wood"))
    boxes += _books(rng, side, FLOOR + 0.75, deep / 2 - 1.1, 1.0, along_x=False)
    shade = (float(side), FLOOR + 1.02, deep / 2 - 0.35)
    boxes.append(Box(shade, (0.2, 0.22, 0.2), (1, 0.8, 0.55), soft=True, glow=rng.uniform(1, 8)))
    for _ in range(int(rng.choice([2, 10, 26]))):  # how untidy it is
        things = (*rng.uniform(0.12, 0.6, 3) * [1, 0.4, 1],)
        at = (
            rng.uniform(-0.45, 0.45) * wide,
            FLOOR + things[1] / 2,
            rng.uniform(-0.45, 0.45) * deep,
        )
        if rng.random() < 0.5:
            at = (x + rng.normal(0, 0.4), FLOOR + 0.7 + things[1] / 2, z + rng.normal(0, 0.5))
        ink = _hue(rng, rng.uniform(0, 0.8), rng.uniform(0.05, 0.9))
        turn, soft = float(rng.uniform(0, 3)), bool(rng.random() < 0.75)
        boxes.append(Box(at, things, ink, turn, soft=soft, look="cloth"))
    return boxes


def _bath(rng: Rng) -> list[Box]:
    wide, deep = rng.uniform(2.0, 3.0, 2)
    tile = _hue(rng, rng.uniform(0, 0.3), rng.uniform(0.35, 0.9))
    boxes = _shell(rng, wide, deep, "tiles", tile)
    towel = _hue(rng, rng.uniform(0.1, 0.7), rng.uniform(0.3, 0.9))
    x, z = wide / 2 - 0.03, rng.uniform(-0.5, 0.2)
    hung = rng.uniform(-0.5, 0.5)
    curtain = _hue(rng, rng.uniform(0, 0.4), rng.uniform(0.6, 0.95))
    boxes += [
        Box((hung, EYE - 0.25, deep / 2 - 0.03), (0.45, 0.7, 0.05), towel, soft=True, look="cloth"),
        Box((hung, EYE + 0.12, deep / 2 - 0.03), (0.6, 0.02, 0.05), (0.7, 0.7, 0.7), roughness=0.2),
        Box((-x, FLOOR + 0.8, z), (0.5, 0.18, 0.7), (0.9, 0.9, 0.9), soft=True, roughness=0.15),
        Box((-x, EYE, z), (0.14, 0.6, 0.7), _hue(rng, 0.03, 0.9)),
    ]
    for fold in range(9):
        at = (-wide / 2 + 0.1 + 0.11 * fold, EYE - 0.35, -deep / 2 + 0.35)
        boxes.append(Box(at, (0.12, 2.1, 0.09), curtain, soft=True, look="cloth"))
    for _ in range(int(rng.integers(4, 14))):
        at = (-x + rng.uniform(0.02, 0.2), FLOOR + 0.96, z + rng.uniform(-0.3, 0.3))
        ink = _hue(rng, rng.uniform(0.1, 0.8), rng.uniform(0.3, 0.95))
        boxes.append(Box(at, (0.05, rng.uniform(0.1, 0.22), 0.05), ink, roughness=0.2))
    return boxes


def _car(rng: Rng) -> list[Box]:
    """Return the inside of a car around its driver; the windows stay open to the world."""
    seat = _hue(rng, rng.uniform(0, 0.2), rng.choice([0.06, 0.12, 0.3, 0.5]), 0.09)
    trim, roof = _hue(rng, 0.05, 0.05), _hue(rng, 0.06, rng.uniform(0.25, 0.6))
    y, other = EYE, rng.choice([-1, 1]) * 0.72
    boxes = [
        Box((other / 2, y + 0.30, -0.4), (1.6, 0.06, 2.4), roof, soft=True, look="cloth"),
        Box((other / 2, y - 0.35, -1.75), (1.5, 0.35, 0.3), trim),
        Box((other / 2, y - 0.5, -1.35), (1.35, 0.7, 0.3), seat, soft=True, look="cloth"),
    ]
    for x in (0.0, other):
        boxes += [
            Box((x, y - 0.42, -0.25), (0.5, 0.75, 0.2), seat, soft=True, look="cloth"),
            Box((x, y + 0.02, -0.28), (0.3, 0.2, 0.12), seat, soft=True, look="cloth"),
            Box((x, y - 0.16, -1.3), (0.28, 0.18, 0.12), seat, soft=True, look="cloth"),
        ]
    for x in (-0.42 * np.sign(other), other + 0.42 * np.sign(other)):
        boxes.append(Box((x, y - 0.55, -0.4), (0.1, 0.75, 2.6), trim))
        for z in (-0.42, -1.5):
            boxes.append(Box((x, y, z), (0.08, 0.75, 0.14), roof, turn=0.1))
    return boxes
