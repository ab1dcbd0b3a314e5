"""Intervals of the regression hold the truth."""

import numpy as np
import pandas as pd

from selfie_core.learned.regression import Regression, clusters_of


def test_intervals_hold_the_truth_nineteen_times_in_twenty() -> None:
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(200):
        follows = rng.random(300) < 0.3
        light = rng.normal(0, 1, 300) + follows
        score = 0.05 * follows + 0.1 * light + rng.normal(0, 0.1, 300)
        factors = pd.DataFrame({"follows": follows.astype(float), "light": light})
        found = Regression(score, factors).difference("follows", follows, ~follows)
        assert found is not None
        inside += found.low < 0.05 < found.high
    assert 180 <= inside <= 199


def test_photos_of_one_user_are_no_independent_witnesses() -> None:
    rng = np.random.default_rng(2)
    user = np.repeat(np.arange(100), 20)
    follows = (rng.random(100) < 0.5)[user]
    score = rng.normal(0, 0.1, 100)[user] + rng.normal(0, 0.02, 2000)
    factors = pd.DataFrame({"follows": follows.astype(float)})
    alone = Regression(score, factors).difference("follows", follows, ~follows)
    by_user = Regression(score, factors, pd.Series(user)).difference("follows", follows, ~follows)
    assert alone is not None and by_user is not None
    assert by_user.high - by_user.low > 3 * (alone.high - alone.low)
    assert by_user.low < 0 < by_user.high


def test_few_users_give_wide_intervals_that_hold_the_truth() -> None:
    rng = np.random.default_rng(4)
    inside = 0
    for _ in range(200):
        user = rng.integers(0, 6, 240)
        taste = rng.normal(0, 1, 6)[user] + rng.normal(0, 1, 240)
        score = rng.normal(0, 0.1, 6)[user] + rng.normal(0, 0.1, 240)
        found = Regression(
            score, pd.DataFrame({"taste": taste}), clusters_of(pd.DataFrame({"user": user}))
        ).difference("taste", taste > 0, taste <= 0)
        assert found is not None
        inside += found.low < 0 < found.high
    assert inside >= 176  # of 190 that are due; photos taken one by one: 100


def test_unknown_user_stands_alone_and_the_others_stay_together() -> None:
    users = clusters_of(pd.DataFrame({"user": ["ada", None, "ada", "", "bo"]}))
    assert users is not None
    assert users.iloc[0] == users.iloc[2]
    assert users.nunique() == 4


def test_no_users_or_one_tell_nothing() -> None:
    assert clusters_of(pd.DataFrame({"score": [1.0]})) is None
    assert clusters_of(pd.DataFrame({"user": [None, ""]})) is None
    assert clusters_of(pd.DataFrame({"user": ["ada", "ada"]})) is None
