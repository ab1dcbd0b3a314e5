"""The app below a path that a proxy puts before it: behind Caddy, which takes the path off again,
and behind nginx, which leaves it on.  Whatever a browser asks for is there, and asked for below it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from pages.shared.downloads import sheet_file
from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.grids import grid_table, pick_rows
from tests.browser.conftest import serve_app
from tests.support.map_page import go_to, wait_for_faces
from tests.support.proxies import proxied

pytestmark = pytest.mark.browser


@contextmanager
def visiting(browser: Browser, root: str) -> Iterator[Page]:
    """Yield a page that fails for any request that is refused or leaves the prefix."""
    context: BrowserContext = browser.new_context(permissions=["camera"], accept_downloads=True)
    wrong: list[str] = []

    def check(answer: Response) -> None:
        if answer.url.endswith(("/_stcore/health", "/_stcore/host-config")):
            return  # by which Streamlit's page finds out where its root is
        if answer.status >= 400 or not answer.url.startswith((root, "blob:", "data:")):
            wrong.append(f"{answer.status} {answer.url}")

    context.on("response", check)
    page = context.new_page()
    page.set_default_timeout(90_000)
    page.on("console", lambda said: "Content Security" in said.text and wrong.append(said.text))
    page.on("websocket", lambda one: one.url.startswith(f"ws{root[4:]}") or wrong.append(one.url))
    yield page
    assert not wrong
    context.close()


def walk(page: Page, root: str) -> None:
    """Do what needs each kind of address: pictures, scripts, sockets, uploads, API, downloads."""
    page.goto(root)
    page.locator(".front-judged img").evaluate("picture => picture.decode()")  # fails if it can't
    page.get_by_role("link", name="Continuum").first.click()
    expect(page).to_have_url(re.compile(f"^{re.escape(root)}continuum"))
    check_downloads(page)
    go_to(page, f"{root}map")
    wait_for_faces(page)
    page.goto(f"{root}score")
    page.locator("input[type=file]").first.set_input_files(store.sample_photos() / "sample-1.jpg")
    expect(page.get_by_role("button", name="Forget it")).to_be_visible(timeout=90_000)
    page.goto(f"{root}roll")
    place = page.locator("input[type=file]").first
    place.set_input_files([store.sample_photos() / f"sample-{number}.jpg" for number in (1, 2)])
    expect(page.get_by_text("2 photos, 2 moments:")).to_be_visible(timeout=90_000)
    page.goto(f"{root}score")
    page.get_by_text("Use the camera").click()
    with page.expect_response(re.compile("api/v1/score")) as answer:
        page.get_by_text("Continuous").click()
    assert answer.value.ok
    page.goto(f"{root}phone")
    expect(page).to_have_url(f"{root}phone/")
    page.wait_for_function("navigator.serviceWorker.ready.then(() => true)")
    scope = page.evaluate("navigator.serviceWorker.ready.then((one) => one.scope)")
    assert scope == f"{root}phone/"


def check_downloads(page: Page) -> None:
    """Save the best photos as a picture and as a table: they come whole."""
    gallery = Gallery.open(store.demo_gallery())
    best = pick_rows(gallery, "best", 100)
    for name, content in (
        ("100 photos, one JPEG", sheet_file(gallery, best, columns=10)),
        ("Their table, CSV", grid_table(gallery, best).to_csv(index=False).encode()),
    ):
        page.get_by_test_id("stPopoverButton").filter(has_text="Download").nth(1).click()
        with page.expect_download() as download:
            page.get_by_role("button", name=name).locator("visible=true").click()
        assert download.value.path().read_bytes() == content
        page.keyboard.press("Escape")


def check_api(root: str) -> None:
    document = f"{root}api/v1/openapi.json"
    server = requests.get(document, timeout=60).json()["servers"][0]["url"]
    found = requests.get(f"{urljoin(document, server)}/gallery/find?text=dark", timeout=60)
    assert found.json()["found"] > 0
    assert requests.get(f"{document}/", timeout=60).json()["servers"]
    assert requests.get(f"{root}map/", timeout=60).url == f"{root}map"
    preview = requests.get(f"{root}map", timeout=60).text
    (picture,) = re.findall(r'og:image" content="([^"]+)"', preview)
    assert requests.get(picture.replace("&amp;", "&"), timeout=60).ok


def test_a_proxy_may_take_the_prefix_off(
    browser: Browser, phone_folder: Path, app_url: str, tmp_path: Path
) -> None:
    with proxied("caddy", app_url, tmp_path) as root, visiting(browser, root) as page:
        walk(page, root)
        check_api(root)


def test_a_proxy_may_leave_the_prefix_on(
    browser: Browser, phone_folder: Path, tmp_path: Path
) -> None:
    with (
        serve_app(below="/selfie", STREAMLIT_SERVER_BASE_URL_PATH="selfie") as url,
        proxied("nginx", url, tmp_path) as root,
        visiting(browser, root) as page,
    ):
        walk(page, root)
        check_api(root)
