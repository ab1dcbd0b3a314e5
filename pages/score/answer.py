"""The answer: the photo, the ring with its score, what there is to say, those that score alike."""

import html
import math

import streamlit as st

from pages.grid.selfie_grid import selfie_grid
from pages.score import place
from pages.score.ask import offer_to_forget
from pages.score.seen import Seen
from pages.shared import ui
from selfie_core.answer.answer import NO_FACE, Answer
from selfie_core.gallery.gallery import Gallery

_GROUP = 3  # faces; more are said
_TINY = 0.08  # of the photo's height: a face below is said
_STRETCHED = 3  # times longer than wide: said


def show_answer(seen: Seen, gallery: Gallery) -> None:
    """Show what one came for: the score, and where the photo stands among the others."""
    left, right = st.columns([6, 5], gap="large", vertical_alignment="center")
    left.html(
        f'<figure class="score-photo"><img style="--aspect:{seen.stage:.4f}" '
        f'src="{seen.picture}" alt="Your photo" decoding="sync"></figure>'
    )
    with right:
        st.markdown(_score_card(seen.answer), unsafe_allow_html=True)
        offer_to_forget()
    st.html(place.strip(gallery, seen))
    with st.container(key="score_beside"):
        worse, yours, better = st.columns([3, 1, 3], gap="small", wrap=False)
        with worse:
            _show_beside(gallery, [near.row for near in seen.answer.worse[::-1]], "worse")
        yours.html(
            f'<div class="score-yours"><img src="{seen.thumb}" alt="Your photo">'
            f"<b>{ui.percent(seen.answer.score)}</b><small>yours</small></div>"
        )
        with better:
            _show_beside(gallery, [near.row for near in seen.answer.better], "better")


def _show_beside(gallery: Gallery, rows: list[int], words: str) -> None:
    """Show the photos that score just worse or just better, with the score below each."""
    if not rows:
        st.caption(f"Nothing scores {words}.")
        return
    selfie_grid(gallery, rows, columns=3, cell=160, smallest=20, key=f"score_{words}")
    scores = gallery.table["score"].to_numpy()[rows]
    below = "".join(f"<span>{ui.percent(score)}</span>" for score in scores)
    st.html(f'<div class="score-three">{below}</div><div class="score-words">just {words}</div>')


def _score_card(answer: Answer) -> str:
    """Return where the photo stands, as a ring and in words, what tells for it, its score."""
    stops = ",".join(f"{c} {100 * i / 5:.0f}%" for i, c in enumerate(ui.RAMP))
    notes = [note for note in (answer.reason, *_notes(answer)) if note]
    device = {"cuda": "the graphics card", "mps": "the Mac's GPU"}.get(
        ui.scorer().device, "the CPU"
    )
    squashed = " It is not square: the net saw it squashed to one, as in the original experiment."
    return (
        f'<div class="score-card"><div class="score-ring" role="img" '
        f'aria-label="Scores {ui.standing(answer.percentile)} of the gallery" '
        f'style="--share:{answer.percentile / 100:.4f};--ramp:{stops}">'
        f"<div><b>{math.floor(answer.percentile)}</b><small>of 100 score lower</small></div></div>"
        f'<p class="lead">{html.escape(answer.sentence.partition(":")[0])}</p>'
        + "".join(f"<p>{html.escape(note)}</p>" for note in notes)
        + f'<p class="score-percent">Score <b>{ui.percent(answer.score)}</b></p>'
        f'<p class="quiet">{ui.score_means()} It would rank {answer.rank:,} of {answer.of:,} '
        f"photos. Scored on {device}.{squashed if answer.width != answer.height else ''}</p></div>"
    )


def _notes(answer: Answer) -> list[str]:
    """Return what makes this photo unlike those the net learned from."""
    notes = []
    aspect = max(answer.width, answer.height) / min(answer.width, answer.height)
    if not answer.faces:
        notes.append(NO_FACE)
    elif len(answer.faces) > _GROUP:
        notes.append(f"{len(answer.faces)} faces were found; crops keep the largest.")
    elif (share := answer.faces[0].height / answer.height) < _TINY:
        notes.append(f"The face takes {100 * share:.0f} % of the height: a crop will tell more.")
    if aspect > _STRETCHED:
        notes.append(f"At {aspect:.0f}:1, little is left of it once it is squashed: try a crop.")
    return notes
