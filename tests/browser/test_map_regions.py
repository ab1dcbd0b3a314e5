"""Choosing many selfies: by a drawn region, a box, a search, a filter, a name; and coming back."""

import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from selfie_core.gallery.explore import set_apart
from selfie_core.gallery.gallery import Gallery
from tests.support.map_page import (
    MAP,
    PANEL,
    STAGE,
    draw,
    fact,
    go_to,
    inside,
    panel_rows,
    place_of,
    settle,
    shown_gallery,
    wait_for,
    wait_for_a_frame,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def outline(gallery: Gallery) -> list[tuple[float, float]]:
    """A hexagon round the middle half of the crowd."""
    x, y = np.nanmedian(gallery.xy, axis=0)
    wide, high = np.nanstd(gallery.xy, axis=0)
    turns = np.linspace(0, 2 * np.pi, 7)[:-1]
    return [(float(x + wide * np.cos(t)), float(y + high * np.sin(t))) for t in turns]


def test_lasso_counts_what_it_goes_round_and_ranks_it(
    open_map: Page, gallery: Gallery, outline
) -> None:
    draw(open_map, outline)
    wanted = np.flatnonzero(inside(gallery.xy, outline))
    count = int(fact(open_map, "group"))
    assert abs(count - len(wanted)) <= 0.03 * len(wanted)  # a hand draws to the pixel
    expect(open_map.locator(f"{PANEL} h2")).to_have_text(f"{count:,} in this region")
    shown = panel_rows(open_map)
    scores = gallery.table["score"].to_numpy()
    assert np.mean(np.isin(shown, wanted)) > 0.9
    assert (np.diff(scores[shown]) <= 0).all()


def test_region_says_its_mean_and_what_sets_it_apart(
    open_map: Page, gallery: Gallery, outline
) -> None:
    draw(open_map, outline)
    rows = rows_chosen(open_map)
    mean = gallery.table["score"].to_numpy()[rows].mean()
    expect(open_map.locator(f"{PANEL} .mean")).to_have_text(f"{100 * mean:.1f} %")
    titles = open_map.locator(f"{PANEL} .difference-words span:first-child")
    wanted = [difference.title for difference in set_apart(gallery, rows)]
    expect(titles).to_have_count(len(wanted))
    assert titles.all_inner_texts() == wanted


def rows_chosen(page: Page) -> np.ndarray:
    """Return the rows of the region, as the table one can download has them."""
    table = download(page, "Download the table of these selfies")
    ids = pd.read_csv(io.BytesIO(table))["id"].tolist()
    gallery = shown_gallery()
    return np.flatnonzero(gallery.table["id"].isin(ids))


def download(page: Page, name: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name).click()
    return Path(waiting.value.path()).read_bytes()


def test_region_is_downloaded_as_picture_and_table(open_map: Page, outline) -> None:
    draw(open_map, outline)
    assert len(rows_chosen(open_map)) == int(fact(open_map, "group"))
    picture = download(open_map, "Download a picture of these selfies")
    assert min(Image.open(io.BytesIO(picture)).size) > 500


def test_box_takes_what_is_between_its_corners(open_map: Page, gallery: Gallery) -> None:
    low, high = np.nanquantile(gallery.xy, [0.3, 0.7], axis=0)
    draw(open_map, [tuple(low), tuple(high)], tool="Draw a box")  # type: ignore[list-item]
    wanted = ((gallery.xy >= low) & (gallery.xy <= high)).all(axis=1).sum()
    assert abs(int(fact(open_map, "group")) - wanted) <= 0.03 * wanted + 2


@pytest.mark.parametrize("drawing", [False, True])
def test_escape_lays_the_lasso_down_wherever_the_focus_is(
    open_map: Page, gallery: Gallery, drawing: bool
) -> None:
    tool = open_map.locator(f'{MAP} .tool[aria-label="Draw round a region"]')
    tool.click()  # and has the focus
    expect(tool).to_have_attribute("aria-pressed", "true")
    x, y = place_of(open_map, *np.nanmedian(gallery.xy, axis=0))
    if drawing:
        open_map.mouse.move(x, y)
        open_map.mouse.down()
        open_map.mouse.move(x + 60, y + 40, steps=4)
        open_map.mouse.move(x + 60, y - 40, steps=4)
    open_map.keyboard.press("Escape")
    expect(tool).to_have_attribute("aria-pressed", "false")
    open_map.mouse.up()
    expect(open_map.locator(PANEL)).to_be_hidden()
    assert not open_map.locator(f"{MAP} .lasso path").get_attribute("d")


def test_link_brings_back_place_colour_layout_and_region(open_map: Page, outline) -> None:
    open_map.get_by_label("Colour by").select_option(value="brightness")
    expect(open_map.locator(f"{MAP} .legend")).to_contain_text("Brightness")
    draw(open_map, outline)
    open_map.get_by_role("button", name="Zoom in").click()
    view, count = settle(open_map), fact(open_map, "group")
    open_map.wait_for_url(re.compile("region=.*|colour=brightness.*view="))
    open_map.wait_for_url(re.compile("view="))
    go_to(open_map, open_map.url)
    wait_for(open_map, "group", r"\d")
    assert fact(open_map, "group") == count
    again = settle(open_map)
    assert np.allclose(*[[float(v) for v in t.split(",")] for t in (view, again)], rtol=0.02)
    expect(open_map.locator(f"{MAP} .legend")).to_contain_text("Brightness")


def test_link_brings_back_the_open_selfie(open_map: Page, gallery: Gallery) -> None:
    row = int(gallery.best_first[3])
    open_map.goto(f"{open_map.url}?selfie={gallery.table['id'].iat[row]}", wait_until="commit")
    photo = open_map.locator(f"{PANEL} .big-photo img")
    expect(photo).to_have_attribute("src", re.compile(f"/photo/{row}$"))


def test_search_finds_by_id_and_by_user(open_map: Page, gallery: Gallery) -> None:
    search = open_map.get_by_role("combobox", name="Search photos")
    search.fill(str(gallery.table["id"].iat[7]))
    wait_for(open_map, "group", "^1$")
    assert panel_rows(open_map) == [7]
    if "user" in gallery.table:
        user = gallery.table["user"].value_counts().index[0]
        search.fill(str(user))
        expect(open_map.locator(f"{PANEL} h2")).to_contain_text(f"“{user}”")
        rows = np.flatnonzero(gallery.table["user"] == user)
        assert sorted(panel_rows(open_map)) == rows.tolist()
    search.fill("nobody has this name")
    expect(open_map.locator(PANEL)).to_contain_text("Nothing found")
    search.fill("")
    expect(open_map.locator(PANEL)).to_be_hidden()


def test_legend_filters_by_name_and_says_how_many(open_map: Page, gallery: Gallery) -> None:
    open_map.get_by_label("Colour by").select_option(value="label")
    open_map.get_by_role("button", name="Show only: more than its peers").click()
    liked = int((gallery.table["label"] == 1).sum())
    wait_for(open_map, "shown", f"^{liked}$")
    expect(open_map.locator(f"{MAP} .shown-count")).to_have_text(
        f"{liked:,} of {len(gallery):,} shown"
    )
    assert all(gallery.table["label"].iat[row] == 1 for row in hovered_over_the_map(open_map))
    open_map.get_by_role("button", name="Show all again").click()
    wait_for(open_map, "shown", f"^{len(gallery)}$")


def hovered_over_the_map(page: Page) -> set[int]:
    """Return the rows that a sweep over the map meets."""
    box = page.locator(STAGE).bounding_box()
    assert box
    met = set()
    for share in np.linspace(0.15, 0.85, 15):
        page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] * 0.5)
        wait_for_a_frame(page)
        if row := fact(page, "hover-row"):
            met.add(int(row))
    assert met
    return met


