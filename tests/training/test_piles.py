"""Dropped photos: what is kept of them, and what is refused in one line."""

import io
import unicodedata
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo import copies
from selfie_core.training import piles, unzip
from tests.support.drawn import draw_photo
from tests.training.test_unzip import zipped


def png(number: int, **looks: int) -> bytes:
    """Return a drawn photo unlike the others."""
    rng = np.random.default_rng(number)
    small = Image.fromarray(rng.integers(0, 256, (7, 7, 3), np.uint8), "RGB")
    photo = Image.blend(draw_photo(number % 8).resize((96, 96)), small.resize((96, 96)), 0.7)
    file = io.BytesIO()
    photo.save(file, "PNG", **looks)
    return file.getvalue()


def pile(start: int, count: int) -> list[tuple[str, bytes]]:
    return [(f"{start + n}.png", png(start + n)) for n in range(count)]


def csv(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def test_two_piles_become_labels_and_features(brightness_scorer) -> None:
    told = []
    made = piles.read_piles(
        piles.from_piles(pile(0, 20), pile(50, 9)), brightness_scorer,
        progress=lambda done, of: told.append((done, of)),
    )  # fmt: skip
    assert made.labels.tolist() == [1] * 20 + [0] * 9
    assert made.fc7.shape == (29, brightness_scorer.fc7_width)
    photos = [Image.open(io.BytesIO(data)).convert("RGB") for _, data in pile(0, 20) + pile(50, 9)]
    np.testing.assert_allclose(made.scores, brightness_scorer(photos), atol=1e-6)
    assert len(made.names) == len(made.thumbs) == len(made.groups) == len(made.brightness) == 29
    assert told[-1] == (29, 29)
    assert not made.left_out


def test_no_photo_is_held_at_its_whole_size(brightness_scorer, monkeypatch) -> None:
    held = []
    features = brightness_scorer.features_of
    monkeypatch.setattr(
        brightness_scorer, "features_of", lambda held_: (held.extend(held_), features(held_))[1]
    )
    piles.read_piles(piles.from_piles(pile(0, 6), pile(50, 6)), brightness_scorer)
    assert {square.shape for square in held} == {(16, 16, 3)}


def test_copies_and_broken_photos_are_left_out_and_counted(brightness_scorer) -> None:
    good = [*pile(0, 6), ("again.png", png(0)), ("letter.png", b"Dear net")]
    made = piles.read_piles(piles.from_piles(good, pile(50, 6)), brightness_scorer)
    assert len(made.labels) == 12
    assert made.left_out["copies"] == 1
    assert sum(made.left_out.values()) == 2


def test_same_photo_in_both_piles_is_named(brightness_scorer) -> None:
    dropped = piles.from_piles(pile(0, 6), [*pile(50, 6), ("other.png", png(3))])
    with pytest.raises(DataError, match=r"'other.png' is in both piles \(there called '3.png'\)"):
        piles.read_piles(dropped, brightness_scorer)


@pytest.mark.parametrize(
    ("good", "bad", "words"),
    [
        (1, 1, "1 good and 1 bad photos; wanted at least 5"),
        (9, 0, "all 9 photos are good; add some bad ones"),
        (0, 9, "all 9 photos are bad; add some good ones"),
        (9, 4, "9 good and 4 bad"),
    ],
)
def test_too_few_photos_are_one_line(good: int, bad: int, words: str) -> None:
    with pytest.raises(DataError, match=words):
        piles.from_piles(pile(0, good), pile(50, bad))


def test_too_few_are_left_after_broken_ones(brightness_scorer) -> None:
    bad = [(f"{n}.jpg", b"broken" + bytes([n])) for n in range(6)]
    with pytest.raises(DataError, match=r"all 6 photos are good, after 6 were left out"):
        piles.read_piles(piles.from_piles(pile(0, 6), bad), brightness_scorer)


def test_too_many_photos_are_one_line(monkeypatch) -> None:
    monkeypatch.setattr(piles, "MOST_PHOTOS", 10)
    with pytest.raises(DataError, match="12 photos; at most 10"):
        piles.from_piles(pile(0, 6), pile(50, 6))


def test_near_copies_share_a_group(brightness_scorer) -> None:
    smaller = io.BytesIO()
    Image.open(io.BytesIO(png(3))).resize((80, 80), Image.Resampling.BICUBIC).save(
        smaller, "JPEG", quality=85
    )
    dropped = piles.from_piles([*pile(0, 6), ("small.jpg", smaller.getvalue())], pile(50, 6))
    groups = piles.read_piles(dropped, brightness_scorer).groups
    assert groups[6] == groups[3]
    assert len(set(groups)) == 12


def test_photos_of_one_user_share_a_group() -> None:
    outlines = np.random.default_rng(0).integers(0, 256, (5, 8)).astype(np.uint8)
    groups = copies.group_copies(outlines, ["ada", "", "bo", "ada", ""])
    assert groups[0] == groups[3]
    assert len(set(groups)) == 4


def test_zip_with_labels_is_read(brightness_scorer) -> None:
    photos = dict(pile(0, 12))
    table = csv(
        "file,label,user", *(f"{n}.png,{'good' if n < 6 else 'bad'},u{n % 3}" for n in range(12))
    )
    files = {f"mine/{name}": data for name, data in photos.items()} | {"mine/labels.csv": table}
    made = piles.read_piles(piles.from_zip(zipped(files)), brightness_scorer)
    assert made.names == [f"{n}.png" for n in range(12)]
    assert made.labels.tolist() == [1] * 6 + [0] * 6
    assert len(set(made.groups)) == 3


@pytest.mark.parametrize(
    ("form", "encoding", "flagged"),
    [
        *(("NFC", "utf-8", True), ("NFD", "utf-8", True)),
        *(("NFC", "utf-8", False), ("NFD", "utf-8", False), ("NFC", "cp437", False)),
    ],
)
def test_names_in_a_zip_match_however_they_are_written(
    form: str, encoding: str, flagged: bool
) -> None:
    written = unicodedata.normalize(form, "zoë").encode(encoding)
    table = csv("file,label", *(f"p\\zoë-{n}.png,{'good' if n < 6 else 'bad'}" for n in range(12)))
    room = "@" * len(written)  # for a name of the same length
    files = {f"p/{room}-{name}": data for name, data in pile(0, 12)} | {"labels.csv": table}
    data = zipped(files).replace(b"p/" + room.encode(), b"p/" + written)
    dropped = piles.from_zip(_flagged(data) if flagged else data)
    assert [item.good for item in dropped] == [True] * 6 + [False] * 6
    assert dropped[3].read() == png(3)


def _flagged(data: bytes) -> bytes:
    """Return a zip whose names are said to be UTF-8."""
    changed = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        place = -1
        while (place := changed.find(mark, place + 1)) >= 0:
            changed[place + at] |= 8
    return bytes(changed)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_table_in_a_zip_may_be_saved_by_excel(encoding: str) -> None:
    lines = [f"{n}.png;{'Good ' if n < 6 else 'BAD'};zoë{n % 3}" for n in range(12)]
    table = "\r\n".join(["file;label;user", *lines]).encode(encoding)
    dropped = piles.from_zip(zipped(dict(pile(0, 12)) | {"labels.csv": table}))
    assert [item.good for item in dropped] == [True] * 6 + [False] * 6
    assert dropped[4].user == "zoë1"


def test_zip_with_posts_is_labelled_as_selfie_label_does(brightness_scorer) -> None:
    lines = [f"{n}.png,u{n},1000,{n},0,2026-01-01" for n in range(100)]
    lines.append("100.png,new,1000,50,0,2026-03-01")  # the others are counted from it
    files = dict(pile(0, 101)) | {
        "posts.csv": csv("file,user,followers,likes,tags,posted_at", *lines)
    }
    dropped = piles.from_zip(zipped(files))
    assert sum(item.good for item in dropped) == 50
    assert all(item.good == (int(item.user[1:]) >= 50) for item in dropped)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (csv("file,label", *(f"{n}.png,good" for n in range(12))), "all 12 photos are good"),
        (csv("file,label", "0.png,good", "gone.png,bad"), "names 1 photo not in the zip"),
        (csv("file,label", "../0.png,good"), "not in the zip"),
        (csv("file,taste", "0.png,good"), 'no column "label"'),
        (csv("photo,label", "0.png,good"), 'lacks column "file"'),
        (csv("file,label", "0.png,so-so"), 'line 2 has label "so-so"'),
        (csv("file,label", "0.png,good", "0.png,bad"), "'0.png' twice"),
        (csv("file,user,followers,likes,tags,posted_at", "0.png,u,9,9,0,2026-01-01"), "peer group"),
        (b"", "can't be read as a table"),
        (b"\xff\xfe\x00file", "can't be read as a table"),
    ],
)
def test_table_that_does_not_fit_is_one_line(table: bytes, words: str) -> None:
    files = dict(pile(0, 12)) | {"labels.csv": table}
    with pytest.raises(DataError, match=words) as caught:
        piles.from_zip(zipped(files))
    assert "\n" not in str(caught.value)


