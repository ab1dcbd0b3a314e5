"""What a person wears beside clothes: glasses, hats, the phone in a hand."""

import human
import numpy as np
from factors import Look, Person
from human import Pose, unit
from meshes import Faces, Mesh, Points
from numpy.typing import NDArray
from paints import ClearPaint, Paint, PlainPaint, linear
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import KDTree

SEGMENTS, RIBS = 192, 48  # around a hat
# Metres above the eyes where a hat ends: before, beside and behind the head.
HAT_EDGES = {"cap": (0.062, 0.040, 0.025), "beanie": (0.052, 0.022, -0.025)}
PEAK = 1.15  # radians to each side
RIM = 28  # around a lens
Part = tuple[str, Mesh, Paint]


def mesh_of(vertices: Points, faces: Faces) -> Mesh:
    """Return a mesh of faces (M, k) that all have as many corners."""
    return Mesh(vertices, faces.ravel(), np.full(len(faces), faces.shape[1]))


def make_glasses(look: Look, pose: Pose) -> list[Part]:
    """Return a frame around the eyes with bows to the ears, and lenses."""
    width, height, roundness, rim = look.frame
    neutral = pose.neutral
    eye = {side: human.eyeball(neutral, side)[0] for side in "lr"}
    beside = (np.abs(neutral[:, 0]) < 0.012) & (np.abs(neutral[:, 1] - eye["l"][1]) < 0.012)
    bridge = neutral[beside & human.head_vertices(), 2].max()
    angle = np.linspace(0, 2 * np.pi, RIM, endpoint=False)
    across, up = (np.sign(f) * np.abs(f) ** roundness for f in (np.cos(angle), np.sin(angle)))
    dark = look.glasses == "sun"
    glass = linear(look.lens_colour) if dark else np.full(3, 0.96)
    parts, lenses = [], []
    for side, sign in (("l", 1), ("r", -1)):
        x = eye[side][0] + sign * 0.002 + across * width
        y = eye[side][1] - 0.002 + up * height * (1.05 if dark else 1)
        z = np.maximum(
            bridge + 0.004 - 3.6 * np.clip(np.abs(x) - 0.01, 0, 1) ** 2, eye[side][2] + 0.018
        )
        line = np.stack([x, y, z], axis=1)
        parts.append(_tube(line, rim, closed=True))
        fan = np.arange(RIM)
        faces = np.stack([fan, (fan + 1) % RIM, np.full(RIM, RIM)], axis=1)
        lens = pose.on_head(np.r_[line, [line.mean(axis=0)]])
        lenses.append(("lens", mesh_of(lens, faces), ClearPaint(glass, 1.5)))
        edge, level = float(np.abs(x).max()), eye[side][1] + 0.004
        ear = max(0.072, edge + 0.004)
        bow = [
            (sign * edge, level, z.min()), (sign * ear, level + 0.001, z.min() - 0.01),
            (sign * ear * 1.02, level, 0.02), (sign * ear, level - 0.018, -0.002),
        ]  # fmt: skip
        parts.append(_tube(np.array(bow), rim, closed=False))
    inner, level = eye["l"][0] - width + 0.001, eye["l"][1]
    bar = [
        (-inner, level + 0.004, bridge + 0.002), (0, level + 0.008, bridge + 0.007),
        (inner, level + 0.004, bridge + 0.002),
    ]  # fmt: skip
    parts.append(_tube(np.array(bar), rim, closed=False))
    starts = np.cumsum([0, *(len(at) for at, _ in parts)])
    at = pose.on_head(np.concatenate([at for at, _ in parts]))
    faces = np.concatenate([f + start for (_, f), start in zip(parts, starts, strict=False)])
    return [("frame", mesh_of(at, faces), PlainPaint(linear(look.frame_colour), 0.25)), *lenses]


def make_hat(person: Person, look: Look, pose: Pose) -> list[Part]:
    """Return a cap or a beanie over the head, as high as hair pressed flat needs."""
    beanie, gap = look.hat == "beanie", 0.006 if person.hair in ("buzz", "bald") else 0.011
    colour = linear(look.hat_colour)
    felt = PlainPaint(colour, 0.95, 0.1)
    around = np.linspace(0, 2 * np.pi, SEGMENTS, endpoint=False)
    # From the edge to the top: place, metres over the head.
    if beanie:  # turned up at the edge
        rows = [(0, 0), (0, 7), (0.03, 10), (0.1, 11), (0.25, 11), (0.29, 9), (0.3, 4), (0.36, 5)]
        rows += [(0.5, 6), (0.65, 8), (0.8, 11), (0.9, 13), (0.97, 14), (1, 14)]
    else:
        rows = [(0, 0), (0, 3), (0.1, 4), (0.25, 6), (0.4, 8), (0.6, 9), (0.8, 7), (1, 4)]
    share, over = np.array(rows, float).T
    over = (gap + over / 1000)[:, None]
    if beanie:
        over = over + 0.0012 * np.cos(RIBS * around) * (share < 0.98)[:, None]
    else:  # stiff over the forehead
        over = over + 0.010 * np.sin(np.pi * share)[:, None] * np.clip(np.cos(around), 0, 1)
    crown = _over_head(pose, str(look.hat), share, over, around)
    parts: list[Part] = [
        ("hat", mesh_of(pose.on_head(crown.reshape(-1, 3)), grid(len(rows), SEGMENTS)), felt)
    ]
    if not beanie:
        front = np.abs((around + np.pi) % (2 * np.pi) - np.pi) < PEAK
        order = np.argsort((around[front] + np.pi) % (2 * np.pi))
        parts.append(("peak", _peak(pose, crown[1][front][order]), felt))
    return parts


