"""Rules, audit and experiment, as a visitor reads them."""

import csv
import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
LOADING = 90_000  # ms: the first visit imports and counts
HONEST = "says nothing about the person"


def go(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_text(HONEST)).to_be_visible(timeout=LOADING)


def test_clicked_rule_is_shown_and_in_the_address(page: Page, app_url: str) -> None:
    go(page, f"{app_url}/rules")
    rows = page.locator("button[data-rule]")
    expect(rows).to_have_count(17)
    rows.filter(has_text="Take group shots").click()
    expect(page.locator(".rule-head b")).to_have_text("Take group shots")
    expect(page).to_have_url(re.compile(r"rule=group"))
    current = page.locator('button[data-rule][aria-current="true"]')
    expect(current).to_have_text(re.compile("Take group shots"))
    page.reload()
    expect(page.locator(".rule-head b")).to_have_text("Take group shots", timeout=LOADING)


def test_rules_are_walked_by_keyboard(page: Page, app_url: str) -> None:
    go(page, f"{app_url}/rules?rule=female")
    page.locator('button[data-rule="female"]').focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator('button[data-rule="third"]')).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".rule-head b")).to_have_text("Let the face fill about a third")
    expect(page.locator('button[data-rule="third"]')).to_be_focused()


def test_photos_of_pairs_arrive(page: Page, app_url: str) -> None:
    go(page, f"{app_url}/rules?rule=border")
    photos = page.locator(".rule-pair img")
    expect(photos).to_have_count(8)
    for photo in photos.all():
        photo.scroll_into_view_if_needed()
        expect(photo).to_have_js_property("naturalWidth", 128)


def test_brighter_photos_score_higher(page: Page, app_url: str) -> None:
    go(page, f"{app_url}/rules?rule=light")
    page.get_by_role("button", name="Try it here: brighter").click()
    said = page.get_by_text(re.compile(r"on average over (5|6)\d photos"))
    expect(said).to_contain_text(re.compile(r"Brighter: \+\d"), timeout=LOADING)


def test_table_of_rules_can_be_taken_home(page: Page, app_url: str) -> None:
    go(page, f"{app_url}/rules")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the table").click()
    with waiting.value.path().open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 17
    assert {row["rule"]: row["verdict"] for row in rows}["border"] == "holds"


def test_chosen_groups_are_in_the_address(page: Page, app_url: str) -> None:
    go(page, f"{app_url}/audit")
    page.get_by_role("combobox", name="and by").click()
    page.get_by_role("option", name="Lighting").click()
    expect(page.get_by_text("Mean score by women and men and lighting")).to_be_visible()
    expect(page).to_have_url(re.compile("and=Lighting"))
    page.reload()
    expect(page.get_by_text("Mean score by women and men and lighting")).to_be_visible(
        timeout=LOADING
    )


@pytest.mark.parametrize("name", ["rules", "audit", "experiment"])
def test_nothing_is_wider_than_a_phone(page: Page, app_url: str, name: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    go(page, f"{app_url}/{name}")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    # A closed expander is laid out without a width.
    wide = ".stMain :not(details, details *)"
    widths = page.locator(wide).evaluate_all("all => all.map(e => e.clientWidth)")
    assert max(widths) <= 390


def test_phone_is_taken_to_the_rule_it_tapped(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    go(page, f"{app_url}/rules")
    page.locator('button[data-rule="pout"]').click()
    expect(page.locator(".rule-head b")).to_have_text("Does the pout help?")
    expect(page.locator(".rule-head b")).to_be_in_viewport()
