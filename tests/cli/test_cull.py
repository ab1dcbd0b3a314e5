"""`selfie cull`: a folder's best, as a person types it; a folder that grew costs what is new."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from selfie_core.gallery import intake
from selfie_core.gallery.gallery import Gallery
from tests.cli.test_main import one_line, run
from tests.support.drawn import draw_photo


@pytest.fixture
def roll(tmp_path: Path) -> Path:
    folder = tmp_path / "roll"
    (folder / "sub").mkdir(parents=True)
    for number in range(5):
        draw_photo(number, size=(160, 160)).save(folder / f"{number}.png")
    draw_photo(9, face=False).save(folder / "wall.png")
    (folder / "sub" / "empty.jpg").touch()
    shutil.copy(folder / "3.png", folder / "sub" / "twin.png")
    return folder


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    examine = intake._examine

    def measuring(photo, path, **how):
        names.append(path.name)
        return examine(photo, path, **how)

    monkeypatch.setattr(intake, "_examine", measuring)
    return names


def test_folder_becomes_picks_a_sheet_and_a_gallery(roll, tmp_path, measured, capsys) -> None:
    out, sheet = tmp_path / "picks.csv", tmp_path / "sheet.jpg"
    words = ["cull", roll, "--out", out, "--sheet", sheet, "--threshold", 0]
    assert run(*words) == 0
    assert "7 photos, 1 left out" in capsys.readouterr().err
    picks = pd.read_csv(out).set_index("file")
    assert set(picks.index) == {*(f"{n}.png" for n in range(5)), "wall.png", "sub/empty.jpg",
                                "sub/twin.png"}  # fmt: skip
    assert picks.loc["sub/twin.png", "same_as"] == "3.png"
    assert picks.loc["sub/twin.png", "moment"] == picks.loc["3.png", "moment"]
    assert "0 bytes" in picks.loc["sub/empty.jpg", "error"]
    assert picks["keep"].sum() == picks["moment"].max()
    assert len(Gallery.open(tmp_path / "picks.gallery")) == 6
    with Image.open(sheet) as shown:
        assert shown.format == "JPEG"

    draw_photo(7, size=(160, 160)).save(roll / "new.png")
    measured.clear()
    assert run(*words) == 0
    assert measured == ["new.png"]
    assert "new.png" in set(pd.read_csv(out)["file"])


def test_gallery_that_was_built_before_makes_it_cheap(roll, tmp_path, measured) -> None:
    assert run("build", roll, "--out", tmp_path / "gallery") == 0
    measured.clear()
    picks = tmp_path / "picks.parquet"
    assert run("cull", roll, "--out", picks, "--gallery", tmp_path / "gallery") == 0
    assert measured == []
    found = pd.read_parquet(picks).set_index("file")
    assert found.loc["wall.png", "error"] == "no face found"  # as the gallery was asked for
    assert len(Gallery.open(tmp_path / "gallery")) == 5


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--stars", "1,2"], "wanted four rising percents"),
        (["--threshold", "50"], "threshold is 50.0; wanted 0 to 1"),
        (["--sheet", "sheet.doc"], "sheet.doc has another ending"),
    ],
)
def test_wrong_settings_are_refused_before_the_work(roll, tmp_path, capsys, more, said) -> None:
    assert run("cull", roll, "--out", tmp_path / "picks.csv", *more) == 1
    assert said in one_line(capsys)
    assert not list(tmp_path.glob("picks*"))


def test_folder_without_photos_is_one_line(tmp_path, capsys) -> None:
    (tmp_path / "none").mkdir()
    assert run("cull", tmp_path / "none", "--out", tmp_path / "picks.csv") == 1
    assert "no photos in" in one_line(capsys)
