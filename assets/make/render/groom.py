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
from scipy.spatial import KDTree

GRID = 1024  # pixels per side of a card's picture while hairs are followed
STEPS = 13  # points of a strand
# Longest hairs in centimetres a step, and what is usual.
STEP = {"long01": 2.6, "ponytail01": 2.1, "bob02": 1.8}
SHORT_STEP = 0.85
BROWS = 0.036  # metres above the eyes to which a fringe is cut
SINK = 0.003  # metres: strands are chords, which a curved card would hide
HAIRS = 30  # strands of a lock, about
HAIRLINE = 0.070  # metres above the eyes that cards reach down to; the rest are strands


@cache
def card_picture(folder: Path, name: str) -> NDArray[np.float32]:
    """Return a card's picture (GRID, GRID, 4), values in [0, 1]."""
    with Image.open(folder / f"hair/{name}/{name}_diffuse.webp") as picture:
        small = picture.convert("RGBA").resize((GRID, GRID), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / 255


@cache
def trace(folder: Path, name: str, count: int) -> tuple[NDArray[np.int64], Points, Points]:
    """Return strands that follow the painted hairs of a style's cards.

    Args:
        folder: MakeHuman's assets.
        name: Of the hair in them.
        count: How many strands to start; a tenth or so is lost on the way.

    Returns:
        Vertices of the triangle under each point, (K, STEPS, 3), the shares in it, likewise, and
        how light each strand is painted beside those around it, (K,), mean 0, deviation 1.
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
    light = np.log(grey + 0.02)
    near, wide = (
        gaussian_filter(light * alpha, s) / (gaussian_filter(alpha, s) + 0.02) for s in (3, 40)
    )
    light = near - wide  # of locks rather than of hairs
    painted = _read(light, lines.reshape(-1, 2)).reshape(under.shape).mean(axis=1)
    painted = (painted - painted.mean()) / painted.std()
    return triangles[under], np.stack([1 - u - v, u, v], axis=-1).clip(-0.3, 1.3), painted


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


def comb(
    folder: Path, name: str, cards: Mesh, rng: Rng, *, count: int, curl: float
) -> tuple[Strands, Points]:
    """Return strands (K, STEPS, 3) over hair cards that were fitted to a head, root first.

    Args:
        folder: MakeHuman's assets.
        name: Of the hair in them.
        cards: The fitted cards.
        rng: Of the strands' small differences.
        count: How many strands, roughly.
        curl: 0 straight .. 1 wavy.

    Returns:
        The strands, and how light each is beside the hair's colour, (K,), about 1.
    """
    corners, shares, painted = trace(folder, name, count)
    normal = _normals(cards)
    at = (cards.vertices[corners] * shares[..., None]).sum(axis=2)
    out = unit((normal[corners] * shares[..., None]).sum(axis=2))
    hop = np.linalg.norm(np.diff(at, axis=1), axis=-1)
    smooth = (hop.max(axis=1) < 0.03) & (hop.max(axis=1) < 6 * np.median(hop, axis=1) + 0.004)
    near = np.linalg.norm(at - cards.vertices[corners].mean(axis=2), axis=-1).max(axis=1) < 0.025
    whole = smooth & near
    at, out = _root_first(at[whole], out[whole], cards)
    at, shade = _gather(at, out, rng, short=name not in STEP)
    if curl:  # neighbours wave together: the phase follows the place
        way = unit(np.gradient(at, axis=1))
        side = np.cross(way, out)
        phase = (at @ [160.0, 110.0, 130.0])[..., None] + rng.normal(0, 0.5, (len(at), 1, 1))
        at = at + curl * (0.0045 * np.sin(phase) * side + 0.002 * (1 + np.cos(phase)) * out)
    return at, np.exp(shade + 0.5 * painted[whole].clip(-2, 2)).clip(0.3, 2.2)


def _root_first(at: Strands, out: Strands, cards: Mesh) -> tuple[Strands, Strands]:
    """Return strands that run away from the crown, and normals that point out of the head."""
    crown = cards.vertices[cards.vertices[:, 1].argmax()]
    around = at - crown + [0, 0.1, 0]
    around[..., 1] *= around[..., 1] > 0
    out = out * np.where((out * around).sum(axis=-1, keepdims=True) < 0, -1, 1)
    away = np.linalg.norm(at - crown, axis=-1)
    turned = (away[:, 0] > away[:, -1])[:, None, None]
    return np.where(turned, at[:, ::-1], at), np.where(turned, out[:, ::-1], out)


def _gather(at: Strands, out: Strands, rng: Rng, *, short: bool) -> tuple[Strands, Points]:
    """Return strands gathered in locks, and the logarithm of each one's light, (K,).

    Hairs lie in layers over the card; a lock has its own light, lift and end.
    """
    strands, along = len(at), np.linspace(0, 1, STEPS)[None, :, None]
    course = at[:, [0, STEPS // 2, -1]].reshape(strands, -1)
    guides = course[rng.choice(strands, max(1, strands // HAIRS), replace=False)]
    lock = np.unique(KDTree(guides).query(course)[1], return_inverse=True)[1]
    locks = lock.max() + 1
    middle = np.zeros((locks, STEPS, 3))
    np.add.at(middle, lock, at)
    middle /= np.bincount(lock)[:, None, None]
    at = at + rng.uniform(0.2, 0.75, (strands, 1, 1)) * along**1.2 * (middle[lock] - at)
    lift = rng.exponential(0.0035 if short else 0.002, locks)[lock, None, None].clip(0, 0.012)
    layer = rng.uniform(0, 0.005, (strands, 1, 1))
    at += out * (layer + lift * along**1.5)
    at += rng.normal(0, 0.003 if short else 0.0015, (locks, 1, 3))[lock] * along**2
    at += rng.normal(0, 0.0012, (strands, 1, 3)) * along**2 + rng.normal(0, 5e-4, (strands, 1, 3))
    # Some leave their lock and stand off.
    stray = (rng.random((strands, 1, 1)) < 0.06) * rng.exponential(0.006, (strands, 1, 1))
    at += stray.clip(0, 0.018) * (out + rng.normal(0, 0.6, (strands, 1, 3))) * along**1.5
    return at, rng.normal(0, 0.25, locks)[lock] + rng.normal(0, 0.15, strands)


def _normals(mesh: Mesh) -> Points:
    triangles, _ = mesh.triangles()
    a, b, c = (mesh.vertices[triangles[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    out = np.zeros_like(mesh.vertices)
    for corner in range(3):
        np.add.at(out, triangles[:, corner], across)
    return unit(out)


def sunk(cards: Mesh) -> Points:
    """Return the cards' vertices (N, 3) a little below the strands that run over them."""
    return cards.vertices - SINK * _normals(cards)


def hairline(cards: Mesh, pose: Pose) -> Mesh:
    """Return the cards without those at the forehead, where their edge would be a helmet's."""
    upright = pose.off_head(cards.vertices)
    return cards.only(~cards.all_of(_before_face(upright, human.EYES[1] + HAIRLINE)))


def _before_face(upright: Points, line: Points | float) -> NDArray[np.bool_]:
    """Return which points (..., 3) are before the face and lower than a line."""
    x, y, z = np.moveaxis(upright, -1, 0)
    return (y < line) & (np.abs(x) < 0.066) & (z > 0.065)


def trim(strands: Strands, shade: Points, pose: Pose, rng: Rng) -> tuple[Strands, Points]:
    """Return strands (K, STEPS, 3) and their shade, those before the face cut above the eyes.

    The cut is slanted and ragged: a straight one looks like a helmet's edge.
    """
    upright = pose.off_head(strands)
    slope = rng.choice([-1, 1]) * rng.uniform(0.1, 0.35)
    line = human.EYES[1] + BROWS + slope * upright[..., 0] + rng.normal(0, 0.006, (len(strands), 1))
    low = _before_face(upright, line)
    ends = np.where(low.any(axis=1), low.argmax(axis=1), STEPS)
    left = ends > 2
    strands, ends = strands[left], ends[left]
    place = np.linspace(0, 1, STEPS) * (ends - 1)[:, None]
    first = np.minimum(place.astype(int), STEPS - 2)
    share = (place - first)[..., None]
    row = np.arange(len(strands))[:, None]
    return strands[row, first] * (1 - share) + strands[row, first + 1] * share, shade[left]


def fall(points: Points, pose: Pose, skin: Skin, *, stretch: float) -> Points:
    """Return points of hair (K, 3), those below the chin hanging down, around the shoulders.

    Args:
        points: Of hair that moved with the head, (K, 3).
        pose: Of the body.
        skin: That the hair stays outside of.
        stretch: Of what hangs below the chin.
    """
    upright = pose.off_head(points)
    chin = pose.neutral[human.CHIN, 1]
    below = (chin - upright[:, 1]).clip(0)
    upright[:, 1] += below * (1 - stretch)
    loose = np.clip(below / 0.12, 0, 1)[:, None]
    hanging = loose * (upright + pose.head - pose.head_before) + (1 - loose) * pose.on_head(upright)
    free = below > 0.02
    hanging[free] = skin.outside(hanging[free], 0.010)
    return hanging
