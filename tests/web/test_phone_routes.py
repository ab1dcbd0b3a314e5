"""The routes of /phone: what may be kept for ever, what is packed, what is refused."""

import dataclasses
import json
import re
import shutil
import threading
import time
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery
from selfie_core.web import phone
from selfie_core.web.phone_routes import phone_routes

pytestmark = pytest.mark.slow  # the page is made once
LIMIT = 120  # seconds; a loaded machine takes its time


@pytest.fixture(scope="module")
def demo() -> Gallery:
    return Gallery.open(store.demo_gallery())


@pytest.fixture
def client(phone_folder: Path, demo: Gallery) -> TestClient:
    return TestClient(Starlette(routes=phone_routes(lambda: demo)))


@pytest.fixture
def version(client: TestClient) -> str:
    (found,) = set(re.findall(r"[0-9a-f]{12}(?=/)", client.get("/phone").text))
    return found


def test_files_of_a_version_are_kept_for_ever_and_those_that_name_it_never(
    client: TestClient, version: str, phone_folder: Path
) -> None:
    for name in ("", "sw.js", "app.webmanifest"):
        assert client.get(f"/phone/{name}").headers["cache-control"] == "no-cache"
    for path in (phone_folder / version).rglob("*"):
        if path.is_file() and path.suffix not in (".br", ".gz"):
            answer = client.get(f"/phone/{path.relative_to(phone_folder).as_posix()}")
            assert "immutable" in answer.headers["cache-control"]
            assert answer.content == path.read_bytes()


def test_no_other_host_is_allowed(client: TestClient, version: str) -> None:
    for name in ("", "sw.js", f"{version}/phone/worker.js"):
        policy = client.get(f"/phone/{name}").headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "connect-src 'self'" in policy
        assert "form-action 'none'" in policy
        assert not re.search(r"https?:|\*", policy)
    assert phone.POLICY in client.get("/phone/").text  # on a host that sends no header


def test_manifest_is_asked_for_as_the_visitor(client: TestClient) -> None:
    """Without its cookie a server that is not open to everyone refuses it: nothing to install."""
    assert 'href="app.webmanifest" crossorigin="use-credentials"' in client.get("/phone/").text


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_packed_files_go_out_as_they_were_made(
    client: TestClient, version: str, coding: str, phone_folder: Path
) -> None:
    with client.stream(
        "GET", f"/phone/{version}/scorer.safetensors", headers={"accept-encoding": coding}
    ) as answer:
        assert answer.headers["content-encoding"] == coding
        assert answer.headers["vary"] == "Accept-Encoding"
        packed = sum(map(len, answer.iter_raw()))
    assert packed < (phone_folder / version / "scorer.safetensors").stat().st_size
    assert packed < 5_600_000  # what stands between a visitor and the first score


def test_worker_keeps_every_file_of_its_version(
    client: TestClient, version: str, phone_folder: Path
) -> None:
    kept = set(
        json.loads(re.findall(r"const kept = (\[.*\]);", client.get("/phone/sw.js").text)[0])
    )
    files = {
        path.relative_to(phone_folder).as_posix()
        for path in (phone_folder / version).rglob("*")
        if path.is_file() and path.suffix not in (".br", ".gz")
    }
    assert kept == files | {"./", "app.webmanifest"}


@pytest.mark.parametrize(
    "name",
    ["../gallery.json", "..%2f..%2fetc%2fpasswd", "none.js", "phone", "%00", "a" * 300],
    ids=lambda name: name[:20],
)
def test_only_files_of_the_page_are_served(client: TestClient, name: str) -> None:
    assert client.get(f"/phone/{name}").status_code == 404


