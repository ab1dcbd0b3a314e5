"""`selfie app` as one meets it first: its address, its browser, and nobody else's words."""

import socket
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.served import START_LIMIT, serve

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.browser


def test_app_opens_its_own_address_for_this_machine_only(page: Page, tmp_path: Path) -> None:
    opened, browser = tmp_path / "opened.txt", tmp_path / "browser"
    browser.write_text(  # the address must answer when the browser comes
        f"#!{sys.executable}\nimport sys, urllib.request\nurllib.request.urlopen(sys.argv[1])\n"
        f"open({str(opened)!r}, 'w').write(sys.argv[1])\n",
        "utf-8",
    )
    browser.chmod(0o755)
    command = [sys.executable, "-c", "from selfie_core.cli.main import main; main()"]
    command += ["app", "--port={port}"]
    with serve(command, ROOT, health="/_stcore/health", BROWSER=f"{browser} %s") as url:
        page.goto(url)
        expect(page.get_by_text("nothing about the person")).to_be_visible()
        end = time.monotonic() + START_LIMIT
        while not (opened.is_file() and opened.read_text("utf-8")) and time.monotonic() < end:
            time.sleep(0.1)
        assert opened.read_text("utf-8") == f"{url}/"
        expect(page.get_by_text("agents")).to_have_count(0)  # what Streamlit would sell
        with pytest.raises(OSError):  # an address of this machine that was not asked for
            socket.create_connection(("127.0.0.2", int(url.rpartition(":")[2])), timeout=5)
