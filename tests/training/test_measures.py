"""Accuracy, AUC, calibration, stability and group tables against known answers."""

import numpy as np
import pandas as pd
import pytest

from selfie_core.base.errors import DataError
from selfie_core.posts.labels import label_posts
from selfie_core.posts.table import check_posts
from selfie_core.training.measures import (
    accuracy,
    accuracy_and_auc,
    as_groups,
    auc,
    audience_check,
    calibration_error,
    effect_table,
    evaluate_scores,
    fit_temperature,
    group_table,
    mean_difference,
    mean_of,
    reliability_curve,
    stability,
)
from tests.support.drawn import draw_photo

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 2, 400)


def test_auc_of_known_orders() -> None:
    labels = np.array([0, 0, 1, 1])
    assert auc(labels, np.array([0.1, 0.2, 0.3, 0.4])) == 1
    assert auc(labels, np.array([0.4, 0.3, 0.2, 0.1])) == 0
    assert auc(labels, np.full(4, 0.5)) == 0.5
    assert auc(labels, np.array([0.1, 0.3, 0.2, 0.4])) == 0.75


def test_auc_is_the_share_of_pairs_in_order(rng: np.random.Generator) -> None:
    scores = np.round(rng.random(400), 2)  # with ties
    good, bad = scores[LABELS == 1], scores[LABELS == 0]
    pairs = (good[:, None] > bad).mean() + 0.5 * (good[:, None] == bad).mean()
    assert auc(LABELS, scores) == pytest.approx(pairs)


def test_intervals_hold_the_value(rng: np.random.Generator) -> None:
    scores = np.clip(LABELS * 0.2 + rng.random(400) * 0.8, 0, 1)
    verdict = accuracy_and_auc(LABELS, scores, rounds=200)
    for name in ("accuracy", "auc"):
        low, high = verdict[f"{name}_interval"]
        assert low < verdict[name] < high


def test_all_of_few_right_is_no_certainty() -> None:
    labels = np.array([1, 0, 1, 0])
    for scores, at in ((labels, 1), (1 - labels, 0)):
        verdict = accuracy_and_auc(labels, scores.astype(float))
        for name, reach in (("accuracy", 0.602), ("auc", 0.842)):  # of four trials and of two pairs
            assert verdict[name] == at
            assert np.ptp(verdict[f"{name}_interval"]) == pytest.approx(reach, abs=0.001)
            assert at in verdict[f"{name}_interval"]


def test_photos_of_one_brightness_are_told_apart_by_nothing(rng: np.random.Generator) -> None:
    labels = np.sort(LABELS)
    metrics = evaluate_scores(labels, rng.random(400), brightness=np.full(400, 0.5), rounds=50)
    assert metrics["brightness"]["auc"] == 0.5


def test_baselines_stand_beside_the_scorer(rng: np.random.Generator) -> None:
    appeal = LABELS + rng.normal(0, 0.5, 400)
    metrics = evaluate_scores(LABELS, rng.random(400), brightness=rng.random(400), appeal=appeal)
    assert metrics["constant"]["auc"] == 0.5
    assert metrics["perfect_knower"]["auc"] > 0.85
    assert abs(metrics["brightness"]["auc"] - 0.5) < 0.1
    assert metrics["photos"] == 400


def test_one_class_is_refused(rng: np.random.Generator) -> None:
    with pytest.raises(DataError, match="of one class"):
        evaluate_scores(np.ones(9, int), rng.random(9), brightness=rng.random(9))


def test_temperature_undoes_overconfidence(rng: np.random.Generator) -> None:
    honest = rng.normal(0, 1, 20_000)
    labels = (rng.random(20_000) < 1 / (1 + np.exp(-honest))).astype(int)
    assert fit_temperature(labels, 3 * honest) == pytest.approx(3, rel=0.1)


def test_accuracy_is_the_share_on_the_right_side() -> None:
    assert accuracy(np.array([1, 0, 1]), np.array([0.5, 0.4, 0.1])) == pytest.approx(2 / 3)


def test_reliability_of_an_honest_score_lies_on_the_diagonal(rng: np.random.Generator) -> None:
    scores = rng.random(20_000)
    labels = (rng.random(20_000) < scores).astype(int)
    curve = reliability_curve(labels, scores)
    assert curve["n"].sum() == 20_000
    held = (curve["good_low"] < curve["score"]) & (curve["score"] < curve["good_high"])
    assert held.mean() > 0.7
    assert calibration_error(curve) < 0.02
    assert calibration_error(reliability_curve(labels, scores**3)) > 0.1


