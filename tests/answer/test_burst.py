"""A burst is ranked, moments are grouped, and broken files keep their row."""

import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from selfie_core.answer.burst import COLUMNS, MOST, rank_burst
from selfie_core.base.errors import DataError
from tests.support.drawn import draw_photo


def jpeg(photo, quality=90):
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=quality)
    return file.getvalue()


def scene(seed):
    noise = np.random.default_rng(seed).integers(0, 255, (5, 6, 3)).astype(np.uint8)
    return Image.fromarray(noise).resize((240, 180), Image.Resampling.BICUBIC)


def test_moments_are_grouped_and_the_best_of_each_is_marked(brightness_scorer, gallery):
    files = [
        (f"{seed}-{light}.jpg", jpeg(ImageEnhance.Brightness(scene(seed)).enhance(light)))
        for light in (0.8, 1.0, 0.9)
        for seed in range(4)
    ]
    table = rank_burst(files, brightness_scorer, gallery=gallery)
    assert tuple(table) == COLUMNS
    assert sorted(table["rank"]) == list(range(1, 13))
    assert table["score"].is_monotonic_decreasing
    assert table["group"].nunique() == 4
    for _, moment in table.groupby("group"):
        assert len({file.split("-")[0] for file in moment["file"]}) == 1
        best = moment[moment["best_of_group"]]
        assert best["file"].tolist() == [moment["file"].iat[0]]
        assert "1.0" in best["file"].iat[0]
    assert table["group"].iat[0] == 1
    assert table["percentile"].between(0, 100).all()


def test_fifty_with_three_broken_and_a_twin(brightness_scorer):
    files = [(f"{n}.jpg", jpeg(scene(n))) for n in range(MOST - 4)]
    files += [("broken.jpg", b"none"), ("empty.jpg", b""), ("cut.jpg", files[0][1][:900])]
    files.append(("twin.jpg", files[5][1]))
    reports = []
    table = rank_burst(files, brightness_scorer, progress=lambda *news: reports.append(news))
    assert len(table) == MOST
    broken = table[table["error"] != ""]
    assert set(broken["file"]) == {"broken.jpg", "empty.jpg", "cut.jpg"}
    assert broken.index.tolist() == [47, 48, 49]
    assert broken["rank"].isna().all() and not broken["best_of_group"].any()
    twin = table[table["file"] == "twin.jpg"].iloc[0]
    assert twin["same_as"] == "5.jpg"
    assert twin["group"] == table.loc[table["file"] == "5.jpg", "group"].iat[0]
    assert reports[-1] == (MOST, MOST)


def test_nothing_readable_is_a_table_too(brightness_scorer):
    table = rank_burst([("a.jpg", b"none")], brightness_scorer)
    assert table["error"].iat[0] and table["group"].isna().all()


@pytest.mark.parametrize("count", [0, MOST + 1])
def test_too_many_and_none_are_refused(count, brightness_scorer):
    files = [("a.jpg", jpeg(draw_photo(1)))] * count
    with pytest.raises(DataError, match=f"{count} photos"):
        rank_burst(files, brightness_scorer)
