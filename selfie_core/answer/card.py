"""A card to share: one picture of a photo, its score and its place in the gallery."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from selfie_core.base.handed_out import picture_file
from selfie_core.base.words import counted, percent, standing
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.grids import pick_rows, square_photo

WIDTH, HEIGHT = 1080, 1350  # 4:5, the tallest that feeds show whole
RIM = 60
PHOTO = 960, 840  # most that the photo may take
STRIP = 12  # photos of the gallery
SAID = "What a ConvNet thinks of this photo. It judges the photo, never the person."
PAPER, INK, QUIET = (18, 17, 20), (244, 240, 247), (158, 150, 166)
# Score, low to high: the ramp of the pages.
RAMP = (
    (79, 91, 213),
    (138, 79, 216),
    (198, 66, 184),
    (238, 79, 126),
    (255, 122, 77),
    (255, 177, 61),
)


def share_card(
    photo: Image.Image,
    *,
    score: float,
    percentile: float,
    gallery: Gallery,
    words: Sequence[str] | None = None,
) -> Image.Image:
    """Return a card of 1,080 x 1,350 pixels.

    Args:
        photo: An upright RGB photo.
        score: Of what is shown, in [0, 1].
        percentile: Likewise, in [0, 100].
        gallery: Its strip runs along the foot, with the photo in its place.
        words: Score, standing, of how many, and the line at the foot; else in English. Letters
            that Pillow's own font has: European ones.
    """
    if words is None:
        words = percent(score), standing(percentile), f"of {counted(len(gallery), 'photo')}", SAID
    number, place, among, said = words
    colour = _on_ramp(percentile / 100)
    card = _ground(photo)
    top = _paste_photo(card, photo) + 44
    pen = ImageDraw.Draw(card)
    pen.text((RIM, top), number, colour, _font(124), anchor="lt")
    beside = RIM + pen.textlength(number, _font(124)) + 40
    pen.text((beside, top + 6), place, INK, _font(46), anchor="lt")
    pen.text((beside, top + 62), among, QUIET, _font(36), anchor="lt")
    _paste_strip(card, photo, percentile, gallery, top=HEIGHT - RIM - 148)
    pen.text((WIDTH / 2, HEIGHT - 38), said, QUIET, _font(25), anchor="mm")
    return card


def card_file(card: Image.Image) -> bytes:
    """Return a card as the content of a PNG file, without metadata but what it is."""
    return picture_file(card, "card", "PNG", optimize=False)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)  # ships with Pillow, so cards look alike everywhere


def _on_ramp(share: float) -> tuple[int, int, int]:
    """Return the colour of a share in [0, 1] of the way from worst to best."""
    places = np.linspace(0, 1, len(RAMP))
    red, green, blue = (round(np.interp(share, places, part)) for part in zip(*RAMP, strict=True))
    return red, green, blue


def _ground(photo: Image.Image) -> Image.Image:
    """Return dark paper with a breath of the photo's own colours."""
    small = ImageOps.fit(photo, (54, 68), Image.Resampling.BOX)
    haze = small.filter(ImageFilter.GaussianBlur(9)).resize(
        (WIDTH, HEIGHT), Image.Resampling.BICUBIC
    )
    return Image.blend(Image.new("RGB", (WIDTH, HEIGHT), PAPER), haze, 0.16)


def _paste_photo(card: Image.Image, photo: Image.Image) -> int:
    """Put the photo on the card, whole, and return where it ends."""
    scale = min(PHOTO[0] / photo.width, PHOTO[1] / photo.height)
    size = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
    large = photo.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    top = RIM + (PHOTO[1] - size[1]) // 2
    card.paste(large, ((WIDTH - size[0]) // 2, top), _rounded(size, 28))
    return RIM + PHOTO[1]


def _rounded(size: Sequence[int], radius: int) -> Image.Image:
    """Return a mask with round corners, smooth by drawing it four times as large."""
    mask = Image.new("L", (4 * size[0], 4 * size[1]))
    box = (0, 0, 4 * size[0] - 1, 4 * size[1] - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, 4 * radius, fill=255)
    return mask.resize((size[0], size[1]), Image.Resampling.BOX)


def _paste_strip(
    card: Image.Image, photo: Image.Image, percentile: float, gallery: Gallery, *, top: int
) -> None:
    """Draw the gallery from worst to best, and the photo where it stands."""
    rows = pick_rows(gallery, "continuum", STRIP)[::-1]
    rows = rows[np.arange(STRIP) * len(rows) // STRIP]  # a few stand more than once
    length = WIDTH - 2 * RIM
    edges = [RIM + round(length * place / STRIP) for place in range(STRIP + 1)]
    cell = -(-length // STRIP)
    y = top + 44
    strip = Image.new("RGB", (length, cell))
    for left, row in zip(edges, rows, strict=False):
        strip.paste(square_photo(gallery, int(row), side=cell), (left - RIM, 0))
    card.paste(strip, (RIM, y), _rounded(strip.size, 12))
    pen = ImageDraw.Draw(card)
    for x in range(length):
        colour = _on_ramp(x / (length - 1))
        pen.line((RIM + x, y + cell + 10, RIM + x, y + cell + 14), colour)
    side = 96
    x = min(max(RIM + round(length * percentile / 100), RIM + side // 2), WIDTH - RIM - side // 2)
    rim, me = Image.new("RGB", (side, side), _on_ramp(percentile / 100)), side - 12
    card.paste(rim, (x - side // 2, y + cell // 2 - side // 2), _rounded((side, side), side // 2))
    own = ImageOps.fit(photo, (me, me), Image.Resampling.LANCZOS, centering=(0.5, 0.4))
    card.paste(own, (x - me // 2, y + cell // 2 - me // 2), _rounded((me, me), me // 2))
