import json
from pathlib import Path

import pytest

from selfie_core.base.errors import DataError
from selfie_core.cli.main import main
from selfie_core.gallery.build import given_posts
from selfie_core.posts.takeout import read_takeout
from tests.support.drawn import draw_photo

YEAR, ALBUM = "Takeout/Google Photos/Photos from 2023", "Takeout/Google Photos/Beach"


def put(folder: Path, where: str, name: str, beside: str | None = None, **said) -> None:
    """Write a photo, and what Google says of it into a file of its own."""
    (folder / where).mkdir(parents=True, exist_ok=True)
    draw_photo(1, size=(64, 64)).save(folder / where / name)
    if beside:
        told = {"title": name, "photoTakenTime": {"timestamp": "1680000000"}, "imageViews": "7"}
        (folder / where / beside).write_text(json.dumps(told | said))


def test_a_photo_of_an_album_is_taken_once_and_knows_its_albums(tmp_path):
    put(tmp_path, ALBUM, "a.jpg", "a.jpg.json", favorited=True)
    put(tmp_path, YEAR, "a.jpg", "a.jpg.supplemental-metadata.json", favorited=True)
    put(tmp_path, YEAR, "b.jpg", "b.jpg.supplemental-metadata.json", imageViews="21",
        photoTakenTime={"timestamp": "-86400"})  # fmt: skip
    (tmp_path / ALBUM / "metadata.json").write_text(json.dumps({"title": "At the beach"}))
    made = read_takeout(tmp_path)
    rows = made.posts.set_index("file")
    assert list(rows.index) == [f"{YEAR}/a.jpg", f"{YEAR}/b.jpg"]
    assert rows["albums"].tolist() == ["At the beach", ""]
    assert rows["favorite"].tolist() == [1, 0] and rows["views"].tolist() == [7, 21]
    assert rows["popularity"].iat[0] > 1 > rows["popularity"].iat[1] > 0
    assert str(rows["posted_at"].iat[0]) == "2023-03-28 10:40:00+00:00"
    assert str(rows["posted_at"].iat[1]) == "1969-12-31 00:00:00+00:00"
    assert made.left_out == {"in albums again, or edited": 1}


@pytest.mark.parametrize("word", ["edited", "bearbeitet", "modifié", "編集済み"])
def test_of_an_edited_photo_the_edited_copy_is_taken(tmp_path, word):
    put(tmp_path, YEAR, "IMG-1.jpg", "IMG-1.jpg.supplemental-metadata.json")
    put(tmp_path, YEAR, f"IMG-1-{word}.jpg")
    assert read_takeout(tmp_path).posts["file"].tolist() == [f"{YEAR}/IMG-1-{word}.jpg"]


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("a.jpg", "a.jpg.json"),
        ("a(2).jpg", "a.jpg(2).json"),
        ("a(2).jpg", "a.jpg.supplemental-metadata(2).json"),
        ("a(2).jpg", "a(2).jpg.json"),
        ("Screenshot_20230101-101010_Instagram.jpg", None),
        ("x" * 60 + ".jpg", "x" * 46 + ".json"),
    ],
)
def test_the_json_file_of_a_photo_is_found_by_each_rule(tmp_path, name, beside):
    put(tmp_path, YEAR, name, beside or f"{name}.supplemental-metadata"[:46] + ".json")
    assert read_takeout(tmp_path).posts["file"].tolist() == [f"{YEAR}/{name}"]


def test_what_is_left_out_is_counted(tmp_path):
    put(tmp_path, YEAR, "a.jpg", "a.jpg.json")
    put(tmp_path, YEAR, "gone.jpg", "gone.jpg.json", trashed=True)
    put(tmp_path, YEAR, "alone.jpg")
    (tmp_path / YEAR / "broken.json").write_text("{")
    assert read_takeout(tmp_path).left_out == {"without their JSON file": 1, "in the bin": 1}


def test_another_folder_is_refused(tmp_path):
    put(tmp_path, "p", "a.jpg")
    with pytest.raises(DataError, match="no photo in .* wanted an unpacked Takeout"):
        read_takeout(tmp_path)


def test_the_command_writes_photos_and_a_table_that_build_takes(tmp_path, capsys):
    put(tmp_path / "t", YEAR, "a.jpg", "a.jpg.json")
    put(tmp_path / "t", YEAR, "b.jpg", "b.jpg.json", favorited=True)
    assert main(["import", "takeout", str(tmp_path / "t"), "--out", str(tmp_path / "o")]) == 0
    given = given_posts(tmp_path / "o" / "posts.csv")
    assert given["favorite"].tolist() == [0, 1]
    assert all((tmp_path / "o" / "photos" / file).is_file() for file in given["file"])
    assert "2 photos, 1 favourite;" in capsys.readouterr().err
