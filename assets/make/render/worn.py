"""What a person wears beside clothes: glasses, hats, the phone in a hand."""

import human
import numpy as np
from factors import Look, Person
from human import Pose, unit
from meshes import Faces, Mesh, Points
from paints import ClearPaint, Paint, PlainPaint, linear

SEGMENTS = 36  # around a hat
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
        y = eye[side][1] - 0.002 + up * height * (1.15 if dark else 1)
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
    """Return a cap, beanie or straw hat that fits the head and its hair."""
    neutral, eye = pose.neutral, human.eyeball(pose.neutral, "l")[0]
    above = neutral[human.head_vertices() & (neutral[:, 1] > eye[1] + 0.045)]
    low, high = above.min(axis=0), above.max(axis=0)
    lift = 0.068 if look.hat == "cap" else 0.05  # a peak must not hide the eyes
    centre = np.array([0, eye[1] + lift, (low[2] + high[2]) / 2])
    gap = 0.012 if person.hair in ("buzz", "bald") else 0.018
    radius = np.array(
        [np.abs(above[:, 0]).max() + gap, high[1] - centre[1] + gap, (high[2] - low[2]) / 2 + gap]
    )
    beanie = look.hat == "beanie"
    lowest = {"beanie": -0.5, "cap": -0.2, "straw": -0.08}[str(look.hat)]
    up = np.linspace(lowest, np.pi / 2, 12)
    around = np.linspace(0, 2 * np.pi, SEGMENTS, endpoint=False)
    ring = np.cos(up.clip(0))[:, None] ** (0.6 if look.hat == "straw" else 1.0)
    crown = np.stack(
        [ring * np.cos(around), np.sin(up)[:, None] * np.ones(SEGMENTS), ring * np.sin(around)],
        axis=-1,
    )
    crown = crown * radius + centre
    # Pushed back from the forehead.
    crown[..., 1] += (crown[..., 2] - centre[2]) * (0.25 if look.hat == "straw" else 0.12)
    if beanie:  # turned up at the edge
        crown[:4] = centre + (crown[:4] - centre) * np.array([1.03, 1, 1.03])
    at = pose.on_head(crown.reshape(-1, 3))
    colour = linear(look.hat_colour)
    weave = {"beanie": 1.0, "straw": 0.6, "cap": 0.0}[str(look.hat)]
    felt = PlainPaint(colour, 0.9, 0.2, weave=weave)
    parts: list[Part] = [("hat", mesh_of(at, grid(12, SEGMENTS)), felt)]
    if look.hat == "straw":
        band = centre + (crown[1:4] - centre) * np.array([1.02, 1, 1.02])
        ribbon = PlainPaint(linear(look.top_colour), 0.8, 0.2)
        band_mesh = mesh_of(pose.on_head(band.reshape(-1, 3)), grid(3, SEGMENTS))
        parts.append(("band", band_mesh, ribbon))
    if look.hat in ("cap", "straw"):
        parts.append(("brim", _brim(look, pose, centre, radius), felt))
    return parts


def _brim(look: Look, pose: Pose, centre: Points, radius: Points) -> Mesh:
    """Return the brim all around a straw hat, or a cap's peak."""
    straw = look.hat == "straw"
    out = np.linspace(0.90, 1.75 if straw else 1.6, 6)[:, None]
    around = np.linspace(0, 2 * np.pi, SEGMENTS, endpoint=False)
    if not straw:
        around = np.linspace(0.42, np.pi - 0.42, SEGMENTS)
    wide = out if straw else 1 + (out - 1) * 0.12
    deep = out if straw else 1 + (out - 1) * np.sin(around) ** 0.7
    x, z = np.cos(around) * radius[0] * wide, np.sin(around) * radius[2] * deep
    at = np.stack([x, -0.01 * (out - 1) * np.ones(SEGMENTS), z], axis=-1) + centre
    at[..., 1] += (at[..., 2] - centre[2]) * (0.25 if straw else 0.0) - 0.012 * (out - 0.98).clip(0)
    if not straw:  # bent down at its sides
        at[..., 1] -= 0.014 * np.cos(around) ** 2
    return mesh_of(pose.on_head(at.reshape(-1, 3)), grid(6, SEGMENTS, closed=straw))


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
