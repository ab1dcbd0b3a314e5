"""What the tests draw, and score without weights."""

import hashlib
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

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


class SlowScorer(BrightnessScorer):
    """Takes its time for each photo, and all of it while a file called `hold` lies beside it."""

    def features_of(self, squares: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        time.sleep(0.1 * len(squares))
        while self.path.with_name("hold").exists():
            time.sleep(0.01)
        return super().features_of(squares)


def draw_photo(number: int, *, size: tuple[int, int] = (96, 96), face: bool = True) -> Image.Image:
    """Return a drawn head before a wall; a higher number is brighter.

    The detector finds one face in it; without `face` none, the head being a plain disc.
    """
    level = 40 + 25 * number
    photo = Image.new("RGB", size, (level, level, min(255, level + 20)))
    head = (round(min(size) * 0.55), round(min(size) * 0.5))
    place = ((size[0] - head[0]) // 2, round(size[1] * 0.2))
    drawn = draw_head().resize(head, Image.Resampling.LANCZOS)
    shape = Image.new("L", head)
    ImageDraw.Draw(shape).ellipse((0, 0, *head), fill=255)
    photo.paste(drawn if face else Image.new("RGB", head, (200, 150, 120)), place, shape)
    ImageDraw.Draw(photo).rectangle((0, 0, 6 + 3 * number, 6), fill=(255, 40 * (number % 6), 0))
    return photo


@cache
def draw_head() -> Image.Image:
    """Return a head, 240 x 300 pixels, blurred: in sharp lines no face is found."""
    head = Image.new("RGB", (240, 300), (60, 40, 30))
    pen = ImageDraw.Draw(head)
    pen.ellipse((24, 30, 216, 300), fill=(205, 160, 135))
    for x in (72, 168):
        pen.ellipse((x - 30, 110, x + 30, 158), fill=(165, 120, 100))
        pen.ellipse((x - 22, 126, x + 22, 146), fill=(230, 225, 220))
        pen.ellipse((x - 9, 126, x + 9, 146), fill=(40, 25, 20))
        pen.arc((x - 30, 98, x + 30, 150), 200, 340, fill=(60, 35, 25), width=8)
    pen.polygon([(120, 135), (102, 190), (138, 190)], fill=(185, 138, 115))
    pen.ellipse((86, 216, 154, 242), fill=(165, 75, 75))
    return head.filter(ImageFilter.GaussianBlur(8))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
