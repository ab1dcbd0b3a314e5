import numpy as np
import pytest

from selfie_core.errors import DataError
from selfie_core.evaluate import (
    accuracy,
    auc,
    evaluate_scores,
    fit_temperature,
    judge,
)

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 2, 400)


def test_auc_of_known_orders() -> None:
    labels = np.array([0, 0, 1, 1])
    assert auc(labels, np.array([0.1, 0.2, 0.3, 0.4])) == 1
    assert auc(labels, np.array([0.4, 0.3, 0.2, 0.1])) == 0
    assert auc(labels, np.full(4, 0.5)) == 0.5
    assert auc(labels, np.array([0.1, 0.3, 0.2, 0.4])) == 0.75


def test_auc_is_the_share_of_pairs_in_order() -> None:
    scores = np.round(RNG.random(400), 2)  # with ties
    good, bad = scores[LABELS == 1], scores[LABELS == 0]
    pairs = (good[:, None] > bad).mean() + 0.5 * (good[:, None] == bad).mean()
    assert auc(LABELS, scores) == pytest.approx(pairs)


def test_intervals_hold_the_value() -> None:
    scores = np.clip(LABELS * 0.2 + RNG.random(400) * 0.8, 0, 1)
    verdict = judge(LABELS, scores, rounds=200)
    for name in ("accuracy", "auc"):
        low, high = verdict[f"{name}_interval"]
        assert low < verdict[name] < high


def test_baselines_stand_beside_the_scorer() -> None:
    appeal = LABELS + RNG.normal(0, 0.5, 400)
    metrics = evaluate_scores(LABELS, RNG.random(400), brightness=RNG.random(400), appeal=appeal)
    assert metrics["constant"]["auc"] == 0.5
    assert metrics["perfect_knower"]["auc"] > 0.85
    assert abs(metrics["brightness"]["auc"] - 0.5) < 0.1
    assert metrics["photos"] == 400


def test_one_class_is_refused() -> None:
    with pytest.raises(DataError, match="of one class"):
        evaluate_scores(np.ones(9, int), RNG.random(9), brightness=RNG.random(9))


def test_temperature_undoes_overconfidence() -> None:
    honest = RNG.normal(0, 1, 20_000)
    labels = (RNG.random(20_000) < 1 / (1 + np.exp(-honest))).astype(int)
    assert fit_temperature(labels, 3 * honest) == pytest.approx(3, rel=0.1)


def test_accuracy_is_the_share_on_the_right_side() -> None:
    assert accuracy(np.array([1, 0, 1]), np.array([0.5, 0.4, 0.1])) == pytest.approx(2 / 3)
