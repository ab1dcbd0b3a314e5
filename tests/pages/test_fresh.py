"""A gallery that grows while a page shows it: the page stays, says so, and moves on when asked."""

import os
import shutil
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.shared import galleries
from selfie_core.gallery.build import BuildConfig, build_gallery
from selfie_core.gallery.gallery import Gallery
from tests.conftest import FIRST_FORMAT
from tests.support.drawn import draw_photo

PAGES = Path(__file__).resolve().parents[2] / "pages"


@pytest.fixture
def photos(tmp_path: Path, photo_folder: Path, monkeypatch) -> Path:
    shutil.copytree(FIRST_FORMAT, tmp_path / "gallery")
    folder = Path(shutil.copytree(photo_folder, tmp_path / "photos"))
    for file in folder.iterdir():
        os.utime(file, (1, 1))  # older than the gallery made of them
    monkeypatch.setenv("SELFIE_GALLERY", str(tmp_path / "gallery"))
    return folder


def build(photos: Path, scorer) -> Gallery:
    return build_gallery(photos, photos.parent / "gallery", scorer=scorer, config=BuildConfig())


def show(name: str) -> AppTest:
    app = AppTest.from_file(str(PAGES / "router.py"), default_timeout=60).run()
    page = app.switch_page(name).run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    return " ".join(caption.value for caption in page.caption)


def test_page_says_how_many_came_and_shows_them_when_asked(photos, brightness_scorer) -> None:
    old = build(photos, brightness_scorer)
    page = show("map/map.py")
    assert "8 selfies" in words(page) and "since this map was drawn" not in words(page)
    for number in range(2):
        draw_photo(number, size=(130, 100)).save(photos / f"new-{number}.png")
    new = build(photos, brightness_scorer)
    page.run()
    assert "8 selfies" in words(page)
    assert page.button(key="fresh_show").label == "2 new"
    assert {galleries.gallery_of(one.version).version for one in (old, new)} == {  # type: ignore
        old.version, new.version
    }  # fmt: skip
    page.button(key="fresh_show").click().run()
    assert not page.exception
    assert "10 selfies" in words(page) and "**2 new** since this map was drawn" in words(page)
    assert all(button.key != "fresh_show" for button in page.button)
    assert "10 selfies" in words(show("map/map.py"))  # another visit begins with the newest


def test_map_is_drawn_anew_from_the_page(photos, brightness_scorer, monkeypatch) -> None:
    build(photos, brightness_scorer)
    draw_photo(2, size=(130, 100)).save(photos / "new.png")
    build(photos, brightness_scorer)
    assert "`selfie map GALLERY --anew`" in words(show("map/map.py"))  # open to a whole network
    at_home = st.get_option
    monkeypatch.setattr(
        st, "get_option", lambda name: "localhost" if name == "server.address" else at_home(name)
    )
    page = show("map/map.py")
    page.button(key="map_anew").click().run()
    assert not page.exception
    assert "since this map was drawn" not in words(page)
    assert Gallery.open(photos.parent / "gallery").was_drawn_anew
