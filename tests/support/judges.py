"""Simulated judges of pairs of photos, whose taste is planted."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from selfie_core.gallery.gallery import Gallery
from selfie_core.training.taste import Question

TASTES = {"light": "brightness", "a face high up": "face_y", "colour": "saturation"}


def appeal_to(gallery: Gallery, taste: str) -> NDArray[np.float64]:
    """Return how much a judge of that taste likes each photo, standardised, shape (N,)."""
    values = gallery.table[TASTES[taste]].astype("float64")
    z = ((values - values.mean()) / values.std()).fillna(0).to_numpy()
    return -z if taste == "a face high up" else z


def answers_of(
    appeal: NDArray[np.float64], questions: Sequence[Question], *, noise: float, seed: int
) -> list[int]:
    """Return 0 for the left photo or 1 for the right one, by Bradley-Terry with that noise.

    `noise` is in standard deviations of the appeal; without end, a coin is tossed.
    """
    rng = np.random.default_rng(seed)
    gaps = np.array([appeal[question.right] - appeal[question.left] for question in questions])
    return (rng.random(len(gaps)) < expit(gaps / noise)).astype(int).tolist()
