"""Photos -> score and fc7: the one loaded scorer of a process, on a GPU or fast on a CPU.

Letters: B batch, N photos, D width of fc7.
"""

import functools
import hashlib
import os
import platform
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from selfie_core import faces, images, store
from selfie_core.checkpoint import ScorerConfig, read_config
from selfie_core.errors import DataError, ModelError

CPU_BATCH = 16  # on two cores photos one by one were as fast as 32 at once
GPU_BATCH = 256
DEVICES = ("cuda", "mps", "cpu")

# Two first visitors at once would load twice, and torch's exporter refuses to run twice at once.
_LOADING = threading.Lock()

Forward = Callable[[NDArray[np.float32]], tuple[NDArray[np.float32], NDArray[np.float32]]]
Progress = Callable[[int, int], None]


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
        self.name = self.path.stem
        self.device = device or pick_device()
        self._batch = CPU_BATCH if self.device == "cpu" else GPU_BATCH
        self._forward = _on_cpu(self) if self.device == "cpu" else _on_gpu(self)

    @property
    def image_size(self) -> int:
        """Side in pixels of the square that a photo is squashed to."""
        return self.config.image_size

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
        config = self.config
        logits, fc7 = [np.empty(0, np.float32)], [np.empty((0, self.fc7_width), np.float32)]
        for start in range(0, len(photos), self._batch):
            part = photos[start : start + self._batch]
            inputs = images.to_batch(part, size=config.image_size, mean=config.mean, std=config.std)
            for rows, outputs in zip((logits, fc7), self._forward(inputs), strict=True):
                rows.append(outputs)
        return probability(np.concatenate(logits), config.temperature), np.concatenate(fc7)


def probability(logits: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Return the calibrated probability of "good": sigmoid of logit / temperature."""
    return (1 / (1 + np.exp(-logits / temperature))).astype(np.float32)


def pick_device() -> str:
    """Return the best device here: CUDA, else MPS, else the CPU; SELFIE_DEVICE overrules.

    torch takes seconds to import, so it is asked only where a GPU can be.
    """
    if wanted := os.environ.get("SELFIE_DEVICE"):
        if wanted not in DEVICES:
            raise ModelError(f'SELFIE_DEVICE is "{wanted}"; wanted {", ".join(DEVICES)}')
        return wanted
    if Path("/dev/nvidiactl").exists() or os.name == "nt":
        import torch

        return "cuda" if torch.cuda.is_available() else "cpu"
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        import torch

        return "mps" if torch.backends.mps.is_available() else "cpu"
    return "cpu"


def load_scorer(path: Path | None = None) -> Scorer:
    """Return the scorer of a file (the one that ships by default), loaded once per process.

    Raises:
        ModelError: The file is missing, damaged, foreign or newer than this program.
    """
    path = Path(path or store.demo_scorer()).resolve()
    with _LOADING:
        return _load(path, path.stat().st_mtime_ns if path.exists() else 0)


@functools.lru_cache(maxsize=2)
def _load(path: Path, _mtime: int) -> Scorer:
    return Scorer(path)


def _on_cpu(scorer: Scorer) -> Forward:
    """Run the net by ONNX Runtime, exported once and kept in the cache folder."""
    import onnxruntime

    file = store.cache_folder() / f"{scorer.id}.onnx"
    if not file.exists():
        from selfie_core import model

        model.export_onnx(scorer.path, file)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(
            file, sess_options=options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # its exceptions share no base class
        file.unlink(missing_ok=True)
        raise ModelError(f"{file} was damaged and is deleted; try again") from error

    def forward(photos: NDArray[np.float32]) -> tuple[Any, Any]:
        logits, fc7 = session.run(["logit", "fc7"], {"photos": photos})
        return logits, fc7

    return forward


def _on_gpu(scorer: Scorer) -> Forward:
    import torch

    from selfie_core import model

    net, _ = model.load_net(scorer.path)
    net = net.to(scorer.device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(photos: NDArray[np.float32]) -> tuple[Any, Any]:
        batch = torch.from_numpy(photos).to(scorer.device, memory_format=torch.channels_last)
        mixed = torch.autocast(scorer.device, torch.bfloat16, enabled=scorer.device == "cuda")
        with torch.inference_mode(), mixed:
            logits, fc7 = net(batch)
        return logits.float().cpu().numpy(), fc7.float().cpu().numpy()

    return forward


def score_files(
    paths: Sequence[Path], scorer: Scorer, *, progress: Progress | None = None
) -> pd.DataFrame:
    """Return a table, one row a file in order: file, score, faces, error.

    A file that can't be scored keeps its row, with the reason in `error`; the rest goes on.
    """
    rows: list[dict[str, object]] = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for part in chunks(paths, 64):
            opened = list(pool.map(_open_for_score, part))
            photos = [photo for photo, _, _ in opened if photo is not None]
            scores = iter(scorer(photos).tolist())
            for path, (photo, found, error) in zip(part, opened, strict=True):
                score = next(scores) if photo is not None else None
                rows.append({"file": str(path), "score": score, "faces": found, "error": error})
            if progress:
                progress(len(rows), len(paths))
    table = pd.DataFrame(rows, columns=["file", "score", "faces", "error"])
    return table.astype({"score": "float64", "faces": "Int64", "error": "string"})


def _open_for_score(path: Path) -> tuple[Image.Image | None, int | None, str | None]:
    """Return the photo and its number of faces, or the reason why it can't be scored."""
    try:
        # Decoded whole: at reduced size a JPEG's score moves by 0.002 on average, 0.01 at worst.
        photo = images.open_photo(path)
        images.check_side(photo, images.SCORE_SIDE, "scores")
        return photo, len(faces.find_faces(photo)), None
    except DataError as error:
        return None, None, str(error)


def chunks(items: Any, size: int) -> Iterator[Any]:
    """Yield runs of at most `size` items of a sequence or an array, in order."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
