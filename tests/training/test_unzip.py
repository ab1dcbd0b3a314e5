"""Zips from strangers: read in memory, refused in one line where they are unsafe."""

import io
import struct
import zipfile
import zlib

import pytest

from selfie_core.base.errors import DataError
from selfie_core.training import unzip
from selfie_core.training.unzip import Archive


def zipped(files: dict[str, bytes], **changes: int) -> bytes:
    """Return a zip; `changes` are set on every entry."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            for attribute, value in changes.items():
                setattr(entry, attribute, value)
            archive.writestr(entry, content)
    return data.getvalue()


def test_files_come_out_as_they_went_in() -> None:
    archive = Archive(zipped({"a/b.jpg": b"one", "c.csv": b"two"}))
    assert archive.names == {"a/b.jpg", "c.csv"}
    assert archive.read("a/b.jpg") == b"one"


def test_what_a_system_hid_in_it_is_overlooked() -> None:
    files = {"a.jpg": b"1", "__MACOSX/._a.jpg": b"2", ".DS_Store": b"3", "x/.hidden/y.jpg": b"4"}
    files |= {"p/@eaDir/a.jpg/M.jpg": b"5", "#recycle/b.jpg": b"6"}
    assert Archive(zipped(files)).names == {"a.jpg"}


def test_slashes_of_windows_are_slashes() -> None:
    assert Archive(zipped({"good\\a.jpg": b"1"})).names == {"good/a.jpg"}


def test_colon_in_a_name_is_no_drive() -> None:
    names = {"a:b.jpg", "12:30/a.jpg"}
    assert Archive(zipped(dict.fromkeys(names, b"1"))).names == names


@pytest.mark.parametrize(
    "name", ["../up.jpg", "a/../../up.jpg", "/etc/passwd", "C:\\up.jpg", "a\\..\\..\\up.jpg"]
)
def test_path_outside_is_refused(name: str) -> None:
    with pytest.raises(DataError, match="outside itself"):
        Archive(zipped({name: b"1"}))


@pytest.mark.parametrize("name", ["inner.zip", "a/b.ZIP", "x.tar.gz", "x.7z", "x.rar"])
def test_archive_in_an_archive_is_refused(name: str) -> None:
    with pytest.raises(DataError, match="another archive"):
        Archive(zipped({name: b"1"}))


def test_link_is_refused() -> None:
    with pytest.raises(DataError, match="is a link"):
        Archive(zipped({"a.jpg": b"/etc/passwd"}, external_attr=0o120777 << 16))


def test_encrypted_file_is_refused() -> None:
    data = bytearray(zipped({"a.jpg": b"1"}))
    data[6] |= 1  # the flag, in the file's own header
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and in the directory
    with pytest.raises(DataError, match="encrypted"):
        Archive(bytes(data))


def test_bomb_is_refused_while_it_is_read(monkeypatch) -> None:
    monkeypatch.setattr(unzip, "MOST_BYTES", 1_000_000)
    archive = Archive(zipped({"a.jpg": bytes(600_000), "b.jpg": bytes(600_000)}))
    archive.read("a.jpg")
    with pytest.raises(DataError, match="more than 1 MB at 'b.jpg'"):
        archive.read("b.jpg")


def test_headers_that_lie_about_the_size_are_not_believed(monkeypatch) -> None:
    monkeypatch.setattr(unzip, "MOST_BYTES", 1_000_000)
    data = bytearray(zipped({"a.jpg": bytes(50_000_000)}))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.index(mark) + at
        data[place : place + 4] = struct.pack("<I", 100)  # instead of 50,000,000
    archive = Archive(bytes(data))
    with pytest.raises(DataError, match=r"damaged|more than"):
        archive.read("a.jpg")


def test_too_many_files_are_refused(monkeypatch) -> None:
    monkeypatch.setattr(unzip, "MOST_ENTRIES", 3)
    with pytest.raises(DataError, match="4 files; at most 3"):
        Archive(zipped({f"{n}.jpg": b"1" for n in range(4)}))


def test_damaged_file_is_one_line() -> None:
    content = bytes(range(256)) * 40
    data = bytearray(zipped({"a.jpg": content}))
    start = 30 + len("a.jpg")
    data[start : start + 30] = b"\xff" * 30
    with pytest.raises(DataError, match=r"'a.jpg' in the zip is damaged"):
        Archive(bytes(data)).read("a.jpg")


@pytest.mark.parametrize("data", [b"", b"no zip at all", zipped({"a.jpg": b"1"})[:-30]])
def test_what_is_no_zip_is_one_line(data: bytes) -> None:
    with pytest.raises(DataError, match="no zip file"):
        Archive(data)


def test_unknown_compression_is_one_line() -> None:
    data = bytearray(zipped({"a.jpg": zlib.compress(b"1")}))
    for mark, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        place = data.index(mark) + at
        data[place : place + 2] = struct.pack("<H", 97)
    with pytest.raises(DataError, match="rare way"):
        Archive(bytes(data))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packing_that_unpacks_more_than_is_asked_for_is_refused(method: int) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        archive.writestr("a.jpg", bytes(50_000_000))
    with pytest.raises(DataError, match=r"'a.jpg' in the zip is packed in a rare way"):
        Archive(data.getvalue())


def test_file_above_its_own_limit_is_named() -> None:
    archive = Archive(zipped({"a.jpg": bytes(3_000_000)}))
    with pytest.raises(DataError, match=r"'a.jpg' in the zip is larger than 2 MB"):
        archive.read("a.jpg", most=2_000_000)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_name_that_comes_twice_is_refused() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a.jpg", b"1")
        archive.writestr("a.jpg", b"2")
    with pytest.raises(DataError, match="twice"):
        Archive(data.getvalue())
