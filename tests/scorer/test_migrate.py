"""Scorers as the first version wrote them go on scoring, once brought up."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from selfie_core.base.errors import ModelError
from selfie_core.cli.main import main
from selfie_core.scorer.checkpoint import COMPACT, FORMAT, VERSION, ScorerConfig, read_config
from selfie_core.scorer.nets import TimmNet, build_net
from selfie_core.scorer.scorer import Scorer
from selfie_core.scorer.weights import load_net, migrate_scorer
from tests.support.drawn import draw_photo

SIZE = 64


def first_version(path: Path, backbone: str) -> TimmNet:
    """Write what version 1 did: a backbone, fc7 of what it pools, one logit; return its net."""
    config = ScorerConfig(backbone=backbone, fc7_width=16, image_size=SIZE, temperature=0.5)
    torch.manual_seed(0)
    net = build_net(config)
    assert isinstance(net, TimmNet)
    pooled = net.trunk(torch.zeros(1, 3, SIZE, SIZE)).shape[1]
    net.fc7 = torch.nn.Linear(pooled, 16)
    kept = {
        name: tensor.half() if tensor.is_floating_point() else tensor
        for name, tensor in net.state_dict().items()
        if name.startswith(("trunk.", "fc7.", "logit."))
    }
    header = {"format": FORMAT, "version": "1", "config": json.dumps(asdict(config))}
    save_file(kept, path, header)
    net.load_state_dict({name: tensor.float() for name, tensor in kept.items()}, strict=False)
    return net


@pytest.mark.parametrize("backbone", [COMPACT, "resnet10t"])
def test_scorer_of_the_first_version_scores_as_before(tmp_path: Path, backbone: str) -> None:
    path = tmp_path / "old.safetensors"
    net = first_version(path, backbone)
    with pytest.raises(ModelError, match=r"of scorer version 1; run \"selfie migrate .*old"):
        read_config(path)
    photos = torch.rand(4, 3, SIZE, SIZE, generator=torch.manual_seed(1)) * 4 - 2
    with torch.inference_mode():
        pooled = net.trunk(photos)
        expected = torch.relu(pooled @ net.fc7.weight.T + net.fc7.bias)
        logits = net.logit(expected).squeeze(1)
        assert migrate_scorer(path) == 1
        now, config = load_net(path)
        found, fc7 = now(photos)
    assert logits.std() > 1e-3
    np.testing.assert_allclose(fc7, expected, atol=2e-5)
    np.testing.assert_allclose(found, logits, atol=2e-5)
    assert config.temperature == 0.5
    assert migrate_scorer(path) == VERSION
    assert 0 < Scorer(path)([draw_photo(1)])[0] < 1


def test_command_says_what_it_was(tmp_path: Path, capsys) -> None:
    path = tmp_path / "old.safetensors"
    first_version(path, "resnet10t")
    assert main(["migrate", str(path)]) == 0
    assert f"{path} was of version 1 and is of version {VERSION}" in capsys.readouterr().err
    assert main(["migrate", str(path)]) == 0
    assert capsys.readouterr().err == f"{path} is of version {VERSION}\n"


def test_half_a_scorer_is_refused_and_left_alone(tmp_path: Path, capsys) -> None:
    path = tmp_path / "old.safetensors"
    first_version(path, "resnet10t")
    with safe_open(path, framework="pt") as file:
        header = file.metadata()
    state = load_file(path)
    del state["fc7.weight"]
    save_file(state, path, header)
    before = path.read_bytes()
    assert main(["migrate", str(path)]) == 1
    assert "damaged: its weights do not fit resnet10t" in capsys.readouterr().err
    assert path.read_bytes() == before
