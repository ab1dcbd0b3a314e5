"""When a photo was taken is read of its file, and only what a camera can have meant."""

import io
import math
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import ExifTags, Image, PngImagePlugin

from selfie_core.photo.exif import orientation_of, read_head, taken_at
from selfie_core.photo.images import open_photo
from selfie_core.photo.mend import png_chunks
from tests.support.drawn import draw_photo

NOON = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC).timestamp()


def photo(kind: str = "JPEG", **tags: str) -> bytes:
    exif, file = Image.Exif(), io.BytesIO()
    for name, value in tags.items():
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base[name]] = value
    draw_photo(1).save(file, kind, exif=exif.tobytes())
    return file.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_time_is_read_of_every_kind_of_file(kind: str, tmp_path: Path) -> None:
    data = photo(kind, DateTimeOriginal="2026:05:01 12:00:00", SubsecTimeOriginal="25")
    assert taken_at(data) == NOON + 0.25
    (tmp_path / "photo").write_bytes(data)
    assert taken_at(tmp_path / "photo") == NOON + 0.25


def test_time_of_digitising_stands_in_and_that_of_an_edit_does_not() -> None:
    assert taken_at(photo(DateTimeDigitized="2026:05:01 12:00:00")) == NOON
    exif, file = Image.Exif(), io.BytesIO()
    exif[ExifTags.Base.DateTime] = "2026:05:01 12:00:00"
    draw_photo(1).save(file, "JPEG", exif=exif)
    assert math.isnan(taken_at(file.getvalue()))


@pytest.mark.parametrize(
    "data",
    [
        photo(DateTimeOriginal="0000:00:00 00:00:00"), photo(DateTimeOriginal="yesterday"),
        photo(), b"none", b"", photo(DateTimeOriginal="2026:05:01 12:00:00")[:60],
    ],
)  # fmt: skip
def test_what_says_no_time_has_none(data: bytes) -> None:
    assert math.isnan(taken_at(data))


def test_file_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert math.isnan(taken_at(tmp_path / "gone.jpg"))


def test_what_a_png_says_behind_its_picture_is_read(tmp_path: Path) -> None:
    exif, notes, file = Image.Exif(), PngImagePlugin.PngInfo(), io.BytesIO()
    exif[ExifTags.Base.Orientation] = 6
    notes.add_itxt("XML:com.adobe.xmp", "<x/>")
    draw_photo(1, size=(80, 60)).save(file, "PNG", exif=exif.tobytes(), pnginfo=notes)
    data = file.getvalue()
    parts = [(name, data[place : place + length]) for name, place, length in png_chunks(file)]
    parts.sort(key=lambda part: [b"IHDR", b"IDAT", b"iTXt", b"eXIf", b"IEND"].index(part[0]))
    late = data[:8] + b"".join(part for _, part in parts)  # as ExifTool writes XMP
    (tmp_path / "late.png").write_bytes(late)
    assert open_photo(late).size == (60, 80)
    for source in (data, late, tmp_path / "late.png"):
        assert orientation_of(source) == 6
        assert read_head(source)[1] == b"<x/>"
