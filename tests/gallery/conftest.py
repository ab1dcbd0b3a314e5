"""A gallery that is built again and again, and what a build looks at."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from selfie_core.gallery import measure
from selfie_core.gallery.build import BuildConfig, build_gallery
from selfie_core.gallery.gallery import Gallery

FLAT = BuildConfig(map=False)
Build = Callable[..., Gallery]


@pytest.fixture
def photos(photo_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(photo_folder, tmp_path / "photos"))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "gallery"


@pytest.fixture
def build(photos: Path, out: Path, brightness_scorer) -> Build:
    def run(config: BuildConfig = FLAT, **how) -> Gallery:
        return build_gallery(photos, out, scorer=brightness_scorer, config=config, **how)

    return run


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Names of the files that were read, and of those that were measured."""
    names: dict[str, list[str]] = {"read": [], "measured": []}
    id_of, examine = measure._id_of, measure._examine

    def reading(path: Path) -> str | None:
        names["read"].append(path.name)
        return id_of(path)

    def measuring(photo, path, **how):
        names["measured"].append(path.name)
        return examine(photo, path, **how)

    monkeypatch.setattr(measure, "_id_of", reading)
    monkeypatch.setattr(measure, "_examine", measuring)
    return names
