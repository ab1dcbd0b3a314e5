"""Training on twenty drawn photos: it learns, goes on after a kill, and refuses bad labels."""

import json
import resource
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from selfie_core.base.engine import Pool
from selfie_core.base.errors import DataError
from selfie_core.base.settings import TrainConfig
from selfie_core.cli import main as cli
from selfie_core.photo import images
from selfie_core.scorer import export, scorer, weights
from selfie_core.scorer import nets as model
from selfie_core.scorer.checkpoint import ScorerConfig, read_config
from selfie_core.training.frozen_maps import FrozenMaps, augment
from selfie_core.training.resume import State, load_state, save_state, state_path
from selfie_core.training.train import train_scorer
from tests.support.drawn import draw_photo


@pytest.fixture(scope="module")
def twenty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """Twenty photos: the dark ones bad, the bright ones good."""
    folder = tmp_path_factory.mktemp("twenty")
    rows = []
    for number in range(20):
        file = f"{number:02d}.png"
        draw_photo(number % 4 + 4 * (number % 2)).save(folder / file)
        split = "val" if number >= 16 else "train"
        rows.append({"file": file, "label": number % 2, "split": split})
    return folder, pd.DataFrame(rows)


SMALL = TrainConfig(
    backbone="mobilenetv3_small_050", weights="random", image_size=32, fc7_width=16,
    copies=1, epochs=2, head_epochs=0, batch_size=8,
)  # fmt: skip


def weights_of(path: Path) -> dict[str, torch.Tensor]:
    return {name: value.float() for name, value in weights.load_net(path)[0].state_dict().items()}


def same_weights(one: Path, other: Path) -> bool:
    pairs = zip(weights_of(one).values(), weights_of(other).values(), strict=True)
    return all(torch.allclose(a, b, atol=1e-6) for a, b in pairs)


@pytest.mark.slow
@pytest.mark.parametrize("whole", [False, True])
def test_twenty_photos_are_learned_by_heart(twenty, tmp_path: Path, whole: bool) -> None:
    photos, labels = twenty
    out = tmp_path / "scorer.safetensors"
    config = TrainConfig(
        image_size=64, fc7_width=32, copies=1, epochs=10, patience=10, batch_size=8, lr=5e-3,
        whole=whole,
    )  # fmt: skip
    stages: list[str] = []
    train_scorer(
        photos, labels, out, config=config, progress=lambda stage, *_: stages.append(stage)
    )
    scores = scorer.load_scorer(out)([images.open_photo(photos / file) for file in labels["file"]])
    assert ((scores >= 0.5) == (labels["label"] == 1)).all()
    facts = read_config(out).facts
    assert facts["photos"] == {"train": 16, "val": 4}
    assert facts["history"][-1]["loss"] < facts["history"][0]["loss"]
    assert "maps" in stages
    assert any(stage.startswith("epoch 1 of 10, loss 0.") for stage in stages)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("backbone", "lowest", "whole"),
    [
        ("compact", "trunk.conv_stem.weight", False),
        ("compact", "trunk.conv_stem.weight", True),
        ("mobilenetv3_small_050", "trunk.conv_stem.weight", True),
    ],
)
def test_the_lowest_layer_learns_only_where_the_whole_net_does(
    twenty, tmp_path: Path, backbone: str, lowest: str, whole: bool
) -> None:
    photos, labels = twenty
    nets = []
    for rate in (0.0, 0.01):
        out = tmp_path / f"{rate}.safetensors"
        config = replace(SMALL, backbone=backbone, whole=whole, epochs=1, lr_below=rate)
        train_scorer(photos, labels, out, config=config)
        nets.append(weights_of(out)[lowest])
    assert torch.equal(*nets) != whole


@pytest.mark.slow
def test_run_leaves_metrics_and_curves_but_no_state(twenty, tmp_path: Path) -> None:
    photos, labels = twenty
    made = train_scorer(photos, labels, tmp_path / "s.safetensors", config=SMALL)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "s.html",
        "s.jsonl",
        "s.safetensors",
    ]
    lines = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text("utf-8").splitlines()]
    assert lines == made.facts["history"]
    wanted = {"epoch", "photos", "loss", "val_loss", "val_auc", "lr", "seconds"}
    assert [(line["epoch"], line["photos"], set(line)) for line in lines] == [
        (1, 16, wanted),
        (2, 32, wanted),
    ]
    page = (tmp_path / "s.html").read_text("utf-8")
    assert 'src="http' not in page  # opens offline


# `selfie train`, which says when its second epoch is over and waits, however fast it is.
TO_BE_KILLED = """
import sys, time
from selfie_core.cli.main import main
from selfie_core.training import resume
save = resume.save_state
def save_first(path, state, *, of):
    if len(state.history) > 1:
        print("epoch", flush=True)
        time.sleep(1000)
    save(path, state, of=of)
resume.save_state = save_first
sys.exit(main())
"""


