"""The command as a person types it; the library's own tests hold the numbers to account."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from selfie_core.base import store
from tests.posts.test_labels import some_posts
from tests.support.drawn import draw_photo
from tests.support.typed import one_line, run


def test_help_imports_nothing_heavy() -> None:
    code = """import sys; from selfie_core.cli.main import parser; parser().format_help()
sys.exit(any(name in sys.modules for name in ("torch", "pandas", "numpy", "PIL")))"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_app_leaves_the_demo_gallery_to_be_opened_by_its_pages() -> None:
    code = """import os, sys; from selfie_core.cli.main import main
os.execv = lambda *command: sys.exit("selfie_core.gallery.gallery" in sys.modules)
main(["app", "--no-browser"])"""
    named = [name for name in os.environ if name.startswith("SELFIE_")]
    plain = {name: value for name, value in os.environ.items() if name not in named}
    assert subprocess.run([sys.executable, "-c", code], check=False, env=plain).returncode == 0


def test_wrong_usage_exits_with_2() -> None:
    with pytest.raises(SystemExit) as stop:
        run("score")
    assert stop.value.code == 2


def test_named_set_and_gallery_leave_out_what_has_no_face(tmp_path: Path, capsys) -> None:
    (tmp_path / "in").mkdir()
    for number, name in enumerate(("ada-vale", "bo-stern")):
        draw_photo(3, face=number == 0).save(tmp_path / "in" / f"{name}.png")
    for command in ("build", "celebrities"):
        assert run(command, tmp_path / "in", "--out", tmp_path / command) == 0
        assert "1 photo (1 without a face left out; --faceless keeps" in capsys.readouterr().err
        assert run(command, tmp_path / "in", "--out", tmp_path / command, "--faceless") == 0
        assert "2 photos; " in capsys.readouterr().err


def test_simulate_then_label(tmp_path: Path, capsys) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    lines = []
    for number in range(150):
        (photos / f"{number}.png").write_bytes(b"simulate reads no photo")
        lines.append({"file": f"{number}.png", "light": number / 150, "faces": 1})
    store.write_table(tmp_path / "factors.csv", pd.DataFrame(lines))
    posts, labels = tmp_path / "posts.csv", tmp_path / "labels.parquet"
    assert run("simulate", photos, tmp_path / "factors.csv", "--out", posts) == 0
    assert run("label", posts, "--out", labels, "--group-size", 50) == 0
    table = store.read_table(labels)
    assert list(table) == ["file", "user", "audience", "group", "label", "split"]
    assert set(table["label"].dropna()) == {0, 1}