def test_legend_filters_a_range_by_keys(open_map: Page, gallery: Gallery) -> None:
    lowest = open_map.get_by_role("slider", name="From, Score")
    lowest.focus()
    for _ in range(50):
        open_map.keyboard.press("ArrowRight")
    wait_for(open_map, "shown", rf"^(?!{len(gallery)}$)\d+$")
    score = gallery.table["score"]
    low, high = score.quantile([0.02, 0.98])
    wanted = int((score >= (low + high) / 2).sum())
    assert abs(int(fact(open_map, "shown")) - wanted) <= 2
    open_map.wait_for_url(re.compile("only="))


def test_selfie_is_found_again_in_the_ranked_grid(open_map: Page, gallery: Gallery) -> None:
    row = int(gallery.best_first[len(gallery) // 2])
    search = open_map.get_by_role("combobox", name="Search photos")
    search.fill(str(gallery.table["id"].iat[row]))
    wait_for(open_map, "group", "^1$")
    open_map.locator(f"{PANEL} .ranked-cell").click()
    open_map.get_by_role("button", name="Show it among all selfies, ranked").click()
    lit = open_map.locator(f"{PANEL} .ranked-cell.lit")
    expect(lit).to_be_visible()
    assert int(lit.get_attribute("data-row") or -1) == row
    shown = panel_rows(open_map)
    place = shown.index(row)
    assert shown[place - 1] == gallery.best_first[len(gallery) // 2 - 1]


def test_selfie_travels_to_its_place_by_score(open_map: Page, gallery: Gallery) -> None:
    open_map.get_by_role("button", name="Layout: Score").click()
    wait_for(open_map, "layout", "score")
    settle(open_map)
    best, worst = gallery.best_first[0], gallery.best_first[-1]
    assert picked_at(open_map, best) < picked_at(open_map, worst)  # higher scores stand higher
    open_map.wait_for_url(re.compile("layout=score"))
    open_map.get_by_role("button", name="Layout: Map").click()
    wait_for(open_map, "layout", "map")
    wait_for(open_map, "travelling", "^$")


def picked_at(page: Page, row: int) -> float:
    """Open a selfie by its id and return how far from the top its ring stands, pixels."""
    gallery = shown_gallery()
    page.get_by_role("combobox", name="Search photos").fill(str(gallery.table["id"].iat[row]))
    wait_for(page, "group", "^1$")
    expect(page.locator(f"{PANEL} .ranked-cell")).to_have_attribute("data-row", str(row))
    page.get_by_role("button", name="Show the whole map").click()
    settle(page)
    page.locator(f"{PANEL} .ranked-cell").hover()
    ring = page.locator(f"{MAP} .ring.shown").first.bounding_box()
    assert ring
    return ring["y"]


def test_grid_has_a_cell_for_every_selfie(open_map: Page, gallery: Gallery) -> None:
    if not getattr(gallery, "has_grid", False):
        pytest.skip("this gallery has no filled grid")
    open_map.get_by_role("button", name="Layout: Grid").click()
    wait_for(open_map, "layout", "grid")
    wait_for(open_map, "travelling", "^$")
    places = gallery.table[["grid_x", "grid_y"]].to_numpy()
    for row in (5, len(gallery) // 2, len(gallery) - 5):
        open_map.mouse.move(*place_of(open_map, *places[row]))
        wait_for(open_map, "hover-row", f"^{row}$")


def test_seams_are_drawn_red(open_map: Page, gallery: Gallery) -> None:
    if not getattr(gallery, "has_seams", False):
        pytest.skip("this gallery has no seams")
    open_map.get_by_role("button", name="Show photos").click()
    page_before = Image.open(io.BytesIO(open_map.locator(STAGE).screenshot()))
    open_map.get_by_role("button", name="Seams").click()
    expect(open_map.locator(f"{MAP} .legend-note")).to_contain_text("Red")
    open_map.wait_for_timeout(500)
    wait_for_a_frame(open_map)
    page_after = Image.open(io.BytesIO(open_map.locator(STAGE).screenshot()))
    assert reds(page_after) > reds(page_before) + 200


def reds(picture: Image.Image) -> int:
    """Return the number of pixels near the colour of seams, #e5304f."""
    pixels = np.asarray(picture.convert("RGB")).astype(int)
    return int((np.abs(pixels - [229, 48, 79]).sum(axis=2) < 60).sum())


def test_name_of_a_region_selects_its_members(open_map: Page, gallery: Gallery) -> None:
    if not getattr(gallery, "landmarks", ()):
        pytest.skip("this gallery has no landmarks")
    label = open_map.locator(f"{MAP} .landmark:not(.covered)").first
    name = label.inner_text()
    landmark = next(mark for mark in gallery.landmarks if mark.name == name)
    label.click()
    wait_for(open_map, "group", rf"^{int((gallery.table['region'] == landmark.region).sum())}$")
    expect(open_map.locator(f"{PANEL} h2")).to_contain_text(name)
