"""Score yours, as a visitor does it: drop a photo, read the score, take a crop home."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from selfie_core import store
from selfie_core.gallery import Gallery

pytestmark = pytest.mark.browser
LOADING = 90_000  # ms: the first photo loads the nets


@pytest.fixture
def upload(page: Page, app_url: str):
    page.goto(f"{app_url}/score")

    def give(name: str, data: bytes) -> None:
        file = {"name": name, "mimeType": "image/jpeg", "buffer": data}
        page.locator("input[type=file]").set_input_files(files=[file], timeout=LOADING)

    return give


def portrait() -> bytes:
    """A photo higher than wide, with the name of a camera in its EXIF."""
    gallery = Gallery.open(store.demo_gallery())
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "A camera"
    with Image.open(gallery.photo_path(int(gallery.best_first[0]))) as photo:
        upright = photo.convert("RGB").resize((600, 600)).crop((60, 0, 540, 600))
    upright.save(file, "JPEG", exif=exif)
    return file.getvalue()


def test_upload_is_scored_and_its_crop_comes_home(page: Page, upload, tmp_path: Path) -> None:
    upload("me.jpg", portrait())
    ring = page.locator(".score-ring")
    expect(ring).to_contain_text(re.compile(r"\d\d?\.\d %"), timeout=LOADING)
    expect(page.locator(".score-card")).to_contain_text("of this gallery")
    expect(page.locator(".score-card")).to_contain_text("squashed")
    button = page.get_by_role("button", name="Download").first
    expect(button).to_be_visible(timeout=LOADING)
    expect(page.locator(".score-frame")).not_to_have_count(0)
    with page.expect_download() as download:
        button.click()
    assert download.value.suggested_filename == "me-crop-1.jpg"
    download.value.save_as(tmp_path / "crop.jpg")
    with Image.open(tmp_path / "crop.jpg") as crop:
        assert crop.format == "JPEG"
        assert crop.width == crop.height
        assert 0.4 * 480 - 1 <= crop.width <= 480
        assert not crop.getexif()
    assert ring.is_visible()


def test_result_stays_while_the_face_is_let_go(page: Page, upload) -> None:
    upload("me.jpg", portrait())
    score = page.locator(".score-ring b")
    expect(page.get_by_role("button", name="Download").first).to_be_visible(timeout=LOADING)
    before = score.inner_text()
    page.get_by_text("Keep the face").click()
    expect(page.locator(".st-key-score_keep_face input")).not_to_be_checked()
    expect(page.get_by_role("button", name="Download").first).to_be_visible(timeout=LOADING)
    assert score.inner_text() == before


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("broken.jpg", b"\xff\xd8\xff\xe0 no photo", "damaged"),
        ("letter.jpg", b"Dear net, how good is mine?", "no picture"),
        ("empty.jpg", b"", "empty"),
    ],
)
def test_broken_file_is_one_clear_line(page: Page, upload, name, data, words) -> None:
    upload(name, data)
    alert = page.get_by_test_id("stAlert")
    expect(alert).to_contain_text(f"{name}: photo", timeout=LOADING)
    expect(alert).to_contain_text(words)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    upload("me.jpg", portrait())
    expect(page.locator(".score-ring")).to_be_visible(timeout=LOADING)
    expect(alert).to_have_count(0)


def test_photo_too_small_to_crop_is_scored_all_the_same(page: Page, upload) -> None:
    file = io.BytesIO()
    Image.new("RGB", (40, 50), "tan").save(file, "PNG")
    upload("tiny.png", file.getvalue())
    expect(page.locator(".score-ring")).to_be_visible(timeout=LOADING)
    expect(page.get_by_test_id("stAlert")).to_contain_text("40x50 pixels; crops need at least 64")


def test_click_on_a_sample_is_scored_and_kept_in_the_address(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/score")
    page.get_by_role("button", name="Sample photo 2").click(timeout=LOADING)
    expect(page.locator(".score-ring")).to_be_visible(timeout=LOADING)
    expect(page).to_have_url(re.compile(r"\?sample="))
    page.reload()
    expect(page.locator(".score-ring")).to_be_visible(timeout=LOADING)


def test_click_on_a_neighbour_opens_it_and_the_answer_stays(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/score")
    page.get_by_role("button", name="Sample photo 1").click(timeout=LOADING)
    expect(page.get_by_role("button", name="Download").first).to_be_visible(timeout=LOADING)
    page.get_by_role("group", name=re.compile("selfies")).get_by_role("button").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".score-ring")).to_be_visible()
