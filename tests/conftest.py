"""Eight drawn photos, a scorer that needs no weights, and a gallery made of both."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw

os.environ.setdefault("SELFIE_CACHE", tempfile.mkdtemp(prefix="selfie-test-"))

from selfie_core.build import BuildConfig, build_gallery
from selfie_core.gallery import Gallery

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


class BrightnessScorer:
    """Scores a photo by its mean brightness; fc7 is eight mean colours of its parts."""

    id, name, image_size, fc7_width = "brightness00", "brightness", 16, 8

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, photos: Sequence[Image.Image]) -> np.ndarray:
        return self.features(photos)[0]

    def features(self, photos: Sequence[Image.Image]) -> tuple[np.ndarray, np.ndarray]:
        small = [np.asarray(p.convert("L").resize((4, 2)), np.float32) / 255 for p in photos]
        fc7 = np.stack(small).reshape(-1, 8) if small else np.empty((0, 8), np.float32)
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


@pytest.fixture(scope="session")
def brightness_scorer(tmp_path_factory: pytest.TempPathFactory) -> BrightnessScorer:
    path = tmp_path_factory.mktemp("scorer") / "brightness.safetensors"
    path.write_bytes(b"no weights")
    return BrightnessScorer(path)


@pytest.fixture(scope="session")
def photo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for number in range(8):
        draw_photo(number).save(folder / f"photo-{number}.png")
    return folder


@pytest.fixture(scope="session")
def given() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "file": [f"photo-{n}.png" for n in range(8)],
            "followers": range(100, 108),
            "filter": ["none", "bw"] * 4,
        }
    )


@pytest.fixture(scope="session")
def built(
    tmp_path_factory: pytest.TempPathFactory, photo_folder: Path, brightness_scorer, given
) -> Path:
    folder = tmp_path_factory.mktemp("built") / "tiny"
    config = BuildConfig(name="Tiny")
    build_gallery(photo_folder, folder, scorer=brightness_scorer, given=given, config=config)
    return folder


@pytest.fixture
def gallery(built: Path) -> Gallery:
    return Gallery.open(built)


@pytest.fixture
def own_copy(built: Path, tmp_path: Path) -> Path:
    """A gallery that a test may break."""
    return Path(shutil.copytree(built, tmp_path / "tiny"))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def shared(part: str) -> Path:
    """Return a folder of the shared data, or skip the test where it is not there."""
    folder = SHARED / part
    if not folder.is_dir():
        pytest.skip(f"{part} is not beside the checkout")
    return folder
