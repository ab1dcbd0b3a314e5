"""A page's component: its HTML, CSS and JS lie beside the page that shows it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamlit.components import v2


def component(
    folder: Path, name: str, *, css: str = "", html: str = "", title: str = ""
) -> Callable[..., Any]:
    """Return what mounts the component `name` of a folder.

    Args:
        folder: Where its files lie.
        name: Of its script, without ending.
        css: Name of its style sheet, without ending; its own by default.
        html: What stands in it at first.
        title: Under which Streamlit knows it; its name by default.
    """
    return v2.component(
        title or name,
        html=html or None,
        css=(folder / f"{css or name}.css").read_text("utf-8"),
        js=(folder / f"{name}.js").read_text("utf-8"),
    )
