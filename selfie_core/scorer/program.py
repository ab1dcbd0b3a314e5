"""A net as a program of layers with its weights, read off its ONNX file: what browsers run.

`pages/phone/program.js` runs it.  Maps lie pixel by pixel there, hence the order of the weights.

Letters: B photos, N outputs and K inputs of a layer, S side of the squares, D width of fc7.
"""

import json
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from safetensors.numpy import save

from selfie_core.base.errors import ModelError
from selfie_core.photo.images import normalise
from selfie_core.scorer.checkpoint import ScorerConfig
from selfie_core.scorer.export import session, whole_net
from selfie_core.scorer.features import head_of
from selfie_core.scorer.scorer import Scorer, probability

Floats = NDArray[np.float32]

LANES = 8  # outputs that the kernels work on at once
# Numbers of a layer that 8 bits are for: smaller ones cost little and matter most.
LARGE = 70_000
# Weights of an output that share a scale in 8 bits.  With one scale for all of them the largest
# shift on 400 photos was 0.017, with these 0.0035.
BLOCK = 32
SHIFT = 0.004  # of any photo's score, that 8 bits may cause
FC7 = "fc7"
# Nodes that leave a map as it is: what is joined to one, and parted again, is style.
_PASSED = {"Pad", "Sigmoid", "Concat", "Slice"}
# Nodes with which what `head_of` holds begins.
_LAST = {"Shape", "Flatten", "Gather", "ReduceMean"}


@dataclass
class Program:
    """Layers in the order in which they run.

    Attributes:
        layers: Each with its kind (pointwise, conv3x3, depthwise, upsample), its input and output
            map, and what else its kernel wants.
        weights: Of each layer by the name of its output, shape (N, K).
        biases: Likewise, shape (N,).
        outputs: The maps that are asked for, by name.
        facts: What goes into the file's header besides.
    """

    layers: list[dict[str, Any]] = field(default_factory=list)
    weights: dict[str, Floats] = field(default_factory=dict)
    biases: dict[str, Floats] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


def program_of(net: onnx.ModelProto) -> Program:
    """Return the convolutions of a net as a program; what comes after a pooling is left out.

    Raises:
        ModelError: It has layers of another kind.
    """
    values = {one.name: numpy_helper.to_array(one) for one in net.graph.initializer}
    program = Program()
    known = {net.graph.input[0].name: "photo"}  # the map that holds each value
    padded: set[str] = set()  # values padded as TensorFlow does, by the size of the map
    nodes = iter(net.graph.node)
    for node in nodes:
        given = [name for name in node.input if name in known]
        last: dict[str, Any] = program.layers[-1] if program.layers else {"output": ""}
        if node.op_type == "Conv" and given:
            known[node.output[0]] = _add_conv(program, node, values, known, padded)
        elif node.op_type == "ConvTranspose" and given:
            norm, relu = next(nodes), next(nodes)
            known[relu.output[0]] = _add_transposed(program, node, norm, values, known)
        elif node.op_type in ("Clip", "Relu") and given and known[given[0]] == last["output"]:
            last["activation"] = 1 if node.op_type == "Relu" else 2
            known[node.output[0]] = last["output"]
        elif node.op_type == "Add" and len(given) == 2:
            (other,) = {known[name] for name in given} - {last["output"]}
            known[node.output[0]] = _add_sum(program, other, node.output[0])
        elif node.op_type in _PASSED and len(given) == 1:
            known[node.output[0]] = known[given[0]]
            padded |= {node.output[0]} if node.op_type == "Pad" else set()
        elif node.op_type == "GlobalAveragePool" and given:
            program.outputs["found"] = known[given[0]]
        elif any(known[name] != "photo" for name in given) and node.op_type not in _LAST:
            raise ModelError(f"layers of kind {node.op_type} run on the server only")
    outputs = {one.name: known[one.name] for one in net.graph.output if one.name in known}
    program.outputs |= outputs
    return program


