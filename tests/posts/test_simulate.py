"""The simulated audience: its tastes, its blindness to the person, its luck."""

import numpy as np
import pandas as pd
import pytest

from selfie_core.base.errors import DataError
from selfie_core.base.settings import AudienceConfig
from selfie_core.posts.labels import label_posts
from selfie_core.posts.simulate import TASTES, appeal_of, average_labels, simulate_posts
from selfie_core.posts.table import MOST, check_posts


def some_factors(count: int = 3000) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {"file": [f"{n}.jpg" for n in range(count)]}
        | {taste.factor: rng.uniform(0, 1, count) for taste in TASTES}
    )


@pytest.mark.parametrize("taste", TASTES, ids=lambda taste: taste.factor)
def test_each_taste_pulls_its_own_way(taste) -> None:
    factors = some_factors()
    pull = np.corrcoef(appeal_of(factors), factors[taste.factor])[0, 1]
    assert np.sign(pull) == np.sign(taste.weight)


def test_nobody_is_judged_by_sex_age_skin_or_hair() -> None:
    factors = some_factors(200)
    plain = appeal_of(factors)
    rng = np.random.default_rng(5)
    for person in ("female", "old", "tone", "hair", "haircol", "hairlen"):
        factors[person] = rng.uniform(0, 1, 200)
    assert np.array_equal(appeal_of(factors), plain)


def test_a_perfect_knower_is_right_on_about_70_percent_of_the_labels() -> None:
    posts = check_posts(simulate_posts(some_factors()), name="posts")
    labels = label_posts(posts)
    judged = labels["label"].notna().to_numpy()
    appeal = posts["appeal"][judged]
    middle = appeal.groupby(labels["group"][judged].astype(int)).transform("median")
    right = ((appeal > middle) == (labels["label"][judged] == 1)).mean()
    assert 0.66 < right < 0.73


def test_audience_that_barely_looks_gives_likes_that_can_be_counted() -> None:
    posts = simulate_posts(some_factors(20_000), config=AudienceConfig(agreement=0.51))
    assert check_posts(posts, name="posts")["likes"].max() <= MOST


def test_same_seed_gives_the_same_audience() -> None:
    factors = some_factors(100)
    assert simulate_posts(factors).equals(simulate_posts(factors))
    other = simulate_posts(factors, config=AudienceConfig(seed=1))
    assert not simulate_posts(factors).equals(other)


def test_users_have_several_selfies_and_one_audience() -> None:
    posts = simulate_posts(some_factors(500))
    assert posts.groupby("user")["followers"].nunique().max() == 1
    assert 3 < posts.groupby("user").size().mean() < 7
    assert posts["followers"].between(50, 100_000).all()


def test_photo_without_a_face_gets_posts_but_no_label() -> None:
    factors = some_factors(400).assign(faces=[0, 1, 1, 2] * 100)
    posts = check_posts(simulate_posts(factors), name="posts")
    labelled = label_posts(posts)["label"].notna()
    assert labelled[posts["faces"] > 0].mean() > 0.5
    assert not labelled[posts["faces"] == 0].any()


def test_hidden_eyes_outweigh_what_a_cut_face_gains() -> None:
    # A face of half the frame: whole; its edge above, through and below the eyes.
    table = {"face_height": [0.5, 0.36, 0.29, 0.22], "face_y": [0.42, 0.18, 0.145, 0.11],
             "face_cut": [0, 0.6, 1, 1], "eyes_cut": [0, 0, 0.5, 1]}  # fmt: skip
    whole, above, through, below = appeal_of(pd.DataFrame(table))
    assert above > whole > through > below


def test_table_without_any_factor_is_refused() -> None:
    with pytest.raises(DataError, match="none of the columns"):
        appeal_of(pd.DataFrame({"file": ["a.jpg"], "colour": [1]}))


def test_many_audiences_agree_with_appeal_better_than_one() -> None:
    factors = some_factors(600)
    appeal = pd.Series(appeal_of(factors))
    target = pd.Series(average_labels(factors, audiences=40))
    posts = check_posts(simulate_posts(factors), name="posts")
    one = label_posts(posts)["label"].astype(float)
    assert target.between(0, 1).all()
    assert target.corr(appeal, method="spearman") > 0.9 > one.corr(appeal, method="spearman") + 0.2
