"""What a scorer's file says of itself, readable in a millisecond and without torch."""

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from selfie_core.base.errors import ModelError
from selfie_core.base.names import quoted

FORMAT = "selfie-scorer"
VERSION = 2  # 1 had no style maps
COMPACT = "tf_efficientnet_lite0"  # no squeeze-and-excite: fast on a CPU and plain to export


@dataclass(frozen=True)
class ScorerConfig:
    """All that a scorer needs beside its weights to score the same everywhere."""

    backbone: str = COMPACT  # "vgg16" or the name of a timm net
    fc7_width: int = 512  # activations of the layer that the map is made of
    image_size: int = 128  # side in pixels; photos are squashed to a square, as in 2015
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)  # of RGB in [0, 1]
    std: tuple[float, ...] = (0.229, 0.224, 0.225)
    temperature: float = 1.0  # score = sigmoid(logit / temperature), fitted on validation
    facts: dict[str, Any] = field(default_factory=dict)  # data, epochs, metrics: for people


def read_config(path: Path) -> ScorerConfig:
    """Return the config in the header of a scorer file.

    Raises:
        ModelError: The file is missing, damaged, no scorer, or of another version.
    """
    version, config = read_header(path)
    if version < VERSION:
        raise ModelError(
            f'{path} is of scorer version {version}; run "selfie migrate {quoted(path)}"'
        )
    return config


def read_header(path: Path) -> tuple[int, ScorerConfig]:
    """Return the version and the config of a scorer file of this version or an earlier one.

    Raises:
        ModelError: The file is missing, damaged, no scorer, or of a newer version.
    """
    if not Path(path).is_file():
        raise ModelError(f'no scorer at {path}; train one with "selfie train" or check the path')
    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise ModelError(
            f"{path} is damaged or no scorer; wanted a .safetensors file of selfie train"
        ) from error
    if header.get("format") != FORMAT:
        raise ModelError(f"{path} holds other weights, not a scorer; wanted one of selfie train")
    version = int(header.get("version", 0))
    if version > VERSION:
        raise ModelError(
            f"{path} is of scorer version {version}, this selfie reads up to {VERSION}; "
            f"upgrade selfie"
        )
    try:
        given = json.loads(header["config"])
        known = {item.name: given[item.name] for item in fields(ScorerConfig)}
        pair = {name: tuple(known[name]) for name in ("mean", "std")}
        return version, ScorerConfig(**{**known, **pair})
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path} is a scorer without its settings; train it again") from error
