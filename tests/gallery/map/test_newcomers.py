"""Newcomers are placed among the others, of which none moves; a map drawn anew lies as before."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from selfie_core.base import store
from selfie_core.base.settings import BuildConfig
from selfie_core.gallery.build import build_gallery
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.map.filled_grid import filled_grid, free_cells
from selfie_core.gallery.map.landmarks import Landmark, write_landmarks
from selfie_core.gallery.map.tsne import align
from selfie_core.gallery.remap import complete_map
from tests.conftest import FIRST_FORMAT
from tests.support.drawn import draw_photo

MAP = ("x", "y", "grid_x", "grid_y", "seam", "region")


@pytest.fixture
def photos(tmp_path: Path, photo_folder: Path) -> Path:
    """Eight photos that have a map: of ten and more t-SNE would take its time."""
    shutil.copytree(FIRST_FORMAT, tmp_path / "gallery")
    folder = Path(shutil.copytree(photo_folder, tmp_path / "photos"))
    for file in folder.iterdir():
        os.utime(file, (1, 1))  # older than the gallery made of them
    return folder


def build(photos: Path, scorer) -> Gallery:
    return build_gallery(photos, photos.parent / "gallery", scorer=scorer, config=BuildConfig())


def test_nobody_moves_when_others_come_and_go(photos: Path, brightness_scorer) -> None:
    before = build(photos, brightness_scorer)
    mark = Landmark(0, "the gang", 0.5, 0.5, 3, "", "close faces")
    write_landmarks(before.map_files, [mark])
    (photos / "photo-3.png").unlink()
    for number in range(5):
        draw_photo(number, size=(130 + number, 100)).save(photos / f"new-{number}.png")
    after = build(photos, brightness_scorer)
    was, now = (one.table.set_index("file") for one in (before, after))
    for column in MAP:
        stayed = now.loc[was.index.drop("photo-3.png"), column]
        assert stayed.equals(was[column].drop("photo-3.png").astype(stayed.dtype)), column
    came = now[now["newcomer"]]
    assert came.index.tolist() == [f"new-{number}.png" for number in range(5)]
    assert came[["x", "y", "grid_x", "grid_y", "seam"]].notna().all(axis=None)
    assert after.landmarks == (mark,)
    assert after.info["map"]["newcomers"] == 5 and 0 < after.info["map"]["fit"] <= 1
    assert after.gaps == () and after.grid_cell == before.grid_cell
    assert not now.duplicated(["grid_x", "grid_y"]).any()
    ends = after.edges[:2]
    assert ends.max() < len(after) and (ends[0] != ends[1]).all()


def test_map_is_drawn_anew_once_newcomers_outnumber_the_others(photos, brightness_scorer) -> None:
    assert build(photos, brightness_scorer).gaps == ()
    for number in range(5):
        (photos / f"photo-{number}.png").unlink()
        draw_photo(number, size=(130 + number, 100)).save(photos / f"new-{number}.png")
    gallery = build(photos, brightness_scorer)
    assert len(gallery) == 8 and not gallery.newcomers.any()
    assert gallery.table["was_x"].notna().sum() == 3


def test_map_drawn_anew_lies_as_before_and_knows_where_all_stood(photos, brightness_scorer) -> None:
    build(photos, brightness_scorer)
    draw_photo(6, size=(150, 96)).save(photos / "new.png")
    before = build(photos, brightness_scorer)
    after = complete_map(before, anew=True)
    assert not after.newcomers.any() and "fit" not in after.info["map"]
    was, now = (one.table.set_index("id") for one in (before, after))
    assert now["was_x"].equals(was["x"].reindex(now.index))
    old, new = was[["x", "y"]].to_numpy(), now[["x", "y"]].reindex(was.index).to_numpy()
    old, new = old - old.mean(axis=0), new - new.mean(axis=0)
    left, _, right = np.linalg.svd(new.T @ old)
    turn = left @ right
    assert np.abs(turn - np.eye(2)).max() < 0.1  # nothing is left to turn or to mirror
    assert all(after.photo(row) and after.thumb(row) for row in range(9))


@pytest.mark.parametrize("mirror", [1, -1])
def test_turn_and_mirror_are_taken_away(mirror: int) -> None:
    rng = np.random.default_rng(0)
    before = rng.random((40, 2)).astype(np.float32)
    before = (before - before.min(0)) / np.ptp(before, axis=0)
    turn = np.array([[np.cos(2), -np.sin(2)], [np.sin(2), np.cos(2)]]) * [1, mirror]
    now = (before @ turn).astype(np.float32)
    before[5], now[9] = np.nan, np.nan
    turned = align(now, before)
    both = np.isfinite(turned).all(axis=1) & np.isfinite(before).all(axis=1)
    assert both.sum() == 38
    assert np.abs(turned[both] - before[both]).max() < 0.05


def test_cells_for_newcomers_are_free_and_near() -> None:
    grid = filled_grid(np.random.default_rng(1).random((100, 2)))
    xy = np.array([[0.5, 0.02], [0.5, 0.03], [0.98, 0.5]], np.float32)
    cells = free_cells(grid, xy, 10)
    assert len(np.unique(np.rint(np.concatenate([grid, cells]) * 20), axis=0)) == 103
    assert np.allclose(cells[0], [0.45, -0.05]) or np.allclose(cells[0], [0.55, -0.05])
    assert np.allclose(cells[2][0], 1.05)


def test_places_of_many_are_those_of_each_alone() -> None:
    gallery = Gallery.open(store.demo_gallery())
    some = np.asarray(gallery.fc7[:70], np.float32) * 1.05
    together = gallery.placer(some)
    for row in (0, 3, 69):
        assert np.allclose(gallery.placer(some[row : row + 1])[0], together[row], atol=1e-4)
