"""Galleries as every earlier version wrote them, kept in tests/support, open and are brought up."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.cli.main import main
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.generation import FORMAT
from selfie_core.gallery.remap import migrate_gallery

SUPPORT = Path(__file__).resolve().parents[1] / "support"
KEPT = {1: SUPPORT / "first_format", 2: SUPPORT / "second_format"}  # by format


def test_a_gallery_of_each_format_is_kept() -> None:
    assert set(KEPT) == set(range(1, FORMAT + 1)), "keep a tiny one, as it is written now"
    for number, folder in KEPT.items():
        assert store.read_json(folder / "gallery.json")["format"] == number


@pytest.mark.parametrize("number", KEPT)
def test_gallery_of_an_earlier_version_keeps_all_it_has(number: int, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(KEPT[number], tmp_path / "gallery"))
    before = Gallery.open(folder)
    photos, thumbs = ([read(row) for row in range(8)] for read in (before.photo, before.thumb))
    now = migrate_gallery(folder)
    assert now.info["format"] == FORMAT
    assert not now.gaps
    rows = [before.table["id"].tolist().index(id) for id in now.table["id"]]
    columns = [name for name in before.table if name in now.table]
    assert {"file", "score", "x", "y", "followers", "filter"} <= set(columns)
    known = before.table.iloc[rows].reset_index(drop=True)
    pd.testing.assert_frame_equal(now.table[columns], known[columns], check_dtype=False)
    np.testing.assert_array_equal(now.fc7, before.fc7[rows])
    for new, old in enumerate(rows):
        assert now.photo(new) == photos[old] != b""
        assert now.thumb(new) == thumbs[old] != b""
    for field in ("name", "scorer", "left_out"):
        assert now.info[field] == before.info[field]
    assert migrate_gallery(folder).version == now.version  # nothing is left to do


def test_command_says_what_it_was(tmp_path: Path, capsys) -> None:
    folder = shutil.copytree(KEPT[1], tmp_path / "gallery")
    assert main(["migrate", str(folder)]) == 0
    line = f"{folder} was of format 1 and is of format {FORMAT}; 8 photos\n"
    assert capsys.readouterr().err.endswith(line)


def test_newer_gallery_is_refused_and_left_alone(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(KEPT[FORMAT], tmp_path / "gallery"))
    facts = store.read_json(folder / "gallery.json")
    store.write_json(folder / "gallery.json", facts | {"format": FORMAT + 1})
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(DataError, match=f"format {FORMAT + 1}, of a newer version.*update selfie"):
        migrate_gallery(folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
