"""Pictures of skin out of layers, each a factor of its own: tone, age, freckles; and the iris."""

from functools import cache
from pathlib import Path

import numpy as np
from factors import Person
from meshes import Points
from numpy.typing import NDArray
from paints import linear
from PIL import Image
from scipy.ndimage import gaussian_filter, map_coordinates, zoom

Layer = NDArray[np.float32]  # (S, S, 3) or (S, S), logarithm of light about the cheek's
TONES = np.array(  # sRGB of the cheek, light to dark
    [
        (0.92, 0.75, 0.66), (0.89, 0.69, 0.57), (0.85, 0.62, 0.49), (0.74, 0.51, 0.37),
        (0.60, 0.39, 0.27), (0.44, 0.275, 0.185), (0.33, 0.20, 0.135),
    ]
)  # fmt: skip
CHEEK = (slice(0.40, 0.44), slice(0.86, 0.89))  # rows and columns of the texture, shares
FACE = ((0.64, 0.98), (0.2, 0.82))  # columns and rows of the head
IRISES = {
    "brown": (0.30, 0.17, 0.09), "dark": (0.17, 0.09, 0.05), "hazel": (0.42, 0.30, 0.14),
    "green": (0.38, 0.42, 0.25), "blue": (0.36, 0.50, 0.64), "grey": (0.48, 0.53, 0.56),
}  # fmt: skip


def skin_colour(tone: float) -> Points:
    """Return the linear colour of a skin tone, 0 light .. 1 dark."""
    place = tone * (len(TONES) - 1)
    return linear(np.array([np.interp(place, range(len(TONES)), TONES[:, k]) for k in range(3)]))


@cache
def skin_layer(folder: Path, name: str, side: int) -> Layer:
    """Return a picture of skin (S, S, 3) relative to its own cheek, pores sharpened."""
    with Image.open(folder / f"skins/textures/{name}.webp") as picture:
        pixels = np.asarray(picture.convert("RGB").resize((side, side)), np.float32) / 255
    light = np.log(np.clip(pixels**2.2, 0.004, 1))
    rows, columns = (slice(int(part.start * side), int(part.stop * side)) for part in CHEEK)
    light -= np.median(light[rows, columns].reshape(-1, 3), axis=0)
    return light + 0.6 * _fine(light, 7 * side / 2048)


def _fine(layer: Layer, sigma: float) -> Layer:
    spread = (sigma, sigma, 0)[: layer.ndim]
    return layer - gaussian_filter(layer, spread)


@cache
def age_layer(folder: Path, side: int) -> Layer:
    """Return lines and folds (S, S), dark: an old face against a young one."""
    old, young = (
        skin_layer(folder, f"{age}_darkskinned_male_diffuse", side) for age in ("old", "young")
    )
    # The old face is unshaven: what is lighter on it is white stubble.
    return np.clip(_fine((old - young).mean(axis=-1), 30 * side / 2048), -0.6, 0.03)


def paint_skin(person: Person, folder: Path, side: int) -> tuple[Layer, Layer]:
    """Return a person's skin: linear albedo (S, S, 3) and relief (S, S) about 0."""
    rng = np.random.default_rng([person.identity, 10])
    light = np.clip(skin_layer(folder, person.light_skin, side), -1.6, 0.5)
    dark = np.clip(skin_layer(folder, person.dark_skin, side), -1.3, 0.8)
    share = np.float32(np.clip((person.tone - 0.35) / 0.5, 0, 1))
    detail = (1 - share) * light + share * dark * np.array([0.95, 1.05, 1.05], np.float32)
    lines = age_layer(folder, side) * np.float32(0.10 + 0.9 * person.old)
    patches = zoom(rng.normal(0, 0.035, (64, 64)).astype(np.float32), side / 64, order=1)
    grain = rng.normal(0, 0.03, (side, side)).astype(np.float32)
    spots = gaussian_filter(_spots(person, rng, side), 0.9 * side / 2048)
    weights = np.array([(0.8, 1, 1.05), (0.25, 1, 0.9), (0.6, 1, 1), (-0.35, -0.8, -1)], np.float32)
    for layer, weight in zip((lines, patches, grain, spots), weights, strict=True):
        detail += layer[..., None] * weight
    albedo = np.exp(detail + np.log(skin_colour(person.tone)).astype(np.float32))
    pores = _fine(detail.mean(axis=-1), 6 * side / 2048) * 0.5
    relief = pores.clip(-0.1, 0.1) + lines
    return albedo.clip(0.004, 0.95), relief


