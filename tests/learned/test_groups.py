"""Groups of a gallery, compared on a table with planted differences."""

import numpy as np
import pandas as pd
import pytest

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned import groups
from selfie_core.learned.groups import (
    THIRDS,
    WOMEN,
    compare_groups,
    group_gaps,
    groups_of,
    light_and_tone,
    score_curves,
    top_of,
)


def planted(*, photos: int = 3000, tone_adds: float = 0.0, seed: int = 0) -> pd.DataFrame:
    """Return a table in which light alone moves the score, and men stand in better light."""
    rng = np.random.default_rng(seed)
    sex = rng.choice(["female", "male"], photos)
    light = rng.uniform(0.2, 0.6, photos) + 0.15 * (sex == "male")
    tone = rng.random(photos)
    score = 0.1 + 0.6 * light + tone_adds * tone + rng.normal(0, 0.05, photos)
    chance = score + 0.1 * (sex == "female")  # labels of women are better than their scores
    return pd.DataFrame(
        {
            "score": score.clip(0, 1),
            "surround": light,
            "sex": sex,
            "skin_tone": tone,
            "hat": np.where(np.arange(photos) < 3, "straw", "none"),
            "label": pd.array((rng.random(photos) < chance).astype(int), "Int64"),
        }
    )


def audited(table: pd.DataFrame, *titles: str) -> pd.DataFrame:
    return compare_groups(table, [groups_of(table)[title] for title in titles])


def test_counts_and_means_agree_with_plain_ones() -> None:
    table = planted()
    frame = audited(table, WOMEN).set_index("one")
    best = table["score"].nlargest(100).index
    for name, word in (("women", "female"), ("men", "male")):
        here = table[table["sex"] == word]
        row = frame.loc[name]
        assert row["n"] == len(here)
        assert row["mean"] == pytest.approx(here["score"].mean())
        assert row["in_top"] == (table.loc[best, "sex"] == word).sum()
        assert row["good"] == pytest.approx(here["label"].mean())
        assert row["gap"] == pytest.approx(here["score"].mean() - here["label"].mean())
    assert frame["share"].sum() == pytest.approx(1) and frame["in_top"].sum() == 100


def test_intervals_are_as_wide_as_a_bootstrap_says() -> None:
    table = planted()
    row = audited(table, WOMEN).set_index("one").loc["men"]
    men = table[table["sex"] == "male"]
    rng = np.random.default_rng(0)
    drawn = [men.iloc[rng.integers(0, len(men), len(men))] for _ in range(1000)]
    for name, values in (
        ("mean", [some["score"].mean() for some in drawn]),
        ("gap", [(some["score"] - some["label"]).mean() for some in drawn]),
    ):
        low, high = np.quantile(values, (0.025, 0.975))
        assert row[f"{name}_high"] - row[f"{name}_low"] == pytest.approx(high - low, rel=0.12)
        assert row[f"{name}_low"] < row[name] < row[f"{name}_high"]


def test_bias_of_the_labels_shows_in_the_calibration() -> None:
    frame = audited(planted(), WOMEN).set_index("one")
    assert frame.loc["women", "gap_high"] < -0.04
    assert frame.loc["men", "gap_low"] < 0 < frame.loc["men", "gap_high"]


def test_gap_that_light_explains_is_gone_when_light_is_held_fixed() -> None:
    table = planted()
    gaps = group_gaps(table, WOMEN, groups_of(table)[WOMEN]).set_index("group")
    assert gaps.loc["men", "plain_low"] > 0.05
    assert gaps.loc["men", "held_low"] < 0 < gaps.loc["men", "held_high"]
    assert gaps.loc["men", "held"] == pytest.approx(-gaps.loc["women", "held"])


def test_gap_of_its_own_stays_when_light_is_held_fixed() -> None:
    table = planted()
    table["score"] += 0.04 * (table["sex"] == "female")
    gaps = group_gaps(table, WOMEN, groups_of(table)[WOMEN]).set_index("group")
    assert gaps.loc["women", "held_low"] < 0.04 < gaps.loc["women", "held_high"]
    assert gaps.loc["women", "held_high"] - gaps.loc["women", "held_low"] < 0.02


def test_nobody_in_the_top_is_no_certainty() -> None:
    table = planted().assign(score=lambda t: t["score"] - 0.5 * (t["sex"] == "male"))
    row = audited(table, WOMEN).set_index("one").loc["men"]
    assert row["in_top"] == 0 and row["top_low"] == pytest.approx(0, abs=1e-9)
    assert 0.02 < row["top_high"] < 0.06
    assert row["in_short"] == "less than its share"


def test_group_of_three_is_counted_but_not_judged() -> None:
    table = planted()
    row = audited(table, "Hat").set_index("one").loc["Hat: straw"]
    assert row["n"] == 3 and not row["enough"] and row["in_short"] == "too few"
    gaps = group_gaps(table, "Hat", groups_of(table)["Hat"]).set_index("group")
    assert np.isnan(gaps.loc["Hat: straw", "plain"]) and np.isnan(gaps.loc["Hat: none", "plain"])
    curves = score_curves(table["score"].to_numpy(), groups_of(table)["Hat"])
    assert set(curves["group"]) == {"Hat: none"}


def test_numbers_are_cut_into_thirds() -> None:
    table = planted()
    tones = groups_of(table)["Skin tone"]
    names = list(tones.cat.categories)
    low, high = table["skin_tone"][tones == names[0]].agg(["min", "max"])
    assert names[0] == f"lowest third of skin tone ({low:g} to {high:g})"
    assert [name.partition(" of ")[0] for name in names] == list(THIRDS)
    means = table["skin_tone"].groupby(tones, observed=True).mean()
    assert means.is_monotonic_increasing
    assert audited(table, "Skin tone")["one"].tolist() == names


