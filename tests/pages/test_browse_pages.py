"""The front page, the grids, the game and the celebrities, with what they may be given."""

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.browse import own_names
from pages.grid import detail
from pages.shared import ui
from selfie_core.base import store
from selfie_core.gallery.build import BuildConfig, build_gallery
from selfie_core.gallery.celebrities import build_celebrities, rank_celebrities
from selfie_core.gallery.gallery import Gallery
from tests.support.drawn import draw_photo

PAGES = Path(__file__).resolve().parents[2] / "pages"


def open_page(name: str, **address: str) -> AppTest:
    app = AppTest.from_file(str(PAGES / "router.py"), default_timeout=60).run()
    for key, value in address.items():
        app.query_params[key] = value
    return app.switch_page(name).run()


def grids(page: AppTest) -> list[dict]:
    """Return what each grid or game of a page was given."""
    shown = page.get("bidi_component")
    return [read_mixed(e) for e in shown if not e.proto.component_name.endswith("search_box")]


def read_mixed(element) -> dict:
    return json.loads(element.proto.json)


@dataclass
class Labelled:
    """A folder with a gallery of 40 photos, every second one good."""

    folder: Path

    def ids(self) -> list[str]:
        return Gallery.open(self.folder).table["id"].tolist()


@pytest.fixture(scope="module")
def labelled(tmp_path_factory, brightness_scorer) -> Labelled:
    photos = tmp_path_factory.mktemp("forty")
    for number in range(40):
        draw_photo(number % 8, size=(96 + number, 96)).save(photos / f"{number:02}.png")
    given = pd.DataFrame(
        {
            "file": [f"{number:02}.png" for number in range(40)],
            "label": [number % 2 for number in range(40)],
            "filter": ["none", "bw", "fade", "none"] * 10,
        }
    )
    out = tmp_path_factory.mktemp("built") / "forty"
    config = BuildConfig(map=False)
    build_gallery(photos, out, scorer=brightness_scorer, given=given, config=config)
    return Labelled(out)


@pytest.fixture
def forty(labelled: Labelled, monkeypatch) -> Labelled:
    monkeypatch.setenv("SELFIE_GALLERY", str(labelled.folder))
    return labelled


@pytest.fixture
def single(tmp_path, brightness_scorer, monkeypatch) -> Path:
    """A gallery of one photo, without labels and without a map."""
    (tmp_path / "photos").mkdir()
    draw_photo(3).save(tmp_path / "photos" / "ada-vale.png")
    config = BuildConfig(map=False)
    build_gallery(tmp_path / "photos", tmp_path / "one", scorer=brightness_scorer, config=config)
    monkeypatch.setenv("SELFIE_GALLERY", str(tmp_path / "one"))
    return tmp_path / "one"


def test_front_page_opens_on_the_demo_and_on_a_single_photo(single, monkeypatch):
    for gallery in (str(single), None):
        if gallery is None:
            monkeypatch.delenv("SELFIE_GALLERY")
        page = AppTest.from_file(str(PAGES / "router.py"), default_timeout=60).run()
        assert not page.exception
        assert not page.error
        links = {link.proto.label for link in page.get("page_link")}
        assert {"Browse the grids", "Look around the map", "Score your own", "Selfie"} <= links
        assert any("nothing about the person" in caption.value for caption in page.caption)


def test_front_page_links_to_pages_that_exist():
    page = AppTest.from_file(str(PAGES / "router.py"), default_timeout=60).run()
    for link in page.get("page_link"):
        name = link.proto.page
        assert name == "" or list(PAGES.glob(f"*/{name}.py")), name


def test_single_photo_is_a_continuum_and_a_ranked_list(single):
    assert len(grids(open_page("browse/continuum.py"))) == 1
    page = open_page("browse/continuum.py", continuum_view="All")
    assert not page.exception
    (grid,) = grids(page)
    assert "mask" in grid


def test_filter_of_the_address_reaches_grid_and_words(forty):
    page = open_page("browse/continuum.py", by="Filter", only_filter="bw")
    assert not page.exception
    assert len(grids(page)[0]["rows"]) == 10
    assert any("**10** of 40 selfies (filter: bw)" in caption.value for caption in page.caption)


