"""A photo that is dropped stays in memory: nothing is written from its upload to its download."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
LOADING = 90_000  # ms


def test_no_photo_is_written(page: Page, watched_app: tuple[str, Path]) -> None:
    url, log = watched_app
    page.goto(f"{url}/score?sample=sample-1")  # what is loaded once is loaded now
    expect(page.locator(".st-key-score_crop_file button")).to_be_visible(timeout=LOADING)
    page.locator(".st-key-score_show").get_by_text("Advice", exact=True).click()
    expect(page.locator(".score-best")).to_be_visible(timeout=LOADING)
    before = len(log.read_text("utf-8").splitlines())
    assert before  # the watch is on
    photo, file = np.random.default_rng(1).integers(0, 255, (1200, 900, 3), np.uint8), io.BytesIO()
    Image.fromarray(photo).save(file, "JPEG", quality=95)
    assert len(file.getvalue()) > 1_000_000  # parsers keep smaller ones in memory anyway
    given = {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}
    page.locator("input[type=file]").set_input_files(files=[given])
    expect(page.locator(".score-card")).to_contain_text("No face was found", timeout=LOADING)
    expect(page.locator(".score-best")).to_be_visible(timeout=LOADING)
    with page.expect_download():
        page.locator(".st-key-score_file_advice button").click()
    written = log.read_text("utf-8").splitlines()[before:]
    assert not [path for path in written if path != "/dev/null"]
