"""The box that searches the gallery: on the front page, in the bar, in the filter, on the map."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.search import find_rows
from tests.support.map_page import MAP, PANEL, go_to, wait_for

pytestmark = pytest.mark.browser


def box(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Search photos").first


def test_front_page_completes_what_is_typed_and_leads_to_the_grid(
    page: Page, app_url: str, gallery: Gallery
) -> None:
    page.goto(app_url)
    box(page).press_sequentially("shad")
    found = f"{len(find_rows(gallery, 'sunglasses')):,}"
    expect(page.get_by_role("option").first).to_have_text(f"Glasses: sun{found}")
    box(page).press("ArrowDown")
    box(page).press("Enter")
    expect(page).to_have_url(re.compile(r"/continuum\?find=Glasses"))
    expect(page.get_by_text(f"of {len(gallery):,} selfies (“Glasses: sun”)")).to_contain_text(found)


def test_bar_searches_from_any_page_and_leads_to_the_map(
    page: Page, app_url: str, gallery: Gallery
) -> None:
    page.goto(f"{app_url}/rules")
    box(page).fill("no hat")
    found = len(find_rows(gallery, "no hat"))
    expect(page.get_by_text(f"{found:,} found")).to_be_visible()
    page.get_by_role("button", name="Map", exact=True).click()
    page.locator(f"{MAP}[data-ready]").wait_for()
    wait_for(page, "group", f"^{found}$")
    expect(page).to_have_url(re.compile(r"/map\?find=no"))


def test_filter_searches_in_its_popover_without_being_cut_off(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/continuum")
    page.get_by_test_id("stPopoverButton").filter(has_text="Filter").click()
    inside = page.get_by_test_id("stPopoverBody")
    inside.get_by_role("combobox").fill("hat")
    beanie = inside.get_by_role("option", name="Hat: beanie")
    beanie.click()
    expect(page.get_by_text("(“Hat: beanie”)")).to_be_visible()
    page.locator(".st-key-filter_chip_0 button").click()
    expect(page).not_to_have_url(re.compile("find="))


def test_map_finds_words_of_the_table_and_suggests_some(
    page: Page, app_url: str, gallery: Gallery
) -> None:
    go_to(page, f"{app_url}/map")
    box(page).fill("mirror")
    wait_for(page, "group", f"^{len(find_rows(gallery, 'mirror'))}$")
    expect(page.locator(PANEL)).to_contain_text("found for “mirror”")
    expect(page.get_by_role("option", name="Shot: mirror")).to_be_visible()
    for _ in "mirror":
        box(page).press("Backspace")
    expect(page.locator(PANEL)).to_be_hidden()
    expect(box(page)).to_be_focused()  # one types on
    box(page).fill("sunglases")
    expect(page.get_by_text("0 found; did you mean")).to_be_visible()
    expect(page.get_by_role("option", name="Glasses: sun")).to_be_visible()
    box(page).press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