def test_buttons_of_a_photo_step_through_what_is_filtered(forty):
    gallery = Gallery.open(forty.folder)
    grey = [row for row in gallery.best_first if gallery.table["filter"].iat[row] == "bw"]
    ids = gallery.table["id"].iloc[grey].tolist()
    page = open_page("browse/continuum.py", by="Filter", only_filter="bw", id=ids[0])
    assert page.button(key="detail_better").disabled
    for name in ids[1:]:
        page = page.button(key="detail_worse").click().run()
        assert page.query_params["id"] == name
    assert page.button(key="detail_worse").disabled


def test_what_is_on_shows_as_chips_with_a_cross_each(forty):
    page = open_page("browse/continuum.py", by=["Filter", "Rank"], only_filter="bw", find="0")
    chips = [b.label for b in page.button if b.key.startswith("filter_chip_")]
    assert chips == ["“0”", ui.plain("filter: bw")]
    page.button(key="filter_chip_0").click().run()
    assert "find" not in page.query_params
    assert any("(filter: bw)" in caption.value for caption in page.caption)
    page.button(key="filter_chip_0").click().run()
    assert not [b for b in page.button if b.key.startswith("filter_")]
    assert len(grids(page)[0]["rows"]) == 40


def test_filter_that_fits_no_photo_offers_other_words_and_to_clear_it(forty):
    page = open_page("browse/continuum.py", find="fillter")
    assert not page.exception
    assert "clear them all" in page.info[0].value
    page.button(key="filter_other_0").click().run()
    assert any("selfies (“" in caption.value for caption in page.caption)
    page = open_page("browse/continuum.py", by="Filter", only_filter="bw", find="unheardof")
    page.button(key="filter_clear").click().run()
    assert len(grids(page)[0]["rows"]) == 40


@pytest.mark.parametrize(
    "address",
    [
        {"continuum_view": "Sideways"},
        {"by": "Nothing"},
        {"by": "Rank", "only_rank": "9000"},
        {"by": "Filter", "only_filter": "no such word"},
        {"continuum_rows": "many", "continuum_columns": "-3"},
        {"only_stars": "perhaps"},
        {"id": "../../etc"},
        {"stars": ",,,"},
    ],
)
def test_odd_address_opens_the_page_all_the_same(forty, address):
    page = open_page("browse/continuum.py", **address)
    assert not page.exception
    assert not page.error
    assert grids(page)


def test_stars_come_with_the_address_and_make_a_part(forty):
    ids = forty.ids()
    page = open_page("browse/continuum.py", stars=f"{ids[3]},{ids[5]}", only_stars="true")
    assert not page.exception
    assert sorted(grids(page)[0]["rows"]) == [3, 5]
    page = open_page("browse/continuum.py", stars=ids[3], continuum_view="All")
    assert grids(page)[0]["starred"] == [3]


def test_star_of_a_photo_that_is_gone_is_dropped_and_said(forty):
    page = open_page("browse/continuum.py", stars=f"gone,{forty.ids()[3]}", continuum_view="All")
    assert not page.exception
    assert grids(page)[0]["starred"] == [3]
    assert "1 of 2 starred photos are not in this gallery" in page.toast[0].value


def test_game_of_the_address_is_the_same_every_time(forty):
    first, again = (grids(open_page("browse/guess.py", game="7"))[0]["pairs"] for _ in range(2))
    assert first == again
    assert len(first) == 10
    other = grids(open_page("browse/guess.py", game="8"))[0]["pairs"]
    assert other != first


@pytest.mark.parametrize("game", ["", "abc", "-1", "9" * 40, "٣"])
def test_game_without_a_number_gets_one(forty, game):
    page = open_page("browse/guess.py", game=game)
    assert not page.exception
    assert page.query_params["game"][0].isdecimal()


def test_game_without_labels_explains_itself(single):
    page = open_page("browse/guess.py")
    assert not page.exception
    assert "have no labels, good or bad; build it with the posts" in page.info[0].value


