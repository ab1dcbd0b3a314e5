"""A server seen from outside: figures, health, and a log that names no person."""

import json
import logging
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from selfie_core.base.errors import DataError
from selfie_core.base.figures import Figure, prometheus
from selfie_core.photo.images import ROOM
from selfie_core.web.watch import JsonLines, Watch, memory

LINE = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? (-?[\d.e+-]+|NaN)')
state = {"gallery": True}


def find(request: Request) -> Response:
    logging.getLogger("ours").warning("looked for something")
    return PlainTextResponse("found")


def opens() -> None:
    if not state["gallery"]:
        raise DataError("no gallery in /home/ada/photos")


def client(base: str = "") -> TestClient:
    watch = Watch(base)
    routes = [Route(f"{base}/gallery/{{row}}", find), *watch.routes(opens, lambda: 2)]
    return TestClient(watch.over(Starlette(routes=routes)))


def figures(text: str) -> dict[str, float]:
    assert all(LINE.fullmatch(line) or line.startswith("# ") for line in text.splitlines())
    pairs = (line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")
    return {name: float(value) for name, value in pairs}


def test_requests_are_counted_by_row_and_status() -> None:
    asks = client()
    for path in ("/gallery/1", "/gallery/2", "/gallery/a/b", "/where"):
        asks.get(path)
    answer = asks.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    told = figures(answer.text)
    assert told['selfie_requests_total{route="/gallery/*",status="200"}'] == 2
    assert told['selfie_requests_total{route="/gallery/*",status="404"}'] == 1
    assert told['selfie_requests_total{route="other",status="404"}'] == 1
    assert told['selfie_request_seconds_total{route="/gallery/*"}'] > 0
    assert told["selfie_requests_under_way"] == 1  # this one
    assert told["selfie_galleries_open"] == 2
    assert 30e6 < told["selfie_memory_bytes"] < 30e9
    assert abs(told["selfie_start_seconds"] - time.time()) < 600


def test_rows_are_those_below_the_base_path() -> None:
    asks = client("/deep")
    asks.get("/deep/gallery/1")
    assert 'route="/gallery/*",status="200"} 1' in asks.get("/metrics").text


def test_photos_in_line_are_counted() -> None:
    taken, places = ROOM.taken, 0
    while ROOM.acquire(blocking=False):
        places += 1
    waits = threading.Thread(target=lambda: ROOM.__enter__() and ROOM.release())
    waits.start()
    while not ROOM.waiting:
        time.sleep(0.01)
    assert "selfie_photos_waiting 1" in client().get("/metrics").text
    for _ in range(places):
        ROOM.release()
    waits.join(60)
    assert (ROOM.waiting, ROOM.taken) == (0, taken + 1)


def test_ready_is_told_from_alive() -> None:
    asks = client()
    assert asks.get("/health/ready").text == "ready"
    state["gallery"] = False
    try:
        refused = asks.get("/health/ready")
        assert (refused.status_code, asks.get("/health/live").text) == (503, "alive")
        assert "ada" not in refused.text  # folders are for the log
    finally:
        state["gallery"] = True


@pytest.fixture
def lines() -> Iterator[list[dict[str, object]]]:
    said: list[dict[str, object]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(json.loads(self.format(record)))

    handler, loggers = Keep(), [logging.getLogger(n) for n in ("ours", "selfie_core.web.watch")]
    handler.setFormatter(JsonLines())
    for one in loggers:
        one.addHandler(handler)
        one.setLevel(logging.INFO)
    yield said
    for one in loggers:
        one.removeHandler(handler)
        one.setLevel(logging.NOTSET)


def test_log_has_the_request_and_nobody_in_it(lines: list[dict[str, object]]) -> None:
    headers = {"X-Forwarded-For": "203.0.113.7", "Cookie": "name=ada", "X-Request-Id": "proxy-1"}
    answer = client().get("/gallery/ada.jpg?text=grandmother", headers=headers)
    assert answer.headers["x-request-id"] == "proxy-1"
    assert [line["request"] for line in lines] == ["proxy-1", "proxy-1"]
    last = lines[-1]
    assert (last["method"], last["route"], last["status"]) == ("GET", "/gallery/*", 200)
    assert isinstance(last["seconds"], float)
    assert not re.search(r"203\.0|ada|grandmother", json.dumps(lines))


@pytest.mark.parametrize("given", ["", "a b", 'x"}', "x" * 65, "a\tb"])
def test_an_id_that_could_break_a_log_is_replaced(given: str) -> None:
    answer = client().get("/health/live", headers={"X-Request-Id": given})
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"])


def test_what_a_server_keeps_silent_about_visitors_stays_silent() -> None:
    code = """
import logging, uvicorn
from selfie_core.web.watch import log_as_json
uvicorn.Config("app:app", access_log=False)  # as Streamlit has it
log_as_json()
logging.getLogger("uvicorn.access").info("203.0.113.7 asked for /photo/ada.jpg")
logging.getLogger("uvicorn.error").warning("stopping")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    (line,) = done.stderr.splitlines()
    assert json.loads(line)["said"] == "stopping"


def test_an_error_stands_in_one_line() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "%s", ("said",), None)
        record.exc_info = (ValueError, error, error.__traceback__)
    text = JsonLines().format(record)
    assert "\n" not in text
    assert "ValueError: two" in json.loads(text)["error"]


def test_a_figure_that_is_not_known_is_not_a_number() -> None:
    assert prometheus([Figure("a", "gauge", "Of a.", float("nan"))]).endswith("\na NaN\n")
    assert memory() > 0
