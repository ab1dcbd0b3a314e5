"""The app as a visitor meets it: served on the demo gallery, driven in Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync --enable-unsafe-swiftshader
--use-fake-device-for-media-stream""".split()
START_LIMIT = 180  # seconds


@pytest.fixture(scope="session")
def app_url() -> Iterator[str]:
    with serve() as url:
        yield url


@pytest.fixture(scope="session")
def serving() -> Callable[..., AbstractContextManager[str]]:
    """Starts the app with environment variables of a test's choice."""
    return serve


@contextmanager
def serve(**settings: str) -> Iterator[str]:
    """Yield the address of the app, started with these environment variables."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SELFIE_G")}
    server = subprocess.Popen(
        [*command, f"--server.port={port}", "--server.address=127.0.0.1"],
        cwd=ROOT,
        env=clean | settings,
    )  # what it says stands beside the test that fails
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/_stcore/health")
        yield url
    finally:
        server.terminate()
        server.wait(60)


@pytest.fixture(scope="module")
def changing_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """An app, and the folder of its gallery: a test puts there what it wants shown."""
    folder = tmp_path_factory.mktemp("changing") / "gallery"
    with serve(SELFIE_GALLERY=str(folder)) as url:
        yield url, folder


@pytest.fixture(scope="module")
def watched_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """An app, and a file with the path of each file that it opened to write, one per line."""
    folder = tmp_path_factory.mktemp("watched")
    log = folder / "written.txt"
    (folder / "sitecustomize.py").write_text(_WATCH, "utf-8")
    with serve(PYTHONPATH=str(folder), WATCH_LOG=str(log), PYTHONDONTWRITEBYTECODE="1") as url:
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


def _wait_for(address: str) -> None:
    end = time.monotonic() + START_LIMIT
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the app did not start within {START_LIMIT} s")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("no Chromium on PATH; install it and rerun")
    expect.set_options(timeout=30_000)  # ms; a loaded machine takes its time
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(30_000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert not problems, problems
