"""Environments as numpy: light from all around, and what a camera sees of it.

An environment is (H, W, 3) of linear light over all directions: rows from above to below, the
middle column to the front (z), columns to the right of it towards the person's left (x).
"""

import numpy as np
from camera import View
from meshes import Points
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.signal import fftconvolve

Environment = NDArray[np.float32]
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def directions(height: int, width: int) -> Points:
    """Return the direction (H, W, 3) of each pixel of an environment, unit length."""
    polar = (np.arange(height) + 0.5)[:, None] / height * np.pi
    around = ((np.arange(width) + 0.5)[None, :] / width - 0.5) * 2 * np.pi
    return np.stack(
        [
            np.sin(polar) * np.sin(around),
            np.cos(polar) * np.ones_like(around),
            np.sin(polar) * np.cos(around),
        ],
        axis=-1,
    )


def look_up(env: Environment, way: Points, turn: float) -> NDArray[np.float64]:
    """Return the light (..., 3) that comes from directions (..., 3) of an environment.

    Args:
        env: The environment.
        way: Directions, of any length.
        turn: Radians by which the environment is turned around the vertical.
    """
    height, width = env.shape[:2]
    x, y, z = np.moveaxis(way / np.linalg.norm(way, axis=-1, keepdims=True), -1, 0)
    column = ((np.arctan2(x, z) + turn) / (2 * np.pi) + 0.5) * width - 0.5
    row = np.arccos(np.clip(y, -1, 1)) / np.pi * height - 0.5
    around = np.concatenate([env[:, -1:], env, env[:, :1]], axis=1)  # over the seam
    place = [row.clip(0, height - 1), column % width + 1]
    return np.stack([map_coordinates(around[..., k], place, order=1) for k in range(3)], axis=-1)


def irradiance(env: Environment, normal: Points, turn: float) -> Points:
    """Return the light (3,) on a white surface, shared by pi: 1 in an environment of 1."""
    height, width = 32, 64
    rows = np.add.reduceat(env, np.linspace(0, env.shape[0], height, False).astype(int), axis=0)
    cells = np.add.reduceat(rows, np.linspace(0, env.shape[1], width, False).astype(int), axis=1)
    mean = cells * (height * width / (env.shape[0] * env.shape[1]))
    way = directions(height, width)
    cosine, sine = np.cos(turn), np.sin(turn)
    x, y, z = normal / np.linalg.norm(normal)
    facing = np.array([cosine * x + sine * z, y, cosine * z - sine * x])
    across = np.sqrt(np.maximum(0, 1 - way[..., 1] ** 2))
    weight = np.clip(way @ facing, 0, None) * across * (np.pi / height) * (2 * np.pi / width)
    return (mean * weight[..., None]).sum(axis=(0, 1)) / np.pi


def balanced(env: Environment, colour: Points, amount: float) -> Environment:
    """Return an environment with a cast of some colour (3,) taken off by a share of 0 .. 1."""
    return (env * (colour / (colour @ LUMINANCE)) ** -amount).astype(np.float32)


def softened(env: Environment, sigma: float) -> Environment:
    """Return an environment blurred by sigma pixels: light as under clouds."""
    return gaussian_filter(env, (sigma, sigma, 0), mode=("nearest", "wrap", "nearest"))


def for_blender(env: Environment, turn: float) -> Environment:
    """Return an environment turned, with the columns where Blender looks for them."""
    width = env.shape[1]
    column = (1.25 - (np.arange(width) + 0.5) / width + turn / (2 * np.pi)) * width
    return env[:, np.floor(column).astype(int) % width]


def seen(env: Environment, view: View, turn: float, size: int, blur: float) -> NDArray[np.float32]:
    """Return what a camera sees of an environment (S, S, 3), out of focus.

    Args:
        env: The environment.
        view: The camera.
        turn: Of the environment, radians.
        size: Pixels per side.
        blur: Radius of a point of light, as a share of the frame.
    """
    radius = size * blur
    pad = int(np.ceil(radius)) + 2
    place = ((np.arange(size + 2 * pad) + 0.5 - pad) / size - 0.5) * 2 * view.half
    u, v = np.meshgrid(place, -place)
    way = view.ahead + u[..., None] * view.right + v[..., None] * view.up
    picture = gaussian_filter(look_up(env, way, turn), (size / 220, size / 220, 0))
    if radius > 0.7:
        picture = fftconvolve(picture, _disc(radius)[..., None], mode="same", axes=(0, 1))
    return picture[pad:-pad, pad:-pad].clip(0).astype(np.float32)


def _disc(radius: float) -> NDArray[np.float64]:
    reach = int(np.ceil(radius))
    v, u = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(u, v), 0, 1)
    return disc / disc.sum()
