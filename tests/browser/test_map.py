"""The map as a visitor meets it: look, hover, zoom, open, come back, walk by keys, touch."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from selfie_core import store
from selfie_core.gallery import Gallery

pytestmark = pytest.mark.browser

MAP = ".st-key-map .map"
SHOWN = f"{MAP} .card.shown"


@pytest.fixture(scope="module")
def gallery() -> Gallery:
    return Gallery.open(Path(os.environ.get("SELFIE_GALLERY") or store.demo_gallery()))


@pytest.fixture
def open_map(page: Page, app_url: str) -> Page:
    return go_to(page, f"{app_url}/map")


def go_to(page: Page, address: str) -> Page:
    page.goto(address)
    page.locator(f"{MAP}[data-ready]").wait_for()
    wait_for_faces(page)
    return page


def wait_for_faces(page: Page) -> None:
    expect(page.locator(MAP)).to_have_attribute("data-images-shown", re.compile("[1-9]"))


def settle(page: Page) -> str:
    """Return the view once two looks agree."""
    view, before = page.locator(MAP).get_attribute("data-view"), None
    while view != before:
        page.wait_for_timeout(300)
        view, before = page.locator(MAP).get_attribute("data-view"), view
    return view or ""


def place_of(page: Page, x: float, y: float) -> tuple[float, float]:
    """Return where a place of the table is in the window, pixels."""
    box = page.locator(MAP).bounding_box()
    assert box
    middle_x, middle_y, scale = map(float, settle(page).split(","))
    right, down = (float(x) - middle_x) * scale, (float(y) - middle_y) * scale
    if page.locator(MAP).get_attribute("data-turned"):
        right, down = down, right
    return box["x"] + box["width"] / 2 + right, box["y"] + box["height"] / 2 + down


def zoom_in(page: Page, x: float, y: float, *, turns: int) -> None:
    page.mouse.move(*place_of(page, x, y))
    for _ in range(turns):
        page.mouse.wheel(0, -200)
        page.wait_for_timeout(30)
    settle(page)


def hovered_row(page: Page) -> int:
    return int(page.locator(MAP).get_attribute("data-hover-row") or -1)


def shown_picture(page: Page) -> tuple[str, bytes]:
    """Return address and bytes of the picture in the card, once it is there."""
    image = page.locator(f"{SHOWN} img")
    image.wait_for()
    assert image.evaluate("image => image.complete && image.naturalWidth === 128")
    address = image.evaluate("image => image.src")
    return address, page.request.get(address).body()


def test_first_look_is_faces_over_points(open_map: Page) -> None:
    assert int(open_map.locator(MAP).get_attribute("data-images-shown") or 0) >= 20
    expect(open_map.locator(f"{MAP} .legend")).to_contain_text("Score")


def test_hover_shows_the_thumbnail_of_the_row_and_its_score(
    open_map: Page, gallery: Gallery
) -> None:
    seen = set()
    for row in np.linspace(0, len(gallery) - 1, 12).astype(int):
        open_map.mouse.move(*place_of(open_map, *gallery.xy[row]))
        open_map.wait_for_timeout(100)
        hovered = hovered_row(open_map)
        address, picture = shown_picture(open_map)
        assert address.endswith(f"/thumb/{hovered}")
        assert picture == gallery.thumb_path(hovered).read_bytes()
        score = gallery.table["score"].iat[hovered]
        expect(open_map.locator(f"{SHOWN} .score")).to_have_text(f"{100 * score:.1f} %")
        seen.add(hovered)
    assert len(seen) >= 8


def test_point_meant_is_the_one_shown_once_it_stands_alone(
    open_map: Page, gallery: Gallery
) -> None:
    row = loneliest(gallery)
    zoom_in(open_map, *gallery.xy[row], turns=4)
    open_map.mouse.move(*place_of(open_map, *gallery.xy[row]))
    expect(open_map.locator(MAP)).to_have_attribute("data-hover-row", str(row))


def central(gallery: Gallery) -> np.ndarray:
    """Return the place of the photo nearest to the middle of the crowd."""
    gaps = np.linalg.norm(gallery.xy - np.median(gallery.xy, axis=0), axis=1)
    return gallery.xy[gaps.argmin()]


def loneliest(gallery: Gallery) -> int:
    gaps = np.linalg.norm(gallery.xy[:, None] - gallery.xy, axis=2)
    np.fill_diagonal(gaps, np.inf)
    return int(gaps.min(axis=1).argmax())


def test_card_stays_inside_the_frame(open_map: Page, gallery: Gallery) -> None:
    box = open_map.locator(MAP).bounding_box()
    assert box
    for axis in (0, 1):
        for row in (gallery.xy[:, axis].argmin(), gallery.xy[:, axis].argmax()):
            open_map.mouse.move(*place_of(open_map, *gallery.xy[row]))
            card = open_map.locator(SHOWN)
            card.wait_for()
            inner = card.bounding_box()
            assert inner
            assert inner["x"] >= box["x"] and inner["y"] >= box["y"]
            assert inner["x"] + inner["width"] <= box["x"] + box["width"]
            assert inner["y"] + inner["height"] <= box["y"] + box["height"]


def test_zoom_shows_other_faces_and_the_address_brings_them_back(
    open_map: Page, gallery: Gallery
) -> None:
    whole = settle(open_map)
    zoom_in(open_map, *central(gallery), turns=4)
    near = settle(open_map)
    assert float(near.split(",")[2]) > 2 * float(whole.split(",")[2])
    wait_for_faces(open_map)
    open_map.wait_for_url(re.compile("view="))
    go_to(open_map, open_map.url)
    again = settle(open_map)
    assert np.allclose(
        [float(v) for v in again.split(",")], [float(v) for v in near.split(",")], rtol=0.01
    )


def test_click_opens_the_selfie_and_the_map_stays(open_map: Page, gallery: Gallery) -> None:
    zoom_in(open_map, *central(gallery), turns=2)
    view = settle(open_map)
    row = hovered_row(open_map)
    open_map.mouse.down()
    open_map.mouse.up()
    photo = open_map.locator("[role=dialog] .selfie-photo img")
    expect(photo).to_have_attribute("src", re.compile(f"/photo/{row}$"))
    assert f"id={gallery.table['id'].iat[row]}" in open_map.url
    open_map.keyboard.press("Escape")
    expect(open_map.locator("[role=dialog]")).to_have_count(0)
    assert settle(open_map) == view


def test_colour_by_changes_the_legend_and_not_the_view(open_map: Page, app_url: str) -> None:
    view = settle(open_map)
    open_map.get_by_label("Colour by").click()
    open_map.get_by_role("option", name="Brightness").click()
    expect(open_map.locator(f"{MAP} .legend")).to_contain_text("Brightness")
    assert settle(open_map) == view
    go_to(open_map, open_map.url)
    expect(open_map.locator(f"{MAP} .legend")).to_contain_text("Brightness")


def test_keys_walk_from_face_to_face(open_map: Page) -> None:
    stage = open_map.locator(f"{MAP} .stage")
    stage.focus()
    rows = []
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"):
        open_map.keyboard.press(key)
        rows.append(hovered_row(open_map))
    assert len(set(rows)) >= 3
    expect(open_map.locator(f"{MAP} .says")).to_contain_text(f"Selfie {rows[-1] + 1}, ")
    open_map.keyboard.press("Tab")
    assert not is_focused(stage)
    stage.focus()
    open_map.keyboard.press("ArrowRight")
    open_map.keyboard.press("Escape")
    expect(open_map.locator(SHOWN)).to_have_count(0)
    open_map.keyboard.press("ArrowRight")
    open_map.keyboard.press("Enter")
    open_map.locator("[role=dialog]").wait_for()


def is_focused(element: Locator) -> bool:
    return element.evaluate("element => element === element.getRootNode().activeElement")


def test_wheel_at_the_whole_map_scrolls_the_page(open_map: Page) -> None:
    view = settle(open_map)
    box = open_map.locator(MAP).bounding_box()
    assert box
    open_map.mouse.move(box["x"] + 200, box["y"] + 200)
    open_map.mouse.wheel(0, 300)
    assert settle(open_map) == view


@pytest.fixture
def phone(browser: Browser, app_url: str) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    yield go_to(context.new_page(), f"{app_url}/map")
    context.close()


def test_finger_shows_the_card_first_and_opens_next(phone: Page, gallery: Gallery) -> None:
    width = phone.evaluate("document.scrollingElement.scrollWidth")
    assert width <= 390
    spot = place_of(phone, *central(gallery))
    phone.touchscreen.tap(*spot)
    expect(phone.locator(f"{SHOWN} .hint")).to_have_text("Tap again to open")
    row = hovered_row(phone)
    phone.wait_for_timeout(400)
    phone.touchscreen.tap(*spot)
    photo = phone.locator("[role=dialog] .selfie-photo img")
    expect(photo).to_have_attribute("src", re.compile(f"/photo/{row}$"))


def test_points_come_without_webgl(browser: Browser, app_url: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
        "  return kind === 'webgl2' ? null : get.call(this, kind, ...rest); };"
    )
    page = go_to(context.new_page(), f"{app_url}/map")
    expect(page.locator(MAP)).to_have_attribute("data-points", "canvas")
    coloured = page.locator(f"{MAP} canvas.points").evaluate(
        "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v > 0)"
    )
    assert coloured
    context.close()
