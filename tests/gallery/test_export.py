"""A gallery as one Parquet file, read back by DuckDB."""

import io
import os
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest
from PIL import Image

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.gallery import export
from selfie_core.gallery.export import export_gallery
from selfie_core.gallery.gallery import Gallery


@pytest.fixture(scope="module")
def demo() -> Gallery:
    return Gallery.open(store.demo_gallery())


def test_duckdb_reads_scores_places_features_and_thumbnails(
    demo: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_GROUP", 500)  # several groups of rows
    told = []
    given = replace(demo, table=demo.table.assign(vector="x", thumbnail="https://example.org"))
    export_gallery(given, out := tmp_path / "demo.parquet", progress=lambda *at: told.append(at))
    assert told[-1] == (len(demo), len(demo))
    with duckdb.connect() as base:
        rows = base.sql(f"SELECT * FROM '{out}'").fetchall()
        assert len(rows) == len(demo)
        row = demo.best_first[0]
        best = base.sql(f"SELECT * FROM '{out}' ORDER BY score DESC LIMIT 1").to_arrow_table()
        [found] = best.to_pylist()
    assert set(demo.table) < set(found)
    assert found["id"] == demo.table["id"].iat[row]
    assert (found["x"], found["y"]) == pytest.approx(tuple(demo.xy[row]))
    np.testing.assert_array_equal(found["vector"], demo.fc7[row].astype(np.float32))
    assert found["thumbnail"]["bytes"] == demo.thumb(int(row))
    assert Image.open(io.BytesIO(found["thumbnail"]["bytes"])).size == (128, 128)
    names = {mark.region: mark.name for mark in demo.landmarks}
    assert found["region_name"] == names.get(demo.table["region"].iat[row])


def test_wrong_ending_or_full_disk_leaves_the_old_file(
    demo: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match=r"demo.csv has another ending; wanted an ending .parquet"):
        export_gallery(demo, tmp_path / "demo.csv")
    old = tmp_path / "demo.parquet"
    old.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(export.pq.ParquetWriter, "write_table", full)
    with pytest.raises(DataError, match="can't write .*demo.parquet: No space left on device"):
        export_gallery(demo, old)
    assert old.read_text() == "old"
