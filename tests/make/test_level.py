"""The levelled last layer: what it must not see is gone, what it is to see stays."""

import level
import numpy as np


def test_what_is_held_apart_is_unlearned_and_the_rest_is_kept() -> None:
    rng = np.random.default_rng(0)
    light, skin = rng.standard_normal((2, 4000))
    light += 0.6 * skin  # as in photos: what a person is like is not independent of the light
    fc7 = np.stack([light, skin, rng.standard_normal(4000)], axis=1)
    targets = 1 / (1 + np.exp(-(light + 0.5 * skin)))
    trained = np.array([1.0, 0.5, 0.0]), 0.0
    step = np.array([0.0, 1.0, 0.0])  # twins differ in skin alone
    kept, _ = level.fit(fc7, targets, np.zeros((3, 3)), trained)
    levelled, _ = level.fit(fc7, targets, level.TWINS * np.outer(step, step), trained)
    assert abs(kept @ step) > 0.4
    assert abs(levelled @ step) < 0.01
    assert levelled[0] > 0.9
    assert np.corrcoef(fc7 @ levelled, targets)[0, 1] > 0.9
