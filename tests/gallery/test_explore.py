"""What the map asks, on galleries whose answers are known."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from selfie_core.base import store
from selfie_core.gallery.explore import set_apart, telling_factors, usual_distance
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.search import find_rows
from tests.support.galleries import with_features


@pytest.fixture
def crowd(gallery: Gallery) -> Gallery:
    """200 photos: the first half is dark, and scores follow the light; a third wears glasses."""
    rng = np.random.default_rng(0)
    light = np.r_[rng.normal(0.3, 0.05, 100), rng.normal(0.6, 0.05, 100)]
    table = pd.DataFrame(
        {
            "id": [f"id{n:03d}" for n in range(200)],
            "brightness": light,
            "face_height": np.where(np.arange(200) % 5 == 0, np.nan, 0.4),
            "tilt": rng.normal(10, 3, 200),
            "monochrome": (np.arange(200) < 30).astype(float),
            "glasses": np.where(np.arange(200) < 60, "sunglasses", "none"),
            "score": np.clip(light + rng.normal(0, 0.02, 200), 0, 1),
        }
    )
    fc7 = rng.normal(size=(200, 8)).astype(np.float16)
    return with_features(gallery, table, fc7)


def test_dark_region_is_set_apart_by_its_light_first(crowd: Gallery) -> None:
    first, *others = set_apart(crowd, np.arange(100))
    assert first.title == "Brightness"
    assert first.size < -4
    assert (first.here, first.rest) == ("30 %", "60 %")
    assert {d.title for d in others} >= {"Black and white", "Glasses: sunglasses"}


def test_region_of_words_names_the_word_once(crowd: Gallery) -> None:
    titles = [d.title for d in set_apart(crowd, np.arange(60))]
    glasses = [title for title in titles if title.startswith("Glasses")]
    assert len(glasses) == 1


def test_all_photos_or_two_are_not_set_apart(crowd: Gallery) -> None:
    assert set_apart(crowd, np.arange(200)) == []
    assert set_apart(crowd, np.arange(2)) == []


def test_what_tells_goes_the_way_of_the_score(crowd: Gallery) -> None:
    light = crowd.table["brightness"]
    darkest, lightest = int(light.argmin()), int(light.argmax())
    assert telling_factors(crowd, darkest)[0].title == "Brightness"
    assert telling_factors(crowd, darkest)[0].push < -1
    assert telling_factors(crowd, lightest)[0].push > 1


def test_factor_that_is_not_known_does_not_tell(crowd: Gallery) -> None:
    titles = {push.title for push in telling_factors(crowd, 5, count=20)}
    assert "Face height" not in titles


def test_copies_are_a_usual_distance_apart_that_divides(crowd: Gallery) -> None:
    copies = with_features(crowd, crowd.table, np.ones((200, 8), np.float16))
    assert usual_distance(copies) == 1
    assert 3 < usual_distance(crowd) < 5


def test_answers_keep_few_bytes_of_a_photo() -> None:
    demo = Gallery.open(store.demo_gallery())
    many = replace(demo, table=pd.concat([demo.table] * 20, ignore_index=True))
    tracemalloc.start()
    try:
        find_rows(many, "groups")
        set_apart(many, np.arange(50))
        telling_factors(many, 0)
        kept = tracemalloc.get_traced_memory()[0] / len(many)
    finally:
        tracemalloc.stop()
    assert kept < 150  # 350 when each word of each column was a number of 8 bytes