def test_zip_without_a_table_or_with_two_is_one_line() -> None:
    with pytest.raises(DataError, match=r"holds no \.csv"):
        piles.from_zip(zipped({"0.png": png(0)}))
    with pytest.raises(DataError, match=r"2 \.csv files"):
        piles.from_zip(zipped({"a.csv": b"file,label", "b.csv": b"file,label"}))


def test_large_photo_in_a_zip_is_refused(brightness_scorer, monkeypatch) -> None:
    monkeypatch.setattr(piles, "MOST_PHOTO", 2_000_000)
    files = dict(pile(0, 12)) | {"11.png": bytes(3_000_000)}
    files["labels.csv"] = csv("file,label", *(f"{n}.png,{n % 2}" for n in range(12)))
    with pytest.raises(DataError, match=r"'11.png' in the zip is larger than 2 MB"):
        piles.read_piles(piles.from_zip(zipped(files)), brightness_scorer)


def test_comma_at_the_end_of_each_row_moves_no_column() -> None:
    table = csv("file,label", *(f"{n}.png,{n % 2}," for n in range(12)))
    dropped = piles.from_zip(zipped(dict(pile(0, 12)) | {"labels.csv": table}))
    assert [item.name for item in dropped] == [f"{n}.png" for n in range(12)]
    assert [item.good for item in dropped] == [False, True] * 6