def test_examples_are_good_and_bad(forty):
    page = open_page("browse/guess.py", guess_view="Examples")
    assert not page.exception
    good, bad = (grid["rows"] for grid in grids(page))
    labels = Gallery.open(forty.folder).table["label"]
    assert set(labels.iloc[good]) == {1}
    assert set(labels.iloc[bad]) == {0}


@pytest.mark.parametrize("several", [False, True])
def test_spread_is_shown_where_a_name_has_several_photos(
    tmp_path, brightness_scorer, monkeypatch, several
):
    (tmp_path / "photos").mkdir()
    for number, name in enumerate(("bruno-stern", "ada-vale", "ada-vale-2")[: 3 if several else 2]):
        draw_photo(number).save(tmp_path / "photos" / f"{name}.png")
    build_celebrities(tmp_path / "photos", tmp_path / "stars", scorer=brightness_scorer)
    monkeypatch.setenv("SELFIE_CELEBRITIES", str(tmp_path / "stars"))
    page = open_page("browse/celebrities.py", celebrities_by="Mean of all")
    assert not page.exception
    grid = grids(page)[0]
    ranking = rank_celebrities(Gallery.open(tmp_path / "stars"), order="mean")
    assert grid["scores"] == ranking["mean"].tolist()  # whole: what is shown is rounded once
    assert bool(grid["spreads"]) is several
    assert ("celebrities_by" in {control.key for control in page.button_group}) is several
    assert grid["notes"][0].startswith("2 photos: " if several else "one photo")
    assert grid["credits"] is None


def test_dropped_photos_are_ranked_by_name_until_one_goes_back(monkeypatch):
    monkeypatch.setenv("SELFIE_CELEBRITIES", "")
    page = open_page("browse/celebrities.py")
    files = []
    for number, name in ((1, "bruno.png"), (7, "<b>ada</b>.png"), (5, "bruno-2.png")):
        content = io.BytesIO()
        draw_photo(number).save(content, "PNG")
        files.append((name, content.getvalue(), "image/png"))
    page.file_uploader[0].set_value([*files, ("cut.png", b"no", "image/png")]).run()
    assert not page.exception and not page.error
    shown = next(e.proto.body for e in page.get("html") if "own-names" in e.proto.body)
    scores = [float(score) for score in re.findall(r"<span>([\d.]+) %", shown)]
    assert scores == sorted(scores, reverse=True) and len(scores) == 2
    assert "&lt;b&gt;ada" in shown and "<small>2 photos, " in shown
    assert "read as a picture" in page.warning[0].value
    page.button(key="celebrities_own_back").click().run()
    assert not any("own-names" in e.proto.body for e in page.get("html"))


def test_photos_that_taste_cannot_read_are_told_as_long_as_the_others_are_there():
    page = AppTest.from_file(str(PAGES / "router.py"), default_timeout=120).run()
    page = page.switch_page("taste/taste.py").run()
    page.button_group(key="taste_source").set_value("Your photos").run()
    photos = sorted(store.sample_photos().glob("*.jpg"))[:2]
    files = [(path.name, path.read_bytes(), "image/jpeg") for path in photos]
    files.append(("broken.jpg", b"no photo", "image/jpeg"))
    page.file_uploader[0].set_value(files).run()
    for _ in range(2):
        assert not page.exception
        assert ["broken.jpg: photo can't be read" in one.value for one in page.warning] == [True]
        page.run()


def test_one_of_anything_is_said_as_one(single):
    one = Gallery.open(single)
    page = open_page("browse/continuum.py", continuum_view="All", stars=one.table["id"].iat[0])
    said = [*(caption.value for caption in page.caption), *(button.label for button in page.button)]
    assert any(line.startswith("1 selfie, best first") for line in said)
    assert "Take 1 star away" in said
    assert own_names._title(pd.DataFrame({"photos": [1]})) == "1 name, 1 photo"
    assert detail._given(pd.Series({"likes": 1, "tags": 1, "followers": 2})) == [
        "1 like", "2 followers", "1 tag",
    ]  # fmt: skip


def test_gallery_that_is_no_named_set_is_one_line(single, monkeypatch):
    monkeypatch.setenv("SELFIE_CELEBRITIES", str(single))
    page = open_page("browse/celebrities.py")
    assert not page.exception
    assert 'no column "name"' in page.error[0].value
