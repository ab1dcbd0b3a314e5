"""A table of posts is checked: what is wrong is said with its line."""

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
        ({"followers": None}, 'lacks column "followers"; found: file, user, likes'),
        ({"likes": [3, -4]}, 'line 3 has likes "-4"'),
        ({"likes": [3, float("nan")]}, "line 3 has likes"),
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


def test_table_without_rows_is_refused() -> None:
    with pytest.raises(DataError, match="no rows"):
        check_posts(pd.DataFrame(GOOD).head(0), name="posts.csv")
