"""Hair, brows and beard: strands grown from the skin, kept out of the body as they grow."""

from collections.abc import Callable
from functools import cache

import human
import numpy as np
from human import Faces, Points, Pose, unit
from numpy.typing import NDArray
from sample import Person, Rng
from scipy.spatial import KDTree

Strands = NDArray[np.float64]  # (K, S, 3), S points along each of K strands
COUNTS = {"buzz": 3500, "short": 2600, "afro": 3200}  # strands at density 1
BROW = 260  # roots of each brow, of which a person has some


class Skin:
    """A posed body's surface, for rooting strands and for keeping them outside."""

    def __init__(self, pose: Pose) -> None:
        self.pose = pose
        self.vertices = pose.vertices
        self.normals = human.normals(pose.vertices, human.base()[2]["body"])
        self._near = KDTree(self.vertices[: human.BODY])

    def at(self, corners: NDArray[np.int64], shares: Points) -> tuple[Points, Points]:
        """Return places and normals (K, 3) of points given by triangles and shares in them."""
        place = (self.vertices[corners] * shares[..., None]).sum(axis=1)
        return place, unit((self.normals[corners] * shares[..., None]).sum(axis=1))

    def outside(self, points: Points, gap: Points | float, *, reach: float = 1.0) -> Points:
        """Return points (K, 3), those under or near the skin pushed out to a gap in metres."""
        distance, index = self._near.query(points)
        depth = ((points - self.vertices[index]) * self.normals[index]).sum(axis=1)
        push = np.where((depth < gap) & (distance < reach), gap - depth, 0)
        return points + push[:, None] * self.normals[index]


