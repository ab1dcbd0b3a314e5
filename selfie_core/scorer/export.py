"""Nets as ONNX: a CPU runs them without torch and several times as fast.

torch writes the graph of an architecture once, without weights; those of the compact net ship, the
others are kept in the cache folder.  The weights come from the scorer's own file when it is opened.
"""

import io
import json
import threading
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime
from google.protobuf.message import DecodeError
from onnx import numpy_helper
from safetensors import SafetensorError, safe_open

from selfie_core.base import store
from selfie_core.base.errors import ModelError
from selfie_core.base.light import torch_for
from selfie_core.scorer.checkpoint import VERSION, ScorerConfig, read_config

if TYPE_CHECKING:
    from torch import nn

    from selfie_core.scorer.nets import Net

MakeGraph = Callable[[ScorerConfig], onnx.ModelProto]

_EXPORTING = threading.RLock()  # torch's exporter refuses to run twice at once


def session(net: onnx.ModelProto, *, threads: int = 0) -> onnxruntime.InferenceSession:
    """Return a net, ready to run on the CPU.

    Args:
        net: With its weights.
        threads: That one run may use; 0 is all.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    # Threads that spin while they wait take the processor from the scorer's.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        net.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def net_of(path: Path, part: str, make_graph: MakeGraph) -> onnx.ModelProto:
    """Return a scorer's net as ONNX, in one of the forms that are wanted of it.

    Args:
        path: The scorer's file.
        part: Name of the form.
        make_graph: Gives the form's graph of an architecture; it is kept.

    Raises:
        ModelError: The kept graph is damaged, and now deleted; or there is none and no torch.
    """
    config = read_config(path)
    with _EXPORTING:
        file = graph_file(config, part)
        if not file.is_file():
            with torch_for(f"a scorer of {config.backbone} at {config.image_size} pixels"):
                graph = make_graph(config)
            store.write_bytes(file, graph.SerializeToString())
    try:
        net = onnx.load(file)
        _fill(net, path)
    except (DecodeError, KeyError, ValueError) as error:
        if file.is_relative_to(store.site()):
            raise ModelError(f"{file} is damaged; install selfie again") from error
        file.unlink(missing_ok=True)
        raise ModelError(f"{file} was damaged and is deleted; try again") from error
    _fold_norms(net)
    return net


def graph_file(config: ScorerConfig, part: str) -> Path:
    """Return where the graph of an architecture ships, else where the cache folder keeps it."""
    known = {"version": VERSION, **asdict(replace(config, temperature=1.0, facts={}))}
    name = f"{store.content_id(json.dumps(known).encode())}-{part}.onnx"
    shipped = store.net_graphs() / name
    return shipped if shipped.is_file() else store.cache_folder() / name


def _fill(net: onnx.ModelProto, path: Path) -> None:
    """Give a graph the weights of a scorer's file."""
    try:
        with safe_open(path, framework="numpy") as file:
            for tensor in net.graph.initializer:
                if tensor.raw_data:  # a constant of the architecture
                    continue
                values = file.get_tensor(tensor.name.removeprefix("net.")).astype(np.float32)
                if list(values.shape) != list(tensor.dims):
                    raise SafetensorError(f"{tensor.name} has shape {values.shape}")
                tensor.raw_data = values.tobytes()
    except SafetensorError as error:
        raise ModelError(f"{path} is damaged: its weights do not fit its net") from error


def _fold_norms(net: onnx.ModelProto) -> None:
    """Fold each batch norm into the convolution before it, as ONNX Runtime would."""
    values = {tensor.name: tensor for tensor in net.graph.initializer}
    arrays = {name: numpy_helper.to_array(tensor) for name, tensor in values.items()}
    makers = {name: node for node in net.graph.node for name in node.output}
    uses = Counter(name for node in net.graph.node for name in node.input)
    uses.update(value.name for value in net.graph.output)
    for norm in [node for node in net.graph.node if node.op_type == "BatchNormalization"]:
        conv = makers.get(norm.input[0])
        if conv is None or conv.op_type != "Conv" or uses[norm.input[0]] > 1:
            continue
        gain, shift, mean, variance = (arrays[name] for name in norm.input[1:])
        by = gain / np.sqrt(variance + next(a.f for a in norm.attribute if a.name == "epsilon"))
        weight = arrays[conv.input[1]] * by[:, None, None, None]
        bias = shift + (sum(arrays[name] for name in conv.input[2:]) - mean) * by
        values[conv.input[1]].raw_data = weight.tobytes()
        values[norm.input[2]].raw_data = bias.tobytes()
        conv.input[2:] = [norm.input[2]]
        conv.output[0] = norm.output[0]
        net.graph.node.remove(norm)