@pytest.mark.parametrize("kind", ["continuum", "best", "worst"])
def test_grid_has_the_asked_size(built: Path, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "grid.jpg"
    words = ["--rows", 2, "--columns", 3, "--cell", 32]
    assert run("grid", built, "--kind", kind, *words, "--out", out) == 0
    with Image.open(out) as picture:
        assert picture.size == (96, 64)


def test_map_poster_is_one_picture(built: Path, tmp_path: Path) -> None:
    assert run("map", built, "--poster", "--size", 600, "--out", tmp_path / "map.jpg") == 0
    with Image.open(tmp_path / "map.jpg") as picture:
        assert picture.size == (600, 600)


def test_build_of_its_own_photos_opens(tmp_path: Path, photo_folder: Path, capsys) -> None:
    gallery = tmp_path / "my gallery"
    assert run("build", photo_folder, "--out", gallery) == 0
    assert f"8 photos; open it by: selfie app '{gallery}'" in capsys.readouterr().err
    assert run("grid", gallery, "--out", tmp_path / "grid.jpg") == 0
    capsys.readouterr()
    assert run("app", tmp_path / "a b") == 1
    assert f"selfie build PHOTOS --out '{tmp_path / 'a b'}'" in one_line(capsys)


def test_celebrities_are_ranked_by_name(tmp_path: Path, capsys) -> None:
    folder = tmp_path / "stars"
    folder.mkdir()
    for number, name in enumerate(["ada-vale", "ada-vale-2", "bruno_quill"]):
        draw_photo(number).save(folder / f"{name}.png")
    assert run("celebrities", folder, "--out", tmp_path / "set") == 0
    shown = capsys.readouterr().out
    assert "Ada Vale" in shown
    assert "Bruno Quill" in shown
    assert (tmp_path / "set" / "sheet.jpg").is_file()


def bad_posts(tmp_path: Path, **change: object) -> Path:
    posts = some_posts(400).assign(**change)
    store.write_table(
        tmp_path / "posts.csv", posts.drop(columns=[c for c, v in change.items() if v is None])
    )
    return tmp_path / "posts.csv"


def test_posts_without_a_column_are_refused(tmp_path: Path, capsys) -> None:
    path = bad_posts(tmp_path, likes=None)
    assert run("label", path, "--out", tmp_path / "l.parquet") == 1
    assert 'lacks column "likes"' in one_line(capsys)
    assert not (tmp_path / "l.parquet").exists()


def test_table_that_is_read_is_not_written_over(tmp_path: Path, capsys) -> None:
    posts = bad_posts(tmp_path)
    before = posts.read_bytes()
    same = tmp_path / "." / ".." / tmp_path.name / posts.name
    assert run("label", posts, "--out", same) == 1
    assert "is the file that is read; name another" in one_line(capsys)
    for file in store.read_table(posts)["file"]:
        (tmp_path / file).touch()
    assert run("simulate", tmp_path, posts, "--out", same) == 1
    assert posts.read_bytes() == before


def test_negative_count_is_refused(tmp_path: Path, capsys) -> None:
    assert run("label", bad_posts(tmp_path, likes=-1), "--out", tmp_path / "l.parquet") == 1
    assert 'likes "-1"' in one_line(capsys)


@pytest.mark.parametrize(
    "flags",
    [
        ["label", "--group-size", 0],
        ["label", "--val-share", 2],
        ["simulate", "--agreement", 0.5],
        ["simulate", "--newest", "soon"],
        ["train", "--epochs", 0],
        ["build", "--seed", 5_000_000_000],
    ],
)
def test_numbers_out_of_bounds_are_refused(flags: list, tmp_path: Path, capsys) -> None:
    posts = bad_posts(tmp_path)
    inputs = {"label": [posts], "simulate": [tmp_path, posts], "train": [tmp_path, posts]}
    inputs["build"] = [tmp_path]
    out = tmp_path / ("x.safetensors" if flags[0] == "train" else "x.csv")
    for file in store.read_table(posts)["file"]:
        (tmp_path / file).touch()
    assert run(flags[0], *inputs[flags[0]], *flags[1:], "--out", out) == 1
    assert "wanted" in one_line(capsys)


def test_build_with_posts_of_absent_photos_is_refused(
    tmp_path: Path, photo_folder: Path, capsys
) -> None:
    path = bad_posts(tmp_path)
    assert run("build", photo_folder, "--posts", path, "--out", tmp_path / "g") == 1
    assert "not in the folder" in one_line(capsys)


def test_training_on_absent_photos_is_refused(tmp_path: Path, photo_folder: Path, capsys) -> None:
    labels = tmp_path / "labels.parquet"
    assert run("label", bad_posts(tmp_path), "--out", labels) == 0
    capsys.readouterr()
    assert run("train", photo_folder, labels, "--out", tmp_path / "s.safetensors") == 1
    assert "labelled photos are not in" in one_line(capsys)


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        (["score", "{empty}"], "no photos in"),
        (["build", "{empty}", "--out", "{tmp}/g"], "no photos in"),
        (["crop", "{tmp}/gone.jpg"], "does not exist"),
        (["crop", "{photo}", "--out", "{photo}"], "photo-1-crop-1.jpg: File exists; a file stands"),
        (["advise", "{photo}", "--out", "{photo}/a"], "file stands where a folder is wanted"),
        (["crop", "{photo}", "--aspect", "wide"], "--aspect"),
        (["score", "{photo}", "--gallery", "{empty}"], "selfie build"),
        (["score", "{photo}", "--scorer", "{photo}"], "damaged or no scorer"),
        (["score", "{photo}", "--gallery", "{built}"], "damaged or no scorer"),
        (["score", "{photo}", "--out", "{tmp}/scores.xls"], "wanted an ending"),
        (["score", "{photo}", "--out", "."], ". is a folder; name a file in it"),
        (["audit", "{built}", "--out", "."], ". is a folder; name a file in it"),
        (["export", "{built}", "--out", "{tmp}"], "is a folder; name a file in it"),
        (["score", "{photo}", "--out", "{tmp}/" + "s" * 300 + ".csv"], "File name too long"),
        (["build", "{photos}", "--out", "{tmp}/" + "g" * 300], "File name too long"),
        (["grid", "{tmp}/none", "--out", "{tmp}/g.jpg"], "no gallery in"),
        (["grid", "{built}", "--out", "{tmp}/g.txt"], "wanted an ending"),
        (["map", "{built}", "--out", "{tmp}/map.jpg"], "add --poster"),
        (["app", "{tmp}/none"], "no gallery in"),
        (["app", "{built}", "--watch", "{tmp}/none"], "wanted a folder of photos"),
        (["app", "--host", "192.0.2.1"], "can't listen at 192.0.2.1: "),
        (["app", "--host", "no.such.host.invalid"], "choose another --host or --port"),
        (["app", "--port", "99999"], "port 99999: "),
        (["restore", "{tmp}/none.tar", "{tmp}/g"], "none.tar: No such file or directory; check"),
        (["phone", "{tmp}/none", "--out", "{tmp}/p"], "no gallery in"),
        (["phone", "{built}", "--out", "{tmp}/p"], "is damaged or no scorer"),
        (["phone", "--out", "{photo}/p"], "file stands where a folder is wanted"),
    ],
)
def test_mistakes_are_one_line_and_exit_1(
    words: list[str], seen: str, tmp_path: Path, photo_folder: Path, built: Path, capsys
) -> None:
    (tmp_path / "empty").mkdir()
    places = {
        "empty": tmp_path / "empty",
        "tmp": tmp_path,
        "photos": photo_folder,
        "built": built,
        "photo": photo_folder / "photo-1.png",
    }
    assert run(*(word.format(**places) for word in words)) == 1
    assert seen in one_line(capsys)