def under_hat(hat: str, pose: Pose, points: Points) -> NDArray[np.bool_]:
    """Return which points (..., 3) on a head that is not turned are under a hat."""
    centre = _hat_centre(pose)
    around = np.arctan2(points[..., 0], points[..., 2] - centre[2])
    return points[..., 1] > human.EYES[1] + _hat_edge(hat, around)


def _hat_centre(pose: Pose) -> Points:
    z = pose.neutral[human.scalp(), 2]
    return np.array([0, human.EYES[1] + 0.045, (z.min() + z.max()) / 2])


def _hat_edge(hat: str, around: Points) -> Points:
    """Return metres above the eyes at which a hat ends; `around` in radians from the front."""
    front, side, back = HAT_EDGES[hat]
    turn = np.cos(around)
    return side + np.where(turn > 0, front - side, back - side) * turn**2


def _over_head(pose: Pose, hat: str, share: Points, over: Points, around: Points) -> Points:
    """Return rings (R, A, 3) around the head; 0 .. 1 of the way from a hat's edge to the top."""
    centre = _hat_centre(pose)
    skull = human.head_vertices() & ~(human.mask("ears") > 0.1)
    way = pose.neutral[skull & (pose.neutral[:, 1] > human.EYES[1])] - centre
    radii = np.linalg.norm(way, axis=1)
    low = np.arctan2(_hat_edge(hat, around) + human.EYES[1] - centre[1], 0.1)
    up = low + share[:, None] * (np.pi / 2 - low)
    ring = np.cos(up)
    out = np.stack([ring * np.sin(around), np.sin(up), ring * np.cos(around)], axis=-1)
    near, index = KDTree(way / radii[:, None]).query(out, k=6)
    weight = 1 / (near + 0.02)
    radius = (radii[index] * weight).sum(axis=-1) / weight.sum(axis=-1)
    radius = gaussian_filter1d(radius, SEGMENTS / 40, axis=1, mode="wrap")
    return centre + out * (radius + over)[..., None]


def _peak(pose: Pose, edge: Points) -> Mesh:
    """Return a cap's peak before its edge (A, 3), from right to left."""
    across = np.linspace(-1, 1, len(edge))
    reach = 0.072 * np.clip(1 - np.abs(across) ** 2.6, 0, 1)
    rows = []
    above = [(0, 0), (0.35, 0), (0.7, 0), (0.96, 0), (1, 1)]
    for out, thick in [*above, (0.96, 2), (0.35, 2), (0, 2)]:
        row = edge.copy()
        row[:, 2] += out * reach
        row[:, 0] *= 1 - 0.06 * out
        row[:, 1] -= 0.15 * out * reach + 2.0 * out * row[:, 0] ** 2 + 0.0015 * thick
        rows.append(row)
    at = pose.on_head(np.concatenate(rows))
    return mesh_of(at, grid(len(rows), len(edge), closed=False))


def make_phone(pose: Pose, side: str) -> list[Part]:
    """Return a phone in a hand, its lenses to the front."""
    hand, along = pose.hands[side]
    centre = hand + along * 0.095 + np.array([0, 0.035, 0.030])
    signs = [[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    faces = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    at = np.array(signs) * np.array([0.037, 0.076, 0.004]) + centre
    parts: list[Part] = [
        ("phone", mesh_of(at, np.array(faces)), PlainPaint(np.full(3, 0.02), 0.15, 0.6))
    ]
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    circle = np.stack([np.cos(turn) * 0.009, np.sin(turn) * 0.009, 0 * turn + 0.0052], axis=1)
    for place in ([0.018, 0.052, 0], [0.018, 0.028, 0]):
        lens = mesh_of(circle + centre + place, np.arange(24)[None])
        parts.append(("phone lens", lens, PlainPaint(np.full(3, 0.004), 0.02, 1.0)))
    return parts


def grid(rows: int, columns: int, *, closed: bool = True) -> Faces:
    """Return the faces (M, 4) of a grid of vertices whose rows are rings, or not closed."""
    i = np.arange(rows - 1)[:, None] * columns
    j = np.arange(columns if closed else columns - 1)[None]
    right = (j + 1) % columns
    faces = np.stack([i + j, i + right, i + columns + right, i + columns + j], axis=-1)
    return faces.reshape(-1, 4)


def _tube(path: Points, radius: float, *, closed: bool) -> tuple[Points, Faces]:
    """Return a tube of eight sides along a path (N, 3)."""
    if closed:
        ahead = unit(np.roll(path, -1, axis=0) - np.roll(path, 1, axis=0))
    else:
        ahead = unit(np.gradient(path, axis=0))
    first = unit(np.cross(ahead, [0, 0.3, 1.0] if closed else [0.1, 1, 0.2]))
    second = np.cross(ahead, first)
    angle = np.linspace(0, 2 * np.pi, 8, endpoint=False)[None, :, None]
    ring = np.cos(angle) * first[:, None] + np.sin(angle) * second[:, None]
    at = (path[:, None] + radius * ring).reshape(-1, 3)
    faces = grid(len(path), 8)
    if closed:
        last, j = (len(path) - 1) * 8, np.arange(8)
        right = (j + 1) % 8
        faces = np.r_[faces, np.stack([last + j, last + right, right, j], axis=1)]
    return at, faces
