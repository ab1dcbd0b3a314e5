"""The house: what each package of the core may import, and that pages never import each other."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# In the order in which a photo passes them.  A package imports only from those above it, and
# never from the ones named beside it.
PACKAGES = {
    "base": (),
    "photo": ("scorer",),
    "posts": ("scorer",),
    "scorer": ("posts", "gallery"),
    "gallery": ("training", "answer"),
    "answer": ("training", "learned"),
    "training": ("answer", "learned", "web"),
    "learned": ("web",),
    "web": ("training", "learned"),
    "bot": ("posts", "training", "learned", "web"),
    "cli": (),
}
# A folder of pages imports these folders, the core, and nothing else of ours.
PAGES = ("shared", "grid")

FILES = sorted(path.relative_to(ROOT) for path in (ROOT / "selfie_core").rglob("*.py"))
FILES = [path for path in FILES if path.parts[1] != "site"]
PAGE_FILES = sorted(path.relative_to(ROOT) for path in (ROOT / "pages").rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Return the modules that a file imports, with dots."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def rooms(path: Path, house: str) -> set[str]:
    """Return which packages of `house` a file imports from."""
    return {name.split(".")[1] for name in imported(path) if name.startswith(f"{house}.")}


def test_the_core_holds_packages_only() -> None:
    inside = {path.name for path in (ROOT / "selfie_core").iterdir() if path.name[0] != "_"}
    assert inside - {"site", "py.typed"} == set(PACKAGES)
    assert [path.name for path in (ROOT / "pages").glob("*.py")] == ["router.py"]


@pytest.mark.parametrize("path", FILES, ids=str)
def test_module_imports_only_from_packages_above(path: Path) -> None:
    found = rooms(path, "selfie_core") - {"__version__"}
    if len(path.parts) == 2:  # the public names, and how to start
        return
    own, order = path.parts[1], list(PACKAGES)
    assert found <= set(order[: order.index(own) + 1])
    assert not found & set(PACKAGES[own])


def test_no_module_imports_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    names = {".".join(path.with_suffix("").parts): path for path in (*FILES, *PAGE_FILES)}
    for name, path in names.items():
        graph[name] = {
            near
            for found in imported(path)
            for near in (found, found.rpartition(".")[0])
            if near in names and near != name
        }
    while leaves := [name for name, needs in graph.items() if not needs & graph.keys()]:
        for name in leaves:
            del graph[name]
    assert not graph


@pytest.mark.parametrize("path", FILES, ids=str)
def test_core_never_imports_streamlit(path: Path) -> None:
    assert not any(name.split(".")[0] in {"streamlit", "pages"} for name in imported(path))


def test_only_the_command_line_knows_the_bot() -> None:
    for path in (*FILES, *PAGE_FILES, Path("app.py")):
        if path.parts[:2] not in {("selfie_core", "bot"), ("selfie_core", "cli")}:
            assert "bot" not in rooms(path, "selfie_core"), path


def test_the_map_never_sees_a_gallery() -> None:
    for path in (ROOT / "selfie_core" / "gallery" / "map").glob("*.py"):
        outside = {n for n in imported(path) if n.startswith("selfie_core.gallery.")}
        known = ("selfie_core.gallery.map.", "selfie_core.gallery.columns.")  # names, no Gallery
        assert all(name.startswith(known) for name in outside), path


@pytest.mark.parametrize("path", PAGE_FILES, ids=str)
def test_pages_import_what_is_shared_and_never_each_other(path: Path) -> None:
    own = path.parts[1]
    assert rooms(path, "pages") <= {own, *PAGES[: 1 if own in PAGES else 2]}


def test_showing_a_gallery_does_not_import_torch() -> None:
    modules = [
        "gallery.gallery",
        "gallery.grids",
        "web.gallery_routes",
        "answer.answer",
        "cli.main",
    ]
    modules += ["answer.crops", "learned.findings", "learned.groups", "training.experiment"]
    code = f"""
import importlib, sys
for name in {modules}:
    importlib.import_module("selfie_core." + name)
    assert "torch" not in sys.modules, name
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
