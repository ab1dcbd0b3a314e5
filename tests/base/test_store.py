import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from selfie_core.base import folders, store
from selfie_core.base.errors import DataError, cant_write


def test_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    store.write_json(path, {"a": 1})
    with pytest.raises(RuntimeError), store.replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError("the power fails")
    assert store.read_json(path) == {"a": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["facts.json"]


def test_unwritable_place_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match="can't write .*; a file stands where a folder is wanted"):
        store.write_json(tmp_path / "file" / "facts.json", {})
    said = str(cant_write(tmp_path, PermissionError(13, "Permission denied")))
    assert said.endswith(": Permission denied; choose a folder that can be written")


def test_full_disk_is_told_in_the_words_of_the_system_with_what_to_do() -> None:
    segments = Path("g/segments")
    made = segments / ".new-x1y2" / "table.parquet"  # in the making
    said = str(cant_write(made, OSError(28, "Error writing bytes to file. Detail: [errno 28]")))
    assert said == f"can't write {segments}: {os.strerror(28)}; make room and try again"
    assert str(cant_write(segments, OSError("gone"))) == f"can't write {segments}: gone"


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".json"])
def test_tables_come_back_as_they_went(tmp_path: Path, ending: str) -> None:
    table = pd.DataFrame({"file": ["a\nb.jpg", 'q"uote.jpg', "лицо.jpg"], "likes": [1, 2, 3]})
    store.write_table(tmp_path / f"t{ending}", table)
    assert store.read_table(tmp_path / f"t{ending}").equals(table)


@pytest.mark.parametrize("ending", [".parquet", ".json", ".jsonl"])
def test_damaged_table_is_one_line(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"t{ending}"
    path.write_bytes(b"\x00nonsense")
    with pytest.raises(DataError) as error:
        store.read_table(path)
    assert "\n" not in str(error.value)


def test_pickled_array_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="damaged"):
        store.read_array(tmp_path / "a.npy")


def test_folder_that_someone_else_filled_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").touch()  # it was only looked at
    store.check_folder(tmp_path, own="gallery.json")
    (tmp_path / "gallery.json").write_text('{"albums": []}')
    with pytest.raises(DataError, match=r"no gallery\.json of ours; choose another folder"):
        store.check_folder(tmp_path, own="gallery.json")
    (tmp_path / "selfies.parquet").touch()
    store.check_folder(tmp_path, own="gallery.json")


@pytest.mark.parametrize("trouble", ["a file in the way", "somebody else's", "no home"])
def test_cache_that_cannot_be_written_goes_elsewhere_and_says_so(trouble: str) -> None:
    code = """import os, sys; from pathlib import Path
from selfie_core.base import folders, store
if os.getuid() == 0: os.setuid(65534)  # root may write everywhere
folder = store.cache_folder()
store.write_text(folder / "a.txt", "kept")
assert store.cache_folder() == folder
print(folder)"""
    with tempfile.TemporaryDirectory() as made:
        home, place = Path(made) / "home", Path(made) / "tmp"
        (home / ".cache" / "selfie").mkdir(parents=True)
        place.mkdir()
        place.chmod(0o777)
        Path(made).chmod(0o755)
        settings = {"HOME": str(home), "TMPDIR": str(place)}
        match trouble:
            case "a file in the way":
                (home / ".cache" / "selfie").rmdir()
                (home / ".cache" / "selfie").touch()
            case "somebody else's":
                (home / ".cache" / "selfie").chmod(0o500)
            case "no home":
                settings["SELFIE_CACHE"] = "~nobody-of-that-name"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={name: value for name, value in os.environ.items() if "CACHE" not in name}
            | settings,
        )  # fmt: skip
        folder = Path(done.stdout.strip())
        assert (folder.parent, (folder / "a.txt").read_text()) == (place, "kept")
        assert folder.stat().st_mode & 0o077 == 0
    assert done.stderr.startswith("can't keep files in ~")
    assert str(folder) in done.stderr


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no users to tell apart")
def test_cache_that_others_may_write_is_not_taken(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    own = store._temporary_cache()
    assert own == tmp_path / f"selfie-{os.getuid()}" == store._temporary_cache()
    own.chmod(0o777)
    assert store._temporary_cache() != own


def test_swapped_folder_replaces_the_old_whole(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    folders.swap_folder(tmp_path / "new", tmp_path / "old")
    assert [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")] == ["old", "old/new"]
