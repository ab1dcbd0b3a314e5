import json
import shutil
import unicodedata
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.gallery import build, intake, measure, renewal
from selfie_core.gallery.build import BuildConfig, build_gallery
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.subset import list_choices
from tests.support.drawn import digest, draw_photo

FLAT = BuildConfig(map=False)


def test_given_columns_stand_beside_what_was_measured(gallery: Gallery) -> None:
    table = gallery.table.set_index("file")
    assert table.loc["photo-3.png", "followers"] == 103
    assert {"id", "score", "percentile", "x", "y", "faces", "brightness"} <= set(table)
    assert table["brightness"].between(0, 1).all()


def test_gallery_keeps_its_own_scorer(gallery: Gallery, brightness_scorer) -> None:
    assert gallery.scorer_path.read_bytes() == brightness_scorer.path.read_bytes()
    assert gallery.info["scorer"]["id"] == brightness_scorer.id


def test_kept_photos_carry_no_metadata(gallery: Gallery) -> None:
    for row in range(len(gallery)):
        for picture in (gallery.photo(row), gallery.thumb(row)):
            with Image.open(BytesIO(picture)) as picture:
                assert not picture.getexif()
                assert max(picture.size) <= FLAT.photo_side


@pytest.mark.parametrize(("asked", "side"), [({}, 1024), ({"photo_side": 300}, 300)])
def test_photos_are_kept_as_large_as_asked(
    tmp_path: Path, brightness_scorer, asked: dict[str, int], side: int
) -> None:
    (tmp_path / "photos").mkdir()
    for shade in (90, 160):
        Image.new("RGB", (1500, 1200), (shade, 80, 70)).save(tmp_path / f"photos/{shade}.png")
    config = BuildConfig(map=False, faceless=True, **asked)
    photos, out = tmp_path / "photos", tmp_path / "out"
    gallery = build_gallery(photos, out, scorer=brightness_scorer, config=config)
    with Image.open(BytesIO(gallery.photo(0))) as kept:
        assert kept.size == (side, 4 * side // 5)


def test_kept_photos_of_no_size_are_refused() -> None:
    with pytest.raises(DataError, match="photo_side is 0; wanted 128 or more"):
        BuildConfig(photo_side=0)


def test_bad_photos_and_copies_are_left_out_and_counted(
    tmp_path: Path, photo_folder: Path, brightness_scorer
) -> None:
    photos = Path(shutil.copytree(photo_folder, tmp_path / "photos"))
    (photos / "text.jpg").write_text("not a photo")
    shutil.copyfile(photos / "photo-1.png", photos / "again.png")
    gallery = build_gallery(photos, tmp_path / "out", scorer=brightness_scorer, config=FLAT)
    assert len(gallery) == 8
    assert gallery.info["left_out"] == {"copies": 1, "unreadable": 1}


@pytest.fixture
def half_faceless(tmp_path: Path, photo_folder: Path) -> Path:
    """Eight photos, every other one without a face."""
    photos = Path(shutil.copytree(photo_folder, tmp_path / "half"))
    for number in range(0, 8, 2):
        draw_photo(number, face=False).save(photos / f"photo-{number}.png")
    return photos


def test_photo_without_a_face_is_no_selfie(
    half_faceless: Path, tmp_path: Path, brightness_scorer, caplog
) -> None:
    gallery = build_gallery(half_faceless, tmp_path / "out", scorer=brightness_scorer, config=FLAT)
    assert sorted(gallery.table["file"]) == [f"photo-{number}.png" for number in (1, 3, 5, 7)]
    assert gallery.info["left_out"] == {"copies": 0, "without a face": 4}
    told = [message.rpartition("/")[2] for message in caplog.messages]
    assert told == [f"photo-{number}.png: no face found" for number in (0, 2, 4, 6)]
    assert sum(len(part.table) for part in gallery.parts) == 4  # nothing else lies there


def test_faceless_keeps_it_also_where_a_build_goes_on(
    half_faceless: Path, tmp_path: Path, brightness_scorer, monkeypatch
) -> None:
    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(build, "renew", killed)
        build_gallery(half_faceless, tmp_path / "out", scorer=brightness_scorer, config=FLAT)
    config = BuildConfig(map=False, faceless=True)
    gallery = build_gallery(
        half_faceless, tmp_path / "out", scorer=brightness_scorer, config=config
    )
    assert gallery.table.set_index("file")["faces"].sort_index().tolist() == [0, 1] * 4
    assert all(gallery.photo(row) for row in range(8))


def test_folder_of_no_faces_says_how_to_keep_them(
    half_faceless: Path, tmp_path: Path, brightness_scorer
) -> None:
    for number in (1, 3, 5, 7):
        (half_faceless / f"photo-{number}.png").unlink()
    (half_faceless / "text.jpg").write_text("not a photo")
    wanted = "no face found in 4 of 5 photos in .*, 1 can't be read; keep .* by --faceless"
    with pytest.raises(DataError, match=wanted):
        build_gallery(half_faceless, tmp_path / "out", scorer=brightness_scorer, config=FLAT)


def test_of_equal_photos_the_one_that_the_table_names_is_kept(
    tmp_path: Path, photo_folder: Path, brightness_scorer
) -> None:
    for number in range(4):  # as an export keeps them: in the folder of a year and of an album
        for album in ("Beach", "Photos from 2023", "Zoo"):
            (tmp_path / "in" / album).mkdir(parents=True, exist_ok=True)
            shutil.copy(photo_folder / f"photo-{number}.png", tmp_path / "in" / album)
    named = [f"Photos from 2023/photo-{number}.png" for number in range(3)]
    given = pd.DataFrame({"file": ["Beach/photo-0.png", *named], "likes": [None, 5, 6, 7]})
    gallery = build_gallery(
        tmp_path / "in", tmp_path / "out", scorer=brightness_scorer, given=given, config=FLAT
    )
    likes = gallery.table.set_index("file")["likes"]
    assert likes[named].tolist() == [5, 6, 7]
    assert likes.index.difference(named).tolist() == ["Beach/photo-3.png"]
    assert gallery.info["left_out"] == {"copies": 8}


@pytest.mark.parametrize("on_disk", ["NFC", "NFD"])
def test_table_and_folder_may_compose_letters_differently(
    tmp_path: Path, photo_folder: Path, brightness_scorer, on_disk: str
) -> None:
    names = [f"zoë/photo-{n}.png" for n in range(8)]
    for name in names:
        target = tmp_path / "in" / unicodedata.normalize(on_disk, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(photo_folder / target.name, target)
    for spelled in (lambda n: unicodedata.normalize("NFD", n), lambda n: n.replace("/", "\\")):
        given = pd.DataFrame({"file": map(spelled, names), "likes": range(8)})
        gallery = build_gallery(
            tmp_path / "in", tmp_path / "out", scorer=brightness_scorer, given=given, config=FLAT
        )
        table = gallery.table.set_index("file")
        assert table.loc[names, "likes"].tolist() == list(range(8))


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ([1, "a", None, 2.5] * 2, ["1", "a", None, "2.5"] * 2),
        ([True, False, None, True] * 2, [True, False, None, True] * 2),
        ([2**70, 1] * 4, [str(2**70), "1"] * 4),
        ([float("inf"), 1.0] * 4, [None, 1.0] * 4),
    ],
    ids=["mixed", "yes, no and missing", "larger than files hold", "infinite"],
)
def test_any_column_that_json_holds_comes_along(
    tmp_path: Path, photo_folder: Path, brightness_scorer, values: list, kept: list
) -> None:
    rows = [{"file": f"photo-{n}.png", "hair, colour": value} for n, value in enumerate(values)]
    (tmp_path / "given.json").write_text(json.dumps(rows))
    for given in (store.read_table(tmp_path / "given.json"), pd.DataFrame(rows)):
        gallery = build_gallery(
            photo_folder, tmp_path / "out", scorer=brightness_scorer, given=given
        )
        column = gallery.table.sort_values("file")["hair, colour"].astype(object)
        assert column.where(column.notna(), None).tolist() == kept
        assert list_choices(gallery)


