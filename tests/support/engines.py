"""Browsers of other makes than Chromium: all they must be able to do is open an address.

They open a page that asks the test what to run, runs it, and sends back what came out.  So no
driver is needed, and none stands between a page and its service worker.
"""

import functools
import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.phone_page import Files, static_files

LIMIT = 600  # seconds for what is run; a loaded machine takes its time
# What is asked for may use the frame, which is as large as a phone.
DRIVE = b"""<!doctype html><title>Driven</title>
<iframe style="width: 390px; height: 844px; border: 0"></iframe>
<script type="module">
for (let said = ""; ; ) {
  const { code, given } = await (await fetch("/drive", { method: "POST", body: said })).json();
  const run = async () => ({ answer: await eval(code)(given) });
  said = JSON.stringify(await run().catch((error) => ({ error: `${error}\\n${error.stack}` })));
}
</script>"""
# No first questions, and a camera that needs no leave.
PREFERENCES = """user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("media.navigator.streams.fake", true);
user_pref("media.navigator.permission.disabled", true);
"""


def command(name: str, url: str, profile: Path) -> list[str | Path]:
    """Return what opens an address in a browser; skip the test without it, Firefox never in CI.

    Args:
        name: "firefox", or "webkit": WebKitGTK's MiniBrowser, the nearest to Safari on Linux.
        url: The address.
        profile: Empty folder, where the browser keeps its files.
    """
    if name == "firefox":
        found = shutil.which("firefox") or shutil.which("firefox-esr")
        (profile / "user.js").write_text(PREFERENCES, "utf-8")
        line: list[str | Path] = ["--headless", "--no-remote", "--profile", profile, url]
    else:
        here = next(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"), None)
        found = shutil.which("xvfb-run") if here else None
        kept = [f"XDG_{kind}_HOME={profile}" for kind in ("DATA", "CACHE", "CONFIG")]
        line = ["-a", "env", *kept, here or "", url]
    if not found:
        why = {
            "firefox": 'no Firefox here: install the package "firefox-esr"',
            "webkit": "no WebKit here: install the packages libwebkit2gtk-4.1-0, xvfb and xauth",
        }[name]
        pytest.fail(why) if os.environ.get("CI") and name == "firefox" else pytest.skip(why)
    return [found, *line]


class Engine:
    """A browser that runs what it is asked to, beside the files of a folder."""

    def __init__(self) -> None:
        self.url = ""  # where it finds the files
        self.asked: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.said: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.offline = False  # the files are gone; each connection ends without a word

    def evaluate(self, code: str, given: Any = None) -> Any:
        """Return what a JavaScript function makes of an argument, as a page of Playwright does."""
        self.asked.put({"code": code, "given": given})
        said = self.said.get(timeout=LIMIT)
        assert "error" not in said, said["error"]
        return said.get("answer")


class _Driven(Files):
    """Files, and the page that runs what an engine is asked."""

    def __init__(self, *given: Any, engine: Engine, **more: Any) -> None:
        self._engine = engine
        super().__init__(*given, **more)

    def do_GET(self) -> None:
        if self.path == "/drive":
            self._send(DRIVE, "text/html")
        elif not self._engine.offline:
            super().do_GET()

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers["content-length"]))
        if said:
            self._engine.said.put(json.loads(said))
        self._send(json.dumps(self._engine.asked.get()).encode(), "application/json")

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def opened_in(name: str, folder: Path) -> Iterator[Engine]:
    """Yield a browser, by its name, that finds the files of a folder at its `url`."""
    engine = Engine()
    serve = functools.partial(_Driven, engine=engine)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        static_files(folder, kind=serve) as engine.url,
    ):
        # A group of processes of its own, which ends as a whole.
        line = command(name, f"{engine.url}drive", Path(profile))
        program = subprocess.Popen(line, start_new_session=True, stderr=subprocess.DEVNULL)
        try:
            yield engine
        finally:
            os.killpg(program.pid, signal.SIGTERM)
            program.wait(120)
