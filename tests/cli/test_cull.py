"""`selfie cull`: a folder's best, as a person types it; a folder that grew costs what is new."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from selfie_core.answer.library import best_crop
from selfie_core.base import store
from selfie_core.gallery import measure
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo.sidecar import Crop, Listing, Mark, marked, plan_changes
from selfie_core.scorer.scorer import load_scorer
from tests.support.drawn import digest, draw_photo
from tests.support.typed import one_line, run


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
    examine = measure._examine

    def measuring(photo, path, **how):
        names.append(path.name)
        return examine(photo, path, **how)

    monkeypatch.setattr(measure, "_examine", measuring)
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


def test_one_photo_and_a_folder_of_copies_are_one_moment(tmp_path, capsys) -> None:
    folder, out = tmp_path / "roll", tmp_path / "picks.csv"
    folder.mkdir()
    for copies in (1, 3):
        for number in range(copies):
            draw_photo(0, size=(160, 160)).save(folder / f"{number}.png")
        assert run("cull", folder, "--out", out, "--threshold", 0) == 0
        picks = pd.read_csv(out, keep_default_na=False)
        assert picks["moment"].tolist() == [1] * copies
        assert picks["keep"].sum() == 1
        assert picks["same_as"].tolist() == ["", "0.png", "0.png"][:copies]
        said = "1 photo" if copies == 1 else "3 photos"
        assert f"{said}, 1 moment, 1 keeper; wrote" in capsys.readouterr().err


def test_folder_without_photos_is_one_line(tmp_path, capsys) -> None:
    (tmp_path / "none").mkdir()
    assert run("cull", tmp_path / "none", "--out", tmp_path / "picks.csv") == 1
    assert "no photos in" in one_line(capsys)


EXIFTOOL = shutil.which("exiftool")


def told(path: Path) -> dict[str, str]:
    """Return what ExifTool reads of a file."""
    if EXIFTOOL is None:  # `make test` sees to it
        pytest.skip("no exiftool on PATH")
    done = subprocess.run([EXIFTOOL, "-j", "-n", path], capture_output=True, check=True)
    return json.loads(done.stdout)[0]


def contents(folder: Path) -> dict[str, str]:
    return {str(path): digest(path) for path in folder.rglob("*") if path.is_file()}


def test_stars_lie_beside_the_photos_which_stay_as_they_are(roll, tmp_path, capsys, caplog) -> None:
    draw_photo(8, size=(160, 160)).save(roll / "0.webp")  # the stem of 0.png
    (roll / "1.xmp").write_bytes(marked(None, Mark(label="Red")))
    (roll / "2.png.xmp").write_text("<x:xmpmeta")
    before = contents(roll)
    words = ["cull", roll, "--out", tmp_path / "picks.csv", "--threshold", 0, "--label", "Green"]
    assert run(*words, "--dry-run") == 0
    assert contents(roll) == before
    assert "sidecars: 6 new, 1 added to, 1 broken; dry run" in capsys.readouterr().err
    planned = pd.read_csv(tmp_path / "picks.csv").set_index("file")["xmp"]
    assert planned["0.png"] == "new 0.png.xmp" and planned["0.webp"] == "new 0.webp.xmp"
    assert planned["1.png"] == "added to 1.xmp" and planned["2.png"] == "broken 2.png.xmp"

    assert run(*words, "--xmp") == 0
    assert f"left alone: 1; the first: {roll / '2.png.xmp'}" in caplog.text
    after = contents(roll)
    assert {path: after[path] for path in before if not path.endswith("1.xmp")}.items() <= (
        before.items()
    )
    assert (roll / "2.png.xmp").read_text() == "<x:xmpmeta"
    picks = pd.read_csv(tmp_path / "picks.csv").set_index("file")
    for file in ("0.png", "0.webp", "3.png", "sub/twin.png"):
        read = told(roll / f"{file}.xmp")
        assert read["Rating"] == picks.loc[file, "stars"]
        assert ("Label" in read) == picks.loc[file, "keep"]
    assert told(roll / "1.xmp")["Label"] == "Red"

    assert run(*words, "--xmp", "--reject", "--threshold", 1) == 0
    assert told(roll / "0.png.xmp")["Rating"] == -1
    again = contents(roll)
    assert run(*words, "--xmp", "--reject", "--threshold", 1) == 0
    assert contents(roll) == again


def test_crop_reaches_darktable(tmp_path) -> None:
    """darktable itself cuts the photo, which lies on its side, as the crop says."""
    darktable = shutil.which("darktable-cli")
    if darktable is None:
        pytest.skip("no darktable-cli on PATH")
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it to the right
    upright = draw_photo(2, size=(300, 400))
    upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "a.jpg", exif=exif, quality=98)
    mark = Mark(4, "Green", Crop.of_upright((30, 40, 180, 240), upright.size, 6))
    for change in plan_changes("a.jpg", Listing(["a.jpg"]), mark, read=lambda name: b""):
        (tmp_path / change.name).write_bytes(change.data)
    subprocess.run(
        [darktable, tmp_path / "a.jpg", tmp_path / "out.jpg", "--core", "--library", ":memory:",
         "--configdir", tmp_path / "darktable"], check=True, capture_output=True,
    )  # fmt: skip
    with Image.open(tmp_path / "out.jpg") as shown:
        assert abs(shown.width - 150) <= 2 and abs(shown.height - 200) <= 2
        cut = upright.crop((30, 40, 180, 240)).resize(shown.size)
        assert np.abs(np.asarray(shown, float) - np.asarray(cut, float)).mean() < 6
    assert told(tmp_path / "out.jpg")["Rating"] == 4


def test_folder_that_takes_no_file_is_said_and_nothing_is_written() -> None:
    """As another user: root may write everywhere."""
    code = """import os, sys; from pathlib import Path
from selfie_core.answer.library import Sidecars; from selfie_core.photo.sidecar import Change
if os.getuid() == 0: os.setuid(65534)
top = Path(sys.argv[1])
paths = [top / "a" / "1.xmp", top / "locked" / "2.xmp"]
try: Sidecars({"x": [(path, Change(path.name, b"x", "new")) for path in paths]}).write()
except Exception as error: print(error)"""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        for name, mode in (("a", 0o777), ("locked", 0o555)):
            (folder / name).mkdir()
            (folder / name).chmod(mode)
        done = subprocess.run(
            [sys.executable, "-c", code, made], capture_output=True, text=True, check=True
        )
        assert "locked" in done.stdout and "Permission denied" in done.stdout
        assert len(done.stdout.strip().splitlines()) == 1
        assert not [*folder.rglob("*.xmp")]


def test_crop_of_a_keeper_is_its_best_of_the_same_shape(tmp_path) -> None:
    scorer = load_scorer()
    with Image.open(store.sample_photos() / "sample-1.jpg") as sample:
        wide = Image.new("RGB", (900, 600), (12, 12, 12))
        wide.paste(sample.resize((300, 300)), (500, 200))
    wide.save(tmp_path / "a.png")
    found = best_crop(tmp_path / "a.png", scorer)
    assert found and (found.width, found.height) == (900, 600)
    width, height = 900 * (found.right - found.left), 600 * (found.bottom - found.top)
    assert abs(width / height - 1.5) < 0.02
    assert found.left > 0.3 and width < 700  # the dark is left out
