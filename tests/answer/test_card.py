"""The card is one size, holds the photo, and carries no metadata."""

import io

import numpy as np
import pytest
from PIL import Image

from selfie_core.answer.card import HEIGHT, WIDTH, card_file, share_card
from selfie_core.base.handed_out import xmp_note
from selfie_core.gallery.build import BuildConfig, build_gallery
from tests.support.drawn import draw_photo


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (640, 64), (40, 40)])
@pytest.mark.parametrize("percentile", [0.0, 61.7, 100.0])
def test_any_photo_makes_a_card(size, percentile, gallery):
    photo = draw_photo(3, size=size)
    card = share_card(photo, score=0.617, percentile=percentile, gallery=gallery)
    assert card.size == (WIDTH, HEIGHT) and card.mode == "RGB"


def test_photo_is_shown_whole(gallery):
    photo = Image.new("RGB", (400, 400), "red")
    photo.paste("lime", (200, 0, 400, 400))
    card = np.asarray(share_card(photo, score=0.5, percentile=50, gallery=gallery))[:880]
    reds = ((card[..., 0] > 240) & (card[..., 1] < 20)).sum()
    limes = ((card[..., 1] > 240) & (card[..., 0] < 20)).sum()
    assert limes > 100_000 and abs(reds / limes - 1) < 0.02


def test_file_is_a_png_that_says_what_it_is_and_no_more(gallery):
    photo = draw_photo(3)
    photo.info["exif"] = b"Exif\x00\x00where I live"
    data = card_file(share_card(photo, score=0.5, percentile=50, gallery=gallery))
    opened = Image.open(io.BytesIO(data))
    assert opened.format == "PNG" and not opened.getexif()
    assert set(opened.info) == {"xmp", "XML:com.adobe.xmp"}
    assert opened.info["xmp"] == xmp_note("card")


@pytest.mark.parametrize("count", [1, 3])
def test_strip_of_few_photos_leaves_the_foot_free(count, tmp_path, brightness_scorer):
    (tmp_path / "photos").mkdir()
    for number in range(count):
        draw_photo(number).save(tmp_path / "photos" / f"{number}.png")
    config = BuildConfig(map=False)
    few = build_gallery(
        tmp_path / "photos", tmp_path / "few", scorer=brightness_scorer, config=config
    )
    card = np.asarray(share_card(draw_photo(3), score=0.5, percentile=50, gallery=few))
    assert card[HEIGHT - 20 :].max() < 70  # dark paper
