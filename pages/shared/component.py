"""A page's component: its CSS and JavaScript lie beside the page that shows it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamlit.components import v2

from pages.shared import scripts

_PAGES = Path(__file__).parents[1]
_HERE = Path(__file__).parent
_CSS = (_HERE / "component.css").read_text("utf-8")


def component(folder: Path, name: str, *, css: str = "", uses: str = "") -> Callable[..., Any]:
    """Return what mounts the component `name` of a folder.

    Args:
        folder: Where its files lie.
        name: Of its script, without ending; no two components have the same.
        css: Name of its style sheet, without ending; its own by default.
        uses: Name of a style sheet of `shared` that goes before it.
    """
    sheets = [_HERE / f"{uses}.css"] * bool(uses) + [folder / f"{css or name}.css"]
    return v2.component(
        name,
        css=_CSS + "".join(sheet.read_text("utf-8") for sheet in sheets),
        js=scripts.loader(f"{folder.relative_to(_PAGES).as_posix()}/{name}.js"),
    )
