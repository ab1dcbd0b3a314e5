"""A visitor's own scorer: one session's pages rank by it, all others stay as they are."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.browse import guess_view
from pages.shared import galleries, ui
from pages.training import ask
from pages.training.train_view import Trained
from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.guess import Pair
from selfie_core.scorer.scorer import load_scorer
from selfie_core.training import last_layer, piles
from selfie_core.web import shield

PAGES = Path(__file__).resolve().parents[2] / "pages"


@pytest.fixture(scope="module")
def lesson() -> last_layer.FittedHead:
    gallery = Gallery.open(store.demo_gallery())
    return last_layer.fit_head(piles.from_gallery(gallery, "face_height", 40))


@pytest.fixture
def own(lesson: last_layer.FittedHead) -> Gallery:
    scorer = load_scorer()
    return galleries.add_own_view(
        scorer, last_layer.scorer_file(scorer, lesson.head, lesson.facts), lesson.head
    )


def open_page(name: str, version: str | None = None) -> AppTest:
    app = AppTest.from_file(str(PAGES / "router.py"), default_timeout=60)
    if version:
        app.query_params["own"] = version
    return app.run().switch_page(name).run()


def test_zip_may_be_as_large_as_the_server_takes_it() -> None:
    page = open_page("training/train.py")
    page.segmented_control(key="train_way").set_value("zip").run()
    most = page.file_uploader(key="train_zip").proto.max_upload_size_mb
    assert most == st.get_option("server.maxUploadSize")
    assert most * 2**20 < shield._LARGEST_PHOTO


def test_view_is_served_beside_the_app_s_own(own: Gallery) -> None:
    main = galleries.main_gallery()
    assert galleries.gallery_of(own.version) is own
    assert galleries.gallery_of(main.version) is main
    view = galleries.own_view(own.version)
    assert view is not None
    assert view[0] is own
    named, stars = view[1], galleries.celebrity_gallery()
    assert named is not None
    assert stars is not None
    assert named.scorer_id == own.scorer_id
    assert named.table["score"].tolist() != stars.table["score"].tolist()
    assert galleries.gallery_of(named.version) is named


@pytest.mark.parametrize("learnt", [True, False])
def test_headline_of_a_scorer_like_a_coin_is_that(lesson, learnt: bool) -> None:
    piled = piles.from_gallery(Gallery.open(store.demo_gallery()), "face_height", 40)
    if not learnt:
        labels = np.random.default_rng(3).permutation(piled.labels)
        piled = dataclasses.replace(piled, labels=labels)
        lesson = last_layer.fit_head(piled)
    app = AppTest.from_file(str(PAGES / "router.py"), default_timeout=60)
    app.session_state["train_done"] = Trained(piled, lesson, b"")
    page = app.run().switch_page("training/train.py").run()
    assert not page.exception
    verdict = next(one.proto.body for one in page.get("html") if "train-verdict" in one.proto.body)
    assert ("no better than a coin" in verdict) is not learnt
    assert ('class="figure"' in verdict) is learnt
    kind = page.button(key="train_use").proto.type
    assert kind == ("primary" if learnt else "tertiary")


@pytest.mark.parametrize(
    "name",
    [
        "browse/continuum.py",
        "browse/celebrities.py",
        "map/map.py",
        "score/score.py",
        "training/train.py",
    ],
)
def test_page_of_a_session_with_its_own_scorer_says_so(name: str, own: Gallery) -> None:
    page = open_page(name, own.version)
    assert not page.exception
    assert not page.error
    assert page.button(key="own_back")
    captions = " ".join(caption.value for caption in page.caption)
    assert "on your good pile" in captions
    assert "nothing about the person" in captions


def test_another_session_sees_nothing_of_it(own: Gallery) -> None:
    page = open_page("browse/continuum.py")
    assert "own_back" not in [button.key for button in page.button]
    assert "simulated audience" in " ".join(caption.value for caption in page.caption)


def test_switching_back_takes_one_click(own: Gallery) -> None:
    page = open_page("browse/continuum.py", own.version)
    page.button(key="own_back").click().run()
    assert "own" not in page.query_params
    assert "own_back" not in [button.key for button in page.button]


def test_view_that_is_gone_falls_back_to_the_app_s(own: Gallery) -> None:
    app = AppTest.from_file(str(PAGES / "router.py"), default_timeout=60)
    app.query_params["own"] = "000000000000"
    page = app.run()
    assert not page.exception
    assert "is gone" in page.toast[0].value
    assert "own" not in page.query_params


def test_oldest_view_goes_first_and_leaves_nothing(own: Gallery, lesson, monkeypatch) -> None:
    monkeypatch.setattr(galleries, "_MOST_OWN", 1)
    scorer = load_scorer()
    other = last_layer.FittedHead(
        last_layer.Head(lesson.head.weights, lesson.head.bias + 1, 1.0),
        lesson.scores, lesson.judged, lesson.warnings,
    )  # fmt: skip
    new = galleries.add_own_view(
        scorer, last_layer.scorer_file(scorer, other.head, other.facts), other.head
    )
    assert galleries.own_view(own.version) is None
    assert galleries.gallery_of(own.version) is None
    assert not own.folder.exists()
    assert not list(store.cache_folder().glob(f"{own.scorer_id}*"))
    assert galleries.own_view(new.version)


def test_features_are_held_once(own: Gallery) -> None:
    of_own, of_main = own.fc7, galleries.main_gallery().fc7
    assert isinstance(of_own, np.memmap) and isinstance(of_main, np.memmap)
    assert os.path.samefile(str(of_own.filename), str(of_main.filename))


def test_view_that_takes_the_place_of_another_drops_it(own: Gallery, lesson) -> None:
    scorer = load_scorer()
    data = last_layer.scorer_file(scorer, lesson.head, lesson.facts)
    new = galleries.add_own_view(scorer, data, lesson.head, instead_of=own.version)
    assert galleries.own_view(own.version) is None
    assert not own.folder.exists()
    assert galleries.own_view(new.version)


def test_view_that_fails_leaves_no_folder(lesson, monkeypatch) -> None:
    scorer, folder = load_scorer(), Path(galleries._own_folder().name)
    before = set(folder.iterdir())
    monkeypatch.setattr("os.symlink", lambda *_: (_ for _ in ()).throw(OSError(28, "disk full")))
    with pytest.raises(DataError, match="No space left.*make room"):
        galleries.add_own_view(
            scorer, last_layer.scorer_file(scorer, lesson.head, lesson.facts), lesson.head
        )
    assert set(folder.iterdir()) == before


@pytest.mark.slow
def test_end_of_the_process_leaves_nothing_of_a_view(tmp_path: Path) -> None:
    code = """
