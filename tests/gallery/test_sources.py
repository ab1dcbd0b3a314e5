"""The same photos make the same gallery, wherever they come from; what fails is tried again."""

from pathlib import Path

import pandas as pd
import pytest

from selfie_core.base import store
from selfie_core.gallery.build import BuildConfig, build_gallery
from selfie_core.gallery.gallery import Gallery
from tests.support.shards import write_tables, write_tars

FLAT = BuildConfig(map=False)


def rows(gallery: Gallery) -> pd.DataFrame:
    """Return all that does not depend on how photos are called."""
    return gallery.table.drop(columns="file").sort_values("id", ignore_index=True)


@pytest.mark.parametrize("write", [write_tars, write_tables])
def test_gallery_of_shards_is_that_of_the_folder(
    photo_folder: Path, tmp_path: Path, brightness_scorer, write
) -> None:
    write(photo_folder, tmp_path / "shards")
    built = [
        build_gallery(source, tmp_path / out, scorer=brightness_scorer, config=FLAT)
        for source, out in [(photo_folder, "a"), (tmp_path / "shards", "b")]
    ]
    assert rows(built[1]).equals(rows(built[0]))
    again = build_gallery(
        tmp_path / "shards", tmp_path / "b", scorer=brightness_scorer, config=FLAT
    )
    assert again.version == built[1].version


def test_photos_that_a_bucket_does_not_give_are_listed_and_tried_again(
    bucket, photo_folder: Path, tmp_path: Path, brightness_scorer
) -> None:
    import boto3

    for file in photo_folder.iterdir():
        boto3.client("s3").upload_file(file, bucket.name, f"all/{file.name}")
    bucket.fault = lambda path: "half" if path.endswith(("-2.png", "-5.png")) else None

    def build() -> Gallery:
        source = f"s3://{bucket.name}/all"
        return build_gallery(source, tmp_path / "out", scorer=brightness_scorer, config=FLAT)

    gallery, failed = build(), tmp_path / "out" / "failed.csv"
    assert len(gallery) == 6 and gallery.info["left_out"] == {"copies": 0, "not read": 2}
    listed = store.read_table(failed)
    assert sorted(listed["file"]) == ["photo-2.png", "photo-5.png"]
    bucket.fault = lambda path: None
    bucket.got.clear()
    gallery = build()
    assert len(gallery) == 8 and gallery.info["left_out"] == {"copies": 0}
    assert sorted(path[-5] for path in bucket.got) == ["2", "5"]
    assert not failed.exists()
