"""The activations of every layer of a net, what each of their cells sees, what fc7 weighs.

The net is exported once with its layers as outputs: the compact one's ships.

Letters: B batch, N photos, C channels of a layer, D width of fc7, H W cells of a map.
"""

import functools
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from numpy.typing import NDArray
from PIL import Image
from safetensors import safe_open

from selfie_core.base.errors import ModelError
from selfie_core.base.progress import chunks
from selfie_core.learned.receptive import Field, receptive_fields
from selfie_core.photo import images
from selfie_core.scorer import export
from selfie_core.scorer.checkpoint import ScorerConfig
from selfie_core.scorer.scorer import Scorer

if TYPE_CHECKING:
    from torch import Tensor, nn

    from selfie_core.scorer.nets import Net

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Layer:
    """One layer that gives square maps."""

    name: str  # "stage 3"
    channels: int
    side: int  # cells of its maps, across and down
    field: Field


@dataclass(frozen=True)
class Activations:
    """What the net makes of a batch of photos.

    Attributes:
        maps: By layer, shape (B, C, H, W).
        fc7: After its ReLU, shape (B, D).
        logits: Shape (B,).
    """

    maps: dict[str, Floats]
    fc7: Floats
    logits: Floats


class LayeredNet:
    """A scorer's net with its layers: photos in, the activations of all layers out.

    Attributes:
        layers: In the order in which a photo passes them.
        size: Side in pixels of the square that the net sees.
    """

    def __init__(self, scorer: Scorer) -> None:
        net = export.net_of(scorer.path, "layers", layered_graph)
        (facts,) = net.metadata_props
        self.layers = tuple(
            Layer(**{**layer, "field": Field(**layer["field"])})
            for layer in json.loads(facts.value)
        )
        self.size = scorer.image_size
        self._config = scorer.config
        self._session = export.session(net)

    def activations(self, photos: Sequence[Image.Image]) -> Activations:
        """Return what each layer makes of RGB photos of any size."""
        mean, std = self._config.mean, self._config.std
        batch = images.to_batch(photos, size=self.size, mean=mean, std=std)
        names = [layer.name for layer in self.layers]
        made: Any = self._session.run([*names, "fc7", "logit"], {"photos": batch})
        return Activations(dict(zip(names, made[:-2], strict=True)), made[-2], made[-1])

    def layer(self, name: str) -> Layer | None:
        """Return the layer of a name, or None."""
        return next((layer for layer in self.layers if layer.name == name), None)


@functools.lru_cache(maxsize=2)
def open_net(scorer: Scorer) -> LayeredNet:
    """Return the net of a scorer with its layers; exported when first wanted, in seconds."""
    return LayeredNet(scorer)


def strongest(maps: Floats, count: int) -> NDArray[np.intp]:
    """Return the channels of one photo's maps, shape (C, H, W), that vary most, the most first."""
    return np.argsort(-maps.std(axis=(1, 2)), kind="stable")[:count]


