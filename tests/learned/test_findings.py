"""Rules checked against a table with planted effects."""

import functools

import numpy as np
import pandas as pd
import pytest

from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned import findings
from selfie_core.learned.findings import alike_pairs, check_rules, judge_claim
from selfie_core.learned.rules import RULES, rule_factors, sides
from selfie_core.learned.skin import skin_share
from selfie_core.training.measures import Estimate

BY_KEY = {rule.key: rule for rule in RULES}


@functools.cache
def planted(*, photos: int = 4000, seed: int = 0) -> pd.DataFrame:
    """Return a gallery's table with known effects: a border adds 0.08, light 0.3 a unit, and large
    faces cost; glasses do nothing, and long hair does nothing but is photographed in better light.
    """
    rng = np.random.default_rng(seed)
    light = rng.uniform(0.1, 0.8, photos)
    face = rng.uniform(0.1, 0.8, photos)
    border = rng.random(photos) < 0.2
    hair = np.where(rng.random(photos) < light, "long", "short")
    score = 0.25 + 0.3 * light + 0.08 * border - 0.5 * np.maximum(face - 0.4, 0)
    return pd.DataFrame(
        {
            "score": score + rng.normal(0, 0.05, photos),
            "surround": light,
            "face_height": face,
            "face_y": rng.uniform(0.2, 0.7, photos),
            "white_border": border.astype(float),
            "faces": rng.integers(1, 3, photos),
            "hair": hair,
            "glasses": rng.choice(["none", "sun"], photos),
        }
    )


def test_planted_effects_are_recovered() -> None:
    found = check_rules(planted()).of
    held = found["border"].held
    assert held is not None and held.low < 0.08 < held.high
    assert held.high - held.low < 0.01
    table = planted()
    these, others = sides(BY_KEY["light"], table["surround"].to_numpy())
    truth = 0.3 * (table["surround"][these].mean() - table["surround"][others].mean())
    held = found["light"].held
    assert held is not None and held.low < truth < held.high
    assert [found[key].verdict for key in ("border", "light", "large")] == ["holds"] * 3


def test_absent_effects_are_not_found() -> None:
    found = check_rules(planted()).of
    assert found["glasses"].verdict == "does not hold"
    hair = found["hair"]
    assert hair.plain is not None and hair.plain.low > 0.03  # as they are, it looks like one
    assert hair.held is not None and hair.held.low < 0 < hair.held.high
    assert hair.verdict == "does not hold"


def test_few_photos_with_no_effect_can_not_tell() -> None:
    table = planted(photos=120, seed=3).assign(score=np.random.default_rng(0).random(120))
    assert check_rules(table).of["glasses"].verdict == "can't tell"


def test_held_fixed_agrees_with_plain_least_squares() -> None:
    table = planted()
    bent = np.maximum(table["face_height"] - 0.4, 0)
    design = np.column_stack([np.ones(len(table)), table["surround"], table["white_border"], bent])
    known = np.linalg.lstsq(design, table["score"], rcond=None)[0]
    held = check_rules(table).of["border"].held
    assert held is not None and held.value == pytest.approx(known[2], abs=0.002)


@pytest.mark.parametrize(
    ("claim", "low", "high", "verdict"),
    [
        (1, 0.02, 0.06, "holds"),
        (-1, -0.06, -0.02, "holds"),
        (1, -0.06, -0.02, "does not hold"),
        (-1, 0.02, 0.06, "does not hold"),
        (1, -0.005, 0.005, "does not hold"),  # too small to matter
        (1, 0.001, 0.009, "does not hold"),
        (1, -0.01, 0.05, "can't tell"),
        (1, 0.001, 0.013, "can't tell"),
    ],
)
def test_verdict_follows_from_the_interval(
    claim: int, low: float, high: float, verdict: str
) -> None:
    assert judge_claim(claim, Estimate((low + high) / 2, low, high), spread=0.1)[0] == verdict


def test_two_names_of_one_thing_can_not_be_told_apart() -> None:
    table = planted().assign(glasses=lambda t: np.where(t["white_border"] > 0, "sun", "none"))
    finding = check_rules(table).of["glasses"]
    assert finding.held is None and finding.plain is not None
    assert "can't be told apart" in finding.why