def scorer_program(scorer: Scorer) -> Program:
    """Return the program of a scorer, its fc7 and logit as the last layers.

    Raises:
        ModelError: Its net is none of the compact ones.
    """
    program = program_of(whole_net(scorer.path))
    places = [one["output"] for one in program.layers if one["weight"] == "places.weight"]
    if not places or "found" not in program.outputs:
        raise ModelError("this scorer's net is none of the compact ones")
    program.outputs["places"] = places[0]
    weight, bias, logit, offset = head_of(scorer.path)
    program.weights[FC7], program.biases[FC7] = np.ascontiguousarray(weight.T), bias
    config = scorer.config
    program.facts = {
        "side": config.image_size,
        "scale": [1 / (255 * s) for s in config.std],
        "offset": [m / s for m, s in zip(config.mean, config.std, strict=True)],
        "temperature": config.temperature,
        "logit": [*logit.tolist(), *offset.tolist()],
    }
    return program


def in_file(program: Program, *, bits: int) -> bytes:
    """Return a program as the content of a .safetensors file.

    Args:
        program: The program.
        bits: Of each weight of the large layers: 8, 16 or 32; the others have 16 at most.
    """
    tensors: dict[str, NDArray[Any]] = {}
    flat = {one["output"] for one in program.layers if one["kind"] == "depthwise"}
    for name, weight in program.weights.items():
        codes, scale = _coded(weight, bits)
        tensors[f"{name}.weight"] = codes.T.copy() if name in flat else _in_lanes(codes)
        if scale is not None:
            tensors[f"{name}.scale"] = _in_lanes(scale)
        tensors[f"{name}.bias"] = program.biases[name].astype(np.float32)
    header = {"layers": program.layers, "outputs": program.outputs, **program.facts}
    return save(tensors, {"program": json.dumps(header)})


def largest_shift(scorer: Scorer, program: Program, squares: Floats, *, bits: int) -> float:
    """Return by how much the score of any photo changes where weights have few bits.

    Args:
        scorer: Whose program it is.
        program: The program.
        squares: What the net sees of photos, shape (B, S, S, 3), 0..255.
        bits: As of `in_file`.
    """
    net = whole_net(scorer.path)
    whole = _scores(net, squares, scorer.config)
    names = {layer["weight"]: layer["output"] for layer in program.layers}
    rounded = {name: _rounded(weight, bits) for name, weight in program.weights.items()}
    for tensor in net.graph.initializer:
        old = numpy_helper.to_array(tensor)
        if tensor.name in names:
            new = _as_onnx(rounded[names[tensor.name]], old.shape)
        elif tensor.name == "fc7.weight":
            new = rounded[FC7]
        elif tensor.name == "fc7.bias":
            new = program.biases[FC7]
        elif tensor.name in ("scale.running_mean", "scale.running_var"):  # folded into fc7
            new = np.full_like(old, 0 if tensor.name.endswith("mean") else 1 - 1e-5)
        else:
            continue
        tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(new, old.dtype), tensor.name))
    return float(np.abs(_scores(net, squares, scorer.config) - whole).max())


def _add_conv(
    program: Program,
    node: onnx.NodeProto,
    values: dict[str, NDArray[Any]],
    known: dict[str, str],
    padded: set[str],
) -> str:
    """Add a convolution; return its output."""
    how = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
    weight, bias = values[node.input[1]].astype(np.float32), values[node.input[2]]
    outputs, inputs, high, _ = weight.shape
    if how["group"] == outputs and inputs == 1 and outputs % LANES == 0:
        kind, rows = "depthwise", weight.reshape(outputs, -1)
    elif how["group"] == 1 and high == 1 and how["strides"][0] == 1:
        kind, rows = "pointwise", weight.reshape(outputs, -1)
    elif how["group"] == 1 and high == 3:
        kind, rows = "conv3x3", weight.transpose(0, 2, 3, 1).reshape(outputs, -1)
    else:
        raise ModelError(f"convolutions of shape {weight.shape} run on the server only")
    pad = "same" if node.input[0] in padded else how["pads"][0]
    layer = {"kind": kind, "input": known[node.input[0]], "output": node.output[0], "activation": 0}
    layer |= {"weight": node.input[1], "stride": how["strides"][0], "kernel": high, "pad": pad}
    _add(program, layer, rows, bias)
    return node.output[0]