@pytest.mark.slow
@pytest.mark.parametrize("frozen", ["--no-whole", "--whole"])
def test_killed_run_goes_on_to_the_same_weights(twenty, tmp_path: Path, frozen: str) -> None:
    photos, labels = twenty
    table = tmp_path / "labels.csv"
    labels.assign(light=range(20)).to_csv(table, index=False)

    def command(out: Path) -> list[str]:
        flags = "--backbone mobilenetv3_small_050 --weights random --image-size 32 --fc7-width 16"
        more = "--copies 2 --epoch-photos 16 --epochs 30 --patience 30 --batch-size 8 --dropout 0.2"
        rest = [*flags.split(), *more.split(), frozen, "--also", "light", "--out", str(out)]
        return ["train", str(photos), str(table), *rest]

    out, whole = tmp_path / "killed.safetensors", tmp_path / "whole.safetensors"
    state = tmp_path / "killed.safetensors.resume"
    with subprocess.Popen([sys.executable, "-c", TO_BE_KILLED, *command(out)],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:  # fmt: skip
        assert run.stdout and run.stdout.read(5) == b"epoch"
        run.kill()
    assert run.returncode == -signal.SIGKILL
    assert state.exists()
    assert not out.exists()
    assert cli.main(command(out)) == 0
    assert cli.main(command(whole)) == 0
    assert same_weights(out, whole)
    assert not state.exists()


@pytest.mark.slow
def test_run_without_warm_up_ends(twenty, tmp_path: Path) -> None:
    photos, labels = twenty
    config = replace(SMALL, head_epochs=1, warmup=0)
    train_scorer(photos, labels, tmp_path / "s.safetensors", config=config)
    assert len(read_config(tmp_path / "s.safetensors").facts["history"]) == 2


def stop_after_first_epoch(
    photos: Path, labels: pd.DataFrame, out: Path, *, config: TrainConfig = SMALL
) -> None:
    class Stop(Exception):
        pass

    def stop(stage: str, *_: int) -> None:
        if stage.startswith("epoch 2"):
            raise Stop

    with pytest.raises(Stop):
        train_scorer(photos, labels, out, config=config, progress=stop)


def test_more_photos_than_fit_are_refused_before_any_is_opened(twenty, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.jpg" for number in range(1000)]
    config = replace(SMALL, whole=True, image_size=224, cache_gb=0.1)
    settings = ScorerConfig(backbone=SMALL.backbone, image_size=224)
    with pytest.raises(DataError, match=r"photos of one epoch take 0.3 GB, --cache-gb allows 0.1"):
        FrozenMaps(model.build_net(settings), files, settings=settings, config=config)


@pytest.mark.slow
@pytest.mark.parametrize("damaged", [False, True])
def test_state_of_another_run_is_left_aside(twenty, tmp_path: Path, caplog, damaged: bool) -> None:
    photos, labels = twenty
    out, fresh = tmp_path / "s.safetensors", tmp_path / "fresh.safetensors"
    stop_after_first_epoch(photos, labels, out)
    if damaged:
        state_path(out).write_bytes(b"cut off")
    other = replace(SMALL, seed=1)
    train_scorer(photos, labels, out, config=other)
    assert ("damaged" if damaged else "other settings") in caplog.text
    train_scorer(photos, labels, fresh, config=other)
    assert same_weights(out, fresh)


def test_full_disk_leaves_the_last_good_state(tmp_path: Path) -> None:
    path, small = tmp_path / "s.safetensors.resume", {"a": torch.ones(10)}
    save_state(path, State([{"epoch": 1}], small), of="x")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(DataError, match="can't write .*epoch 1 is kept, and the same") as error:
            save_state(path, State([{}, {}], {"a": torch.ones(100_000)}), of="x")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "\n" not in str(error.value)
    state = load_state(path, of="x")
    assert state
    assert torch.equal(state.tensors["a"], small["a"])
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
def test_soft_targets_and_further_columns_are_learned(twenty, tmp_path: Path) -> None:
    photos, labels = twenty
    light = np.array([40 + 25 * (n % 4 + 4 * (n % 2)) for n in range(20)], float)
    light[3] = np.nan
    labels = labels.assign(target=0.5, light=light)
    config = replace(SMALL, also="light", epochs=3, lr=0.0, lr_below=0.0)
    made = train_scorer(photos, labels, tmp_path / "s.safetensors", config=config)
    assert set(made.facts["also_r2"]) == {"light"}
    # Of a coin's toss nothing can be known: no loss is below ln 2, whatever the hard labels are.
    assert made.facts["history"][0]["val_loss"] >= np.log(2)


def test_frozen_layers_are_exported_without_a_change_of_mode() -> None:
    net = model.build_net(ScorerConfig(backbone=SMALL.backbone, fc7_width=16, image_size=32))
    export.lower_as_onnx(net, 32)
    assert not net.training  # or running means would move, on a CPU alone


def test_epochs_walk_through_all_copies(twenty) -> None:
    photos, labels = twenty
    config = replace(SMALL, copies=2, epoch_photos=8, batch_size=8)
    settings = ScorerConfig(backbone=SMALL.backbone, fc7_width=16, image_size=32)
    files = [photos / file for file in labels["file"]]
    maps = FrozenMaps(model.build_net(settings), files, settings=settings, config=config)
    seen = [maps.epoch(number, lambda *_: None) for number in range(6)]
    rows = np.concatenate([rows for rows, _ in seen[:5]])
    assert np.array_equal(np.bincount(rows), np.full(20, 2))
    assert np.array_equal(seen[0][0], seen[5][0])
    assert np.array_equal(np.stack(seen[0][1]), np.stack(seen[5][1]))


def test_unreadable_photos_are_left_out_and_counted(twenty, tmp_path: Path) -> None:
    source, labels = twenty
    photos = Path(shutil.copytree(source, tmp_path / "photos"))
    (photos / "00.png").write_bytes(b"")
    (photos / "17.png").write_bytes(b"no photo")
    made = train_scorer(photos, labels, tmp_path / "s.safetensors", config=SMALL)
    assert made.facts["photos"] == {"train": 15, "val": 3}
    assert sorted(made.facts["unreadable"].values()) == [1, 1]
    for file in labels["file"]:
        (photos / file).write_bytes(b"no photo")
    with pytest.raises(DataError, match="none of 4 photos can be read"):
        train_scorer(photos, labels, tmp_path / "t.safetensors", config=SMALL)


@pytest.mark.slow
def test_what_was_left_out_before_a_kill_is_counted_after_it(twenty, tmp_path: Path) -> None:
    source, labels = twenty
    photos = Path(shutil.copytree(source, tmp_path / "photos"))
    for file in labels["file"][labels["split"] == "train"][::2]:
        (photos / file).write_bytes(b"no photo")
    config = replace(SMALL, epoch_photos=8)  # so that each epoch meets other photos
    outs = [tmp_path / "whole.safetensors", tmp_path / "killed.safetensors"]
    stop_after_first_epoch(photos, labels, outs[1], config=config)
    photos = photos.rename(tmp_path / "moved")
    made = [train_scorer(photos, labels, out, config=config) for out in outs]
    counted = [(facts["photos"], facts["unreadable"]) for facts in (one.facts for one in made)]
    assert counted[0] == counted[1]
    assert counted[0][0] == {"train": 8, "val": 4}


@pytest.mark.slow
def test_processes_make_the_very_same_scorer(twenty, tmp_path: Path) -> None:
    source, labels = twenty
    photos = Path(shutil.copytree(source, tmp_path / "photos"))
    (photos / "00.png").write_bytes(b"no photo")
    config = replace(SMALL, copies=2, epoch_photos=16, batch_size=4)
    outs = [tmp_path / "here.safetensors", tmp_path / "pool.safetensors"]
    made = [
        train_scorer(photos, labels, out, config=config, engine=engine)
        for out, engine in zip(outs, (None, Pool(workers=2, least=0)), strict=True)
    ]
    assert same_weights(*outs)
    assert made[0].facts["unreadable"] == made[1].facts["unreadable"] != {}


def test_augmented_photo_is_the_same_photo(twenty) -> None:
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
        ({"split": "train"}, "the val split has 0 labelled photos, .*; label more posts"),
        (
            {"split": "train", "user": [*"abcde"] * 4},
            r"too few \(5\) .*of more users, .*--val-share",
        ),
        ({"split": "Train"}, "the train split has 0 .*says 'Train'; wanted train, val or test"),
        ({"file": "gone.png"}, "labelled photos are not in"),
        ({"target": 1.5}, "target of 00.png is 1.5"),
        ({"target": None}, "wanted the probability of good, 0 to 1"),
        ({"light": "bright"}, "column \"light\" of --also holds 'bright'"),
        ({"dark": 1.0}, 'lack column "light" of --also'),
        ({"light": 1.0}, "light is the same in all training photos"),
    ],
)
def test_examples_that_teach_nothing_are_refused(twenty, tmp_path: Path, change, seen) -> None:
    photos, labels = twenty
    with pytest.raises(DataError, match=seen):
        config = replace(SMALL, also="light" if {"light", "dark"} & set(change) else "")
        train_scorer(photos, labels.assign(**change), tmp_path / "s.safetensors", config=config)
    assert not (tmp_path / "s.safetensors").exists()
