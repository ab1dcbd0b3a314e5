"""The celebrities as a visitor meets them: ranked, with all photos of a name, with credits."""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from selfie_core.gallery.celebrities import build_celebrities
from tests.support.drawn import BrightnessScorer, draw_photo

pytestmark = pytest.mark.browser
GRID = ".st-key-celebrities_grid"
PAGE = "https://commons.wikimedia.org/wiki/File:Ada.jpg"


@pytest.fixture(scope="module")
def named_app(tmp_path_factory: pytest.TempPathFactory, serving) -> Iterator[str]:
    """An app with three names, five photos and the credits of one."""
    photos: Path = tmp_path_factory.mktemp("named")
    for file, number in (("ada", 7), ("ada-2", 1), ("bruno", 6), ("bruno-2", 5), ("cleo", 2)):
        draw_photo(number).save(photos / f"{file}.png")
    pd.DataFrame(
        {
            "file": ["ada.png"], "name": ["Ada"], "author": ["Ann <b>& Sons</b>"],
            "licence": ["CC BY 4.0"], "page": [PAGE],
            "licence_url": ["https://creativecommons.org/licenses/by/4.0"],
        }
    ).to_csv(photos / "photos.csv", index=False)  # fmt: skip
    weights = tmp_path_factory.mktemp("scorer") / "brightness.safetensors"
    weights.write_bytes(b"no weights")
    out = tmp_path_factory.mktemp("built") / "stars"
    build_celebrities(photos, out, scorer=BrightnessScorer(weights))
    with serving(SELFIE_CELEBRITIES=str(out)) as url:
        yield url


def names(page: Page) -> list[str]:
    page.locator(f"{GRID} [data-ready]").wait_for()
    return page.locator(f"{GRID} .caption b").all_inner_texts()


def test_celebrities_fall_from_best_to_worst_and_open(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/celebrities")
    shown = names(page)
    scores = page.locator(f"{GRID} .caption span").all_inner_texts()
    numbers = [float(score.removesuffix(" %")) for score in scores]
    assert numbers == sorted(numbers, reverse=True)
    page.locator(f"{GRID} .cell").first.click()
    expect(page.locator(".selfie-name")).to_have_text(shown[0])


def test_mean_of_all_photos_turns_the_order_and_lives_in_the_address(
    page: Page, named_app: str
) -> None:
    page.goto(f"{named_app}/celebrities")
    assert names(page) == ["Ada", "Bruno", "Cleo"]
    page.get_by_role("radio", name="Mean of all").click()
    expect(page.locator(f"{GRID} .caption b").first).to_have_text("Bruno")
    expect(page).to_have_url(re.compile("celebrities_by=Mean"))


def test_hover_says_the_spread_of_a_name(page: Page, named_app: str) -> None:
    page.goto(f"{named_app}/celebrities")
    page.locator(f"{GRID} [data-ready]").wait_for()
    page.locator(f"{GRID} .cell").first.hover()
    note = page.locator(f"{GRID} .card:popover-open .better")
    expect(note).to_have_text(re.compile(r"^2 photos: \d+\.\d % to \d+\.\d %, mean \d+\.\d %$"))
    ranges = page.locator(f"{GRID} .spread i")
    expect(ranges).to_have_count(2)  # Cleo has one photo, hence no range
    assert all(box["width"] > 3 for box in (r.bounding_box() for r in ranges.all()) if box)


def test_credit_stands_under_the_picture_and_in_the_opened_photo(
    page: Page, named_app: str
) -> None:
    page.goto(f"{named_app}/celebrities")
    page.locator(f"{GRID} [data-ready]").wait_for()
    credit = page.locator(f"{GRID} .credit")
    expect(credit).to_have_count(1)
    expect(credit).to_have_text("Ann <b>& Sons</b>, CC BY 4.0")
    links = [link.get_attribute("href") for link in credit.locator("a").all()]
    assert links == [PAGE, "https://creativecommons.org/licenses/by/4.0"]
    page.locator(f"{GRID} .cell").first.click()
    expect(page.locator(".selfie-credit")).to_have_text("Ann <b>& Sons</b>, CC BY 4.0")
    expect(page.locator(".selfie-credit a").first).to_have_attribute("href", PAGE)
    expect(page.locator(".st-key-detail_same .cell")).to_have_count(1)


def test_sheet_and_table_download(page: Page, named_app: str) -> None:
    page.goto(f"{named_app}/celebrities")
    page.get_by_test_id("stPopoverButton").filter(has_text="Download").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Table of names").click()
    table = pd.read_csv(download.value.path())
    assert table["name"].tolist() == ["Ada", "Bruno", "Cleo"]
    assert table["photos"].tolist() == [2, 2, 1]
    with page.expect_download() as download:
        page.get_by_role("button", name="Ranked sheet").click()
    with Image.open(download.value.path()) as sheet:
        assert sheet.width == 3 * (192 + 24) + 24


def test_dropped_photos_are_ranked_by_name_and_leave_again(
    page: Page, app_url: str, tmp_path: Path
) -> None:
    for file, number in (("ada-vale.png", 7), ("ada-vale-2.png", 1), ("bo.jpg", 6)):
        draw_photo(number).save(tmp_path / file)
    (tmp_path / "notes.txt").write_text("no photo")
    (tmp_path / ".DS_Store").write_text("a system's")
    page.goto(f"{app_url}/celebrities")
    page.get_by_role("button", name="Rank your own").click()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        [path for path in tmp_path.iterdir() if path.suffix != ""]
    )
    cells = page.locator(".own-names li")
    expect(cells).to_have_count(2)
    assert {text[3:] for text in cells.locator("b").all_inner_texts()} == {"Ada Vale", "Bo"}
    expect(page.get_by_role("heading", name="2 names, 3 photos")).to_be_visible()
    refused = page.get_by_test_id("stAlert")
    expect(refused).to_have_count(1)
    expect(refused).to_contain_text("notes.txt")
    page.get_by_role("button", name="Back", exact=True).click()
    page.locator(f"{GRID} [data-ready]").wait_for()
    expect(cells).to_have_count(0)


def test_folder_has_a_folder_per_name(page: Page, app_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "stars"
    for name, number in (("Ada Vale", 7), ("Bo", 6)):
        (folder / name).mkdir(parents=True)
        draw_photo(number).save(folder / name / "one.png")
    (folder / "Bo" / "Thumbs.db").write_text("a system's")
    page.goto(f"{app_url}/celebrities")
    page.get_by_role("button", name="Rank your own").click()
    page.get_by_role("radio", name="A folder").click()
    page.locator("input[webkitdirectory]").set_input_files(folder)
    cells = page.locator(".own-names li")
    expect(cells).to_have_count(2)
    assert {text[3:] for text in cells.locator("b").all_inner_texts()} == {"Ada Vale", "Bo"}
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_phone_shows_no_more_than_its_width(page: Page, named_app: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{named_app}/celebrities")
    page.locator(f"{GRID} [data-ready]").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
