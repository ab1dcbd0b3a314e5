"""The page /phone sends nothing, works without a network, and never mixes two versions."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from selfie_core.base import store
from selfie_core.web import phone
from tests.support.changed import sample_score
from tests.support.phone_page import PATIENCE, static_files

pytestmark = pytest.mark.browser

SAMPLE = store.sample_photos() / "sample-3.jpg"
PERCENT = re.compile(r"^\d+\.\d %$")


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """Somebody who was never here before, on a phone."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def score(page: Page, path: Path = SAMPLE) -> None:
    page.locator("#files").set_input_files(path)
    expect(page.locator(".score-percent b")).to_have_text(PERCENT)


def keep(page: Page, url: str) -> None:
    """Visit, and wait until the page is kept for a visit without a network."""
    page.goto(url)
    page.locator("body[data-kept]").wait_for()


def test_no_request_carries_anything(visitor: BrowserContext, phone_folder: Path) -> None:
    asked: list[str] = []
    hosts: set[str] = set()
    visitor.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    with static_files(phone_folder, asked) as url:
        page = visitor.new_page()
        page.on("websocket", lambda socket: hosts.add(socket.url))
        keep(page, url)
        score(page)
        for part in page.locator(".choices button").all():
            part.tap()
            expect(page.locator(".part .bar")).to_have_count(0)
        page.get_by_role("button", name="Another photo").tap()
        page.locator("#files").set_input_files([SAMPLE, SAMPLE.with_name("sample-1.jpg")])
        page.get_by_role("button", name="Other photos").tap()
        visitor.grant_permissions(["camera"])
        page.get_by_role("button", name="Live coach").tap()
        expect(page.locator(".now b")).to_have_text(re.compile(r"^\d+\.\d %$"))
        page.get_by_role("button", name="Take the photo", exact=True).tap()
        expect(page.locator(".score-percent b")).to_have_text(re.compile(r"^\d+\.\d %$"))
        page.wait_for_timeout(500)  # for what would go out late
        page.close()
    assert hosts - {""} == {url.split("/")[2]}  # blobs have no host
    known = {path.relative_to(phone_folder).as_posix() for path in phone_folder.rglob("*")}
    for line in asked:
        method, path, _, sent = line.split()
        assert (method, sent) == ("GET", "0")
        assert path[1:] in known | {""}  # no query, no name that is made of a photo


def test_page_scores_without_a_network(visitor: BrowserContext, phone_folder: Path) -> None:
    with static_files(phone_folder) as url:
        page = visitor.new_page()
        keep(page, url)
    visitor.set_offline(True)  # and the server is gone
    page.goto(url)
    page.locator("body[data-ready]").wait_for()
    score(page)
    expect(page.locator(".score-ring b")).to_have_text(re.compile(r"^\d+$"))
    said = float(page.locator(".score-percent b").inner_text().split()[0])
    assert said / 100 == pytest.approx(sample_score("sample-3"), abs=0.005)  # weights of 8 bits
    page.get_by_role("button", name="Like it").tap()
    expect(page.locator(".near .thumb")).to_have_count(12)
    expect(page.locator(".score-map svg")).to_be_visible()


def copied(phone_folder: Path, folder: Path) -> tuple[Path, Path]:
    """Return a copy of the page, and the folder of its version."""
    site = Path(shutil.copytree(phone_folder, folder / "site"))
    (old,) = (path for path in site.iterdir() if path.is_dir())
    for path in site.iterdir():  # so old that a browser takes its own copy for fresh
        os.utime(path, (0, 0))
    return site, old


def renewed(site: Path, old: Path) -> Path:
    """Return the folder of a newer version, which replaces the old one."""
    new = old.rename(site / "0123456789ab")
    for name in phone.ENTRY:
        text = (site / name).read_text("utf-8")
        (site / name).write_text(text.replace(old.name, new.name), "utf-8")
    return new


def test_newer_version_that_waits_outlives_a_reload(
    visitor: BrowserContext, phone_folder: Path, tmp_path: Path
) -> None:
    site, old = copied(phone_folder, tmp_path)
    with static_files(site) as url:
        page = visitor.new_page()
        keep(page, url)
        new = renewed(site, old)
        use = page.get_by_role("button", name="Use it now")
        for _ in range(2):
            page.reload()
            expect(use).to_be_visible()
        with page.expect_navigation():
            use.tap()
        page.locator("body[data-ready]").wait_for()
        assert new.name in page.content()
        page.wait_for_function("async () => (await caches.keys()).length == 1")
    visitor.set_offline(True)
    page.reload()
    page.locator("body[data-ready]").wait_for()


