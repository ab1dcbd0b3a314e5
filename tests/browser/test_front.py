"""The front page and the way through the pages."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
WALL = ".st-key-front_grid"


@pytest.fixture
def front(page: Page, app_url: str) -> Page:
    page.goto(app_url)
    page.locator(f"{WALL} [data-ready]").wait_for()
    return page


def test_first_screen_says_what_this_is_and_offers_three_ways_in(front: Page) -> None:
    expect(front.get_by_role("heading", name="What does a neural net")).to_be_in_viewport()
    for way in ("Browse the grids", "Look around the map", "Score your own"):
        expect(front.get_by_role("link", name=way)).to_be_in_viewport()
    expect(front.get_by_text("says nothing about the person")).to_be_in_viewport()
    expect(front.locator(f"{WALL} .cell")).to_have_count(120)


@pytest.mark.parametrize(
    ("way", "address", "title"),
    [
        ("Browse the grids", "/continuum", "From best to worst"),
        ("Look around the map", "/map", "Map"),
        ("Score your own", "/score", "Score yours"),
    ],
)
def test_each_way_leads_there_by_mouse_and_by_key(
    front: Page, way: str, address: str, title: str
) -> None:
    card = front.locator("[class*=st-key-front_way_]").filter(has_text=way)
    card.click(position={"x": 80, "y": 60})  # on the picture: the whole card is the link
    expect(front).to_have_url(re.compile(f"{address}$"))
    expect(front.get_by_role("heading", name=title, exact=True)).to_be_visible()
    front.locator(".st-key-brand a").click()
    expect(front.get_by_role("heading", name="What does a neural net")).to_be_visible()
    front.get_by_role("link", name=way).focus()
    front.keyboard.press("Enter")
    expect(front).to_have_url(re.compile(f"{address}$"))


def test_photo_of_the_wall_opens_and_its_link_too(front: Page) -> None:
    front.locator(f"{WALL} .cell").nth(7).click()
    expect(front.locator(".selfie-photo img")).to_be_visible()
    address = front.url
    assert "id=" in address
    front.goto("about:blank")
    front.goto(address)
    expect(front.locator(".selfie-photo img")).to_be_visible()


def test_pages_are_named_in_the_header(front: Page) -> None:
    header = front.get_by_test_id("stHeader")
    for name in ("Continuum", "Map", "Score yours", "Celebrities", "Could you tell?"):
        expect(header.get_by_role("link", name=name)).to_be_visible()
    header.get_by_text("What it learned").click()
    expect(front.get_by_role("link", name="Under the hood").last).to_be_visible()


def test_phone_has_a_menu_and_the_name_leads_home(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app_url}/continuum")
    page.locator(".st-key-continuum_continuum_grid [data-ready]").wait_for()
    page.locator(".st-key-brand a").click()
    page.locator(f"{WALL} [data-ready]").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.get_by_role("link", name="Browse the grids")).to_be_in_viewport()
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Could you tell?").click()
    expect(page).to_have_url(re.compile("/guess"))


def test_printed_page_has_the_photos_and_no_header(front: Page) -> None:
    front.emulate_media(media="print")
    expect(front.get_by_test_id("stHeader")).to_be_hidden()
    expect(front.locator(".st-key-brand")).to_be_hidden()
    expect(front.locator(f"{WALL} .cell").first).to_be_visible()
    main = front.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollHeight <= main.clientHeight + 1")
