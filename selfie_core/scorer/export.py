"""Nets as ONNX, kept in the cache folder: a CPU runs them without torch and several times as fast.

torch takes seconds to import; it is only where a net is exported, once for each scorer.
"""

import io
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from selfie_core.base import store
from selfie_core.base.errors import ModelError

if TYPE_CHECKING:
    from torch import nn

    from selfie_core.scorer.nets import Net

# All that the cache folder keeps of a scorer, by the end of the file's name.
NET, MAPS, LAYERS, LAYER_FACTS = ".onnx", "-maps.onnx", "-layers.onnx", "-layers.json"

_EXPORTING = threading.Lock()  # torch's exporter refuses to run twice at once


def kept(id: str, part: str) -> Path:
    """Return where the cache folder keeps a part of the scorer of this id."""
    return store.cache_folder() / f"{id}{part}"


def session(net: Path, *, threads: int = 0) -> onnxruntime.InferenceSession:
    """Return a net of the cache folder, ready to run on the CPU.

    Args:
        net: Its file.
        threads: That one run may use; 0 is all.

    Raises:
        ModelError: It is damaged; it is deleted, so that the next try makes it anew.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    # Threads that spin while they wait take the processor from the scorer's.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(
            net, sess_options=options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # its exceptions share no base class
        net.unlink(missing_ok=True)
        raise ModelError(f"{net} was damaged and is deleted; try again") from error


def whole_net(path: Path, id: str) -> Path:
    """Return the file of a scorer's net as ONNX, free in B: photos -> logit, fc7.

    Faster on a CPU than eager PyTorch, see tests/bench/bench_score.py.
    """
    file = kept(id, NET)
    if not file.is_file():
        from selfie_core.scorer.weights import load_net

        net, config = load_net(path)
        with store.replacing(file) as temporary:
            temporary.write_bytes(as_onnx(net, config.image_size, outputs=("logit", "fc7")))
    return file


def maps_net(path: Path, id: str) -> Path:
    """Return the file of a scorer's net from a photo of any size to its maps, as ONNX.

    Raises:
        ModelError: The net has no such maps, as VGG16.
    """
    file = kept(id, MAPS)
    if not file.is_file():
        import onnx

        net = onnx.load_from_string(_export_maps(path))
        for value in (*net.graph.input, *net.graph.output):
            for axis in (0, 2, 3):
                value.type.tensor_type.shape.dim[axis].dim_param = f"{value.name}_{axis}"
        del net.graph.value_info[:]  # sizes of the squares it was exported for
        with store.replacing(file) as temporary:
            onnx.save(net, temporary)
    return file


def _export_maps(path: Path) -> bytes:
    import torch

    from selfie_core.scorer import nets
    from selfie_core.scorer.weights import load_net

    net, config = load_net(path)
    if not isinstance(net, nets.TimmNet) or not hasattr(net, "style"):
        raise ModelError("this scorer's net has no maps to cut crops from; choose mode exact")
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

    return as_onnx(Maps().eval(), config.image_size, outputs=("found", "places_maps", "style_maps"))


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
            dynamo=False,  # the tracing exporter needs no further package and takes half a second
        )
    return file.getvalue()


def seed_cache(base: str, new: str, *, weights: NDArray[np.float32], bias: float) -> None:
    """Make the nets of a scorer that differs from another in its last layer from the other's.

    So none of them loads torch for it.

    Args:
        base: Id of the scorer whose nets are kept.
        new: Id of the one to make them for.
        weights: Of its last layer, shape (D,).
        bias: Of its last layer.
    """
    import onnx
    from onnx import numpy_helper

    layer = {"logit.weight": weights[None], "logit.bias": np.array([bias], np.float32)}
    for part in (NET, MAPS, LAYERS):
        if not kept(base, part).is_file():
            continue
        net = onnx.load(kept(base, part))
        for tensor in net.graph.initializer:
            if (name := tensor.name.removeprefix("net.")) in layer:
                tensor.CopyFrom(numpy_helper.from_array(layer[name], tensor.name))
        with store.replacing(kept(new, part)) as temporary:
            onnx.save(net, temporary)
    if kept(base, LAYER_FACTS).is_file():
        store.write_json(kept(new, LAYER_FACTS), store.read_json(kept(base, LAYER_FACTS)))


def forget(id: str) -> None:
    """Delete what the cache folder holds of a scorer; all of it can be made again."""
    for file in store.cache_folder().glob(f"{id}*"):
        file.unlink(missing_ok=True)
