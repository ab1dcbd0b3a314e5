"""What breaks a limit gets one line, and whoever keeps to them an answer."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from selfie_core.web import shield
from selfie_core.web.shield import Shield
from tests.support.apart import run_apart


async def take(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def page(request: Request) -> Response:
    return HTMLResponse("<p>", headers={"Referrer-Policy": "no-referrer"})


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.receive()


ROUTES = [
    Route("/region.json", take, methods=["POST"]),
    Route("/api/v1/score", take, methods=["POST"]),
    Route("/page", page),
    WebSocketRoute("/stream", talk),
]


def guarded(**how: Any) -> Shield:
    return Shield(Starlette(routes=ROUTES), **how)


def test_headers_guard_every_answer_and_leave_a_page_its_own() -> None:
    client = TestClient(guarded(sums=["sha256-abc"]))
    headers = client.get("/page").headers
    assert "script-src 'self' blob: 'sha256-abc'" in headers["content-security-policy"]
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert "unsafe-eval" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert client.get("/nowhere").headers["x-frame-options"] == "SAMEORIGIN"


@pytest.mark.parametrize(
    ("to", "told"),
    [
        ("http://testserver/a/b?c=/d", "../../a/b?c=/d"),
        ("/", "../../"),
        ("//elsewhere/a", "//elsewhere/a"),
        ("http://testserver//elsewhere", "http://testserver//elsewhere"),
        ("https://id.example.org/a", "https://id.example.org/a"),
        ("next", "next"),
    ],
)
def test_what_leads_on_within_the_app_keeps_what_a_proxy_took_off(to: str, told: str) -> None:
    lead = Route("/a/b/", lambda request: RedirectResponse(to))
    client = TestClient(Shield(Starlette(routes=[lead])), follow_redirects=False)
    assert client.get("/a/b/").headers["location"] == told


def test_a_body_may_be_as_large_as_its_route_takes() -> None:
    client = TestClient(guarded())
    pieces: Iterable[bytes] = [b"x" * 400_000] * 3  # sent in chunks, without a length
    for body in (b"x" * 1_000_001, iter(pieces)):
        refused = client.post("/region.json", content=body)
        assert (refused.status_code, refused.text) == (413, "the request is larger than 1 MB")
    assert client.post("/api/v1/score", content=iter(pieces)).text == "1200000"
    assert client.post("/region.json", content=b"x" * 1_000_000).text == "1000000"


@pytest.mark.parametrize("stated", ["-1", "many", "9" * 30])
def test_a_length_that_is_none_is_refused(stated: str) -> None:
    client = TestClient(guarded())
    refused = client.post("/region.json", content=b"x", headers={"Content-Length": stated})
    assert refused.status_code == 413


def ask(app: Shield, *, client: str, receive: Callable[[], Any]) -> list[Any]:
    """Return what an app sends for a request as a server hands it on."""
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": "/region.json",
        "query_string": b"", "headers": [], "client": (client, 1), "server": ("127.0.0.1", 80),
        "scheme": "http", "root_path": "",
    }  # fmt: skip
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def run() -> None:
        await app(scope, receive, send)

    run_apart(run)
    return sent


@pytest.mark.parametrize("pause", [0.05, 100])
def test_a_slow_sender_is_let_go(monkeypatch, pause: float) -> None:
    monkeypatch.setattr(shield, "_GRACE", 0.4)

    async def trickle() -> Any:
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": b"x", "more_body": True}

    start, body = ask(guarded(), client="203.0.113.1", receive=trickle)
    assert start["status"] == 408
    assert body["body"] == b"the request took too long to arrive; try again"


def test_rates_hold_per_address_and_for_all() -> None:
    app = guarded()

    async def whole() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    def status(client: str) -> int:
        return ask(app, client=client, receive=whole)[0]["status"]

    app.requests.burst, app.requests.per_minute = 3, 1e-3
    assert [status("203.0.113.1") for _ in range(4)] == [200, 200, 200, 429]
    assert [status("203.0.113.2"), status("127.0.0.1")] == [200, 200]
    app.of_all.burst, app.of_all.per_minute = 0.5, 1e-3
    assert [status("203.0.113.3"), status("127.0.0.1")] == [429, 200]


def test_a_proxy_that_passes_no_host_on_is_told_of(caplog) -> None:
    page = TestClient(guarded())
    with page.websocket_connect("/stream", headers={"Origin": "http://testserver"}):
        assert not caplog.messages
    with page.websocket_connect("/stream", headers={"Origin": "https://selfie.example.org"}):
        pass
    assert "let the proxy pass the header Host on" in caplog.messages[0]


def test_opening_a_socket_is_a_request() -> None:
    app = guarded()
    app.requests.burst, app.requests.per_minute = 2, 1e-3
    page = TestClient(app, client=("203.0.113.1", 1))
    for _ in range(2):
        with page.websocket_connect("/stream"):
            pass
    with pytest.raises(WebSocketDisconnect) as refused, page.websocket_connect("/stream"):
        pass
    assert refused.value.code == 1013
    assert page.get("/page").status_code == 429


def test_sockets_are_counted_and_given_back() -> None:
    app = guarded(sockets=(2, 3))

    def client(address: str) -> TestClient:
        return TestClient(app, client=(address, 1))

    first = client("203.0.113.1")
    with first.websocket_connect("/stream"), first.websocket_connect("/stream"):
        with pytest.raises(WebSocketDisconnect) as refused, first.websocket_connect("/stream"):
            pass
        assert refused.value.code == 1013
        with client("203.0.113.2").websocket_connect("/stream"):
            with pytest.raises(WebSocketDisconnect):
                client("203.0.113.3").websocket_connect("/stream").__enter__()
            with client("127.0.0.1").websocket_connect("/stream"):
                pass
    assert not app.open
    with first.websocket_connect("/stream"):
        pass
