"""The map of a gallery too large to come at once: each so-many-th photo, then what is near."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from selfie_core.gallery.gallery import Gallery
from tests.support.map_page import (
    MAP,
    PANEL,
    SHOWN,
    bare_spot,
    fact,
    go_to,
    hovered_row,
    place_of,
    settle,
    wait_for,
    zoom_in,
)

pytestmark = pytest.mark.browser

EVERY, TILE = 20, 128


@pytest.fixture
def asked(page: Page, gallery: Gallery) -> list[str]:
    """The parts of the points that a map asks for whose limits suit the demo gallery."""
    few = {"AT_ONCE": 100, "FIRST": -(-len(gallery) // EVERY), "TILE": TILE}

    def lower(route: Route) -> None:
        script = route.fetch().text()
        for name, value in few.items():
            script, found = re.subn(rf"(const {name} =) \d+;", rf"\1 {value};", script)
            assert found == 1
        route.fulfill(body=script, content_type="text/javascript")

    page.route("**/map/parts/table.js", lower)
    parts: list[str] = []
    page.on("request", lambda asked: "points.bin" in asked.url and parts.append(asked.url))
    return parts


def test_first_look_takes_each_so_many_th_and_says_all(
    page: Page, app_url: str, gallery: Gallery, asked: list[str]
) -> None:
    go_to(page, f"{app_url}/map")
    assert [part.partition("?")[2] for part in asked] == [
        f"first=0&last={len(gallery)}&every={EVERY}"
    ]
    assert int(fact(page, "images-shown")) >= 20
    assert int(fact(page, "shown")) == len(gallery)
    page.mouse.move(*place_of(page, *gallery.xy[5 * EVERY]))
    expect(page.locator(SHOWN)).to_be_visible()
    row = hovered_row(page)
    assert row % EVERY == 0
    expect(page.locator(f"{SHOWN} .score")).to_have_text(
        f"{100 * gallery.table['score'].iat[row]:.1f} %"
    )
    above = int(gallery.table["percentile"].iat[row])
    expect(page.locator(f"{SHOWN} .better")).to_have_text(f"scores above {above} %")


def test_what_is_near_comes_whole_and_no_more(
    page: Page, app_url: str, gallery: Gallery, asked: list[str]
) -> None:
    go_to(page, f"{app_url}/map")
    gaps = np.linalg.norm(gallery.xy[:, None] - gallery.xy, axis=2)
    np.fill_diagonal(gaps, np.inf)
    alone = gaps.min(axis=1).argsort()[::-1]
    row = next(int(row) for row in alone if row % EVERY)
    zoom_in(page, *gallery.xy[row], turns=6)
    page.mouse.move(*place_of(page, *gallery.xy[row]))
    wait_for(page, "hover-row", f"^{row}$")
    assert 1 < len(asked) < 1 + len(gallery) / TILE
    assert int(fact(page, "shown")) == len(gallery)


def test_groups_count_all_photos_and_rank_them(
    page: Page, app_url: str, gallery: Gallery, asked: list[str]
) -> None:
    go_to(page, f"{app_url}/map?colour=label&region=100.100_900.100_900.900_100.900")
    low, high = np.float32(0.1), np.float32(0.9)
    inside = ((gallery.xy > low) & (gallery.xy < high)).all(axis=1)
    wait_for(page, "group", f"^{int(inside.sum())}$")
    best = gallery.best_first[inside[gallery.best_first]][0]
    first = page.locator(f"{PANEL} .ranked-cell").first
    expect(first).to_have_attribute("data-row", str(best))
    page.get_by_role("button", name="Show only: more than its peers").click()
    wait_for(page, "shown", f"^{int((gallery.table['label'] == 1).sum())}$")


def test_open_selfie_brings_those_most_like_it(
    page: Page, app_url: str, gallery: Gallery, asked: list[str]
) -> None:
    row = next(row for row in range(len(gallery)) if row % EVERY)
    go_to(page, f"{app_url}/map?selfie={gallery.table['id'].iat[row]}")
    expect(page.locator(f"{PANEL} .neighbour")).to_have_count(8)
    expect(page.locator(f"{MAP} line.link")).to_have_count(8)
    settle(page)
    assert len(asked) > 1


def test_part_that_does_not_come_costs_its_photos_only(
    page: Page, app_url: str, gallery: Gallery, asked: list[str]
) -> None:
    page.route("**/points.bin?*every=1", lambda route: route.abort())
    go_to(page, f"{app_url}/map")
    spot = bare_spot(page, gallery.xy[::EVERY])
    page.mouse.move(*spot)
    for _ in range(6):
        page.mouse.wheel(0, -200)
    expect(page.locator(f"{MAP} .says")).to_have_text("Some selfies did not arrive")
    settle(page)  # the wheel may turn on
    tries = len(asked)
    page.wait_for_timeout(500)
    assert len(asked) == tries  # asked again once one looks elsewhere, not on and on
