"""A named set: names of files, the ranking, the sheet."""

import io
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from selfie_core.base.errors import DataError
from selfie_core.gallery.celebrities import (
    build_celebrities,
    celebrity_sheet,
    name_of,
    names_of,
    rank_celebrities,
    rank_names,
    score_dropped,
)
from selfie_core.gallery.columns import credit_of
from selfie_core.gallery.gallery import Gallery
from tests.support.drawn import draw_photo

FILES = {  # a higher number is a brighter photo, which the tests' scorer likes better
    "ada-vale.png": 1,
    "ada-vale-2.png": 6,
    "bruno_stern.png": 5,
    "josé-núñez.png": 2,
    "maximiliane-featherstonehaugh-of-elsewhere.png": 3,
}


@pytest.fixture(scope="module")
def named(tmp_path_factory, brightness_scorer) -> Gallery:
    photos = tmp_path_factory.mktemp("named")
    for file, number in FILES.items():
        draw_photo(number).save(photos / file)
    out = tmp_path_factory.mktemp("built") / "named"
    return build_celebrities(photos, out, scorer=brightness_scorer)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("ada-vale.jpg", "Ada Vale"),
        ("ada-vale-2.jpg", "Ada Vale"),
        ("Ada_Vale 03.webp", "Ada Vale"),
        ("ada.vale.(2).png", "Ada Vale"),
        ("ada-vale2.jpg", "Ada Vale"),
        ("josé-núñez.jpg", "José Núñez"),
        (unicodedata.normalize("NFD", "josé-núñez-4.jpg"), "José Núñez"),
        ("ian-McKay-12.jpg", "Ian McKay"),
        ("50-cent.jpg", "50 Cent"),
        ("李娜-2.jpg", "李娜"),
        ("7.jpg", "7"),
        ("---.jpg", "---"),
    ],
)
def test_file_tells_the_name(file, name):
    assert name_of(Path("some-folder") / file) == name


def test_name_stands_where_its_best_photo_stands(named):
    ranking = rank_celebrities(named)
    assert ranking["name"].tolist() == [
        "Ada Vale",
        "Bruno Stern",
        "Maximiliane Featherstonehaugh Of Elsewhere",
        "José Núñez",
    ]
    assert ranking["photos"].tolist() == [2, 1, 1, 1]
    assert named.table["file"].iloc[ranking["row"]].iat[0] == "ada-vale-2.png"
    assert (np.diff(ranking["score"]) < 0).all()
    assert ranking["percentile"].between(0, 100).all()


def test_gallery_without_names_says_how_to_make_a_named_set(gallery):
    with pytest.raises(DataError, match='no column "name".*selfie celebrities FOLDER'):
        rank_celebrities(gallery)


def test_sheet_falls_from_the_top_left(named):
    sheet = np.asarray(celebrity_sheet(named, columns=2, side=96).convert("L"), float)
    corner = {}  # the background of each photo, beside its head
    for place in range(4):
        left, top = 12 + place % 2 * 108, 12 + place // 2 * 132
        corner[place] = sheet[top + 80 : top + 90, left + 20 : left + 76].mean()
    assert corner[0] > corner[1] > corner[2] > corner[3]


def test_caption_is_written_below_each_photo_and_inside_the_sheet(named):
    sheet = np.asarray(celebrity_sheet(named, columns=4, side=96).convert("L"))
    captions = sheet[12 + 96 :]
    paper = captions.max()
    for place in range(4):
        left = 12 + place * 108
        assert captions[:, left : left + 96].min() < paper - 60
    assert (captions[:, -12:] == paper).all()


def test_fewer_names_than_columns_make_a_narrower_sheet(named):
    assert celebrity_sheet(named, columns=8, side=64).width == 4 * 72 + 8


def test_spread_of_a_name_is_over_all_its_photos(named):
    ada = rank_celebrities(named).set_index("name").loc["Ada Vale"]
    scores = named.table.loc[named.table["name"] == "Ada Vale", "score"]
    assert (ada["worst"], ada["mean"], ada["score"]) == pytest.approx(
        (scores.min(), scores.mean(), scores.max())
    )
    alone = rank_celebrities(named).set_index("name").loc["Bruno Stern"]
    assert alone["worst"] == alone["mean"] == alone["score"]


