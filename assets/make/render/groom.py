"""Strands out of MakeHuman's hair cards: they follow the painted hairs over the cards' surface."""

from functools import cache
from pathlib import Path

import human
import numpy as np
from hair import Rng, Skin, Strands
from human import Pose, unit
from meshes import Mesh, Points, read_proxy
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter, sobel

GRID = 1024  # pixels per side of a card's picture while hairs are followed
STEPS = 13  # points of a strand
# Longest hairs in centimetres a step, and what is usual.
STEP = {"long01": 2.6, "ponytail01": 2.1, "bob02": 1.8, "braid01": 1.4}
SHORT_STEP = 0.85
BROWS = 0.042  # metres above the eyes to which a fringe is cut


@cache
def card_picture(folder: Path, name: str) -> NDArray[np.float32]:
    """Return a card's picture (GRID, GRID, 4), values in [0, 1]."""
    with Image.open(folder / f"hair/{name}/{name}_diffuse.webp") as picture:
        small = picture.convert("RGBA").resize((GRID, GRID), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / 255


@cache
def trace(folder: Path, name: str, count: int) -> tuple[NDArray[np.int64], Points]:
    """Return strands that follow the painted hairs of a style's cards.

    Args:
        folder: MakeHuman's assets.
        name: Of the hair in them.
        count: How many strands to start; a tenth or so is lost on the way.

    Returns:
        Vertices of the triangle under each point, (K, STEPS, 3), and the shares in it, likewise.
    """
    mesh = read_proxy(folder / f"hair/{name}/{name}.mhclo").mesh
    assert mesh.uv is not None
    picture = card_picture(folder, name)
    alpha, grey = picture[..., 3], picture[..., :3].mean(axis=-1)
    triangles, loops = mesh.triangles()
    at = (mesh.uv[loops] * [1, -1] + [0, 1]) * GRID  # (T, 3, 2), pixels
    a, b, c = (mesh.vertices[triangles[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)  # metres squared, twice
    edges = at[:, 1] - at[:, 0], at[:, 2] - at[:, 0]
    flat = np.abs(edges[0][:, 0] * edges[1][:, 1] - edges[0][:, 1] * edges[1][:, 0]) + 1e-3
    which = _triangle_map(at, area)
    angle = _directions(grey, alpha)
    inside = (which >= 0) & (alpha > 0.45)
    weight = np.where(inside, (area / flat)[which.clip(0)], 0)  # even over the surface
    rng = np.random.default_rng(1)
    seeds = rng.choice(GRID * GRID, count, p=(weight / weight.sum()).ravel())
    start = np.stack([seeds % GRID, seeds // GRID], axis=1) + rng.random((count, 2))
    step = rng.uniform(0.4, 1, count) * STEP.get(name, SHORT_STEP) / 100
    pixels = np.sqrt(flat / area)  # pixels a metre

    def walk(sign: int) -> list[Points]:
        place, last, alive, path = start, None, np.ones(count, bool), []
        for _ in range(STEPS // 2):
            turn = _read(angle, place)
            way = np.stack([np.cos(turn), np.sin(turn)], axis=1)
            same = sign if last is None else np.sign((way * last).sum(axis=1, keepdims=True) + 1e-9)
            last = way * same
            hop = np.minimum(step * pixels[_read(which, place).clip(0)], 40)[:, None]
            ahead = place + last * hop
            alive = alive & (_read(which, ahead) >= 0) & (_read(alpha, ahead) > 0.3)
            alive &= ((ahead >= 0) & (ahead < GRID)).all(axis=1)
            place = np.where(alive[:, None], ahead, place)
            path.append(place)
        return path

    lines = np.stack([*walk(-1)[::-1], start, *walk(1)], axis=1)  # (K, STEPS, 2)
    under = _read(which, lines.reshape(-1, 2)).reshape(count, STEPS)
    good = (under >= 0).all(axis=1)
    lines, under = lines[good], under[good]
    first, second = edges[0][under], edges[1][under]
    way = lines - at[under, 0]
    cross = first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
    cross = np.where(np.abs(cross) < 1e-6, 1e-6, cross)
    u = (way[..., 0] * second[..., 1] - way[..., 1] * second[..., 0]) / cross
    v = (first[..., 0] * way[..., 1] - first[..., 1] * way[..., 0]) / cross
    return triangles[under], np.stack([1 - u - v, u, v], axis=-1).clip(-0.3, 1.3)


def _triangle_map(at: Points, area: Points) -> NDArray[np.int32]:
    """Return which triangle each pixel shows, -1 for none; larger ones lie over smaller ones."""
    canvas = Image.new("I", (GRID, GRID), -1)
    pen = ImageDraw.Draw(canvas)
    for triangle in np.argsort(area):
        pen.polygon([tuple(corner) for corner in at[triangle].tolist()], fill=int(triangle))
    return np.asarray(canvas, np.int32)


def _directions(grey: NDArray[np.float32], alpha: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the angle of the painted hairs at each pixel: across the strongest change."""
    smooth = gaussian_filter(grey, 1.0)
    across, down = sobel(smooth, axis=1), sobel(smooth, axis=0)
    hairy = alpha > 0.3
    xx, xy, yy = (
        gaussian_filter(product * hairy, 7.0)
        for product in (across * across, across * down, down * down)
    )
    return 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2


def _read(values: NDArray, places: Points) -> NDArray:
    """Return the values (H, W) at places (K, 2) in pixels."""
    column, row = np.clip(places, 0, GRID - 1).astype(int).T
    return values[row, column]


def comb(folder: Path, name: str, cards: Mesh, rng: Rng, *, count: int, curl: float) -> Strands:
    """Return strands (K, STEPS, 3) over hair cards that were fitted to a head.

    Args:
        folder: MakeHuman's assets.
        name: Of the hair in them.
        cards: The fitted cards.
        rng: Of the strands' small differences.
        count: How many strands, roughly.
        curl: 0 straight .. 1 wavy.
    """
    corners, shares = trace(folder, name, count)
    normal = _normals(cards)
    at = (cards.vertices[corners] * shares[..., None]).sum(axis=2)
    out = unit((normal[corners] * shares[..., None]).sum(axis=2))
    strands = len(at)
    along = np.linspace(-1, 1, STEPS)[None, :, None]
    # Hairs lie in layers over the card; some leave it towards their ends.
    layer = rng.uniform(-0.5, 1, (strands, 1, 1)) * 0.003 + 0.0015
    stray = (rng.random((strands, 1, 1)) < 0.08) * rng.exponential(0.006, (strands, 1, 1))
    stray = np.minimum(stray, 0.016) * (1 if name in STEP else 0.35)
    at = at + out * (layer + stray * np.clip(along, 0, 1) ** 1.5)
    at += rng.normal(0, 0.0022, (strands, 1, 3)) * along**2 + rng.normal(0, 8e-4, (strands, 1, 3))
    at += rng.normal(0, 0.6, (strands, 1, 3)) * stray * np.clip(along, 0, 1) ** 2
    if curl:  # neighbours wave together: the phase follows the place
        way = unit(np.gradient(at, axis=1))
        side = np.cross(way, out)
        phase = (at @ [160.0, 110.0, 130.0])[..., None] + rng.normal(0, 0.5, (strands, 1, 1))
        at = at + curl * (0.0045 * np.sin(phase) * side + 0.002 * (1 + np.cos(phase)) * out)
    hop = np.linalg.norm(np.diff(at, axis=1), axis=-1)
    smooth = (hop.max(axis=1) < 0.03) & (hop.max(axis=1) < 6 * np.median(hop, axis=1) + 0.004)
    near = np.linalg.norm(at - cards.vertices[corners].mean(axis=2), axis=-1).max(axis=1) < 0.03
    return at[smooth & near]


def _normals(mesh: Mesh) -> Points:
    triangles, _ = mesh.triangles()
    a, b, c = (mesh.vertices[triangles[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    out = np.zeros_like(mesh.vertices)
    for corner in range(3):
        np.add.at(out, triangles[:, corner], across)
    return unit(out)


def fall(points: Points, pose: Pose, skin: Skin, *, stretch: float, fringe: bool) -> Points:
    """Return points of hair (K, 3), those below the chin hanging down, over the shoulders.

    Args:
        points: Of hair that moved with the head, (K, 3).
        pose: Of the body.
        skin: That the hair stays outside of.
        stretch: Of what hangs below the chin.
        fringe: Hair may fall into the face; else it is cut above the eyes.
    """
    upright = pose.off_head(points)
    if not fringe:  # cut above the eyes
        x, y, z = upright.T
        before = np.clip((0.075 - np.abs(x)) / 0.02, 0, 1) * np.clip((z - 0.06) / 0.02, 0, 1)
        low = (human.EYES[1] + BROWS - y).clip(0) * before
        y += 0.85 * low
        z -= 0.3 * low
    chin = pose.neutral[human.CHIN, 1]
    below = (chin - upright[:, 1]).clip(0)
    upright[:, 1] += below * (1 - stretch)
    loose = np.clip(below / 0.12, 0, 1)[:, None]
    hanging = loose * (upright + pose.head - pose.head_before) + (1 - loose) * pose.on_head(upright)
    free = below > 0.02
    hanging[free] = skin.outside(hanging[free], 0.010)
    return hanging
