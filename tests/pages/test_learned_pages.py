"""Rules, audit and experiment: what each says of galleries that lack what it is about."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.learned import audit_view, walk
from pages.training import experiment_charts, experiment_view
from selfie_core.base import store
from selfie_core.base.words import percent
from selfie_core.gallery.build import BuildConfig, build_gallery
from selfie_core.gallery.gallery import Gallery
from selfie_core.training.experiment import Judged
from tests.support.changed import changed_gallery

PAGES = Path(__file__).resolve().parents[2] / "pages"
NAMES = ["learned/rules.py", "learned/audit.py", "training/experiment.py"]
HATS = np.array(["cap", "none"])
Show = Callable[..., AppTest]


@pytest.fixture
def show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Show:
    """Open a page on the shipped gallery with another table."""

    def open_page(
        name: str, change: Callable[[pd.DataFrame], pd.DataFrame], **query: str
    ) -> AppTest:
        folder = changed_gallery(tmp_path / "changed", change, name=str(tmp_path))
        monkeypatch.setenv("SELFIE_GALLERY", str(folder))
        return opened(name, **query)

    return open_page


def opened(name: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(PAGES / "router.py"), default_timeout=60).run()
    for key, value in query.items():
        app.query_params[key] = value
    page = app.switch_page(name).run()
    assert not page.exception and not page.error
    return page


def words(page: AppTest) -> str:
    """Return all that a page says."""
    said = [*page.markdown, *page.caption, *page.info, *page.get("html")]
    return " ".join(str(getattr(part, "value", None) or part.proto.body) for part in said)


def only_scores(table: pd.DataFrame) -> pd.DataFrame:
    return table[["id", "file", "faces", "score", "percentile", "x", "y"]]


@pytest.mark.parametrize("name", NAMES)
def test_page_of_one_selfie_opens(
    name: str, tmp_path: Path, photo_folder: Path, brightness_scorer, monkeypatch
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "one.png").write_bytes((photo_folder / "photo-3.png").read_bytes())
    config = BuildConfig(name="One")
    build_gallery(photos, tmp_path / "one", scorer=brightness_scorer, config=config)
    monkeypatch.setenv("SELFIE_GALLERY", str(tmp_path / "one"))
    opened(name)


@pytest.mark.parametrize("name", NAMES)
def test_page_of_eight_drawn_photos_opens(name: str, built: Path, monkeypatch) -> None:
    monkeypatch.setenv("SELFIE_GALLERY", str(built))
    opened(name)


def test_rules_without_factors_claim_nothing(show: Show) -> None:
    page = show("learned/rules.py", lambda t: only_scores(t).assign(faces=1))
    assert "**0 hold**" in words(page) and "Of 14 nobody can tell" in words(page)


def test_rules_of_a_constant_and_a_missing_factor_say_why(show: Show) -> None:
    page = show(
        "learned/rules.py", lambda t: t.assign(tilt=np.nan, white_border=0.0), rule="border"
    )
    assert "Too few to compare: 0 photos with a white border" in words(page)


def test_rule_of_the_address_is_shown(show: Show) -> None:
    assert "Let the face fill about a third" in words(
        show("learned/rules.py", lambda t: t, rule="third")
    )


def test_unknown_rule_in_the_address_shows_the_strongest(show: Show) -> None:
    assert "Add a border" in words(show("learned/rules.py", lambda t: t, rule="%00"))


@pytest.mark.parametrize(
    ("users", "said"), [(7, "taken over 7 users"), (1, "intervals take the photos one by one")]
)
def test_rules_say_whether_the_intervals_allow_for_users(show: Show, users, said: str) -> None:
    page = show(
        "learned/rules.py", lambda t: t.assign(user=[f"u{n % users}" for n in range(len(t))])
    )
    assert said in words(page)


def test_audit_without_groups_says_how_to_name_them(show: Show) -> None:
    page = show("learned/audit.py", only_scores)
    assert "names no groups" in page.info[0].value and "--posts" in page.info[0].value


def test_audit_of_groups_of_three_judges_nobody(show: Show) -> None:
    three = [f"team {number // 3}" for number in range(9)]
    page = show(
        "learned/audit.py",
        lambda t: only_scores(t).assign(team=[*three, *[None] * (len(t) - len(three))]),
    )
    assert "too few to judge" in page.info[0].value


def test_audit_hands_out_its_dossier_as_page_and_data(show: Show) -> None:
    page = show(
        "learned/audit.py", lambda t: only_scores(t).assign(hat=HATS[np.arange(len(t)) % 2])
    )
    page.button(key="audit_make").click().run()
    assert not page.exception
    labels = [button.proto.label for button in page.get("download_button")]
    assert labels[-2:] == ["Page", "Data"]


def test_dossier_of_groups_of_three_says_what_it_wants(show: Show) -> None:
    page = show(
        "learned/audit.py",
        lambda t: only_scores(t).assign(hat=HATS[(np.arange(len(t)) > 2).astype(int)]),
    )
    page.button(key="audit_make").click().run()
    assert "is the second with 3 photos" in page.info[-1].value


def test_audit_without_labels_and_tones_says_so(show: Show) -> None:
    page = show("learned/audit.py", lambda t: t.drop(columns=["label", "character_skin_tone"]))
    said = " ".join(info.value for info in page.info)
    assert "no labels" in said and "none is guessed" in said


def test_audit_reads_as_words_and_quotes_the_post_of_men_only(show: Show) -> None:
    page = show("learned/audit.py", lambda t: t, audit_by="People")
    assert re.search(
        r"\d+ belongs? to People: 1 \(", words(page).replace("*", "").replace("\\", "")
    )
    assert "not a single guy" not in words(page)
    assert "not a single guy" in words(opened("learned/audit.py"))


def test_two_columns_of_the_address_meet(show: Show) -> None:
    page = show("learned/audit.py", lambda t: t, **{"audit_by": "Women and men", "and": "Lighting"})
    assert "Mean score by women and men and lighting" in words(page)


def test_filter_of_another_page_is_not_set_by_the_groups_of_the_audit() -> None:
    page = opened("learned/audit.py", audit_by="Glasses")
    assert page.selectbox(key="audit_by").value == "Glasses"
    page = page.switch_page("browse/continuum.py").run()
    assert page.multiselect(key="by").value == []


def test_audit_counts_the_groups_that_it_does_not_name() -> None:
    groups = pd.DataFrame({"one": [*"abcde"], "in_top": 1, "share": 0.2, "enough": True,
                           "in_short": ""})  # fmt: skip
    gallery = Gallery.open(store.demo_gallery())
    assert "and 1 smaller group." in audit_view._finding(groups, gallery)


def test_unit_of_any_length_in_the_address_opens() -> None:
    assert "What excites unit" in " ".join(
        one.value for one in opened("learned/network.py", layer="fc7", unit="1" * 5000).header
    )


def test_experiment_without_posts_and_labels_says_so(show: Show) -> None:
    page = show("training/experiment.py", only_scores)
    said = " ".join(info.value for info in page.info)
    assert "no posts" in said and "nobody knows" not in said  # the shipped scorer was judged
    assert "Model card" in words(page) or page.expander


def test_experiment_of_another_scorer_shows_no_card(built: Path, monkeypatch) -> None:
    monkeypatch.setenv("SELFIE_GALLERY", str(built))
    page = opened("training/experiment.py")
    said = " ".join(info.value for info in page.info)
    assert "no scorer" in said and "nobody knows" in said
    assert not page.expander


def test_the_walk_says_that_it_goes_through_the_gallerys_copy() -> None:
    gallery = Gallery.open(store.demo_gallery())
    score = percent(gallery.table["score"].to_numpy()[3])
    assert walk._copy_line(gallery, 3).endswith(f"the photo itself scored {score}.")
    assert walk._copy_line(gallery, None) == ""


def test_cut_that_is_not_sharp_is_never_said_to_part_all() -> None:
    group = pd.Series({"n": 106, "low": 1376, "high": 1768, "likes": 100})
    assert ": 99 % of them" in experiment_view._group_line(group, 0.997)
    assert "sharp" not in experiment_view._group_line(group, 1.0)


@pytest.mark.parametrize("measure", ["auc", "accuracy"])
def test_number_beside_the_coin_is_not_struck_through_by_its_line(measure: str) -> None:
    facts = {
        name: {measure: value, f"{measure}_interval": (value, value)}
        for name, value in (("constant", 0.502), ("scorer", 0.7))
    }
    numbers = experiment_charts.judges_chart(Judged("", facts, None, 0, ""), measure).to_dict()
    sides = {one["y"]: one["xanchor"] for one in numbers["layout"]["annotations"]}
    assert sides == {"constant": "left", "the scorer": "center"}
