"""What the tests draw, and score without weights."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from selfie_core.photo.images import squash


class BrightnessScorer:
    """Scores a photo by its mean brightness; fc7 is eight mean colours of its parts."""

    id, name, image_size, fc7_width = "brightness00", "brightness", 16, 8
    copy_side = 640
    device = "cpu"

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, photos: Sequence[Image.Image]) -> np.ndarray:
        return self.features(photos)[0]

    def features(self, photos: Sequence[Image.Image]) -> tuple[np.ndarray, np.ndarray]:
        return self.features_of([squash(photo, self.image_size) for photo in photos])

    def features_of(self, squares: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        colours = np.array(squares, np.float32).reshape(-1, 2, 8, 4, 4, 3) / 255
        fc7 = (colours.mean(axis=(2, 4)) @ np.float32([0.299, 0.587, 0.114])).reshape(-1, 8)
        return fc7.mean(axis=1), fc7


def draw_photo(number: int, *, size: tuple[int, int] = (96, 96)) -> Image.Image:
    """Return a drawn head before a wall; a higher number is brighter."""
    level = 40 + 25 * number
    photo = Image.new("RGB", size, (level, level, min(255, level + 20)))
    pen = ImageDraw.Draw(photo)
    width, height = size
    pen.ellipse((width * 0.3, height * 0.2, width * 0.7, height * 0.7), fill=(200, 150, 120))
    pen.rectangle((0, 0, 6 + 3 * number, 6), fill=(255, 40 * (number % 6), 0))
    return photo


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
