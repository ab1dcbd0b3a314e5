"""The imports go one way: a file of the core imports only from files above it in this list."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

CORE = Path(__file__).resolve().parents[1] / "selfie_core"
ORDER = """errors settings checkpoint store images posts ucf faces factors labels
simulate model gather score evaluate assess report lessons resume train layout tiling
fidelity landmarks gallery mapping build grids frames dense crops answer why advice
skin regression rules insight trials audit experiment
unzip piles head receptive anatomy excite
burst card openapi rest explore subset guess map_api commons celebrities api commands cli""".split()
MODULES = sorted(path.stem for path in CORE.glob("*.py") if path.stem != "__init__")


def imported(path: Path) -> set[str]:
    """Return what a file imports: names in selfie_core, and foreign packages."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "selfie_core":
            names |= {f"selfie_core.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def test_every_module_has_its_place() -> None:
    assert sorted(ORDER) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_module_imports_only_from_above(module: str) -> None:
    above = set(ORDER[: ORDER.index(module)]) | {"__version__"}
    ours = {
        n.split(".")[1] for n in imported(CORE / f"{module}.py") if n.startswith("selfie_core.")
    }
    assert ours <= above


@pytest.mark.parametrize("module", MODULES)
def test_core_never_imports_streamlit(module: str) -> None:
    assert "streamlit" not in imported(CORE / f"{module}.py")


@pytest.mark.parametrize(
    "module",
    ["gallery", "grids", "api", "answer", "crops", "cli", "insight", "audit", "experiment"],
)
def test_showing_a_gallery_does_not_import_torch(module: str) -> None:
    code = f"import sys, selfie_core.{module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
