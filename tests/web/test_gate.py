"""Who may do what: the table of roles against all routes, passwords, keys, sessions, sockets."""

import itertools
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from itsdangerous import TimestampSigner
from starlette.requests import HTTPConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from selfie_core.web.access import COOKIE, Access
from selfie_core.web.keys import Keys, add_key, revoke_key
from selfie_core.web.roles import role_wanted
from tests.support.apart import run_apart
from tests.support.served import serve

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "open, sesame"
# What each route of the app wants; a new one fails the test below until it stands here too.
WANTED = {
    "/_stcore/health": "anyone",
    "/health/live": "anyone",
    "/health/ready": "anyone",
    "/metrics": "manage",
    "/auth/login": "anyone",
    "/auth/logout": "anyone",
    "/oauth2callback": "anyone",
    "/gallery/v/columns.bin": "look",
    "/gallery/v/ranked.bin": "look",
    "/gallery/v/seams.bin": "look",
    "/gallery/v/atlas/1": "look",
    "/gallery/v/thumb/1": "look",
    "/gallery/v/photo/1": "look",
    "/gallery/v/grid.jpg": "look",
    "/gallery/v/points.bin": "look",
    "/gallery/v/tiles.json": "look",
    "/gallery/v/words.json": "look",
    "/gallery/v/tiny/1": "look",
    "/gallery/v/find.bin": "look",
    "/gallery/v/suggest.json": "look",
    "/gallery/v/about/1": "look",
    "/gallery/v/near/1": "look",
    "/gallery/v/region.json": "look",
    "/gallery/v/region.csv": "look",
    "/gallery/v/region.jpg": "look",
    "/scripts/v/x": "look",
    "/phone": "look",
    "/phone/x": "look",
    "/api/v1/openapi.json": "look",
    "/api/v1/gallery/nearest": "look",
    "/api/v1/gallery/find": "look",
    "/api/v1/score": "upload",
    "/api/v1/crop": "upload",
    "/api/v1/advise": "upload",
    "/api/x": "look",
    "/_stcore/host-config": "look",
    "/_stcore/stream": "look",
    "/_stcore/bidi-components/x": "look",
    "/_stcore/upload_file/s/x": "upload",
    "/_stcore/metrics": "manage",
    "/_stcore/agent/interact": "manage",
    "/_stcore/agent/openapi.json": "manage",
    "/_stcore/agent/mcp": "manage",
    "/component/x": "look",
    "/media/x": "look",
    "/": "look",
    "/static/x": "look",
    "/index.html": "look",
    "/favicon.png": "look",
    "/manifest.json": "look",
    "/front": "look",
    "/continuum": "look",
    "/map": "look",
    "/celebrities": "look",
    "/guess": "look",
    "/rules": "look",
    "/audit": "look",
    "/network": "look",
    "/experiment": "look",
    "/score": "upload",
    "/roll": "upload",
    "/train": "upload",
    "/taste": "rate",
    "/about": "manage",
}
# Addresses of one folder of files that Streamlit serves, and of its pages.
FILES = {"/", "/static/x", "/index.html", "/favicon.png", "/manifest.json"}
HAS = {
    "nobody": set(),
    "looks": {"look"},
    "uploads": {"look", "upload"},
    "rates": {"look", "rate"},
    "manages": {"look", "upload", "rate", "manage"},
}
_WALK = """
import json, re, app
from starlette.routing import Mount
def walk(routes, before=""):
    for route in routes:
        if not isinstance(route, Mount):
            yield before + route.path
        elif inner := getattr(route.app, "routes", None):
            yield from walk(inner, before + route.path)
        else:
            yield before + route.path + "/x"
print(json.dumps(sorted(set(walk(app.app._build_starlette_app().routes)))))
"""
# The app as `streamlit` starts it, but for the clock of tries, which counts the times that it is
# looked at, in ms.  A try comes back after 10 s, which a busy machine may take for a few.
_START = """
import itertools, time, types
from selfie_core.web import access
from streamlit.web.cli import main
looks = itertools.count()
access.time = types.SimpleNamespace(time=time.time, monotonic=lambda: next(looks) / 1000)
main(prog_name="streamlit")
"""