@cache
def _triangles(area: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the triangles (T, 3) of a hairy area and the share of the area in each."""
    vertices, _, faces = human.base()
    inside = human.scalp() if area == "scalp" else human.beard_area()
    quads = faces["body"][inside[faces["body"]].all(axis=1)]
    corners = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    a, b, c = (vertices[corners[:, k]] for k in range(3))
    size = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    return corners, size / size.sum()


def _roots(area: str, count: int, rng: Rng) -> tuple[NDArray[np.int64], Points]:
    """Return random places on an area, as triangles (K, 3) and shares in them (K, 3)."""
    corners, share = _triangles(area)
    return corners[rng.choice(len(corners), count, p=share)], rng.dirichlet([1, 1, 1], count)


def grow(
    root: Points,
    normal: Points,
    way: Points,
    *,
    skin: Skin,
    rng: Rng,
    steps: int,
    length: Points | float,
    gravity: float = 0.0,
    curl: float = 0.0,
    gap: float = 0.004,
    stiff: float = 1.0,
    comb: Callable[[Points], Points] | None = None,
    phase: Points | None = None,
) -> Strands:
    """Return strands (K, steps, 3) that start along `way` and bend by weight, comb and curl.

    Args:
        root: Where strands leave the skin, (K, 3), metres.
        normal: Of the skin there, (K, 3).
        way: First direction, (K, 3), unit length.
        skin: What strands slide along rather than enter.
        rng: Of the strands' small differences.
        steps: Points of a strand.
        length: Metres, one or (K,).
        gravity: Turn down a step, against `stiff` for keeping the way.
        curl: 0 straight .. 1.6 curly.
        gap: Least distance from the skin, metres.
        stiff: Share of the way that is kept a step.
        comb: Place (K, 3) -> push (K, 3).
        phase: Of the curl, (K,); equal phases make locks.
    """
    count = len(root)
    out = np.empty((count, steps, 3))
    out[:, 0] = root - normal * 0.002
    step = (np.broadcast_to(length, (count,)) / (steps - 1))[:, None]
    point = root + normal * 0.001
    speed = rng.uniform(0.7, 1.3, count) * (1 if curl < 0.5 else 2.2)
    turn = rng.random(count) * 2 * np.pi if phase is None else phase
    gaps = gap * (1 + 0.8 * rng.random(count))
    for k in range(1, steps):
        push = 0.0 if comb is None else comb(point)
        jitter = rng.normal(0, 0.06, (count, 3))
        way = unit(way * stiff + push + np.array([0, -gravity, 0]) + jitter)
        point = skin.outside(point + way * step, gaps, reach=0.05)
        wave = curl * 0.010 * min(1, 2 * k / (steps - 1))
        around = speed * k * 1.7 + turn
        up = 0.4 * np.sin(speed * k * 2.1 + turn)
        out[:, k] = point + np.stack([np.cos(around), up, np.sin(around)], axis=1) * wave
    return out


def grow_hair(person: Person, skin: Skin, rng: Rng, *, density: float) -> Strands | None:
    """Return the hair of the head, or None for a bald one."""
    if person.hair == "bald":
        return None
    count = int(COUNTS.get(person.hair, 2600) * density)
    corners, shares = _roots("scalp", count, rng)
    root, normal = skin.at(corners, shares)
    neutral = (human.base()[0][corners] * shares[..., None]).sum(axis=1)
    plain = {"skin": skin, "rng": rng}
    if person.hair == "buzz":
        return grow(root, normal, normal, steps=3, length=person.hairlen, gap=0.001, **plain)
    if person.hair == "afro":
        length = person.hairlen * rng.uniform(0.8, 1.1, count)
        return grow(
            root, normal, normal, steps=8, length=length, curl=1.1, gap=0.001, stiff=1.2, **plain
        )
    if person.hair == "short":
        sweep = np.tile(person.sweep, (count, 1)) @ skin.pose.turn.T
        thin = np.interp(human.scalp_height(neutral), [-0.8, 0.2, 0.8, 1], [0.25, 0.45, 1, 1])
        length = person.hairlen * thin * rng.uniform(0.7, 1.1, count)
        return grow(
            root, normal, unit(normal * 0.9 + sweep), steps=7, length=length, gravity=0.05,
            curl=person.curl, comb=lambda _: sweep * 0.25, **plain,
        )  # fmt: skip
    if person.hair in ("bun", "ponytail"):
        return _tied(person, root, skin, rng)
    return _hanging(person, root, normal, neutral, skin, rng)


def _hanging(
    person: Person, root: Points, normal: Points, neutral: Points, skin: Skin, rng: Rng
) -> Strands:
    """Return a bob or long hair, parted, falling beside the face."""
    count, turn = len(root), skin.pose.turn
    side = np.where(neutral[:, 0] > person.part * 0.03, 1.0, -1.0)
    length = person.hairlen * rng.uniform(0.85, 1.05, count)
    back = np.where(neutral[:, 2] > 0.06, -0.25, -0.3)
    way = np.stack([side * 0.9, np.full(count, 0.15), back], axis=1)
    fringe = np.zeros(count, bool)
    if person.bangs:
        fringe = (neutral[:, 2] > 0.055) & (np.abs(neutral[:, 0]) < 0.052)
        forward = [neutral[fringe, 0] * 6, np.full(fringe.sum(), 0.1), np.ones(fringe.sum())]
        way[fringe] = np.stack(forward, axis=1)
        length = np.where(fringe, 0.085 * rng.uniform(0.85, 1.1, count), length)
    locks = np.round(rng.random(count) * 4 * np.pi) / 2

    def out_of_face(points: Points) -> Points:
        x, y, z = skin.pose.off_head(points).T
        brow = human.EYES[1] + 0.07
        before = (z > 0.045) & (np.abs(x) < 0.085) & (y < brow) & ~fringe
        push = [np.where(before, np.sign(x) * 1.3, 0), 0 * x, np.where(before, -0.5, 0)]
        return np.stack(push, axis=1) @ turn.T

    return grow(
        root, normal, unit(way @ turn.T + normal * 0.35), skin=skin, rng=rng, steps=15,
        length=length, gravity=0.62, curl=person.curl, gap=0.005 + 0.008 * person.volume,
        stiff=0.72, comb=out_of_face, phase=locks,
    )  # fmt: skip


def _tied(person: Person, root: Points, skin: Skin, rng: Rng) -> Strands:
    """Return hair combed to a tie at the back of the head, and the bun or tail behind it."""
    bun, steps, half = person.hair == "bun", 9, len(root) // 2
    eye = human.eye_centre()[1]
    goal = np.array([0, eye + (0.095 if bun else 0.06), -0.07 if bun else -0.10])
    scalp = np.flatnonzero(human.scalp())
    nearest = scalp[np.argsort(((human.base()[0][scalp] - goal) ** 2).sum(axis=1))[:8]]
    outwards = unit(skin.normals[nearest].mean(axis=0))
    tie = skin.vertices[nearest].mean(axis=0) + outwards * 0.014
    combed = np.empty((len(root), steps, 3))
    for k, share in enumerate(np.linspace(0, 1, steps)):
        point = root * (1 - share) + tie * share
        gaps = (0.006 + 0.004 * rng.random(len(root))) if k else -1.0
        combed[:, k] = skin.outside(point, gaps)
    if bun:
        axis = unit(rng.normal(size=(half, 3)))
        other = unit(np.cross(axis, rng.normal(size=(half, 3))))
        along = np.linspace(0, 3, steps)[None, :, None]
        circle = np.cos(along) * axis[:, None] + np.sin(along) * other[:, None]
        radius = 0.037 * rng.uniform(0.9, 1.03, half)[:, None, None]
        tail = tie + outwards * 0.024 + radius * circle
    else:
        way = np.array([0, 0.3, -1.0]) + rng.normal(0, 0.25, (half, 3))
        way = unit(way @ skin.pose.turn.T)
        tail = grow(
            tie + rng.normal(0, 0.008, (half, 3)), way, way, skin=skin, rng=rng, steps=steps,
            length=person.hairlen * rng.uniform(0.8, 1.1, half), gravity=0.5, curl=person.curl,
            gap=0.01,
        )  # fmt: skip
    return np.concatenate([combed, tail])


def grow_beard(person: Person, skin: Skin, rng: Rng, *, density: float) -> Strands:
    """Return a full beard."""
    root, normal = skin.at(*_roots("beard", int(1500 * density), rng))
    way = unit(normal * 0.6 + np.array([0, -0.8, 0]) + rng.normal(0, 0.2, normal.shape))
    along = np.linspace(0, 1, 4)[None, :, None] * person.beardlen
    return root[:, None] + way[:, None] * along


def grow_brows(person: Person, skin: Skin, rng: Rng) -> Strands:
    """Return both brows."""
    corners, shares, side, along = _brow_roots()
    kept = rng.random(len(corners)) < person.brow
    root, normal = skin.at(corners[kept], shares[kept])
    side, along = side[kept], along[kept]
    way = np.stack([side * (0.4 + 0.8 * along), 0.7 - 1.1 * along, 0 * along], axis=1)
    way = unit(way @ skin.pose.turn.T + normal * 0.25)
    length = np.linspace(0, 0.009, 4)[None, :, None]
    return root[:, None] + way[:, None] * length + normal[:, None] * 0.0008


@cache
def _brow_roots() -> tuple[NDArray[np.int64], Points, Points, Points]:
    """Return the triangles under both brows, shares in them, side (-1, 1), place along (0, 1)."""
    vertices, _, faces = human.base()
    eye, rng = human.eye_centre(), np.random.default_rng(5)
    along = rng.random(BROW)
    x = eye[0] - 0.018 + along * 0.040
    arch = 0.006 * np.sin(along * 2.6) - 0.016 * (along > 0.75) * (along - 0.75)
    y = eye[1] + 0.0175 + arch + rng.normal(0, 0.0011, BROW) * (1.3 - along)
    corners = _forehead(faces["body"])
    middle = KDTree(vertices[corners].mean(axis=1)[:, :2])
    found = []
    for side in (1, -1):
        goal = np.stack([side * x, y, np.ones(BROW)], axis=1)
        _, index = middle.query(goal[:, :2])
        flat = vertices[corners[index]][..., :2].transpose(0, 2, 1)
        system = np.concatenate([flat, np.ones((BROW, 1, 3))], axis=1)
        shares = np.linalg.solve(system, goal[..., None])[..., 0]
        good = (shares.min(axis=1) > -0.25) & (shares.max(axis=1) < 1.25)
        found.append((corners[index][good], shares[good], np.full(good.sum(), side), along[good]))
    first, second = found
    return tuple(np.concatenate(pair) for pair in zip(first, second, strict=True))  # pyright: ignore[reportReturnType]


def _forehead(quads: Faces) -> NDArray[np.int64]:
    """Return the triangles (T, 3) of the face that look to the front, up to the hairline."""
    vertices, eye = human.base()[0], human.eye_centre()
    corners = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    a, b, c = (vertices[corners[:, k]] for k in range(3))
    towards = unit(np.cross(b - a, c - a))[:, 2]
    place = vertices[corners]
    low, high = place[:, :, 2].min(axis=1) > 0.08, place[:, :, 1].max(axis=1) < eye[1] + 0.06
    return corners[low & high & (towards > 0.3) & human.head_vertices()[corners].all(axis=1)]
