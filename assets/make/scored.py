"""Scores and mean brightness of many photos, for the figures of the model card."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selfie_core.base.progress import Progress, chunks
from selfie_core.photo import images
from selfie_core.scorer.scorer import Scorer


def score_split(
    scorer: Scorer,
    photos: Path,
    files: Sequence[str],
    *,
    progress: Progress | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return scores and mean brightness (0 to 1) of photos, both of shape (N,)."""
    scores, brightness = [], []
    for part in chunks(files, 64):
        opened = [images.open_named(photos / file)[0] for file in part]
        scores.extend(scorer(opened).tolist())
        brightness.extend(float(np.asarray(p.convert("L")).mean()) / 255 for p in opened)
        if progress:
            progress(len(scores), len(files))
    return np.array(scores), np.array(brightness)
