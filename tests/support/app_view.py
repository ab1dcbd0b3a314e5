"""A stand-in for Bluesky's AppView: it lists who called whom, read off the real server.

The server hands it the calls of `app.bsky`, signed, as it does in the world; what it answers is of
the server's own records.  Only what the bot asks is there.
"""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests


class AppView:
    """What is known of the accounts of one server; the address of that is set once it is up."""

    def __init__(self) -> None:
        self.server = ""
        self.status, self.headers = (
            200,
            {},
        )  # what each call is answered, to play a server's trouble
        self._first_seen: dict[str, str] = {}
        self._asking = requests.Session()

    def notifications(self, me: str, page: int, limit: int) -> dict[str, Any]:
        found = []
        for did in self._accounts():
            for post in self._records(did, "app.bsky.feed.post"):
                if did != me and (reason := _reason(post["value"], me)):
                    seen = self._first_seen.setdefault(post["uri"], _now())
                    found.append(
                        {
                            "uri": post["uri"], "cid": post["cid"], "reason": reason,
                            "author": {"did": did, "handle": "somebody.test"},
                            "record": post["value"], "isRead": False, "indexedAt": seen,
                            "labels": [],
                        }
                    )  # fmt: skip
        found.sort(key=lambda one: one["indexedAt"], reverse=True)
        rest = {"cursor": str(page + limit)} if len(found) > page + limit else {}
        return {"notifications": found[page : page + limit], **rest}

    def profile(self, actor: str, me: str) -> dict[str, Any]:
        blocks = self._records(actor, "app.bsky.graph.block")
        blocked = any(block["value"].get("subject") == me for block in blocks)
        return {"did": actor, "handle": "somebody.test", "viewer": {"blockedBy": blocked}}

    def _accounts(self) -> list[str]:
        found = self._get("com.atproto.sync.listRepos", limit=1000)["repos"]
        return [one["did"] for one in found if one.get("active", True)]

    def _records(self, did: str, collection: str) -> list[dict[str, Any]]:
        records, more = [], {}
        while True:
            got = self._get(
                "com.atproto.repo.listRecords", repo=did, collection=collection, limit=100, **more
            )
            records += got["records"]
            if not got.get("cursor") or not got["records"]:
                return records
            more = {"cursor": got["cursor"]}

    def _get(self, method: str, **params: Any) -> dict[str, Any]:
        got = self._asking.get(f"{self.server}/xrpc/{method}", params=params, timeout=30)
        got.raise_for_status()
        return got.json()


@contextmanager
def serve_app_view() -> Iterator[tuple[str, AppView]]:
    """Yield the address of an AppView and what it answers from."""
    view = AppView()

    class Handler(BaseHTTPRequestHandler):
        # A connection that ends with the answer ended the real server, once in some hundred calls:
        # an assertion of undici 6, "!this.paused".
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(asked.query).items()}
            claims = self.headers["Authorization"].split(".")[1]
            me = json.loads(base64.urlsafe_b64decode(claims + "=="))["iss"]
            if view.status != 200:
                answer: dict[str, Any] = {"error": "Trouble", "message": "played by a test"}
            elif asked.path.endswith("listNotifications"):
                page, limit = int(query.get("cursor", 0)), int(query.get("limit", 50))
                answer = view.notifications(me, page, limit)
            else:
                answer = view.profile(query["actor"], me)
            data = json.dumps(answer).encode()
            self.send_response(view.status)
            for name, value in {"Content-Type": "application/json", **view.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True  # those of connections that stay open
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", view
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        view._asking.close()


def _reason(record: dict[str, Any], me: str) -> str | None:
    features = [one for facet in record.get("facets", []) for one in facet.get("features", [])]
    if any(one.get("did") == me for one in features):
        return "mention"
    parent = record.get("reply", {}).get("parent", {}).get("uri", "")
    return "reply" if parent.startswith(f"at://{me}/") else None


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
