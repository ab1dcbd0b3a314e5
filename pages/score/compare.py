"""Two pictures of a photo: one over the other with a line to wipe between them, or abreast."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from PIL import Image

from pages.score.seen import STAGES, Seen
from pages.shared.component import component
from pages.shared.pictures import data_address
from selfie_core.photo.edits import Step, border_width

_compare = component(Path(__file__).parent, "compare", css="parts")
_MOVES = {"crop", "straighten"}  # changes after which the photo lies elsewhere


@dataclass(frozen=True)
class Side:
    """One of the pictures."""

    picture: str  # its address
    label: str
    score: str  # or ""
    aspect: float  # width / height

    @classmethod
    def of(cls, image: Image.Image, label: str, score: str = "", *, most: int = 1280) -> "Side":
        """Return a side with a copy of a picture, `most` pixels at its longer side."""
        return cls(data_address(image, side=most), label, score, image.width / image.height)


def photo_side(seen: Seen, label: str, score: str = "") -> Side:
    """Return the photo as it is."""
    return Side(seen.picture, label, score, seen.size[0] / seen.size[1])


def compare(seen: Seen, before: Side, after: Side, *, key: str, steps: Sequence[Step] = ()) -> None:
    """Show two pictures so that each part of the photo lies over itself; else side by side.

    `steps` made the one of the other.
    """
    rim = sum(border_width(seen.size, step.amount) for step in steps if step.name == "border")
    strip = rim and not STAGES[0] <= after.aspect <= STAGES[1]  # its stage has another shape
    if strip or not _MOVES.isdisjoint(step.name for step in steps):
        show_beside(before, after)
        return
    aspect = after.aspect if rim else seen.stage
    share = 100 * rim / (seen.size[0] + 2 * rim)
    data = {"aspect": aspect, "rim": share, "before": vars(before), "after": vars(after)}
    _compare(key=key, data=data)


def show_beside(*sides: Side) -> None:
    """Show pictures side by side, of one height."""
    figures = "".join(
        f'<figure style="--aspect:{side.aspect:.4f}"><img src="{side.picture}" alt="">'
        f"<figcaption>{html.escape(side.label)} <b>{side.score}</b></figcaption></figure>"
        for side in sides
    )
    whole = sum(side.aspect for side in sides)
    st.html(f'<div class="score-pair" style="--aspect:{whole:.4f}">{figures}</div>')
