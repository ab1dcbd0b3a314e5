"""A gallery in a bucket is built, opened, added to and taken up from any machine."""

import shutil
from pathlib import Path

import boto3
import numpy as np
import pytest

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.cli.main import main
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.remote import RemoteGallery
from tests.support.bucket import BUCKET, Bucket

ADDRESS = f"s3://{BUCKET}/galleries/ours"


@pytest.fixture
def machine(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Be at a machine of a name, with a cache of its own; the bucket begins empty."""
    bucket.fault = lambda path: None
    client = boto3.client("s3")
    for found in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client.delete_object(Bucket=BUCKET, Key=found["Key"])

    def be_at(name: str) -> None:
        monkeypatch.setenv("SELFIE_CACHE", str(tmp_path / name))

    be_at("one")
    return be_at


@pytest.fixture
def photos(photo_folder: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(6):
        shutil.copy(photo_folder / f"photo-{number}.png", folder)
    return folder


def build(photos: Path, address: str = ADDRESS) -> int:
    return main(["build", str(photos), "--out", address, "--faceless"])


def names() -> set[str]:
    found = boto3.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="galleries/ours/")
    return {one["Key"].removeprefix("galleries/ours/") for one in found.get("Contents", [])}


@pytest.mark.slow
def test_gallery_of_a_bucket_is_that_of_a_folder(machine, photos, photo_folder, tmp_path) -> None:
    assert build(photos) == 0
    assert main(["build", str(photos), "--out", str(tmp_path / "ours"), "--faceless"]) == 0
    here = Gallery.open(tmp_path / "ours")
    machine("two")
    there = Gallery.open(RemoteGallery(ADDRESS).fetch())
    assert there.table.equals(here.table) and there.name == here.name == "ours"
    assert np.array_equal(there.fc7, here.fc7)
    assert [there.photo(row) for row in range(6)] == [here.photo(row) for row in range(6)]
    before = names()
    shutil.copy(photo_folder / "photo-6.png", photos)  # another machine adds one
    assert build(photos) == 0
    machine("one")
    again = Gallery.open(RemoteGallery(ADDRESS).fetch())
    assert set(again.table["file"]) == {f"photo-{number}.png" for number in range(7)}
    old = again.table.set_index("id").loc[here.table["id"]]
    assert old["x"].tolist() == here.table["x"].tolist()  # nothing moved
    kept = {name for name in before if name.startswith(("segments/", "photos/"))}
    assert kept <= names()  # nothing was built anew
    assert not {name for name in names() if name.startswith("generations/1/")}


def test_nothing_to_do_reads_no_photo_and_sends_nothing(machine, photos, bucket, capsys) -> None:
    assert build(photos) == 0
    machine("two")
    assert build(photos) == 0
    bucket.got.clear()
    before = names()
    assert build(photos) == 0
    assert [path.rpartition("/")[2] for path in bucket.got] == ["gallery.json"] * 2
    assert names() == before
    assert f"open it by: selfie app {ADDRESS}" in capsys.readouterr().err


def test_machine_that_was_overtaken_says_so_and_loses_nothing(
    machine, photos, photo_folder
) -> None:
    assert build(photos) == 0
    slow = RemoteGallery(ADDRESS)
    slow.fetch()
    machine("two")
    shutil.copy(photo_folder / "photo-6.png", photos)
    assert build(photos) == 0
    machine("one")
    facts = store.read_json(slow.folder / "gallery.json")
    store.write_json(slow.folder / "gallery.json", facts | {"name": "slow"})
    with pytest.raises(DataError, match="another machine built .*; run the same command again"):
        slow.put()
    assert len(Gallery.open(RemoteGallery(ADDRESS).fetch())) == 7


def test_half_a_file_is_none(machine, photos, bucket) -> None:
    assert build(photos) == 0
    machine("two")
    bucket.fault = lambda path: "half" if path.endswith(".bin") else None
    try:
        with pytest.raises(DataError, match="can't read|came by half"):
            RemoteGallery(ADDRESS).fetch()
        assert not list(RemoteGallery(ADDRESS).folder.rglob("*.bin*"))
    finally:
        bucket.fault = lambda path: None
    assert len(Gallery.open(RemoteGallery(ADDRESS).fetch())) == 6


def test_what_is_no_gallery_is_left_alone(machine, photos, capsys) -> None:
    boto3.client("s3").put_object(Bucket=BUCKET, Key="galleries/ours/notes.txt", Body=b"mine")
    assert build(photos) == 1
    assert "holds something else; wanted a gallery or nothing" in capsys.readouterr().err
    assert names() == {"notes.txt"}
    assert build(photos, "s3://nobody/ours") == 1
    assert "can't read s3://nobody/ours: " in capsys.readouterr().err
    assert main(["app", f"s3://{BUCKET}/none"]) == 1
    assert "no gallery in" in capsys.readouterr().err
