"""Photos come alike from a folder, tars, tables of pictures or addresses, and a bucket."""

import functools
import http.server
import shutil
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from selfie_core.base.errors import DataError
from selfie_core.photo.folder import Scan
from selfie_core.photo.sources import scan_source
from tests.support.shards import write_tables, write_tars


def contents(scan: Scan) -> set[bytes]:
    """Return all that a source gives."""
    read = [scan.reader.read(name, seen) for name, seen in scan.photos.items()]
    return {one.read_bytes() if isinstance(one, Path) else one for one in read}


@pytest.fixture(scope="session")
def wanted(photo_folder: Path) -> set[bytes]:
    return {file.read_bytes() for file in photo_folder.iterdir()}


@pytest.fixture
def web(photo_folder: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(photo_folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_tars_give_their_photos_and_no_facts(photo_folder, tmp_path, wanted) -> None:
    write_tars(photo_folder, tmp_path)
    scan = scan_source(tmp_path)
    assert contents(scan) == wanted
    assert list(scan.photos)[3] == "00001.tar/photo-3.png"
    one = scan_source(tmp_path / "00001.tar")
    assert list(one.photos) == [f"00001.tar/photo-{n}.png" for n in (3, 4, 5)]
    assert contents(one) < wanted


def test_folder_of_tars_may_hold_what_a_nas_keeps_there(photo_folder, tmp_path, wanted) -> None:
    write_tars(photo_folder, tmp_path)
    (tmp_path / "@eaDir").mkdir()
    shutil.copy(photo_folder / "photo-3.png", tmp_path / "@eaDir" / "SYNOPHOTO_THUMB_M.png")
    assert contents(scan_source(tmp_path)) == wanted


def test_tar_that_is_cut_off_gives_what_is_whole_and_keeps_the_rest(
    photo_folder, tmp_path, caplog
) -> None:
    write_tars(photo_folder, tmp_path)
    whole, tar = scan_source(tmp_path), tmp_path / "00001.tar"
    cut = whole.photos["00001.tar/photo-5.png"].inode + 9
    tar.write_bytes(tar.read_bytes()[:cut])
    scan = scan_source(tmp_path)
    assert scan.locked == ["00001.tar"]  # what the ledger knows of it is not gone
    assert "can't be read to their end: 1; the first: can't read 00001.tar" in caplog.text
    assert len(scan.photos) == 8
    name = "00001.tar/photo-5.png"
    with pytest.raises(DataError, match=r"^only 9 of [\d,]+ bytes came$"):
        scan.reader.read(name, scan.photos[name])


def test_tables_give_their_pictures_without_what_failed(photo_folder, tmp_path, wanted) -> None:
    write_tables(photo_folder, tmp_path)
    scan = scan_source(tmp_path)
    assert contents(scan) == wanted
    assert list(scan.photos)[5] == "00001.parquet/photo-5"


def test_pictures_as_hugging_face_keeps_them(photo_folder, tmp_path, wanted) -> None:
    pictures = [{"bytes": f.read_bytes(), "path": f.name} for f in photo_folder.iterdir()]
    pd.DataFrame({"label": range(8), "image": pictures}).to_parquet(tmp_path / "train.parquet")
    assert contents(scan_source(tmp_path / "train.parquet")) == wanted


def test_table_of_addresses_is_fetched_and_says_what_is_not_there(web, tmp_path, wanted) -> None:
    addresses = [f"{web}/photo-{n}.png" for n in range(9)]  # there are eight
    file = tmp_path / "urls.parquet"
    pd.DataFrame({"url": [*addresses, None, addresses[0]]}).to_parquet(file)
    scan = scan_source(file)
    assert list(scan.photos) == addresses
    lost = scan.photos.pop(addresses[8])
    assert contents(scan) == wanted
    with pytest.raises(DataError, match="^the server says 404 File not found$"):
        scan.reader.read(addresses[8], lost)
    for address in ("http://127.0.0.1:9/x.jpg", "file:///etc/passwd", "nonsense"):
        with pytest.raises(DataError, match=r"^can't be fetched: \w+$"):
            scan.reader.read(address, lost)


def test_photos_come_before_the_tables_beside_them(photo_folder, tmp_path, wanted) -> None:
    shutil.copytree(photo_folder, tmp_path / "00000")  # as img2dataset writes files
    write_tables(photo_folder, tmp_path)
    scan = scan_source(tmp_path)
    assert sorted(scan.photos) == sorted(f"00000/photo-{n}.png" for n in range(8))


def test_what_is_no_source_is_one_line(tmp_path) -> None:
    pd.DataFrame({"caption": ["a"]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(DataError, match='has no pictures and no column "url"; found: caption$'):
        scan_source(tmp_path)
    (tmp_path / "b.tar").write_bytes(b"\x1f\x8b no tar" * 99)
    with pytest.raises(DataError, match="no photos in 1 shards of .*can't read b.tar: "):
        scan_source(tmp_path / "b.tar")
    with pytest.raises(DataError, match="no folder .*nowhere; wanted a folder"):
        scan_source(tmp_path / "nowhere")
    with pytest.raises(DataError, match="can't read nonsense://x: "):
        scan_source("nonsense://x")


def test_bucket_gives_photos_and_tars(bucket, photo_folder, tmp_path, wanted) -> None:
    import boto3

    client = boto3.client("s3")
    for file in photo_folder.iterdir():
        client.upload_file(file, bucket.name, f"photos/2015/{file.name}")
    write_tars(photo_folder, tmp_path)
    for file in tmp_path.iterdir():
        client.upload_file(file, bucket.name, f"tars/{file.name}")
    scan = scan_source(f"s3://{bucket.name}/photos")
    assert sorted(scan.photos) == [f"2015/photo-{n}.png" for n in range(8)]
    assert contents(scan) == wanted
    assert contents(scan_source(f"s3://{bucket.name}/tars")) == wanted
    with pytest.raises(DataError, match="no photos in s3://selfies/none; wanted pictures"):
        scan_source(f"s3://{bucket.name}/none")
    with pytest.raises(DataError, match="can't read s3://nobody/photos: "):
        scan_source("s3://nobody/photos")


def test_bucket_that_is_busy_is_asked_again_and_half_a_file_is_none(bucket, photo_folder) -> None:
    import boto3

    file = photo_folder / "photo-3.png"
    boto3.client("s3").upload_file(file, bucket.name, "few/photo-3.png")
    scan = scan_source(f"s3://{bucket.name}/few")
    bucket.got.clear()
    bucket.fault = lambda path: "busy" if len(bucket.got) < 2 else None
    assert contents(scan) == {file.read_bytes()}
    assert len(bucket.got) == 3
    bucket.fault = lambda path: "half"
    with pytest.raises(DataError, match="can't read photo-3.png: |only [0-9,]+ of"):
        scan.reader.read("photo-3.png", scan.photos["photo-3.png"])


def test_tar_of_a_whole_folder_gives_its_photos(photo_folder, tmp_path, wanted) -> None:
    with tarfile.open(tmp_path / "all.tar", "w") as tar:
        tar.add(photo_folder, ".")  # names begin with "./"
    scan = scan_source(tmp_path / "all.tar")
    assert contents(scan) == wanted
    assert "all.tar/photo-3.png" in scan.photos


def test_tables_in_a_folder_that_is_named_as_one(photo_folder, tmp_path, wanted) -> None:
    (tmp_path / "all.parquet").mkdir()
    pictures = [file.read_bytes() for file in photo_folder.iterdir()]
    table = pd.DataFrame({"image": pictures, "status": "approved"})
    table.to_parquet(tmp_path / "all.parquet" / "part-0.parquet")
    for place in (tmp_path.as_uri(), tmp_path / "all.parquet"):
        assert contents(scan_source(place)) == wanted


def test_keys_that_tell_no_rows_apart_lose_no_photo(photo_folder, tmp_path, wanted) -> None:
    pictures = [file.read_bytes() for file in photo_folder.iterdir()]
    table = pd.DataFrame({"image": pictures, "key": ["a", "a", "b", None, None, "b", "c", "d"]})
    table.to_parquet(tmp_path / "all.parquet")
    scan = scan_source(tmp_path / "all.parquet")
    assert contents(scan) == wanted
    assert list(scan.photos)[:2] == ["all.parquet/1", "all.parquet/2"]
