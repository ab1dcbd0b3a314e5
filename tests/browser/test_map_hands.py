"""The map by keys, wheel and fingers."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from selfie_core.gallery.gallery import Gallery
from tests.support.map_page import (
    MAP,
    PANEL,
    SHOWN,
    STAGE,
    bare_spot,
    fact,
    from_the_middle,
    go_to,
    hovered_row,
    settle,
)

pytestmark = pytest.mark.browser


def test_keys_walk_from_face_to_face(open_map: Page) -> None:
    stage = open_map.locator(STAGE)
    stage.focus()
    rows = []
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"):
        open_map.keyboard.press(key)
        rows.append(hovered_row(open_map))
    assert len(set(rows)) >= 3
    expect(open_map.locator(f"{MAP} .says")).to_contain_text(f"Selfie {rows[-1] + 1}, ")
    expect(open_map.locator(f"{MAP} .says")).to_contain_text(
        re.compile("[0-9] %, .*(Brightness|Face|Contrast|Saturation|Sharpness|Noise|Warmth)")
    )
    open_map.keyboard.press("Escape")
    expect(open_map.locator(SHOWN)).to_have_count(0)
    open_map.keyboard.press("Tab")
    assert not is_focused(stage)
    stage.focus()
    open_map.keyboard.press("ArrowRight")
    open_map.keyboard.press("Enter")
    open_map.locator(f"{PANEL} .big-photo").wait_for()


def test_tab_goes_to_the_next_nearest_and_lets_go_at_last(open_map: Page) -> None:
    stage = open_map.locator(STAGE)
    stage.focus()
    open_map.keyboard.press("ArrowRight")
    seen = [hovered_row(open_map)]
    while is_focused(stage) and len(seen) < 40:
        open_map.keyboard.press("Tab")
        seen.append(hovered_row(open_map))
    assert len(set(seen[:-1])) == len(seen) - 1 == 13
    stage.focus()
    open_map.keyboard.press("ArrowRight")
    first = hovered_row(open_map)
    open_map.keyboard.press("Tab")
    open_map.keyboard.press("Shift+Tab")
    assert hovered_row(open_map) == first


def is_focused(element: Locator) -> bool:
    return element.evaluate("element => element === element.getRootNode().activeElement")


def test_wheel_at_the_whole_map_scrolls_the_page(open_map: Page) -> None:
    view = settle(open_map)
    box = open_map.locator(STAGE).bounding_box()
    assert box
    open_map.mouse.move(box["x"] + 200, box["y"] + 200)
    open_map.mouse.wheel(0, 300)
    assert settle(open_map) == view


@pytest.fixture
def phone(phone: Page, app_url: str) -> Page:
    return go_to(phone, f"{app_url}/map")


def test_finger_shows_the_card_first_and_opens_next(phone: Page, gallery: Gallery) -> None:
    assert phone.evaluate("document.scrollingElement.scrollWidth") <= 390
    spot = bare_spot(phone, from_the_middle(gallery))
    phone.touchscreen.tap(*spot)
    expect(phone.locator(f"{SHOWN} .hint")).to_have_text("Tap again to open")
    row = hovered_row(phone)
    phone.touchscreen.tap(*spot)
    photo = phone.locator(f"{PANEL} .big-photo img")
    expect(photo).to_have_attribute("src", re.compile(f"/photo/{row}$"))
    assert phone.evaluate("document.scrollingElement.scrollWidth") <= 390


def test_card_is_not_under_the_finger(phone: Page, gallery: Gallery) -> None:
    x, y = bare_spot(phone, from_the_middle(gallery))
    phone.touchscreen.tap(x, y)
    card = phone.locator(SHOWN).bounding_box()
    assert card
    assert not (
        card["x"] <= x <= card["x"] + card["width"] and card["y"] <= y <= card["y"] + card["height"]
    )


def test_two_fingers_zoom_about_their_middle(phone: Page) -> None:
    before = settle(phone)
    box = phone.locator(STAGE).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = phone.context.new_cdp_session(phone)

    def send(kind: str, *gaps: float) -> None:
        fingers = [{"x": x + gap, "y": y, "id": n} for n, gap in enumerate(gaps)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    send("touchStart", -30)
    send("touchStart", -30, 30)
    for gap in range(30, 100, 10):
        send("touchMove", -gap, gap)
    send("touchEnd")
    after = settle(phone)
    assert float(after.split(",")[2]) > 2 * float(before.split(",")[2])
    assert not fact(phone, "selfie")  # two fingers never open


def test_legend_of_a_phone_begins_folded_and_tells_of_other_colours(phone: Page) -> None:
    histogram = phone.locator(f"{MAP} .histogram")
    expect(histogram).to_be_hidden()
    phone.get_by_label("Colour by").select_option(label="Brightness")
    expect(histogram).to_be_visible()
    phone.get_by_role("button", name="Fold the legend").tap()
    expect(histogram).to_be_hidden()
