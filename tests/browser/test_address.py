"""The tab's title, the address and the way back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.map_page import MAP, go_to, settle

pytestmark = pytest.mark.browser
GRID = ".st-key-continuum_continuum_grid"


def leave_for(page: Page, name: str) -> None:
    page.get_by_test_id("stHeader").get_by_role("link", name=name, exact=True).click()


@pytest.fixture
def front(page: Page, app_url: str) -> Page:
    page.goto(app_url)
    page.locator(".st-key-front_grid [data-ready]").wait_for()
    return page


def test_tab_says_which_page_it_is(front: Page) -> None:
    expect(front).to_have_title("Selfie")
    leave_for(front, "Map")
    expect(front).to_have_title("Map · Selfie")
    leave_for(front, "Score yours")
    expect(front).to_have_title("Score yours · Selfie")


def test_back_leaves_a_map_at_once_that_was_moved_and_searched(front: Page) -> None:
    leave_for(front, "Map")
    front.locator(f"{MAP}[data-ready]").wait_for()
    for _ in range(2):
        front.get_by_role("button", name="Zoom in").click()
        settle(front)
        front.wait_for_url(re.compile("view="))
    front.get_by_role("combobox", name="Search photos").fill("mirror")
    front.wait_for_url(re.compile("find=mirror"))
    front.go_back()
    expect(front.get_by_role("heading", name="What does a neural net")).to_be_visible()


def test_what_a_map_keeps_is_not_left_to_the_next_page(page: Page, app_url: str) -> None:
    go_to(page, f"{app_url}/map")
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_timeout(450)  # just after the map says where it is
    leave_for(page, "Continuum")
    page.locator(f"{GRID} [data-ready]").wait_for()
    expect(page).to_have_url(re.compile("/continuum$"))


def test_photo_that_was_closed_is_not_gone_back_to(front: Page) -> None:
    leave_for(front, "Continuum")
    front.locator(f"{GRID} .cell").nth(5).click()
    photo = front.locator(".selfie-photo img")
    photo.wait_for()
    front.go_back()  # closes it
    expect(photo).to_be_hidden()
    front.locator(f"{GRID} .cell").nth(5).click()
    photo.wait_for()
    front.keyboard.press("Escape")
    expect(photo).to_be_hidden()
    expect(front).to_have_url(re.compile("/continuum$"))
    front.go_back()
    expect(front.get_by_role("heading", name="What does a neural net")).to_be_visible()
