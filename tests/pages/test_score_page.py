"""Score yours answers for odd photos and with odd galleries: in plain lines, never a traceback."""

import dataclasses
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFile
from streamlit.testing.v1 import AppTest

from pages.score import advice, crops, place
from selfie_core.answer.advice import Advice, Advised
from selfie_core.answer.burst import rank_burst
from selfie_core.answer.crops import Crop, suggest_crops
from selfie_core.base import store
from selfie_core.base.errors import ModelError
from selfie_core.base.words import percent
from selfie_core.gallery.build import BuildConfig, build_gallery
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo import images
from selfie_core.photo.edits import Step
from selfie_core.scorer.files import score_files, score_photos
from selfie_core.scorer.scorer import load_scorer
from selfie_core.web import rest
from tests.support.drawn import draw_photo

PAGES = Path(__file__).resolve().parents[2] / "pages"
PARTS = ["Crops", "Advice", "Why", "Like it", "Share"]
File = tuple[str, bytes, str]


def jpeg(photo: Image.Image, name: str = "me.jpg") -> File:
    file = io.BytesIO()
    photo.save(file, "JPEG")
    return name, file.getvalue(), "image/jpeg"


def selfie(side: int = 400, *, number: int = 1) -> Image.Image:
    path = store.sample_photos() / f"sample-{number}.jpg"
    return images.open_photo(path).resize((side, side))


def drop(*files: File) -> AppTest:
    """Return the page after these files were dropped at once."""
    page = AppTest.from_file(str(PAGES / "router.py"), default_timeout=120).run()
    page = page.switch_page("score/score.py").run()
    page.file_uploader[0].set_value(list(files)).run()
    assert not page.exception
    return page


def part(page: AppTest, name: str) -> AppTest:
    page.button_group(key="score_show").set_value(name).run()
    assert not page.exception
    assert not page.error
    return page


def shown_by(page: AppTest, component: str) -> dict[str, Any]:
    """Return what a component of the page is given."""
    found = [e.proto for e in page.get("bidi_component")]
    return next(json.loads(one.json) for one in found if one.component_name.endswith(component))


def score_before(page: AppTest) -> str:
    """Return the score beside the photo as it was, wherever the two pictures stand."""
    if any(one.proto.component_name.endswith("compare") for one in page.get("bidi_component")):
        return shown_by(page, "compare")["before"]["score"]
    bodies = [element.proto.body for element in page.get("html")]
    beside = next(body for body in bodies if "score-pair" in body)
    return re.findall("Before <b>(.*?)</b>", beside)[0]


def card(page: AppTest) -> str:
    """Return what stands beside the photo, without tags."""
    found = next(text.value for text in page.markdown if "score-card" in text.value)
    return " ".join(re.sub("<[^>]+>", " ", found).split())


