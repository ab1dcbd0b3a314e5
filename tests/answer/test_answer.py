"""The answer is true of the photo and of the gallery it is compared with."""

import io
import json
import math
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from selfie_core.answer import answer
from selfie_core.answer.alike import say_alike
from selfie_core.answer.answer import answer_photo
from selfie_core.base import store
from selfie_core.base.errors import DataError, ModelError
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo import images
from selfie_core.photo.faces import Face
from selfie_core.photo.factors import FACTORS
from selfie_core.photo.folder import find_photos
from selfie_core.photo.images import LEAST_COPY, open_sized
from selfie_core.scorer.scorer import load_scorer
from tests.support.drawn import BrightnessScorer, draw_photo


def test_photo_of_the_gallery_is_found_at_its_own_place(gallery, brightness_scorer):
    row = int(gallery.best_first[2])
    photo = draw_photo(int(gallery.table["file"].iat[row].split("-")[1][0]))
    found = answer_photo(photo, scorer=brightness_scorer, gallery=gallery)
    assert found.score == pytest.approx(gallery.table["score"].iat[row], abs=1e-4)
    assert found.nearest[0].row == row
    assert found.nearest[0].distance < 0.01
    assert found.nearest[0].id == gallery.table["id"].iat[row]
    assert found.place == pytest.approx(tuple(gallery.xy[row]), abs=1e-3)


def test_brighter_than_all_is_first_and_darker_than_all_is_last(gallery, brightness_scorer):
    white, black = (
        answer_photo(Image.new("RGB", (90, 90), c), scorer=brightness_scorer, gallery=gallery)
        for c in ("white", "black")
    )
    assert (white.rank, white.of, white.percentile) == (1, 9, 100)
    assert (black.rank, black.of, black.percentile) == (9, 9, 0)
    assert "above all" in white.sentence
    assert "below nearly all" in black.sentence


@pytest.mark.parametrize(
    ("percentile", "words"),
    [
        (100, "In the best tenth of this gallery: it scores above all of 160 photos."),
        (93.4, "In the best tenth of this gallery: it scores above 93 % of 160 photos."),
        (72, "In the upper third of this gallery: it scores above 72 % of 160 photos."),
        (50, "In the middle third of this gallery: it scores above 50 % of 160 photos."),
        (11, "In the lower third of this gallery: it scores above 11 % of 160 photos."),
        (0.5, "In the lowest tenth of this gallery: it scores below nearly all of 160 photos."),
    ],
)
def test_sentence_says_where_a_photo_stands(percentile, words):
    assert answer._sentence(percentile, 160) == words
    assert answer._sentence(percentile, 1) == words.replace("160 photos", "1 photo")


def test_no_face_is_no_error_and_is_told(gallery, brightness_scorer):
    grey = Image.new("RGB", (200, 120), "grey")
    found = answer_photo(grey, scorer=brightness_scorer, gallery=gallery)
    assert found.faces == ()
    assert math.isnan(found.factors["tilt"])


def test_answer_turns_into_json_and_back(gallery, brightness_scorer):
    found = answer_photo(draw_photo(3), scorer=brightness_scorer, gallery=gallery)
    facts = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert facts["score"] == found.score
    assert len(facts["nearest"]) == len(gallery)


def test_small_photo_is_scored_and_a_tiny_one_refused(gallery, brightness_scorer):
    photo = draw_photo(3, size=(40, 50))
    assert answer_photo(photo, scorer=brightness_scorer, gallery=gallery).score > 0
    with pytest.raises(DataError, match="20x50"):
        answer_photo(draw_photo(3, size=(20, 50)), scorer=brightness_scorer, gallery=gallery)


def test_other_scorer_than_the_gallerys_is_refused(gallery, tmp_path):
    (tmp_path / "other").write_bytes(b"")
    scorer = BrightnessScorer(tmp_path / "other")
    scorer.id = "other"
    with pytest.raises(ModelError, match="other"):
        answer_photo(draw_photo(3), scorer=scorer, gallery=gallery)


