"""A score reads the same wherever it is told."""

import pytest

from selfie_core.base.words import counted, percent, standing


def test_a_score_is_rounded_once_and_whatever_its_type():
    import numpy as np

    assert percent(0.512496) == "51.2 %"  # 51.3 % if four places were kept on the way
    assert percent(np.float32(0.5129)) == percent(float(np.float32(0.5129))) == "51.3 %"


def test_one_is_no_plural():
    assert [counted(n, "photo") for n in (0, 1, 1378)] == ["0 photos", "1 photo", "1,378 photos"]
    assert [counted(n, "copy", "copies") for n in (1, 2)] == ["1 copy", "2 copies"]


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