@dataclass(frozen=True)
class Server:
    url: str
    keys: dict[str, str]  # by who has them
    file: Path

    def get(self, path: str, who: str = "nobody", **how) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.keys[who]}"} if who in self.keys else {}
        headers |= how.pop("headers", {})
        how.setdefault("allow_redirects", False)
        return requests.request(how.pop("method", "GET"), f"{self.url}{path}", timeout=60,
                                headers=headers, **how)  # fmt: skip

    def sign_in(self, secret: str, *, who: str = "203.0.113.1") -> requests.Response:
        return self.get("/login", method="POST", data={"secret": secret},
                        headers={"X-Forwarded-For": who})  # fmt: skip

    def socket(self, **headers: str) -> ClientConnection:
        address = f"{self.url.replace('http', 'ws')}/_stcore/stream"
        return connect(
            address, additional_headers=headers, subprotocols=["streamlit"], open_timeout=60,  # type: ignore[list-item]
        )  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    file = tmp_path_factory.mktemp("gate") / "keys.json"
    roles = {"looks": ["look"], "uploads": ["upload"], "rates": ["rate"], "manages": ["manage"]}
    keys = {name: add_key(file, name, roles=given) for name, given in roles.items()}
    command = [sys.executable, "-c", _START, "run", "app.py", "--server.headless=true"]
    command += ["--server.port={port}", "--server.address=127.0.0.1"]
    settings = {"SELFIE_PASSWORD": PASSWORD, "SELFIE_KEYS": str(file)}
    with serve(command, ROOT, health="/_stcore/health", **settings) as url:
        yield Server(url, keys, file)


@pytest.mark.slow
def test_every_route_of_the_app_has_its_row() -> None:
    done = subprocess.run([sys.executable, "-c", _WALK], cwd=ROOT, capture_output=True, check=True)
    filled = {"version": "v", "number": "1", "row": "1", "session_id": "s"}
    found = {
        re.sub(r"{(\w+)(:\w+)?}", lambda name: filled.get(name[1], "x"), path)
        for path in json.loads(done.stdout)
    }
    script = (ROOT / "pages" / "router.py").read_text("utf-8")
    pages = {f"/{name}" for name in re.findall(r'st\.Page\(\s*"\w+/(\w+)\.py"', script)}
    assert found - {"/x"} | pages | FILES == set(WANTED)


@pytest.mark.slow
def test_each_role_opens_its_routes_and_no_others(server: Server) -> None:
    wrong = []
    for (path, wanted), (who, roles) in itertools.product(WANTED.items(), HAS.items()):
        method = "PUT" if "upload_file" in path else "POST" if "agent/i" in path else "GET"
        answer = server.get(path, who, method=method)
        refused = "wants the role" in answer.text if answer.status_code == 403 else False
        let_in = answer.status_code != 401 and not refused
        if let_in != (wanted == "anyone" or wanted in roles):
            wrong.append((path, who, answer.status_code))
    assert not wrong
    assert server.get("/nowhere", "manages").status_code == 404
    assert server.get("/nowhere").status_code == 401
    assert server.get("/map/", "looks").headers["location"] == "../map"  # as on an open server
    assert server.get("/metrics/", "looks").status_code == 403
    assert server.get("/_stcore/host-config").json() == "Session over: reload the page"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("version", "host", "status"),
    [
        ("1.1", None, 400),
        ("1.0", None, 401),
        *(("1.1", odd, 401) for odd in ("", "[", "a:x", '">')),
    ],
)
def test_a_proxy_that_sends_no_host_or_an_odd_one_lets_nobody_in(
    server: Server, version: str, host: str | None, status: int
) -> None:
    for path in ("map", "api/v1/openapi.json", "gallery/v/thumb/1", "_stcore/stream"):
        named = "" if host is None else f"Host: {host}\r\n"
        asked = f"GET /{path} HTTP/{version}\r\n{named}Connection: close\r\n\r\n"
        with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as sent:
            sent.sendall(asked.encode())
            assert sent.recv(12) == f"HTTP/1.1 {status}".encode(), path


@pytest.mark.slow
def test_a_stranger_with_a_link_to_a_photo_signs_in_and_sees_it(server: Server) -> None:
    visit, page = requests.Session(), {"Accept": "text/html"}
    link = f"{server.url}/continuum?id=abc&view=0.1%2C0.2"
    refused = visit.get(link, headers=page)
    assert (refused.status_code, refused.headers["cache-control"]) == (401, "no-store")
    assert "Password or key" in refused.text
    assert 'action="./login"' in refused.text
    shown = visit.post(f"{server.url}/login", data={"secret": PASSWORD}, headers=page)
    assert (shown.status_code, shown.url) == (200, link)
    picture = f"{server.url}/gallery/{Gallery.open(store.demo_gallery()).version}/thumb/1"
    assert requests.get(picture, timeout=60).status_code == 401
    seen = visit.get(picture)
    assert seen.headers["cache-control"] == "private, max-age=31536000, immutable"
    kept = visit.cookies[COOKIE]
    visit.get(f"{server.url}/logout", headers=page)
    assert visit.get(picture).status_code == 401
    again = requests.get(picture, cookies={COOKIE: kept}, timeout=60)  # a copy lets nobody in
    assert again.status_code == 401


