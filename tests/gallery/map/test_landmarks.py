"""Regions are named by what their photos share, never by the person."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from selfie_core.base.errors import DataError
from selfie_core.gallery.map.landmarks import (
    find_landmarks,
    keep_names,
    read_landmarks,
    traits,
    write_landmarks,
)

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def islands():
    """Five islands of 60 photos: groups, mirrors, sunglasses, women, plain ones."""
    island = np.repeat(np.arange(5), 60)
    centres = np.array([[0.1, 0.1], [0.9, 0.1], [0.1, 0.9], [0.9, 0.9], [0.5, 0.5]])
    xy = centres[island] + RNG.normal(0, 0.03, (300, 2))
    table = pd.DataFrame(
        {
            "id": [f"{n:03}" for n in range(300)],
            "faces": np.where(island == 0, 4, 1),
            "shot": np.where(island == 1, "mirror", "selfie"),
            "glasses": np.where(island == 2, "sun", "none"),
            "gender": np.where(island == 3, "female", "male"),
            "is_female": (island == 3).astype(int),
            "hair_colour": np.where(island == 3, "blond", "black"),
            "white": (island == 3).astype(int),
        }
    )
    return table, xy, island


def test_islands_are_named_by_what_their_photos_share(islands):
    table, xy, island = islands
    marks, region = find_landmarks(table, xy)
    names = {mark.name: mark for mark in marks}
    for number, name in enumerate(["groups", "mirror", "sunglasses"]):
        mark = names[name]
        members = region == mark.region
        assert mark.count == members.sum() > 50
        assert (island[members] == number).mean() > 0.95
        assert np.hypot(*(xy[island == number].mean(axis=0) - [mark.x, mark.y])) < 0.05


def test_nothing_about_the_person_names_a_region(islands):
    table, xy, _ = islands
    names = " ".join(name for name, _ in traits(table))
    assert not set(names.split()) & {"female", "male", "gender", "blond", "hair", "white"}
    _, region = find_landmarks(table[["gender", "is_female", "hair_colour", "white"]], xy)
    assert (region == -1).all()


def test_names_are_distinct_and_at_most_a_dozen(islands):
    table, _, _ = islands
    many = {f"sign_{n}": (np.arange(300) // 15 == n).astype(int) for n in range(20)}
    marks, _ = find_landmarks(table.assign(**many), np.stack([np.arange(300) / 300] * 2, axis=1))
    names = [mark.name for mark in marks]
    assert len(names) == len(set(names)) <= 12


@pytest.mark.parametrize("count", [0, 1, 2, 10, 30])
def test_few_photos_need_no_landmarks(islands, count):
    table, _, _ = islands
    marks, region = find_landmarks(table.head(count), np.full((count, 2), 0.5))
    assert len(region) == count and len(marks) <= 12


def test_photos_without_a_place_belong_to_no_region(islands):
    table, xy, _ = islands
    holes = xy.copy()
    holes[::7] = np.nan
    marks, region = find_landmarks(table, holes)
    assert marks and (region[::7] == -1).all()


def test_edited_names_stay_with_their_photos(islands):
    table, xy, _ = islands
    marks, region = find_landmarks(table, xy)
    regions = pd.Series(region, table["id"], dtype="Int8").mask(region < 0)
    old = [replace(marks[0], name="the gang"), *marks[1:]]
    last = len(marks) - 1
    turned = [replace(mark, region=last - mark.region) for mark in reversed(marks)]
    kept = keep_names(turned, last - regions, old, regions)
    assert [mark.name for mark in reversed(kept)] == ["the gang", *(m.name for m in marks[1:])]
    others = regions.set_axis(table["id"] + "x")  # none of its photos left
    assert keep_names(marks, others, old, regions) == marks


def test_landmarks_are_read_as_written(islands, tmp_path):
    assert read_landmarks(tmp_path) == ()
    marks, _ = find_landmarks(*islands[:2])
    write_landmarks(tmp_path, marks)
    assert list(read_landmarks(tmp_path)) == marks


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "{}", '{"landmarks": 3}', '{"landmarks": [3]}', '{"landmarks": [{"name": "a"}]}',
     '{"landmarks": [{"name": 3, "region": 0, "x": 0, "y": 0, "count": 1}]}', "\udcff"],
)  # fmt: skip
def test_broken_file_is_told_in_one_line(tmp_path, text):
    (tmp_path / "landmarks.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(DataError, match=r"landmarks.json.*selfie map GALLERY") as error:
        read_landmarks(tmp_path)
    assert len(str(error.value).splitlines()) == 1
