"""All of a map is drawn, written and kept in the order of its rows."""

import json

import numpy as np
import pytest

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.settings import LayoutConfig
from selfie_core.gallery.columns import MAP_COLUMNS
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.map.draw import draw_map
from selfie_core.gallery.map.tsne import lay_out
from selfie_core.gallery.remap import complete_map


def strip(folder):
    """Make a gallery as it was before it had a filled grid, seams and landmarks."""
    table = store.read_table(folder / "selfies.parquet")
    table = table.drop(columns=["grid_x", "grid_y", "seam", "region"])
    store.write_table(folder / "selfies.parquet", table)
    (folder / "seams.npy").unlink()
    (folder / "landmarks.json").unlink()
    facts = store.read_json(folder / "gallery.json")
    del facts["map"]
    store.write_json(folder / "gallery.json", facts)
    return Gallery.open(folder)


def test_built_gallery_has_all_of_a_map(gallery: Gallery):
    assert set(gallery.table) >= MAP_COLUMNS - {"newcomer", "was_x", "was_y"}
    assert gallery.has_map and gallery.has_grid and gallery.has_seams
    assert gallery.info["map"]["perplexity"] == 30
    edges = gallery.edges
    assert edges.shape[0] == 3 and edges[:2].max() < len(gallery)


def test_older_gallery_is_completed_where_it_stands(own_copy):
    old = strip(own_copy)
    assert not old.has_grid and not old.has_seams and old.landmarks == ()
    new = complete_map(old)
    assert new.has_grid and new.has_seams
    assert np.array_equal(new.xy, old.xy)
    assert new.table["id"].tolist() == old.table["id"].tolist()
    assert new.version != old.version


def test_gallery_without_places_is_not_completed(own_copy):
    table = store.read_table(own_copy / "selfies.parquet").assign(x=np.nan, y=np.nan)
    store.write_table(own_copy / "selfies.parquet", table)
    with pytest.raises(DataError, match="no place on a map"):
        complete_map(Gallery.open(own_copy))


def test_edges_are_those_of_the_rows_of_the_table(gallery: Gallery):
    again = draw_map(gallery.table, gallery.fc7, xy=gallery.xy, config=LayoutConfig())
    assert np.allclose(again.columns["seam"], gallery.table["seam"])
    assert np.array_equal(again.edges, gallery.edges)


@pytest.mark.parametrize("count", [1, 2, 10])
def test_few_or_equal_photos_have_a_whole_map(gallery: Gallery, count):
    table = gallery.table.iloc[[0] * count].reset_index(drop=True)
    for fc7 in (np.ones((count, 8), np.float16), np.eye(count, 8, dtype=np.float16)):
        drawn = draw_map(table, fc7, xy=lay_out(fc7), config=LayoutConfig())
        numbers = drawn.columns[["x", "y", "grid_x", "grid_y", "seam"]].to_numpy()
        assert numbers.shape == (count, 5) and np.isfinite(numbers).all()


def test_damaged_features_leave_their_photos_without_a_place(gallery: Gallery):
    fc7 = np.array(gallery.fc7)
    fc7[3] = np.nan
    drawn = draw_map(gallery.table, fc7, xy=lay_out(fc7), config=LayoutConfig())
    assert np.flatnonzero(drawn.columns["x"].isna()).tolist() == [3]


def test_name_given_by_hand_is_shown_and_an_empty_one_hides(own_copy):
    mark = {"region": 0, "name": "old", "x": 0.5, "y": 0.5, "count": 3, "why": "", "found": "old"}
    for name, shown in (("the gang", ["the gang"]), ("", [])):
        (own_copy / "landmarks.json").write_text(json.dumps({"landmarks": [mark | {"name": name}]}))
        assert [m.name for m in Gallery.open(own_copy).landmarks] == shown
