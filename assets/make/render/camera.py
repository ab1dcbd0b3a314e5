"""The camera of a selfie, and the hands that hold it or a phone."""

from dataclasses import dataclass

import human
import numpy as np
from factors import Look, Selfie
from human import Points, unit

REST = {"l": np.array([0.215, 0.09, 0.05]), "r": np.array([-0.215, 0.09, 0.05])}  # hanging hands
FACE = human.EYES + np.array([0, -0.02, 0])  # middle of the face


@dataclass(frozen=True)
class View:
    """The camera: where it is, its axes in the world, and half the frame at 1 m."""

    at: Points
    right: Points
    up: Points
    ahead: Points
    half: float

    def project(self, points: Points) -> Points:
        """Return places in the frame (N, 2): 0 left .. 1 right, 0 top .. 1 bottom."""
        way = points - self.at
        depth = way @ self.ahead * 2 * self.half
        return np.stack([0.5 + way @ self.right / depth, 0.5 - way @ self.up / depth], axis=-1)


def view_of(selfie: Selfie) -> View:
    """Return the camera that has the middle of the faces at its place in the frame."""
    side, elevation, roll = np.radians([selfie.camera_side, selfie.camera_elev, selfie.roll])
    back = np.array(
        [np.sin(side) * np.cos(elevation), np.sin(elevation), np.cos(side) * np.cos(elevation)]
    )
    level = unit(np.cross(-back, [0.0, 1.0, 0.0]))
    rise = np.cross(level, -back)
    right = np.cos(roll) * level + np.sin(roll) * rise
    up = np.cos(roll) * rise - np.sin(roll) * level
    half = float(np.tan(np.radians(selfie.fov) / 2))
    frame = 2 * half * selfie.dist
    at = FACE + selfie.dist * back
    at = at - (selfie.face_x - 0.5) * frame * right - (0.5 - selfie.face_y) * frame * up
    return View(at, right, up, -back, half)


def hands_of(selfie: Selfie, look: Look, view: View) -> dict[str, Points]:
    """Return where the hands are: hanging, holding a phone, or holding the camera."""
    hands = dict(REST)
    if look.phone:
        side = 1 if look.phone == "l" else -1
        at = (side * 0.05, 0.60, 0.30) if look.phone_high else (side * 0.19, 0.47, 0.28)
        hands[look.phone] = np.array(at)
    if look.arm:  # beside the camera, just out of the frame
        level = unit(np.cross(view.ahead, [0.0, 1.0, 0.0]))
        depth = max(0.03, selfie.dist - 0.5)
        out = (1 if look.arm == "l" else -1) * (view.half * depth * 1.25 + 0.13)
        down = np.array([0, view.half * depth * 0.9 + 0.10, 0])
        hands[look.arm] = view.at - np.asarray(look.place) + view.ahead * depth + level * out - down
    return hands