def test_empty_bins_are_left_out_and_one_is_in_the_last() -> None:
    curve = reliability_curve(np.array([0, 1]), np.array([0.05, 1.0]))
    assert curve["low"].tolist() == [0, 0.9]
    assert curve["n"].tolist() == [1, 1]


def test_brightness_holds_still_when_a_photo_is_mirrored(brightness_scorer) -> None:
    found = stability(brightness_scorer, (draw_photo(n) for n in range(8)))
    assert found["photos"] == 8
    for name in ("jpeg_60", "half_size", "mirror", "crop_2"):
        assert 0 <= found[name]["mean"] <= found[name]["p95"] < 0.02
    assert np.isnan(stability(brightness_scorer, [])["mirror"]["mean"])  # not measured, not steady


def test_a_known_difference_between_groups_is_found(rng: np.random.Generator) -> None:
    group = np.repeat(["a", "b"], 1000)
    scores = rng.normal(0.5, 0.1, 2000) + 0.1 * (group == "b")
    table = group_table(scores, pd.DataFrame({"camera": group}))
    assert table["group"].tolist() == ["a", "b"]
    assert table["n"].tolist() == [1000, 1000]
    expected = 0.1 / scores.std()
    assert table["difference"].tolist() == pytest.approx([-expected, expected], rel=0.15)
    assert (table["low"] < table["difference"]).all()
    assert (table["difference"] < table["high"]).all()


def test_intervals_of_three_values_hold_the_truth_as_often_as_they_say(
    rng: np.random.Generator,
) -> None:
    drawn = rng.normal(0.5, 0.1, (1000, 3))
    found = [mean_of(values) for values in drawn]
    assert 0.93 < np.mean([one.low < 0.5 < one.high for one in found]) < 0.97
    gaps = [mean_difference(values, rng.normal(0.5, 0.1, 300)) for values in drawn]
    assert 0.93 < np.mean([one.low < 0 < one.high for one in gaps]) < 0.97


def test_an_age_is_cut_into_thirds_and_the_unknown_stay_out() -> None:
    ages = pd.Series([*range(18, 78), np.nan], name="age")
    labels = np.arange(61) % 2
    table = group_table(np.linspace(0, 1, 61), ages.to_frame(), labels)
    assert table["group"].tolist() == ["18 to 37", "38 to 57", "58 to 77"]
    assert table["n"].sum() == 60
    assert table["difference"].is_monotonic_increasing
    assert table["auc"].between(0, 1).all()


def test_effects_come_strongest_first_and_what_never_varies_is_left_out(
    rng: np.random.Generator,
) -> None:
    scores = rng.random(300)
    factors = pd.DataFrame(
        {"weak": rng.random(300), "strong": -scores, "same": 1.0, "holes": [np.nan, 1, 2] * 100}
    )
    table = effect_table(scores, factors)
    assert table["factor"][0] == "strong"
    assert table["rho"][0] == pytest.approx(-1)
    assert "same" not in set(table["factor"])
    assert table.set_index("factor")["n"]["holes"] == 200


def test_likes_follow_followers_and_labels_do_not(rng: np.random.Generator) -> None:
    followers = np.exp(rng.normal(7, 1, 2000)).astype(int)
    posts = pd.DataFrame(
        {
            "file": [f"{n}.jpg" for n in range(2000)],
            "user": [f"u{n}" for n in range(2000)],
            "followers": followers,
            "likes": rng.poisson(followers * 0.1 * np.exp(rng.normal(0, 0.5, 2000))),
            "tags": 0,
            "posted_at": ["2026-06-01"] + ["2026-01-01"] * 1999,
        }
    )
    labels = label_posts(check_posts(posts, name="posts"))
    found = audience_check(posts.assign(label=labels["label"]))
    assert found["likes_follow_followers"] > 0.8
    assert abs(found["label_follow_followers"]) < 0.05
    assert found["posts"] == labels["label"].notna().sum()


def test_large_numbers_that_begin_alike_are_groups_of_their_own() -> None:
    few = as_groups(pd.Series([1000001, 1000002, None] * 4, dtype="Int64"))
    assert few.value_counts().to_dict() == {"1000001": 4, "1000002": 4}
    seconds = as_groups(pd.Series(range(1_700_000_000, 1_700_000_009)))
    assert list(seconds.cat.categories)[1] == "1700000003 to 1700000005"
    one_empty = as_groups(pd.Series([0, 1, 2, 3, 3, 3, 3, 7, 8, 9, 10]))
    assert list(one_empty.cat.categories) == ["0 to 3", "7 to 10"]
