"""score, crop and advise as a person types them, on files of any name."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from selfie_core.base import store
from selfie_core.base.handed_out import xmp_note
from selfie_core.gallery.gallery import Gallery
from selfie_core.scorer import weights
from tests.support.drawn import draw_photo
from tests.support.typed import run


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
