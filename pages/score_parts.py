"""What of "score yours" lives in the browser: the frame, the wipe, the burst, the camera."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st
import ui

from selfie_core.frames import Box

_HERE = Path(__file__).parent
_CSS = (_HERE / "score_parts.css").read_text("utf-8")


def _part(name: str) -> Callable[..., Any]:
    js = (_HERE / f"score_{name}.js").read_text("utf-8")
    return st.components.v2.component(f"score_{name}", css=_CSS, js=js)


_frame, _compare, _burst, _live = map(_part, ("frame", "compare", "burst", "live"))


def photo_frame(
    picture: str,
    size: tuple[int, int],
    *,
    options: Sequence[dict[str, Any]],
    aspect: float | None,
    least: int,
    score: Callable[[Box], float],
    key: str,
) -> tuple[Box, float]:
    """Show a photo with a frame to move by hand; return where it lies and its score.

    Args:
        picture: The photo as an address.
        size: Its whole width and height, pixels.
        options: Frames to start from, the first one at first: box, score, picture, name, note
            and whether it is rude.
        aspect: Width / height that the frame keeps; None for any.
        least: Pixels of the frame's shorter side.
        score: Gives a frame that is none of the options its score.
        key: Key of the widget; a new one for new options.
    """
    moved = (st.session_state.get(key) or {}).get("box")
    box = Box(*moved) if moved else Box(*options[0]["box"])
    known = {Box(*option["box"]): option["score"] for option in options}
    scored = known[box] if box in known else score(box)
    data = {
        "picture": picture,
        "width": size[0],
        "height": size[1],
        "options": list(options),
        "aspect": aspect,
        "least": least,
        "scored": {"box": list(box), "score": scored},
    }
    _frame(key=key, data=data, on_box_change=lambda: None)
    return box, scored


def compare(
    before: tuple[str, str, str], after: tuple[str, str, str], *, aspect: float, key: str
) -> None:
    """Show two pictures of a photo with a line to wipe between them.

    Args:
        before: Picture as an address, what it is, and its score; may be "".
        after: Likewise.
        aspect: Width / height of the stage.
        key: Key of the widget.
    """
    names = ("picture", "label", "score")
    sides = {"before": dict(zip(names, before, strict=True))}
    sides["after"] = dict(zip(names, after, strict=True))
    _compare(key=key, data={"aspect": aspect, **sides})


def burst_grid(shots: Sequence[dict[str, Any]], *, key: str) -> int | None:
    """Show the photos of a burst; return the number of the file clicked in this run, or None."""
    data = {"shots": list(shots), "colours": ui.RAMP[::-1]}
    opened = _burst(key=key, data=data, on_opened_change=lambda: None)["opened"]
    return None if opened is None else int(opened)


def live_camera(*, key: str, on_take: Callable[[], None]) -> None:
    """Score the camera's picture while it is on; `on_take` runs when the visitor keeps one.

    The picture kept is `st.session_state[key]["taken"]`, a JPEG as a data address.
    """
    address = ui.served("/api/v1/score")
    if st.session_state.get(ui.OWN):
        st.caption("The live score is the app's own; the photo you take is scored by your scorer.")
    _live(key=key, data={"address": address}, on_taken_change=on_take)