from pages.shared import galleries
from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from selfie_core.scorer.scorer import load_scorer
from selfie_core.training import last_layer, piles
demo = Gallery.open(store.demo_gallery())
lesson = last_layer.fit_head(piles.from_gallery(demo, "face_height", 40))
scorer = load_scorer()
file = last_layer.scorer_file(scorer, lesson.head, lesson.facts)
own = galleries.add_own_view(scorer, file, lesson.head)
load_scorer(own.scorer_path)
print(own.folder, own.folder.is_dir())
"""
    cache = {"SELFIE_CACHE": str(tmp_path), "PYTHONPATH": str(PAGES.parent)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | cache, capture_output=True, text=True
    )  # fmt: skip
    folder, there = done.stdout.split()
    assert there == "True", done.stderr
    assert not Path(folder).exists()
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]  # nor in the cache


def test_burst_is_ranked_anew_by_an_own_scorer(own: Gallery) -> None:
    page = open_page("score/score.py")
    photos = sorted(store.sample_photos().glob("*.*"))[:2]
    page.file_uploader[0].set_value([(p.name, p.read_bytes(), "image/jpeg") for p in photos]).run()
    before = page.session_state["score_burst"][1][0]["score"].tolist()
    page.session_state["own"] = own.version
    page.run()
    assert not page.exception
    assert page.session_state["score_burst"][1][0]["score"].tolist() != before


def test_dropped_names_are_ranked_anew_by_an_own_scorer(own: Gallery) -> None:
    page = open_page("browse/celebrities.py")
    photos = sorted(store.sample_photos().glob("*.*"))[:2]
    page.file_uploader[0].set_value([(p.name, p.read_bytes(), "image/jpeg") for p in photos]).run()

    def shown() -> str:
        return next(e.proto.body for e in page.get("html") if "own-names" in e.proto.body)

    before = shown()
    page.session_state["own"] = own.version
    page.run()
    assert not page.exception
    assert shown() != before


def test_about_this_server_names_the_servers_gallery_and_not_a_temporary_folder(
    own: Gallery,
) -> None:
    text = " ".join(one.value for one in open_page("host/about.py", own.version).markdown)
    assert f"in `{store.demo_gallery()}`" in text
    assert str(own.folder) not in text


def test_live_camera_says_whose_score_it_shows(own: Gallery) -> None:
    page = open_page("score/score.py", own.version)
    page.toggle(key="score_camera_on").set_value(True).run()
    page.button_group(key="score_camera_mode").set_value("Continuous").run()
    assert not page.exception
    assert "live score is the app's own" in " ".join(caption.value for caption in page.caption)


def test_view_of_a_gallery_built_anew_is_gone(lesson, tmp_path: Path, monkeypatch) -> None:
    copy = Path(shutil.copytree(store.demo_gallery(), tmp_path / "gallery"))
    monkeypatch.setenv("SELFIE_GALLERY", str(copy))
    scorer = load_scorer()
    own = galleries.add_own_view(
        scorer, last_layer.scorer_file(scorer, lesson.head, lesson.facts), lesson.head
    )
    assert galleries.own_view(own.version)
    facts = json.loads((copy / "gallery.json").read_text())
    store.write_json(copy / "gallery.json", facts | {"made": "later"})
    assert galleries.own_view(own.version) is None


def test_page_trains_on_the_gallery_and_ranks_by_it() -> None:
    page = open_page("training/train.py")
    page.segmented_control(key="train_way").set_value("gallery").run()
    page.slider(key="train_count").set_value(40).run()
    page.button(key="train_go").click().run()
    assert not page.exception
    trained = page.session_state["train_done"]
    assert np.isfinite(trained.lesson.scores).all()
    page.button(key="train_use").click().run()
    assert not page.exception
    assert page.button(key="own_back")
    first = page.session_state["own"]
    own = galleries.own_view(first)
    assert own is not None
    assert own[0].scorer_id == store.content_id(trained.file)
    page.button(key="train_use").click().run()
    assert galleries.own_view(first) is None
    assert galleries.own_view(page.session_state["own"])


def test_page_refuses_too_few_photos_in_one_line() -> None:
    page = open_page("training/train.py")
    photo = Gallery.open(store.demo_gallery()).photo(0)
    page.file_uploader(key="train_good").set_value(("a.webp", photo, "image/webp")).run()
    page.button(key="train_go").click().run()
    assert not page.exception
    assert "the photo is good; add some bad ones" in page.error[0].value


@pytest.mark.parametrize("count, columns", [(1, 1), (2, 1), (3, 2), (16, 8)])
def test_any_number_of_photos_stands_in_two_lines(count: int, columns: int) -> None:
    sheet = ask.ends(Gallery.open(store.demo_gallery()), np.arange(count), "Photos")
    assert f"columns={columns}&" in sheet


def test_links_to_a_photo_keep_the_view_of_its_own_scorer(own: Gallery, monkeypatch) -> None:
    id = own.table["id"].iat[3]
    app = AppTest.from_file(str(PAGES / "router.py"), default_timeout=60)
    app.query_params["own"], app.query_params["id"] = own.version, id
    page = app.run().switch_page("browse/continuum.py")
    page.query_params["own"], page.query_params["id"] = own.version, id
    (link,) = page.run().get("link_button")
    assert link.proto.url == f"?id={id}&own={own.version}"
    monkeypatch.setattr(st, "session_state", {ui.OWN: own.version})
    review = guess_view._card(own, Pair(3, 4, good=0, picked=0), 0)
    assert f'href="continuum?id={id}&amp;own={own.version}"' in review
    monkeypatch.setattr(st, "session_state", {ui.OWN: None})
    assert f'href="continuum?id={id}"' in guess_view._card(own, Pair(3, 4, good=0, picked=0), 0)
