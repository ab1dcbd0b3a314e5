"""How good a scorer is: accuracy and AUC with intervals, beside baselines that set the scale."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core import images
from selfie_core.errors import DataError
from selfie_core.score import Scorer, chunks

ROUNDS = 1000  # of the bootstrap
Floats = NDArray[np.floating[Any]]


def auc(labels: NDArray[np.integer[Any]], scores: Floats) -> float:
    """Return the chance that a good selfie outscores a bad one, in [0, 1]; ties count half."""
    order = np.argsort(scores, kind="stable")
    _, place, counts = np.unique(scores[order], return_inverse=True, return_counts=True)
    ranks = np.empty(len(scores))
    ranks[order] = (np.cumsum(counts) - (counts - 1) / 2)[place]
    good = labels == 1
    positives, negatives = int(good.sum()), int((~good).sum())
    if not positives or not negatives:
        return float("nan")
    return float((ranks[good].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def accuracy(labels: NDArray[np.integer[Any]], scores: Floats) -> float:
    """Return the share of selfies on the right side of one half, in [0, 1]."""
    return float(((scores >= 0.5) == (labels == 1)).mean())


def judge(
    labels: NDArray[np.integer[Any]], scores: Floats, *, rounds: int = ROUNDS, seed: int = 0
) -> dict[str, Any]:
    """Return accuracy and AUC, each with its 95 % bootstrap interval.

    Args:
        labels: 1 good, 0 bad, shape (N,).
        scores: In [0, 1], shape (N,).
        rounds: Bootstrap samples.
        seed: Of the samples.
    """
    rng = np.random.default_rng(seed)
    draws = [rng.integers(0, len(labels), len(labels)) for _ in range(rounds)]
    result: dict[str, Any] = {}
    for name, measure in (("accuracy", accuracy), ("auc", auc)):
        values = [measure(labels[draw], scores[draw]) for draw in draws]
        low, high = np.nanquantile(values, [0.025, 0.975])
        result[name] = round(measure(labels, scores), 4)
        result[f"{name}_interval"] = [round(float(low), 4), round(float(high), 4)]
    return result


def evaluate_scores(
    labels: NDArray[np.integer[Any]],
    scores: Floats,
    *,
    brightness: Floats,
    appeal: Floats | None = None,
) -> dict[str, Any]:
    """Return how a scorer does, beside a constant, mean brightness and the perfect knower.

    Args:
        labels: 1 good, 0 bad, shape (N,).
        scores: Of the scorer, in [0, 1], shape (N,).
        brightness: Mean brightness of each photo, shape (N,): the plainest baseline.
        appeal: What the simulated audience went by, shape (N,), if it is known: nobody can do
            better than this perfect knower of the photo.

    Raises:
        DataError: Only one class is there.
    """
    if len(np.unique(labels)) < 2:
        raise DataError(
            f"all {len(labels)} labelled photos are of one class; wanted good and bad ones"
        )
    rivals = {"scorer": scores, "constant": np.full(len(labels), 0.5)}
    # A baseline has no threshold of its own: the median is as good as it can do on halves.
    rivals["brightness"] = _above_median(brightness)
    if appeal is not None:
        rivals["perfect_knower"] = _above_median(appeal)
    return {"photos": len(labels), "good": int((labels == 1).sum())} | {
        name: judge(labels, values) for name, values in rivals.items()
    }


def _above_median(values: Floats) -> NDArray[np.float64]:
    """Return values as shares of rank, so that half of them are at least 0.5."""
    return (np.argsort(np.argsort(values, kind="stable"), kind="stable") + 0.5) / len(values)


def fit_temperature(labels: NDArray[np.integer[Any]], logits: Floats) -> float:
    """Return the temperature T at which sigmoid(logit / T) fits the labels best.

    Reference:
        C. Guo et al., "On Calibration of Modern Neural Networks", 2017.
    """
    temperatures = np.geomspace(0.05, 20, 400)
    sign = np.where(labels == 1, 1.0, -1.0)
    losses = [np.logaddexp(0, -sign * logits / t).mean() for t in temperatures]
    return float(temperatures[int(np.argmin(losses))])


def score_split(
    scorer: Scorer,
    photos: Path,
    files: Sequence[str],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return scores and mean brightness (0 to 1) of photos, both of shape (N,)."""
    scores, brightness = [], []
    for part in chunks(files, 64):
        opened = [images.open_named(photos / file) for file in part]
        scores.extend(scorer(opened).tolist())
        brightness.extend(float(np.asarray(p.convert("L")).mean()) / 255 for p in opened)
        if progress:
            progress(len(scores), len(files))
    return np.array(scores), np.array(brightness)


def labelled(labels: pd.DataFrame, photos: Path) -> pd.DataFrame:
    """Return the rows that have a label, after checking that their photos are there.

    Raises:
        DataError: A column or a photo lacks, or no row has a label.
    """
    for column in ("file", "label", "split"):
        if column not in labels:
            raise DataError(f'the labels lack column "{column}"; make them by "selfie label"')
    rows = labels[labels["label"].notna()]
    strange = rows["label"][~rows["label"].isin([0, 1])]
    if len(strange):
        raise DataError(f"label {strange.iat[0]!r} is neither 1 (good) nor 0 (bad); correct it")
    if rows.empty:
        raise DataError('no photo has a label; make them by "selfie label"')
    absent = [file for file in rows["file"] if not (photos / file).is_file()]
    if absent:
        raise DataError(
            f"{len(absent)} of {len(rows)} labelled photos are not in {photos}, the first is "
            f"{absent[0]!r}; give the folder that `file` starts from"
        )
    return rows.reset_index(drop=True)
