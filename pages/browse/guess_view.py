"""How the result of a guessing game is drawn."""

import html
from collections.abc import Sequence
from pathlib import Path

from pages.shared import ui
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.guess import Pair, Verdict

STYLE = f"<style>{(Path(__file__).parent / 'guess.css').read_text('utf-8')}</style>"


def bars(verdicts: dict[str, Verdict]) -> str:
    """Return one bar a name: its share of right answers, with a line for the 95 % interval."""
    return f'<div class="guess-bars">{"".join(_bar(*item) for item in verdicts.items())}</div>'


def _bar(name: str, verdict: Verdict) -> str:
    share = verdict.right / verdict.of
    reach = f"left: {100 * verdict.low:.1f}%; width: {100 * (verdict.high - verdict.low):.1f}%"
    return (
        f'<div class="guess-name">{html.escape(name)}</div>'
        f'<div class="guess-bar"><b style="width: {100 * share:.1f}%"></b>'
        f'<i style="{reach}"></i></div>'
        f'<div class="guess-share"><strong>{100 * share:.0f} %</strong> '
        f"<span>{verdict.right} of {verdict.of}; {100 * verdict.low:.0f} to "
        f"{100 * verdict.high:.0f} %</span></div>"
    )


def review(gallery: Gallery, pairs: Sequence[Pair], answers: Sequence[int]) -> str:
    """Return all pairs, the good photo first, and who was right."""
    return f'<div class="guess-review">{"".join(map(_card(gallery), pairs, answers))}</div>'


def _card(gallery: Gallery):
    base = ui.base(gallery)

    def card(pair: Pair, answer: int) -> str:
        rows = (pair.left, pair.right) if pair.good == 0 else (pair.right, pair.left)
        photos = "".join(
            f'<a href="{ui.served("/continuum")}?id={gallery.table["id"].iat[row]}" '
            f'target="_blank">'
            f'<img src="{base}/thumb/{row}" alt="{label}"></a>'
            for row, label in zip(rows, ("labelled good", "labelled bad"), strict=True)
        )
        yours, nets = answer == pair.good, pair.picked == pair.good
        marks = "".join(
            f'<span class="{"yes" if right else "no"}">{who} {"✓" if right else "✗"}</span>'
            for who, right in (("you", yours), ("net", nets))
        )
        return f"<figure><div>{photos}</div><figcaption>{marks}</figcaption></figure>"

    return card
