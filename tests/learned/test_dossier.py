"""The dossier: what was planted is flagged, what is luck is not, and every figure is right."""

import json
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.cli.main import main
from selfie_core.gallery.columns import REQUIRED
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned.dossier import audit_gallery
from selfie_core.learned.dossier_page import dossier_page
from selfie_core.learned.gaps import BAGS, Grouping, Resampling, interval
from selfie_core.learned.self_check import compare_all, deal
from tests.support.changed import changed_gallery

COLUMNS = {"sex": 2, "hair": 6, "place": 8}  # and how many groups each has


def photos(*, users: int = 400, alike: float = 0.06, seed: int = 0) -> pd.DataFrame:
    """Return photos of users whose own photos score alike; each user is of one sex."""
    rng = np.random.default_rng(seed)
    user = np.repeat(np.arange(users), rng.integers(1, 8, users))
    score = 0.47 + rng.normal(0, alike, users)[user] + rng.normal(0, 0.1, len(user))
    sex = rng.choice(["female", "male"], users)[user]
    table = pd.DataFrame(
        {"id": [f"{n:032x}" for n in range(len(user))], "score": score, "sex": sex}
    )
    for name, count in list(COLUMNS.items())[1:]:
        table[name] = rng.choice([f"{name}{n}" for n in range(count)], len(user))
    label = pd.array((rng.random(len(user)) < score).astype(int), "Int64")
    return table.assign(user=[f"u{n}" for n in user], label=label)


def audited(gallery: Gallery, table: pd.DataFrame, **how) -> dict:
    return audit_gallery(replace(gallery, table=table), **{"trials": 4, "rounds": 300} | how)


def groupings(table: pd.DataFrame, resampling: Resampling) -> list[Grouping]:
    return [
        Grouping.of(table[name].astype("category").cat.codes.to_numpy(int), count, resampling)
        for name, count in COLUMNS.items()
    ]


def test_counts_shares_and_errors_are_the_plain_ones(gallery: Gallery) -> None:
    table = photos()
    facts = audited(gallery, table, threshold=0.55)
    row = next(g for g in facts["groups"] if g["group"] == "women")
    here = table[table["sex"] == "female"]
    assert row["photos"] == len(here) and row["users"] == here["user"].nunique()
    assert row["score"] == pytest.approx(here["score"].mean(), abs=1e-4)
    passed = here["score"] >= 0.55
    assert row["passed"] == pytest.approx(passed.mean(), abs=1e-4)
    assert row["missed"] == pytest.approx((~passed)[here["label"] == 1].mean(), abs=1e-4)
    assert row["flattered"] == pytest.approx(passed[here["label"] == 0].mean(), abs=1e-4)
    assert row["passed_low"] < row["passed"] < row["passed_high"]
    men = next(g for g in facts["groups"] if g["group"] == "men")
    (pair,) = (p for p in facts["pairs"] if p["column"] == "Women and men")
    low, high = sorted([row["passed"], men["passed"]])
    assert pair["ratio"] == pytest.approx(low / high, abs=1e-3)
    assert len(facts["pairs"]) == 1 + 15 + 28 and facts["comparisons"] == 88
    meeting = next(m for m in facts["meetings"] if (m["one"], m["two"]) == ("women", "Hair: hair0"))
    assert meeting["photos"] == len(here[here["hair"] == "hair0"])
    json.dumps(facts, allow_nan=False)


def test_intervals_allow_for_photos_of_one_user_being_alike() -> None:
    table = photos(alike=0.2)
    users = pd.factorize(table["user"])[0]
    sex = np.zeros(len(table), int)
    spread = {}
    for of in ("users", "photos"):
        drawn = Resampling(users if of == "users" else np.arange(len(table)))
        [mean] = interval(Grouping.of(sex, 1, drawn).rates(table["score"].to_numpy(), drawn))
        spread[of] = mean.high - mean.low
    one = table.groupby("user")["score"].agg(["sum", "size"])
    rng = np.random.default_rng(1)
    means = [(d := one.iloc[rng.integers(0, len(one), len(one))])["sum"].sum() / d["size"].sum()
             for _ in range(1000)]  # fmt: skip
    assert spread["users"] == pytest.approx(np.ptp(np.quantile(means, (0.025, 0.975))), rel=0.1)
    assert spread["users"] > 1.5 * spread["photos"]


def test_bags_of_users_give_the_same_intervals() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(0.5, 0.1, 20 * BAGS)
    drawn = Resampling(np.arange(len(scores)))
    [mean] = interval(Grouping.of(np.zeros(len(scores), int), 1, drawn).rates(scores, drawn))
    assert mean.high - mean.low == pytest.approx(2 * 1.96 * 0.1 / np.sqrt(len(scores)), rel=0.1)


@pytest.mark.slow
def test_errors_are_as_rare_as_stated() -> None:
    """40 audits of 88 comparisons each, on new photos every time, of users who are alike."""
    alarms = found = naive = 0
    for seed in range(40):
        table = photos(seed=seed, users=300)
        scores, users = table["score"].to_numpy(), pd.factorize(table["user"])[0]
        drawn = Resampling(users, rounds=300)
        columns = groupings(table, drawn)
        compared = compare_all(columns, scores, threshold=0.5, resampling=drawn)
        alarms += any(one.flagged.any() for one in compared)
        apart = [
            one.scores[:, one.pairs[:, 0]] - one.scores[:, one.pairs[:, 1]] for one in compared
        ]
        naive += any((abs(a[0]) > 1.96 * a[1:].std(axis=0)).any() for a in apart)
        planted = scores + 0.1 * (table["hair"] == "hair2")
        hair = compare_all(columns, planted.to_numpy(), threshold=0.5, resampling=drawn)[1]
        found += bool(hair.flagged[(hair.pairs == 2).any(axis=1)].any())
    assert alarms <= 6  # of 40 at 5 %: more has a chance of 0.3 %
    assert naive >= 25  # each comparison for itself finds something in most audits
    assert found >= 38


