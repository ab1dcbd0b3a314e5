"""A gallery goes with its folder: each photo is read once in its life, and nothing is lost."""

import os
import shutil

import numpy as np

from selfie_core.gallery import compaction
from selfie_core.gallery.build import BuildConfig
from selfie_core.gallery.gallery import Gallery
from tests.conftest import FIRST_FORMAT
from tests.support.drawn import draw_photo


def test_only_what_is_new_is_read_and_what_is_gone_leaves(photos, build, looked) -> None:
    before = build().table.set_index("id")
    for names in looked.values():
        names.clear()
    (photos / "album").mkdir()
    (photos / "photo-0.png").rename(photos / "album/renamed.png")  # moved
    shutil.copy(photos / "photo-1.png", photos / "copy.png")  # copied
    os.utime(photos / "photo-2.png", (1, 1))  # touched
    draw_photo(3, size=(99, 99)).save(photos / "photo-3.png")  # edited
    (photos / "photo-4.png").unlink()
    draw_photo(5, size=(97, 97)).save(photos / "new.png")
    gallery = build()
    assert sorted(looked["read"]) == ["copy.png", "new.png", "photo-2.png", "photo-3.png"]
    assert sorted(looked["measured"]) == ["new.png", "photo-3.png"]
    after = gallery.table.set_index("id")
    stayed = before.index.intersection(after.index)
    assert len(stayed) == 6 and len(after) == 8
    assert gallery.info["left_out"] == {"copies": 1}
    assert after.loc[stayed, "score"].equals(before.loc[stayed, "score"])
    files = set(after["file"])
    assert {"album/renamed.png", "photo-1.png", "new.png"} <= files and "photo-4.png" not in files


def test_nothing_to_do_reads_and_writes_nothing(build, out, looked) -> None:
    first = build()
    facts = (out / "gallery.json").stat()
    looked["read"].clear()
    again = build()
    assert again.version == first.version
    assert (out / "gallery.json").stat().st_ino == facts.st_ino
    assert not looked["read"]


def test_ids_are_of_32_digits_and_those_of_12_find_their_photo(build) -> None:
    gallery = build()
    id = gallery.table["id"].iat[3]
    assert len(id) == 32
    assert gallery.row_of(id) == gallery.row_of(id[:12]) == 3
    assert gallery.row_of(id[:11]) is None


def test_bad_photo_is_tried_again_when_it_changes_or_on_request(photos, build, looked) -> None:
    (photos / "bad.jpg").write_bytes(b"no photo")
    assert build().info["left_out"] == {"copies": 0, "unreadable": 1}
    looked["read"].clear()
    assert build().info["left_out"] == {"copies": 0, "unreadable": 1}
    assert not looked["read"]
    build(retry=True)
    assert looked["read"] == ["bad.jpg"]
    draw_photo(5, size=(120, 97)).save(photos / "bad.jpg")
    gallery = build()
    assert len(gallery) == 9 and gallery.info["left_out"] == {"copies": 0}


def test_edit_that_keeps_size_and_time_is_found_by_verify(photos, build) -> None:
    before = set(build().table["id"])
    file = photos / "photo-3.png"
    stat, data = file.stat(), bytearray(file.read_bytes())
    data[-5] ^= 1  # of the checksum at its end, which nobody asks
    file.write_bytes(data)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert set(build().table["id"]) == before
    assert len(set(build(verify=True).table["id"]) - before) == 1


def test_another_root_with_the_same_photos_is_not_measured_again(photos, build, looked, tmp_path):
    before = build()
    looked["measured"].clear()
    moved = photos.rename(tmp_path / "elsewhere")
    shutil.copytree(moved, photos)  # as onto another disk: new inodes and times
    for file in photos.iterdir():
        os.utime(file, (5, 5))
    assert build().version == before.version
    assert not looked["measured"]


