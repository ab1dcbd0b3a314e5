"""The command as a person types it; the library's own tests hold the numbers to account."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image, PngImagePlugin

from selfie_core.base import store
from selfie_core.base.handed_out import xmp_note
from selfie_core.cli import main as cli
from selfie_core.gallery.gallery import Gallery
from selfie_core.scorer import weights
from tests.posts.test_labels import some_posts
from tests.support.drawn import draw_photo


def run(*words: object) -> int:
    return cli.main([str(word) for word in words])


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    shown = capsys.readouterr().err
    assert len(shown.strip().splitlines()) == 1, shown
    assert "Traceback" not in shown
    return shown


def test_help_imports_nothing_heavy() -> None:
    code = """import sys; from selfie_core.cli.main import parser; parser().format_help()
sys.exit(any(name in sys.modules for name in ("torch", "pandas", "numpy", "PIL")))"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_wrong_usage_exits_with_2() -> None:
    with pytest.raises(SystemExit) as stop:
        run("score")
    assert stop.value.code == 2


@pytest.fixture
def mixed_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "mixed"
    folder.mkdir()
    draw_photo(2).save(folder / 'it\'s a "photo".png')
    draw_photo(3).save(folder / "лицо.png")
    draw_photo(4, face=False).save(folder / "wall.png")
    (folder / "text.jpg").write_text("not a photo")
    (folder / "empty.jpg").touch()
    return folder


