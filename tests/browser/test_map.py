"""The map as a visitor meets it: look, hover, zoom, open, come back."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from selfie_core.gallery.gallery import Gallery
from tests.support.map_page import (
    MAP,
    PANEL,
    PATIENCE,
    SHOWN,
    STAGE,
    bare_spot,
    fact,
    from_the_middle,
    go_to,
    hovered_row,
    place_of,
    settle,
    shown_picture,
    wait_for,
    wait_for_a_frame,
    wait_for_faces,
    zoom_in,
)

pytestmark = pytest.mark.browser


def test_first_look_is_faces_over_points(open_map: Page) -> None:
    assert int(fact(open_map, "images-shown")) >= 20
    expect(open_map.locator(f"{MAP} .legend")).to_contain_text("Score")


def test_hover_shows_the_thumbnail_of_the_row_and_its_score(
    open_map: Page, gallery: Gallery
) -> None:
    seen = set()
    for row in np.linspace(0, len(gallery) - 1, 12).astype(int):
        open_map.mouse.move(*place_of(open_map, *gallery.xy[row]))
        wait_for_a_frame(open_map)
        hovered = hovered_row(open_map)
        address, picture = shown_picture(open_map)
        assert address.endswith(f"/thumb/{hovered}")
        assert picture == gallery.thumb(hovered)
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
    box = open_map.locator(STAGE).bounding_box()
    assert box
    for axis in (0, 1):
        outward = gallery.xy[gallery.xy[:, axis].argsort()]
        for places in (outward, outward[::-1]):  # the first that no name or tool lies over
            open_map.mouse.move(*bare_spot(open_map, places))
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


def test_click_opens_the_selfie_beside_the_map_with_true_neighbours(
    open_map: Page, gallery: Gallery
) -> None:
    zoom_in(open_map, *central(gallery), turns=2)
    row = hovered_row(open_map)
    open_map.mouse.down()
    open_map.mouse.up()
    photo = open_map.locator(f"{PANEL} .big-photo img")
    expect(photo).to_have_attribute("src", re.compile(f"/photo/{row}$"))
    near = open_map.locator(f"{PANEL} .neighbour")
    expect(near).to_have_count(8)
    apart = np.linalg.norm(np.asarray(gallery.fc7, np.float32) - gallery.fc7[row], axis=1)
    apart[row] = np.inf
    nearest = np.argsort(apart)[:8].tolist()
    assert near.evaluate_all("cells => cells.map(cell => +cell.dataset.row)") == nearest
    said = [float(text) for text in near.locator("span").all_inner_texts()]
    ratio = np.array(said) / apart[nearest]
    assert np.allclose(ratio, ratio.mean(), rtol=0.02)  # one unit: what strangers are apart


def test_picked_selfie_lies_over_its_neighbours(page: Page, app_url: str, gallery: Gallery) -> None:
    page.add_init_script("""
        const draw = CanvasRenderingContext2D.prototype.drawImage;
        CanvasRenderingContext2D.prototype.drawImage = function (...how) {
          if (this.canvas.className === "faces") this.canvas.last = how.slice(5);
          return draw.apply(this, how); };""")
    row, id = 7, gallery.table["id"].iat[7]
    go_to(page, f"{app_url}/map?selfie={id}")
    page.locator(f"{PANEL} .neighbour").first.wait_for()
    x, y = place_of(page, *gallery.xy[row])
    stage = page.locator(STAGE).bounding_box()
    assert stage
    left, top, width, _ = page.locator(f"{MAP} canvas.faces").evaluate("canvas => canvas.last")
    middle = stage["x"] + left + width / 2, stage["y"] + top + width / 2
    assert np.allclose(middle, (x, y), atol=2)  # it is drawn last


def test_no_card_comes_from_a_map_that_shrinks_under_the_mouse(
    open_map: Page, gallery: Gallery
) -> None:
    for first in range(3):  # photos before and after
        open_map.mouse.move(*bare_spot(open_map, from_the_middle(gallery)[first::3]))
        wait_for_a_frame(open_map)
        assert hovered_row(open_map) >= 0
        open_map.mouse.down()
        open_map.mouse.up()
        open_map.locator(f"{PANEL} .neighbour").first.wait_for()
        settle(open_map)
        expect(open_map.locator(SHOWN)).to_have_count(0)
        open_map.get_by_role("button", name="Close", exact=True).click()
        settle(open_map)


def test_photo_that_was_scored_is_drawn_at_its_place(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/score")
    page.locator(".st-key-score_sample_2 button").click()
    page.locator(".score-ring").wait_for(timeout=PATIENCE)
    page.get_by_test_id("stHeader").get_by_role("link", name="Map", exact=True).click()
    photo = page.locator(f"{MAP} .mark img")
    photo.wait_for()
    assert photo.evaluate("photo => photo.decode().then(() => photo.naturalWidth)") >= 128


def test_all_facts_open_the_dialog_and_the_map_stays(open_map: Page, gallery: Gallery) -> None:
    zoom_in(open_map, *central(gallery), turns=2)
    open_map.mouse.down()
    open_map.mouse.up()
    row = int(fact(open_map, "selfie"))
    view = settle(open_map)
    open_map.get_by_role("button", name="Open all that is known of it").click()
    photo = open_map.locator("[role=dialog] .selfie-photo img")
    expect(photo).to_have_attribute("src", re.compile(f"/photo/{row}$"))
    open_map.wait_for_url(re.compile(f"id={gallery.table['id'].iat[row]}"))
    open_map.keyboard.press("Escape")
    expect(open_map.locator("[role=dialog]")).to_have_count(0)
    assert settle(open_map) == view


def test_colour_by_changes_the_legend_and_not_the_view(open_map: Page) -> None:
    view = settle(open_map)
    open_map.get_by_label("Colour by").select_option(label="Brightness")
    expect(open_map.locator(f"{MAP} .legend")).to_contain_text("Brightness")
    assert settle(open_map) == view
    open_map.wait_for_url(re.compile("colour=brightness"))
    go_to(open_map, open_map.url)
    expect(open_map.locator(f"{MAP} .legend")).to_contain_text("Brightness")


def test_points_are_drawn_in_the_colours_of_the_legend(open_map: Page) -> None:
    """Reads pixels: another colouring paints the same places in other colours."""
    open_map.get_by_role("button", name="Show photos").click()
    names = [(79, 91, 213), (255, 122, 77)]  # of the two sides of the label
    before = min(pixels_like(open_map, colour) for colour in names)
    open_map.get_by_label("Colour by").select_option(value="label")
    expect(open_map.locator(f"{MAP} .legend")).to_contain_text("more than its peers")
    settle(open_map)
    assert min(pixels_like(open_map, colour) for colour in names) > 3 * before + 200


def pixels_like(page: Page, colour: tuple[int, int, int]) -> int:
    """Return how many pixels in the middle of the map have a colour, nine tenths opaque."""
    with Image.open(io.BytesIO(page.locator(STAGE).screenshot())) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    high, wide = pixels.shape[:2]
    middle = pixels[: int(0.8 * high), int(0.1 * wide) : int(0.9 * wide)]
    ground = middle[5, 5]
    wanted = 0.9 * np.array(colour) + 0.1 * ground
    return int((np.abs(middle - wanted).max(axis=2) < 8).sum())


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


def test_lost_webgl_gives_way_to_the_plain_canvas(open_map: Page) -> None:
    view = settle(open_map)
    expect(open_map.locator(MAP)).to_have_attribute("data-points", "webgl")
    open_map.locator(f"{MAP} canvas.points").evaluate(
        "c => c.getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()"
    )
    expect(open_map.locator(MAP)).to_have_attribute("data-points", "canvas")
    assert settle(open_map) == view
    open_map.get_by_role("button", name="Show photos").click()
    open_map.get_by_label("Colour by").select_option(value="label")
    settle(open_map)
    assert pixels_like(open_map, (79, 91, 213)) > 500


def test_calm_visitors_see_no_travelling(browser: Browser, app_url: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = go_to(context.new_page(), f"{app_url}/map")
    page.get_by_role("button", name="Layout: Score").click()
    wait_for(page, "layout", "score")
    assert fact(page, "travelling") == ""
    context.close()
