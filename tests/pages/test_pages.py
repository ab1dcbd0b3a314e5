"""Each page opens by itself, with a gallery and without one."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import access
from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from selfie_core.web.keys import Keys, add_key
from tests.support.light import run_light

PAGES = Path(__file__).resolve().parents[2] / "pages"
NAMES = ["browse/continuum.py", "map/map.py", "browse/celebrities.py", "score/score.py"]
NAMES += [
    "learned/rules.py",
    "learned/audit.py",
    "training/experiment.py",
    "browse/guess.py",
    "learned/network.py",
    "training/train.py",
    "taste/taste.py",
    "host/about.py",
    "score/roll.py",
]


def open_page(name: str) -> AppTest:
    app = AppTest.from_file(str(PAGES / "router.py"), default_timeout=60).run()
    return app.switch_page(name).run()


@pytest.mark.parametrize("name", NAMES)
def test_page_opens_without_error(name: str) -> None:
    page = open_page(name)
    assert not page.exception
    assert not page.error
    assert page.title
    captions = " ".join(caption.value for caption in page.caption)
    assert "nothing about the person" in captions


def test_every_page_opens_in_a_light_install(tmp_path: Path) -> None:
    """One interpreter, which has no torch and an empty cache, for all of them."""
    code = f"""
from streamlit.testing.v1 import AppTest
page = AppTest.from_file({str(PAGES / "router.py")!r}, default_timeout=60).run()
for name in {NAMES}:
    page.switch_page(name).run()
    assert not page.exception and not page.error, (name, page.exception, page.error)
"""
    run_light(code, cache=tmp_path)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "browse/celebrities.py"])
def test_page_without_gallery_says_how_to_make_one(name: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("SELFIE_GALLERY", str(tmp_path / "none"))
    page = open_page(name)
    assert not page.exception
    assert "selfie build" in page.error[0].value


def test_celebrities_without_a_set_say_how_to_make_one(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("SELFIE_CELEBRITIES", str(tmp_path / "none"))
    page = open_page("browse/celebrities.py")
    assert not page.exception
    shown = " ".join(element.value for element in [*page.info, *page.markdown, *page.code])
    assert "selfie celebrities" in shown


@pytest.mark.parametrize("name", ["browse/continuum.py", "map/map.py"])
def test_page_of_a_half_written_gallery_is_one_line(name: str, own_copy: Path, monkeypatch) -> None:
    (own_copy / "fc7.npy").unlink()
    monkeypatch.setenv("SELFIE_GALLERY", str(own_copy))
    page = open_page(name)
    assert not page.exception
    assert "fc7.npy" in page.error[0].value


@pytest.mark.parametrize("name", NAMES)
def test_page_of_a_gallery_with_foreign_features_opens(
    name: str, own_copy: Path, monkeypatch
) -> None:
    features = np.load(own_copy / "fc7.npy")
    np.save(own_copy / "fc7.npy", features[:-1])
    monkeypatch.setenv("SELFIE_GALLERY", str(own_copy))
    page = open_page(name)
    assert not page.exception
    if name == "map/map.py":
        assert "fc7.npy has 7 rows" in page.warning[0].value


def test_about_this_server_tells_its_figures_and_its_keys(tmp_path: Path, monkeypatch) -> None:
    add_key(tmp_path / "keys.json", "phone app", roles=["upload"])
    monkeypatch.setattr(access.access(), "keys", Keys(tmp_path / "keys.json"))
    page = open_page("host/about.py")
    assert [metric.label for metric in page.metric][:2] == ["Requests", "Photos scored"]
    assert page.metric[-1].value.endswith(" MB")
    text = " ".join(one.value for one in page.markdown)
    photos = len(Gallery.open(store.demo_gallery()))
    assert f"{photos:,} photos" in text and "Everyone who reaches this server" in text
    assert page.table[0].value.to_dict("list")["roles"] == ["look, upload"]
