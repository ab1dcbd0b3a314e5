"""A gallery opened: what it knows, and what is said of a damaged one."""

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from selfie_core.base import store
from selfie_core.base.errors import DataError, ModelError
from selfie_core.gallery.gallery import Gallery, percentiles


def test_rows_of_table_features_and_pictures_are_the_same_photos(
    gallery: Gallery, photo_folder: Path, brightness_scorer
) -> None:
    atlas = Image.open(BytesIO(gallery.atlas(0)))
    for row, (file, score) in enumerate(gallery.table[["file", "score"]].to_numpy()):
        original = Image.open(photo_folder / file)
        scores, fc7 = brightness_scorer.features([original])
        assert scores[0] == pytest.approx(score, abs=1e-6)
        assert np.allclose(gallery.fc7[row], fc7[0], atol=1e-3)
        middle = np.asarray(original.resize((64, 64)), float)[8:56, 8:56].mean()
        cell = atlas.crop((row * 64 + 8, 8, row * 64 + 56, 56))
        assert np.asarray(cell, float).mean() == pytest.approx(middle, abs=4)


def test_open_gallery_holds_what_was_measured_once(gallery: Gallery) -> None:
    for part in gallery.parts:
        frames = [held for held in vars(part).values() if isinstance(held, pd.DataFrame)]
        assert [list(frame) for frame in frames] == [["pack", "start", "length"]]
    measured = pd.concat([part.table for part in gallery.parts], ignore_index=True).iloc[gallery.at]
    assert measured["brightness"].tolist() == gallery.table["brightness"].tolist()


def test_best_first_is_the_order_of_scores(gallery: Gallery) -> None:
    scores = gallery.table["score"].to_numpy()
    assert (np.diff(scores[gallery.best_first]) <= 0).all()
    assert gallery.rank[gallery.best_first].tolist() == list(range(1, 9))


def test_photo_in_the_gallery_is_its_own_nearest(gallery: Gallery) -> None:
    rows, distances = gallery.nearest(np.asarray(gallery.fc7[5], np.float32), 99)
    assert rows[0] == 5
    assert len(rows) == len(gallery)
    assert distances[0] == pytest.approx(0, abs=1e-2)
    assert (np.diff(distances) >= 0).all()


def test_percentile_of_a_new_score_is_that_among_all(gallery: Gallery) -> None:
    scores = gallery.table["score"].to_numpy()
    asked = [0.0, *scores, float(scores.mean()), 1.0]
    assert [gallery.percentile(one) for one in asked] == percentiles(
        np.array(asked), scores
    ).tolist()


def test_percentile_counts_ties_half() -> None:
    among = np.array([0.1, 0.2, 0.2, 0.9])
    assert percentiles(np.array([0.0, 0.2, 0.5, 1.0]), among).tolist() == [0, 50, 75, 100]


def test_words_become_codes_with_names(gallery: Gallery) -> None:
    codes, names = gallery.codes("filter")
    assert names == ["bw", "none"]
    assert [names[int(c)] for c in codes] == gallery.table["filter"].tolist()
    assert gallery.codes("followers")[1] is None


def test_another_scorer_is_refused(gallery: Gallery) -> None:
    class Other:
        id = "other0000000"

    with pytest.raises(ModelError, match="was scored by scorer brightness00, this is other"):
        gallery.check_scorer(Other())  # type: ignore[arg-type]


def test_no_gallery_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match='no gallery in .*run "selfie build'):
        Gallery.open(tmp_path / "nothing")


@pytest.mark.parametrize("part", ["gallery.json", "fc7.npy", "selfies.parquet"])
def test_half_written_gallery_is_refused(own_copy: Path, part: str) -> None:
    (own_copy / part).unlink()
    with pytest.raises(DataError) as error:
        Gallery.open(own_copy)
    assert "\n" not in str(error.value)


def test_rows_that_disagree_are_refused(own_copy: Path) -> None:
    table = store.read_table(own_copy / "selfies.parquet").head(5)
    store.write_table(own_copy / "selfies.parquet", table)
    with pytest.raises(DataError, match=r"selfies.parquet has 5 rows, gallery.json says 8"):
        Gallery.open(own_copy)


def test_features_of_other_photos_leave_the_rest_alone(own_copy: Path) -> None:
    np.save(own_copy / "fc7.npy", np.load(own_copy / "fc7.npy")[:5])
    gallery = Gallery.open(own_copy)
    assert len(gallery) == 8
    assert "fc7.npy has 5 rows, the gallery 8 photos" in gallery.gaps[0]
    with pytest.raises(DataError, match="what is alike can't be found"):
        gallery.nearest(np.zeros(3), 2)


@pytest.mark.parametrize(
    "facts", [{"scorer": None}, {"scorer": {}}, {"format": "x"}, {"count": "8"}]
)
def test_damaged_facts_are_one_line(own_copy: Path, facts: dict) -> None:
    info = json.loads((own_copy / "gallery.json").read_text())
    store.write_json(own_copy / "gallery.json", info | facts)
    with pytest.raises(DataError) as error:
        Gallery.open(own_copy)
    assert "\n" not in str(error.value)


def test_table_without_scores_is_refused(own_copy: Path) -> None:
    table = store.read_table(own_copy / "selfies.parquet").drop(columns="score")
    store.write_table(own_copy / "selfies.parquet", table)
    with pytest.raises(DataError, match='lacks column "score"'):
        Gallery.open(own_copy)


def test_gallery_of_another_format_is_refused(own_copy: Path) -> None:
    info = json.loads((own_copy / "gallery.json").read_text())
    store.write_json(own_copy / "gallery.json", info | {"format": 7})
    with pytest.raises(DataError, match="format 7, of a newer version; this one reads 1 to 2"):
        Gallery.open(own_copy)


@pytest.mark.parametrize("harm", ["missing", "truncated", "empty"])
def test_gallery_with_a_bad_atlas_opens_and_says_so(own_copy: Path, harm: str) -> None:
    atlas = own_copy / "thumbs" / "atlas-00000.jpg"
    whole = atlas.read_bytes()
    atlas.unlink()
    if harm != "missing":
        atlas.write_bytes(whole[:-40] if harm == "truncated" else b"")
    assert "1 of 1 thumbnail atlases are missing or damaged" in Gallery.open(own_copy).gaps[0]


def test_photos_without_a_place_are_counted_and_the_map_opens(own_copy: Path) -> None:
    table = store.read_table(own_copy / "selfies.parquet")
    table.loc[[2, 5], "x"] = np.nan
    store.write_table(own_copy / "selfies.parquet", table)
    gallery = Gallery.open(own_copy)
    assert gallery.has_map
    assert gallery.gaps == ("2 of 8 photos have no place on the map.",)
    assert np.isfinite(gallery.placer(np.asarray(gallery.fc7[:3], np.float32))).all()


def test_whole_gallery_has_no_gaps(gallery: Gallery) -> None:
    assert gallery.gaps == ()


def test_gallery_of_before_seams_and_landmarks_opens(own_copy: Path) -> None:
    table = store.read_table(own_copy / "selfies.parquet")
    table = table.drop(columns=["grid_x", "grid_y", "seam", "region"])
    store.write_table(own_copy / "selfies.parquet", table)
    for name in ("seams.npy", "landmarks.json"):
        (own_copy / name).unlink()
    gallery = Gallery.open(own_copy)
    assert gallery.has_map and not gallery.has_grid and not gallery.has_seams
    assert gallery.landmarks == () and gallery.gaps == ()
