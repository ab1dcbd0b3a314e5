"""The pages' scripts as native modules: addresses, what a component loads, what is refused."""

import json
import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from pages.shared import scripts

PAGES = Path(__file__).resolve().parents[2] / "pages"
ALL = sorted(
    path.relative_to(PAGES).as_posix()
    for path in PAGES.rglob("*.js")
    if path.parent.name != "phone"
)
ENTRIES = [script for script in ALL if "export default" in (PAGES / script).read_text("utf-8")]


@pytest.fixture
def client() -> TestClient:
    page = Route("/{page:path}", lambda _: HTMLResponse("<html></html>"))
    preload = Middleware(scripts.preload, entries={"map": "map/selfie_map.js"})
    return TestClient(Starlette(routes=[*scripts.script_routes(), page], middleware=[preload]))


@pytest.mark.parametrize("script", ALL)
def test_script_is_served_as_it_stands_and_kept(client: TestClient, script: str) -> None:
    answer = client.get(scripts.address(script))
    assert answer.text == (PAGES / script).read_text("utf-8")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("entry", ENTRIES)
def test_loader_asks_for_all_modules_at_once(client: TestClient, entry: str) -> None:
    loader = scripts.loader(entry)
    addresses = json.loads(re.findall(r"\[\"scripts.*?\]", loader)[0])
    assert addresses[0] == scripts.address(entry)
    named = {address.split("/", 2)[2] for address in addresses}
    for script in named:
        text = client.get(scripts.address(script)).text
        for name in re.findall(r'from "(.*?)"', text):
            imported = ((PAGES / script).parent / name).resolve()
            assert imported.relative_to(PAGES).as_posix() in named


def test_every_script_belongs_to_a_component_or_to_a_page_itself() -> None:
    of_components = {one for entry in ENTRIES for one in scripts.modules(entry)}
    assert {*of_components, "router.js", "grid/detail.js"} == set(ALL)


def test_colours_of_phone_are_older_than_the_net() -> None:
    """Safari 16.4 runs the net; light-dark() came with 17.5, and buttons would have no colour."""
    style = (PAGES / "phone" / "phone.css").read_text("utf-8")
    assert not re.search(r"light-dark\([^)]", style)
    shared = (PAGES / "score" / "score.css").read_text("utf-8")
    for name in re.findall(r"(--[\w-]+): light-dark", shared):
        assert f"{name}: var(" in style


@pytest.mark.parametrize("name", ["shared/ui.py", "map/selfie_map.css", "map/none.js", "map"])
def test_only_scripts_are_served(client: TestClient, name: str) -> None:
    assert client.get(scripts.address(name)).status_code == 404


def test_address_of_another_version_says_what_to_do(client: TestClient) -> None:
    answer = client.get("/scripts/0123456789ab/map/selfie_map.js")
    assert (answer.status_code, answer.text) == (404, "the app was updated; reload the page")


def test_addresses_hold_below_any_path() -> None:
    assert scripts.address("map/selfie_map.js").startswith("scripts/")


def test_page_with_many_modules_names_them_in_its_header(client: TestClient) -> None:
    hints = client.get("/map").headers["link"]
    for script in scripts.modules("map/selfie_map.js"):
        assert f"<{scripts.address(script)}>; rel=modulepreload" in hints
    assert len(hints) < 3500  # proxies take headers of 4 KB
    assert "link" not in client.get("/continuum").headers
    assert "link" not in client.get(scripts.address("map/selfie_map.js")).headers
