"""What the frozen layers make of the training photos.

It is computed once and kept: training only the layers above makes a whole run possible on two
cores.  Where no layer is frozen, the maps are the photos.

Letters: N photos, B batch, H W pixels.
"""

import io
import logging
import os
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from PIL import Image

from selfie_core.base.engine import Engine
from selfie_core.base.errors import DataError
from selfie_core.base.progress import Progress, Stages, chunks
from selfie_core.base.settings import TrainConfig
from selfie_core.base.words import counted
from selfie_core.photo import images
from selfie_core.scorer import export, nets
from selfie_core.scorer.checkpoint import ScorerConfig

log = logging.getLogger(__name__)

THREADS = min(16, os.cpu_count() or 2)  # that decode photos
AHEAD = 4  # chunks that are decoded while the net is at work on one: more fill the memory
Maps = NDArray[np.float16]


class FrozenMaps:
    """What a net's frozen layers make of photos, computed when first wanted; `whole` has none.

    The photos are passed in a fixed random order, copy after copy, in chunks of one batch; an
    epoch is the next so many chunks.  A chunk always holds the same photos, so that a run that
    goes on after a kill computes the very same maps.

    Attributes:
        unreadable: Photos that were skipped, each with the reason.
    """

    def __init__(
        self,
        net: nets.Net,
        files: Sequence[Path],
        *,
        settings: ScorerConfig,
        config: TrainConfig,
        engine: Engine | None = None,
    ) -> None:
        self.unreadable: dict[Path, str] = {}
        self._net, self._files = net, files
        self._settings, self._config = settings, config
        size, seed = config.batch_size, config.seed
        orders = [
            np.random.default_rng([seed, copy]).permutation(len(files)) + copy * len(files)
            for copy in range(config.copies)
        ]
        self._chunks = list(chunks(np.concatenate(orders), size))
        wanted = -(-config.epoch_photos // size) or len(self._chunks)
        self.chunks_per_epoch = min(wanted, len(self._chunks))
        self._photos = sum(map(len, self._chunks))
        self._kept: dict[int, tuple[NDArray[np.int64], Maps]] = {}
        if config.whole:  # known before any photo is opened
            self._check_memory(2 * 3 * settings.image_size**2, "photos")
        self._session, self._graph = None, b""
        if next(net.parameters()).device.type == "cpu" and not config.whole:
            self._graph = export.lower_as_onnx(net, settings.image_size)
            self._session = export.session(onnx.load_from_string(self._graph))
        self._engine = engine if self._graph else None
        if engine and not self._engine:
            log.warning("this process trains alone: it has a GPU, or no layer is frozen")

    def __getstate__(self) -> dict[str, Any]:
        """Go to another process without the net and what was made."""
        left = {"_net": None, "_session": None, "_engine": None, "_kept": {}, "unreadable": {}}
        return vars(self) | left

    def epoch(self, number: int, tell: Stages) -> tuple[NDArray[np.int64], list[Maps]]:
        """Return the row of each photo of an epoch, shape (N,), and its maps.

        Raises:
            DataError: No photo of it can be read, or its maps are larger than the memory for them.
        """
        first = number * self.chunks_per_epoch
        numbers = [(first + i) % len(self._chunks) for i in range(self.chunks_per_epoch)]
        if missing := [chunk for chunk in numbers if chunk not in self._kept]:
            self._compute(missing, tell)
        found = [self._kept[chunk] for chunk in numbers]
        self._forget(numbers)
        rows = np.concatenate([rows for rows, _ in found])
        if not len(rows):
            path, reason = next(iter(self.unreadable.items()))
            raise DataError(
                f"none of {counted(len(self.unreadable), 'photo')} can be read; {path}: {reason}"
            )
        return rows, [photo for _, maps in found for photo in maps]

    def _forget(self, epoch: list[int]) -> None:
        """Drop what a later pass must compute again, the last come first, to stay in memory."""
        room = int(self._config.cache_gb * 1e9)
        room -= sum(self._kept[chunk][1].nbytes for chunk in epoch)
        for chunk in [c for c in self._kept if c not in set(epoch)]:
            room -= self._kept[chunk][1].nbytes
            if room < 0:
                del self._kept[chunk]

    def _compute(self, numbers: list[int], tell: Stages) -> None:
        """Keep rows and maps of chunks; photos are decoded while the net is at work."""
        started, skipped, done, size = time.monotonic(), len(self.unreadable), 0, 0
        photos = sum(len(self._chunks[number]) for number in numbers)
        made = self._made_by(self._engine, numbers) if self._engine else self._made_here(numbers)
        for number, rows, maps in made:
            self._check_memory(maps[:1].nbytes, "maps")
            self._kept[number] = rows, maps
            done, size = done + len(self._chunks[number]), size + maps.nbytes
            tell("maps", done, photos)
        rate = photos / (time.monotonic() - started)
        log.info("maps of %d photos: %.2f GB, %.0f photos/s", photos, size / 1e9, rate)
        if len(self.unreadable) > skipped:
            reasons = count_reasons(self.unreadable).items()
            said = "; ".join(f"{count} x {reason}" for reason, count in reasons)
            log.warning("%d photos left out so far: %s", len(self.unreadable), said)

    def _made_here(self, numbers: list[int]) -> Iterator[tuple[int, NDArray[np.int64], Maps]]:
        """Yield rows and maps of chunks, by the threads of this process."""
        with ThreadPoolExecutor(THREADS) as pool:
            coming = (pool.map(self._prepare, self._chunks[number]) for number in numbers)
            ahead = deque(islice(coming, AHEAD))
            for number in numbers:
                prepared = list(ahead.popleft())
                ahead.extend(islice(coming, 1))
                yield number, *self._finished(number, prepared)

    def _made_by(
        self, engine: Engine, numbers: list[int]
    ) -> Iterator[tuple[int, NDArray[np.int64], Maps]]:
        """Yield rows and maps of chunks as they end, by processes or machines."""
        for job, made in engine.run(_made_of, self, numbers):
            if made is None:
                raise DataError("processes died again and again at the maps; free memory, go on")
            rows, maps, unreadable = made
            self.unreadable |= unreadable
            yield numbers[job], rows, maps

    def _finished(
        self, number: int, prepared: list[NDArray[np.float32]]
    ) -> tuple[NDArray[np.int64], Maps]:
        """Return rows and maps of a chunk whose photos are decoded."""
        places = zip(self._chunks[number], prepared, strict=True)
        rows = [place % len(self._files) for place, photo in places if photo.size]
        return np.array(rows, np.int64), self._lower([photo for photo in prepared if photo.size])

    def _check_memory(self, size: int, what: str) -> None:
        wanted = size * min(self.chunks_per_epoch * self._config.batch_size, self._photos) / 1e9
        if wanted > self._config.cache_gb:
            raise DataError(
                f"the {what} of one epoch take {wanted:.1f} GB, --cache-gb allows "
                f"{self._config.cache_gb:g}; lower --epoch-photos or raise --cache-gb"
            )

    def _prepare(self, place: int) -> NDArray[np.float32]:
        """Return a photo as the net wants it, shape (3, H, W); empty if it can't be read."""
        copy, row = divmod(int(place), len(self._files))
        settings = self._settings
        try:
            photo = images.open_photo(self._files[row])
            images.check_side(photo, images.SCORE_SIDE, "training photos")
        except DataError as error:
            self.unreadable[self._files[row]] = str(error)
            return np.empty(0, np.float32)
        if self._config.copies > 1:
            photo = augment(photo, np.random.default_rng([self._config.seed, copy, row]))
        size, mean, std = settings.image_size, settings.mean, settings.std
        return images.to_batch([photo], size=size, mean=mean, std=std)[0]

    @torch.inference_mode()
    def _lower(self, photos: list[NDArray[np.float32]]) -> Maps:
        if not photos:
            return np.empty(0, np.float16)
        if self._config.whole:
            return np.stack(photos).astype(np.float16)
        if self._session is not None:
            (maps,) = self._session.run(["maps"], {"photos": np.stack(photos)})
            return np.asarray(maps, np.float16)
        device = next(self._net.parameters()).device
        inputs = torch.from_numpy(np.stack(photos))
        inputs = inputs.to(device, memory_format=torch.channels_last)
        with mixed_precision(device):
            return self._net.lower(inputs).half().contiguous().cpu().numpy()


def _made_of(
    maps: FrozenMaps, number: int, _progress: Progress | None
) -> tuple[NDArray[np.int64], Maps, dict[Path, str]]:
    """Return rows and maps of a chunk, and what could not be read; by one core."""
    maps.unreadable = {}
    if maps._session is None:
        maps._session = export.session(onnx.load_from_string(maps._graph), threads=1)
    prepared = [maps._prepare(place) for place in maps._chunks[number]]
    return *maps._finished(number, prepared), maps.unreadable


def mixed_precision(device: torch.device) -> torch.autocast:
    """Return the context in which CUDA reckons in bfloat16; elsewhere it changes nothing."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")


def count_reasons(unreadable: dict[Path, str]) -> dict[str, int]:
    """Return how many photos can't be read, by reason."""
    return dict(Counter(unreadable.values()).most_common())


def augment(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return a photo as it might have come by another way: mirrored, nudged, smaller, compressed.

    None of this changes how good it is, so the net learns to overlook it.
    """
    if rng.random() < 0.5:
        photo = photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    width, height = photo.size
    left, top, right, bottom = rng.uniform(0, 0.04, 4)
    box = (left * width, top * height, (1 - right) * width, (1 - bottom) * height)
    side = int(np.exp(rng.uniform(np.log(48), np.log(max(49, min(256, max(photo.size)))))))
    photo = photo.resize((side, side), Image.Resampling.BICUBIC, box=box, reducing_gap=3.0)
    if rng.random() < 0.5:
        data = io.BytesIO()
        photo.save(data, "JPEG", quality=int(rng.integers(40, 95)))
        photo = Image.open(data).convert("RGB")
    return photo
