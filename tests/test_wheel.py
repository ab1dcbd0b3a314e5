"""The wheel outside the checkout: the command, a score, the app with its gallery."""

import os
import subprocess
import sys
import sysconfig
import urllib.request
import venv
from pathlib import Path

import pytest

from tests.support.served import serve

ROOT = Path(__file__).resolve().parents[1]


def run(*command: str | Path, folder: Path) -> str:
    """Run a program in a folder and return what it prints."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a fresh environment that has the wheel, and ours for the rest."""
    made = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", made, folder=ROOT)
    (wheel,) = made.glob("selfie-*.whl")
    venv.create(made / "env", symlinks=os.name != "nt")
    paths = sysconfig.get_paths(vars={"base": str(made / "env"), "platbase": str(made / "env")})
    programs, packages = Path(paths["scripts"]), Path(paths["purelib"])
    pip = [sys.executable, "-m", "pip", "--python", programs / "python"]
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, folder=made)
    # Its .pth files are not followed from here, hence the checkout is not found.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    return programs


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