def test_every_group_says_what_it_is_one_of() -> None:
    table = planted().assign(
        people=np.arange(3000) % 4 + 1,
        has_cat=np.arange(3000) % 2,
        wet=np.arange(3000) % 2 == 0,
        hat=np.where(np.arange(3000) % 2, "straw", "none"),
    )
    named = {title: list(groups.cat.categories) for title, groups in groups_of(table).items()}
    assert named["People"] == [f"People: {n}" for n in range(1, 5)]
    assert named["Has cat"] == ["Has cat: no", "Has cat: yes"]
    assert named["Wet"] == ["Wet: no", "Wet: yes"]
    assert named["Hat"] == ["Hat: none", "Hat: straw"]
    assert named[WOMEN] == ["men", "women"]


def test_columns_about_the_file_or_of_many_words_are_no_groups() -> None:
    table = planted().assign(
        user=[f"u{n % 50}" for n in range(3000)],
        split="test",
        likes=range(3000),
        motto=[f"m{n % 20}" for n in range(3000)],
        made=pd.Timestamp("2026-01-01"),
        empty=None,
    )
    assert set(groups_of(table)) == {WOMEN, "Skin tone", "Hat"}
    assert groups_of(table[["score", "surround"]]) == {}


def test_meetings_of_two_groups_have_their_own_rows() -> None:
    table = planted()
    frame = audited(table, WOMEN, "Skin tone")
    assert len(frame) == 6 and frame["n"].sum() == len(table)
    tones = groups_of(table)["Skin tone"]
    lowest = tones.cat.categories[0]
    row = frame[(frame["one"] == "men") & (frame["two"] == lowest)].iloc[0]
    here = table[(table["sex"] == "male") & (tones == lowest)]
    assert row["mean"] == pytest.approx(here["score"].mean()) and row["n"] == len(here)


def test_photos_without_a_group_are_left_out() -> None:
    table = planted()
    table.loc[:999, "sex"] = None
    assert audited(table, WOMEN)["n"].sum() == 2000
    with pytest.raises(DataError, match="choose another"):
        compare_groups(table.head(10), [groups_of(table)[WOMEN].head(10)])


def test_who_is_neither_woman_nor_man_is_counted_as_neither() -> None:
    table = planted()
    plain = groups_of(table)
    assert "Sex" not in plain
    table.loc[:999, "sex"] = "not told"
    groups = groups_of(table)
    assert groups[WOMEN].tolist()[1000:] == plain[WOMEN].tolist()[1000:]
    assert groups[WOMEN].head(1000).isna().all()
    assert (groups["Sex"].head(1000) == "Sex: not told").all()


def test_gallery_without_labels_has_no_calibration() -> None:
    frame = audited(planted().drop(columns="label"), WOMEN)
    assert (frame["labelled"] == 0).all() and frame["gap"].isna().all()
    assert frame["mean_low"].notna().all()


def test_top_of_a_small_gallery_is_a_fifth() -> None:
    assert [top_of(count) for count in (1, 3, 100, 500, 50_000)] == [1, 1, 20, 100, 100]


def test_tone_that_does_nothing_is_told_from_light_that_does() -> None:
    found = light_and_tone(planted())
    assert found is not None and found.light is not None and found.tone is not None
    assert found.tone.low < 0 < found.tone.high
    assert found.tone.high - found.tone.low < 0.02
    assert found.light.low > 0.15


def test_planted_taste_for_tone_is_found() -> None:
    found = light_and_tone(planted(tone_adds=-0.1))
    assert found is not None and found.tone is not None
    assert found.tone.low < -0.1 * 2 / 3 < found.tone.high  # thirds of a uniform lie 2/3 apart
    widest = found.widest()
    assert widest is not None and widest[1] == pytest.approx(-0.067, abs=0.02)


def test_tone_is_never_guessed() -> None:
    with pytest.raises(DataError, match="No column of this gallery names a skin tone"):
        light_and_tone(planted().drop(columns="skin_tone"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"skin_tone": "medium"}, '"skin_tone" names the skin tone in words; wanted numbers'),
        ({"skin_tone": [1] * 2990 + [2] * 10}, '"skin_tone" has too few different values'),
        ({"skin_tone": 1.0}, '"skin_tone" has too few different values'),
        ({"surround": 0.5}, "The light around faces has too few different values"),
    ],
)
def test_tone_that_cannot_be_set_against_light_says_why(given, said: str) -> None:
    with pytest.raises(DataError, match=said):
        light_and_tone(planted().assign(**given))
    with pytest.raises(DataError, match="not measured light"):
        light_and_tone(planted().drop(columns="surround"))


def test_curve_peaks_where_the_scores_are() -> None:
    scores = np.random.default_rng(0).normal(0.7, 0.03, 500)
    curve = score_curves(scores, pd.Series(["a"] * 500, dtype="category"))
    assert curve.loc[curve["density"].idxmax(), "score"] == pytest.approx(0.7, abs=0.03)
    assert curve["density"].max() == 1


def test_shipped_gallery_names_women_and_men_first() -> None:
    table = Gallery.open(store.demo_gallery()).table
    known = groups_of(table)
    assert next(iter(known)) == WOMEN
    assert "Character feminine" not in known  # the same thing by another name
    assert groups.top_of(len(table)) == 100
