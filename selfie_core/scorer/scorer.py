"""Photos -> score and fc7: the one loaded scorer of a process, on a GPU or fast on a CPU.

Pages and API share it; the photos of all who ask at the same time go through the net together.

Letters: B batch, N photos, D width of fc7, S side of the squares.
"""

import functools
import hashlib
import os
import platform
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from selfie_core.base import store
from selfie_core.base.errors import ModelError
from selfie_core.base.light import torch_for
from selfie_core.base.names import plain_name
from selfie_core.base.progress import Progress, chunks, cores
from selfie_core.photo import images
from selfie_core.scorer import export
from selfie_core.scorer.checkpoint import ScorerConfig, read_config
from selfie_core.scorer.gather import Gatherer

Score = Callable[[Sequence[Image.Image]], NDArray[np.float32]]

# A core that runs the net alone, on few photos, did most: 2.4 ms per photo by four, 2.8 by sixteen;
# two cores on one batch took 1.9 ms together, which is 3.8 of their time.
CPU_BATCH = 4
GPU_BATCH = 256
HELD = 16  # pictures of `score_made` in memory, and between two reports of progress
DEVICES = ("cuda", "mps", "cpu")

# Two first visitors at once would load twice, and torch's exporter refuses to run twice at once.
_LOADING = threading.Lock()

Squares = NDArray[np.float32]  # (B, S, S, 3), 0..255
T = TypeVar("T")
Forward = Callable[[Squares], tuple[NDArray[np.float32], NDArray[np.float32]]]


