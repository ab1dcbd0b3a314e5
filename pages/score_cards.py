"""What "score yours" says of crops, advice, reasons and bursts, as HTML and as plain lines."""

import html
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import ui

from selfie_core.advice import CHANGES, Advice, Advised
from selfie_core.crops import Crop
from selfie_core.frames import Box
from selfie_core.why import FactorPlace

if TYPE_CHECKING:
    from score_seen import Seen


def points(gain: float) -> str:
    """Return a gain in score as people read it, "+4.2 points"."""
    return f"{100 * gain:+.1f} points".replace("-", "\u2212")


def frame_score(
    seen: "Seen",
    box: Box,
    score: float,
    crops: Sequence[tuple[Crop, str]],
    rudest: Sequence[tuple[Crop, str]],
) -> str:
    """Return the frame's score, what it gains, and what is to be said of it."""
    answer = seen.answer
    known = {crop.box: crop for crop, _ in [*crops, *rudest]}
    notes = []
    if box in known and answer.faces and not known[box].keeps_face:
        notes.append("It cuts the face.")
    if box == (0, 0, *seen.size):
        notes.append("This is the whole photo.")
    elif box == crops[0][0].box and score <= answer.score:
        notes.append("No crop of this shape does better than the whole photo.")
    if not answer.faces:
        notes.append("As no face was found, the score alone decides.")
    if rudest:
        rude = rudest[0][0]
        does = "keeps the face all the same" if rude.keeps_face else "cuts the face"
        notes.append(f"Left to itself, the net {does} and gives {ui.percent(rude.score)}.")
    gain = points(score - answer.score)
    return (
        f'<div class="score-frame-score"><b>{ui.percent(score)}</b><span>{gain}</span>'
        f"<p>{html.escape(' '.join(notes))}</p></div>"
    )


def best_advice(advised: Advised, best: Advice) -> str:
    """Return the best combination: its score, its gain, and its steps."""
    changes = [CHANGES[step.name] for step in best.steps]
    steps = "".join(
        f"<li><b>{html.escape(change.title)}</b> {html.escape(change.about)}</li>"
        for change in changes
    )
    return (
        f'<div class="score-best"><small>The best of {advised.tried} versions</small>'
        f"<b>{ui.percent(best.score)}</b><span>{points(best.gain)}</span><ol>{steps}</ol></div>"
    )


def advice_card(advice: Advice, picture: str, about: str) -> str:
    """Return one change with its picture and what it gains."""
    return (
        f'<div class="score-advice"><img src="{picture}" alt=""><div class="line">'
        f"<b>{html.escape(advice.title)}</b><span>{points(advice.gain)}</span></div>"
        f"<p>{html.escape(about)}</p></div>"
    )


def no_help(advices: Sequence[Advice]) -> str:
    """Return what was tried in vain, in one line."""
    said = [f"{advice.title.lower()} ({points(advice.gain)})" for advice in advices]
    return f"Tried, and no help: {', '.join(said)}." if said else ""


def heat_legend(most: float, least: float) -> str:
    """Return which colour is which, and how much the strongest spots count."""
    return (
        '<div class="score-heat"><div class="ramp"></div><div class="ends">'
        "<span>speaks against it</span><span>does not matter</span><span>speaks for it</span></div>"
        f"<p>Blurring the warmest part away changes the score by {points(-max(most, 0))}; "
        f"the bluest, by {points(-min(least, 0))}.</p></div>"
    )


def factors(places: Sequence[FactorPlace]) -> str:
    """Return a list: each factor, its value, where it stands in the gallery, what that means."""
    ends = '<div class="ends"><span>lowest of the gallery</span><span>highest</span></div>'
    return f'<div class="score-factors">{ends}{"".join(map(_factor, places))}</div>'


def _factor(place: FactorPlace) -> str:
    sure = abs(place.gain) > max(place.margin, 0.005)
    kind = ("for" if place.gain > 0 else "against") if sure else "even"
    return (
        f'<div class="{kind}" title="{html.escape(place.factor.about)}"><div class="line">'
        f"<b>{html.escape(place.factor.title)}</b>"
        f"<span>{html.escape(place.factor.show(place.value))}</span></div>"
        f'<div class="track" role="img" aria-label="More than in {place.percentile:.0f} % of the '
        f'gallery" style="--at:{place.percentile:.1f}%"><i></i></div>'
        f"<p>{html.escape(place.sentence)}</p></div>"
    )


def card(picture: str) -> str:
    """Return the card to share, or the place where it will be."""
    inside = f'<img src="{picture}" alt="The card to share">' if picture else ""
    return f'<div class="score-share">{inside}</div>'


def shot(row: dict[Any, Any], picture: str, *, moment: int) -> dict[str, Any]:
    """Return a photo of a burst as its grid wants it; `moment` is the size of its group."""
    best = bool(row["best_of_group"]) and moment > 1
    said = f"moment {row['group']}" if moment > 1 else ""
    if best:
        said = f"best of {moment} alike"
    if row["same_as"]:
        said = f"same file as {row['same_as']}"
    return {
        "file": int(row["row"]),
        "group": int(row["group"]),
        "picture": picture,
        "place": int(row["rank"]),
        "score": ui.percent(row["score"]),
        "name": row["file"],
        "moment": said,
        "best": best,
    }


def burst_title(table: pd.DataFrame) -> str:
    """Return how many photos there are, of how many moments."""
    count = int((table["error"] == "").sum())
    moments = table["group"].nunique()
    of = f", {moments} moments" if 1 < moments < count else ""
    return f"{count} photo{'s' if count != 1 else ''}, best first{of}"


def burst_line(table: pd.DataFrame) -> str:
    """Return which one to keep, in one sentence."""
    if table["error"].iat[0]:
        return "None of these files could be read."
    best = table.iloc[0]
    where = f"above {math.floor(best['percentile'])} % of this gallery"
    keep = f"{best['file']} is the one to keep: {ui.percent(best['score'])}, {where}."
    return f"{keep} Click a photo for its full answer."


def broken_line(row: pd.Series) -> str:
    """Return what is wrong with a file."""
    return f"{row['file']}: {row['error']}"
