"""Nets as programs of layers for browsers: what is in them, in how few bits, and who is refused."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper
from safetensors.numpy import load

from selfie_core.base import store
from selfie_core.base.errors import ModelError
from selfie_core.photo import images
from selfie_core.photo.faces import detector_net
from selfie_core.scorer import program
from selfie_core.scorer.scorer import Scorer, load_scorer

ROOT = Path(__file__).resolve().parents[2]
PHONE = ROOT / "pages" / "phone"
# One version of the compiler writes these bytes and no others.
COMPILE = """-m ziglang cc -target wasm32-freestanding -mcpu=generic+simd128+bulk_memory -O3
-nostdlib -s -Wl,--no-entry -Wl,--export=__heap_base""".split()


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return load_scorer()


@pytest.fixture(scope="module")
def made(scorer: Scorer) -> program.Program:
    return program.scorer_program(scorer)


def test_kernels_are_what_their_source_compiles_to(tmp_path: Path) -> None:
    target = tmp_path / "net.wasm"
    subprocess.run([sys.executable, *COMPILE, "-o", target, PHONE / "net.c"], check=True)
    assert target.read_bytes() == (PHONE / "net.wasm").read_bytes()


def test_every_map_is_made_before_it_is_read(made: program.Program) -> None:
    for one in (made, program.program_of(detector_net())):
        known = {"photo"}
        for layer in one.layers:
            assert {layer["input"], layer.get("residual", "photo")} <= known
            known.add(layer["output"])
        assert set(one.outputs.values()) <= known


def test_weights_of_eight_bits_shift_scores_little_and_of_all_bits_not(
    scorer: Scorer, made: program.Program, capfd
) -> None:
    photos = [images.open_photo(path) for path in sorted(store.sample_photos().glob("*.jpg"))]
    squares = np.stack([images.squash(photo, scorer.image_size) for photo in photos])
    shifts = [program.largest_shift(scorer, made, squares, bits=bits) for bits in (8, 16, 32)]
    assert 0 < shifts[1] < shifts[0] < program.SHIFT
    assert shifts[2] < 1e-6
    assert capfd.readouterr().err == ""  # 294 lines of the runtime's


def test_large_layers_take_a_byte_per_weight(made: program.Program) -> None:
    tensors = load(program.in_file(made, bits=8))
    large = [name for name, weight in made.weights.items() if weight.size >= program.LARGE]
    assert "fc7" in large
    for name in large:
        codes, scale = tensors[f"{name}.weight"], tensors[f"{name}.scale"]
        blocks = np.repeat(scale.astype(np.float32), program.BLOCK, axis=1)
        lanes = codes * blocks[:, : codes.shape[1]]
        weight = lanes.transpose(0, 2, 1).reshape(made.weights[name].shape)
        step = blocks.max() / 2
        assert np.abs(weight - made.weights[name]).max() <= step * 1.01


def test_net_with_layers_of_another_kind_is_refused() -> None:
    conv = helper.make_node(
        "Conv", ["x", "w", "b"], ["y"], kernel_shape=[1, 1], strides=[1, 1], group=1, pads=[0] * 4
    )
    pool = helper.make_node("MaxPool", ["y"], ["z"], kernel_shape=[2, 2])
    weights = [
        helper.make_tensor("w", TensorProto.FLOAT, [8, 3, 1, 1], [1.0] * 24),
        helper.make_tensor("b", TensorProto.FLOAT, [8], [0.0] * 8),
    ]
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in "xz"]
    net = helper.make_model(helper.make_graph([conv, pool], "net", ends[:1], ends[1:], weights))
    with pytest.raises(ModelError, match="layers of kind MaxPool run on the server only"):
        program.program_of(net)


def test_file_says_all_that_a_browser_needs(scorer: Scorer, made: program.Program) -> None:
    data = program.in_file(made, bits=8)
    length = int.from_bytes(data[:8], "little")
    said = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["program"])
    assert said["side"] == scorer.image_size
    assert said["temperature"] == scorer.config.temperature
    assert len(said["logit"]) == scorer.fc7_width + 1
    assert {"found", "places"} <= set(said["outputs"])
