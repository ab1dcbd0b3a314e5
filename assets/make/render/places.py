"""What is behind the people: a place of each kind, as an environment."""

from collections.abc import Callable

import numpy as np
from camera import View
from factors import Selfie
from light import LUMINANCE, Environment, balanced, directions, look_up, seen
from numpy.typing import NDArray
from rooms import MADE
from scipy.ndimage import gaussian_filter

# Environments that may be seen, and the rooms that are made, numbered.
OUTSIDE = {
    "park": ("forest", "park", "sunrise", "dawn"),
    "city": ("city", "sunset", "venice", "bridge"),
    "night": ("city", "esplanade", "hall", "bridge", "sunset", "workshop"),
    "beach": ("sky", "venice", "dawn", "sunset", "park"),
    "room": ("apartment", "lobby", "lab", "esplanade"),
}
# How bright it is behind in each light, of the people's exposure.
BRIGHTNESS = {"soft": 0.30, "bright": 0.42, "dark": 0.12, "harsh": 0.30, "flash": 0.09}
LookUp = Callable[[str], Environment]  # name -> environment: "park", "room-3"


def scenes_of(background: str) -> list[str]:
    """Return the names of the places of one kind."""
    made = [f"{background}-{number}" for number in range(MADE.get(background, 0))]
    return made + list(OUTSIDE.get(background, ()))


def backdrop(selfie: Selfie, view: View, size: int, find: LookUp) -> NDArray[np.float32]:
    """Return what the camera sees behind the people (S, S, 3), linear, exposed.

    Args:
        selfie: Whose background, scene, lighting and blur.
        view: The camera.
        size: Pixels per side.
        find: Gives an environment by its name.
    """
    rng = np.random.default_rng([selfie.scene, 3])
    scenes = scenes_of(selfie.background)
    env = find(scenes[selfie.scene % len(scenes)])
    if rng.random() < 0.5:
        env = env[:, ::-1]
    turn, blur = selfie.scene_turn, selfie.blur
    match selfie.background:
        case "night":
            env, blur = _night(env, rng), max(blur, 0.008)
        case "beach":
            env = _beach(env, rng)
        case "car":
            turn = turn / np.pi * 0.25
    picture = seen(np.minimum(env, 40), view, turn, size, blur)
    level = float(np.minimum(picture @ LUMINANCE, 1.5 * np.median(picture) + 0.05).mean())
    picture = balanced(picture, picture.mean(axis=(0, 1)) + 1e-4, 0.35)
    if selfie.background in MADE:  # rooms of boxes are more colourful than homes
        grey = (picture @ LUMINANCE)[..., None]
        picture = (grey + 0.55 * (picture - grey)).astype(np.float32)
    wanted = BRIGHTNESS[selfie.lighting] * rng.uniform(0.7, 1.4)
    if selfie.background == "night":  # lights of its own
        wanted = 0.03 + wanted * 0.15
    return picture * np.float32(wanted / max(level, 1e-4))


def _night(env: Environment, rng: np.random.Generator) -> Environment:
    """Return a place in the dark with lamps of its own."""
    height, width = 512, 1024
    way = directions(height, width)
    out = look_up(env, way, 0.0) * 0.05 * np.array([0.8, 0.9, 1.15])
    out = np.minimum(out, 0.4)
    lamps = np.zeros_like(out)
    colours = np.array(
        [(1, 0.6, 0.25), (1, 0.85, 0.6), (0.6, 0.8, 1), (1, 0.25, 0.2), (0.3, 1, 0.6)]
    )
    count = int(rng.integers(80, 260))
    rows = (height * np.clip(rng.normal(0.47, 0.06, count), 0, 0.99)).astype(int)
    shares = [0.4, 0.35, 0.12, 0.08, 0.05]
    tint = colours[rng.choice(5, count, p=shares)] * rng.lognormal(3.3, 0.8, (count, 1))
    lamps[rows, rng.integers(0, width, count)] += tint
    return (out + gaussian_filter(lamps, (1.0, 1.0, 0))).astype(np.float32)


def _beach(env: Environment, rng: np.random.Generator) -> Environment:
    """Return a sky over sea and sand."""
    height, width = 512, 1024
    way = directions(height, width)
    sky = look_up(env, np.maximum(way, [-2, 0.02, -2]), 0.0)
    depth = np.maximum(-way[..., 1], 0)
    far = 1 / np.maximum(depth, 0.01)  # metres in eye heights
    ripple = gaussian_filter(rng.normal(0, 1, (height, width)), (0.8, 7), mode="wrap")
    grain = gaussian_filter(rng.normal(0, 1, (height, width)), (1.0, 1.6), mode="wrap")
    light = float(np.median(sky[: height // 2] @ LUMINANCE))
    water = np.array([0.12, 0.38, 0.45]) if rng.random() < 0.6 else np.array([0.2, 0.3, 0.38])
    sea = light * water * (1 + 0.9 * ripple * np.clip(far / 20, 0.2, 1))[..., None]
    sea += 0.25 * sky[::-1]
    hills = gaussian_filter(rng.normal(0, 1, (height, width)), (3, 14), mode="wrap")
    sand = light * np.array([0.85, 0.68, 0.48]) * (1 + 0.25 * grain + 1.2 * hills)[..., None]
    shore = 0.13 + 0.05 * np.sin(np.linspace(0, 2 * np.pi, width) + rng.uniform(0, 6))
    shore = shore + 0.004 * gaussian_filter(rng.normal(0, 1, width), 6, mode="wrap") * 6
    dry = np.clip((depth - shore) / 0.006, 0, 1)[..., None]
    foam = np.exp(-(((depth - shore) / 0.012) ** 2))[..., None] * 0.8
    ground = sea * (1 - dry) + sand * dry
    ground = ground * (1 - foam) + light * 0.95 * foam
    below = np.clip(-way[..., 1:2] / 0.004, 0, 1)
    return (sky * (1 - below) + ground * below).astype(np.float32)