class Scorer:
    """A loaded scorer: photos in, scores in [0, 1] out; safe to call from several threads.

    Attributes:
        id: Hash of its file, 12 hex digits; galleries remember it.
        name: File name without ending.
        config: Architecture, preprocessing, calibration and training facts.
        device: Where it runs: "cuda", "mps" or "cpu".
    """

    def __init__(self, path: Path, *, device: str | None = None) -> None:
        self.path = Path(path)
        self.config: ScorerConfig = read_config(self.path)
        self.id = hashlib.sha256(store.read_bytes(self.path)).hexdigest()[:12]
        self.name = plain_name(self.path.stem)
        self.device = device or pick_device()
        cpu = self.device == "cpu"
        self._share = CPU_BATCH if cpu else GPU_BATCH // 8  # photos that a thread squashes
        self._threads = ThreadPoolExecutor(cores(), thread_name_prefix="squash")
        self._gather = Gatherer(
            in_onnx(self) if cpu else in_torch(self),
            batch=CPU_BATCH if cpu else GPU_BATCH,
            threads=cores() if cpu else 1,
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Go to another process, on another machine maybe, as the content of its file."""
        return _received, (self.id, store.read_bytes(self.path))

    @property
    def image_size(self) -> int:
        """Side in pixels of the square that a photo is squashed to."""
        return self.config.image_size

    @property
    def copy_side(self) -> int:
        """Pixels that each side keeps of the copy of a photo that is scored, everywhere."""
        return max(images.LEAST_COPY, images.DETAIL * self.image_size)

    @property
    def fc7_width(self) -> int:
        """Number of fc7 activations, D."""
        return self.config.fc7_width

    def __call__(self, photos: Sequence[Image.Image]) -> NDArray[np.float32]:
        """Return the scores of photos: shape (N,), in [0, 1], higher is better."""
        return self.features(photos)[0]

    def features(
        self, photos: Sequence[Image.Image]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return scores, shape (N,), and fc7 after its ReLU, shape (N, D)."""
        return self._in_parts(self._squash, photos)

    def features_of(
        self, squares: Sequence[NDArray[np.float32]]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return what `features` does, of photos that went through `images.squash`."""
        return self._in_parts(np.stack, squares)

    def _squash(self, photos: Sequence[Image.Image]) -> Squares:
        return np.stack([images.squash(photo, self.image_size) for photo in photos])

    def _in_parts(
        self, stack: Callable[[Any], Squares], items: Sequence[Any]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        if not len(items):
            return np.empty(0, np.float32), np.empty((0, self.fc7_width), np.float32)
        parts = list(chunks(items, self._share))
        each = self._threads.map if len(parts) > 1 else map
        made = each(lambda part: self._gather(stack(part)), parts)
        logits, fc7 = (np.concatenate(rows) for rows in zip(*made, strict=True))
        return probability(logits, self.config.temperature), fc7


def probability(logits: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Return the calibrated probability of "good": sigmoid of logit / temperature."""
    return (0.5 + 0.5 * np.tanh(logits / (2 * temperature))).astype(np.float32)  # no overflow


def score_made(
    make: Callable[[T], Image.Image],
    items: Sequence[T],
    score: Score,
    *,
    progress: Progress | None = None,
) -> list[float]:
    """Return the score of the picture made of each item; few pictures are held at a time."""
    scores: list[float] = []
    for part in chunks(items, HELD):
        scores += map(float, score([make(item) for item in part]))
        if progress:
            progress(len(scores), len(items))
    return scores


def pick_device() -> str:
    """Return the best device here: CUDA, else MPS, else the CPU; SELFIE_DEVICE overrules.

    torch takes seconds to import, so it is asked only where a GPU can be; a light install has none.
    """
    if wanted := os.environ.get("SELFIE_DEVICE"):
        if wanted not in DEVICES:
            raise ModelError(f'SELFIE_DEVICE is "{wanted}"; wanted {", ".join(DEVICES)}')
        return wanted
    device = "cpu"
    if Path("/dev/nvidiactl").exists() or os.name == "nt":
        device = "cuda"
    elif platform.system() == "Darwin" and platform.machine() == "arm64":
        device = "mps"
    if device == "cpu" or find_spec("torch") is None:
        return "cpu"
    import torch

    there = torch.cuda if device == "cuda" else torch.backends.mps
    return device if there.is_available() else "cpu"


def load_scorer(path: Path | None = None) -> Scorer:
    """Return the scorer of a file (the one that ships by default), loaded once per process.

    Raises:
        ModelError: The file is missing, damaged, foreign or newer than this program.
    """
    path = Path(path or store.demo_scorer()).resolve()
    with _LOADING:
        return _load(path, path.stat().st_mtime_ns if path.exists() else 0)


@functools.lru_cache(maxsize=8)  # visitors may bring their own
def _load(path: Path, _mtime: int) -> Scorer:
    return Scorer(path)


def _received(id: str, content: bytes) -> Scorer:
    """Return the scorer of a file's content, which the cache folder keeps."""
    file = store.cache_folder() / f"scorer-{id}.safetensors"
    if not file.is_file():
        store.write_bytes(file, content)
    return load_scorer(file)


def in_onnx(scorer: Scorer) -> Forward:
    """Return the way of the CPU: ONNX Runtime."""
    # The batches of one core each run side by side.
    session = export.session(export.whole_net(scorer.path), threads=1)
    config = scorer.config

    def forward(squares: Squares) -> tuple[Any, Any]:
        photos = images.normalise(squares, mean=config.mean, std=config.std)
        logits, fc7 = session.run(["logit", "fc7"], {"photos": photos})
        return logits, fc7

    return forward


def in_torch(scorer: Scorer) -> Forward:
    """Return the way of a GPU, which runs on any device that torch has: `scorer.device`.

    On CUDA in bfloat16, which moved scores by 0.002, 0.012 at most.
    """
    with torch_for(f"a scorer on {scorer.device}"):
        import torch

        from selfie_core.scorer.weights import load_net

    net, config = load_net(scorer.path)
    net = net.to(scorer.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean, std = (
        torch.tensor(values, device=scorer.device).view(3, 1, 1)
        for values in (config.mean, config.std)
    )

    def forward(squares: Squares) -> tuple[Any, Any]:
        # (B, H, W, 3) is what channels_last means.
        photos = torch.from_numpy(squares).to(scorer.device).permute(0, 3, 1, 2)
        mixed = torch.autocast(scorer.device, torch.bfloat16, enabled=scorer.device == "cuda")
        with torch.inference_mode(), mixed:
            logits, fc7 = net((photos / 255 - mean) / std)
        return logits.float().cpu().numpy(), fc7.float().cpu().numpy()

    return forward