def test_first_visitor_is_told_to_wait_and_a_refusal_is_one_line(
    demo: Gallery, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, phone_folder: Path
) -> None:
    monkeypatch.setenv("SELFIE_CACHE", str(tmp_path))
    seen = threading.Event()

    def refuse(*_: object, **__: object) -> None:
        seen.wait(LIMIT)
        raise DataError("this net is too large")

    monkeypatch.setattr("selfie_core.web.phone_routes.make_phone", refuse)
    client = TestClient(Starlette(routes=phone_routes(lambda: demo)))
    first = client.get("/phone/")
    assert first.headers["refresh"] == "2"
    assert "made ready" in first.text
    seen.set()
    end = time.monotonic() + LIMIT
    while "refresh" in (answer := client.get("/phone/")).headers and time.monotonic() < end:
        time.sleep(0.05)
    assert "this net is too large" in answer.text
    assert answer.status_code == 503  # no worker keeps it for the page, no module reads it as JSON
    assert 'href="../score"' in answer.text


def test_page_is_made_anew_after_a_full_disk_and_an_emptied_cache(
    built: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SELFIE_CACHE", str(tmp_path / "cache"))
    gallery, full = Gallery.open(built), True

    def make(gallery: Gallery, out: Path, **_: object) -> None:
        if full:
            raise DataError("can't write: No space left on device")
        phone._write(out, store.content_id(b"1"), {"facts.json": b"{}"})

    def settled() -> str:
        end = time.monotonic() + LIMIT
        while "refresh" in (answer := client.get("/phone/")).headers and time.monotonic() < end:
            time.sleep(0.02)
        return answer.text

    monkeypatch.setattr("selfie_core.web.phone_routes.make_phone", make)
    client = TestClient(Starlette(routes=phone_routes(lambda: gallery)))
    assert "No space left" in settled()
    full = False
    assert store.content_id(b"1") in settled()
    shutil.rmtree(tmp_path / "cache")
    assert store.content_id(b"1") in settled()


def test_page_of_the_gallery_as_it_was_is_served_until_the_new_one_is_whole(
    built: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SELFIE_CACHE", str(tmp_path))
    now = Gallery.open(built)
    may_end = threading.Event()
    may_end.set()

    def make(gallery: Gallery, out: Path, **_: object) -> None:
        may_end.wait(LIMIT)
        phone._write(out, store.content_id(gallery.version.encode()), {"facts.json": b"{}"})

    def text_without(word: str) -> str:
        end = time.monotonic() + LIMIT
        while word in (text := client.get("/phone/").text) and time.monotonic() < end:
            time.sleep(0.02)
        return text

    monkeypatch.setattr("selfie_core.web.phone_routes.make_phone", make)
    client = TestClient(Starlette(routes=phone_routes(lambda: now)))
    old = store.content_id(now.version.encode())
    assert old in text_without("made ready")
    may_end.clear()
    now = dataclasses.replace(now, version="newer")
    assert old in client.get("/phone/").text
    may_end.set()
    assert store.content_id(b"newer") in text_without(old)
    assert len(list(store.cache_folder().glob("phone-*"))) == 1


def test_newer_version_takes_the_place_of_the_older(
    phone_folder: Path, tmp_path: Path, version: str
) -> None:
    files = {"facts.json": b"{}"}
    for name in ("0" * 12, "1" * 12):
        phone._write(tmp_path, name, files)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["1" * 12]
    entry = (tmp_path / "index.html").read_text("utf-8")
    assert "0" * 12 not in entry
    assert 'data-server=""' in entry  # the page then names no server
    phone._write(tmp_path, "1" * 12, files, server="https://a.example/score")
    assert 'data-server="https://a.example/score"' in (tmp_path / "index.html").read_text("utf-8")


def test_folder_of_somebody_else_is_left_alone(demo: Gallery, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(DataError, match=r"holds other files and no app.webmanifest of ours"):
        phone.make_phone(demo, tmp_path)


def test_stages_are_told_as_they_begin(
    demo: Gallery, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(phone, "MOST", 64)
    monkeypatch.setattr(phone, "TRIED", 16)
    told: list[tuple[str, int, int]] = []
    phone.make_phone(demo, tmp_path, progress=lambda *news: told.append(news))
    assert told == [("weights", 0, 1), ("photos", 0, 1), ("files", 0, 1), ("files", 1, 1)]
