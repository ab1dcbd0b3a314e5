from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn import draw_photo

from selfie_core import images, score
from selfie_core.checkpoint import read_config
from selfie_core.errors import DataError
from selfie_core.settings import TrainConfig
from selfie_core.train import augment, train_scorer


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """Twenty photos: the dark ones bad, the bright ones good."""
    folder = tmp_path_factory.mktemp("lesson")
    rows = []
    for number in range(20):
        file = f"{number:02d}.png"
        draw_photo(number % 4 + 4 * (number % 2)).save(folder / file)
        split = "val" if number >= 16 else "train"
        rows.append({"file": file, "label": number % 2, "split": split})
    return folder, pd.DataFrame(rows)


@pytest.mark.slow
def test_twenty_photos_are_learned_by_heart(lesson, tmp_path: Path) -> None:
    photos, labels = lesson
    out = tmp_path / "scorer.safetensors"
    config = TrainConfig(
        image_size=64, fc7_width=32, copies=1, epochs=12, patience=12, batch_size=8, lr=1e-2
    )
    stages: list[str] = []
    train_scorer(
        photos, labels, out, config=config, progress=lambda stage, *_: stages.append(stage)
    )
    scores = score.load_scorer(out)([images.open_photo(photos / file) for file in labels["file"]])
    good = (labels["label"] == 1).to_numpy()
    assert scores[good].min() > scores[~good].max()
    facts = read_config(out).facts
    assert facts["photos"] == {"train": 16, "val": 4}
    assert facts["history"][-1]["loss"] < facts["history"][0]["loss"]
    assert {"maps", "epoch 1"} <= set(stages)


def test_augmented_photo_is_the_same_photo(lesson) -> None:
    photo = draw_photo(5, size=(200, 150))
    rng = np.random.default_rng(0)
    for _ in range(20):
        copy = augment(photo, rng)
        assert copy.mode == "RGB"
        assert 48 <= min(copy.size) <= 256
        assert np.mean(copy) == pytest.approx(np.mean(photo), abs=12)


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"label": 1}, "not of both classes"),
        ({"label": None}, "no photo has a label"),
        ({"split": "train"}, "the val split has 0 labelled photos"),
        ({"file": "gone.png"}, "labelled photos are not in"),
    ],
)
def test_lessons_that_teach_nothing_are_refused(lesson, tmp_path: Path, change, seen) -> None:
    photos, labels = lesson
    with pytest.raises(DataError, match=seen):
        train_scorer(photos, labels.assign(**change), tmp_path / "s.safetensors")
    assert not (tmp_path / "s.safetensors").exists()