def twelve() -> Image.Image:
    together = Image.new("RGB", (1600, 1200))
    for at in range(12):
        together.paste(selfie(), (400 * (at % 4), 400 * (at // 4)))
    return together


def pasted(width: int, height: int, *, side: int) -> Image.Image:
    """A selfie in the midst of a wall."""
    wall = Image.new("RGB", (width, height), "slategrey")
    wall.paste(selfie(side), ((width - side) // 2, (height - side) // 2))
    return wall


@pytest.mark.slow
@pytest.mark.parametrize(
    ("photo", "words"),
    [
        (Image.new("RGB", (300, 300), "tan"), "No face was found"),
        (twelve(), "faces were found; crops keep the largest"),
        (pasted(1600, 1600, side=320), "% of the height"),
        (pasted(3000, 300, side=300), "At 10:1"),
    ],
    ids=["no face", "twelve faces", "a small face", "panorama"],
)
def test_an_odd_photo_is_scored_and_said_to_be_odd(photo: Image.Image, words: str) -> None:
    page = drop(jpeg(photo))
    assert words in card(page)
    for name in PARTS[1:]:
        part(page, name)


def test_a_photo_too_small_to_crop_is_scored_all_the_same() -> None:
    page = drop(jpeg(Image.new("RGB", (40, 50), "tan")))
    assert "score" in card(page)
    assert "40x50 pixels; crops need at least 64" in page.info[0].value
    for name in PARTS[1:]:
        part(page, name)


@pytest.mark.parametrize(
    ("size", "decoded"),
    [
        ((1204, 1203), [(1204, 1203)]),
        ((2408, 2406), [(1204, 1203)]),
        ((4000, 3000), [(2000, 1500), (1000, 750)]),
    ],
    ids=["1 megapixel, whole", "6 megapixels, at half its size", "12, to look at and for the net"],
)
def test_a_photo_is_decoded_no_more_than_it_takes(
    size: tuple[int, int], decoded: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []
    prepare = ImageFile.ImageFile.load_prepare

    def count(file: ImageFile.ImageFile) -> None:  # Pillow calls it before it decodes
        seen.append(file.size)
        prepare(file)

    monkeypatch.setattr(ImageFile.ImageFile, "load_prepare", count)
    page = drop(jpeg(selfie().resize(size)))
    assert "score" in card(page)
    for name in PARTS[1:]:
        part(page, name)
    assert [found for found in seen if found in (size, *decoded)] == decoded


@pytest.mark.parametrize(("size", "kind"), [((4000, 3000), "JPEG"), ((1700, 1700), "PNG")])
def test_a_photo_has_one_score_wherever_it_is_asked_for(
    size: tuple[int, int], kind: str, tmp_path: Path
) -> None:
    file = io.BytesIO()
    selfie(number=7).resize(size).save(file, kind)
    name, data = "me.jpg", file.getvalue()
    (tmp_path / name).write_bytes(data)
    scorer, gallery = load_scorer(), Gallery.open(store.demo_gallery())
    asked = rest.Query({})
    crops = rest._crop(data, asked, scorer, gallery)
    found = [
        rest._score(data, asked, scorer, gallery)["score"],
        crops["score"],
        rest._advise(data, asked, scorer, gallery)["score"],
        rank_burst([(name, data)], scorer)["score"].iat[0],
        score_files([tmp_path / name], scorer)["score"].iat[0],
        # As a gallery that keeps larger copies asks for it.
        next(score_photos([tmp_path / name], scorer, lambda *_: 0, at_least=1024)).score,
    ]
    assert found == [found[0]] * len(found)
    page = drop((name, data, "image/jpeg"))
    shown = percent(found[0])
    assert shown in card(page)
    frame = shown_by(page, "frame")
    assert [(one["box"], one["score"]) for one in frame["options"]] == [
        ([crop[edge] for edge in ("left", "top", "right", "bottom")], crop["score"])
        for crop in crops["crops"]
    ]
    assert score_before(page) == shown
    assert score_before(part(page, "Advice")) == shown


def test_a_new_photo_takes_the_place_of_the_last() -> None:
    page = drop(jpeg(selfie(), "first.jpg"))
    first = card(page)
    page.file_uploader[0].set_value([jpeg(Image.new("RGB", (300, 200), "tan"))]).run()
    assert not page.exception
    assert card(page) != first
    page.button(key="score_forget").click().run()
    assert not any("score-card" in text.value for text in page.markdown)


def test_a_single_change_that_beats_what_suits_a_photo_is_offered_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    suits = Advice((Step("pale", 0.5),), "Pale", 0.6, 0.02, 0.01, special=True)
    best = Advice((Step("brighten", 0.8),), "Brighten", 0.7, 0.12, 0.13)
    advised = Advised(0.58, (suits, best), best, suits, 9)
    monkeypatch.setattr(advice, "advise_photo", lambda *_, **__: advised)
    page = part(drop(jpeg(selfie())), "Advice")
    cards = [e.proto.body for e in page.get("html") if 'score-advice">' in e.proto.body]
    assert len(cards) == 1


def test_advice_by_a_net_without_maps_searches_crops_exactly(monkeypatch) -> None:
    def search(*args: Any, mode: crops.Mode, **more: Any) -> list[Crop]:
        if mode == "fast":
            raise ModelError("no maps; choose mode exact")
        return suggest_crops(*args, mode="fast", **more)

    monkeypatch.setattr(crops, "suggest_crops", search)
    page = drop(jpeg(selfie()))
    assert "choose mode exact" in page.info[0].value
    assert not part(page, "Advice").info


def test_photos_without_a_place_leave_the_map_as_it_is() -> None:
    gallery = Gallery.open(store.demo_gallery())
    _, whole = place._dots(gallery)
    table = gallery.table.copy()
    table.loc[table.index[gallery.xy[:, 0] > 0.5], "x"] = np.nan
    some = dataclasses.replace(gallery, table=table)
    points, box = place._dots(some)
    assert some.has_map
    assert "nan" not in points + box
    assert points.count("M") < min(len(gallery), place._DOTS)
    assert box.split()[3] <= whole.split()[3]


def test_a_burst_of_none_that_can_be_read_says_so_for_each() -> None:
    page = drop(("a.jpg", b"nothing", "image/jpeg"), ("b.jpg", b"", "image/jpeg"))
    assert "a.jpg: photo can't be read as a picture" in page.warning[0].value
    assert "b.jpg: photo is empty" in page.warning[0].value


@pytest.mark.parametrize("count", [1, 3])
def test_a_gallery_of_very_few_leaves_out_what_it_cannot_show(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "photos").mkdir()
    for number in range(count):
        draw_photo(number).save(tmp_path / "photos" / f"{number}.png")
    folder = tmp_path / "gallery"
    build_gallery(tmp_path / "photos", folder, scorer=load_scorer(), config=BuildConfig(name="Few"))
    monkeypatch.setenv("SELFIE_GALLERY", str(folder))
    page = drop(jpeg(selfie()))
    assert f"of {count + 1} photos" in card(page)
    strip = next(one.proto.body for one in page.get("html") if "score-strip" in one.proto.body)
    shown = [of.split(",") for of in re.findall(r"of=([\d,]+)", strip)]
    assert [len(of) for of in shown] == [12, 25]  # so it is no taller than any other's
    assert set(shown[1]) == {str(row) for row in range(count)}
    for name in PARTS[1:]:
        part(page, name)
    part(page, "Why")
    assert any("too few photos" in caption.value for caption in page.caption)
