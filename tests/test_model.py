import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from drawn import draw_photo
from safetensors.torch import save_file

from selfie_core import images, model, score
from selfie_core.checkpoint import FORMAT, ScorerConfig, read_config
from selfie_core.errors import ModelError

SMALL = ScorerConfig(image_size=64, fc7_width=16, temperature=2.0, facts={"epochs": 1})


@pytest.fixture(scope="module")
def scorer_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("model") / "small.safetensors"
    model.save_scorer(path, model.build_net(SMALL), SMALL)
    return path


def test_path_alone_loads_a_scorer(scorer_file: Path) -> None:
    net, config = model.load_net(scorer_file)
    assert config == SMALL
    logits, fc7 = net(torch.zeros(2, 3, 64, 64))
    assert logits.shape == (2,)
    assert fc7.shape == (2, 16)
    assert (fc7 >= 0).all()


def test_onnx_and_torch_give_the_same_scores(scorer_file: Path) -> None:
    photos = [draw_photo(number) for number in range(5)]
    scorer = score.load_scorer(scorer_file)
    scores, fc7 = scorer.features(photos)
    net, config = model.load_net(scorer_file)
    inputs = images.to_batch(photos, size=64, mean=config.mean, std=config.std)
    with torch.inference_mode():
        logits, expected = net(torch.from_numpy(inputs))
    assert np.allclose(scores, torch.sigmoid(logits / 2).numpy(), atol=1e-4)
    assert np.allclose(fc7, expected.numpy(), atol=1e-3)


def test_batch_size_does_not_change_scores(scorer_file: Path) -> None:
    photos = [draw_photo(number % 8) for number in range(20)]
    scorer = score.load_scorer(scorer_file)
    alone = np.concatenate([scorer([photo]) for photo in photos])
    assert np.allclose(scorer(photos), alone, atol=1e-5)
    assert scorer([]).shape == (0,)


def test_process_loads_a_scorer_once(scorer_file: Path) -> None:
    assert score.load_scorer(scorer_file) is score.load_scorer(scorer_file)


def test_damaged_cache_is_named_and_deleted(scorer_file: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("SELFIE_CACHE", str(tmp_path))
    scorer = score.Scorer(scorer_file)
    cached = tmp_path / "selfie" / f"{scorer.id}.onnx"
    cached.write_bytes(b"nonsense")
    with pytest.raises(ModelError, match="deleted; try again"):
        score.Scorer(scorer_file)
    assert score.Scorer(scorer_file).id == scorer.id


def test_vgg16_has_the_fc7_of_2015() -> None:
    with torch.device("meta"):  # shapes without 138 million numbers
        net = model.build_net(ScorerConfig(backbone="vgg16", fc7_width=4096, image_size=224))
        logits, fc7 = net(torch.zeros(2, 3, 224, 224))
    assert logits.shape == (2,)
    assert fc7.shape == (2, 4096)
    assert not [m for m in net.modules() if isinstance(m, torch.nn.Dropout) and m.p > 0]


def test_shipped_imagenet_weights_fit_the_compact_net() -> None:
    net = model.build_net(SMALL)
    before = net.trunk.conv_stem.weight.clone()
    model.load_imagenet(net)
    assert not torch.equal(net.trunk.conv_stem.weight, before)


def test_foreign_weights_are_refused(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(3)}, tmp_path / "a.safetensors")
    with pytest.raises(ModelError, match="do not fit"):
        model.load_imagenet(model.build_net(SMALL), weights=tmp_path / "a.safetensors")


def test_unknown_backbone_is_one_line() -> None:
    with pytest.raises(ModelError, match='backbone "resnet51" is unknown'):
        model.build_net(replace(SMALL, backbone="resnet51"))


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (None, "no scorer at"),
        (b"", "damaged or no scorer"),
        (b"\x08\x00\x00\x00\x00\x00\x00\x00{}      ", "other weights"),
        (b"a text", "damaged or no scorer"),
    ],
)
def test_what_is_no_scorer_is_refused(tmp_path: Path, content: bytes | None, seen: str) -> None:
    path = tmp_path / "s.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=seen):
        read_config(path)


def test_newer_scorer_asks_for_an_upgrade(tmp_path: Path) -> None:
    header = {"format": FORMAT, "version": "99", "config": json.dumps({})}
    save_file({"a": torch.zeros(1)}, tmp_path / "s.safetensors", header)
    with pytest.raises(ModelError, match="version 99.*upgrade"):
        read_config(tmp_path / "s.safetensors")
