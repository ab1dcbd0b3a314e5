"""The game's component: rounds of two photos, played in the browser, answers at the end."""

from collections.abc import Sequence
from pathlib import Path

from pages.shared import ui
from pages.shared.component import component
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.guess import Pair

_component = component(Path(__file__).parent, "pair_game")


def play(gallery: Gallery, pairs: Sequence[Pair], *, key: str) -> list[int] | None:
    """Let someone choose in each pair; return the sides, 0 left and 1 right, once all are done."""
    scores = gallery.table["score"].to_numpy()
    rounds = [
        {
            "rows": [pair.left, pair.right],
            "good": pair.good,
            "picked": pair.picked,
            "scores": [round(float(scores[row]), 4) for row in (pair.left, pair.right)],
        }
        for pair in pairs
    ]
    data = {"base": ui.base(gallery), "pairs": rounds}
    answers = _component(key=key, data=data, on_answers_change=lambda: None).get("answers")
    return list(answers) if answers else None
