"""The UCF Selfie dataset in its exact format, drawn small, and what is wrong with copies of it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.settings import LabelConfig
from selfie_core.cli import main as cli
from selfie_core.gallery.gallery import Gallery
from selfie_core.posts.labels import label_posts
from selfie_core.posts.ucf import ATTRIBUTES, TABLE, read_ucf
from tests.support.drawn import draw_photo


def line(name: str, score: float = 4.0, **attributes: int) -> str:
    """Return a line as the dataset has it: 38 fields with a space between."""
    codes = [str(attributes.get(attribute, -1)) for attribute in ATTRIBUTES]
    return " ".join([name, f"{score:.3f}", *codes])


def dataset(folder: Path, lines: list[str], *, photos: bool = True) -> Path:
    images = folder / "Selfie-dataset" / "images"
    images.mkdir(parents=True)
    (folder / "Selfie-dataset" / TABLE).write_text("\n".join(lines) + "\n")
    for number, text in enumerate(lines if photos else []):
        draw_photo(number % 8).save(images / f"{text.split()[0]}.jpg")
    return folder


def test_line_has_the_38_fields_of_the_dataset() -> None:
    assert len(line("a").split()) == 38
    assert ATTRIBUTES[:4] == ("partial_faces", "is_female", "baby", "child")
    assert ATTRIBUTES[-1] == "dim_lighting"


def test_codes_become_yes_no_and_missing(tmp_path: Path) -> None:
    folder = dataset(tmp_path, [line("12_a_n", 3.901, is_female=1, smiling=0)])
    made = read_ucf(folder)
    assert made.photos == folder / "Selfie-dataset" / "images"
    row = made.posts.iloc[0]
    assert (row["file"], row["popularity"]) == ("12_a_n.jpg", 3.901)
    assert row["is_female"] == 1
    assert row["wearing_hat"] == 0
    assert row["smiling"] is pd.NA
    assert (made.photos / row["file"]).is_file()


def test_babies_and_children_are_left_out_and_so_is_a_doubt(tmp_path: Path) -> None:
    lines = [line("a", baby=1), line("b", child=1), line("c", child=0), line("d"), line("d")]
    made = read_ucf(dataset(tmp_path, lines))
    assert made.posts["file"].tolist() == ["d.jpg"]
    assert made.left_out == {
        "babies or children": 2,
        "perhaps babies or children": 1,
        "named twice": 1,
    }


def test_missing_photos_are_counted(tmp_path: Path) -> None:
    folder = dataset(tmp_path, [line("a"), line("b")])
    (folder / "Selfie-dataset" / "images" / "a.jpg").unlink()
    made = read_ucf(folder / "Selfie-dataset")
    assert made.left_out == {"without their photo": 1}
    assert len(made.posts) == 1


def test_a_name_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    draw_photo(1).save(tmp_path / "private.jpg")
    folder = dataset(tmp_path / "set", [line("a")])
    with (folder / "Selfie-dataset" / TABLE).open("a") as file:
        file.write(line("../../../private") + "\n")
    assert read_ucf(folder).posts["file"].tolist() == ["a.jpg"]


def test_first_row_is_kept_and_a_header_is_not(tmp_path: Path) -> None:
    plain = read_ucf(dataset(tmp_path / "plain", [line("a"), line("b")]))
    header = " ".join(["image", "score", *ATTRIBUTES])
    folder = dataset(tmp_path / "headed", [line("a"), line("b")])
    table = folder / "Selfie-dataset" / TABLE
    table.write_text(f"{header}\n{table.read_text()}\n\n")
    assert read_ucf(folder).posts.equals(plain.posts)
    assert len(plain.posts) == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_table_saved_again_on_windows_is_the_same(tmp_path: Path, encoding: str) -> None:
    plain = read_ucf(dataset(tmp_path / "plain", [line("a"), line("b")]))
    folder = dataset(tmp_path / "again", [line("a"), line("b")])
    table = folder / "Selfie-dataset" / TABLE
    table.write_bytes(table.read_text().replace("\n", "\r\n").encode(encoding))
    made = read_ucf(folder)
    assert made.posts.equals(plain.posts)
    assert made.left_out == plain.left_out == {}


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        ([line("a"), line("b") + " 1"], "line 2 has 39 fields; wanted 38"),
        ([line("a"), "b 4.0"], "line 2 has 2 fields; wanted 38"),
        ([line("a", is_female=2)], 'is_female "2"; wanted 1, -1 or 0'),
        ([line("a"), line("b", float("nan"))], 'line 2 has score "nan"'),
        ([" ".join(["name", "score", *reversed(ATTRIBUTES)])], "a header with"),
        ([line("a", baby=1)], "no photo of"),
        ([""], "it is empty"),
    ],
)
def test_another_form_is_refused_in_one_line(tmp_path: Path, lines: list[str], seen: str) -> None:
    folder = dataset(tmp_path, lines, photos=False)
    for name in "ab":
        draw_photo(1).save(folder / "Selfie-dataset" / "images" / f"{name}.jpg")
    with pytest.raises(DataError) as error:
        read_ucf(folder)
    assert seen in str(error.value)
    assert "\n" not in str(error.value)


def test_folder_without_the_dataset_says_what_to_unpack(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Selfie-dataset\.tar\.gz"):
        read_ucf(tmp_path)
    (tmp_path / TABLE).write_text(line("a"))
    with pytest.raises(DataError, match="no folder images"):
        read_ucf(tmp_path)


def test_the_popular_half_is_good_and_the_split_hangs_on_the_names() -> None:
    scores = np.random.default_rng(0).permutation(200)
    posts = pd.DataFrame({"file": [f"{n}.jpg" for n in range(200)], "popularity": scores / 10})
    labels = label_posts(posts)
    assert (labels["label"] == (scores >= 100)).all()
    assert labels["user"].isna().all()
    assert set(labels["split"]) == {"train", "val", "test"}
    again = label_posts(posts.sample(frac=1, random_state=1))
    assert again.sort_index()["split"].equals(labels["split"])
    with pytest.raises(DataError, match="fewer than one peer group of 500"):
        label_posts(posts, config=LabelConfig(group_size=500))


@pytest.mark.parametrize(("table", "seen"), [(False, "holds other files"), (True, "no UCF import")])
def test_a_folder_in_use_is_left_alone(tmp_path: Path, capsys, table: bool, seen: str) -> None:
    folder = dataset(tmp_path / "set", [line("a"), line("b")])
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "photos").write_text("mine")
    if table:
        (tmp_path / "mine" / "posts.csv").write_text("file,likes\na.jpg,3\n")
    words = ["import", "ucf", str(folder), "--out", str(tmp_path / "mine"), "--group-size", "2"]
    assert cli.main(words) == 1
    assert seen in capsys.readouterr().err
    assert (tmp_path / "mine" / "photos").read_text() == "mine"


@pytest.mark.slow
def test_from_the_dataset_to_a_gallery(tmp_path: Path, capsys) -> None:
    lines = [
        line(f"s{n}", 3 + n % 8 / 4, is_female=1 if n % 2 else -1, youth=n % 3 - 1)
        for n in range(60)
    ]
    folder = dataset(tmp_path, [*lines, line("kid", 9, child=1)])
    photos, out = tmp_path / "ucf" / "photos", tmp_path / "ucf"

    def run(*words: object) -> int:
        return cli.main([str(word) for word in words])

    few = ("--group-size", 20, "--val-share", 0.2, "--test-share", 0.2)
    assert run("import", "ucf", folder, "--out", out, *few) == 0
    said = capsys.readouterr().err
    assert "left out: 1 babies or children" in said
    assert "30 good and 30 bad" in said
    assert not (photos / "kid.jpg").exists()
    again = tmp_path / "again.parquet"
    assert run("label", out / "posts.csv", "--out", again, *few) == 0
    pd.testing.assert_frame_equal(store.read_table(again), store.read_table(out / "labels.parquet"))

    scorer = out / "scorer.safetensors"
    small = ("--epochs", 1, "--image-size", 64, "--fc7-width", 16)
    assert run("train", photos, out / "labels.parquet", "--out", scorer, *small) == 0
    words = ("--posts", out / "posts.csv", "--groups", "is_female,youth")
    files = ("--out", out / "metrics.json", "--report", out / "report.html")
    assert run("evaluate", scorer, photos, out / "labels.parquet", *words, *files) == 0
    facts = store.read_json(out / "metrics.json")
    assert facts["photos"] == 12
    assert facts["linear"]["auc"] > 0.5
    assert {row["column"] for row in facts["groups"]} == {"is_female", "youth"}
    assert any("users are not known" in note for note in facts["notes"])
    assert "mean brightness" in (out / "report.html").read_text("utf-8")

    gallery = tmp_path / "gallery"
    words = ("--posts", out / "posts.csv", "--scorer", scorer, "--out", gallery)
    assert run("build", photos, *words) == 0
    table = Gallery.open(gallery).table
    assert set(table["is_female"].dropna()) == {0, 1}
    assert "popularity" in table
    assert len(table) == len(set(table["file"])) <= 60
