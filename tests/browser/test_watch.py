"""A gallery that grows while a visitor looks at it: nothing moves until it is asked to."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from tests.support.served import serve

pytestmark = pytest.mark.browser
PATIENCE = 120_000  # ms: a photo is scored and placed beside all else that runs
PHOTOS = 24


def put(folder: Path, gallery: Gallery, rows: range) -> None:
    for row in rows:
        store.write_bytes(folder / f"{row:03}.webp", gallery.photo(row))


@pytest.fixture(scope="module")
def growing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of an app that watches a folder of photos, and the folder."""
    folder = tmp_path_factory.mktemp("growing")
    photos = folder / "photos"
    photos.mkdir()
    put(photos, Gallery.open(store.demo_gallery()), range(PHOTOS))
    start = "import sys; from selfie_core.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", start, "app", str(folder / "gallery"), "--no-browser"]
    command += ["--watch", str(photos), "--port", "{port}"]
    with serve(command, store.site(), health="/_stcore/health") as url:
        yield url, photos


def test_photos_that_arrive_are_offered_and_the_map_can_be_drawn_anew(
    page: Page, growing: tuple[str, Path]
) -> None:
    url, photos = growing
    page.goto(f"{url}/map")
    said = page.get_by_text(re.compile(r"selfies; those that look alike"))
    expect(said).to_contain_text(f"{PHOTOS} selfies", timeout=PATIENCE)
    page.locator(".st-key-map .map[data-view]").wait_for()
    put(photos, Gallery.open(store.demo_gallery()), range(PHOTOS, PHOTOS + 3))
    offer = page.get_by_role("button", name=re.compile(r"^(refresh)?3 new$"))
    expect(offer).to_be_visible(timeout=PATIENCE)
    expect(said).to_contain_text(f"{PHOTOS} selfies")  # what one looks at stays
    offer.click()
    expect(said).to_contain_text(f"{PHOTOS + 3} selfies")
    expect(page.locator(".st-key-fresh")).to_have_count(0)
    expect(page.get_by_text("3 new since this map was drawn")).to_be_visible()
    page.get_by_role("button", name="Draw it anew").click()
    expect(page.get_by_text("since this map was drawn")).to_have_count(0, timeout=PATIENCE)
    expect(said).to_contain_text(f"{PHOTOS + 3} selfies")
