"""Signing in at a real provider in Chromium: a link, a wrong group, the way out, the end."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from tests.browser.conftest import serve_app
from tests.support.oidc_provider import serve_provider

pytestmark = pytest.mark.browser
LASTS = 20  # seconds that a session does


@pytest.fixture(scope="module")
def closed_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("sign-in")
    with serve_provider() as provider:
        file = provider.secrets(folder / "secrets.toml", roles='class = ["rate"]')
        settings = {
            "STREAMLIT_SECRETS_FILES": str(file),
            "SELFIE_KEYS": str(folder / "keys"),
            "SELFIE_SESSION_HOURS": str(LASTS / 3600),
        }
        with serve_app(**settings) as url:
            yield url


def sign_in(page: Page, who: str) -> None:
    """Fill in the forms of the provider, which has been asked for by the app."""
    page.get_by_role("link", name="Sign in").click()
    page.get_by_placeholder("Enter any login").fill(who)
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def test_a_stranger_with_a_link_signs_in_and_is_out_again_by_click_or_by_time(
    browser: Browser, closed_app: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(60_000)
    link = f"{closed_app}/continuum?id={Gallery.open(store.demo_gallery()).table['id'][0]}"
    page.goto(link)
    expect(page.get_by_text("This server is not open to everyone")).to_be_visible()

    sign_in(page, "mallory.strangers")
    expect(page.get_by_text("mallory@example.test gives: none")).to_be_visible()
    page.get_by_role("link", name="Sign in as somebody else").click()
    page.get_by_role("button", name="Yes, sign me out").click()

    sign_in(page, "ada.class")
    expect(page).to_have_url(link)
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Signed in as ada@example.test")).to_be_visible()
    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    page.goto(link)
    expect(page.get_by_text("This server is not open to everyone")).to_be_visible()

    sign_in(page, "ada.class")
    expect(page.get_by_role("dialog")).to_be_visible()
    end = time.monotonic() + 3 * LASTS
    while context.request.get(link).status == 200:
        assert time.monotonic() < end
        page.wait_for_timeout(500)
    page.goto(link)
    expect(page.get_by_text("This server is not open to everyone")).to_be_visible()
    context.close()
