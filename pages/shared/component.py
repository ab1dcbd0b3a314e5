"""A page's component: its CSS and JavaScript lie beside the page that shows it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamlit.components import v2

from pages.shared import scripts

_PAGES = Path(__file__).parents[1]
_CSS = Path(__file__).with_name("component.css").read_text("utf-8")


def component(folder: Path, name: str, *, css: str = "") -> Callable[..., Any]:
    """Return what mounts the component `name` of a folder.

    Args:
        folder: Where its files lie.
        name: Of its script, without ending; no two components have the same.
        css: Name of its style sheet, without ending; its own by default.
    """
    return v2.component(
        name,
        css=_CSS + (folder / f"{css or name}.css").read_text("utf-8"),
        js=scripts.loader(f"{folder.relative_to(_PAGES).as_posix()}/{name}.js"),
    )