def test_mean_puts_one_lucky_photo_in_its_place(named):
    by_mean = rank_celebrities(named, order="mean")
    assert by_mean["name"].tolist() == [
        "Bruno Stern",
        "Ada Vale",
        "Maximiliane Featherstonehaugh Of Elsewhere",
        "José Núñez",
    ]
    assert (np.diff(by_mean["mean"]) <= 0).all()
    with pytest.raises(DataError, match="take best or mean"):
        rank_celebrities(named, order="luck")  # type: ignore[arg-type]


def test_table_beside_the_photos_gives_names_and_credits(tmp_path, brightness_scorer):
    for number, file in enumerate(("a.png", "b.png", "ada-vale.png")):
        draw_photo(number).save(tmp_path / file)
    table = pd.DataFrame(
        {
            "file": ["a.png", "b.png"],
            "name": ["Bruno Stern", None],
            "author": ["Ann", "Bo"],
            "licence": ["CC0", None],
        }
    )
    table.to_csv(tmp_path / "photos.csv", index=False)
    stars = build_celebrities(tmp_path, tmp_path / "out", scorer=brightness_scorer)
    known = stars.table.set_index("file")
    assert known["name"].to_dict() == {
        "a.png": "Bruno Stern", "b.png": "B", "ada-vale.png": "Ada Vale",
    }  # fmt: skip
    assert credit_of(known.loc["a.png"]) == {
        "author": "Ann", "licence": "CC0", "licence_url": "", "page": "",
    }  # fmt: skip
    assert credit_of(known.loc["b.png"]) is None
    assert credit_of(known.loc["ada-vale.png"]) is None


def test_sheet_writes_a_name_of_two_lines_on_one_and_needs_a_name(named):
    two, none = (
        replace(named, table=named.table.assign(name=name)) for name in ("Ada\nVale", None)
    )
    assert celebrity_sheet(two).width < celebrity_sheet(named).width
    with pytest.raises(DataError, match="0 names; a sheet holds 1 to 1000"):
        celebrity_sheet(none)


def test_table_without_files_is_refused(tmp_path, brightness_scorer):
    draw_photo(1).save(tmp_path / "ada-vale.png")
    (tmp_path / "photos.csv").write_text("photo,name\nada-vale.png,Ada\n")
    with pytest.raises(DataError, match='photos.csv lacks column "file"; found: photo, name'):
        build_celebrities(tmp_path, tmp_path / "out", scorer=brightness_scorer)


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["ada-vale.jpg", "ada-vale-2.jpg", "bruno.png"], ["Ada Vale", "Ada Vale", "Bruno"]),
        (["stars/ada.jpg", "stars/bruno.jpg"], ["Ada", "Bruno"]),  # one folder is no name
        (["stars/ada-vale/1.jpg", "stars/bruno/IMG_2.jpg"], ["Ada Vale", "Bruno"]),
        (["ada/1.jpg", "bruno.jpg"], ["Ada", "Bruno"]),
    ],
)
def test_dropped_photos_are_named_by_file_or_by_folder(paths, names):
    assert names_of([Path(path) for path in paths]) == names


def test_dropped_photos_are_ranked_and_a_broken_one_says_why(brightness_scorer):
    def file(number: int) -> bytes:
        content = io.BytesIO()
        draw_photo(number).save(content, "PNG")
        return content.getvalue()

    files = [("ada/1.png", file(2)), ("bruno/1.png", file(5)), ("ada/2.png", file(7))]
    table, squares = score_dropped([*files, ("ada/3.png", b"no")], brightness_scorer, side=64)
    assert [square and square.size for square in squares] == [(64, 64)] * 3 + [None]
    assert table["error"].iat[3].startswith("photo ") and np.isnan(table["percentile"].iat[3])
    readable = table[table["error"] == ""]
    ranking = rank_names(readable)
    assert ranking[["name", "row", "photos"]].to_numpy().tolist() == [
        ["Ada", 2, 2],
        ["Bruno", 1, 1],
    ]
    assert ranking["score"].tolist() == sorted(readable["score"], reverse=True)[:2]
    assert rank_names(readable, order="mean")["name"].tolist() == ["Bruno", "Ada"]