def test_bomb_among_the_photos_is_refused(brightness_scorer, monkeypatch) -> None:
    monkeypatch.setattr(unzip, "MOST_BYTES", 2_000_000)
    files = dict(pile(0, 12)) | {"11.png": bytes(30_000_000)}
    files["labels.csv"] = csv("file,label", *(f"{n}.png,{n % 2}" for n in range(12)))
    with pytest.raises(DataError, match="unpacks to more than 2 MB"):
        piles.read_piles(piles.from_zip(zipped(files)), brightness_scorer)


def test_gallery_fills_the_piles_by_a_factor(gallery: Gallery) -> None:
    column = gallery.table["brightness"]
    with pytest.raises(DataError, match="tells too few photos"):
        piles.from_gallery(gallery, "brightness", 4)  # it has 8
    assert len(column) == 8


@pytest.mark.parametrize(
    ("values", "good", "bad"),
    [
        ([0] * 800 + [1] * 100, 100, 100),  # a border: few have one
        ([1] * 800 + [0] * 30, 30, 30),
        ([0] * 400 + [1] * 400, 300, 300),
        (list(range(800)), 300, 300),
        ([0] * 900 + [1] * 4, None, None),
        ([2] * 900, None, None),
    ],
)
def test_no_value_is_in_both_piles(gallery: Gallery, values, good, bad) -> None:
    table = pd.DataFrame({"much": np.random.default_rng(0).permutation(values)})
    many = replace(gallery, table=table)
    if good is None:
        with pytest.raises(DataError, match="much tells too few photos of Tiny apart"):
            piles.ends_of(many, "much", 300)
        return
    most, least = piles.ends_of(many, "much", 300)
    assert (len(most), len(least)) == (good, bad)
    assert table["much"].iloc[most].min() > table["much"].iloc[least].max()


def test_few_white_borders_of_the_demo_are_no_bad_photos() -> None:
    demo = Gallery.open(store.demo_gallery())
    made = piles.ends_of(demo, "white_border", 400)
    borders = demo.table["white_border"].to_numpy()
    assert borders[made[0]].min() > borders[made[1]].max()
