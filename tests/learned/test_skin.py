"""The share of a photo that has the colour of skin."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from selfie_core.gallery.gallery import Gallery
from selfie_core.learned.skin import skin_share


def test_skin_is_counted_as_on_the_thumbnails(gallery: Gallery) -> None:
    shares = skin_share(gallery)
    assert shares.shape == (len(gallery),)
    for row in range(len(gallery)):
        with Image.open(BytesIO(gallery.thumb(row))) as thumb:
            pixels = np.asarray(thumb.convert("RGB"), float)
        red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
        cb = 128 - 0.168736 * red - 0.331264 * green + 0.5 * blue
        cr = 128 + 0.5 * red - 0.418688 * green - 0.081312 * blue
        expected = ((cb >= 77) & (cb <= 127) & (cr >= 133) & (cr <= 173)).mean()
        assert shares[row] == pytest.approx(expected, abs=0.03)
    assert shares.max() > 0.1  # the drawn heads
    np.testing.assert_allclose(skin_share(gallery), shares, atol=1e-6)  # from the cache


def test_skin_of_a_gallery_without_thumbnails_is_unknown(own_copy, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("SELFIE_CACHE", str(tmp_path))
    for atlas in (own_copy / "thumbs").glob("atlas-*"):
        atlas.unlink()
    assert np.isnan(skin_share(Gallery.open(own_copy))).all()


def test_photo_without_colour_has_no_skin_to_count(gallery: Gallery, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("SELFIE_CACHE", str(tmp_path))
    gallery.table["monochrome"] = [1.0] + [0.0] * 7
    shares = skin_share(gallery)
    assert np.isnan(shares[0]) and np.isfinite(shares[1:]).all()
