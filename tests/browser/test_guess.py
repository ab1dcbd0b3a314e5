"""The guessing game as a visitor plays it."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
PHOTOS = ".photo img"


def photos(page: Page) -> list[str]:
    page.locator(PHOTOS).first.wait_for()
    expect(page.locator(PHOTOS).first).to_have_attribute("src", re.compile("/photo/"))
    return [image.get_attribute("src") or "" for image in page.locator(PHOTOS).all()]


def play(page: Page, side: str, *, rounds: int = 10) -> None:
    for place in range(rounds):
        expect(page.locator(".dots i").nth(place)).to_have_class("now")
        page.keyboard.press(f"Arrow{side}")  # chooses
        expect(page.locator(".verdict").first).to_have_text(re.compile("^(good|bad); the net says"))
        page.keyboard.press(f"Arrow{side}")  # goes on


def test_arrow_keys_play_a_game_to_its_result(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/guess?game=7")
    photos(page)
    play(page, "Left")
    right = page.locator(".dots .right").count()
    expect(
        page.get_by_text(re.compile(rf"You told {right} of 10 right, the net \d+"))
    ).to_be_visible()
    expect(page.locator(".share-words span").first).to_have_text(
        re.compile(rf"{right} of 10; \d+ to \d+ %")
    )
    expect(page.locator(".guess-review figure")).to_have_count(10)
    expect(page.locator(".guess-review figcaption span.yes", has_text="you")).to_have_count(right)
    expect(page.get_by_text("The post of 2015 reports 60 %")).to_be_visible()


def test_other_side_is_right_where_this_one_is_wrong(page: Page, app_url: str) -> None:
    counts = []
    for side in ("Left", "Right"):
        page.goto(f"{app_url}/guess?game=11")
        photos(page)
        play(page, side)
        expect(page.locator(".guess-review figure")).to_have_count(10)
        counts.append(page.locator(".dots .right").count())
    assert sum(counts) == 10


def test_link_gives_the_same_pairs_and_a_new_game_others(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/guess?game=7")
    first = photos(page)
    page.reload()
    assert photos(page) == first
    page.get_by_role("button", name="New game").click()
    expect(page).not_to_have_url(re.compile("game=7$"))
    expect(page.locator(PHOTOS).first).not_to_have_attribute("src", first[0])


def test_finger_plays_and_the_photos_stand_side_by_side(phone: Page, app_url: str) -> None:
    phone.goto(f"{app_url}/guess?game=7")
    photos(phone)
    left, right = (phone.locator(".photo").nth(n).bounding_box() for n in (0, 1))
    assert left
    assert right
    assert abs(left["y"] - right["y"]) < 2
    assert left["width"] > 150
    phone.locator(".photo").first.tap()
    expect(phone.locator(".photo.chosen")).to_have_count(1)
    expect(phone.locator(".dots .right, .dots .wrong")).to_have_count(1)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
