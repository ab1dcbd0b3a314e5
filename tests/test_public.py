"""The public names: whole, documented, named where they are promised, and light to import."""

import ast
import importlib
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import selfie_core

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "selfie_core" / "__init__.py"
FILES = [path for top in ("selfie_core", "pages") for path in (ROOT / top).rglob("*.py")]
FILES += [ROOT / "tests/pages/test_pages.py", ROOT / "tests/web/test_gate.py"]
TEXTS = ("README.md", "CONTRIBUTING.md")
HEAVY = ("numpy", "pandas", "PIL", "torch", "onnxruntime", "streamlit")


def names_for_type_checkers() -> dict[str, str]:
    """Return each name that `if TYPE_CHECKING:` imports, with its module."""
    tree = ast.parse(SOURCE.read_text("utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    return {
        alias.name: str(node.module)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_the_table_the_imports_and_all_name_the_same() -> None:
    table = {
        name: f"selfie_core.{module}"
        for module, names in selfie_core._MODULES.items()
        for name in names
    }
    assert table == names_for_type_checkers()
    assert sorted(table) == sorted(selfie_core.__all__)


@pytest.mark.parametrize("name", selfie_core.__all__)
def test_public_name_is_there_and_says_what_it_is(name: str) -> None:
    found = getattr(selfie_core, name)
    assert inspect.getdoc(found)
    assert found.__module__ == f"selfie_core.{selfie_core._MODULE_OF[name]}"
    assert name in dir(selfie_core)


def test_unknown_name_is_refused_as_python_does() -> None:
    with pytest.raises(AttributeError, match="'selfie_core' has no attribute 'score_selfie'"):
        selfie_core.score_selfie  # noqa: B018


def test_import_loads_nothing_heavy() -> None:
    code = f"import sys, selfie_core; sys.exit(any(m in sys.modules for m in {HEAVY}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_no_runtime_reports_to_its_maker(tmp_path: Path) -> None:
    """ONNX Runtime keeps an id of the device and a queue to be sent, unless it is told not to."""
    reports = ("CI", "ORT_")  # it is silent where it believes to be tested
    clean = {name: value for name, value in os.environ.items() if not name.startswith(reports)}
    home = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    code = "import selfie_core.photo.faces"
    subprocess.run([sys.executable, "-c", code], env=clean | home, check=True)
    assert not list(tmp_path.rglob("*"))


@pytest.mark.parametrize("text", TEXTS)
def test_what_the_texts_name_exists(text: str) -> None:
    words = (ROOT / text).read_text("utf-8")
    for module, names in re.findall(r"from (selfie_core[\w.]*) import ([\w, ]+)", words):
        for name in names.split(", "):
            assert hasattr(importlib.import_module(module), name), (module, name)
    for path in re.findall(r"\b(?:selfie_core|pages|tests|assets)/[\w./-]*\w", words):
        assert (ROOT / path).exists() or "palest" in path, path
    source = "\n".join(path.read_text("utf-8") for path in FILES)
    for name in re.findall(r"`(?:ui\.)?(\w+)\([^`]*\)`|`([A-Z]{4,})`", words):
        assert re.search(rf"^ *(def|class) {max(name)}\b|^{max(name)} =", source, re.M), name
