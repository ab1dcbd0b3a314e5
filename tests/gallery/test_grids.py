"""Which photos stand in a grid, and the picture pasted of them."""

import numpy as np
import pytest
from PIL import Image

from selfie_core.base.errors import DataError
from selfie_core.gallery.build import BuildConfig, build_gallery
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.grids import (
    MAX_CELLS,
    grid_table,
    paste_grid,
    paste_map,
    pick_rows,
    square_photo,
)
from tests.support.drawn import draw_photo


@pytest.fixture(scope="module")
def greys(tmp_path_factory, brightness_scorer) -> Gallery:
    """Sixty plain photos from black to white, so that a cell's colour tells its rank."""
    photos = tmp_path_factory.mktemp("greys")
    for number in range(60):
        Image.new("RGB", (200, 160), (4 * number,) * 3).save(photos / f"{number:02}.png")
    out = tmp_path_factory.mktemp("built") / "greys"
    config = BuildConfig(map=False, faceless=True)
    return build_gallery(photos, out, scorer=brightness_scorer, config=config)


def level_of(picture: Image.Image, left: int, top: int, side: int) -> int:
    """Return the brightness of a cell's middle."""
    return picture.convert("L").getpixel((left + side // 2, top + side // 2))


@pytest.mark.parametrize("kind", ["continuum", "best", "worst"])
@pytest.mark.parametrize("count", [1, 2, 7, 59, 60])
def test_every_grid_falls_from_better_to_worse(greys, kind, count):
    ranks = greys.rank[pick_rows(greys, kind, count)]
    assert len(ranks) == count
    assert (np.diff(ranks) > 0).all()


def test_continuum_runs_from_the_very_best_to_the_very_worst(greys):
    ranks = greys.rank[pick_rows(greys, "continuum", 7)]
    assert ranks[0] == 1
    assert ranks[-1] == 60
    assert np.ptp(np.diff(ranks)) <= 1


def test_best_and_worst_are_the_two_ends(greys):
    assert greys.rank[pick_rows(greys, "best", 5)].tolist() == [1, 2, 3, 4, 5]
    assert greys.rank[pick_rows(greys, "worst", 5)].tolist() == [56, 57, 58, 59, 60]


@pytest.mark.parametrize("kind", ["continuum", "best", "worst"])
def test_small_gallery_gives_each_photo_once(greys, kind):
    assert sorted(pick_rows(greys, kind, 240)) == list(range(60))


def test_unknown_grid_is_refused_with_the_known_ones(greys):
    with pytest.raises(DataError, match="continuum, best, worst"):
        pick_rows(greys, "ugliest", 5)


@pytest.mark.parametrize("count", [0, -1, MAX_CELLS + 1])
def test_grid_holds_one_to_a_thousand_photos(greys, count):
    with pytest.raises(DataError, match="wanted 1 to 1000"):
        pick_rows(greys, "best", count)


@pytest.mark.parametrize("cell", [16, 128, 150])
def test_cells_read_left_to_right_and_top_to_bottom(greys, cell):
    rows = pick_rows(greys, "best", 7)
    picture = paste_grid(greys, rows, columns=3, cell=cell)
    assert picture.size == (3 * cell, 3 * cell)
    found = [level_of(picture, n % 3 * cell, n // 3 * cell, cell) for n in range(7)]
    assert found == pytest.approx([236 - 4 * n for n in range(7)], abs=3)
    assert level_of(picture, 2 * cell, 2 * cell, cell) == 255  # an empty cell is white


def test_gaps_lie_between_photos_and_around_them(greys):
    picture = paste_grid(greys, pick_rows(greys, "worst", 4), columns=2, cell=20, gap=3)
    assert picture.size == (49, 49)
    assert picture.getpixel((1, 25)) == picture.getpixel((24, 10)) == (255, 255, 255)
    assert level_of(picture, 26, 26, 20) < 5


def test_blur_stays_inside_each_photo(greys):
    rows = pick_rows(greys, "continuum", 2)
    sharp, soft = (paste_grid(greys, rows, columns=2, cell=32, blur=b) for b in (0, 4))
    assert np.abs(np.asarray(sharp, int) - np.asarray(soft, int)).max() <= 3


def test_oblong_photo_is_cut_as_its_thumbnail_is(tmp_path, brightness_scorer):
    (tmp_path / "photos").mkdir()
    draw_photo(3, size=(300, 480)).save(tmp_path / "photos" / "tall.png")
    config = BuildConfig(map=False)
    tall = build_gallery(
        tmp_path / "photos", tmp_path / "out", scorer=brightness_scorer, config=config
    )
    thumb, large = (square_photo(tall, 0, side=side) for side in (128, 256))
    shrunk = large.resize((128, 128), Image.Resampling.LANCZOS)
    assert np.abs(np.asarray(thumb, int) - np.asarray(shrunk, int)).mean() < 4


def test_row_of_another_gallery_is_refused(greys):
    with pytest.raises(DataError, match="row 60 is not among the 60 photos"):
        paste_grid(greys, [0, 60], columns=2, cell=32)


@pytest.mark.parametrize(("columns", "cell"), [(0, 32), (10, 7), (10, 513), (1, 500), (60_000, 32)])
def test_impossible_picture_is_refused_before_it_is_pasted(greys, columns, cell):
    with pytest.raises(DataError, match="wanted|too many"):
        paste_grid(greys, [0] * 999, columns=columns, cell=cell)


def test_poster_shows_every_photo_once_near_its_place(gallery):
    told: list[tuple[int, int]] = []
    poster = paste_map(gallery, side=320, progress=lambda *news: told.append(news))
    assert told == [(done, 8) for done in range(1, 9)]
    cell = 80  # 8 photos on 4 x 4 cells
    corners = [(x, y) for x in range(0, 320, cell) for y in range(0, 320, cell)]
    filled = [c for c in corners if level_of(poster, *c, cell) < 250]
    assert len(filled) == len(gallery)
    places = (gallery.xy * 320).tolist()
    for x, y in places:
        nearest = min(np.hypot(x - left - 40, y - top - 40) for left, top in filled)
        assert nearest < 2 * cell


def test_poster_needs_a_map(greys):
    with pytest.raises(DataError, match="no place on a map"):
        paste_map(greys)


@pytest.mark.parametrize("kind", ["continuum", "best", "worst"])
def test_grid_of_a_part_takes_its_photos_alone(greys, kind):
    part = greys.best_first[10:50:2]
    rows = pick_rows(greys, kind, 7, among=part)
    assert set(rows) <= set(part)
    assert (np.diff(greys.rank[rows]) > 0).all()
    first, last = {"continuum": (0, 19), "best": (0, 6), "worst": (13, 19)}[kind]
    assert (rows[0], rows[-1]) == (part[first], part[last])


def test_table_of_a_grid_stands_in_its_order(greys):
    rows = pick_rows(greys, "continuum", 5)
    table = grid_table(greys, rows)
    assert table["place"].tolist() == [1, 2, 3, 4, 5]
    assert table["rank"].tolist() == greys.rank[rows].tolist()
    assert table["file"].tolist() == greys.table["file"].iloc[rows].tolist()
    assert "x" not in table
    assert grid_table(greys, rows.tolist()).equals(table)


def test_missing_picture_is_one_line(greys, monkeypatch):
    monkeypatch.setattr(Gallery, "thumb", lambda *_: b"")
    with pytest.raises(DataError, match="the picture of .*png is missing in .*greys; delete the"):
        paste_grid(greys, [0], columns=1, cell=64)
