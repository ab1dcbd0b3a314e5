"""A score reads the same wherever it is told."""

import pytest

from selfie_core.base.words import percent, standing


def test_a_score_is_rounded_once_and_whatever_its_type():
    import numpy as np

    assert percent(0.512496) == "51.2 %"  # 51.3 % if four places were kept on the way
    assert percent(np.float32(0.5129)) == percent(float(np.float32(0.5129))) == "51.3 %"


@pytest.mark.parametrize(
    ("percentile", "words"),
    [
        (100, "above all"),
        (99.97, "above 99 %"),  # the best of 1,762: it is not above itself
        (64.99, "above 64 %"),
        (1, "above 1 %"),
        (0.99, "below nearly all"),
        (0, "below nearly all"),
    ],
)
def test_nobody_is_said_to_stand_above_more_than_there_are(percentile, words):
    assert standing(percentile) == words
