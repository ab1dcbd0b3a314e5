"""The gate: one rule on every route, websockets too, and the two routes of its own."""

import asyncio
import logging
import time
from urllib.parse import parse_qs, quote, unquote

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from selfie_core.base.errors import SelfieError
from selfie_core.web.access import COOKIE, Access
from selfie_core.web.roles import ANYONE, Visitor, role_wanted
from selfie_core.web.sign_in import no_entry_page, sign_in_page

log = logging.getLogger(__name__)

ROLES_HEADER = "x-selfie-roles"  # by which pages hear what their visitor may
NAME_HEADER = "x-selfie-visitor"
RECHECK = 30.0  # seconds after which it is asked again whether who is silent may stay
_NEXT = "selfie_next"  # the cookie with the page that somebody asked for before signing in
_LONGEST = 4096  # bytes of a form with a password
_NO_STORE = {"Cache-Control": "no-store"}


class Gate:
    """Lets a request pass to an app only if its visitor has the role that its route wants.

    Args:
        app: What lies behind.
        access: Who may enter; where that is everyone, requests pass untouched.
        base: What the paths of the app begin with, "/selfie" or "".
    """

    def __init__(self, app: ASGIApp, access: Access, base: str = "") -> None:
        self.app, self.access, self.base = app, access, base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or a socket for as long as it lasts."""
        if self.access.is_open or scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        path = self._path(asked)
        visitor = None
        try:
            visitor = await self.access.visitor_of(asked)
            if path == "/login" and scope["type"] == "http":
                answer = await self._sign_in(Request(scope, receive))
            else:
                answer = self._own_answer(path, asked, visitor)
        except SelfieError as error:
            log.warning("%s", error)
            answer = self._refuse(asked, 503, "unavailable", str(error))
        if answer is not None and scope["type"] == "websocket":
            await receive()  # that somebody wants to connect
            await send({"type": "websocket.close", "code": 1008, "reason": "sign in first"})
        elif answer is not None:
            await answer(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(asked, _named(scope, visitor), receive, send)
        else:
            await self._pass(path, _named(scope, visitor), receive, send)

    def _path(self, asked: HTTPConnection) -> str:
        """Return a path below the app's root; "" is the root without its slash, or outside."""
        path = asked.scope["path"]
        return path[len(self.base) :] if path.startswith(f"{self.base}/") else ""

    def _own_answer(
        self, path: str, asked: HTTPConnection, visitor: Visitor | None
    ) -> Response | None:
        """Return what the gate answers by itself; None lets the request pass."""
        if path in ("/logout", "/auth/logout"):
            self.access.end(visitor)
        if path == "/logout":  # the provider's session is ended where it began
            response = RedirectResponse("auth/logout" if self.access.provider else "./", 303)
            return self._with_cookie(response, asked, COOKIE)
        role = role_wanted(path or "/") or role_wanted(path.rstrip("/"))  # to which it is sent on
        if role == ANYONE:
            return None
        if visitor is None:
            return self._refuse(asked, 401, "not_signed_in", "sign in first, or send a key")
        if role is None:
            return self._refuse(asked, 404, "not_found", "there is nothing at this address")
        if not visitor.may(role):
            has = ", ".join(sorted(visitor.roles)) or "none"
            why = f"this wants the role {role}; {visitor.name or 'the password'} gives: {has}"
            return self._refuse(asked, 403, "forbidden", why)
        if path == "/" and _NEXT in asked.cookies and _wants_page(asked):
            return self._go_on(asked)
        return None

    def _refuse(self, asked: HTTPConnection, status: int, code: str, why: str) -> Response:
        path = self._path(asked)
        if path.startswith("/api/"):
            answer: Response = JSONResponse({"error": {"code": code, "message": why}}, status)
        elif path == "/_stcore/host-config" and status == 401:
            # By which an open page tries to come back; of an answer it shows what is JSON alone.
            answer = JSONResponse("Session over: reload the page", status)
        elif not _wants_page(asked):
            answer = PlainTextResponse(why, status)
        elif status == 401:
            answer = sign_in_page(self._root(path), elsewhere=self.access.provider is not None)
            query = asked.scope["query_string"].decode("latin-1")
            if path != "/":  # where who signs out as somebody else comes by, on the way to a link
                self._with_cookie(answer, asked, _NEXT, quote(f"{path[1:]}?{query}", safe=""), 3600)
        else:
            answer = no_entry_page(self._root(path), why, status=status)
        answer.headers.update(_NO_STORE)
        if status == 401:
            answer.headers["WWW-Authenticate"] = "Bearer"
        return answer

    def _root(self, path: str) -> str:
        """Return the app's root, relative to a path: whatever a proxy puts before both."""
        if path == "":
            return f"{self.base.rpartition('/')[2]}/"
        return "../" * path.count("/", 1) or "./"

    def _with_cookie(
        self,
        answer: Response,
        asked: HTTPConnection,
        name: str,
        value: str = "",
        seconds: float = 0,
    ) -> Response:
        """Return an answer that sets a cookie for seconds, or drops it, for all of the app.

        Browsers take it for the folder of what was asked for, which is the root, whatever a proxy
        puts before it; from further down that can't be said, and nothing is set.
        """
        if self._root(self._path(asked)) == "./":
            answer.set_cookie(
                name, value, int(seconds), path=None, httponly=True, samesite="lax",
                secure=asked.url.scheme in ("https", "wss"),
            )  # fmt: skip
        return answer

    async def _sign_in(self, request: Request) -> Response:
        provider = self.access.provider
        if request.method != "POST":
            if provider:
                return RedirectResponse(provider.start(), 303, _NO_STORE)
            return sign_in_page("./", elsewhere=False, status=200)
        if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return PlainTextResponse("another site sent this form; sign in on this one", 403)
        wait = self.access.wait(request.client.host if request.client else "")
        if wait:
            said = f"Too many tries. Wait {int(wait) + 1} s, then try again."
            answer = sign_in_page("./", elsewhere=bool(provider), wrong=said, status=429)
            answer.headers["Retry-After"] = str(int(wait) + 1)
            return answer
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LONGEST:
                return PlainTextResponse("that is longer than any password or key", 413)
        given = parse_qs(body.decode("utf-8", "replace")).get("secret", [""])[0]
        session = self.access.session_for(given.strip())
        if session is None:
            said = "That is not the password, and no key of this server. Try again."
            return sign_in_page("./", elsewhere=bool(provider), wrong=said)
        seconds = 3600 * self.access.hours
        return self._with_cookie(RedirectResponse("./", 303), request, COOKIE, session, seconds)

    def _go_on(self, asked: HTTPConnection) -> Response:
        """Return the way to the page that was asked for before signing in, if it is one of ours."""
        path, _, query = unquote(asked.cookies[_NEXT]).partition("?")
        ours = path[:1] != "/" and ":" not in path and role_wanted(f"/{path}")
        to = f"./{quote(path)}" + f"?{query}" * bool(query) if ours else "./"
        return self._with_cookie(RedirectResponse(to, 303, _NO_STORE), asked, _NEXT)

    async def _pass(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer; what it says of caches holds for the visitor's own alone."""
        failed: Response | None = None

        async def sent(message: Message) -> None:
            nonlocal failed
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if (kept := headers.get("cache-control")) and "public" in kept:
                    headers["cache-control"] = kept.replace("public", "private")
                if path in ("/auth/login", "/oauth2callback"):
                    failed = _provider_failed(path, scope, message["status"], headers)
            if failed is None:
                await send(message)

        await self.app(scope, receive, sent)
        if failed is not None:
            await failed(scope, receive, send)

    async def _socket(
        self, asked: HTTPConnection, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Serve a socket for as long as its visitor may be there."""
        pending: asyncio.Future[Message] | None = None

        async def received() -> Message:
            nonlocal pending
            while True:
                pending = pending or asyncio.ensure_future(receive())
                await asyncio.wait({pending}, timeout=RECHECK)
                if not await self._stays(asked):
                    await send({"type": "websocket.close", "code": 1008, "reason": "signed out"})
                    return {"type": "websocket.disconnect", "code": 1008}
                if pending.done():
                    message, pending = pending.result(), None
                    return message

        try:
            await self.app(scope, received, send)
        finally:
            if pending:
                pending.cancel()

    async def _stays(self, asked: HTTPConnection) -> bool:
        try:
            visitor = await self.access.visitor_of(asked)
        except SelfieError:
            return True  # who was let in is not sent away because a provider is down
        return visitor is not None and time.time() <= visitor.until


def _wants_page(asked: HTTPConnection) -> bool:
    get = asked.scope.get("method") == "GET"
    return get and "text/html" in asked.headers.get("accept", "")


def _provider_failed(
    path: str, scope: Scope, status: int, headers: MutableHeaders
) -> Response | None:
    """Return what to say where Streamlit says "Authentication error", or nothing at all."""
    if path == "/auth/login" and status >= 400:
        why = "The sign-in service does not answer. Try again in a minute."
        return sign_in_page("../", elsewhere=True, wrong=why, status=503)
    cookies = [one for one in headers.getlist("set-cookie") if one.startswith("_streamlit_user=")]
    signed_in = any("Max-Age=0" not in one for one in cookies)
    answers = b"code=" in scope["query_string"] or b"error=" in scope["query_string"]
    if path == "/oauth2callback" and answers and not signed_in:
        why = "The sign-in service did not say who you are. Try again."
        return sign_in_page("./", elsewhere=True, wrong=why)
    return None


def _named(scope: Scope, visitor: Visitor | None) -> Scope:
    """Return a scope whose headers tell pages of the visitor, and nobody else's headers do."""
    own = {ROLES_HEADER.encode(), NAME_HEADER.encode()}
    headers = [(name, value) for name, value in scope["headers"] if name not in own]
    if visitor:
        headers.append((ROLES_HEADER.encode(), ",".join(sorted(visitor.roles)).encode()))
        headers.append((NAME_HEADER.encode(), quote(visitor.name).encode()))
    return {**scope, "headers": headers}
