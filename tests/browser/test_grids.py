"""The grids as a visitor meets them: look, hover, walk by keys, open, go on, download."""

import re

import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery

pytestmark = pytest.mark.browser

CONTINUUM = ".st-key-continuum_continuum_grid"
BEST = ".st-key-continuum_best_grid"
WORST = ".st-key-continuum_worst_grid"
ALL = ".st-key-continuum_all_grid"
NEAR = ".st-key-detail_near"
CARD = ".card:popover-open"


@pytest.fixture
def grids(page: Page, app_url: str) -> Page:
    page.goto(f"{app_url}/continuum")
    page.locator(f"{CONTINUUM} [data-ready]").wait_for()
    return page


def cell(page: Page, place: int, *, grid: str = CONTINUUM) -> Locator:
    return page.locator(f'{grid} .cell[data-place="{place}"]')


def open_cell(page: Page, place: int) -> None:
    cell(page, place).click()
    page.locator(f"{NEAR} [data-ready]").wait_for()


def shown_photo(page: Page) -> str:
    return page.locator(".selfie-photo img").get_attribute("src") or ""


def test_continuum_best_and_worst_are_there(grids: Page) -> None:
    for grid, count in ((CONTINUUM, 240), (BEST, 100), (WORST, 300)):
        expect(grids.locator(f"{grid} .cell")).to_have_count(count)
    ranks = grids.locator(f"{CONTINUUM} .cell").evaluate_all("all => all.map(c => +c.dataset.rank)")
    assert ranks == sorted(ranks)
    assert ranks[0] == 1


def test_hover_shows_score_percentile_and_rank_inside_the_window(grids: Page) -> None:
    for place in (0, 19, 150):
        cell(grids, place).hover()
        card = grids.locator(f"{CONTINUUM} {CARD}")
        rank = cell(grids, place).get_attribute("data-rank")
        expect(card.locator(".rank")).to_have_text(f"rank {int(rank or 0):,}")
        expect(card.locator(".score")).to_have_text(re.compile(r"^\d+\.\d %$"))
        expect(card.locator(".better")).to_have_text(re.compile(r"^scores above \d+ % of [\d,]+$"))
        box = card.bounding_box()
        assert box
        assert min(box["x"], box["y"]) >= 0
        assert box["x"] + box["width"] <= 1280
        assert box["y"] + box["height"] <= 900
    grids.mouse.move(2, 2)
    expect(grids.locator(CARD)).to_have_count(0)


def test_click_opens_a_selfie_and_its_neighbours_lead_on(grids: Page) -> None:
    open_cell(grids, 45)
    row = cell(grids, 45).get_attribute("data-row")
    assert shown_photo(grids).endswith(f"/photo/{row}")
    expect(grids.locator(f"{NEAR} .cell")).to_have_count(8)
    assert row not in grids.locator(f"{NEAR} .cell").evaluate_all("a => a.map(c => c.dataset.row)")
    first, address = cell(grids, 0, grid=NEAR), grids.url
    there = first.get_attribute("data-row")
    first.click()
    photo = grids.locator(".selfie-photo img")
    expect(photo).to_have_attribute("src", re.compile(f"/photo/{there}$"))
    assert grids.url != address


def test_address_reopens_the_selfie_and_closing_clears_it(grids: Page, app_url: str) -> None:
    open_cell(grids, 3)
    assert "id=" in grids.url
    photo, address = shown_photo(grids), grids.url
    grids.goto("about:blank")
    grids.goto(address)
    grids.locator(f"{NEAR} [data-ready]").wait_for()
    assert shown_photo(grids) == photo
    grids.keyboard.press("Escape")
    expect(grids.locator(".selfie-photo")).to_have_count(0)
    expect(grids).not_to_have_url(re.compile("id="))