def whole_net(path: Path) -> onnx.ModelProto:
    """Return a scorer's net, free in B: photos -> logit, fc7.

    Faster on a CPU than eager PyTorch, see tests/bench/bench_score.py.
    """
    return net_of(path, "net", whole_graph)


def whole_graph(config: ScorerConfig) -> onnx.ModelProto:
    """Return the graph of `whole_net`, written by torch."""
    return as_graph(any_net(config), config.image_size, outputs=("logit", "fc7"))


def maps_net(path: Path) -> onnx.ModelProto:
    """Return a scorer's net from a photo of any size to its maps.

    Raises:
        ModelError: The net has no such maps, as VGG16.
    """
    return net_of(path, "maps", maps_graph)


def maps_graph(config: ScorerConfig) -> onnx.ModelProto:
    """Return the graph of `maps_net`, written by torch."""
    import torch

    from selfie_core.scorer import nets

    net = any_net(config)
    if not isinstance(net, nets.TimmNet) or not hasattr(net, "style"):
        said = "this scorer's net has no maps to cut crops from; choose mode exact"
        raise ModelError(f"{said}, or where there is none do without crops")
    trunk = net.trunk

    class Maps(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, photos: torch.Tensor) -> tuple[torch.Tensor, ...]:
            """Return the last maps, places and style: the maps of `TimmNet.features`."""
            maps = net.lower(photos)
            channels = nets.StyleMaps.CHANNELS
            seen = trunk.blocks[nets.FROZEN_STAGES](maps[:, :-channels])  # type: ignore[index]
            found = trunk.blocks[nets.FROZEN_STAGES + 1 :](seen)  # type: ignore[index]
            found = trunk.bn2(trunk.conv_head(found))  # type: ignore[operator]
            return found, torch.relu(net.places(seen)), maps[:, -channels:]

    outputs = ("found", "places_maps", "style_maps")
    graph = as_graph(Maps().eval(), config.image_size, outputs=outputs)
    for value in (*graph.graph.input, *graph.graph.output):
        for axis in (0, 2, 3):
            value.type.tensor_type.shape.dim[axis].dim_param = f"{value.name}_{axis}"
    del graph.graph.value_info[:]  # sizes of the squares it was exported for
    return graph


def lower_as_onnx(net: "Net", image_size: int) -> bytes:
    """Return the frozen part as ONNX: photos -> maps; on two cores 9 times as fast as eager."""
    from torch import Tensor, nn

    class Lower(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, photos: Tensor) -> Tensor:
            return self.net.lower(photos)

    return as_onnx(Lower().eval(), image_size, outputs=("maps",))


def any_net(config: ScorerConfig) -> "Net":
    """Return a net of an architecture, no two of its weights alike: the exporter joins those."""
    import torch

    from selfie_core.scorer.nets import build_net

    net, chance = build_net(config), torch.Generator().manual_seed(0)
    for weights in net.state_dict().values():
        if weights.is_floating_point():
            weights.uniform_(0.5, 1.5, generator=chance)
    return net


def as_graph(net: "nn.Module", image_size: int, *, outputs: tuple[str, ...]) -> onnx.ModelProto:
    """Return what `as_onnx` does without the weights that a scorer's file has."""
    graph = onnx.load_from_string(as_onnx(net, image_size, outputs=outputs))
    of_scorer = net.state_dict()
    for tensor in graph.graph.initializer:
        if tensor.name in of_scorer:
            tensor.ClearField("raw_data")
    return graph


def as_onnx(net: "nn.Module", image_size: int, *, outputs: tuple[str, ...]) -> bytes:
    """Return a net as an ONNX file, free in B, with the input `photos`."""
    import torch

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
            training=torch.onnx.TrainingMode.PRESERVE,  # weights keep their names
            do_constant_folding=False,
            dynamo=False,  # the tracing exporter needs no further package and takes half a second
        )
    return file.getvalue()
