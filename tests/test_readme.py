"""The README names every command and file rightly, and its example runs."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from selfie_core.cli.main import parser

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
TEXTS = {name: (ROOT / name).read_text("utf-8") for name in ("README.md", "CONTRIBUTING.md")}


def test_every_command_is_in_the_readme_or_a_page_that_it_links() -> None:
    commands = next(a for a in parser()._actions if a.choices).choices
    linked = re.findall(r"\]\(([^)#:]+README\.md)\)", README)
    text = README + "".join((ROOT / name).read_text("utf-8") for name in linked)
    missing = [name for name in commands if f"selfie {name}" not in text]
    assert not missing


def test_readme_is_read_in_three_minutes() -> None:
    assert len(README.split()) < 700


@pytest.mark.parametrize("name", TEXTS)
def test_every_picture_and_file_named_is_there(name: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", TEXTS[name]):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("name", TEXTS)
def test_every_module_and_script_named_is_there(name: str) -> None:
    files = [f"{ROOT / 'app.py'}", f"{ROOT / 'pages/browse/palest.py'}"]  # which is an example
    for top in ("selfie_core", "pages", "tests", "assets"):
        files += map(str, (ROOT / top).rglob("*.*"))
    for named in re.findall(r"`([\w./]+\.(?:py|js|sh|c))`", TEXTS[name]):
        assert any(file.endswith(f"/{named}") for file in files), named


def test_example_in_python_runs_on_what_ships(tmp_path: Path, monkeypatch, capsys) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (tmp_path / "assets").symlink_to(ROOT / "assets")
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "README.md", "exec"), {})
    assert re.search(r"\d %", capsys.readouterr().out)
    with Image.open("crop.jpg") as crop, Image.open("best.jpg") as best:
        assert min(crop.size) >= 64
        assert best.width == best.height


@pytest.mark.parametrize("name", TEXTS)
def test_every_target_of_make_that_is_named_exists(name: str) -> None:
    made = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {a or b for a, b in re.findall(r"`make (\w+)|^make (\w+)", TEXTS[name], re.MULTILINE)}
    assert named <= made


@pytest.mark.parametrize("installed", [None, ".app", ".light"])
def test_audit_installs_only_where_nothing_is(tmp_path: Path, installed: str | None) -> None:
    for name in ("pyproject.toml", "Makefile"):
        shutil.copy(ROOT / name, tmp_path)
    if installed:
        (tmp_path / ".venv").mkdir()
        (tmp_path / ".venv" / installed).touch()
    done = subprocess.run(
        ["make", "--dry-run", "audit"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    before, _, _ = done.stdout.partition(".venv/bin/pip freeze")
    assert ("pip install --quiet --editable ." in before) == (installed is None)


def test_audit_without_a_network_is_a_line_and_no_success() -> None:
    nowhere = os.environ | {
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
    }
    done = subprocess.run(
        ["make", "--no-print-directory", "audit"],
        cwd=ROOT,
        env=nowhere,
        capture_output=True,
        text=True,
    )
    assert done.returncode
    assert done.stdout == (
        "found no way to api.osv.dev, which lists known holes: nothing was audited\n"
    )
