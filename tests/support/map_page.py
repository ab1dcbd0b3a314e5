"""The map as tests drive it: opening it, waiting for it, where its selfies are in the window."""

import os
import re
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from tests.support.phone_page import PATIENCE

MAP = ".st-key-map .map"
STAGE = f"{MAP} .stage"
SHOWN = f"{MAP} .card.shown"
PANEL = f"{MAP} .panel"


def shown_gallery() -> Gallery:
    """Return the gallery that the app shows."""
    return Gallery.open(Path(os.environ.get("SELFIE_GALLERY") or store.demo_gallery()))


def go_to(page: Page, address: str) -> Page:
    """Open a page with a map and wait for its faces."""
    page.goto(address, wait_until="commit")
    page.locator(f"{MAP}[data-ready]").wait_for(timeout=PATIENCE)
    wait_for_faces(page)
    return page


def wait_for_faces(page: Page) -> None:
    wait_for(page, "images-shown", "[1-9]")


def wait_for(page: Page, name: str, pattern: str) -> None:
    """Wait until one of the facts that the map writes down (data-*) is as wanted."""
    expect(page.locator(MAP)).to_have_attribute(
        f"data-{name}", re.compile(pattern), timeout=PATIENCE
    )


def fact(page: Page, name: str) -> str:
    return page.locator(MAP).get_attribute(f"data-{name}") or ""


def wait_for_a_frame(page: Page) -> None:
    """Wait until what was done is drawn: Chromium keeps moves of a mouse for the next frame."""
    frame = "new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))"
    for _ in range(2):
        page.evaluate(frame)


def settle(page: Page) -> str:
    """Return the view once two looks agree and nothing travels."""
    wait_for(page, "travelling", "^$")
    view, before = fact(page, "view"), None
    while view != before:
        page.wait_for_timeout(300)
        wait_for_a_frame(page)
        view, before = fact(page, "view"), view
    return view


def places_of(page: Page, places: np.ndarray) -> np.ndarray:
    """Return where places of the layout are in the window, pixels: shape (N, 2)."""
    box = page.locator(STAGE).bounding_box()
    assert box
    *middle, scale = map(float, settle(page).split(","))
    off = (np.atleast_2d(places) - middle) * scale
    if fact(page, "turned"):
        off = off[:, ::-1]
    return off + np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])


def place_of(page: Page, x: float, y: float) -> tuple[float, float]:
    """Return where one place of the layout is in the window, pixels."""
    return tuple(places_of(page, np.array([x, y]))[0].tolist())


def from_the_middle(gallery: Gallery) -> np.ndarray:
    """Return all places, those in the middle of the crowd first."""
    gaps = np.linalg.norm(gallery.xy - np.median(gallery.xy, axis=0), axis=1)
    return gallery.xy[gaps.argsort()]


def bare_spot(page: Page, places: np.ndarray) -> tuple[float, float]:
    """Return where the first of some places is that no name, legend or tool is near, pixels."""
    bare = """(map, spots) => spots.findIndex(([x, y]) =>
        [-16, 0, 16].every((right) => [-16, 0, 16].every((down) =>
            map.getRootNode().elementFromPoint(x + right, y + down)
                ?.className.startsWith('stage'))))"""  # a finger meets what is near, too
    spots = places_of(page, places).tolist()
    found = page.locator(MAP).evaluate(bare, spots)
    assert found >= 0, "names lie over all of these places"
    return tuple(spots[found])


def zoom_in(page: Page, x: float, y: float, *, turns: int) -> None:
    page.mouse.move(*place_of(page, x, y))
    for _ in range(turns):
        page.mouse.wheel(0, -200)
        page.wait_for_timeout(30)
    settle(page)


def hovered_row(page: Page) -> int:
    return int(fact(page, "hover-row") or -1)


def shown_picture(page: Page) -> tuple[str, bytes]:
    """Return address and bytes of the picture in the card, once it is there."""
    image = page.locator(f"{SHOWN} img")
    image.wait_for()
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 128
    address = image.evaluate("image => image.src")
    return address, page.request.get(address).body()


def draw(
    page: Page, corners: list[tuple[float, float]], *, tool: str = "Draw round a region"
) -> None:
    """Draw round places of the layout, or a box from the first to the last."""
    spots = [place_of(page, x, y) for x, y in corners]
    page.locator(f'{MAP} .tool[aria-label="{tool}"]').click()
    page.mouse.move(*spots[0])
    page.mouse.down()
    for spot in spots[1:]:
        page.mouse.move(*spot, steps=5)
    page.mouse.up()
    wait_for(page, "group", r"\d")


def panel_rows(page: Page) -> list[int]:
    """Return the rows of the grid in the panel, as far as it is in sight, in reading order."""
    cells = page.locator(f"{PANEL} .ranked-cell")
    cells.first.wait_for()
    found = cells.evaluate_all(
        "cells => cells.map(({ style, dataset }) =>"
        " [parseFloat(style.top), parseFloat(style.left), +dataset.row])"
    )
    return [int(row) for _, _, row in sorted(found)]


def inside(xy: np.ndarray, corners: list[tuple[float, float]]) -> np.ndarray:
    """Return which places lie in a polygon, by the even-odd rule, shape (N,)."""
    within = np.zeros(len(xy), bool)
    for (x1, y1), (x2, y2) in zip(corners, [corners[-1], *corners[:-1]], strict=True):
        crosses = (y1 > xy[:, 1]) != (y2 > xy[:, 1])
        with np.errstate(divide="ignore", invalid="ignore"):
            left = xy[:, 0] < (x2 - x1) * (xy[:, 1] - y1) / (y2 - y1) + x1
        within ^= crosses & left
    return within
