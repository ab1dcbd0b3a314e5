"""Pictures come by https from public addresses, up to a size and within a time."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from selfie_core.bot.fetch import REDIRECTS, Fetcher, _check
from selfie_core.bot.network import Later, Unfit


class Handler(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        kind, _, rest = self.path[1:].partition("/")
        match kind:
            case "status":
                self.send_response(int(rest))
                self.send_header("Retry-After", "33")
                self.send_header("Content-Length", "0")
                self.end_headers()
            case "to":
                self.send_response(302)
                self.send_header("Location", f"/to/{int(rest) - 1}" if rest != "0" else "/large/5")
                self.send_header("Content-Length", "0")
                self.end_headers()
            case "away":
                self.send_response(302)
                self.send_header("Location", "ftp://127.0.0.1/x")
                self.end_headers()
            case "large":  # without saying how large
                self.send_response(200)
                self.end_headers()
                with suppress(OSError):
                    self.wfile.write(b"x" * int(rest))
            case "lies":
                self.send_response(200)
                self.send_header("Content-Length", rest)
                self.end_headers()
            case "drips":
                with suppress(OSError):
                    self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                    while True:
                        self.wfile.write(b"X")
                        time.sleep(0.05)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def asked() -> list[str]:
    return []


@pytest.fixture(scope="module")
def port(asked: list[str]) -> Iterator[int]:
    handler = type("Told", (Handler,), {"asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def here(port: int) -> str:
    return f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1:{port}/large/5",
        "https://localhost:{port}/large/5",
        "https://[::1]:{port}/large/5",
        "https://[::ffff:127.0.0.1]:{port}/large/5",
        "https://[64:ff9b::a00:1]/x",
        "https://[2002:a00:1::1]/x",
        "https://0.0.0.0:{port}/large/5",
        "https://10.0.0.1/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://192.168.1.1/x",
        "https://100.64.0.1/x",
        "https://224.0.0.1/x",
        "https://2130706433:{port}/large/5",
        "http://127.0.0.1:{port}/large/5",
        "http://example.com/x",
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "https:///x",
        "nonsense",
        "",
    ],
)
def test_private_addresses_and_other_schemes_are_refused(address, port, asked) -> None:
    asked.clear()
    with pytest.raises(Unfit, match="unreadable"):
        Fetcher().get(address.format(port=port))
    assert asked == []


def test_public_server_behind_a_gateway_to_ipv4_is_none_of_ours() -> None:
    _check("64:ff9b::808:808")  # 8.8.8.8, for hosts with IPv6 alone


def test_name_that_leads_home_the_second_time_is_refused_before_a_byte(port, monkeypatch) -> None:
    """The first look-up says a public address, the one that connects says ours."""
    looked_up = socket.getaddrinfo
    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port))]
    answers = iter([public])

    def rebound(host, *more, **named):
        return next(answers, None) or looked_up("127.0.0.1", port, type=socket.SOCK_STREAM)

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    with pytest.raises(Unfit, match="unreadable"):
        Fetcher().get(f"https://rebound.example:{port}/large/5")
    assert next(answers, None) is None


def test_size_is_capped_before_and_while_reading(here: str) -> None:
    fetcher = Fetcher(private=True)
    assert fetcher.get(f"{here}/large/1000", most=1000) == (200, b"x" * 1000)
    for path in ("large/1001", "large/50000000", "lies/1001", "lies/99999999999999999999"):
        with pytest.raises(Unfit, match="too large"):
            fetcher.get(f"{here}/{path}", most=1000)


def test_server_that_drips_is_left_after_a_time(here: str) -> None:
    start = time.monotonic()
    with pytest.raises(Later, match="slow"):
        Fetcher(private=True, seconds=0.5).get(f"{here}/drips")
    assert time.monotonic() - start < 60  # a hang, not a speed


def test_server_that_drips_is_left_though_its_connection_came_late(here: str, monkeypatch) -> None:
    look_up = socket.getaddrinfo

    def slowly(*how, **more):
        time.sleep(0.3)
        return look_up(*how, **more)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    with pytest.raises(Later, match="slow"):
        Fetcher(private=True, seconds=0.1).get(f"{here}/drips")


def test_redirects_are_followed_a_little_and_to_http_alone_by_no_means(here: str) -> None:
    fetcher = Fetcher(private=True)
    assert fetcher.get(f"{here}/to/{REDIRECTS - 1}")[1] == b"xxxxx"
    for path in (f"to/{REDIRECTS}", "away"):
        with pytest.raises(Unfit, match="unreadable"):
            fetcher.get(f"{here}/{path}")


@pytest.mark.parametrize(("status", "seconds"), [(429, 33), (500, 33), (503, 33)])
def test_trouble_is_for_later(here: str, status: int, seconds: float) -> None:
    with pytest.raises(Later) as later:
        Fetcher(private=True).get(f"{here}/status/{status}")
    assert later.value.seconds == seconds
    assert not later.value.ours  # others' servers keep nobody else waiting


def test_status_below_is_told(here: str) -> None:
    assert Fetcher(private=True).get(f"{here}/status/404") == (404, b"")


def test_server_that_is_down_is_for_later() -> None:
    with pytest.raises(Later, match="can't be reached"):
        Fetcher(private=True).get("http://127.0.0.1:9/x")


def test_certificate_is_asked_for(port: int) -> None:
    with pytest.raises(Later, match="SSLError|ConnectionError"):
        Fetcher(private=True).get(f"https://127.0.0.1:{port}/large/5")


def test_proxy_and_passwords_of_this_machine_are_not_used(here: str, asked, monkeypatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert Fetcher(private=True).get(f"{here}/large/5")[0] == 200