def test_worse_and_better_step_by_one_rank(grids: Page) -> None:
    open_cell(grids, 0)
    place = grids.locator(".selfie-place")
    expect(place).to_contain_text("Rank 1 of")
    expect(grids.locator(".st-key-detail_better button")).to_be_disabled()
    grids.locator(".st-key-detail_worse button").click()
    expect(place).to_contain_text("Rank 2 of")
    grids.locator(".st-key-detail_better button").click()
    expect(place).to_contain_text("Rank 1 of")


def test_arrow_keys_step_from_photo_to_photo(grids: Page) -> None:
    open_cell(grids, 0)
    place = grids.locator(".selfie-place")
    for key, rank in (("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2)):
        grids.keyboard.press(key)
        expect(place).to_contain_text(f"Rank {rank} of")


def test_tab_reaches_the_photos_most_alike_and_arrows_walk_them(grids: Page) -> None:
    open_cell(grids, 45)
    rank = grids.locator(".selfie-place").inner_text()
    grids.get_by_role("link", name="Open this photo in its own tab").focus()
    grids.keyboard.press("Tab")
    expect(cell(grids, 0, grid=NEAR)).to_be_focused()
    grids.keyboard.press("ArrowRight")
    second = cell(grids, 1, grid=NEAR)
    expect(second).to_be_focused()
    assert grids.locator(".selfie-place").inner_text() == rank
    grids.keyboard.press("Shift+Tab")
    expect(grids.get_by_role("link", name="Open this photo in its own tab")).to_be_focused()
    grids.keyboard.press("Tab")
    expect(second).to_be_focused()
    row = second.get_attribute("data-row")
    grids.keyboard.press("Enter")
    photo = grids.locator(".selfie-photo img")
    expect(photo).to_have_attribute("src", re.compile(f"/photo/{row}$"))


def test_photo_and_what_is_done_with_it_have_names(grids: Page) -> None:
    open_cell(grids, 45)
    dialog = grids.get_by_role("dialog")
    file = dialog.locator(".selfie-file").inner_text()
    assert file.endswith(".webp")
    expect(dialog.get_by_role("img", name=f"Selfie {file}, rank ")).to_be_visible()
    for name in ("Higher score", "Lower score", "Star this photo", "Download the photo"):
        expect(dialog.get_by_role("button", name=name)).to_be_visible()


def test_unknown_address_opens_the_page_and_says_so(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/continuum?id=nothing")
    expect(page.get_by_text("not in this gallery")).to_be_visible()
    expect(page.locator(".selfie-photo")).to_have_count(0)


def test_keys_walk_the_grid_open_it_and_come_back(grids: Page) -> None:
    cell(grids, 0).focus()
    for key, place in (("ArrowRight", 1), ("ArrowDown", 21), ("End", 239), ("ArrowDown", 239)):
        grids.keyboard.press(key)
        expect(cell(grids, place)).to_be_focused()
    for key, place in (("Home", 0), ("ArrowLeft", 0), ("ArrowDown", 20)):
        grids.keyboard.press(key)
        expect(cell(grids, place)).to_be_focused()
    expect(grids.locator(f"{CONTINUUM} .cell[tabindex='0']")).to_have_count(1)
    expect(grids.locator(CARD)).to_have_count(1)
    grids.keyboard.press("Enter")
    grids.locator(f"{NEAR} [data-ready]").wait_for()
    grids.keyboard.press("Escape")
    expect(cell(grids, 20)).to_be_focused()


def test_label_tells_a_screen_reader_what_the_card_shows(grids: Page) -> None:
    label = cell(grids, 0).get_attribute("aria-label") or ""
    assert re.fullmatch(r"rank 1, \d+\.\d %, scores above \d+ % of [\d,]+", label)


def test_grid_a_little_below_the_fold_has_its_pictures_already(grids: Page) -> None:
    box = grids.locator(BEST).bounding_box()
    assert box
    assert 900 < box["y"] < 1500  # out of sight, within the margin
    grids.locator(f"{BEST} [data-ready]").wait_for()
    expect(grids.locator(f"{WORST} [data-ready]")).to_have_count(0)


def test_finger_opens_without_a_card(phone: Page, app_url: str) -> None:
    phone.goto(f"{app_url}/continuum")
    phone.locator(f"{CONTINUUM} [data-ready]").wait_for()
    box = cell(phone, 0).bounding_box()
    assert box
    assert box["width"] >= 36  # a finger hits it
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    cell(phone, 9).tap()
    phone.locator(f"{NEAR} [data-ready]").wait_for()
    expect(phone.locator(CARD)).to_have_count(0)


def test_swipe_steps_from_photo_to_photo(phone: Page, app_url: str) -> None:
    phone.goto(f"{app_url}/continuum")
    phone.locator(f"{CONTINUUM} [data-ready]").wait_for()
    cell(phone, 0).tap()
    place = phone.locator(".selfie-place")
    expect(place).to_contain_text("Rank 1 of")
    phone.locator(f"{NEAR} [data-ready]").wait_for()  # the dialog has come to rest
    swipe(phone, phone.locator(".selfie-photo"), right=-120)
    expect(place).to_contain_text("Rank 2 of")
    swipe(phone, phone.locator(".selfie-photo"), right=120)
    expect(place).to_contain_text("Rank 1 of")


def swipe(phone: Page, over: Locator, *, right: float) -> None:
    box = over.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = phone.context.new_cdp_session(phone)
    for kind, share in (("Start", 0), *(("Move", part / 5) for part in range(1, 6)), ("End", None)):
        points = [] if share is None else [{"x": x + right * share, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})


def test_rows_and_columns_live_in_the_address(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/continuum?continuum_rows=5&continuum_columns=10")
    expect(page.locator(f"{CONTINUUM} .cell")).to_have_count(50)


def test_any_grid_downloads_as_one_picture(grids: Page) -> None:
    for number, kind, count, size in (
        (0, "continuum", 240, (20 * 131 + 3, 12 * 131 + 3)),
        (1, "best", 101, (10 * 131 + 3, 11 * 131 + 3)),
        (2, "worst", 300, (30 * 33 + 1, 10 * 33 + 1)),
    ):
        grids.get_by_test_id("stPopoverButton").filter(has_text="Download").nth(number).click()
        slider = grids.get_by_role("slider", name="Photos").locator("visible=true")
        if count == 101:
            slider.press("ArrowRight")
        button = grids.get_by_role("button", name=f"{count} photos, one JPEG")
        with grids.expect_download() as download:
            button.click()
        assert download.value.suggested_filename == f"{kind}-{count}.jpg"
        with Image.open(download.value.path()) as picture:
            assert picture.format == "JPEG"
            assert picture.size == size
        grids.keyboard.press("Escape")


def test_any_grid_downloads_as_a_table(grids: Page) -> None:
    grids.get_by_test_id("stPopoverButton").filter(has_text="Download").nth(1).click()
    with grids.expect_download() as download:
        grids.get_by_role("button", name="Their table, CSV").locator("visible=true").click()
    table = pd.read_csv(download.value.path())
    assert table["rank"].tolist() == list(range(1, 101))
    assert {"score", "percentile", "file", "brightness"} <= set(table)


def test_part_of_the_gallery_has_its_own_grids_and_its_link(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/continuum?by=Glasses&only_glasses=sun")
    page.locator(f"{CONTINUUM} [data-ready]").wait_for()
    expect(page.get_by_text("(glasses: sun)")).to_be_visible()
    page.get_by_test_id("stPopoverButton").filter(has_text="Filter").click()
    page.get_by_test_id("stButtonGroup").get_by_role("button", name="clear").click()
    expect(
        page.get_by_text(re.compile(r"\(glasses: (sun or clear|clear or sun)\)"))
    ).to_be_visible()
    expect(page).to_have_url(re.compile("only_glasses=clear"))


@pytest.fixture
def ranked(page: Page, app_url: str) -> Page:
    page.goto(f"{app_url}/continuum?continuum_view=All")
    cell(page, 0, grid=ALL).wait_for()
    return page


def all_drawn(page: Page) -> None:
    """Wait until each cell that exists has its picture."""
    expect(page.locator(f"{ALL} .cell[data-waiting]")).to_have_count(0)


def test_whole_gallery_scrolls_with_few_cells_at_a_time(ranked: Page) -> None:
    all_drawn(ranked)
    assert ranked.locator(f"{ALL} .cell").count() < 400
    ranked.get_by_test_id("stMain").evaluate("main => (main.scrollTop = 6000)")
    expect(ranked.locator(f"{ALL} .pill.shown")).to_have_text(re.compile(r"rank [\d,]+, \d+\.\d %"))
    all_drawn(ranked)
    cells = ranked.locator(f"{ALL} .cell")
    assert cells.count() < 400
    ranks = cells.evaluate_all(
        "all => all.map(c => [+c.dataset.place, +c.dataset.rank]).sort((a, b) => a[0] - b[0])"
    )
    assert all(rank == place + 1 for place, rank in ranks)


def test_keys_walk_the_whole_gallery(ranked: Page) -> None:
    cell(ranked, 0, grid=ALL).focus()
    ranked.keyboard.press("End")
    last = ranked.locator(f"{ALL} .cell:focus")
    expect(last).to_have_attribute("data-rank", str(len(Gallery.open(store.demo_gallery()))))
    expect(last).to_be_in_viewport()
    ranked.keyboard.press("Home")
    expect(cell(ranked, 0, grid=ALL)).to_be_focused()
    ranked.keyboard.press("PageDown")
    ranked.keyboard.press("ArrowRight")
    there = ranked.locator(f"{ALL} .cell:focus")
    expect(there).to_be_in_viewport()
    row = there.get_attribute("data-row")
    ranked.keyboard.press("Enter")
    ranked.locator(f"{NEAR} [data-ready]").wait_for()
    assert shown_photo(ranked).endswith(f"/photo/{row}")


def test_stars_given_by_key_live_in_the_address_and_make_a_part(ranked: Page) -> None:
    for place in (2, 5):
        cell(ranked, place, grid=ALL).focus()
        ranked.keyboard.press("s")
        expect(cell(ranked, place, grid=ALL)).to_have_attribute("aria-pressed", "true")
    expect(ranked).to_have_url(re.compile(r"stars=\w{32}(,|%2C)\w{32}"))
    address = ranked.url
    ranked.goto("about:blank")
    ranked.goto(f"{address}&only_stars=true")
    expect(ranked.locator(f"{ALL} .cell")).to_have_count(2)
    ranks = ranked.locator(f"{ALL} .cell").evaluate_all("all => all.map(c => c.dataset.rank)")
    assert ranks == ["3", "6"]


def test_click_picks_a_star_while_picking(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/continuum?continuum_view=All&continuum_pick=true")
    cell(page, 1, grid=ALL).click()
    expect(cell(page, 1, grid=ALL)).to_have_attribute("data-star", "")
    expect(page).to_have_url(re.compile("stars="))
    expect(page.locator(".selfie-photo")).to_have_count(0)
    page.get_by_role("button", name="Take 1 star away").click()
    expect(page.locator(f"{ALL} .cell[data-star]")).to_have_count(0)


def test_star_in_the_opened_photo_is_a_star_in_the_grid(ranked: Page) -> None:
    cell(ranked, 4, grid=ALL).click()
    ranked.locator(".st-key-detail_star button").first.click()
    expect(ranked).to_have_url(re.compile("stars="))
    ranked.keyboard.press("Escape")  # at once: going back twice for it would leave the app
    expect(cell(ranked, 4, grid=ALL)).to_have_attribute("data-star", "")
