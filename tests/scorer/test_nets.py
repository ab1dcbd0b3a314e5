import functools
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import timm
import torch
import torchvision
from safetensors.torch import load_file, save_file

from selfie_core.base.errors import ModelError
from selfie_core.base.settings import TrainConfig
from selfie_core.photo import images
from selfie_core.scorer import nets, weights
from selfie_core.scorer import scorer as score
from selfie_core.scorer.checkpoint import FORMAT, VERSION, ScorerConfig, read_config
from selfie_core.training.train import train_scorer
from tests.support.drawn import draw_photo

VGG = ScorerConfig(backbone="vgg16", fc7_width=4096, image_size=224)
SMALL = ScorerConfig(image_size=64, fc7_width=16, temperature=2.0, facts={"epochs": 1})


@pytest.fixture(scope="module")
def scorer_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("model") / "small.safetensors"
    weights.save_scorer(path, nets.build_net(SMALL), SMALL)
    return path


def test_path_alone_loads_a_scorer(scorer_file: Path) -> None:
    net, config = weights.load_net(scorer_file)
    assert config == SMALL
    logits, fc7 = net(torch.zeros(2, 3, 64, 64))
    assert logits.shape == (2,)
    assert fc7.shape == (2, 16)
    assert (fc7 >= 0).all()


def test_onnx_and_torch_give_the_same_scores(scorer_file: Path) -> None:
    photos = [draw_photo(number) for number in range(5)]
    scorer = score.load_scorer(scorer_file)
    scores, fc7 = scorer.features(photos)
    net, config = weights.load_net(scorer_file)
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


def test_damaged_graph_is_named_and_deleted(scorer_file: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("SELFIE_CACHE", str(tmp_path))
    scorer = score.Scorer(scorer_file)
    (kept,) = (tmp_path / "selfie").glob("*-net.onnx")
    kept.write_bytes(kept.read_bytes()[:-100])
    with pytest.raises(ModelError, match="deleted; try again"):
        score.Scorer(scorer_file)
    assert score.Scorer(scorer_file).id == scorer.id


def test_graph_is_exported_once_for_all_scorers_of_an_architecture(
    scorer_file: Path, tmp_path: Path, monkeypatch
) -> None:
    score.load_scorer(scorer_file)
    monkeypatch.setattr(nets, "build_net", lambda config: pytest.fail("exported again"))
    state = load_file(scorer_file)
    state["fc7.weight"] *= 0
    header = {"format": FORMAT, "version": str(VERSION)}
    header["config"] = json.dumps(asdict(replace(SMALL, temperature=1.0)))
    save_file(state, tmp_path / "other.safetensors", header)
    _, fc7 = score.Scorer(tmp_path / "other.safetensors").features([draw_photo(1)])
    expected = np.maximum(state["fc7.bias"].float().numpy(), 0)
    assert np.allclose(fc7[0], expected, atol=1e-6)


def test_vgg16_has_the_fc7_of_2015() -> None:
    with torch.device("meta"):  # shapes without 138 million numbers
        net = nets.build_net(VGG)
        logits, fc7 = net(torch.zeros(2, 3, 224, 224))
    assert logits.shape == (2,)
    assert fc7.shape == (2, 4096)
    assert not [m for m in net.modules() if isinstance(m, torch.nn.Dropout) and m.p > 0]


def test_shipped_imagenet_weights_fit_the_compact_net() -> None:
    net = nets.build_net(SMALL)
    before = net.trunk.conv_stem.weight.clone()
    weights.load_imagenet(net)
    assert not torch.equal(net.trunk.conv_stem.weight, before)


def test_foreign_weights_are_refused(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(3)}, tmp_path / "a.safetensors")
    with pytest.raises(ModelError, match="do not fit"):
        weights.load_imagenet(nets.build_net(SMALL), weights=tmp_path / "a.safetensors")


def test_unknown_backbone_is_one_line() -> None:
    with pytest.raises(ModelError, match='backbone "resnet51" is unknown'):
        nets.build_net(replace(SMALL, backbone="resnet51"))


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


@pytest.fixture(scope="module")
def vgg_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Random VGG16 weights under torchvision's names, float16, as .pth and .safetensors."""
    folder = tmp_path_factory.mktemp("vgg")
    torch.manual_seed(0)
    state = {name: value.half() for name, value in torchvision.models.vgg16().state_dict().items()}
    torch.save(state, folder / "vgg16.pth")
    save_file(state, folder / "vgg16.safetensors")
    return folder / "vgg16.pth", folder / "vgg16.safetensors"