def test_newer_version_waits_until_it_is_asked_for(
    visitor: BrowserContext, phone_folder: Path, tmp_path: Path
) -> None:
    site, old = copied(phone_folder, tmp_path)
    with static_files(site) as url:
        page = visitor.new_page()
        keep(page, url)
        new = renewed(site, old)
        page.reload()
        page.locator("body[data-ready]").wait_for()
        assert old.name in page.content()  # whole, though the server has it no more
        score(page)
        expect(page.locator(".row .thumb").first).to_be_visible()
        other = visitor.new_page()
        other.goto(url)
        other.locator("body[data-ready]").wait_for()
        with other.expect_navigation():
            other.get_by_role("button", name="Use it now").tap()
        other.locator("body[data-ready]").wait_for()
        assert new.name in other.content()
        # The first window has what it shows, and goes on being whole.
        expect(page.locator("#kept")).to_contain_text("A newer version is in use in another window")
        score(page, SAMPLE.with_name("sample-1.jpg"))
        page.get_by_role("button", name="Like it").tap()
        expect(page.locator(".near .thumb")).to_have_count(12)
        last = max(int(path.stem) for path in (new / "thumbs").glob("*.webp"))
        sheet = f"{old.name}/thumbs/{last}.webp"  # not shown until now
        assert page.evaluate("async (file) => (await fetch(file)).status", sheet) == 200
        other.close()
        with page.expect_navigation():
            page.get_by_role("button", name="Load it").tap()
        page.locator("body[data-ready]").wait_for()
        assert new.name in page.content()
        page.wait_for_function("async () => (await caches.keys()).length == 1")


def test_net_that_breaks_off_can_be_fetched_again(
    visitor: BrowserContext, phone_folder: Path
) -> None:
    with static_files(phone_folder) as url:
        page = visitor.new_page()
        page.route("**/scorer.safetensors", lambda route: route.abort())
        page.goto(url)
        expect(page.locator("#said")).to_contain_text("The network broke off")
        page.locator("#files").set_input_files(SAMPLE)
        expect(page.locator("#said")).to_contain_text("The network broke off")  # and not "Got it"
        page.unroute("**/scorer.safetensors")
        page.get_by_role("button", name="Try again").tap()
        expect(page.locator(".score-percent b")).to_have_text(PERCENT)  # of what was chosen


def test_modules_that_never_come_are_one_line(visitor: BrowserContext, phone_folder: Path) -> None:
    with static_files(phone_folder) as url:
        page = visitor.new_page()
        page.route("**/parts.js", lambda route: route.abort())
        page.goto(url)
        expect(page.locator("#said")).to_contain_text("The network broke off")
        page.unroute("**/parts.js")
        page.route("**/crops.js", lambda route: route.abort())  # the worker's
        page.get_by_role("link", name="Try again").tap()
        again = page.get_by_role("button", name="Try again")
        expect(again).to_be_visible()
        page.unroute("**/crops.js")
        again.tap()
        page.locator("body[data-ready]").wait_for()


def test_browser_that_cannot_read_the_modules_is_sent_to_the_server(
    browser: Browser, phone_folder: Path
) -> None:
    page = browser.new_page(service_workers="block")
    written = {"content_type": "text/javascript", "body": "of tomorrow = ;"}
    page.route("**/parts.js", lambda route: route.fulfill(**written))
    with static_files(phone_folder) as url:
        page.goto(url)
        expect(page.locator("#said")).to_contain_text("This browser is too old to run the net")
        expect(page.locator("#said a")).to_have_attribute("href", "../score")
    page.close()


def test_sample_that_does_not_come_is_one_line_and_a_retry(
    browser: Browser, phone_folder: Path
) -> None:
    with static_files(phone_folder) as url:
        page = browser.new_page(service_workers="block")
        page.goto(url)
        page.locator("body[data-ready]").wait_for()
        page.route("**/samples/*", lambda route: route.abort())
        page.get_by_role("button", name="Sample photo 2").click()
        expect(page.locator("#said")).to_contain_text("The network broke off")
        page.unroute("**/samples/*")
        page.get_by_role("button", name="Try again").click()
        expect(page.locator(".score-percent b")).to_have_text(PERCENT)
        page.close()


@pytest.mark.parametrize(
    ("photos", "shown"),
    [([SAMPLE], ".score-ring b"), ([SAMPLE, SAMPLE.with_name("sample-1.jpg")], "#burst .kept")],
    ids=["one", "burst"],
)
def test_photos_are_kept_where_the_network_breaks_off_behind_the_net(
    browser: Browser, phone_folder: Path, photos: list[Path], shown: str
) -> None:
    with static_files(phone_folder) as url:
        page = browser.new_page(service_workers="block")  # nothing is kept yet
        page.route("**/gallery.safetensors", lambda route: route.abort())
        page.goto(url)
        page.locator("body[data-ready]").wait_for()
        page.locator("#files").set_input_files(photos)
        expect(page.locator("#said")).to_contain_text("The network broke off")
        page.unroute("**/gallery.safetensors")
        page.get_by_role("button", name="Try again").click()
        expect(page.locator(shown).first).to_have_text(re.compile(r"^\d+"))
        page.close()


def test_device_without_room_says_that_nothing_is_kept(
    visitor: BrowserContext, phone_folder: Path
) -> None:
    with static_files(phone_folder) as url:
        page = visitor.new_page()
        room = {"origin": url.rstrip("/"), "quotaSize": 1_000_000}
        visitor.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", room)
        page.goto(url)
        expect(page.locator("#kept")).to_contain_text("this device has no room for it")
        score(page)