def tile_sheet(maps: Floats, *, columns: int) -> Image.Image:
    """Return maps, shape (C, H, W), as one grey picture, each from its least to most.

    A pixel per cell, `columns` maps side by side.
    """
    count, height, width = maps.shape
    low, high = (edge(maps, axis=(1, 2), keepdims=True) for edge in (np.min, np.max))
    grey = (255 * (maps - low) / np.maximum(high - low, 1e-6)).astype(np.uint8)
    lines = -(-count // columns)
    sheet = np.zeros((lines * columns, height, width), np.uint8)
    sheet[:count] = grey
    sheet = sheet.reshape(lines, columns, height, width).transpose(0, 2, 1, 3)
    return Image.fromarray(sheet.reshape(lines * height, columns * width))


def last_layer(scorer: Scorer) -> tuple[Floats, float]:
    """Return the weights of the last layer, shape (D,), and its bias.

    Raises:
        ModelError: The file is damaged.
    """
    try:
        with safe_open(scorer.path, framework="numpy") as file:
            weights, bias = (file.get_tensor(f"logit.{name}") for name in ("weight", "bias"))
    except Exception as error:  # safetensors has one of its own, files have theirs
        raise ModelError(f"{scorer.path} has no last layer that can be read") from error
    return weights[0].astype(np.float32), float(bias[0])


def deciding_units(weights: Floats, fc7: NDArray[Any], count: int) -> NDArray[np.intp]:
    """Return the units that carry most of what sets a gallery's scores apart, the most first.

    That is a unit's share of the variance of the logit: its weight times the covariance of its
    activation with the logit.  A unit of positive weight on photos that score low, because others
    that fire with it weigh more, has a share below 0: neither said to raise the score nor to lower
    it.

    Args:
        weights: Of the last layer, shape (D,).
        fc7: Of the gallery, shape (N, D).
        count: Units, at most.
    """
    shares = np.zeros(len(weights))
    mean = fc7.mean(axis=0, dtype=np.float64)
    for part in chunks(fc7, 4096):  # galleries are large
        away = np.asarray(part, np.float64) - mean
        shares += away.T @ (away @ weights)
    units = np.argsort(-weights * shares, kind="stable")[:count]
    return units[weights[units] * shares[units] > 0]


def top_rows(fc7: NDArray[Any], unit: int, count: int) -> NDArray[np.intp]:
    """Return the rows that activate a unit of fc7 most, the most first; none that leave it at 0."""
    values = np.asarray(fc7[:, unit], np.float32)
    rows = np.argsort(-values, kind="stable")[:count]
    return rows[values[rows] > 0]


def is_wide(layer: Layer, image_size: int) -> bool:
    """Return whether a cell's receptive field is as wide as the picture, or wider."""
    return layer.field.step == 0 or layer.field.size >= image_size


def layered_graph(config: ScorerConfig) -> onnx.ModelProto:
    """Return the net of an architecture with its layers as outputs, and in it their facts."""
    layers = measure_layers(export.any_net(config), config.image_size)
    names = [layer.name for layer in layers]
    layered = with_layers(export.any_net(config), names)
    graph = export.as_graph(layered, config.image_size, outputs=(*names, "fc7", "logit"))
    onnx.helper.set_model_props(graph, {"layers": json.dumps([asdict(layer) for layer in layers])})
    return graph


def measure_layers(net: "Net", image_size: int) -> list[Layer]:
    """Return what is known of the layers that give square maps, receptive fields included.

    Args:
        net: Its weights and poolings are overwritten.
        image_size: Side of the square that it sees, pixels.
    """
    import torch

    from selfie_core.scorer.nets import Vgg16

    with torch.no_grad(), _kept_maps(net) as maps:
        net(torch.zeros(1, 3, image_size, image_size))
    shapes = {name: maps[name].shape for name in _layer_modules(net)}
    square = {n: shape for n, shape in shapes.items() if len(shape) == 4 and shape[2] == shape[3]}
    if not square:
        return []

    def maps_of(photos: torch.Tensor) -> list[torch.Tensor]:
        with _kept_maps(net) as maps:  # without fc7, which takes photos of one size only
            net.features(photos if isinstance(net, Vgg16) else net.lower(photos))
        return [maps[name] for name in square]

    fields = receptive_fields(net, maps_of, image_size)
    return [
        Layer(name, channels, side, field)
        for (name, (_, channels, side, _)), field in zip(square.items(), fields, strict=True)
    ]


def with_layers(net: "Net", names: Sequence[str]) -> "nn.Module":
    """Return a net that gives the maps of some layers, fc7 and the logit."""
    import torch
    from torch import nn

    class LayeredModule(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, photos: torch.Tensor) -> tuple[torch.Tensor, ...]:
            with _kept_maps(net) as maps:
                logit, fc7 = net(photos)
            if "places" in maps:
                maps["places"] = torch.relu(maps["places"])  # as fc7 gets them
            return (*(maps[name] for name in names), fc7, logit)

    return LayeredModule().eval()


@contextmanager
def _kept_maps(net: "Net") -> "Iterator[dict[str, Tensor]]":
    """Keep what the layers of a net put out while it runs, by name."""
    maps: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[..., None]:
        return lambda _module, _given, made: maps.update({name: made})

    hooks = [m.register_forward_hook(keep(name)) for name, m in _layer_modules(net).items()]
    try:
        yield maps
    finally:
        for hook in hooks:
            hook.remove()


def _layer_modules(net: "Net") -> dict[str, Any]:
    """Return the layers worth a look, by name, in the order in which a photo passes them."""
    from timm.models.efficientnet import EfficientNet

    from selfie_core.scorer.nets import Vgg16

    if isinstance(net, Vgg16):
        features: Any = net.features
        stages = [m for m in features if type(m).__name__ == "MaxPool2d"]
        return {f"stage {number}": pool for number, pool in enumerate(stages, 1)}
    trunk: Any = net.trunk
    if isinstance(trunk, EfficientNet):
        stages = {f"stage {number}": block for number, block in enumerate(trunk.blocks, 1)}
        ends = {"head": trunk.bn2, "style": net.style, "places": net.places}
        return {"stem": trunk.bn1, **stages, **ends}
    modules = dict(trunk.named_modules())
    known = [info["module"] for info in getattr(trunk, "feature_info", [])]
    found = [modules[name] for name in dict.fromkeys(known) if name in modules]
    return {f"stage {number}": module for number, module in enumerate(found, 1)}
