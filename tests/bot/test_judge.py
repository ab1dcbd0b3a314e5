"""What the bot says of pictures: sample photos, and what can not be scored."""

import io
import re
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from selfie_core.base import store
from selfie_core.base.handed_out import xmp_note
from selfie_core.base.words import percent
from selfie_core.bot.judge import Judge
from selfie_core.bot.network import Unfit
from selfie_core.bot.words import LANGUAGES
from selfie_core.gallery.gallery import Gallery
from selfie_core.scorer.scorer import load_scorer
from tests.support.changed import sample_score
from tests.support.drawn import draw_photo


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(load_scorer(), Gallery.open(store.demo_gallery()))


@pytest.fixture(scope="module")
def samples() -> list[bytes]:
    return [path.read_bytes() for path in sorted(store.sample_photos().glob("*.jpg"))]


def picture(kind: str, *frames: Image.Image, **how: object) -> bytes:
    file = io.BytesIO()
    frames[0].save(file, kind, **how)
    return file.getvalue()


def test_answer_is_percent_sentence_advice_and_a_card(judge: Judge, samples) -> None:
    said = judge(samples[:1], "en", 300, False)
    first, advice = said.text.split("\n")
    where = r"In the \w+ third of this gallery: it scores above \d+ % of [\d,]+ photos\."
    assert re.fullmatch(rf"{re.escape(percent(sample_score('sample-1')))}\. {where}", first)
    assert re.fullmatch(r"What may help: [a-z ,-]+ \(→ \d+\.\d %\)\.", advice)
    (card,) = said.cards
    with Image.open(io.BytesIO(card.data)) as opened:
        assert (opened.format, opened.size) == ("JPEG", card.size)
        assert not opened.getexif() and opened.info["xmp"] == xmp_note("card")
    assert first in card.alt
    assert len(card.data) < 1_000_000  # what Bluesky takes


def test_card_speaks_the_language_of_the_post(judge: Judge, samples) -> None:
    pictures = [judge(samples[:1], one, 300, False).cards[0].data for one in ("en", "es", "ja")]
    assert pictures[0] != pictures[1]
    assert pictures[0] == pictures[2]  # Pillow's font has no letters for it


@pytest.mark.slow
def test_several_pictures_are_answered_best_first(judge: Judge, samples) -> None:
    files = [samples[0], b"no picture", samples[3], samples[1]]
    said = judge(files, "en", 300, True)
    numbers = [line.split(":")[0] for line in said.text.split("\n")]
    assert numbers == ["Photo 3", "Photo 1", "Photo 4", "What may help"]
    assert len(said.cards) == 3
    (crop,) = re.findall(r"Photo 3: .* The best crop: (\d+\.\d %)\.", said.text)
    assert f"{crop}. In the best tenth" in said.cards[0].alt  # the card shows the crop


@pytest.mark.slow
def test_each_picture_that_cant_be_scored_says_why_where_there_is_room(
    judge: Judge, samples
) -> None:
    wall = picture("JPEG", draw_photo(3, face=False))
    said = judge([wall, Unfit("too large"), samples[3]], "en", 400, False).text.split("\n")
    assert [line.split(":")[0] for line in said] == [
        "Photo 3",
        "What may help",
        "Photo 1",
        "Photo 2",
    ]
    assert "no face" in said[2] and "too large" in said[3]
    short = judge([wall, Unfit("too large"), samples[3]], "en", 120, False).text
    assert "Photo 3" in short and "Photo 1" not in short
    with pytest.raises(Unfit, match="too large"):
        judge([Unfit("too large"), wall], "en", 300, False)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_four_pictures_fit_a_post(judge: Judge, samples, language: str) -> None:
    said = judge([samples[0]] * 4, language, 300, True)
    assert len(said.text) <= 300
    fourth = re.findall(r"\d+[.,]\d", said.text.split("\n")[3])
    assert len(fourth) == 2  # the photo's score and its best crop's
    # Advice that follows may tell the crop once more.
    of_photos = "\n".join(said.text.split("\n")[:4])
    assert all(of_photos.count(number) == 4 for number in fourth)


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (picture("JPEG", draw_photo(3, face=False)), "no face"),
        (
            picture("GIF", draw_photo(1), save_all=True, append_images=[draw_photo(5)]),
            "moving",
        ),
        (
            picture("PNG", draw_photo(1), save_all=True, append_images=[draw_photo(5)]),
            "moving",
        ),
        (picture("PNG", Image.new("1", (9000, 9000))), "too large"),  # 10 KB, 81 megapixels
        (b"<html>", "unreadable"),
        (b"", "unreadable"),
        (picture("JPEG", draw_photo(1))[:900], "unreadable"),
        (picture("PNG", draw_photo(1, size=(40, 40))), "unreadable"),
    ],
    ids=["no face", "gif", "apng", "bomb", "text", "empty", "cut off", "tiny"],
)
def test_what_cant_be_scored_says_why(judge: Judge, file: bytes, why: str) -> None:
    with pytest.raises(Unfit, match=f"^{why}$"):
        judge([file], "en", 300, False)


def test_header_that_lies_of_its_size_is_no_bomb(judge: Judge) -> None:
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    file = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
    file += struct.pack(">I", zlib.crc32(chunk))
    with pytest.raises(Unfit, match="too large|unreadable"):
        judge([file], "en", 300, False)


def test_two_pictures_in_a_phones_jpeg_are_no_film(judge: Judge, samples, tmp_path: Path) -> None:
    with Image.open(io.BytesIO(samples[0])) as one, Image.open(io.BytesIO(samples[1])) as two:
        file = picture("MPO", one.copy(), save_all=True, append_images=[two.copy()])
    assert judge([file], "en", 300, False).text.startswith("4")
