"""Small, odd and damaged galleries: the map still opens, and says what is missing."""

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from selfie_core.base import store
from selfie_core.gallery.build import build_gallery
from selfie_core.gallery.gallery import Gallery
from tests.support.drawn import BrightnessScorer, draw_photo
from tests.support.galleries import change_table
from tests.support.map_page import (
    MAP,
    PANEL,
    SHOWN,
    STAGE,
    fact,
    go_to,
    place_of,
    settle,
    wait_for,
)

pytestmark = pytest.mark.browser

Put = Callable[..., Gallery]


@pytest.fixture
def put(changing_app: tuple[str, Path], brightness_scorer: BrightnessScorer, tmp_path: Path) -> Put:
    """Puts a gallery of some drawn photos in the place of the app's; `spoil` may damage it."""
    folder = changing_app[1]

    def make(count: int, *, spoil: Callable[[Path], None] | None = None) -> Gallery:
        photos = tmp_path / f"photos-{count}"
        photos.mkdir()
        for number in range(count):
            draw_photo(number % 8, size=(96 + number, 96)).save(photos / f"photo-{number}.png")
        built = tmp_path / f"built-{count}"
        build_gallery(photos, built, scorer=brightness_scorer)
        if spoil:
            spoil(built)
        facts = store.read_json(built / "gallery.json")
        (built / "gallery.json").write_text(json.dumps(facts | {"name": tmp_path.name}))
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(built, folder)
        return Gallery.open(folder)

    return make


@pytest.fixture
def url(changing_app: tuple[str, Path]) -> str:
    return f"{changing_app[0]}/map"


@pytest.mark.parametrize("count", [1, 2, 10])
def test_few_photos_have_a_map(page: Page, url: str, put: Put, count: int) -> None:
    put(count)
    go_to(page, url)
    wait_for(page, "shown", f"^{count}$")
    wait_for(page, "images-shown", "[1-9]")


def test_two_photos_on_one_spot_can_both_be_opened(page: Page, url: str, put: Put) -> None:
    put(
        2,
        spoil=lambda folder: change_table(
            folder, lambda table: table.assign(x=np.float32(0.5), y=np.float32(0.5))
        ),
    )
    go_to(page, url)
    page.mouse.click(*place_of(page, 0.5, 0.5))
    page.locator(f"{PANEL} .neighbour").click()
    opened = fact(page, "selfie")
    page.locator(f"{PANEL} .neighbour").click()
    wait_for(page, "selfie", f"^{1 - int(opened)}$")


def test_photos_without_a_place_are_left_out_and_said(page: Page, url: str, put: Put) -> None:
    def lose_two(table: pd.DataFrame) -> pd.DataFrame:
        table.loc[[1, 4], ["x", "y"]] = np.nan
        return table

    put(10, spoil=lambda folder: change_table(folder, lose_two))
    go_to(page, url)
    wait_for(page, "shown", "^8$")
    expect(page.locator(f"{MAP} .shown-count")).to_have_text("8 of 10 shown")


def test_no_photo_with_a_place_is_one_line(page: Page, url: str, put: Put) -> None:
    put(
        3,
        spoil=lambda folder: change_table(
            folder, lambda table: table.assign(x=np.float32("nan"), y=np.float32("nan"))
        ),
    )
    page.goto(url, wait_until="commit")
    expect(page.locator(".stAlert")).to_contain_text("selfie build")


def test_truncated_atlas_costs_no_photo(page: Page, url: str, put: Put) -> None:
    def cut(folder: Path) -> None:
        [pack] = folder.glob("segments/*/small.bin")
        data, size = pack.read_bytes(), len(Gallery.open(folder).atlas(0))
        pack.write_bytes(data[:200] + bytes(size - 200) + data[size:])

    gallery = put(10, spoil=cut)
    go_to(page, url)
    zoom = page.get_by_role("button", name="Zoom in")
    for _ in range(3):
        zoom.click()
    settle(page)
    page.locator(STAGE).focus()
    page.keyboard.press("ArrowRight")
    wait_for(page, "hover-row", r"\d")
    row = int(fact(page, "hover-row"))
    image = page.locator(f"{SHOWN} img")
    image.wait_for()
    body = page.request.get(image.evaluate("image => image.src")).body()
    assert Image.open(io.BytesIO(body)).size == (128, 128)
    assert body == gallery.thumb(row)


def test_names_are_text_and_never_run(page: Page, url: str, put: Put) -> None:
    bad = '<img src=x onerror="window.ran=1"><script>window.ran=1</script>'
    words = [bad, "plain"] * 5
    put(
        10,
        spoil=lambda folder: change_table(
            folder, lambda table: table.assign(file=bad, user=bad, kind=words)
        ),
    )
    go_to(page, url)
    page.get_by_label("Colour by").select_option(value="kind")
    expect(page.locator(f"{MAP} .chips")).to_contain_text(bad)
    page.get_by_role("combobox", name="Search photos").fill("<script>")
    wait_for(page, "group", "^10$")
    page.locator(f"{PANEL} .ranked-cell").first.click()
    expect(page.locator(f"{PANEL} .selfie-facts")).to_contain_text(bad)
    assert page.evaluate("window.ran") is None


def test_script_that_does_not_arrive_is_one_line(page: Page, url: str, put: Put) -> None:
    put(3)
    page.route("**/parts/pointer.js", lambda route: route.fulfill(status=404))
    page.goto(url, wait_until="commit")
    expect(page.get_by_text("This part of the page did not arrive")).to_be_visible()


def test_all_alike_photos_have_a_map(page: Page, url: str, put: Put) -> None:
    put(
        10,
        spoil=lambda folder: change_table(
            folder, lambda table: table.assign(score=0.5, percentile=50.0)
        ),
    )
    go_to(page, url)
    page.locator(STAGE).focus()
    page.keyboard.press("ArrowRight")
    wait_for(page, "hover-row", r"\d")
