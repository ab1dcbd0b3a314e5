"""The page /phone as static files, and its modules as a test calls them in a browser."""

import functools
import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

PATIENCE = 60_000  # ms; a busy machine may take a while


class Files(http.server.SimpleHTTPRequestHandler):
    """Serves files with the types that browsers want, and notes what was asked for."""

    extensions_map = {  # noqa: RUF012
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript", ".wasm": "application/wasm",
        ".webmanifest": "application/manifest+json",
    }  # fmt: skip

    def __init__(self, *given: Any, asked: list[str], **more: Any) -> None:
        self._asked = asked
        super().__init__(*given, **more)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def log_request(self, *_: Any) -> None:
        """Note what was asked for, and how many bytes came along."""
        self._asked.append(f"{self.requestline} {self.headers.get('content-length', 0)}")


@contextmanager
def static_files(
    folder: Path, asked: list[str] | None = None, kind: Callable[..., Files] = Files
) -> Iterator[str]:
    """Yield the address of a server of a folder that knows nothing but files.

    `kind` is how it serves them.  What it is asked for goes into `asked`: "GET /sw.js HTTP/1.1 0",
    the bytes sent along last.
    """
    kept = [] if asked is None else asked
    handler = functools.partial(kind, directory=str(folder), asked=kept)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()


# All that the page says of a photo, through the module that its worker runs.
_ANSWERS = """async ({ base, files, crops }) => {
  const { Photos } = await import(base + "phone/photos.js");
  const photos = await Photos.open(base, () => {});
  await photos.rest();
  const answers = [];
  for (const name of files) {
    const file = await (await fetch("/" + name)).blob();
    try {
      const answer = await photos.score({ file });
      Object.assign(answer, await photos.beside(), { faces: await photos.faces() });
      if (crops) {
        answer.crops = await photos.crops({});
        answer.rude = await photos.crops({ rude: true });
      }
      answers.push(answer);
    } catch (error) {
      answers.push({ error: error.message, kind: error.kind });
    }
  }
  return answers;
}"""


def answers(page: Any, base: str, files: list[str], *, crops: bool = False) -> list[Any]:
    """Return what the page's modules say of files that its server has."""
    return page.evaluate(_ANSWERS, {"base": base, "files": files, "crops": crops})


@contextmanager
def opened(page: Page, folder: Path) -> Iterator[str]:
    """Open the page with its net; yield the address of its version, where its modules are."""
    page.set_default_timeout(PATIENCE)
    with static_files(folder) as url:
        page.goto(url)
        page.locator("body[data-ready]").wait_for()
        version = next(path for path in folder.iterdir() if (path / "facts.json").is_file())
        yield f"{url}{version.name}/"
