"""A server seen from outside: figures, health, and a line of the log per request; of no person."""

import contextvars
import json
import logging
import os
import re
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from selfie_core.base.errors import SelfieError
from selfie_core.base.figures import Figure, prometheus
from selfie_core.photo.images import ROOM
from selfie_core.web.roles import row_of

log = logging.getLogger(__name__)

_REQUEST: contextvars.ContextVar[str] = contextvars.ContextVar("request", default="")
_ID = re.compile(r"[\w-]{1,64}")  # as a proxy may give one


class Watch:
    """Counts and times what an app answers, by row of the table of roles, never by address.

    Args:
        base: What the paths of the app begin with, "/selfie" or "".
    """

    def __init__(self, base: str = "") -> None:
        self.base, self.since = base, time.time()
        self.requests: Counter[tuple[str, int]] = Counter()  # by row and status
        self.seconds: defaultdict[str, float] = defaultdict(float)  # by row
        self.under_way = self.sockets = 0

    def figures(self, galleries: int) -> list[Figure]:
        """Return all figures; `galleries` is how many are open."""
        answered = {
            f'route="{row}",status="{status}"': count
            for (row, status), count in sorted(self.requests.items())
        }
        seconds = {f'route="{row}"': total for row, total in sorted(self.seconds.items())}
        return [
            Figure("selfie_requests_total", "counter", "Requests answered.", answered),
            Figure("selfie_request_seconds_total", "counter", "Time that they took.", seconds),
            Figure("selfie_requests_under_way", "gauge", "Not answered yet.", self.under_way),
            Figure("selfie_sockets", "gauge", "Pages open in browsers.", self.sockets),
            Figure("selfie_photos_total", "counter", "Photos opened to be scored.", ROOM.taken),
            Figure("selfie_photos_waiting", "gauge", "Photos in line for a core.", ROOM.waiting),
            Figure("selfie_galleries_open", "gauge", "Galleries kept open.", galleries),
            Figure("selfie_memory_bytes", "gauge", "Resident memory.", memory()),
            Figure("selfie_start_seconds", "gauge", "Start of the server, since 1970.", self.since),
        ]

    def over(self, app: ASGIApp) -> ASGIApp:
        """Return an app that is watched."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await self._answer(app, scope, receive, send)
            elif scope["type"] == "websocket":
                self.sockets += 1
                try:
                    await app(scope, receive, send)
                finally:
                    self.sockets -= 1
            else:
                await app(scope, receive, send)

        return answer

    async def _answer(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        given = Headers(scope=scope).get("x-request-id", "")
        request = given if _ID.fullmatch(given) else secrets.token_hex(8)
        said = _REQUEST.set(request)
        row = row_of(scope["path"].removeprefix(self.base)) or "other"
        began, status = time.perf_counter(), 500

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request
            await send(message)

        self.under_way += 1
        try:
            await app(scope, receive, sent)
        finally:
            took = time.perf_counter() - began
            self.under_way -= 1
            self.requests[row, status] += 1
            self.seconds[row] += took
            if log.isEnabledFor(logging.INFO):
                facts = {"method": scope["method"], "route": row, "status": status}
                log.info("answered", extra={"facts": facts | {"seconds": round(took, 4)}})
            _REQUEST.reset(said)

    def routes(self, main_gallery: Callable[[], object], count: Callable[[], int]) -> list[Route]:
        """Return /metrics, /health/live and /health/ready.

        Args:
            main_gallery: Opens the gallery of the app, or raises why not.
            count: Gives how many galleries are open.
        """

        def metrics(request: Request) -> Response:
            page = prometheus(self.figures(count()))
            return PlainTextResponse(page, media_type="text/plain; version=0.0.4")

        def live(request: Request) -> Response:
            return PlainTextResponse("alive", headers={"Cache-Control": "no-store"})

        def ready(request: Request) -> Response:
            try:
                main_gallery()
            except SelfieError as error:
                log.warning("not ready: %s", error)  # which may name folders: not for everyone
                return PlainTextResponse("no gallery can be opened; see the log", 503)
            return PlainTextResponse("ready", headers={"Cache-Control": "no-store"})

        return [
            Route("/metrics", metrics),
            Route("/health/live", live),
            Route("/health/ready", ready),
        ]


def memory() -> float:
    """Return the resident memory of this process in bytes; NaN where no system says it."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return float("nan")
    return float(pages * os.sysconf("SC_PAGE_SIZE"))


class JsonLines(logging.Formatter):
    """Each record as one line of JSON, with the id of the request that it is about."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        facts = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "said": record.getMessage(),
        }
        if request := _REQUEST.get():
            facts["request"] = request
        facts |= getattr(record, "facts", {})
        if record.exc_info:
            facts["error"] = self.formatException(record.exc_info)
        return json.dumps(facts, ensure_ascii=False)


def log_as_json() -> None:
    """Let all that this process logs from now on be lines of JSON on stderr, requests too."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        if logger.handlers:  # what was silenced, as the addresses of visitors, stays silent
            logger.handlers, logger.propagate = [], True
    logging.root.handlers = [handler]
    log.setLevel(logging.INFO)
