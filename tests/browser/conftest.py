"""The app as a visitor meets it: served on the demo gallery, driven in Chromium."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from selfie_core.gallery.gallery import Gallery
from tests.support.map_page import PATIENCE, go_to, shown_gallery
from tests.support.served import serve

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync --enable-unsafe-swiftshader
--use-fake-device-for-media-stream""".split()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try a test that fails in the browser again, twice at most: on a busy machine one in some
    hundreds lost a race with Streamlit.  The summary names what was tried again.
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=2))


@pytest.fixture(scope="session")
def app_url() -> Iterator[str]:
    with serve_app() as url:
        yield url


@pytest.fixture(scope="session")
def serving() -> Callable[..., AbstractContextManager[str]]:
    """Starts the app with environment variables of a test's choice."""
    return serve_app


@pytest.fixture(scope="session")
def gallery() -> Gallery:
    return shown_gallery()


@contextmanager
def serve_app(below: str = "", **settings: str) -> Iterator[str]:
    """Yield the address of the app, started with these environment variables.

    `below` is the path that they put before all of the app's.
    """
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    command += ["--server.port={port}", "--server.address=127.0.0.1"]
    with serve(command, ROOT, health=f"{below}/_stcore/health", **settings) as url:
        yield url


@pytest.fixture(scope="module")
def changing_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """An app, and the folder of its gallery: a test puts there what it wants shown."""
    folder = tmp_path_factory.mktemp("changing") / "gallery"
    with serve_app(SELFIE_GALLERY=str(folder)) as url:
        yield url, folder


@pytest.fixture(scope="module")
def watched_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """An app, and a file with the path of each file that it opened to write, one per line."""
    folder = tmp_path_factory.mktemp("watched")
    log = folder / "written.txt"
    (folder / "sitecustomize.py").write_text(_WATCH, "utf-8")
    with serve_app(PYTHONPATH=str(folder), WATCH_LOG=str(log), PYTHONDONTWRITEBYTECODE="1") as url:
        yield url, log


# Python tells of every file before it is opened; what tempfile and the parsers open too.
_WATCH = """
import os, sys
log = os.open(os.environ["WATCH_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def watch(event, args):
    if event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        os.write(log, f"{args[0]}\\n".encode())
sys.addaudithook(watch)
open(os.devnull, "w").close()  # the first line: the watch is on
"""


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the program."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    return path or pytest.fail("no Chromium on PATH; install it and rerun")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """One visitor, whose browser keeps Streamlit's scripts; the app keeps nothing in it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield context
    context.close()


@pytest.fixture(scope="session")
def phone_visitor(browser: Browser) -> Iterator[BrowserContext]:
    """The same on a phone."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    yield context
    context.close()


@pytest.fixture
def page(visitor: BrowserContext) -> Iterator[Page]:
    with new_page(visitor) as page:
        yield page


@pytest.fixture
def phone(phone_visitor: BrowserContext) -> Iterator[Page]:
    with new_page(phone_visitor) as page:
        yield page


@pytest.fixture
def open_map(page: Page, app_url: str) -> Page:
    return go_to(page, f"{app_url}/map")


@contextmanager
def new_page(visitor: BrowserContext) -> Iterator[Page]:
    """Yield a page, which is a session of its own; no script in it may fail."""
    page = visitor.new_page()
    page.set_default_timeout(PATIENCE)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: "Content Security" in said.text and problems.append(said.text))
    yield page
    page.evaluate("try { localStorage.clear() } catch {}")  # Streamlit keeps its menu's state there
    page.close()
    visitor.clear_permissions()
    assert not problems, problems
