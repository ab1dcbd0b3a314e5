"""Wheel and sdist outside the checkout: the command, a score, the app with its gallery."""

import os
import subprocess
import sys
import sysconfig
import tarfile
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.metadata import Metadata

from selfie_core import __version__
from tests.support.served import serve

ROOT = Path(__file__).resolve().parents[1]


def run(*command: str | Path, folder: Path) -> str:
    """Run a program in a folder and return what it prints."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def build(source: Path, out: Path) -> Path:
    """Build the wheel of a folder's source, and its sdist beside it; return the wheel."""
    run(sys.executable, "-m", "hatchling", "build", "-d", out, folder=source)
    (wheel,) = out.glob("selfie-*.whl")
    return wheel


def contents(wheel: Path) -> dict[str, int]:
    with zipfile.ZipFile(wheel) as archive:
        return {member.filename: member.CRC for member in archive.infolist()}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a fresh environment that has the wheel, and ours for the rest."""
    made = tmp_path_factory.mktemp("wheel")
    wheel = build(ROOT, made)
    venv.create(made / "env", symlinks=os.name != "nt")
    paths = sysconfig.get_paths(vars={"base": str(made / "env"), "platbase": str(made / "env")})
    programs, packages = Path(paths["scripts"]), Path(paths["purelib"])
    pip = [sys.executable, "-m", "pip", "--python", programs / "python"]
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, folder=made)
    # Its .pth files are not followed from here, hence the checkout is not found.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    return programs


@pytest.mark.slow
def test_sdist_holds_all_that_the_wheel_is_made_of(installed: Path, tmp_path: Path) -> None:
    made = installed.parents[1]
    (sdist,) = made.glob("selfie-*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    again = build(source, tmp_path / "again")
    assert again.name == f"selfie-{__version__}-py3-none-any.whl"
    assert contents(again) == contents(made / again.name)
    said = Metadata.from_email((source / "PKG-INFO").read_bytes(), validate=True)
    assert str(said.version) == __version__
    assert said.description_content_type == "text/markdown"


@pytest.mark.slow
def test_wheel_scores_a_photo_and_serves_the_app(
    installed: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    python, selfie = installed / "python", installed / "selfie"
    where = "import selfie_core.base.store as s; print(s.site(), s.content_id(s.read_bytes("
    where += "s.demo_gallery() / 'gallery.json')), sep='|')"
    site, version = run(python, "-c", where, folder=tmp_path).strip().split("|")
    assert Path(site).is_relative_to(installed.parent)

    assert run(selfie, "--version", folder=tmp_path).startswith("selfie ")
    sample = Path(site) / "assets" / "samples" / "sample-1.jpg"
    assert "%" in run(selfie, "score", sample, folder=tmp_path)

    command = [selfie, "app", "--no-browser", "--port", "{port}"]
    with serve(command, tmp_path, health="/_stcore/health") as url:
        for path, kind in (("thumb/0", "image/jpeg"), ("columns.bin", "application/octet-stream")):
            with urllib.request.urlopen(f"{url}/gallery/{version}/{path}") as answer:
                assert answer.headers["Content-Type"].startswith(kind)
        with urllib.request.urlopen(f"{url}/map") as answer:
            assert b"<html" in answer.read()
