"""axe-core over every page, in both themes, wide and narrow: contrast, headings, names."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery

pytestmark = pytest.mark.browser

PAPER = {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 17, 20)"}
# Streamlit's own: its place to drop files is a labelled section without a role.
NOT_OURS = {"presentation-role-conflict": {"enabled": False}}
THEIR_MENU = {"exclude": [['[data-testid="stSidebarNavItems"]']]}  # has div between ul and li
PLACES = {
    "front": "",
    "grids": "continuum",
    "all photos": "continuum?continuum_view=All",
    "one photo": "continuum?id=ID",
    "map": "map",
    "map, one photo": "map?selfie=ID",
    "map, a region": "map?region=@1&colour=label",
    "score": "score",
    **{part: f"score?sample=SAMPLE&score_show={part}" for part in ("Crops", "Advice", "Why")},
    "celebrities": "celebrities",
    "guess": "guess",
    "taste": "taste?pairs=7",
    "roll": "roll",
    "roll, one photo": "roll",
    "rules": "rules",
    "audit": "audit",
    "network": "network",
    "experiment": "experiment",
    "train": "train?train_way=gallery",
}


@pytest.fixture(scope="module")
def names() -> dict[str, str]:
    gallery = Gallery.open(store.demo_gallery())
    sample = min(store.sample_photos().glob("*.jpg")).stem
    return {"ID": str(gallery.table["id"].iat[7]), "SAMPLE": sample}


@pytest.mark.parametrize("place", PLACES)
def test_axe_finds_nothing(page: Page, app_url: str, place: str, names: dict[str, str]) -> None:
    address = PLACES[place]
    for word, name in names.items():
        address = address.replace(word, name)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(f"{app_url}/{address}")
    expect(page.get_by_text("says nothing about the person").first).to_be_visible(timeout=60_000)
    if address == "roll":  # of what it shows little is there before photos are
        page.get_by_label("Photos", exact=True).set_input_files(
            sorted(store.sample_photos().iterdir())[:3]
        )
        page.get_by_role("slider").press("Home", timeout=60_000)
        expect(page.locator(".shot")).to_have_count(3, timeout=60_000)
    if place == "roll, one photo":
        page.locator(".shot").first.click()
        expect(page.locator("[role=dialog] .hole")).to_be_visible(timeout=60_000)
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=60_000)
    found = []
    for theme, width in (("light", 1280), ("dark", 1280), ("dark", 390)):
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 844})
        expect(app).to_have_css("background-color", PAPER[theme])
        page.wait_for_timeout(1500)  # what fades in or out has done so
        options = {"resultTypes": ["violations"], "rules": NOT_OURS}
        answer = Axe().run(page, THEIR_MENU, options)
        for finding in answer.response["violations"]:
            for node in finding["nodes"]:
                why = [one["message"] for one in node["any"] + node["all"] + node["none"]]
                found.append((theme, width, finding["id"], node["html"][:160], *why[:1]))
    page.set_viewport_size({"width": 1280, "height": 900})
    assert not found, "\n".join(map(str, found))
