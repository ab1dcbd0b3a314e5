"""Which files of a folder are its photos, and what is said of the others."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from PIL import Image

from selfie_core.base.errors import DataError
from selfie_core.photo import images
from selfie_core.photo.folder import find_photos


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def found(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in find_photos(folder)]


def test_photos_are_found_below_and_sorted(tmp_path: Path) -> None:
    touch(tmp_path, "b.JPG", "a.png", "deep/er/c.heic", "notes.txt", "#selfie/d.jpg", "@ada/e.jpg")
    assert found(tmp_path) == ["#selfie/d.jpg", "@ada/e.jpg", "a.png", "b.JPG", "deep/er/c.heic"]


@pytest.mark.parametrize("name", ['it\'s "me".jpg', "two\nlines.jpg", "Селфи.jpg", "a&b=c #1.jpg"])
def test_odd_names_are_found(tmp_path: Path, name: str) -> None:
    touch(tmp_path, name)
    assert find_photos(tmp_path) == [tmp_path / name]


def test_every_ending_that_the_decoder_knows_is_found_in_any_case(tmp_path: Path) -> None:
    formats = {*images.FORMATS, "MPO"}
    endings = [end for end, kind in Image.registered_extensions().items() if kind in formats]
    assert {".jfif", ".jpe", ".hif", ".avif", ".heics", ".apng"} <= set(endings)
    names = [f"{case(end[1:])}{case(end)}" for end in endings for case in (str.lower, str.upper)]
    touch(tmp_path, *names)
    assert found(tmp_path) == sorted(names)


def test_leavings_of_systems_are_passed_over_and_counted(tmp_path: Path, caplog) -> None:
    touch(
        tmp_path,
        *("2024/a.jpg", "2024/@eaDir/a.jpg/SYNOPHOTO_THUMB_XL.jpg", "2024/@eaDir/a.jpg/M.jpg"),
        *("#recycle/b.jpg", "$Recycle.Bin/S-1-5/c.jpg", "__MACOSX/2024/._a.jpg", "2024/._a.jpg"),
        *(".cache/d.jpg", "e.mp4", "f.NEF", "posts.csv", "Thumbs.db"),
        *("My.photoslibrary/originals/0/g.jpg", "My.photoslibrary/resources/derivatives/g.jpg"),
    )
    (tmp_path / "album").symlink_to(tmp_path / "2024")
    (tmp_path / "h.jpg").symlink_to(tmp_path / "on a disk that is gone" / "h.jpg")
    assert found(tmp_path) == ["2024/a.jpg", "My.photoslibrary/originals/0/g.jpg"]
    said = caplog.messages[0].partition(": ")[2].split(", ")
    assert set(said) == {
        *("1 .mp4", "1 .nef", "1 as linked folder", "1 in #recycle", "1 in $Recycle.Bin"),
        "1 as broken link",
        *("1 in .photoslibrary beside the originals", "1 in __MACOSX", "2 hidden", "2 in @eaDir"),
    }


def test_gallery_json_of_another_program_hides_no_photo(tmp_path: Path, caplog) -> None:
    touch(tmp_path, "album/gallery.json", "album/a.jpg", "ours/gallery.json", "ours/photos/b.webp")
    assert found(tmp_path) == ["album/a.jpg", "ours/photos/b.webp"]
    assert not caplog.messages
    touch(tmp_path, "ours/fc7.npy")
    assert found(tmp_path) == ["album/a.jpg"]
    assert "1 in galleries" in caplog.text


@pytest.mark.parametrize("mode", [0, 0o444])  # the latter may be listed
def test_folder_that_cannot_be_read_is_said(mode: int) -> None:
    code = """import os, sys; from pathlib import Path
from selfie_core.photo.folder import find_photos
if os.getuid() == 0: os.setuid(65534)  # root may read everything
print([path.name for path in find_photos(Path(sys.argv[1]))])"""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        touch(folder, "a/1.jpg", "locked/2.jpg", "z/3.jpg")
        (folder / "locked").chmod(mode)
        done = subprocess.run(
            [sys.executable, "-c", code, made], capture_output=True, text=True, check=True
        )
        (folder / "locked").chmod(0o755)
    assert done.stdout.strip() == "['1.jpg', '3.jpg']"
    wanted = f"folders that can't be read in {made}: 1; the first: {made}/locked"
    assert done.stderr.strip() == wanted


@pytest.mark.parametrize("name", ["", "missing", "new\nline"])
def test_folder_without_photos_is_refused(tmp_path: Path, name: str) -> None:
    touch(tmp_path, "film.mp4")
    with pytest.raises(DataError, match="wanted") as error:
        find_photos(tmp_path / name)
    assert "\n" not in str(error.value)
    assert name or "(1 .mp4)" in str(error.value)


def test_links_that_lead_nowhere_are_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    for name in ("circle", "circle.jpg"):
        (tmp_path / name).symlink_to(name)
    (tmp_path / "gone.jpg").symlink_to("nowhere.jpg")
    assert found(tmp_path) == ["a.jpg"]