@pytest.mark.slow
@pytest.mark.parametrize("whole", [False, True])
def test_vgg16_trains_from_a_file_and_scores_the_same_by_torch_and_onnx(
    vgg_files, tmp_path: Path, whole: bool
) -> None:
    rows = [
        {"file": f"{n}.png", "label": n % 2, "split": "val" if n > 3 else "train"} for n in range(6)
    ]
    photos = [draw_photo(n) for n in range(6)]
    for row, photo in zip(rows, photos, strict=True):
        photo.save(tmp_path / row["file"])
    out = tmp_path / "vgg.safetensors"
    config = TrainConfig(
        backbone="vgg16", weights=str(vgg_files[1]), image_size=32, epochs=1, head_epochs=0,
        copies=1, batch_size=4, dropout=0.5, whole=whole, lr_below=1e-3,
    )  # fmt: skip
    train_scorer(tmp_path, pd.DataFrame(rows), out, config=config)
    net, settings = weights.load_net(out)
    assert net.fc7.out_features == 4096
    start = torch.load(vgg_files[0], weights_only=True)
    assert torch.equal(net.features[0].weight, start["features.0.weight"].float()) != whole
    assert not torch.equal(net.fc6.weight, start["classifier.0.weight"].float())
    inputs = images.to_batch(photos, size=32, mean=settings.mean, std=settings.std)
    with torch.inference_mode():
        logits, fc7 = net(torch.from_numpy(inputs))
    scores, seen = score.load_scorer(out).features(photos)
    assert np.allclose(scores, torch.sigmoid(logits / settings.temperature).numpy(), atol=1e-4)
    assert np.allclose(seen, fc7.numpy(), atol=1e-3)


@pytest.fixture
def weights_server(
    vgg_files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ThreadingHTTPServer]:
    """A server of VGG16 weights that torchvision takes for its own."""
    digest = hashlib.sha256(vgg_files[0].read_bytes()).hexdigest()[:8]
    served = tmp_path / f"vgg16-{digest}.pth"
    served.symlink_to(vgg_files[0])
    handler = functools.partial(QuietHandler, directory=str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    url = f"http://127.0.0.1:{server.server_port}/{served.name}"
    monkeypatch.setattr(torchvision.models.VGG16_Weights.IMAGENET1K_V1.value, "url", url)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.slow
def test_vgg16_weights_are_downloaded_by_torchvision(vgg_files, weights_server) -> None:
    with torch.device("meta"):
        net = nets.build_net(VGG)
    net = net.to_empty(device="cpu")
    weights.load_start(net, "imagenet")
    start = torch.load(vgg_files[0], weights_only=True)
    assert torch.equal(net.fc7.bias, start["classifier.3.bias"].float())


def test_vgg16_without_network_asks_for_a_file(tmp_path: Path, monkeypatch) -> None:
    url = "http://127.0.0.1:9/vgg16-397923af.pth"  # nobody answers there
    monkeypatch.setattr(torchvision.models.VGG16_Weights.IMAGENET1K_V1.value, "url", url)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with torch.device("meta"):
        net = nets.build_net(VGG)
    with pytest.raises(ModelError, match="can't be downloaded here; give torchvision's"):
        weights.load_start(net, "imagenet")


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_any_timm_net_takes_a_file_of_its_own_weights(tmp_path: Path, suffix: str) -> None:
    source = timm.create_model("mobilenetv3_small_050", num_classes=1000)
    path = tmp_path / f"weights{suffix}"
    state = source.state_dict()
    save_file(state, path) if suffix == ".safetensors" else torch.save(state, path)
    config = ScorerConfig(backbone="mobilenetv3_small_050", fc7_width=16, image_size=32)
    net = nets.build_net(config)
    weights.load_start(net, str(path))
    assert torch.equal(net.trunk.conv_stem.weight, source.conv_stem.weight)
    logits, fc7 = net.upper(net.lower(torch.zeros(2, 3, 32, 32)))
    assert (logits.shape, fc7.shape) == ((2,), (2, 16))


@pytest.mark.parametrize(
    ("content", "seen"),
    [(None, "no weights at"), (b"a text", "holds no weights"), (b"", "holds no weights")],
)
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_what_is_no_weights_is_refused(tmp_path: Path, content, seen: str, suffix: str) -> None:
    path = tmp_path / f"w{suffix}"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=seen) as error:
        weights.load_start(nets.build_net(SMALL), str(path))
    assert "\n" not in str(error.value)
