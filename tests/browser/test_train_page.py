"""Train your own, as a visitor does it: two piles in, a scorer out, every page ranked by it."""

import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from selfie_core.scorer.scorer import load_scorer

pytestmark = pytest.mark.browser
LOADING = 90_000  # ms


@pytest.fixture(scope="module")
def demo() -> Gallery:
    return Gallery.open(store.demo_gallery())


def ends(gallery: Gallery, factor: str, count: int, folder: Path) -> tuple[list[Path], list[Path]]:
    """Return photos with least and with most of a factor, written into a folder."""
    order = np.argsort(gallery.table[factor].fillna(0.3).to_numpy(), kind="stable")
    low, high = order[: 6 * count : 6], order[-6 * count :: 6]
    for row in (*low, *high):
        (folder / f"{row}.webp").write_bytes(gallery.photo(int(row)))
    return [folder / f"{row}.webp" for row in low], [folder / f"{row}.webp" for row in high]


def scores_on_the_continuum(page: Page) -> list[str]:
    cells = page.get_by_role("group", name=re.compile("240 selfies")).first.get_by_role("button")
    expect(cells).to_have_count(240, timeout=LOADING)
    return [str(cells.nth(n).get_attribute("data-row")) for n in range(12)]


def test_two_piles_become_a_scorer_for_every_page(
    page: Page, app_url: str, demo: Gallery, tmp_path: Path
) -> None:
    page.goto(f"{app_url}/continuum")
    before = scores_on_the_continuum(page)
    page.goto(f"{app_url}/train")
    small, large = ends(demo, "face_height", 30, tmp_path)
    for name, files in (("good", small), ("bad", large)):
        page.locator(f".st-key-train_pile_{name} input[type=file]").set_input_files(
            files, timeout=LOADING
        )
    expect(page.get_by_text("30 good and 30 bad photos")).to_be_visible(timeout=LOADING)
    for name in ("good", "bad"):
        sheet = page.locator(f".st-key-train_pile_{name} .train-sheet")
        sizes = sheet.evaluate_all("lines => lines.map((l) => [l.naturalWidth, l.naturalHeight])")
        assert sizes == [[768, 96], [768, 96]]  # the first 16
    page.get_by_role("button", name="Train", exact=True).click()
    figure = page.locator(".train-verdict .figure")
    expect(figure).to_have_text(re.compile(r"^(9\d|100)$"), timeout=LOADING)
    expect(page.get_by_text("are few")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the scorer").click()
    mine = tmp_path / "mine.safetensors"
    download.value.save_as(mine)
    assert load_scorer(mine).config.facts["base"] == load_scorer().id

    page.get_by_role("button", name="Re-score this gallery").click()
    back = page.get_by_role("button", name="Switch back")
    expect(back).to_be_visible(timeout=LOADING)
    page.get_by_role("link", name=re.compile("See the continuum")).click()
    expect(page).to_have_url(re.compile("/continuum"))
    after = scores_on_the_continuum(page)
    assert after != before
    faces = demo.table["face_height"].to_numpy()
    # The continuum runs from good to bad: small faces first.
    assert np.nanmean(faces[[int(row) for row in after]]) < np.nanmedian(faces)
    page.reload()  # the address knows
    expect(back).to_be_visible(timeout=LOADING)
    assert scores_on_the_continuum(page) == after
    page.goto(re.sub("/continuum", "/score", page.url))
    expect(page.get_by_text("at the chance of lying on your good pile")).to_be_visible(
        timeout=LOADING
    )
    page.goto(f"{app_url}/continuum")  # another visitor sees nothing of it
    assert scores_on_the_continuum(page) == before


def test_switching_back_shows_the_old_ranking(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/continuum")
    before = scores_on_the_continuum(page)
    page.goto(f"{app_url}/train?train_way=This+gallery")
    page.get_by_role("button", name="Train", exact=True).click(timeout=LOADING)
    expect(page.locator(".train-verdict")).to_be_visible(timeout=LOADING)
    page.get_by_role("button", name="Re-score this gallery").click()
    expect(page.get_by_role("button", name="Switch back")).to_be_visible(timeout=LOADING)
    page.get_by_role("link", name=re.compile("See the continuum")).click()
    expect(page).to_have_url(re.compile("/continuum.*own="))
    expect(page.get_by_role("button", name="Switch back")).to_be_visible(timeout=LOADING)
    assert scores_on_the_continuum(page) != before
    page.get_by_role("button", name="Switch back").click()
    expect(page.get_by_role("button", name="Switch back")).to_have_count(0, timeout=LOADING)
    expect(page).not_to_have_url(re.compile("own="))
    page.wait_for_timeout(1000)
    assert scores_on_the_continuum(page) == before


def test_unsafe_zip_is_one_line(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/train?train_way=A+zip+with+a+table")
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("../../up.jpg", b"1")
    page.locator("input[type=file]").set_input_files(
        files=[{"name": "mine.zip", "mimeType": "application/zip", "buffer": data.getvalue()}],
        timeout=LOADING,
    )
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_test_id("stAlert")).to_contain_text("outside itself", timeout=LOADING)
    expect(page.get_by_test_id("stException")).to_have_count(0)