def test_killed_build_goes_on_where_it_stopped(
    tmp_path: Path, photo_folder: Path, brightness_scorer, monkeypatch
) -> None:
    monkeypatch.setattr(intake, "SHARD", 3)
    examined: list[str] = []
    examine = measure._examine

    def counting(photo: Image.Image, path: Path, **settings):
        examined.append(path.name)
        if len(examined) == 7:
            raise KeyboardInterrupt
        return examine(photo, path, **settings)

    monkeypatch.setattr(measure, "_examine", counting)
    with pytest.raises(KeyboardInterrupt):
        build_gallery(photo_folder, tmp_path / "out", scorer=brightness_scorer, config=FLAT)
    with pytest.raises(DataError, match="no finished gallery"):
        Gallery.open(tmp_path / "out")
    first = len(examined)
    gallery = build_gallery(photo_folder, tmp_path / "out", scorer=brightness_scorer, config=FLAT)
    assert len(gallery) == 8
    assert len(examined) - first == 2  # two whole shards of three were kept


def test_places_that_were_found_are_taken_up(
    tmp_path: Path, photo_folder: Path, brightness_scorer, monkeypatch
) -> None:
    def killed(*_, **__):
        raise KeyboardInterrupt

    def never(*_, **__):
        raise AssertionError("made twice")

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(renewal, "draw_map", killed)
        build_gallery(photo_folder, tmp_path / "out", scorer=brightness_scorer)
    monkeypatch.setattr(renewal, "lay_out", never)
    gallery = build_gallery(photo_folder, tmp_path / "out", scorer=brightness_scorer)
    assert gallery.has_map


