"""Hair that grows from the skin: buzz cuts, afros and beards, as strands kept out of the body."""

from functools import cache

import human
import numpy as np
from factors import Person
from human import Pose, unit
from meshes import Points
from numpy.typing import NDArray
from scipy.spatial import KDTree

Rng = np.random.Generator
Strands = NDArray[np.float64]  # (K, S, 3), S points along each of K strands
COUNTS = {"buzz": 15_000, "afro": 15_000, "beard": 9_000}  # strands at detail 1


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

    def outside(self, points: Points, gap: Points | float, *, reach: float = 0.05) -> Points:
        """Return points (K, 3), those under or near the skin pushed out to a gap in metres."""
        distance, index = self._near.query(points, distance_upper_bound=reach)
        near = np.flatnonzero(np.isfinite(distance))
        normal = self.normals[index[near]]
        depth = ((points[near] - self.vertices[index[near]]) * normal).sum(axis=1)
        gaps = np.broadcast_to(gap, len(points))[near]
        out = points.copy()
        out[near] += (gaps - depth).clip(0)[:, None] * normal
        return out


@cache
def _triangles(area: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the triangles (T, 3) of a hairy area and the share of the area in each."""
    vertices, _, faces = human.base()
    inside = human.scalp() if area == "scalp" else human.beard_area() > 0
    quads = faces["body"][inside[faces["body"]].all(axis=1)]
    corners = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    a, b, c = (vertices[corners[:, k]] for k in range(3))
    size = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    return corners, size / size.sum()


def _roots(area: str, count: int, rng: Rng) -> tuple[NDArray[np.int64], Points]:
    """Return random places on an area, as triangles (K, 3) and shares in them (K, 3)."""
    corners, share = _triangles(area)
    return corners[rng.choice(len(corners), count, p=share)], rng.dirichlet([1, 1, 1], count)


def grow_hair(person: Person, skin: Skin, rng: Rng, *, detail: float) -> Strands:
    """Return a buzz cut (K, 3, 3) or an afro (K, 9, 3)."""
    count = int(COUNTS[person.hair] * detail)
    root, normal = skin.at(*_roots("scalp", count, rng))
    if person.hair == "buzz":
        way = unit(normal + rng.normal(0, 0.25, normal.shape))
        along = np.linspace(-0.2, 1, 3)[None, :, None]
        return root[:, None] + way[:, None] * along * person.hairlen
    steps, out = 9, np.empty((count, 9, 3))
    length = person.hairlen * rng.uniform(0.75, 1.05, count)
    step = (length / (steps - 1))[:, None]
    speed, phase = rng.uniform(1.5, 2.9, count), rng.random(count) * 2 * np.pi
    point, way = root.copy(), normal
    for k in range(steps):
        wave = 0.010 * min(1.0, 2 * k / (steps - 1))
        around = speed * k * 1.7 + phase
        turn = [np.cos(around), 0.4 * np.sin(speed * k * 2.1 + phase), np.sin(around)]
        out[:, k] = point + np.stack(turn, axis=1) * wave
        way = unit(way * 1.2 + rng.normal(0, 0.06, (count, 3)))
        point = point + way * step
    flat = skin.outside(out.reshape(-1, 3), 0.001)
    return flat.reshape(out.shape)


def grow_beard(person: Person, skin: Skin, rng: Rng, *, detail: float) -> Strands:
    """Return a full beard (K, 4, 3), thinner at its edges."""
    corners, shares = _roots("beard", int(COUNTS["beard"] * detail), rng)
    thick = (human.beard_area()[corners] * shares).sum(axis=1)
    grown = rng.random(len(thick)) < 0.1 + 0.9 * thick
    corners, shares, thick = corners[grown], shares[grown], thick[grown]
    root, normal = skin.at(corners, shares)
    way = unit(normal * 0.6 + np.array([0, -0.8, 0]) + rng.normal(0, 0.25, normal.shape))
    length = person.beardlen * rng.uniform(0.4, 1.1, len(root)) * (0.3 + 0.7 * thick)
    along = np.linspace(0, 1, 4)[None, :, None] * length[:, None, None]
    return root[:, None] + way[:, None] * along
