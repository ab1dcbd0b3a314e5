"""A gallery as one file: whole, told by its hashes, made and put back while others are at work."""

import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.cli.main import main
from selfie_core.gallery import backup
from selfie_core.gallery.backup import backup_gallery, restore_gallery
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.ledger import Ledger
from selfie_core.gallery.remap import complete_map


@pytest.fixture
def mine(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "mine"))


@pytest.fixture
def saved(mine: Path, tmp_path: Path) -> Path:
    backup_gallery(mine, tmp_path / "saved.tar")
    return tmp_path / "saved.tar"


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    kept = [path for path in files if "ledger" not in path.name]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in kept}


def test_gallery_comes_back_as_it_was(mine: Path, saved: Path, tmp_path: Path) -> None:
    back = restore_gallery(saved, tmp_path / "back")
    assert contents(tmp_path / "back") == contents(mine)
    assert back.version == Gallery.open(mine).version
    assert not list(tmp_path.glob(".*"))


def test_commands_say_how_much(mine: Path, tmp_path: Path, capsys) -> None:
    file, back = tmp_path / "a.tar", tmp_path / "back"
    assert main(["backup", str(mine), str(file)]) == 0
    assert main(["restore", str(file), str(back)]) == 0
    said = capsys.readouterr().err.splitlines()
    assert said[-2:] == [
        f"{len(contents(mine))} files; wrote {file}",
        f"8 photos, all files as they were; wrote {back}",
    ]


def test_who_has_the_gallery_open_reads_on_and_then_sees_the_restored(
    mine: Path, saved: Path
) -> None:
    shown = Gallery.open(mine)
    photo, fc7 = shown.photo(0), np.array(shown.fc7)
    complete_map(shown, anew=True)  # so that the backup is of another generation
    now = Gallery.open(mine)
    restore_gallery(saved, mine)
    np.testing.assert_array_equal(shown.fc7, fc7)
    assert shown.photo(0) == photo
    assert Gallery.open(mine).version == shown.version != now.version


def test_backup_beside_a_build_is_of_one_generation(
    mine: Path, tmp_path: Path, monkeypatch
) -> None:
    """Another generation comes, and the one that is read goes, when the first file was written."""
    add, built = backup._add, []

    def build_then_add(tar: tarfile.TarFile, name: str, content: io.BytesIO) -> str:
        if not built:
            built.append(complete_map(Gallery.open(mine), anew=True).version)
        return add(tar, name, content)

    monkeypatch.setattr(backup, "_add", build_then_add)
    backup_gallery(mine, tmp_path / "saved.tar")
    assert restore_gallery(tmp_path / "saved.tar", tmp_path / "back").version == built[0]


def changed(file: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """Write a backup anew with other contents; what becomes None is left out."""
    with tarfile.open(file) as tar:
        members = [(m.name, tar.extractfile(m).read()) for m in tar]  # type: ignore[union-attr]
    with tarfile.open(file, "w") as tar:
        for name, data in members:
            if (new := change(name, data)) is not None:
                member = tarfile.TarInfo(name)
                member.size = len(new)
                tar.addfile(member, io.BytesIO(new))


def newer(name: str, data: bytes) -> bytes:
    if name != backup.MANIFEST:
        return data
    return json.dumps(json.loads(data) | {"format": 99, "selfie": "9.0"}).encode()


@pytest.mark.parametrize(
    ("harm", "seen"),
    [
        (lambda file: file.write_bytes(file.read_bytes()[:3000]), "damaged|cut off"),
        (lambda file: file.write_bytes(b"no archive"), "damaged or no .tar"),
        (lambda file: changed(file, lambda n, d: None if n == backup.MANIFEST else d), "cut off"),
        (lambda file: changed(file, lambda n, d: None if "fc7" in n else d), "fc7.npy is not"),
        (
            lambda file: changed(file, lambda n, d: d[:-1] + b"!" if n.endswith(".bin") else d),
            "bin is not as it was; nothing was restored",
        ),
        (
            lambda file: changed(file, lambda n, d: b"[]" if n == backup.MANIFEST else d),
            "damaged or no .tar",
        ),
        (lambda file: file.unlink(), "can't read the backup .*saved.tar: No such file"),
        (lambda file: changed(file, newer), "of selfie 9.0, which is newer; update selfie"),
    ],
)
def test_what_is_not_as_it_was_is_refused_and_nothing_lost(
    mine: Path, saved: Path, harm: Callable[[Path], object], seen: str
) -> None:
    before = contents(mine)
    harm(saved)
    with pytest.raises(DataError, match=seen):
        restore_gallery(saved, mine)
    assert contents(mine) == before
    assert not list(mine.parent.glob(".*"))


@pytest.mark.parametrize("name", ["../out.txt", "/out.txt"])
def test_path_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo(name))
    with pytest.raises(DataError, match="no backup of a gallery: it holds"):
        restore_gallery(tmp_path / "evil.tar", tmp_path / "into" / "gallery")
    assert not (tmp_path / "into" / "out.txt").exists()


def test_folder_of_something_else_or_being_built_is_left_alone(
    mine: Path, saved: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("dear")
    with pytest.raises(DataError, match="holds other files"):
        restore_gallery(saved, other)
    with Ledger(mine), pytest.raises(DataError, match="built by another process"):
        restore_gallery(saved, mine)
    assert Gallery.open(mine).version == store.content_id((mine / "gallery.json").read_bytes())


def test_backup_that_fails_leaves_the_one_before(mine: Path, saved: Path, monkeypatch) -> None:
    before = saved.read_bytes()
    monkeypatch.setattr(backup, "_add", lambda *_: (_ for _ in ()).throw(OSError(28, "disk full")))
    with pytest.raises(DataError, match="No space left on device"):
        backup_gallery(mine, saved)
    assert saved.read_bytes() == before