@pytest.mark.slow
def test_where_to_go_on_is_a_page_of_ours(server: Server) -> None:
    session = server.sign_in(PASSWORD).cookies[COOKIE]
    wants = {"//evil.test/": "./", "http:evil": "./", "nowhere": "./", "map?id=3": "./map?id=3"}
    for wanted, to in wants.items():
        cookies = {COOKIE: session, "selfie_next": requests.utils.quote(wanted, safe="")}
        answer = server.get("/", cookies=cookies, headers={"Accept": "text/html"})
        assert (answer.status_code, answer.headers["location"]) == (303, to)


@pytest.mark.slow
def test_tries_are_limited_per_client(server: Server) -> None:
    tries = [server.sign_in("guess", who="203.0.113.9").status_code for _ in range(6)]
    assert tries == [401] * 5 + [429]
    refused = server.sign_in(PASSWORD, who="203.0.113.9")  # the right one has to wait too
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) == 10
    assert server.sign_in(PASSWORD, who="203.0.113.10").status_code == 303
    other_site = server.get("/login", method="POST", data={"secret": PASSWORD},
                            headers={"Sec-Fetch-Site": "cross-site"})  # fmt: skip
    assert other_site.status_code == 403
    assert server.get("/login", method="POST", data="x" * 5000).status_code == 413


@pytest.mark.slow
def test_a_socket_lasts_as_long_as_its_session(server: Server) -> None:
    with pytest.raises(InvalidStatus):
        server.socket()
    session = server.sign_in(PASSWORD, who="203.0.113.2").cookies[COOKIE]
    with server.socket(Cookie=f"{COOKIE}={session}") as open_socket:
        server.get("/logout", cookies={COOKIE: session})
        open_socket.send(b"")
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                open_socket.recv(timeout=30)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 1008


@pytest.mark.slow
def test_a_revoked_key_opens_nothing_more(server: Server) -> None:
    key = add_key(server.file, "guest", roles=["look"])
    headers = {"Authorization": f"Bearer {key}"}
    assert server.get("/gallery/x/thumb/1", headers=headers).status_code == 404
    session = server.sign_in(key, who="203.0.113.3").cookies[COOKIE]
    revoke_key(server.file, "guest")
    assert server.get("/gallery/x/thumb/1", headers=headers).status_code == 401
    assert server.get("/gallery/x/thumb/1", cookies={COOKIE: session}).status_code == 401


@pytest.mark.slow
def test_a_visitor_cannot_name_roles(server: Server) -> None:
    for name in ("X-Selfie-Roles", "x-selfie-visitor"):
        assert server.get("/metrics", "looks", headers={name: "manage"}).status_code != 200
        assert server.get("/score", "looks", headers={name: "manage"}).status_code == 403


def access(tmp_path: Path, **how) -> Access:
    return Access(Keys(tmp_path / "keys.json"), "secret of the cookies", **how)


async def visitor(to: Access, session: str | None) -> str | None:
    headers = [(b"cookie", f"{COOKIE}={session}".encode())]
    found = await to.visitor_of(HTTPConnection({"type": "http", "headers": headers}))
    return None if found is None else ",".join(sorted(found.roles))


def test_a_session_ends_with_its_time_and_with_its_password(tmp_path: Path, monkeypatch) -> None:
    now = [1_800_000_000]  # the time of a cookie is in whole seconds
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: now[0])
    short = access(tmp_path, password=PASSWORD, hours=1 / 3600)
    session = short.session_for(PASSWORD)
    assert run_apart(visitor, short, session) == "look,rate,upload"
    other = access(tmp_path, password="another one")
    assert run_apart(visitor, other, session) is None
    assert run_apart(visitor, access(tmp_path, password=PASSWORD), session) == "look,rate,upload"
    now[0] += 1
    assert run_apart(visitor, short, session) == "look,rate,upload"
    now[0] += 1
    assert run_apart(visitor, short, session) is None


def test_nobody_enters_by_an_empty_password(tmp_path: Path) -> None:
    locked = access(tmp_path, provider=object())
    assert locked.session_for("") is None
    assert not locked.is_open
    assert access(tmp_path).is_open


def test_a_route_without_a_row_is_refused_to_all() -> None:
    for path in ("//score", "/score/", "/static", "/gallery", "/api", "/metricsx", "/Score", ""):
        assert role_wanted(path) is None
