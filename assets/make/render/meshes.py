"""MakeHuman's files as numpy: meshes (.obj) and what is worn (.mhclo), fitted to a posed body."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from human import Pose

Points = NDArray[np.float64]  # (N, 3)
Faces = NDArray[np.int64]  # (M, 4), corners
MAKEHUMAN = 0.1  # its unit, a decimetre, in metres


@dataclass
class Mesh:
    """Polygons: vertices (N, 3) in metres, L corners of M polygons one after another."""

    vertices: Points
    corners: NDArray[np.int64]  # (L,), vertex of each corner
    sizes: NDArray[np.int64]  # (M,), corners of each polygon
    uv: NDArray[np.float64] | None = None  # (L, 2), from the bottom left
    groups: tuple[str, ...] = ()  # (M,) or empty
    attributes: dict[str, NDArray[np.float64]] = field(default_factory=dict)  # name -> (N,)

    def part(self, group: str) -> "Mesh":
        """Return the polygons of a group over the same vertices."""
        return self.only(np.array([name == group for name in self.groups]))

    def only(self, kept: NDArray[np.bool_]) -> "Mesh":
        """Return some of the polygons (M,), over the same vertices."""
        loops = np.repeat(kept, self.sizes)
        uv = None if self.uv is None else self.uv[loops]
        return Mesh(
            self.vertices, self.corners[loops], self.sizes[kept], uv, attributes=self.attributes
        )

    def compact(self) -> "Mesh":
        """Return the same mesh without the vertices that no polygon uses."""
        used, corners = np.unique(self.corners, return_inverse=True)
        values = {name: value[used] for name, value in self.attributes.items()}
        return Mesh(self.vertices[used], corners, self.sizes, self.uv, (), values)

    def any_of(self, vertices: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which polygons (M,) have a corner among some vertices (N,)."""
        starts = np.cumsum(self.sizes) - self.sizes
        return np.logical_or.reduceat(vertices[self.corners], starts)

    def all_of(self, vertices: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which polygons (M,) have all corners among some vertices (N,)."""
        return ~self.any_of(~vertices)

    def pieces(self) -> NDArray[np.int64]:
        """Return the number of the connected piece that each vertex (N,) is part of."""
        first = np.repeat(self.corners[np.cumsum(self.sizes) - self.sizes], self.sizes)
        shape = (len(self.vertices),) * 2
        links = csr_matrix((np.ones(len(first)), (first, self.corners)), shape=shape)
        return connected_components(links, directed=False)[1]

    def triangles(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the vertices (T, 3) and the corners (T, 3) of the mesh cut into triangles."""
        starts = np.cumsum(self.sizes) - self.sizes
        loops = np.concatenate(
            [
                np.stack([start, start + k, start + k + 1], axis=1)
                for k in range(1, int(self.sizes.max()) - 1)
                for start in [starts[self.sizes > k + 1]]
            ]
        )
        return self.corners[loops], loops


@cache
def read_obj(path: Path) -> Mesh:
    """Return the mesh of a Wavefront file in metres, with the group of each polygon."""
    vertices, places, corners, uv, sizes, groups, group = [], [], [], [], [], [], ""
    for line in path.read_text().splitlines():
        match line.split():
            case ["v", *xyz]:
                vertices.append([float(value) for value in xyz[:3]])
            case ["vt", *place]:
                places.append([float(value) for value in place[:2]])
            case ["g", name, *_]:
                group = name
            case ["f", *ends]:
                parts = [end.split("/") for end in ends]
                corners += [int(part[0]) - 1 for part in parts]
                uv += [int(part[1]) - 1 if part[1:2] not in ([], [""]) else 0 for part in parts]
                sizes.append(len(parts))
                groups.append(group)
    at = np.array(places or [[0.0, 0.0]])[np.array(uv)]
    return Mesh(
        np.array(vertices) * MAKEHUMAN, np.array(corners), np.array(sizes), at, tuple(groups)
    )


@dataclass(frozen=True)
class Proxy:
    """How a mesh hangs on the body: three of its vertices for each vertex, and an offset."""

    mesh: Mesh
    on: NDArray[np.int64]  # (N, 3), vertices of the body
    shares: Points  # (N, 3)
    offsets: Points  # (N, 3), in metres at a scale of 1
    scales: dict[int, tuple[int, int, float]]  # axis -> two vertices, their distance at scale 1
    hidden: NDArray[np.int64]  # vertices of the body that it covers


@cache
def read_proxy(path: Path) -> Proxy:
    """Return what one of MakeHuman's .mhclo files wears."""
    rows: list[list[float]] = []
    scales: dict[int, tuple[int, int, float]] = {}
    hidden: list[int] = []
    section, mesh = "", path.with_suffix(".obj")
    for line in path.read_text().splitlines():
        match line.split():
            case [("x_scale" | "y_scale" | "z_scale") as name, a, b, apart]:
                scales["xyz".index(name[0])] = int(a), int(b), float(apart) * MAKEHUMAN
            case [("verts" | "weights" | "delete_verts") as name, *_]:
                section = name
            case ["obj_file", name]:
                mesh = path.parent / name
            case [single] if section == "verts" and single.isdigit():
                rows.append([float(single)] * 3 + [1, 0, 0, 0, 0, 0])
            case [first, *_] as row if section == "verts" and first.isdigit():
                rows.append([float(value) for value in row[:9]])
            case [first, *_] as row if section == "delete_verts" and first.isdigit():
                hidden += _ranges(row)
    table = np.array(rows)
    return Proxy(
        mesh=read_obj(mesh),
        on=table[:, :3].astype(int),
        shares=table[:, 3:6],
        offsets=table[:, 6:9] * MAKEHUMAN,
        scales=scales,
        hidden=np.array(hidden, int),
    )


def _ranges(words: list[str]) -> list[int]:
    """Return the numbers of words such as 3 - 5 9."""
    numbers: list[int] = []
    for place, word in enumerate(words):
        if word == "-":
            numbers += range(numbers[-1] + 1, int(words[place + 1]))
        else:
            numbers.append(int(word))
    return numbers


def fit(proxy: Proxy, pose: "Pose") -> Points:
    """Return the vertices (N, 3) of something worn on a shaped and posed body."""
    body = pose.neutral
    stretch = np.ones(3)
    for axis, (a, b, apart) in proxy.scales.items():
        stretch[axis] = abs(body[a, axis] - body[b, axis]) / apart
    at = (body[proxy.on] * proxy.shares[..., None]).sum(axis=1) + proxy.offsets * stretch
    return pose.worn(at, proxy.on, proxy.shares)
