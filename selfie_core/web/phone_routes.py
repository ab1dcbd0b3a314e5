"""The page that scores on the visitor's own device; its files are made at the first visit."""

import mimetypes
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Route

from selfie_core.base import store
from selfie_core.base.errors import SelfieError
from selfie_core.gallery.gallery import Gallery
from selfie_core.web.map_routes import FOREVER
from selfie_core.web.phone import POLICY, make_phone, page_id

MADE_OF = "made-of"  # in the folder of the page: the gallery's version, the scorer's id
UNUSED = 30 * 86_400  # seconds
SERVER = "../score"  # from the page, which can't score every photo on every device
_KINDS = {
    ".js": "text/javascript",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
}
_PACKED = ((".br", "br"), (".gz", "gzip"))
_HEADERS = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
_PLAIN = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Selfie</title>
<meta name="color-scheme" content="light dark">
<body style="font: 1.125rem/1.5 system-ui; display: grid; place-items: center; min-height: 90vh;
margin: 0 1.5rem; text-align: center"><p>{}</p></body></html>"""
_WAIT = "The net is made ready for phones. This happens once and may take a minute."


def phone_routes(main_gallery: Callable[[], Gallery]) -> list[Route]:
    """Return the routes of /phone.

    Args:
        main_gallery: Gives the gallery of the app; called on every request.
    """
    maker = _Maker()

    async def answer(request: Request) -> Response:
        try:
            made = await run_in_threadpool(lambda: maker.folder_of(main_gallery()))
        except SelfieError as error:
            said = f'{error}. <a href="{SERVER}">Score it on the server</a>'
            return HTMLResponse(_PLAIN.format(said), 503, headers=_HEADERS)
        name = request.path_params.get("name") or "index.html"
        if made is None and name == "index.html":
            return HTMLResponse(_PLAIN.format(_WAIT), headers={**_HEADERS, "Refresh": "2"})
        return _file(made, name, request) if made else _absent()

    return [
        Route("/phone", lambda request: RedirectResponse("phone/")),
        Route("/phone/{name:path}", answer),
    ]


def make_kept(gallery: Gallery) -> Path:
    """Make the page for a gallery where the app finds it; return its folder."""
    folder = _kept_folder(gallery)
    make_phone(gallery, folder, server=SERVER)
    store.write_text(folder / MADE_OF, _made_of(gallery))
    for other in folder.parent.glob(f"{folder.name.rsplit('-', 1)[0]}-*"):
        if other != folder and time.time() - other.stat().st_mtime > UNUSED:
            shutil.rmtree(other, ignore_errors=True)  # of a version of the app that is gone
    return folder


def _kept_folder(gallery: Gallery) -> Path:
    place = store.content_id(str(gallery.folder.resolve()).encode())
    return store.cache_folder() / f"phone-{place}-{page_id()}"


def _made_of(gallery: Gallery) -> str:
    return f"{gallery.version} {gallery.scorer_id}"


class _Maker:
    """Makes pages in a thread, one at a time per gallery."""

    def __init__(self) -> None:
        self._jobs: dict[Path, tuple[str, Future[Path]]] = {}
        self._lock = threading.Lock()

    def folder_of(self, gallery: Gallery) -> Path | None:
        """Return the folder of a gallery's page; None while the first one is being made.

        Of a gallery that has changed it is the one made before, until the new one is whole.
        """
        folder, wanted = _kept_folder(gallery), _made_of(gallery)
        if _is_made(folder, wanted):
            return folder
        with self._lock:
            of, job = self._jobs.get(folder, ("", None))
            if job is not None and job.done():
                del self._jobs[folder]  # what failed is said once, then tried anew
                if of == wanted:
                    job.result()  # what went wrong
                job = None
            if job is None and not _is_made(folder, wanted):  # or the cache was emptied since
                job = ThreadPoolExecutor(1, "phone").submit(make_kept, gallery)
                self._jobs[folder] = wanted, job
        return folder if (folder / MADE_OF).is_file() else None


def _is_made(folder: Path, wanted: str) -> bool:
    made_of = folder / MADE_OF
    return made_of.is_file() and made_of.read_text("utf-8") == wanted


def _file(folder: Path, name: str, request: Request) -> Response:
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            return _absent()
    except (OSError, ValueError):  # no file can have such a name
        return _absent()
    kind = _KINDS.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    headers = _HEADERS | (FOREVER if "/" in name else {"Cache-Control": "no-cache"})
    headers["Vary"] = "Accept-Encoding"
    takes = request.headers.get("accept-encoding", "")
    for end, coding in _PACKED:
        packed = path.with_name(path.name + end)
        if coding in takes and packed.is_file():
            path, headers["Content-Encoding"] = packed, coding
            break
    return FileResponse(path, headers=headers, media_type=kind or "application/octet-stream")


def _absent() -> Response:
    return PlainTextResponse("no such file; reload the page", 404)