def test_first_format_is_taken_over_without_reading_its_photos(photos, out, build, looked) -> None:
    shutil.copytree(FIRST_FORMAT, out)
    old = Gallery.open(FIRST_FORMAT)
    for file in photos.iterdir():  # they are older than the gallery made of them
        os.utime(file, (1, 1))
    draw_photo(5, size=(97, 97)).save(photos / "new.png")
    gallery = build(BuildConfig())
    assert looked["read"] == ["new.png"] and looked["measured"] == ["new.png"]
    assert gallery.info["format"] == 2 and gallery.name == "Tiny"
    rows = [gallery.row_of(id) for id in old.table["id"]]
    assert gallery.table["id"].iloc[rows].tolist() == old.table["id"].tolist()
    for column in ("file", "score", "followers", "filter", "brightness", "x", "y", "grid_x"):
        assert gallery.table[column].iloc[rows].tolist() == old.table[column].tolist()
    for now, before in zip(rows, range(8), strict=True):
        assert gallery.photo(now) == old.photo(before) and gallery.thumb(now) == old.thumb(before)
    assert not (out / "selfies.parquet").exists() and not (out / "thumbs").exists()
    assert build(BuildConfig()).version == gallery.version


def test_many_small_additions_make_few_segments_in_one_order(
    photos, build, out, monkeypatch
) -> None:
    monkeypatch.setattr(compaction, "MOST_SEGMENTS", 3)
    seen: dict[str, bytes] = {}
    for number in range(9):
        draw_photo(number % 6, size=(100 + number, 96)).save(photos / f"more-{number}.png")
        gallery = build()
        assert len(gallery.info["segments"]) <= 4
        seen |= {id: gallery.thumb(row) for row, id in enumerate(gallery.table["id"])}
    assert len(gallery) == 17
    assert {path.name for path in (out / "segments").iterdir()} == set(gallery.info["segments"])
    assert all(gallery.thumb(row) == seen[id] for row, id in enumerate(gallery.table["id"]))
    assert len({gallery.photo(row) for row in range(17)}) == 17


def test_what_was_deleted_is_gone_from_the_disk_once_it_is_a_fifth(photos, build, out) -> None:
    gallery = build()
    row = gallery.table["file"].tolist().index("photo-6.png")
    photo = gallery.photo(row)
    for number in (5, 6):
        (photos / f"photo-{number}.png").unlink()
    after = build()
    assert len(after) == 6
    assert not any(photo in pack.read_bytes() for pack in (out / "photos").iterdir())
    assert after.photo(0) and gallery.thumb(row)  # who has the old one open reads on


def test_what_was_given_stays_until_it_is_given_anew(photos, build, given) -> None:
    build(given=given)
    draw_photo(5, size=(97, 97)).save(photos / "new.png")
    table = build().table.set_index("file")
    assert table.loc["photo-3.png", "followers"] == 103 and np.isnan(
        table.loc["new.png", "followers"]
    )
    table = build(given=given.assign(followers=7)).table.set_index("file")
    assert table.loc["photo-3.png", "followers"] == 7


def test_slots_find_each_photo_in_its_atlas(photos, build) -> None:
    build()
    (photos / "photo-3.png").unlink()
    draw_photo(5, size=(97, 97)).save(photos / "new.png")
    gallery = build()
    assert gallery.slots.tolist() == [0, 1, 2, 4, 5, 6, 7, 64]
    assert gallery.atlases == 2


def test_features_of_many_segments_stay_on_the_disk(photos, build, out) -> None:
    build()
    draw_photo(5, size=(97, 97)).save(photos / "new.png")
    gallery = build()
    assert len(gallery.parts) == 2
    assert isinstance(gallery.fc7, np.memmap) and isinstance(gallery.components.values, np.memmap)
    assert np.array_equal(gallery.fc7, np.concatenate([part.fc7 for part in gallery.parts]))
    for name in ("components.npy", "axes.npy", "fc7.npy"):  # of a version that kept none
        (gallery.map_files / name).unlink()
    older = Gallery.open(out)
    assert np.array_equal(older.fc7, gallery.fc7)
    assert (
        older.nearest(older.fc7[3], 2)[0].tolist() == gallery.nearest(older.fc7[3], 2)[0].tolist()
    )