def test_three_just_better_and_three_just_worse_stand_beside_it(gallery, brightness_scorer):
    found = answer_photo(draw_photo(3), scorer=brightness_scorer, gallery=gallery)
    scores = gallery.table["score"].to_numpy()
    above, below = np.sort(scores[scores > found.score]), np.sort(scores[scores <= found.score])
    assert [near.score for near in found.better] == pytest.approx(above[:3].tolist())
    assert [near.score for near in found.worse] == pytest.approx(below[::-1][:3].tolist())


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("size", [(3000, 2001), (90, 140)])
def test_reduced_copy_knows_how_large_the_photo_is(size, orientation, brightness_scorer):
    exif, file = Image.Exif(), io.BytesIO()
    exif[0x0112] = orientation
    draw_photo(3, size=size).save(file, "JPEG", exif=exif)
    photo, whole = open_sized(file.getvalue(), at_least=LEAST_COPY)
    assert whole == (size[::-1] if orientation in (6, 8) else size)
    assert photo.width / photo.height == pytest.approx(whole[0] / whole[1], rel=0.01)
    assert (photo.size == whole) == (size[0] < 3000)


def test_faces_found_on_a_copy_are_told_in_pixels_of_the_photo(
    gallery, brightness_scorer, monkeypatch
):
    face = Face(10, 20, 30, 40, 0.9, ((15.0, 25.0),) * 5)
    monkeypatch.setattr(answer, "find_faces", lambda _photo: [face])
    found = answer_photo(draw_photo(3), size=(960, 960), scorer=brightness_scorer, gallery=gallery)
    assert found.faces[0].right == 300 and found.faces[0].landmarks[0] == (150, 250)
    assert (found.width, found.height) == (960, 960)
    assert found.factors["face_height"] == pytest.approx(20 / 96)


class Table:
    """What `_reason` reads of a gallery."""

    def __init__(self, **columns):
        self.table = pd.DataFrame(columns)

    def __len__(self):
        return len(self.table)


NONE = dict.fromkeys((factor.name for factor in FACTORS), math.nan)


def test_reason_names_what_tells_for_and_against_a_photo():
    steps, noise = np.linspace(0, 1, 200), np.random.default_rng(0).permutation(200) / 200
    gallery = Table(score=steps, brightness=steps, saturation=1 - steps, tilt=noise, noise=steps)
    both = answer._reason(NONE | {"brightness": 0.9, "saturation": 0.8}, gallery)
    assert both == "For it: much light. Against it: strong colours."
    assert answer._reason(NONE | {"saturation": 0.1}, gallery) == "For it: pale colours."
    assert answer._reason(NONE | {"tilt": 0.9, "noise": 0.9}, gallery) == ""  # chance; never told


def test_of_factors_that_say_the_same_one_is_told():
    steps = np.linspace(0, 1, 200)
    lights = {"brightness": steps, "surround": steps, "highlights": steps}
    bright = answer._reason(NONE | dict.fromkeys(lights, 0.9), Table(score=steps, **lights))
    assert bright == "For it: much light."


@pytest.mark.parametrize("value", [0.5, 7.0, math.nan], ids=["usual", "unheard of", "no face"])
def test_nothing_is_said_of_a_factor_that_can_not_be_compared(value):
    steps = np.linspace(0, 1, 200)
    assert answer._reason(NONE | {"brightness": value}, Table(score=steps, brightness=steps)) == ""


def test_most_alike_says_what_is_shared_and_that_nothing_is_near():
    scorer, demo = load_scorer(), Gallery.open(store.demo_gallery())
    sample = images.open_photo(find_photos(store.sample_photos())[0])
    near = answer_photo(sample, scorer=scorer, gallery=demo)
    said = say_alike(near, demo)
    assert said.startswith("What they have in common: ")
    told = [f for f in FACTORS if f"{f.title.lower()} " in said]
    assert told
    assert all(f"{f.title.lower()} {f.show(near.factors[f.name])} (theirs " in said for f in told)
    blank = answer_photo(Image.new("RGB", (300, 300), "white"), scorer=scorer, gallery=demo)
    assert re.match(
        r"Nothing in this gallery is much like it: .* \d{2,3} % as far", say_alike(blank, demo)
    )


def test_most_alike_is_silent_where_all_photos_are_neighbours(gallery, brightness_scorer):
    found = answer_photo(draw_photo(3), scorer=brightness_scorer, gallery=gallery)
    assert say_alike(found, gallery) == ""
