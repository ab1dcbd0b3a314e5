import copy
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from selfie_core.base import store
from selfie_core.base.engine import Pool
from selfie_core.photo.images import open_photo, squash
from selfie_core.photo.sources import photos_of
from selfie_core.scorer import files
from selfie_core.scorer import scorer as score
from selfie_core.scorer.files import score_files
from tests.support.drawn import draw_photo
from tests.support.shards import write_tables, write_tars


def test_first_visitors_at_once_share_one_scorer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SELFIE_CACHE", str(tmp_path))  # nothing is exported yet
    score._load.cache_clear()
    with ThreadPoolExecutor(3) as visitors:
        scorers = set(visitors.map(lambda _: score.load_scorer(), range(3)))
    assert len(scorers) == 1


def test_scorers_of_several_visitors_stay_loaded(tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.safetensors" for n in range(4)]
    for path in paths:
        path.write_bytes(store.demo_scorer().read_bytes())
    first = [score.load_scorer(path) for path in paths]
    assert [score.load_scorer(path) for path in paths] == first


def test_rotated_exif_photo_scores_like_its_upright_twin(brightness_scorer) -> None:
    photo = draw_photo(3, size=(120, 80))
    lying, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to see it upright
    photo.transpose(Image.Transpose.ROTATE_90).save(lying, "JPEG", quality=98, exif=exif)
    upright = open_photo(lying.getvalue())
    assert upright.size == photo.size
    difference = brightness_scorer([upright]) - brightness_scorer([photo])
    assert abs(float(difference[0])) < 0.01


def test_bad_file_keeps_its_row_and_the_rest_goes_on(tmp_path: Path, brightness_scorer) -> None:
    draw_photo(2).save(tmp_path / "good.png")
    (tmp_path / "text.jpg").write_text("not a photo")
    Image.new("RGB", (1, 1)).save(tmp_path / "dot.png")
    names = ["good.png", "text.jpg", "dot.png", "missing.jpg"]
    seen: list[tuple[int, int]] = []
    table = score_files(
        [tmp_path / name for name in names],
        brightness_scorer,
        progress=lambda done, of: seen.append((done, of)),
    )
    assert table["file"].tolist() == [str(tmp_path / name) for name in names]
    assert table["error"].isna().tolist() == [True, False, False, False]
    assert table["score"].notna().tolist() == [True, False, False, False]
    assert "1x1 pixels; scores need at least 32" in table["error"][2]
    assert seen == [(4, 4)]


@pytest.mark.parametrize("write", [write_tars, write_tables])
def test_photos_of_shards_score_as_their_files(
    photo_folder: Path, tmp_path: Path, brightness_scorer, write
) -> None:
    write(photo_folder, tmp_path / "shards")
    engine = Pool(workers=2, at_once=3, least=0)
    found = score_files(photos_of(str(tmp_path / "shards")), brightness_scorer, engine=engine)
    expected = score_files(photos_of(str(photo_folder)), brightness_scorer)
    assert found["score"].notna().all()
    assert found.drop(columns="file").equals(expected.drop(columns="file"))
    assert (
        found["file"][0]
        == f"00000.{'tar/photo-0.png' if write is write_tars else 'parquet/photo-0'}"
    )


def test_photo_that_a_bucket_does_not_give_keeps_its_row(
    bucket, photo_folder: Path, brightness_scorer
) -> None:
    import boto3

    for number in (1, 2):
        file = photo_folder / f"photo-{number}.png"
        boto3.client("s3").upload_file(file, bucket.name, f"scored/{file.name}")
    bucket.fault = lambda path: "half" if path.endswith("-2.png") else None
    table = score_files(photos_of(f"s3://{bucket.name}/scored"), brightness_scorer)
    bucket.fault = lambda path: None
    assert table["score"].notna().tolist() == [True, False]
    assert "can't read photo-2.png" in table["error"][1]


def test_many_callers_get_the_scores_of_their_own_photos() -> None:
    scorer = score.load_scorer()
    photos = [draw_photo(n, size=(100 + n, 90)) for n in range(8)]
    alone = [float(scorer([photo])[0]) for photo in photos]
    together = scorer(photos)
    with ThreadPoolExecutor(8) as visitors:
        at_once = list(visitors.map(lambda photo: float(scorer([photo])[0]), photos))
    assert at_once == pytest.approx(alone, abs=1e-4)
    assert together.tolist() == pytest.approx(alone, abs=1e-4)
    assert scorer([]).shape == (0,)
    assert scorer.features([])[1].shape == (0, scorer.fc7_width)


def test_a_file_scores_as_the_opened_photo_does(tmp_path: Path) -> None:
    scorer = score.load_scorer()
    paths = []
    for number in range(4):
        paths.append(tmp_path / f"{number}.jpg")
        draw_photo(number, size=(1600, 1200)).save(paths[-1], quality=90)
    whole = scorer([open_photo(path) for path in paths])
    table = score_files(paths, scorer, count_faces=False)
    assert table["score"].tolist() == pytest.approx(whole.tolist(), abs=0.005)
    assert table["faces"].isna().all()


@pytest.mark.parametrize("device", score.DEVICES)
def test_torch_gives_the_scores_of_onnx_runtime(device: str) -> None:
    if not {"cuda": torch.cuda, "mps": torch.backends.mps, "cpu": torch.cpu}[device].is_available():
        pytest.skip(f"no {device} here")
    scorer = copy.copy(score.load_scorer())
    squares = np.stack([squash(draw_photo(n), scorer.image_size) for n in range(40)])
    wanted, wanted_fc7 = score.in_onnx(scorer)(squares)
    scorer.device = device
    logits, fc7 = score.in_torch(scorer)(squares)
    near = 0.1 if device == "cuda" else 1e-3
    np.testing.assert_allclose(logits, wanted, atol=near)
    np.testing.assert_allclose(fc7, wanted_fc7, atol=10 * near)


def test_after_a_stop_only_the_rest_is_scored(
    tmp_path: Path, brightness_scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "SHARD", 4)
    paths = [tmp_path / f"{n}.png" for n in range(10)]
    for number, path in enumerate(paths):
        draw_photo(number % 8).save(path)

    def stop(done: int, of: int) -> None:
        if done > 4:
            raise KeyboardInterrupt

    work = tmp_path / "work"
    with pytest.raises(KeyboardInterrupt):
        score_files(paths, brightness_scorer, work=work, progress=stop)
    seen: list[int] = []
    table = score_files(paths, brightness_scorer, work=work, progress=lambda n, of: seen.append(n))
    assert seen == [8, 10]  # the first four were kept
    assert table.equals(score_files(paths, brightness_scorer))
    draw_photo(7).save(paths[0])  # a photo that changed is scored again
    seen.clear()
    score_files(paths, brightness_scorer, work=work, progress=lambda n, of: seen.append(n))
    assert seen == [10]


def test_pool_gives_the_same_table_in_order(
    tmp_path: Path, brightness_scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "SHARD", 4)
    monkeypatch.chdir(tmp_path)
    paths = [Path(f"{n}.png") for n in range(9)]
    for number, path in enumerate(paths[:8]):  # there is no last one
        draw_photo(number).save(path)
    table = score_files(paths, brightness_scorer, engine=Pool(workers=2, at_once=3, least=0))
    assert table.equals(score_files(paths, brightness_scorer))
    assert table["file"].tolist() == [str(path) for path in paths]
    assert table["score"][:8].is_monotonic_increasing and table["error"].notna().sum() == 1


def test_no_files_are_a_table_without_rows(brightness_scorer) -> None:
    table = score_files([], brightness_scorer)
    assert list(table) == ["file", "score", "faces", "error", "note"] and not len(table)
