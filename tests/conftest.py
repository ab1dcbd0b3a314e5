"""Eight drawn photos, a scorer that needs no weights, and a gallery made of both."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.support.bucket import Bucket, serve_bucket
from tests.support.drawn import BrightnessScorer, draw_photo

# A worker per core: threads of torch and BLAS that wait for each other took nets this small eight
# times as long on busy cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# The app that a worker starts finds there what the worker exported.  Each has its own: two that
# train the same scorer would clear it away from each other.
if "SELFIE_CACHE" not in os.environ:
    os.environ["SELFIE_CACHE"] = tempfile.mkdtemp(prefix="selfie-test-")
    atexit.register(shutil.rmtree, os.environ["SELFIE_CACHE"], ignore_errors=True)
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ["SELFIE_CACHE"] += f"/{worker}"

from selfie_core.base import store
from selfie_core.gallery.build import BuildConfig, build_gallery
from selfie_core.gallery.gallery import Gallery

FIRST_FORMAT = Path(__file__).parent / "support" / "first_format"  # made before there were segments


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator of its own per test: workers share the tests out anew each time."""
    return np.random.default_rng(1)


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


@pytest.fixture(scope="session")
def phone_folder() -> Path:
    """The page /phone of the demo gallery, where the app that a test starts finds it too."""
    from selfie_core.web.phone_routes import make_kept

    return make_kept(Gallery.open(store.demo_gallery()))


@pytest.fixture(scope="session")
def served_bucket() -> Iterator[Bucket]:
    for package in ("s3fs", "moto", "flask_cors"):
        pytest.importorskip(package, reason="pip install '.[cluster,dev]'")
    with serve_bucket() as bucket:
        yield bucket


@pytest.fixture
def bucket(served_bucket: Bucket) -> Bucket:
    """A bucket on this machine, of which no request fails yet."""
    served_bucket.fault = lambda path: None
    return served_bucket


@pytest.fixture
def gallery(built: Path) -> Gallery:
    return Gallery.open(built)


@pytest.fixture
def own_copy(tmp_path: Path) -> Path:
    """A gallery of the first format, made of the same photos, that a test may break."""
    return Path(shutil.copytree(FIRST_FORMAT, tmp_path / "tiny"))
