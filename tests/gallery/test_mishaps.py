"""A build among other programs, on disks that fail: no photo is lost, and the old gallery stays."""

import os
import sqlite3
from pathlib import Path

import pytest

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.gallery import measure
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.ledger import FILE, Ledger
from selfie_core.photo.folder import Seen
from tests.support.drawn import draw_photo


def test_photo_that_is_still_being_copied_is_taken_the_next_time(photos, build, monkeypatch):
    whole = (photos / "photo-7.png").read_bytes()
    (photos / "photo-7.png").write_bytes(whole[: len(whole) // 2])
    id_of = measure._id_of

    def goes_on(path: Path) -> str | None:
        if path.name == "photo-7.png":
            path.write_bytes(whole)
        return id_of(path)

    with monkeypatch.context() as patch:
        patch.setattr(measure, "_id_of", goes_on)
        assert len(build()) == 7
    assert len(build()) == 8


def test_inodes_of_64_bits_are_kept(out) -> None:
    seen = Seen.of(os.stat_result((0, 2**64 - 3, 0, 0, 0, 0, 5, 0, 7, 0)))
    with Ledger(out) as ledger:
        ledger.record({"a.jpg": (seen, "id")})
        assert ledger.files() == {"a.jpg": (seen, "id")}


def test_measures_of_another_content_are_not_kept(photos, build, monkeypatch) -> None:
    file, wanted = photos / "photo-7.png", build().table.set_index("file")["score"]["photo-7.png"]
    draw_photo(7, size=(90, 70)).save(file)
    draw_photo(3, size=(90, 70)).save(photos / "more.png")  # with which it makes a segment
    first, id_of = file.read_bytes(), measure._id_of

    def edited_then(path: Path) -> str:
        id = id_of(path)
        if path.name == "photo-7.png":
            draw_photo(0, size=(90, 70)).save(path)  # after its id was found
        return id

    with monkeypatch.context() as patch:
        patch.setattr(measure, "_id_of", edited_then)
        build()
    file.write_bytes(first)
    score = build().table.set_index("file")["score"]["photo-7.png"]
    assert score == pytest.approx(wanted, abs=0.05)


def test_clock_that_runs_backwards_costs_nothing(photos, build, looked) -> None:
    build()
    looked["read"].clear()
    for number, file in enumerate(sorted(photos.iterdir())):
        os.utime(file, (2e9 - number, 2e9 - number))  # the year 2033
    build()
    assert len(looked["read"]) == 8 and len(looked["measured"]) == 8
    looked["read"].clear()
    build()
    assert not looked["read"]


def test_folder_that_cannot_be_read_loses_no_photo(photos, build, monkeypatch) -> None:
    (photos / "album").mkdir()
    for number in range(3):
        (photos / f"photo-{number}.png").rename(photos / "album" / f"{number}.png")
    before = build()
    scandir = os.scandir

    def locked(path):
        if Path(path).name == "album":
            raise PermissionError
        return scandir(path)

    monkeypatch.setattr(os, "scandir", locked)
    assert build().version == before.version


def test_lost_ledger_costs_reading_and_no_scores(build, out, looked) -> None:
    before = build()
    looked["measured"].clear()
    for spoil in (lambda file: file.unlink(), lambda file: file.write_bytes(b"x" * 5000)):
        spoil(out / FILE)
        assert build().version == before.version
    assert not looked["measured"]


def test_second_build_is_told_that_one_runs(build, out) -> None:
    before = build()
    with Ledger(out), pytest.raises(DataError, match="is being built by another process; wait"):
        build()
    assert Gallery.open(out).version == before.version


@pytest.mark.parametrize("step", ["photos", "segments", "generations", "gallery.json"])
def test_full_disk_is_one_line_and_the_old_gallery_stays(
    photos, build, out, monkeypatch, step
) -> None:
    before = build()
    draw_photo(5, size=(97, 97)).save(photos / "new.png")
    replace, rename = os.replace, Path.rename

    def full(source, target):
        if step in Path(target).parts[-3:]:
            raise OSError(28, "No space left on device")
        return replace(source, target)

    def full_folder(source: Path, target: Path):
        if step in target.parts[-3:]:
            raise OSError(28, "No space left on device")
        return rename(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        patch.setattr(Path, "rename", full_folder)
        with pytest.raises(DataError, match="can't write .*: No space left on device; make room"):
            build()
    assert Gallery.open(out).version == before.version
    assert not list(out.rglob(".new-*"))
    assert len(build()) == 9


def test_disk_that_takes_nothing_is_one_line(photos, build, out, monkeypatch) -> None:
    before = build()
    draw_photo(5, size=(97, 97)).save(photos / "new.png")
    connect = sqlite3.connect

    def read_only(file, **how):
        return connect(f"file:{file}?mode=ro", uri=True, **how)

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", read_only)
        with pytest.raises(DataError, match="can't write .*ledger.sqlite: attempt to write a read"):
            build()
    assert Gallery.open(out).version == before.version


def test_gallery_of_a_newer_version_is_left_alone(build, out) -> None:
    build()
    store.write_json(out / "gallery.json", store.read_json(out / "gallery.json") | {"format": 3})
    files = {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")}
    with pytest.raises(DataError, match="format 3, of a newer version; .* update selfie"):
        build()
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")} == files


def test_reader_that_a_build_overtakes_sees_the_new_gallery(photos, build, out, monkeypatch):
    build()
    draw_photo(5, size=(97, 97)).save(photos / "new.png")
    read_table = store.read_table

    def overtaken(path: Path, **how):
        monkeypatch.setattr(store, "read_table", read_table)
        for number in range(4):
            (photos / f"photo-{number}.png").unlink()
        build()
        return read_table(path, **how)

    monkeypatch.setattr(store, "read_table", overtaken)
    assert len(Gallery.open(out)) == 5
