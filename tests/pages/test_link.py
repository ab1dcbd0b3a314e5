"""What a link to a page shows where it is shared."""

import re
from html import unescape
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from pages.shared.link import link_preview
from selfie_core.gallery.gallery import Gallery
from selfie_core.web.gallery_routes import gallery_routes

HTML = Path(streamlit.__file__).parent / "static" / "index.html"


def streamlits_own(request: Request) -> FileResponse:
    return FileResponse(HTML, media_type="text/html")


@pytest.fixture
def client(built: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("SELFIE_GALLERY", str(built))
    routes = [*gallery_routes(lambda version: Gallery.open(built))]
    page = Route("/{page:path}", streamlits_own)
    middleware = [Middleware(link_preview), Middleware(GZipMiddleware)]
    return TestClient(Starlette(routes=[*routes, page], middleware=middleware))


def tags(client: TestClient, path: str) -> dict[str, str]:
    found = re.findall(r'<meta property="(.*?)" content="(.*?)">', client.get(path).text)
    return {name: unescape(value) for name, value in found}


@pytest.mark.parametrize(
    ("path", "title"), [("/", "What does a neural net"), ("/map", "Look"), ("/audit", "Audit")]
)
def test_link_shows_title_line_and_picture(client: TestClient, path: str, title: str) -> None:
    said = tags(client, path)
    assert said["og:title"].startswith(title) and len(said["og:description"]) > 30
    assert f"<title>{said['og:title']} · Selfie</title>" in client.get(path).text
    assert said["og:image"].startswith("http://testserver/gallery/")
    assert client.get(said["og:image"]).headers["content-type"] == "image/jpeg"


def test_link_to_a_photo_shows_that_photo(client: TestClient, gallery: Gallery) -> None:
    said = tags(client, f"/continuum?id={gallery.table['id'].iat[3]}")
    assert said["og:image"] == f"http://testserver/gallery/{gallery.version}/photo/3"
    assert said["og:description"].startswith("8 selfies")


def test_words_of_an_address_stay_words(client: TestClient) -> None:
    text = client.get('/map?find="><script>alert(1)</script>').text
    assert "<script>alert" not in text


def test_page_comes_whole_whatever_the_browser_has(client: TestClient) -> None:
    kept = client.get("/map").headers
    assert "etag" not in kept and int(kept["content-length"]) == len(client.get("/map").content)
    again = client.get("/map", headers={"range": "bytes=0-9", "if-none-match": "*"})
    assert again.status_code == 200 and "og:title" in again.text


def test_other_addresses_pass_as_they_are(client: TestClient) -> None:
    assert client.get("/static/index.html").text == HTML.read_text("utf-8")
    assert client.head("/map").status_code == 405 or not client.head("/map").content


def test_without_a_gallery_the_title_stands_alone(client: TestClient, monkeypatch) -> None:
    monkeypatch.setenv("SELFIE_GALLERY", "/nowhere")
    assert "og:image" not in tags(client, "/continuum")
    assert tags(client, "/continuum")["og:title"] == "Browse the grids"
