"""A server whose disk is full or read-only, and two on one gallery: nothing is lost."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from selfie_core.base import store
from tests.support.served import serve
from tests.support.volumes import Volume, mounted

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
START = "import sys; from selfie_core.cli.main import main; sys.exit(main())"
SELFIE = (sys.executable, "-c", START)
SAMPLES = [store.sample_photos() / f"sample-{number}.jpg" for number in range(1, 5)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `photos`, two of the samples, and their gallery `g`."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "photos").mkdir()
    for sample in SAMPLES[:2]:
        shutil.copy(sample, folder / "photos")
    command = [*SELFIE, "build", folder / "photos", "--out", folder / "g"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


@contextmanager
def app(gallery: Path, photos: Path, log: Path, *inside: str, **settings: str) -> Iterator[str]:
    """Serve a gallery and watch a folder; what both say goes into a file."""
    command = [*SELFIE, "app", gallery, "--watch", photos, "--no-browser", "--port", "{port}"]
    quiet = ["sh", "-c", 'exec "$@" 2>"$0"', log, *inside]
    with serve([*quiet, *command], ROOT, health="/health/ready", **settings) as url:
        yield url


def photos_shown(url: str) -> int:
    page = requests.get(f"{url}/continuum", timeout=60).text
    return int(re.findall(r"(\d+) selfies from best to worst", page)[0])


def scores(url: str) -> bool:
    with SAMPLES[3].open("rb") as photo:
        answer = requests.post(f"{url}/api/v1/score", files={"image": photo}, timeout=60)
    return answer.ok and 0 < answer.json()["score"] < 1


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 180
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)


def files(folder: Path) -> dict[str, bytes]:
    found = [path for path in folder.rglob("*") if path.is_file() and path.name != "ledger.sqlite"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def refused(volume: Volume, settings: dict[str, str], why: str) -> None:
    """Try to write by every command of a host's; each says why not in a line."""
    gallery = volume.path / "g"
    for command in (
        ["backup", gallery, volume.path / "new.tar"],
        ["backup", gallery, volume.path / "old.tar"],
        ["restore", volume.path / "old.tar", gallery],
        ["key", "second", "--roles", "look"],
        ["grid", gallery, "--out", volume.path / "grid.jpg"],
    ):
        done = volume.run(*SELFIE, *command, **settings)
        assert done.returncode == 1, command
        assert re.fullmatch(f"selfie: can't write .*: {why}\n", done.stderr), done.stderr


@pytest.fixture
def volume(tmp_path: Path, made: Path) -> Iterator[Volume]:
    """A volume with a gallery, a backup of it and a key; and beside it, `photos`."""
    (tmp_path / "volume").mkdir()
    shutil.copytree(made / "photos", tmp_path / "photos")
    with mounted(tmp_path / "volume", megabytes=4) as volume:
        shutil.copytree(made / "g", volume.outside / "g")
        for command in (
            ["backup", volume.path / "g", volume.path / "old.tar"],
            ["key", "first", "--roles", "look", "--keys", volume.path / "keys.json"],
        ):
            volume.run(*SELFIE, *command).check_returncode()
        yield volume


def kept_there(volume: Volume) -> dict[str, str]:
    """Return settings by which all that a server keeps goes to a volume."""
    names = {"SELFIE_CACHE": "cache", "TMPDIR": "tmp", "SELFIE_KEYS": "keys.json"}
    return {name: str(volume.path / place) for name, place in names.items()}


def test_full_volume_stops_no_server_and_what_came_meanwhile_is_taken_in(
    volume: Volume, tmp_path: Path
) -> None:
    settings, photos, log = kept_there(volume), tmp_path / "photos", tmp_path / "log"
    filler = volume.fill()
    before = files(volume.outside)
    with app(volume.path / "g", photos, log, *volume.inside, **settings) as url:
        assert scores(url)
        assert requests.get(f"{url}/phone/", timeout=60).ok
        shutil.copy(SAMPLES[2], photos)
        until(lambda: "make room" in log.read_text())
        refused(volume, settings, "No space left on device; make room and try again")
        assert files(volume.outside) == before
        assert photos_shown(url) == 2
        filler.unlink()
        shutil.copy(SAMPLES[3], photos)
        until(lambda: photos_shown(url) == 4)
    assert log.read_text().count("make room") <= 2  # once per photo that came


def test_read_only_volume_is_served(volume: Volume, tmp_path: Path) -> None:
    settings, photos, log = kept_there(volume), tmp_path / "photos", tmp_path / "log"
    shutil.copy(SAMPLES[2], photos)
    volume.forbid_writing()
    before = files(volume.outside)
    with app(volume.path / "g", photos, log, *volume.inside, **settings) as url:
        assert photos_shown(url) == 2
        assert scores(url)
        until(lambda: "Read-only file system; choose a folder" in log.read_text())
        refused(volume, settings, "Read-only file system; choose a folder that can be written")
        saved = ["backup", volume.path / "g", tmp_path / "elsewhere.tar"]
        volume.run(*SELFIE, *saved).check_returncode()
    assert files(volume.outside) == before


def test_two_servers_on_one_gallery_show_what_either_builds(made: Path, tmp_path: Path) -> None:
    gallery = shutil.copytree(made / "g", tmp_path / "g")
    photos = shutil.copytree(made / "photos", tmp_path / "photos")
    logs = [tmp_path / name for name in ("log 1", "log 2")]
    with app(gallery, photos, logs[0]) as first, app(gallery, photos, logs[1]) as second:
        for count, sample in enumerate(SAMPLES[2:], 3):
            shutil.copy(sample, photos)
            until(lambda: {photos_shown(first), photos_shown(second)} == {count})  # noqa: B023
        assert scores(first) and scores(second)
    assert not [log for log in logs if "Traceback" in log.read_text()]