@pytest.mark.parametrize("ending", [".csv", ".json", ".parquet"])
def test_score_gives_one_row_a_file(mixed_folder: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"scores{ending}"
    assert run("score", mixed_folder, tmp_path / "gone.jpg", "--out", out) == 0
    table = store.read_table(out)
    assert list(table) == ["file", "score", "percentile", "faces", "error", "note"]
    assert len(table) == 6
    good = table["error"].isna()
    assert good.sum() == 3
    notes = table.set_index(table["file"].map(lambda file: Path(file).name))["note"].dropna()
    assert notes.to_dict() == {"wall.png": "no face found"}
    assert table.loc[good, "score"].between(0, 1).all()
    assert table.loc[good, "percentile"].between(0, 100).all()
    assert table.loc[~good, "score"].isna().all()


@pytest.fixture
def foreign_folder(tmp_path: Path) -> bytes:
    """A folder of a system that wrote Latin-1: one name is no UTF-8."""
    folder = os.fsencode(tmp_path / "foreign")
    os.mkdir(folder)
    for number, name in enumerate((b"ren\xe9e.png", b"plain.png", "лицо.png".encode())):
        with open(folder + b"/" + name, "wb") as file:
            draw_photo(number).save(file, "PNG")
    return folder


@pytest.mark.parametrize("ending", [".csv", ".json", ".parquet"])
def test_name_that_is_no_utf8_keeps_its_row(foreign_folder, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"scores{ending}"
    assert run("score", os.fsdecode(foreign_folder), "--no-faces", "--out", out) == 0
    table = store.read_table(out)
    assert {Path(file).name for file in table["file"]} == {"ren\\xe9e.png", "plain.png", "лицо.png"}
    assert table["score"].notna().all()


def test_name_that_is_no_utf8_is_taken_by_every_command(foreign_folder, tmp_path, capsys) -> None:
    folder = os.fsdecode(foreign_folder)
    assert run("build", folder, "--out", tmp_path / "gallery") == 0
    assert "ren\\xe9e.png" in set(Gallery.open(tmp_path / "gallery").table["file"])
    assert run("celebrities", folder, "--out", tmp_path / "set") == 0
    assert "Ren\\xe9e" in capsys.readouterr().out
    photo = os.fsdecode(foreign_folder + b"/ren\xe9e.png")
    for words in (["crop", photo, "--mode", "fast"], ["advise", photo]):
        assert run(*words, "--json", "--out", tmp_path / words[0]) == 0
        assert json.loads(capsys.readouterr().out)["file"].endswith("ren\\xe9e.png")
        assert list((tmp_path / words[0]).iterdir())


def test_console_that_cannot_print_a_name_gets_the_rest(mixed_folder: Path) -> None:
    code = "import sys; from selfie_core.cli.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, "score", str(mixed_folder)], capture_output=True, check=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert b"\\u043b\\u0438\\u0446\\u043e.png" in done.stdout


def test_score_prints_a_table(mixed_folder: Path, capsys) -> None:
    assert run("score", mixed_folder) == 0
    shown = capsys.readouterr().out
    assert "лицо.png" in shown
    assert " %" in shown
    assert shown.count("no face found") == 1


def test_named_set_and_gallery_leave_out_what_has_no_face(tmp_path: Path, capsys) -> None:
    (tmp_path / "in").mkdir()
    for number, name in enumerate(("ada-vale", "bo-stern")):
        draw_photo(3, face=number == 0).save(tmp_path / "in" / f"{name}.png")
    for command in ("build", "celebrities"):
        assert run(command, tmp_path / "in", "--out", tmp_path / command) == 0
        assert "1 photos (1 without a face left out; --faceless keeps" in capsys.readouterr().err
        assert run(command, tmp_path / "in", "--out", tmp_path / command, "--faceless") == 0
        assert "2 photos; " in capsys.readouterr().err


def test_crop_writes_what_it_says(tmp_path: Path, capsys) -> None:
    photo = tmp_path / "photo.png"
    draw_photo(4, size=(240, 160)).save(photo)
    assert run("crop", photo, "--count", 2, "--json", "--out", tmp_path / "crops") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["file"] == str(photo)
    assert set(answer["crops"][0]) == {"left", "top", "right", "bottom", "score", "keeps_face"}
    files = sorted((tmp_path / "crops").iterdir())
    assert len(files) == len(answer["crops"])
    for crop, file in zip(answer["crops"], files, strict=True):
        with Image.open(file) as picture:
            assert picture.size == (crop["right"] - crop["left"], crop["bottom"] - crop["top"])
            assert picture.width == picture.height
            assert not picture.getexif() and picture.info["xmp"] == xmp_note("crop")


@pytest.mark.parametrize("command", [["crop", "--mode", "fast", "--count", "2"], ["advise"]])
def test_pictures_of_another_photo_of_that_name_are_kept(tmp_path: Path, capsys, command) -> None:
    photos = [tmp_path / name for name in ("a/IMG_1.JPG", "b/IMG_1.JPG", "b/IMG_1.png")]
    for number, photo in enumerate(photos):
        photo.parent.mkdir(exist_ok=True)
        draw_photo(2 * number, size=(160, 120)).save(photo)
    wrote = []
    for photo in (*photos, photos[1]):  # the last once more: its own pictures are made anew
        assert run(*command, photo, "--out", tmp_path / "out") == 0
        lines = capsys.readouterr().err.splitlines()
        wrote.append([line.removeprefix("wrote ") for line in lines if line.startswith("wrote")])
    assert wrote[3] == wrote[1]
    assert sorted([*wrote[0], *wrote[1], *wrote[2]]) == sorted(
        map(str, (tmp_path / "out").iterdir())
    )


def test_picture_of_another_program_is_kept(tmp_path: Path) -> None:
    photo, notes = tmp_path / "a.png", PngImagePlugin.PngInfo()
    draw_photo(4, size=(160, 120)).save(photo)
    notes.add_text("comment", "mine")  # a text, which the comment of a JPEG is not
    draw_photo(0).save(kept := tmp_path / "a-crop-1.jpg", "PNG", pnginfo=notes)
    old = kept.read_bytes()
    assert run("crop", photo, "--mode", "fast", "--count", 1, "--out", tmp_path) == 0
    assert kept.read_bytes() == old and (tmp_path / "a-2-crop-1.jpg").is_file()


def test_pictures_of_a_long_name_are_written(tmp_path: Path) -> None:
    photo = tmp_path / ("é" * 125 + ".png")  # 254 bytes
    draw_photo(4, size=(160, 120)).save(photo)
    assert run("crop", photo, "--mode", "fast", "--count", 1, "--out", tmp_path / "crops") == 0
    [made] = (tmp_path / "crops").iterdir()
    assert made.name.endswith("é-crop-1.jpg")
    out = tmp_path / ("s" * 251 + ".csv")
    assert run("score", photo, "--no-faces", "--out", out) == 0
    assert len(store.read_table(out)) == 1


def test_a_crops_score_is_what_score_gives_that_crop(tmp_path: Path, capsys) -> None:
    photo = tmp_path / "photo.png"
    draw_photo(5, size=(500, 700)).save(photo)
    assert run("crop", photo, "--json") == 0
    for crop in json.loads(capsys.readouterr().out)["crops"]:
        cut = tmp_path / "cut.png"
        with Image.open(photo) as whole:
            whole.crop((crop["left"], crop["top"], crop["right"], crop["bottom"])).save(cut)
        assert run("score", cut, "--out", tmp_path / "cut.csv") == 0
        assert store.read_table(tmp_path / "cut.csv")["score"][0] == pytest.approx(
            crop["score"], abs=0.005
        )


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


def test_score_by_a_scorer_of_ones_own_has_no_percentile(tmp_path: Path, photo_folder) -> None:
    from selfie_core.scorer import nets
    from selfie_core.scorer.checkpoint import ScorerConfig

    own = tmp_path / "own.safetensors"
    weights.save_scorer(
        own, nets.build_net(ScorerConfig(image_size=64)), ScorerConfig(image_size=64)
    )
    out = tmp_path / "scores.csv"
    assert run("score", photo_folder, "--scorer", own, "--out", out) == 0
    table = store.read_table(out)
    assert table["score"].notna().all()
    assert table["percentile"].isna().all()


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
        (["app", "{tmp}/none"], "no gallery in"),
        (["app", "{built}", "--watch", "{tmp}/none"], "wanted a folder of photos"),
        (["app", "--host", "192.0.2.1"], "can't listen at 192.0.2.1: "),
        (["app", "--host", "no.such.host.invalid"], "choose another --host or --port"),
        (["app", "--port", "99999"], "port 99999: "),
        (["restore", "{tmp}/none.tar", "{tmp}/g"], "none.tar: No such file or directory; check"),
        (["phone", "{tmp}/none", "--out", "{tmp}/p"], "no gallery in"),
        (["phone", "{built}", "--out", "{tmp}/p"], "is damaged or no scorer"),
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