def test_factor_known_through_another_leaves_the_rest_as_it_was() -> None:
    """A share that is missing for just the black-and-white photos says what they are, too."""
    table = planted().assign(monochrome=lambda t: (t["faces"] > 1).astype(float), tilt=np.nan)
    skin = np.where(table["monochrome"] > 0, np.nan, np.random.default_rng(0).random(len(table)))
    with_skin, without = check_rules(table, skin=skin).of, check_rules(table).of
    for key in ("border", "light", "glasses"):
        one, other = with_skin[key].held, without[key].held
        assert one is not None and other is not None
        assert tuple(one) == pytest.approx(tuple(other), abs=0.002)


def test_unknown_constant_and_missing_factors_say_why() -> None:
    table = planted().assign(tilt=np.nan, face_cut=0.0)
    found = check_rules(table).of
    assert '"sex"' in found["female"].why and "does not say" in found["female"].why
    assert "not measured" in found["tilted"].why
    assert "Too few" in found["forehead"].why
    assert {found[key].verdict for key in ("female", "tilted", "forehead")} == {"can't tell"}


@pytest.mark.parametrize("photos", [1, 3, 25])
def test_small_gallery_claims_nothing(photos: int) -> None:
    found = check_rules(planted().head(photos)).of
    assert {finding.verdict for finding in found.values()} == {"can't tell"}
    assert all(finding.why for finding in found.values())


def test_equal_scores_claim_nothing() -> None:
    found = check_rules(planted().assign(score=0.5))
    assert {finding.verdict for finding in found.of.values()} == {"can't tell"}
    assert found.explained == 0


def test_bins_are_plain_means() -> None:
    table = planted()
    bins = check_rules(table).of["light"].bins
    cut = pd.qcut(table["surround"], findings.BINS)
    means = table.groupby(cut, observed=True)["score"].mean()
    assert bins["mean"].to_numpy() == pytest.approx(means.to_numpy())
    assert bins["n"].sum() == len(table)
    assert (bins["held_low"] < bins["held"]).all() and (bins["held"] < bins["held_high"]).all()


def test_missing_faces_are_neither_side() -> None:
    table = planted().copy()
    table.loc[:99, "face_height"] = np.nan
    finding = check_rules(table).of["large"]
    assert finding.these + finding.others == len(table) - 100


@pytest.mark.parametrize(
    ("columns", "yes"),
    [
        ({"sex": ["Female", "male", None]}, [1, 0, np.nan]),
        ({"is_female": pd.array([1, 0, None], "Int64")}, [1, 0, np.nan]),
        ({"character_feminine": [0.9, 0.1, np.nan]}, [1, 0, np.nan]),
        ({"gender": ["woman", "f", "m"]}, [1, 1, 0]),
    ],
)
def test_women_are_read_from_whatever_column_names_them(columns: dict, yes: list) -> None:
    known = rule_factors(pd.DataFrame(columns))["female"]
    np.testing.assert_array_equal(known, yes)


def test_pairs_differ_in_the_factor_and_are_chosen_blind_to_the_score() -> None:
    table = planted()
    found = check_rules(table)
    rule = BY_KEY["large"]
    pairs = alike_pairs(found, rule, table)
    assert len(pairs) == 4
    assert len({row for pair in pairs for row in pair}) == 8
    for one, other in pairs:
        assert table["face_height"][one] > 0.5 > table["face_height"][other]
        assert abs(table["surround"][one] - table["surround"][other]) < 0.1
    other_scores = table.assign(score=table["score"].to_numpy()[::-1])
    assert alike_pairs(check_rules(other_scores), rule, other_scores) == pairs


def test_table_has_a_row_a_rule() -> None:
    table = check_rules(planted()).table()
    assert table["rule"].tolist() == [rule.key for rule in RULES]
    border = table.set_index("rule").loc["border"]
    assert border["held_fixed"] == pytest.approx(8, abs=0.5)
    assert border["standard_deviations"] > 0.5


def test_shipped_gallery_follows_its_stated_taste() -> None:
    shipped = Gallery.open(store.demo_gallery())
    found = check_rules(shipped.table, skin=skin_share(shipped)).of
    for key in ("border", "mono", "light", "large", "group", "high"):
        assert found[key].verdict == "holds", key
    for key in ("female", "hair", "skin", "glasses", "pout"):
        assert found[key].verdict != "holds", key  # of few it "can't tell"
