"""The card is one size, holds the photo, and carries no metadata."""

import io

import numpy as np
import pytest
from PIL import Image

from selfie_core.answer.boxes import Box
from selfie_core.answer.card import HEIGHT, WIDTH, card_file, share_card
from tests.support.drawn import draw_photo


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (640, 64), (40, 40)])
@pytest.mark.parametrize("percentile", [0.0, 61.7, 100.0])
def test_any_photo_makes_a_card(size, percentile, gallery):
    photo = draw_photo(3, size=size)
    card = share_card(photo, score=0.617, percentile=percentile, gallery=gallery)
    assert card.size == (WIDTH, HEIGHT) and card.mode == "RGB"


def test_photo_is_shown_whole_and_a_crop_instead_if_asked(gallery):
    photo = Image.new("RGB", (400, 400), "red")
    photo.paste("lime", (200, 0, 400, 400))
    whole, right = (
        np.asarray(share_card(photo, score=0.5, percentile=50, gallery=gallery, crop=crop))
        for crop in (None, Box(200, 0, 400, 400))
    )
    reds = [((c[:880, :, 0] > 240) & (c[:880, :, 1] < 20)).sum() for c in (whole, right)]
    limes = [((c[:880, :, 1] > 240) & (c[:880, :, 0] < 20)).sum() for c in (whole, right)]
    assert abs(reds[0] / limes[0] - 1) < 0.02
    assert reds[1] == 0 and limes[1] > 0.9 * limes[0]


def test_file_is_a_png_without_metadata(gallery):
    photo = draw_photo(3)
    photo.info["exif"] = b"Exif\x00\x00where I live"
    data = card_file(share_card(photo, score=0.5, percentile=50, gallery=gallery))
    opened = Image.open(io.BytesIO(data))
    assert opened.format == "PNG" and not opened.info and not opened.getexif()
