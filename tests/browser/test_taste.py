"""Your taste, as a visitor plays it: pairs, what they say, the wall, every page, a friend."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from selfie_core.scorer.checkpoint import read_config

pytestmark = pytest.mark.browser
PHOTOS = ".taste .photo img"
LOADING = 90_000  # ms


@pytest.fixture(scope="module")
def light() -> np.ndarray:
    return Gallery.open(store.demo_gallery()).table["brightness"].to_numpy()


def shown(page: Page) -> list[int]:
    found = page.locator(PHOTOS).evaluate_all("all => all.map((one) => one.src)")
    return [int(address.rpartition("/")[2]) for address in found]


def play(page: Page, light: np.ndarray, *, pairs: int = 30) -> None:
    page.locator(PHOTOS).first.wait_for(timeout=LOADING)
    expect(page.locator(PHOTOS).first).to_have_attribute("src", re.compile("/photo/"))
    for _ in range(pairs):
        left, right = shown(page)
        page.keyboard.press("ArrowLeft" if light[left] > light[right] else "ArrowRight")


def test_thirty_choices_become_words_a_wall_and_a_scorer(
    page: Page, app_url: str, light: np.ndarray, tmp_path: Path
) -> None:
    page.goto(f"{app_url}/taste?pairs=4242")
    play(page, light, pairs=3)
    first = shown(page)
    page.keyboard.press("ArrowDown")  # can't say
    expect(page.get_by_text("4 of 30")).to_be_visible()
    assert shown(page) != first
    page.keyboard.press("ArrowUp")  # undo
    expect(page.get_by_text("3 of 30")).to_be_visible()
    assert shown(page) == first
    boxes = [page.locator(".taste .photo").nth(n).bounding_box() for n in (0, 1)]
    play(page, light, pairs=4)
    assert [page.locator(".taste .photo").nth(n).bounding_box() for n in (0, 1)] == boxes
    page.goto(f"{app_url}/guess")  # closed half way
    page.locator(".photo img").first.wait_for(timeout=LOADING)
    page.goto(f"{app_url}/taste?pairs=4242")
    expect(page.get_by_text("7 of 30")).to_be_visible(timeout=LOADING)
    play(page, light, pairs=23)

    expect(page.get_by_text("Of two photos you take the brighter photo")).to_be_visible(
        timeout=LOADING
    )
    expect(page.get_by_text(re.compile(r"It foretold 2\d of 26 of your choices"))).to_be_visible()
    expect(page.get_by_text("you chose the same photo in 4.")).to_be_visible()
    expect(page.get_by_role("img", name="96 photos, best first, in your order")).to_be_visible()
    tiles = page.locator(".cells img[style]").evaluate_all(
        "all => all.map((one) => [one.src, one.style.getPropertyValue('--at')])"
    )
    by_place = sorted((int(at), int(src.rpartition("/")[2])) for src, at in tiles)
    mine = light[[row for _, row in by_place]]
    assert mine[:24].mean() > mine[-24:].mean() + 0.15
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the scorer").click()
    download.value.save_as(tmp_path / "mine.safetensors")
    facts = read_config(tmp_path / "mine.safetensors").facts
    assert facts["data"] == "30 choices between two photos"

    page.get_by_role("button", name="Challenge a friend").click()
    link = page.get_by_text(re.compile(r"\?pairs=4242&of=\w+&friend=[01]{30}")).inner_text()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Re-score this gallery").click()
    said = page.get_by_text("learned from 30 choices between two photos")
    expect(said.first).to_be_visible(timeout=LOADING)

    page.evaluate("localStorage.clear()")  # a friend opens the link
    page.goto(link.strip().replace("of=", "of=another"))
    stale = "Your friend's link is of a gallery that is no longer open here"
    expect(page.get_by_text(stale)).to_be_visible(timeout=LOADING)
    expect(page.get_by_text("From your choices the net learns")).to_be_visible()
    expect(page.get_by_text("A friend asks")).to_have_count(0)
    page.goto(link.strip())
    expect(page.get_by_text("A friend asks you the same pairs")).to_be_visible(timeout=LOADING)
    play(page, -light)
    expect(page.get_by_text("you chose the same photo in 0;")).to_be_visible(timeout=LOADING)
    expect(page.get_by_text("Of two photos your friend takes the brighter photo")).to_be_visible()
    expect(page.get_by_text("Of two photos you take the darker photo")).to_be_visible()
    expect(page.locator(".taste-differ figure")).to_have_count(6)


def test_who_always_takes_the_upper_photo_is_told_of_no_taste(phone: Page, app_url: str) -> None:
    phone.goto(f"{app_url}/taste?pairs=7")
    upper = phone.locator(".taste .photo").first
    upper.wait_for(timeout=LOADING)
    lower = phone.locator(".taste .photo").nth(1).bounding_box()
    button = phone.get_by_role("button", name="Can’t say").bounding_box()
    assert lower
    assert button
    assert lower["width"] > 340  # below each other, and all of it in sight
    assert button["y"] + button["height"] < 844
    for _ in range(30):
        upper.tap()
    expect(phone.get_by_text("No taste yet")).to_be_visible(timeout=LOADING)
    expect(phone.get_by_text("you chose the same photo in 0.")).to_be_visible()
    expect(phone.get_by_text("Of two photos you take")).to_have_count(0)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_photos_dropped_in_are_chosen_between(page: Page, app_url: str, tmp_path: Path) -> None:
    page.goto(f"{app_url}/taste")
    page.get_by_text("Your photos", exact=True).click()
    gallery = Gallery.open(store.demo_gallery())
    photos = [tmp_path / f"{row}.webp" for row in range(4)]
    for row, path in enumerate(photos):
        path.write_bytes(gallery.photo(row))
    drop = page.locator(".st-key-taste_drop input[type=file]")
    drop.set_input_files(photos[:1], timeout=LOADING)
    expect(page.get_by_text("1 photo that can be shown; wanted two or more")).to_be_visible(
        timeout=LOADING
    )
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no photo")
    drop.set_input_files([*photos, broken], timeout=LOADING)
    expect(page.get_by_text("broken.jpg:")).to_be_visible(timeout=LOADING)
    image = page.locator(PHOTOS).first
    expect(image).to_have_attribute("src", re.compile("^data:image"), timeout=LOADING)
    left = page.get_by_role("button", name="I prefer the left photo")
    for _ in range(3):
        left.click()
    page.get_by_role("link", name="Could you tell?").click()
    expect(page.get_by_role("heading", name="Could you tell?")).to_be_visible(timeout=LOADING)
    page.locator(".root:not(.taste) .photo img").first.wait_for(timeout=LOADING)
    page.go_back()
    expect(image).to_have_attribute("src", re.compile("/photo/"), timeout=LOADING)
    state = page.get_by_test_id("stApp")  # a run that isn't over may drop a click
    expect(state).to_have_attribute("data-test-script-state", "notRunning", timeout=LOADING)
    page.get_by_text("Your photos", exact=True).click()
    expect(page.get_by_text("3 more, and you see what you like")).to_be_visible(timeout=LOADING)
    for _ in range(3):  # every pair there is
        left.click()
    expect(page.get_by_text("No taste yet")).to_be_visible(timeout=LOADING)
