"""The app on a phone, 390 pixels wide."""

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import new_page
from tests.support.map_page import MAP, STAGE, go_to

pytestmark = pytest.mark.browser

CONTINUUM = ".st-key-continuum_continuum_grid"
HEIGHT = 844


@pytest.fixture
def menu(phone: Page, app_url: str) -> Locator:
    """The open menu over the continuum."""
    phone.goto(f"{app_url}/continuum")
    phone.locator(f"{CONTINUUM} [data-ready]").wait_for()
    phone.get_by_test_id("stExpandSidebarButton").tap()
    menu = phone.get_by_test_id("stSidebar")
    expect(menu.get_by_role("link", name="Map", exact=True)).to_be_in_viewport(ratio=0.9)
    return menu


def test_menu_closes_once_a_page_is_chosen(menu: Locator) -> None:
    menu.get_by_role("link", name="Map", exact=True).tap()
    expect(menu.page).to_have_url(re.compile("/map$"))
    expect(menu.get_by_role("link", name="Map", exact=True)).not_to_be_in_viewport()
    menu.page.reload()
    expect(menu).to_have_attribute("data-collapsed", "true")


def test_tap_beside_the_menu_closes_it_and_opens_nothing(menu: Locator) -> None:
    phone = menu.page
    cell = phone.locator(f'{CONTINUUM} .cell[data-place="7"]')
    box = cell.bounding_box()
    assert box
    assert box["x"] > 300  # beside the menu
    phone.touchscreen.tap(box["x"] + 10, box["y"] + 10)
    expect(menu).to_have_attribute("data-collapsed", "true")
    phone.wait_for_timeout(1000)
    expect(phone.get_by_role("dialog")).to_have_count(0)
    cell.tap()
    expect(phone.get_by_role("dialog")).to_be_visible()


def test_three_ways_in_are_in_sight_at_once(phone: Page, app_url: str) -> None:
    phone.goto(app_url)
    for name in ("Browse the grids", "Look around the map", "Score your own"):
        expect(phone.get_by_role("link", name=name)).to_be_in_viewport(ratio=0.9)
    headline, way, wall = (
        phone.locator(name).bounding_box()
        for name in (".front-head", ".st-key-front_ways", ".st-key-front_wall")
    )
    assert headline and way and wall
    assert headline["y"] < way["y"] < wall["y"] < HEIGHT


def test_score_of_the_camera_is_in_sight(phone_visitor: BrowserContext, app_url: str) -> None:
    with new_page(phone_visitor) as phone:
        phone_visitor.grant_permissions(["camera"])
        phone.goto(f"{app_url}/score")
        phone.get_by_text("Use the camera").tap()
        phone.get_by_text("Continuous").tap()
        number = phone.locator(".live .number")
        expect(number).to_have_text(re.compile(r"^\d+\.\d %$"))
        phone.get_by_test_id("stMain").evaluate("main => (main.scrollTop = 0)")
        # An upright camera's picture is as high as any.
        phone.locator(".live .stage").evaluate("s => s.style.setProperty('--aspect', 9 / 16)")
        expect(number).to_be_in_viewport(ratio=0.9)


def test_legend_lies_over_no_part_of_the_map(phone: Page, app_url: str) -> None:
    go_to(phone, f"{app_url}/map")
    stage, legend = (
        phone.locator(STAGE).bounding_box(),
        phone.locator(f"{MAP} .legend").bounding_box(),
    )
    assert stage and legend
    assert legend["y"] >= stage["y"] + stage["height"]
    assert legend["y"] + legend["height"] <= HEIGHT
