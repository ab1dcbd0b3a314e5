"""The answer is true of the photo and of the gallery it is compared with."""

import io
import json
import math

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from selfie_core.answer import answer
from selfie_core.answer.answer import answer_photo
from selfie_core.base.errors import DataError, ModelError
from selfie_core.photo.faces import Face
from selfie_core.photo.images import LEAST_COPY, open_sized
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


@pytest.mark.parametrize("percentile", np.linspace(0, 100, 41))
def test_sentence_never_promises_more_than_the_percentile(percentile):
    sentence = answer._sentence(percentile)
    assert ("more likes" in sentence or "most liked" in sentence) == (percentile >= 55)
    assert ("fewer likes" in sentence) == (percentile < 45)
    assert "you" not in sentence


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


def test_reason_names_the_factor_that_goes_with_the_score():
    steps, noise = np.linspace(0, 1, 200), np.random.default_rng(0).permutation(200) / 200
    gallery = Table(score=steps, brightness=steps, saturation=noise, contrast=1 - steps)
    factors = dict.fromkeys((factor.name for factor in answer.FACTORS), math.nan)
    bright = answer._reason(factors | {"brightness": 0.95, "saturation": 0.99}, 90, gallery)
    assert (
        "brightness, 95 %. That is higher than in 95 %" in bright and "with better scores" in bright
    )
    harsh = answer._reason(factors | {"contrast": 0.901}, 10, gallery)
    assert "contrast, 90 %. That is higher than in 90 %" in harsh and "with lower scores" in harsh
    soft = answer._reason(factors | {"contrast": 0.05}, 90, gallery)
    assert "lower than in" in soft and "with better scores" in soft
    assert answer._reason(factors | {"contrast": 0.05}, 10, gallery) == ""  # explains nothing


@pytest.mark.parametrize("value", [0.5, 7.0, math.nan], ids=["usual", "unheard of", "no face"])
def test_nothing_is_said_of_a_factor_that_can_not_be_compared(value):
    steps = np.linspace(0, 1, 200)
    factors = dict.fromkeys((factor.name for factor in answer.FACTORS), math.nan)
    gallery = Table(score=steps, brightness=steps)
    assert answer._reason(factors | {"brightness": value}, 90, gallery) == ""
