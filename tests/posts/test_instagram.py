import json
from pathlib import Path

import pytest

from selfie_core.base.errors import DataError
from selfie_core.cli.main import main
from selfie_core.posts.instagram import read_instagram
from selfie_core.posts.table import read_posts
from tests.support.drawn import draw_photo

FIRST = 1_709_300_000


def put(folder: Path, name: str, content: object) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(content))


def photo(folder: Path, number: int, title: str = "") -> dict[str, object]:
    uri = f"media/posts/202403/{number}.jpg"
    (folder / uri).parent.mkdir(parents=True, exist_ok=True)
    draw_photo(number, size=(64, 64)).save(folder / uri)
    return {"uri": uri, "creation_timestamp": FIRST + number, "title": title}


def export(folder: Path, *, likes: bool = True) -> Path:
    """Write the export of an account with three posts, the last of two photos."""
    both = {"media": [photo(folder, 3), photo(folder, 4)], "title": "two", "creation_timestamp": 9}
    one = {"media": [photo(folder, 1, "caf\u00c3\u00a9 #Selfie #me #selfie")]}
    video = {"media": [{"uri": "media/posts/v.mp4", "creation_timestamp": FIRST}]}
    posts = [one, {"media": [photo(folder, 2)]}, both, video]
    put(folder, "your_instagram_activity/media/posts_1.json", posts)
    put(folder, "connections/followers_and_following/followers_1.json", [{"title": ""}] * 250)
    told = {"profile_user": [{"string_map_data": {"Username": {"value": "ada"}}}]}
    put(folder, "personal_information/personal_information/personal_information.json", told)
    if likes:
        seen = [
            {
                "media_map_data": {"Media Thumbnail": {"creation_timestamp": when}},
                "string_map_data": {"Likes": {"value": count}},
            }
            for when, count in ((FIRST + 1, "1,204"), (FIRST + 2, "37"), (9, "0"))
        ]
        where = "logged_information/past_instagram_insights/posts.json"
        put(folder, where, {"organic_insights_posts": seen})
    return folder


def test_posts_carry_user_followers_likes_tags_date_and_caption(tmp_path):
    made = read_instagram(export(tmp_path))
    posts = made.posts
    assert posts["file"].tolist() == [f"media/posts/202403/{n}.jpg" for n in (1, 2, 3)]
    assert posts["likes"].tolist() == [1204, 37, 0]
    assert set(posts["user"]) == {"ada"} and set(posts["followers"]) == {250}
    assert posts["caption"].iat[0] == "café #Selfie #me #selfie" and posts["tags"].iat[0] == 2
    assert str(posts["posted_at"].iat[0]) == "2024-03-01 13:33:21+00:00"
    assert made.left_out == {
        "after the first picture of a post": 1,
        "without a photo as the first": 1,
    }


def test_the_folder_may_hold_the_export_and_a_name_may_not_leave_it(tmp_path):
    export(tmp_path / "instagram-ada")
    outside = [{"media": [{"uri": "../secret.jpg", "creation_timestamp": 1}]}]
    draw_photo(1, size=(64, 64)).save(tmp_path / "secret.jpg")
    put(tmp_path, "instagram-ada/your_instagram_activity/media/posts_2.json", outside)
    made = read_instagram(tmp_path)
    assert made.posts["file"].iat[0] == "instagram-ada/media/posts/202403/1.jpg"
    assert len(made.posts) == 3 and made.left_out["without their photo"] == 1


def test_the_command_writes_the_checked_table(tmp_path, capsys):
    export(tmp_path / "i")
    assert main(["import", "instagram", str(tmp_path / "i"), "--out", str(tmp_path / "o")]) == 0
    posts = read_posts(tmp_path / "o" / "posts.csv")
    assert posts["likes"].tolist() == [1204, 37, 0]
    assert all((tmp_path / "o" / "photos" / file).is_file() for file in posts["file"])
    assert "3 photos, 3 with likes" in capsys.readouterr().err


def test_without_likes_it_says_so_and_leaves_them_empty(tmp_path, capsys):
    export(tmp_path / "i", likes=False)
    assert main(["import", "instagram", str(tmp_path / "i"), "--out", str(tmp_path / "o")]) == 0
    assert "fill in the likes that are missing" in capsys.readouterr().err
    with pytest.raises(DataError, match="likes"):
        read_posts(tmp_path / "o" / "posts.csv")


def test_post_without_a_date_is_of_no_day(tmp_path, capsys):
    export(tmp_path / "i")
    media = [photo(tmp_path / "i", number) | {"creation_timestamp": 0} for number in (5, 6)]
    posts = [{"media": [media[0]]}, {"media": [media[1]], "creation_timestamp": "soon"}]
    put(tmp_path / "i", "your_instagram_activity/media/posts_2.json", posts)
    dates = read_instagram(tmp_path / "i").posts["posted_at"]
    assert dates.isna().tolist() == [False] * 3 + [True] * 2
    assert main(["import", "instagram", str(tmp_path / "i"), "--out", str(tmp_path / "o")]) == 0
    assert "fill in the likes and dates that are missing" in capsys.readouterr().err
    with pytest.raises(DataError, match="posts.csv line 5"):
        read_posts(tmp_path / "o" / "posts.csv")


@pytest.mark.parametrize(("content", "seen"), [("{", "damaged"), ("[]", "no posts")])
def test_a_damaged_or_empty_export_is_refused(tmp_path, content, seen):
    (tmp_path / "posts_1.json").write_text(content)
    with pytest.raises(DataError, match=seen):
        read_instagram(tmp_path)


def test_another_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"no posts_1.json in .* wanted an unpacked Instagram"):
        read_instagram(tmp_path)
