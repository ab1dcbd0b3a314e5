"""What the page "score yours" draws itself: photo, ring, strip, neighbours, little map."""

import html
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pages.score.seen import stage_aspect
from pages.shared import ui
from selfie_core.answer.answer import Answer
from selfie_core.gallery.gallery import Gallery

if TYPE_CHECKING:
    from pages.score.seen import Seen

STYLE = f"<style>{(Path(__file__).parent / 'score.css').read_text('utf-8')}</style>"
_GROUP = 3  # faces; more are said
_TINY = 0.08  # of the photo's height: a face below is said
_STRETCHED = 3  # times longer than wide: said


def photo(seen: "Seen") -> str:
    """Return the photo, as large as leaves room for the strip below it."""
    return (
        f'<figure class="score-photo"><img style="--aspect:{stage_aspect(seen):.4f}" '
        f'src="{seen.picture}" alt="Your photo" decoding="sync"></figure>'
    )


def score_card(seen: "Seen") -> str:
    """Return the ring with the score, where the photo stands, and what there is to say of it."""
    answer = seen.answer
    stops = ",".join(f"{c} {100 * i / 5:.0f}%" for i, c in enumerate(ui.RAMP))
    notes = [note for note in (answer.reason, *_notes(answer)) if note]
    device = {"cuda": "the graphics card", "mps": "the Mac's GPU"}.get(
        ui.scorer().device, "the CPU"
    )
    quiet = f"It would rank {answer.rank:,} of {answer.of:,} photos. Scored on {device}."
    if answer.width != answer.height:
        quiet += " It is not square: the net saw it squashed to one, as in the original experiment."
    return (
        f'<div class="score-card"><div class="score-ring" role="img" '
        f'aria-label="Score {ui.percent(answer.score)}" '
        f'style="--share:{answer.score:.4f};--ramp:{stops}">'
        f"<div><b>{ui.percent(answer.score)}</b><small>score</small></div></div>"
        f'<p class="lead">{html.escape(answer.sentence)}</p>'
        + "".join(f"<p>{html.escape(note)}</p>" for note in notes)
        + f'<p class="quiet">{quiet}</p></div>'
    )


def _notes(answer: Answer) -> list[str]:
    """Return what makes this photo unlike those the net learned from."""
    notes = []
    aspect = max(answer.width, answer.height) / min(answer.width, answer.height)
    if not answer.faces:
        notes.append(
            "No face was found in it. The net learned from selfies, so take this score with a "
            "grain of salt."
        )
    elif len(answer.faces) > _GROUP:
        notes.append(f"{len(answer.faces)} faces were found; crops keep the largest.")
    elif (share := answer.faces[0].height / answer.height) < _TINY:
        notes.append(f"The face takes {100 * share:.0f} % of the height: a crop will tell more.")
    if aspect > _STRETCHED:
        notes.append(f"At {aspect:.0f}:1, little is left of it once it is squashed: try a crop.")
    return notes


def beside(gallery: Gallery, seen: "Seen") -> tuple[list[int], list[int]]:
    """Return the rows that score just worse and just better, both from worse to better."""
    worse = [near.row for near in seen.answer.worse[::-1]]
    return worse, [near.row for near in seen.answer.better]


def beside_line(gallery: Gallery, rows: Sequence[int], words: str) -> str:
    """Return the score below each photo of a row of three, and what they are."""
    scores = gallery.table["score"].to_numpy()[list(rows)]
    below = "".join(f"<span>{ui.percent(score)}</span>" for score in scores)
    return f'<div class="score-three">{below}</div><div class="score-words">{words}</div>'


def yours(seen: "Seen") -> str:
    """Return the photo between its neighbours in score."""
    return (
        f'<div class="score-yours"><img src="{seen.thumb}" alt="Your photo">'
        f"<b>{ui.percent(seen.answer.score)}</b><small>yours</small></div>"
    )