def _spots(person: Person, rng: np.random.Generator, side: int) -> Layer:
    """Return freckles and the brown spots of age (S, S), 0 .. about 0.5."""
    out = np.zeros((side, side), np.float32)
    freckles = int(40 + 900 * person.freckles)
    amount = rng.uniform(0.15, 1, freckles) * (0.25 + 0.35 * person.freckles)
    _dot(out, rng, amount, rng.uniform(0.6, 1.9, freckles) * side / 2048)
    aged = int(40 * person.old)
    _dot(out, rng, rng.uniform(0.1, 0.25, aged), rng.uniform(2, 6, aged) * side / 2048)
    return out


def _dot(out: Layer, rng: np.random.Generator, amounts: Points, radii: Points) -> None:
    """Add soft round dots at random places of the head."""
    side, ((left, right), (top, bottom)) = out.shape[0], FACE
    x, y = rng.uniform(left, right, len(radii)), rng.uniform(top, bottom, len(radii))
    reach = int(np.ceil(radii.max(initial=0))) + 1
    v, u = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    columns, rows = (np.clip(place * side, reach, side - reach - 1).astype(int) for place in (x, y))
    for amount, radius, column, row in zip(amounts, radii, columns, rows, strict=True):
        dot = amount * np.clip(radius + 0.5 - np.hypot(u, v), 0, 1)
        patch = slice(row - reach, row + reach + 1), slice(column - reach, column + reach + 1)
        out[patch] = np.maximum(out[patch], dot)


@cache
def paint_iris(word: str, side: int = 256) -> Layer:
    """Return an eye from the front (S, S, 3), linear; the ball's edge touches the picture's."""
    rng = np.random.default_rng(sum(word.encode()))
    pupil, edge = 0.17, 0.485
    v, u = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    radius, turn = np.hypot(u, v), np.arctan2(v, u)
    fibres = sum(
        weight * ring / ring.std()
        for sigma, weight in ((1.2, 0.7), (4.0, 0.5))
        for ring in [gaussian_filter(rng.normal(0, 1, (24, 720)), sigma, mode=("nearest", "wrap"))]
    )
    out = np.clip((radius - pupil) / (edge - pupil), 0, 1)
    fibre = map_coordinates(fibres, [out * 8 + 4, (turn / (2 * np.pi) + 0.5) * 719], order=1)
    colour = linear(IRISES[word]) * 0.62
    iris = colour * np.exp(0.28 * fibre)[..., None] * (1.35 - 0.55 * out)[..., None]
    glow = np.exp(-(((out - 0.18) / 0.16) ** 2)) * 0.6
    iris += glow[..., None] * colour * np.array([1.5, 1.1, 0.6])
    iris *= (1 - 0.75 * np.clip((out - 0.80) / 0.2, 0, 1) ** 1.5)[..., None]
    pink = np.clip((radius - 0.55) / 0.4, 0, 1)
    veins = np.clip(gaussian_filter(rng.normal(0, 1, (side, side)), side / 256) * 3 - 0.9, 0, 1)
    white = np.array([0.76, 0.70, 0.66]) * (1 - pink[..., None] * np.array([0.05, 0.22, 0.22]))
    white *= 1 - (veins * pink * 0.35)[..., None] * np.array([0.1, 0.8, 0.8])
    rim = np.clip((radius - 0.47) / 0.035, 0, 1)[..., None]
    hole = np.clip((radius - pupil) / 0.02, 0, 1)[..., None]
    return ((iris * (1 - rim) + white * rim) * hole + 0.003 * (1 - hole)).astype(np.float32)
