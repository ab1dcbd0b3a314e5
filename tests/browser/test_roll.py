"""Best of my roll, as a visitor sees it: photos in, keepers by a threshold, stars to take along."""

import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image, ImageEnhance
from playwright.sync_api import Page, expect

from selfie_core.base import store
from selfie_core.photo.sidecar import Mark, marked

pytestmark = pytest.mark.browser
LOADING = 90_000  # ms


@pytest.fixture(scope="module")
def roll(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two moments of three and of two photos, one alone, a broken one, and one that has stars."""
    folder = tmp_path_factory.mktemp("roll")
    for number, variants in ((1, 3), (2, 2), (3, 1)):
        with Image.open(store.sample_photos() / f"sample-{number}.jpg") as photo:
            for variant in range(variants):
                light = ImageEnhance.Brightness(photo.convert("RGB")).enhance(1 - 0.25 * variant)
                light.save(folder / f"{number}-{variant}.jpg")
    (folder / "broken.jpg").write_bytes(b"none")
    theirs = marked(None, Mark(2)).replace(b"selfie:ns:picks", b"another:ns")
    (folder / "3-0.jpg.xmp").write_bytes(theirs)
    return folder


def downloaded(page: Page, name: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=name).click()
    return Path(download.value.path()).read_bytes()


def test_roll_becomes_keepers_a_sheet_a_table_and_stars(page: Page, app_url: str, roll) -> None:
    page.goto(f"{app_url}/roll")
    place = page.locator("input[type=file]")
    place.wait_for(state="attached", timeout=LOADING)
    place.set_input_files(sorted(roll.iterdir()))
    expect(page.get_by_text("7 photos, 3 moments:")).to_be_visible(timeout=LOADING)
    expect(page.get_by_text("broken.jpg: photo can't be read")).to_be_visible()
    page.get_by_role("slider").focus()
    page.keyboard.press("Home")
    expect(page.get_by_role("heading", name="3 to keep")).to_be_visible()
    keepers = page.locator(".st-key-roll_keep .shot")
    expect(keepers).to_have_count(3)
    expect(keepers.filter(has_text="best of 3: ")).to_have_count(1)
    land = page.get_by_role("img", name="Where 6 photos land on the map")
    expect(land.locator("circle")).to_have_count(6)

    table = pd.read_csv(io.BytesIO(downloaded(page, "Table"))).set_index("file")
    assert table["keep"].sum() == 3
    with Image.open(io.BytesIO(downloaded(page, "Contact sheet"))) as sheet:
        assert sheet.width > 3 * 176
    stars = zipfile.ZipFile(io.BytesIO(downloaded(page, "Stars for your library")))
    assert set(stars.namelist()) == {f"{file}.xmp" for file in table.index
                                     if file not in ("broken.jpg", "3-0.jpg")}  # fmt: skip
    assert f'xmp:Rating="{table.loc["1-0.jpg", "stars"]}"'.encode() in stars.read("1-0.jpg.xmp")

    page.get_by_role("slider").focus()
    page.keyboard.press("End")
    expect(page.get_by_role("heading", name="0 to keep")).to_be_visible()
    expect(page.get_by_role("button", name="Contact sheet")).to_have_count(0)
    page.get_by_role("button", name="Other photos").click()
    expect(place).to_be_attached()


def test_one_photo_is_no_roll(page: Page, app_url: str, roll) -> None:
    page.goto(f"{app_url}/roll")
    place = page.locator("input[type=file]")
    place.wait_for(state="attached", timeout=LOADING)
    place.set_input_files(roll / "1-0.jpg")
    expect(page.get_by_text("1 photos; wanted 2 to 2,000 at once")).to_be_visible(timeout=LOADING)
