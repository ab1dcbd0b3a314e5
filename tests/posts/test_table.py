"""A table of posts is checked: what is wrong is said with its line."""

import json
import os
import unicodedata
from pathlib import Path

import pandas as pd
import pytest

from selfie_core.base.errors import DataError
from selfie_core.posts.table import check_posts, photo_paths, read_posts

GOOD = {
    "file": ["a.jpg", "b.jpg"],
    "user": ["ann", "007"],
    "followers": [100, 200],
    "likes": [3, 4],
    "tags": [2, 0],
    "posted_at": ["2026-01-02", "2026-03-04T05:06:07"],
}


def test_words_are_counted_as_tags() -> None:
    posts = check_posts(pd.DataFrame(GOOD | {"tags": ["selfie me sun", None]}), name="posts.csv")
    assert posts["tags"].tolist() == [3, 0]


def test_users_stay_words(tmp_path: Path) -> None:
    pd.DataFrame(GOOD).to_csv(tmp_path / "posts.csv", index=False)
    assert read_posts(tmp_path / "posts.csv")["user"].tolist() == ["ann", "007"]


def test_photos_are_found_however_a_system_spells_their_names(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    decomposed = tmp_path / "new" / unicodedata.normalize("NFD", "zoë.jpg")
    latin = tmp_path / os.fsdecode(b"ren\xe9.jpg")
    for path in (decomposed, latin):
        path.touch()
    files = pd.Series(["new/zoë.jpg", "new\\zoë.jpg", "./new/zoë.jpg", "ren\\xe9.jpg"])
    assert photo_paths(files, tmp_path, name="photos") == [*[decomposed] * 3, latin]
    with pytest.raises(DataError, match="1 of 5 photos are not in .*, the first is 'gone.jpg'"):
        photo_paths(pd.Series([*files, "gone.jpg"]), tmp_path, name="photos")


def test_file_named_in_two_spellings_is_named_twice() -> None:
    files = [unicodedata.normalize(form, "zoë.jpg") for form in ("NFC", "NFD")]
    with pytest.raises(DataError, match="line 3 names 'zoë.jpg' again"):
        check_posts(pd.DataFrame(GOOD | {"file": files}), name="posts.csv")


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"likes": [3, float("nan")]}, 'line 3 has likes ""; wanted a whole number'),
        ({"followers": None}, 'lacks column "followers"; found: file, user, likes'),
        ({"likes": [3, -4]}, 'line 3 has likes "-4"'),
        ({"likes": [3, 1.5]}, 'line 3 has likes "1.5"'),
        ({"file": ["a.jpg", "a.jpg"]}, "line 3 names 'a.jpg' again"),
        ({"user": ["ann", None]}, 'line 3 has no "user"'),
        ({"posted_at": ["2026-01-02", "yesterday"]}, 'posted_at "yesterday"'),
    ],
)
def test_bad_posts_are_refused_with_line_and_reason(change: dict, seen: str) -> None:
    table = pd.DataFrame({k: v for k, v in (GOOD | change).items() if v is not None})
    with pytest.raises(DataError) as error:
        check_posts(table, name="posts.csv")
    assert seen in str(error.value)
    assert str(error.value).startswith("posts.csv")


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    head = "File;User;Followers;Likes;Tags;Posted_At;caption\r\n"
    row = '{};NA;2.000;{};#me #sun;31.12.2025;"two\r\nlines"\r\n'
    path = tmp_path / "posts.csv"
    path.write_bytes(
        ("sep=;\r\n" + head + row.format("a.jpg", 3) + row.format("b.jpg", "x")).encode()
    )
    with pytest.raises(DataError, match='posts.csv line 5 has likes "x"'):
        read_posts(path)
    path.write_bytes((head + row.format("a.jpg", 3) + row.format("b.jpg", 999)).encode("utf-16"))
    posts = read_posts(path)
    assert posts[["user", "followers", "likes", "tags"]].to_numpy().tolist() == [
        ["NA", 2000, 3, 2],
        ["NA", 2000, 999, 2],
    ]
    assert posts["posted_at"].eq(pd.Timestamp("2025-12-31", tz="UTC")).all()


@pytest.mark.parametrize(
    ("ending", "written", "place"),
    [
        (".json", "\ufeff{rows}", "row 2"),
        (".json", '{{"posts": {rows}}}', "row 2"),
        (".jsonl", "\n{lines}", "line 3"),
    ],
)
def test_json_of_any_common_form_is_read(tmp_path: Path, ending, written: str, place: str) -> None:
    rows = pd.DataFrame(GOOD | {"tags": [["me", "sun"], []]}).to_dict("records")
    path = tmp_path / f"posts{ending}"

    def write() -> None:
        lines = "\n".join(map(json.dumps, rows))
        path.write_text(written.format(rows=json.dumps(rows), lines=lines), "utf-8")

    write()
    assert read_posts(path)["tags"].tolist() == [2, 0]
    assert read_posts(path)["user"].tolist() == ["ann", "007"]
    rows[1]["likes"] = -4
    write()
    with pytest.raises(DataError, match=f'{place} has likes "-4"'):
        read_posts(path)


def test_table_without_rows_is_refused() -> None:
    with pytest.raises(DataError, match="no rows"):
        check_posts(pd.DataFrame(GOOD).head(0), name="posts.csv")


def test_column_beside_one_of_the_same_letters_stays(tmp_path: Path) -> None:
    posts = check_posts(pd.DataFrame(GOOD | {"User": ["x", "y"], "LIKES": [0, 0]}), name="posts")
    assert posts["user"].tolist() == GOOD["user"] and posts["likes"].tolist() == GOOD["likes"]
    assert posts["User"].tolist() == ["x", "y"]
