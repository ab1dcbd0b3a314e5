"""What `selfie evaluate` says of a scorer, on drawn photos, and how it refuses what is wrong."""

import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.cli import main as cli
from selfie_core.training.evaluate import evaluate_scorer
from selfie_core.training.report import report_page
from tests.support.drawn import draw_photo

pytestmark = pytest.mark.slow
SPLITS = ["train", "test"]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(24):
        draw_photo(number % 8, size=(64 + number, 80)).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def labels() -> pd.DataFrame:
    number = np.arange(24)
    return pd.DataFrame(
        {
            "file": [f"{n}.png" for n in number],
            "user": [f"u{n}" for n in number],
            "label": (number % 8 > 3).astype(int),
            "split": [SPLITS[n // 8 % 2] for n in number],
            "appeal": number % 8,
            "camera": ["front", "mirror"] * 12,
            "followers": number * 100,
            "likes": number * 10,
        }
    )


def test_facts_stand_beside_their_baselines(photos: Path, labels, brightness_scorer) -> None:
    stages: set[str] = set()
    facts = evaluate_scorer(
        brightness_scorer, photos, labels, groups=["camera"],
        progress=lambda stage, done, of: stages.add(stage),
    )  # fmt: skip
    assert facts["photos"] == 8
    assert facts["scorer"]["auc"] == 1  # brighter ones are good here
    assert facts["brightness"]["auc"] == 1
    assert facts["constant"]["auc"] == 0.5
    assert facts["perfect_knower"]["auc"] == 1
    assert facts["linear"]["auc"] > 0.7
    assert sum(b["n"] for b in facts["calibration"]["curve"]) == 8
    assert facts["stability"]["mirror"]["mean"] < 0.02
    assert [row["group"] for row in facts["groups"]] == ["front", "mirror"]
    assert facts["effects"][0]["rho"] > 0.8 or facts["effects"][0]["rho"] < -0.8
    assert facts["audience"]["likes_follow_followers"] == 1
    assert facts["notes"] == []
    assert stages == {"judge", "style", "stability"}
    assert "NaN" not in json.dumps(facts)


def test_unreadable_and_unlabelled_photos_are_counted(photos, labels, brightness_scorer) -> None:
    (photos / "8.png").write_text("not a photo")
    facts = evaluate_scorer(brightness_scorer, photos, labels[:20])
    assert facts["unreadable"] == 1
    assert facts["photos"] == 7
    assert "1 photo of the test split that can't be read" in facts["notes"][0]
    assert "4 photos in the folder without a label" in facts["notes"][1]


def test_users_on_both_sides_are_told(photos: Path, labels, brightness_scorer) -> None:
    facts = evaluate_scorer(brightness_scorer, photos, labels.assign(user="one"))
    assert any("in training too" in note for note in facts["notes"])


def test_style_that_is_known_is_not_measured_again(photos, labels, brightness_scorer) -> None:
    from selfie_core.training.evaluate import STYLE

    made_up = pd.DataFrame({name: np.arange(24) % 8 for name in STYLE} | {"file": labels["file"]})
    facts = evaluate_scorer(brightness_scorer, photos, labels, factors=made_up)
    assert facts["linear"]["auc"] == 1
    with pytest.raises(DataError, match='the factors lack column "tilt"'):
        evaluate_scorer(brightness_scorer, photos, labels, factors=made_up.drop(columns="tilt"))


@pytest.mark.parametrize(
    ("change", "words", "seen"),
    [
        ({"file": "gone.png"}, {}, "labelled photos are not in"),
        ({"label": 1}, {}, "of one class"),
        ({"label": np.nan}, {}, "no photo has a label"),
        ({"label": 2}, {}, "neither 1"),
        ({}, {"split": "val"}, "no labelled photo is in split val"),
        ({}, {"groups": ["age"]}, 'no column "age" to group by'),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    photos, labels, brightness_scorer, change: dict, words: dict, seen: str
) -> None:
    with pytest.raises(DataError) as error:
        evaluate_scorer(brightness_scorer, photos, labels.assign(**change), **words)
    assert seen in str(error.value)
    assert "\n" not in str(error.value)


def test_report_is_one_page_that_needs_nothing_else(photos, labels, brightness_scorer) -> None:
    labels["camera"] = ["<b>front</b>", "mirror"] * 12
    page = report_page(evaluate_scorer(brightness_scorer, photos, labels, groups=["camera"]))

    class Tags(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[str] = []

        def handle_starttag(self, tag: str, attrs: list) -> None:
            self.seen.append(tag)
            assert not {"src", "href"} & {name for name, _ in attrs}

    parser = Tags()
    parser.feed(page)
    assert parser.seen.count("figure") == 4
    assert "b" not in parser.seen  # names of groups are words, not markup
    assert "http" not in page


def newer(path: Path) -> Path:
    from safetensors.numpy import save_file

    header = {"format": "selfie-scorer", "version": "99", "config": "{}"}
    save_file({"a": np.zeros(1)}, path, header)
    return path


def foreign(path: Path) -> Path:
    from safetensors.numpy import save_file

    save_file({"a": np.zeros(1)}, path)
    return path


def corrupt(path: Path) -> Path:
    path.write_bytes(store.demo_scorer().read_bytes()[:5000])
    return path


@pytest.mark.parametrize(
    ("make", "seen"),
    [
        (newer, "is of scorer version 99"),
        (foreign, "holds other weights, not a scorer"),
        (corrupt, "is damaged or no scorer"),
        (lambda path: path, "no scorer at"),
    ],
)
def test_bad_scorer_files_are_refused(make, seen, photos, labels, tmp_path, capsys) -> None:
    store.write_table(tmp_path / "labels.csv", labels)
    scorer = make(tmp_path / "scorer.safetensors")
    assert cli.main(["evaluate", str(scorer), str(photos), str(tmp_path / "labels.csv")]) == 1
    shown = capsys.readouterr().err.strip()
    assert seen in shown
    assert len(shown.splitlines()) == 1


def test_group_of_mixed_values_and_a_name_with_a_comma(photos, labels, tmp_path, capsys) -> None:
    mixed = labels.astype(object).assign(**{"hair, colour": [1, "red"] * 12})
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(mixed.to_dict("records")))
    words = ["evaluate", store.demo_scorer(), photos, path, "--groups", '"hair, colour"']
    assert cli.main([str(word) for word in words]) == 0
    groups = json.loads(capsys.readouterr().out)["groups"]
    assert {(row["column"], row["group"]) for row in groups} == {
        ("hair, colour", "1"),
        ("hair, colour", "red"),
    }


def test_posts_with_nan_likes_are_refused(photos, labels, tmp_path, capsys) -> None:
    posts = labels.assign(tags=0, posted_at="2026-01-01", likes=[np.nan, *range(23)])
    store.write_table(tmp_path / "posts.csv", posts)
    store.write_table(tmp_path / "labels.csv", labels[["file", "user", "label", "split"]])
    words = ["evaluate", store.demo_scorer(), photos, tmp_path / "labels.csv"]
    assert cli.main([str(word) for word in [*words, "--posts", tmp_path / "posts.csv"]]) == 1
    assert "line 2 has likes" in capsys.readouterr().err


def test_photos_named_by_whole_paths_and_posts_of_others_are_measured(
    photos, labels, brightness_scorer, monkeypatch
) -> None:
    monkeypatch.chdir(photos.parent)
    whole = labels.assign(file=[str(photos / name) for name in labels["file"]], likes=None)
    facts = evaluate_scorer(brightness_scorer, Path("photos"), whole)
    assert facts["photos"] == 8 and facts["audience"] is None


def test_posts_are_found_however_the_labels_spell_their_photos(
    photos, labels, tmp_path, capsys
) -> None:
    posts = labels.assign(tags=0, posted_at="2026-01-01", likes=5, hair=["red", "grey"] * 12)
    store.write_table(tmp_path / "posts.csv", posts)
    spelled = labels.assign(file=".\\" + labels["file"])[["file", "label", "split"]]
    store.write_table(tmp_path / "labels.csv", spelled)
    words = ["evaluate", store.demo_scorer(), photos, tmp_path / "labels.csv", "--groups", "hair"]
    assert cli.main([str(word) for word in [*words, "--posts", tmp_path / "posts.csv"]]) == 0
    assert sum(row["n"] for row in json.loads(capsys.readouterr().out)["groups"]) == 8
