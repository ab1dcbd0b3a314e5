"""Under the hood, as a visitor goes through it: step, hover, choose a filter, send a photo."""

import io
import re
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned import layers
from selfie_core.scorer.scorer import load_scorer

pytestmark = pytest.mark.browser
LOADING = 90_000  # ms: the first visitor has the net opened


@pytest.fixture
def network(page: Page, app_url: str) -> Page:
    page.goto(f"{app_url}/network")
    expect(page.get_by_role("tab", name="Stage 3")).to_be_visible(timeout=LOADING)
    return page


def shares(page: Page) -> list[float]:
    """Return left, top, right, bottom of the square on the photo, as shares of the photo."""
    page.wait_for_timeout(300)
    box = page.locator(".box").bounding_box()
    frame = page.locator(".frame").bounding_box()
    assert box
    assert frame
    x, y, side = frame["x"], frame["y"], frame["width"]
    edges = (box["x"] - x, box["y"] - y, box["x"] + box["width"] - x, box["y"] + box["height"] - y)
    return [edge / side for edge in edges]


def test_square_on_the_photo_is_the_receptive_field(network: Page) -> None:
    layer = layers.open_net(load_scorer()).layer("stage 3")
    assert layer is not None
    network.get_by_role("tab", name="Stage 3").click()
    tile = network.locator(".tile").first
    tile.hover()  # waits until it no longer grows
    size = tile.bounding_box()
    assert size
    cell = size["width"] / layer.side
    tile.hover(position={"x": 9.5 * cell, "y": 6.5 * cell})
    wanted = [edge / 128 for edge in layer.field.box(6, 9)]
    assert shares(network) == pytest.approx(wanted, abs=0.02)


def test_tile_leads_to_the_patches_that_excite_it(network: Page) -> None:
    network.get_by_role("tab", name="Stage 2").click()
    tile = network.locator(".tile").nth(4)
    unit = tile.get_attribute("data-unit")
    tile.click()
    heading = network.get_by_role("heading", name=f"What excites channel {unit} of stage 2")
    expect(heading).to_be_visible(timeout=LOADING)
    expect(network).to_have_url(re.compile(rf"layer=stage\+2&unit={unit}"))
    patches = network.get_by_role("group", name="24 patches").get_by_role("button")
    expect(patches).to_have_count(24, timeout=LOADING)
    network.reload()
    expect(patches).to_have_count(24, timeout=LOADING)
    expect(network.get_by_role("tab", name="Stage 2")).to_have_attribute("aria-selected", "true")
    patches.first.click()
    expect(network).to_have_url(re.compile(r"[?&]id=[0-9a-f]{12}"))


def test_play_goes_from_photo_to_score_and_its_terms_add_up(network: Page) -> None:
    network.get_by_role("tab", name="Stage 7").click()
    network.get_by_role("button", name="Play").click()
    expect(network.get_by_role("button", name="Pause")).to_be_visible()
    expect(network.get_by_role("tab", name="Score")).to_have_attribute(
        "aria-selected", "true", timeout=LOADING
    )
    expect(network.get_by_role("button", name="Play")).to_be_visible(timeout=LOADING)
    words = network.locator(".sum .term b").all_inner_texts()
    up, down, bias, logit, _, _ = (text.replace("−", "-").rstrip(" %") for text in words)
    assert float(up) + float(down) + float(bias) == pytest.approx(float(logit), abs=0.002)


def test_arrow_keys_step_through_the_layers(network: Page) -> None:
    network.get_by_role("tab", name="Stem").click()
    network.keyboard.press("ArrowRight")
    expect(network.get_by_role("tab", name="Stage 1")).to_be_focused()
    expect(network.get_by_role("tab", name="Stage 1")).to_have_attribute("aria-selected", "true")
    network.keyboard.press("End")
    expect(network.locator(".sum")).to_be_visible()


def test_upload_goes_through_the_net_with_its_own_score(network: Page) -> None:
    gallery = Gallery.open(store.demo_gallery())
    file = io.BytesIO()
    with Image.open(BytesIO(gallery.photo(int(gallery.best_first[0])))) as photo:
        photo.convert("RGB").save(file, "PNG")
        score = float(load_scorer()([photo.convert("RGB")])[0])
    upload = network.locator("input[type=file]")
    upload.set_input_files(
        files=[{"name": "me.png", "mimeType": "image/png", "buffer": file.getvalue()}]
    )
    tab = network.get_by_role("tab", name="Score")
    expect(tab).to_contain_text(f"{100 * score:.1f} %", timeout=LOADING)


def test_broken_upload_is_one_line(network: Page) -> None:
    upload = network.locator("input[type=file]")
    upload.set_input_files(files=[{"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"no"}])
    expect(network.get_by_test_id("stAlert")).to_contain_text(
        "x.jpg: photo can't be read as a picture"
    )
    expect(network.get_by_test_id("stException")).to_have_count(0)
