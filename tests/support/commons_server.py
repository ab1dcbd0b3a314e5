"""A small wiki on loopback that answers as MediaWiki's API does; it can be busy, slow and odd."""

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.drawn import draw_photo

PAGE = 2  # files a listing gives at once; the rest is asked for by "continue"


def a_file(number: int, licence: str = "CC BY-SA 4.0", **facts: Any) -> dict[str, Any]:
    """Return a file of the wiki."""
    artist = f'<a href="//wiki/User:P{number}">Photo &amp; Co. {number}</a>'
    return {"number": number, "licence": licence, "artist": artist, "mime": "image/jpeg"} | facts


class SmallWiki:
    """Categories of files, what was asked of the wiki, and how it misbehaves next."""

    def __init__(self, categories: dict[str, list[dict[str, Any]]]) -> None:
        self.categories = categories
        self.photos_asked: list[str] = []
        self.agents: set[str] = set()
        self.at_once = self.most_at_once = 0
        self.troubles: list[tuple[int, dict[str, str], bytes]] = []  # answers before the right one
        self.stops_after: int | None = None  # photos, then the line is cut
        self.refused: dict[int, int] = {}  # number of a photo, and the status instead of it
        self.address = ""
        self.lock = threading.Lock()

    def api(self, query: dict[str, str]) -> dict[str, Any]:
        title = query["gcmtitle"].removeprefix("Category:")
        if query["gcmtype"] == "subcat":
            inner = [name for name in self.categories if name.startswith(f"{title}/")]
            pages = [
                {"pageid": 900 + n, "title": f"Category:{name}"} for n, name in enumerate(inner)
            ]
            return {"batchcomplete": True, "query": {"pages": pages}} if pages else {}
        files = self.categories.get(title, [])
        first = int(query.get("gcmcontinue", 0))
        part = files[first : first + PAGE]
        if not part:
            return {"batchcomplete": True}
        answer: dict[str, Any] = {"query": {"pages": [self._page(file, query) for file in part]}}
        if first + PAGE < len(files):
            answer["continue"] = {"gcmcontinue": str(first + PAGE), "continue": "gcmcontinue||"}
        return {"batchcomplete": True, **answer}

    def _page(self, file: dict[str, Any], query: dict[str, str]) -> dict[str, Any]:
        number, width = file["number"], query["iiurlwidth"]
        facts = {
            "LicenseShortName": file["licence"], "Artist": file["artist"],
            "LicenseUrl": file.get("url", "https://creativecommons.org/licenses/by-sa/4.0"),
            "Restrictions": file.get("restrictions", ""),
        }  # fmt: skip
        info = {
            "url": f"{self.address}/full/{number}.jpg",
            "thumburl": f"{self.address}/thumb/{width}/{number}.jpg",
            "descriptionurl": f"{self.address}/wiki/File:{number}.jpg",
            "mime": file["mime"],
            "extmetadata": {name: {"value": value} for name, value in facts.items() if value},
        }
        return {"pageid": number, "title": f"File:{number}.jpg", "imageinfo": [info]}

    def photo(self, path: str) -> bytes:
        number = int(path.rpartition("/")[2].removesuffix(".jpg"))
        self.photos_asked.append(path)
        if number == 666:
            return b"no photo at all"
        file = io.BytesIO()
        draw_photo(number % 8).save(file, "JPEG")
        return file.getvalue()


@contextmanager
def serve_wiki(wiki: SmallWiki) -> Iterator[str]:
    """Yield the address of the wiki's api.php."""

    class Handler(BaseHTTPRequestHandler):
        wbufsize = 1 << 20  # nothing is sent before the request counts as done

        def do_GET(self) -> None:
            with wiki.lock:
                wiki.at_once += 1
                wiki.most_at_once = max(wiki.most_at_once, wiki.at_once)
            wiki.agents.add(self.headers["User-Agent"])
            self._answer()
            with wiki.lock:
                wiki.at_once -= 1

        def _answer(self) -> None:
            url = urlsplit(self.path)
            if wiki.troubles:
                return self._send(*wiki.troubles.pop(0))
            if url.path == "/api.php":
                query = {name: values[0] for name, values in parse_qs(url.query).items()}
                return self._send(
                    200, {"Content-Type": "application/json"}, json.dumps(wiki.api(query)).encode()
                )
            if wiki.stops_after is not None and len(wiki.photos_asked) >= wiki.stops_after:
                return self.connection.close()
            status = wiki.refused.get(int(url.path.rpartition("/")[2].removesuffix(".jpg")), 200)
            self._send(status, {"Content-Type": "image/jpeg"}, wiki.photo(url.path))

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    wiki.address = f"http://127.0.0.1:{server.server_port}"
    # It looks this often, in s, whether it should stop.
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"{wiki.address}/api.php"
    server.shutdown()
    server.server_close()
    thread.join()