def _add_transposed(
    program: Program,
    node: onnx.NodeProto,
    norm: onnx.NodeProto,
    values: dict[str, NDArray[Any]],
    known: dict[str, str],
) -> str:
    """Add a transposed convolution of 2 x 2 without overlap as a pointwise one to four pixels each.

    The batch norm after it is folded in; the ReLU that follows is the upsampling's.
    """
    weight = values[node.input[1]]  # (K, N, 2, 2)
    gain, shift, mean, variance = (values[name] for name in norm.input[1:])
    by = gain / np.sqrt(variance + next(a.f for a in norm.attribute if a.name == "epsilon"))
    rows = (weight * by[:, None, None]).transpose(2, 3, 1, 0).reshape(-1, len(weight))
    layer = {"kind": "pointwise", "input": known[node.input[0]], "output": node.output[0]}
    layer |= {"weight": node.input[1], "stride": 1, "kernel": 1, "pad": 0, "activation": 0}
    _add(program, layer | {"to_four": True}, rows, np.tile(shift - mean * by, 4))
    return node.output[0]


def _add_sum(program: Program, other: str, output: str) -> str:
    """Add an earlier map to what the last layer gives; return the map that holds the sum."""
    last = program.layers[-1]
    if any(layer["output"] == other and "to_four" in layer for layer in program.layers):
        up = {"kind": "upsample", "input": other, "output": output, "residual": last["output"]}
        program.layers.append(up | {"weight": ""})
        return output
    last["residual"] = other
    return last["output"]


def _add(program: Program, layer: dict[str, Any], rows: NDArray[Any], bias: NDArray[Any]) -> None:
    """Add a layer; outputs that fill no lanes are made up with zeros."""
    short = -len(rows) % LANES
    program.layers.append(layer)
    program.weights[layer["output"]] = np.pad(rows, ((0, short), (0, 0))).astype(np.float32)
    program.biases[layer["output"]] = np.pad(bias, (0, short)).astype(np.float32)


def _in_lanes(weight: NDArray[Any]) -> NDArray[Any]:
    """Return weights (N, K) as the matrix product reads them, (N / LANES, K, LANES)."""
    return np.ascontiguousarray(weight.reshape(-1, LANES, weight.shape[1]).transpose(0, 2, 1))


def _coded(weight: Floats, bits: int) -> tuple[NDArray[Any], NDArray[np.float16] | None]:
    """Return weights (N, K) in few bits; in 8 with the scale of each block, (N, blocks)."""
    if bits == 32:
        return weight, None
    if bits == 16 or weight.size < LARGE:
        return weight.astype(np.float16), None
    blocks = np.pad(weight, ((0, 0), (0, -weight.shape[1] % BLOCK))).reshape(len(weight), -1, BLOCK)
    scale = np.maximum(np.abs(blocks).max(axis=2) / 127, 1e-6).astype(np.float16)
    codes = np.rint(blocks / scale[..., None].astype(np.float32)).clip(-127, 127)
    return codes.reshape(len(weight), -1)[:, : weight.shape[1]].astype(np.int8), scale


def _rounded(weight: Floats, bits: int) -> Floats:
    """Return what is left of weights in few bits."""
    codes, scale = _coded(weight, bits)
    if scale is None:
        return codes.astype(np.float32)
    return codes * np.repeat(scale.astype(np.float32), BLOCK, axis=1)[:, : weight.shape[1]]


def _as_onnx(rows: Floats, shape: tuple[int, ...]) -> Floats:
    """Return the weights of a convolution, shape (N, K), as ONNX has them."""
    outputs, inputs, high, wide = shape
    return rows[:outputs].reshape(outputs, high, wide, inputs).transpose(0, 3, 1, 2)


def _scores(net: onnx.ModelProto, squares: Floats, config: ScorerConfig) -> Floats:
    ready = session(net)
    parts = np.array_split(squares, max(1, math.ceil(len(squares) / 16)))
    batches = (normalise(part, mean=config.mean, std=config.std) for part in parts)
    logits = [np.asarray(ready.run(["logit"], {"photos": batch})[0]) for batch in batches]
    return probability(np.concatenate(logits), config.temperature)