def test_failed_rebuild_leaves_the_old_gallery(own_copy: Path, brightness_scorer) -> None:
    before = {path: digest(path) for path in own_copy.rglob("*") if path.is_file()}
    empty = own_copy.with_name("empty")
    empty.mkdir()
    (empty / "text.jpg").write_text("not a photo")
    with pytest.raises(DataError, match="no photo of 1"):
        build_gallery(empty, own_copy, scorer=brightness_scorer)
    assert before == {path: digest(path) for path in before}


def test_folder_with_other_files_is_not_overwritten(
    tmp_path: Path, photo_folder: Path, brightness_scorer
) -> None:
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(DataError, match="holds other files"):
        build_gallery(photo_folder, tmp_path, scorer=brightness_scorer)
    assert (tmp_path / "diary.txt").read_text() == "mine"


def test_table_that_names_absent_photos_is_refused(
    tmp_path: Path, photo_folder: Path, brightness_scorer
) -> None:
    given = pd.DataFrame({"file": ["photo-1.png", "gone.png"]})
    with pytest.raises(DataError, match=r"not in the folder: 1 photo of the table.*gone.png"):
        build_gallery(photo_folder, tmp_path / "out", scorer=brightness_scorer, given=given)


def test_gallery_among_its_photos_is_not_made_of(
    tmp_path: Path, photo_folder: Path, brightness_scorer
) -> None:
    photos = Path(shutil.copytree(photo_folder, tmp_path / "photos"))
    for _ in range(2):
        gallery = build_gallery(photos, photos / "out", scorer=brightness_scorer, config=FLAT)
        assert len(gallery) == 8


@pytest.mark.parametrize("count", [1, 2, 5])
def test_few_photos_make_a_gallery_too(tmp_path: Path, brightness_scorer, count: int) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    names = ["it's.png", 'q"uote.png', "лицо.png", "two\nlines.png", "plain.png"]
    for number in range(count):
        draw_photo(number).save(photos / names[number])
    gallery = build_gallery(photos, tmp_path / "out", scorer=brightness_scorer)
    assert sorted(gallery.table["file"]) == sorted(names[:count])
    assert gallery.has_map


def test_posts_bring_their_labels(tmp_path: Path, caplog) -> None:
    posts = pd.DataFrame(
        {
            "file": [f"{n}.jpg" for n in range(200)],
            "user": [f"u{n // 4}" for n in range(200)],
            "followers": range(200, 400),
            "likes": range(200),
            "tags": 0,
            "posted_at": [f"2026-{1 + n % 8:02d}-01" for n in range(200)],
        }
    )
    store.write_table(tmp_path / "posts.csv", posts)
    assert build.given_posts(tmp_path / "posts.csv")["label"].notna().sum() > 100
    store.write_table(tmp_path / "few.csv", posts.head(20))
    assert "label" not in build.given_posts(tmp_path / "few.csv")
    assert "more posts would give some" in caplog.text
    assert "--group-size" not in caplog.text  # a flag of another command
