"""One gallery, to the byte, whoever measures its photos; nothing is lost with who dies at it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.segments import find_segments
from tests.support.cluster import ENV, Cluster, end, works
from tests.support.drawn import draw_photo

ROOT = Path(__file__).resolve().parents[2]
COUNT = 24

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos, two copies and some that are bad."""
    folder = tmp_path_factory.mktemp("many")
    for number in range(COUNT):
        draw_photo(number % 6, size=(90 + number, 90)).save(folder / f"{number:02}.png")
    (folder / "copy.png").write_bytes((folder / "03.png").read_bytes())
    for number in range(3):
        (folder / f"bad-{number}.jpg").write_bytes(b"no photo" * (number + 1))
    return folder


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A Ray cluster on this machine, to which tests add nodes."""
    pytest.importorskip("ray", reason="pip install '.[cluster]'")
    made = Cluster()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def here(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("here") / "gallery"
    assert run(photos, out, "here") == 7
    assert len(Gallery.open(out)) == COUNT
    return out


def start(photos: Path, out: Path, *engine: str, **settings: str) -> subprocess.Popen[str]:
    # A relative path: machines may be at work elsewhere.
    command = [sys.executable, "-m", "tests.support.built", photos.name, str(out), *engine]
    env = os.environ | ENV | settings
    return subprocess.Popen(command, cwd=photos.parent, env=env, stdout=subprocess.PIPE, text=True)


def run(photos: Path, out: Path, *engine: str) -> int:
    """Build, and return how many shards were kept: seven, if none was before."""
    with start(photos, out, *engine) as driver:
        assert driver.stdout
        kept = driver.stdout.read().count("kept")
    assert driver.returncode == 0
    return kept


def files(gallery: Path) -> dict[str, bytes]:
    """Return what lies in a gallery's folder, but for when it was made and what disks said."""
    found = {
        str(path.relative_to(gallery)): path.read_bytes()
        for path in gallery.rglob("*")
        if path.is_file() and path.name != "ledger.sqlite"
    }
    facts = json.loads(found["gallery.json"])
    return found | {"gallery.json": json.dumps(facts | {"made": ""}).encode()}


def test_pool_makes_the_same_gallery(photos: Path, here: Path, tmp_path: Path) -> None:
    assert run(photos, tmp_path / "gallery", "pool") == 7
    assert files(tmp_path / "gallery") == files(here)


@pytest.mark.parametrize("engine", ["pool", "ray"])
def test_build_whose_driver_is_killed_goes_on_and_measures_nothing_twice(
    photos: Path, here: Path, tmp_path: Path, engine: str, request
) -> None:
    out, how = tmp_path / "gallery", [engine]
    if engine == "ray":
        how.append(request.getfixturevalue("cluster").address)
    with start(photos, out, *how, TO_BE_KILLED="yes") as driver:
        assert driver.stdout and driver.stdout.readline() == "kept\n"
        driver.send_signal(signal.SIGKILL)
    left = set(find_segments(out))
    assert 0 < len(left) < COUNT // 4
    assert run(photos, out, *how) <= 7 - len(left)
    assert left < set(find_segments(out))
    assert files(out) == files(here)


def test_ray_makes_the_same_gallery_though_a_node_is_lost(
    photos: Path, here: Path, tmp_path: Path, cluster
) -> None:
    node, hold = cluster.add_node(2), tmp_path / "hold"
    hold.touch()  # or the other node has done it all before this one's processes are up
    with start(photos, tmp_path / "gallery", "ray", cluster.address) as driver:
        try:
            while not works(node):
                assert driver.stdout and driver.poll() is None
                time.sleep(0.05)
            end(node)
        finally:
            hold.unlink()
        driver.stdout.read()
    assert driver.returncode == 0
    assert files(tmp_path / "gallery") == files(here)
