"""The REST API over real HTTP: what it answers, what it refuses, and that it never stores."""

import http.client
import io
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import anyio
import jsonschema
import pytest
import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from selfie_core.base.progress import cores
from selfie_core.photo.images import ROOM
from selfie_core.web import rest
from selfie_core.web.budgets import Budgets
from selfie_core.web.openapi import describe
from selfie_core.web.rest import Limits, rest_routes
from tests.support.apart import run_apart
from tests.support.drawn import draw_photo
from tests.support.fuzz import mutants

BOUNDARY = "selfie-test"
MUTANTS = int(os.environ.get("SELFIE_FUZZ", "0")) // 20 or 26


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: Any


class Client:
    """One connection a request, so that none hides another's fault."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, headers)
        got = connection.getresponse()
        content = got.read()
        connection.close()
        kind = got.headers["content-type"]
        assert kind == "application/json", (kind, content[:200])
        return Reply(
            got.status, {k.lower(): v for k, v in got.headers.items()}, json.loads(content)
        )

    def post(self, path: str, photo: bytes, *, name: str = "image") -> Reply:
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        return self.ask("POST", path, form(photo, name=name), **{"Content-Type": kind})


def form(photo: bytes, *, name: str = "image") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="me.jpg"'
    return head.encode() + b"\r\n\r\n" + photo + f"\r\n--{BOUNDARY}--\r\n".encode()


def picture(number: int = 3, kind: str = "JPEG", size: tuple[int, int] = (96, 96)) -> bytes:
    file = io.BytesIO()
    draw_photo(number, size=size).save(file, kind)
    return file.getvalue()


@pytest.fixture(scope="module")
def served(built, brightness_scorer) -> Iterator[Client]:
    from selfie_core.gallery.gallery import Gallery

    patch = pytest.MonkeyPatch()
    patch.setattr(rest, "load_scorer", lambda _path: brightness_scorer)
    opened = Gallery.open(built)
    limits = Limits(body=2_000_000, burst=100_000)
    app = Starlette(routes=rest_routes(lambda: opened, limits=limits))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield Client(listening.getsockname()[1])
        server.should_exit = True
        thread.join(60)
    patch.undo()


def documented(path: str, method: str, reply: Reply) -> None:
    """The reply is one that the document announces, and as it says."""
    document = describe(2_000_000)
    answers = document["paths"][path][method]["responses"]
    schema = answers[str(reply.status)]["content"]["application/json"]["schema"]
    jsonschema.validate(reply.body, {**schema, "components": document["components"]})


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/score", ""),
        ("/crop", "?count=2&aspect=4:5&mode=exact&rude=true"),
        ("/crop", "?mode=exact"),
    ],
)
def test_answers_are_as_documented(served: Client, path: str, query: str) -> None:
    reply = served.post(f"/api/v1{path}{query}", picture(size=(160, 120)))
    assert reply.status == 200
    documented(path, "post", reply)


def test_score_is_the_scorers(served: Client, brightness_scorer) -> None:
    reply = served.post("/api/v1/score", picture(kind="PNG"))
    assert reply.body["score"] == pytest.approx(float(brightness_scorer([draw_photo(3)])[0]))
    assert (reply.body["width"], reply.body["height"]) == (96, 96)


def test_crops_of_a_photo_read_at_half_its_size_are_in_its_own_pixels(served: Client) -> None:
    photo, file = Image.new("L", (9000, 12_000)), io.BytesIO()
    photo.paste(255, (6000, 9000, 9000, 12_000))
    photo.save(file, "JPEG", quality=50)
    reply = served.post("/api/v1/crop?mode=exact&count=1", file.getvalue())
    documented("/crop", "post", reply)
    assert (reply.body["width"], reply.body["height"]) == (9000, 12_000)
    best = reply.body["crops"][0]
    assert (best["right"], best["bottom"]) == pytest.approx((9000, 12_000), abs=60)
    assert best["right"] - best["left"] == pytest.approx(3600, abs=60)


def test_advice_is_as_documented(served: Client, monkeypatch) -> None:
    exact = lambda *args, **given: advise(*args, **{**given, "mode": "exact"})  # noqa: E731
    advise = rest.advise_photo  # a drawn scorer has no net for the fast search
    monkeypatch.setattr(rest, "advise_photo", exact)
    reply = served.post("/api/v1/advise", picture())
    assert reply.status == 200
    documented("/advise", "post", reply)
    assert reply.body["best"]["gain"] > 0


def test_text_finds_the_photos_that_the_pages_find(served: Client, gallery) -> None:
    reply = served.ask("GET", "/api/v1/gallery/find?text=black%20and%20white&count=3")
    documented("/gallery/find", "get", reply)
    bw = gallery.table[(gallery.table["filter"] == "bw") | (gallery.table["monochrome"] == 1)]
    best = bw.sort_values("score", ascending=False)["id"].tolist()
    assert reply.body["found"] == len(best)
    assert [photo["id"] for photo in reply.body["photos"]] == best[:3]
    reply = served.ask("GET", "/api/v1/gallery/find?text=filt")
    assert {"text": "Filter: bw", "found": len(best)} in reply.body["suggestions"]


def test_nearest_leaves_out_the_photo_itself(served: Client, gallery) -> None:
    id = gallery.table["id"].iat[0]
    reply = served.ask("GET", f"/api/v1/gallery/nearest?id={id}&count=3")
    documented("/gallery/nearest", "get", reply)
    assert len(reply.body["nearest"]) == 3
    assert id not in [near["id"] for near in reply.body["nearest"]]


@pytest.mark.parametrize(
    ("path", "photo", "status", "code"),
    [
        ("/score", b"no photo", 422, "bad_photo"),
        ("/score", b"", 422, "bad_photo"),
        ("/score", picture(size=(20, 90)), 422, "bad_photo"),
        ("/crop", picture(size=(40, 90)), 422, "bad_photo"),
        ("/score", bytes(2_000_001), 413, "too_large"),
        ("/crop?count=0", picture(), 400, "bad_parameter"),
        ("/crop?count=many", picture(), 400, "bad_parameter"),
        ("/crop?count=000000012999", picture(), 400, "bad_parameter"),
        ("/crop?aspect=2:7", picture(), 400, "bad_parameter"),
        ("/crop?rude=perhaps", picture(), 400, "bad_parameter"),
        ("/crop?mode=slow", picture(), 400, "bad_parameter"),
    ],
)
def test_mistakes_have_a_stable_code(served, path, photo, status, code) -> None:
    reply = served.post(f"/api/v1{path}", photo)
    assert (reply.status, reply.body["error"]["code"]) == (status, code)
    assert len(reply.body["error"]["message"].splitlines()) == 1
    documented(path.split("?")[0], "post", reply)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/", 404, "not_found"),
        ("GET", "/api/v2/score", 404, "not_found"),
        ("GET", "/api/v1/none", 404, "not_found"),
        ("GET", "/api/v1/score", 405, "method_not_allowed"),
        ("DELETE", "/api/v1/openapi.json", 405, "method_not_allowed"),
        ("POST", "/api/v1/score", 415, "not_multipart"),
        ("GET", "/api/v1/gallery/nearest", 400, "bad_parameter"),
        ("GET", "/api/v1/gallery/nearest?id=none", 404, "unknown_id"),
        ("GET", "/api/v1/gallery/find?text=%20", 400, "bad_parameter"),
    ],
)
def test_everything_below_api_speaks_json(served, method, path, status, code) -> None:
    reply = served.ask(method, path)
    assert (reply.status, reply.body["error"]["code"]) == (status, code)


def test_form_without_image_and_form_cut_off_are_told_apart(served: Client) -> None:
    assert served.post("/api/v1/score", b"x", name="photo").body["error"]["code"] == "no_image"
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    for body in (b"garbage", form(picture())[:-60], b""):
        reply = served.ask("POST", "/api/v1/score", body, **kind)
        assert reply.status == 400
        assert reply.body["error"]["code"] == "bad_form"


def test_photo_sent_without_a_file_name_is_read_to_the_byte(served: Client) -> None:
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    plain = form(picture(kind="PNG")).replace(b'; filename="me.jpg"', b"")
    reply = served.ask("POST", "/api/v1/score", plain, **kind)
    assert reply.body == served.post("/api/v1/score", picture(kind="PNG")).body


def test_photos_stand_in_one_line_with_those_of_the_pages(served: Client) -> None:
    with ThreadPoolExecutor(1) as pool:
        with ExitStack() as pages:
            for _ in range(cores()):
                pages.enter_context(ROOM)
            waiting = pool.submit(served.post, "/api/v1/score", picture())
            time.sleep(0.5)
            assert not waiting.done()
        assert waiting.result().status == 200


def test_document_is_served(served: Client) -> None:
    reply = served.ask("GET", "/api/v1/openapi.json")
    assert reply.body["openapi"].startswith("3.1")
    assert set(reply.body["paths"]) >= {"/score", "/crop", "/advise", "/gallery/nearest"}


def test_a_client_that_asks_too_often_waits_and_others_do_not() -> None:
    budgets = Budgets(burst=3, per_minute=60, clients=2)
    assert [budgets.wait("a", 1, now=0.0) for _ in range(4)] == [0, 0, 0, 1]
    assert budgets.wait("b", 1, now=0.0) == 0
    assert budgets.wait("a", 1, now=1.0) == 0
    budgets.wait("c", 1, now=9.0)
    assert len(budgets._of) == 2  # the memory of clients is bounded


def test_who_asks_too_often_is_told_how_long_to_wait(gallery, monkeypatch) -> None:
    monkeypatch.setattr(rest, "time", SimpleNamespace(monotonic=lambda: 0.0))  # nothing comes back
    limits = Limits(burst=0.1, per_minute=12)  # one look-up, again in half a second
    client = TestClient(Starlette(routes=rest_routes(lambda: gallery, limits=limits)))
    statuses = [client.get("/api/v1/gallery/find?text=a").status_code for _ in range(2)]
    assert statuses == [200, 429]
    refused = client.get("/api/v1/gallery/find?text=a")
    assert refused.json()["error"]["code"] == "rate_limited"
    assert refused.headers["retry-after"] == "1"


def post_scope(path: str) -> dict[str, Any]:
    """Return a request as a server hands it on."""
    return {
        "type": "http", "http_version": "1.1", "method": "POST", "path": path, "query_string": b"",
        "headers": [(b"content-type", f"multipart/form-data; boundary={BOUNDARY}".encode())],
        "client": ("10.0.0.1", 1), "server": ("127.0.0.1", 80), "scheme": "http", "root_path": "",
    }  # fmt: skip


def test_only_a_few_bodies_are_read_at_once(gallery, brightness_scorer, monkeypatch) -> None:
    monkeypatch.setattr(rest, "load_scorer", lambda _path: brightness_scorer)
    app = Starlette(routes=list(rest_routes(lambda: gallery, limits=Limits(arriving=4))))
    held, most, statuses = 0, 0, []

    async def ask() -> None:
        async def receive() -> dict[str, Any]:
            nonlocal held, most
            held += 1
            most = max(most, held)
            await anyio.sleep(0.01)  # so that all the others get their turn
            return {"type": "http.request", "body": form(picture()), "more_body": False}

        async def send(message: Any) -> None:
            nonlocal held
            if message["type"] == "http.response.start":
                held -= 1
                statuses.append(message["status"])

        await app(post_scope("/api/v1/score"), receive, send)

    async def ask_all() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(12):
                tasks.start_soon(ask)

    run_apart(ask_all)
    assert statuses == [200] * 12
    assert 1 < most <= 4 + 2  # and answers on their way out


def test_asking_for_neighbours_is_not_free(gallery) -> None:
    from starlette.testclient import TestClient

    limits = Limits(burst=0.35, per_minute=0.001)
    client = TestClient(Starlette(routes=list(rest_routes(lambda: gallery, limits=limits))))
    address = f"/api/v1/gallery/nearest?id={gallery.table['id'].iat[0]}"
    assert [client.get(address).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_no_photo_reaches_the_disk(served: Client, monkeypatch) -> None:
    import tempfile

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file was opened")

    for name in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refuse)
    big = picture(kind="BMP", size=(800, 700))  # 1.7 MB: past the size that parsers spool at
    assert served.post("/api/v1/score", big).status == 200


def test_mutated_files_get_a_clear_answer(served: Client) -> None:
    for name, data in mutants(MUTANTS, seed=1):
        start = time.monotonic()
        reply = served.post("/api/v1/score", data)
        assert reply.status in (200, 422), (name, reply.body)
        assert time.monotonic() - start < 60, name  # a hang, not a speed
        documented("/score", "post", reply)


def test_document_names_the_path_that_a_proxy_put_before(gallery) -> None:
    client = TestClient(Starlette(routes=rest_routes(lambda: gallery)))
    for before, server in (("", "/api/v1"), ("/selfie/", "/selfie/api/v1")):
        headers = {"X-Forwarded-Prefix": before}
        document = client.get("/api/v1/openapi.json", headers=headers).json()
        assert document["servers"] == [{"url": server}]
