"""What guards every server: headers for browsers, and limits of size, time, rate and sockets."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from selfie_core.web.budgets import Budgets

log = logging.getLogger(__name__)

# The sums are of the one script that stands in Streamlit's page; blob: is how it starts
# components.  No script is taken from an attribute, a text or another host.
_POLICY = (
    "default-src 'self'; script-src 'self' blob: {sums}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}
_LARGEST = 1_000_000  # bytes of a body: a chosen region of a gallery of eight million photos
_LARGEST_PHOTO = 64_000_000  # bytes; what takes photos has smaller limits of its own
_TAKE_PHOTOS = ("/api/", "/_stcore/upload_file/")
_GRACE = 30.0  # seconds that any body may take
_SLOWEST = 10_000  # bytes per second beyond these
_HERE = {"127.0.0.1", "::1"}  # this machine's own visitor is not held up


class Shield:
    """Guards an app: what breaks a limit is told so in one line, and costs the others nothing.

    Args:
        app: What lies behind.
        base: What the paths of the app begin with, "/selfie" or "".
        sums: Of scripts that stand in pages, as "sha256-...", for the policy of the content.
        sockets: Open at once, of one address and of all.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        base: str = "",
        sums: Iterable[str] = (),
        sockets: tuple[int, int] = (100, 500),
    ) -> None:
        self.app, self.base, self.sockets = app, base, sockets
        policy = _POLICY.format(sums=" ".join(f"'{one}'" for one in sums))
        self.headers = {"Content-Security-Policy": policy, **_HEADERS}
        self.open: Counter[str] = Counter()
        self.requests = Budgets(burst=3000, per_minute=6000)  # of one address
        self.of_all = Budgets(burst=20_000, per_minute=60_000)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or a socket for as long as it lasts."""
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                if to := headers.get("location"):
                    headers["location"] = _from_here(scope, to)
            await send(message)

        if wait := self._wait(scope):
            refused = PlainTextResponse(f"too many requests; wait {wait} s", 429)
            refused.headers["Retry-After"] = str(wait)
            await refused(scope, receive, sent)
        elif scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, sent)
        else:
            await self._with_body(scope, receive, sent)

    def _wait(self, scope: Scope) -> int:
        client = scope["client"][0] if scope.get("client") else ""
        if client in _HERE:
            return 0
        now = time.monotonic()
        wait = self.requests.wait(client, 1, now) or self.of_all.wait("", 1, now)
        return int(wait) + 1 if wait else 0

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app read a body for as long as it keeps to the limits."""
        photo = scope["path"].removeprefix(self.base).startswith(_TAKE_PHOTOS)
        largest = _LARGEST_PHOTO if photo else _LARGEST
        said = f"the request is larger than {largest // 10**6} MB"
        stated = Headers(scope=scope).get("content-length", "0")
        if not stated.isdigit() or int(stated[:15]) > largest:
            await PlainTextResponse(said, 413)(scope, receive, send)
            return
        began, arrived, whole, started = time.monotonic(), 0, False, False
        broken: Response | None = None

        async def received() -> Message:
            nonlocal arrived, whole, broken
            left = began + _GRACE + arrived / _SLOWEST - time.monotonic()
            try:
                message = await asyncio.wait_for(receive(), None if whole else max(left, 0))
            except TimeoutError:
                broken = PlainTextResponse("the request took too long to arrive; try again", 408)
                return {"type": "http.disconnect"}
            arrived += len(message.get("body", b""))
            whole = not message.get("more_body")  # what comes then is that the client has gone
            if arrived > largest:
                broken = PlainTextResponse(said, 413)
                return {"type": "http.disconnect"}
            return message

        async def sent(message: Message) -> None:
            nonlocal started
            if broken is None or started:
                started = True
                await send(message)

        try:
            await self.app(scope, received, sent)
        except ClientDisconnect:
            if broken is None:
                raise
        if broken is not None and not started:
            broken.headers["Connection"] = "close"
            await broken(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        origin, host = headers.get("origin", "").rpartition("/")[2], headers.get("host", "")
        if origin and origin != host:  # for which Streamlit refuses the socket
            said = 'a page at %s asked for a socket as "%s"; let the proxy pass the header Host on'
            log.warning(said, origin[:99], host[:99])
        client = scope["client"][0] if scope.get("client") else ""
        many = self.open[client] >= self.sockets[0] or self.open.total() >= self.sockets[1]
        if (many and client not in _HERE) or self._wait(scope):
            await receive()  # that somebody wants to connect
            await send({"type": "websocket.close", "code": 1013, "reason": "too many sockets"})
            return
        self.open[client] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.open[client] -= 1
            if not self.open[client]:
                del self.open[client]


def _from_here(scope: Scope, to: str) -> str:
    """Return where an answer leads on to; within the app relatively, so that a prefix stays."""
    path = to.removeprefix(f"{scope['scheme']}://{Headers(scope=scope).get('host', '')}")
    if not path.startswith("/") or path.startswith("//"):
        return to
    return f"{'../' * (scope['path'].count('/') - 1) or './'}{path[1:]}"
