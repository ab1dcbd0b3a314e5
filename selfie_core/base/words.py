"""How a score and its place among others read: the one place that rounds them.

pages/shared/dom.js says the same in the browser.
"""

import math

SCORE_MEANS = (
    "That is the chance, as the net guesses, of more likes than photos with an equal audience."
)
HONEST = (
    "The score is a ConvNet's guess at how a photo would have done with a simulated audience. It "
    "judges light, framing and finish of the photo, and says nothing about the person in it."
)


def percent(score: float) -> str:
    """Return a score in [0, 1] as people read it, "64.9 %"."""
    return f"{100 * float(score):.1f} %"


def counted(count: int, word: str, several: str = "") -> str:
    """Return how many there are as people read it, "1 photo" or "1,378 photos"."""
    return f"{count:,} {word if count == 1 else several or f'{word}s'}"


def standing(percentile: float) -> str:
    """Return how many of the others score lower, "above 64 %"; never more than there are."""
    if percentile >= 100:
        return "above all"
    return f"above {math.floor(percentile)} %" if percentile >= 1 else "below nearly all"
