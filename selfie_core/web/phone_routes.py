"""The page that scores on the visitor's own device; its files are made at the first visit."""

import functools
import mimetypes
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
_WAIT = "The net is made ready for phones. This happens once and takes about a minute."


def phone_routes(main_gallery: Callable[[], Gallery]) -> list[Route]:
    """Return the routes of /phone.

    Args:
        main_gallery: Gives the gallery of the app; called on every request.
    """

    async def answer(request: Request) -> Response:
        try:
            made = await run_in_threadpool(_folder_of, main_gallery)
        except SelfieError as error:
            said = f'{error}. <a href="{SERVER}">Score it on the server</a>'
            return HTMLResponse(_PLAIN.format(said), headers=_HEADERS)
        name = request.path_params.get("name") or "index.html"
        if made is None and name == "index.html":
            return HTMLResponse(_PLAIN.format(_WAIT), headers={**_HEADERS, "Refresh": "2"})
        return _file(made, name, request) if made else _absent()

    return [
        Route("/phone", lambda request: RedirectResponse(f"{request.url.path}/")),
        Route("/phone/{name:path}", answer),
    ]


def kept_folder(gallery: Gallery) -> Path:
    """Return where the cache folder keeps the page for a gallery."""
    return store.cache_folder() / f"phone-{gallery.version}-{gallery.scorer_id}-{page_id()}"


def _folder_of(main_gallery: Callable[[], Gallery]) -> Path | None:
    """Return the folder of the page for the app's gallery; None while it is being made."""
    gallery = main_gallery()
    folder = kept_folder(gallery)
    if (folder / "app.webmanifest").is_file():  # which is written last
        return folder
    made = _made(gallery, folder)
    if made.done():
        made.result()  # what went wrong
    return None


@functools.lru_cache(maxsize=4)
def _made(gallery: Gallery, folder: Path) -> Future[object]:
    """Begin to make the folder, once."""
    return ThreadPoolExecutor(1, "phone").submit(make_phone, gallery, folder, server=SERVER)


def _file(folder: Path, name: str, request: Request) -> Response:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
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
