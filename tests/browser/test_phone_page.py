"""The page /phone to look at and to touch: served by the app, for everybody, from 320 px on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from selfie_core.base import store
from tests.support.phone_page import opened

pytestmark = pytest.mark.browser

PARTS = ("Crops", "Advice", "Like it", "Share")


@pytest.fixture(scope="module", params=["light", "dark"])
def narrow(request, browser: Browser, phone_folder: Path) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 320, "height": 568}, has_touch=True, is_mobile=True,
        color_scheme=request.param,
    )  # fmt: skip
    page = context.new_page()
    with opened(page, phone_folder):
        yield page
    context.close()


def fits_and_is_for_everybody(page: Page, view: str) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") == 320, view
    found = Axe().run(page).response["violations"]
    assert not [(one["id"], [node["target"] for node in one["nodes"]]) for one in found], view


def test_every_view_fits_and_is_for_everybody(narrow: Page) -> None:
    fits_and_is_for_everybody(narrow, "start")
    sample = store.sample_photos() / "sample-1.jpg"
    narrow.locator("#files").set_input_files(sample)
    for part in PARTS:
        narrow.get_by_role("button", name=part, exact=True).tap()
        expect(narrow.locator(".part .bar")).to_have_count(0)
        fits_and_is_for_everybody(narrow, part)
    narrow.get_by_role("button", name="Another photo").tap()
    narrow.locator("#files").set_input_files([sample, sample.with_name("sample-2.jpg")])
    expect(narrow.locator("#burst .kept")).to_have_count(2)
    fits_and_is_for_everybody(narrow, "burst")
    narrow.get_by_role("button", name="Other photos").tap()


def test_browsers_may_install_it(narrow: Page) -> None:
    asked = narrow.context.new_cdp_session(narrow).send("Page.getInstallabilityErrors")
    errors = {one["errorId"] for one in asked["installabilityErrors"]}
    assert errors <= {"in-incognito"}  # as every test is


def test_app_serves_it_and_leads_to_it(phone: Page, app_url: str, phone_folder: Path) -> None:
    for path in ("", "score"):
        phone.goto(f"{app_url}/{path}")
        phone.locator(".phone-link").tap()
        phone.locator("body[data-ready]").wait_for()
        assert phone.url == f"{app_url}/phone/"
    phone.get_by_role("link", name="All pages").tap()
    expect(phone).to_have_url(f"{app_url}/")