def test_self_check_states_the_rates(gallery: Gallery) -> None:
    check = audited(gallery, photos(), trials=20)["self_check"]
    assert check["none"]["trials"] == 20 and check["none"]["rate"] <= 0.2
    assert [one["gap"] for one in check["planted"]] == [0.02, 0.05, 0.1]
    assert check["planted"][2]["rate"] >= 0.7 > check["planted"][0]["rate"]


def test_dealing_out_keeps_the_scores_of_a_user_together() -> None:
    users = np.array([0, 1, 0, 2, 1, 2])
    dealt = deal(np.array([0.1, 0.2, 0.1, 0.3, 0.2, 0.3]), users, np.random.default_rng(0))
    assert sorted(dealt) == [0.1, 0.1, 0.2, 0.2, 0.3, 0.3]
    assert all(len(set(dealt[users == user])) == 1 for user in range(3))


def test_group_of_which_none_passes_is_no_certainty(gallery: Gallery) -> None:
    table = photos()
    table.loc[table["hair"] == "hair0", "score"] -= 1
    facts = audited(gallery, table)
    row = next(g for g in facts["groups"] if g["group"] == "Hair: hair0")
    assert row["passed"] == 0 and 0 < row["passed_high"] < 0.05
    pairs = [p for p in facts["pairs"] if p["lower"] == "Hair: hair0"]
    assert len(pairs) == 5 and all(p["ratio"] == 0 < p["ratio_high"] for p in pairs)
    assert all(p["ratio_flagged"] and p["gap_flagged"] for p in pairs)


def test_hash_is_of_the_data_and_not_of_its_order(gallery: Gallery) -> None:
    table = photos()
    first, again = (audited(gallery, t) for t in (table, table.iloc[::-1].reset_index(drop=True)))
    assert first["gallery"]["sha256"] == again["gallery"]["sha256"]
    other = audited(gallery, table.assign(score=table["score"] + 1e-3))
    assert other["gallery"]["sha256"] != first["gallery"]["sha256"]


Change = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (lambda t: t[["id", "score", "user"]], "names no groups; wanted a column such as sex"),
        (lambda t: t[["id", "score"]].assign(sex="female"), 'column "sex" holds one value only'),
        (
            lambda t: t[["id", "score"]].assign(hat=["straw"] * 3 + ["none"] * (len(t) - 3)),
            '"Hat: straw" is the second with 3 photos',
        ),
        (
            lambda t: t[["id", "score", "hair"]].assign(user=np.arange(len(t)) % 5),
            "photos by 5: add photos",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(gallery: Gallery, change: Change, seen: str) -> None:
    with pytest.raises(DataError, match=seen):
        audited(gallery, change(photos()))


@pytest.mark.parametrize("threshold", [0, 1.5, float("nan")])
def test_threshold_that_is_no_score_is_refused(gallery: Gallery, threshold: float) -> None:
    with pytest.raises(DataError, match=f"threshold is {threshold:g}; wanted a score"):
        audited(gallery, photos(), threshold=threshold)


def test_threshold_that_nobody_reaches_leaves_no_ratio(gallery: Gallery) -> None:
    facts = audited(gallery, photos(), threshold=1)
    assert facts["passed"] == 0 and all(pair["ratio"] is None for pair in facts["pairs"])
    assert "No photo scores 100 % or more" in dossier_page(facts)


def test_page_needs_nothing_else_and_shows_words_as_words(gallery: Gallery) -> None:
    table = photos().assign(hat=lambda t: np.where(np.arange(len(t)) % 2, "<b>cap</b>", "none"))
    table.loc[:4, "hat"] = "rare"
    page = dossier_page(audited(gallery, table))

    class Tags(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[str] = []

        def handle_starttag(self, tag: str, attrs: list) -> None:
            self.seen.append(tag)
            assert not {"src", "href"} & {name for name, _ in attrs}

    parser = Tags()
    parser.feed(page)
    assert parser.seen.count("figure") == 1 + 4 + 1  # worst ratios, columns, meetings
    assert "b" not in parser.seen and "http" not in page
    for said in ("Hat: rare", "too few", "Article 50", "XMP", "<td>10 points</td>"):
        assert said in page


def test_command_writes_both_files(built: Path, tmp_path: Path, capsys) -> None:
    kept = [*REQUIRED, "user", "label", "glasses", "border"]  # fewer comparisons, less to wait for
    folder = changed_gallery(tmp_path / "two", lambda table: table[kept])
    table, out = store.read_table(folder / "selfies.parquet"), tmp_path / "dossier"
    assert main(["audit", str(folder), "--out", f"{out}.html"]) == 0
    facts = store.read_json(tmp_path / "dossier.json")
    assert facts["gallery"]["photos"] == len(table) and facts["comparisons"] == 8
    assert facts["self_check"]["none"]["rate"] <= 0.08
    assert "<title>Whom does the scorer favour?" in (tmp_path / "dossier.html").read_text("utf-8")
    assert "4 pairs of groups compared" in capsys.readouterr().err
    assert main(["audit", str(built), "--out", str(out)]) == 1
    assert "add photos" in capsys.readouterr().err
