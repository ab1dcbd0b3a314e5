"""Pairs: one sampled selfie, and the same photo with exactly one thing changed."""

from dataclasses import replace

import numpy as np
from factors import FACE_HEIGHT, HAIR_CARDS, HAIR_LENGTHS, Selfie
from sample import sample_selfie

# The two ends of each factor that can be changed alone.  Framing is the face's share of the frame.
PAIRS: dict[str, tuple[float | str, float | str]] = {
    "female": (0.1, 0.9),
    "tone": (0.15, 0.85),
    "old": (0.0, 0.85),
    "hair": ("short", "long"),
    "lighting": ("dark", "bright"),
    "framing": (0.22, 0.60),
    "filter": ("none", "bw"),
    "fade": ("none", "fade"),
    "colour": ("none", "vivid"),
    "border": (0.0, 0.08),
}


def pair_base(seed: int) -> Selfie:
    """Return a selfie on which every factor of PAIRS can be changed and seen.

    One person, whole face, no filter, border, hat, beard, fringe or sunglasses.
    """
    selfie = sample_selfie(seed, kinds=("closeup", "selfie", "loose"))
    person, look = selfie.people[0]
    person = replace(person, beard=None, fringe=False)
    look = replace(look, hat=None, glasses="clear" if look.glasses == "clear" else None)
    # Low enough for the largest face that framing asks for.
    y = float(np.clip(selfie.face_y, 0.42, 0.56))
    x = float(np.clip(selfie.face_x, 0.38, 0.62))
    noise = min(selfie.noise, 0.015)
    plain = replace(selfie, filter="none", border=0.0, noise=noise, face_x=x, face_y=y, cut="none")
    return replace(plain, people=((person, look),))


def vary(selfie: Selfie, factor: str, value: float | str) -> Selfie:
    """Return the same selfie with one factor of its first person or of the photo changed."""
    person, look = selfie.people[0]
    if factor in ("female", "tone", "old"):
        person = replace(person, **{factor: value})
    elif factor == "hair":
        length = float(np.mean(HAIR_LENGTHS[str(value)]))
        cards = HAIR_CARDS[str(value)][0]
        person = replace(person, hair=str(value), hair_cards=cards, hairlen=length)
    elif factor == "framing":
        dist = FACE_HEIGHT / (2 * float(value) * np.tan(np.radians(selfie.fov) / 2))
        selfie = replace(selfie, dist=float(dist))
    elif factor in ("filter", "fade", "colour"):
        selfie = replace(selfie, filter=str(value))
    else:
        assert factor in ("lighting", "border"), factor
        selfie = replace(selfie, **{factor: value})
    return replace(selfie, people=((person, look), *selfie.people[1:]))
