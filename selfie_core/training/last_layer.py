"""Piles of photos -> a scorer of one's own: the shipped net with a new last layer.

The layers below stay as they are, so that fitting takes seconds, and a gallery that the shipped
scorer has seen is scored anew by one matrix product: its fc7 is the same.

Letters: N photos, D width of fc7.
"""

import datetime
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from selfie_core.base import store
from selfie_core.base.errors import DataError, cant_write
from selfie_core.base.progress import Progress, chunks
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.generation import OWN_SCORES
from selfie_core.scorer.checkpoint import FORMAT, VERSION, read_config
from selfie_core.scorer.scorer import Scorer, probability
from selfie_core.training.measures import accuracy_and_auc, fit_temperature
from selfie_core.training.piles import LEAST, Piles

FOLDS = 5
# Inverse strength of the L2 penalty, on features of one common scale.  Of 1e-4 to 1 it was within
# 0.01 AUC of the best on brightness, face size and black-and-white of the demo gallery, with 20,
# 60, 200 and 800 photos; scaling each unit by itself did worse with 20.
C = 0.03
FEW = 50  # photos in the smaller pile, below which a warning is due
LOPSIDED = 4  # times as many photos in one pile as in the other

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Head:
    """A last layer, as a scorer's file keeps it: score = sigmoid((fc7 @ weights + bias) / T)."""

    weights: Floats  # shape (D,); float16 is enough to write them down exactly
    bias: float
    temperature: float

    def score(self, fc7: NDArray[Any]) -> Floats:
        """Return the scores of photos, shape (N,), in [0, 1], from their fc7, shape (N, D)."""
        logits = [
            np.asarray(part, np.float32) @ self.weights + self.bias for part in chunks(fc7, 4096)
        ]
        return probability(np.concatenate(logits), self.temperature)


def head_of(weights: NDArray[Any], bias: float, *, temperature: float) -> Head:
    """Return a last layer, rounded as its file keeps it."""
    return Head(weights.astype(np.float16).astype(np.float32), float(np.float16(bias)), temperature)


@dataclass(frozen=True, eq=False)
class FittedHead:
    """A last layer fitted to piles, and how well it does on photos that it did not learn from.

    Attributes:
        head: Fitted on all photos.
        scores: Of each photo by a head that never saw it or a near-copy of it, shape (N,).
        judged: One row per scorer: name, auc, auc_low, auc_high, accuracy, accuracy_low,
            accuracy_high, all in [0, 1].
        warnings: What a reader of the numbers must know besides, one sentence each.
    """

    head: Head
    scores: Floats
    judged: pd.DataFrame
    warnings: list[str]

    @property
    def beats_a_coin(self) -> bool:
        """Whether it ranks photos that it did not learn from better than chance would."""
        return bool(self.judged["auc_low"].to_numpy(float)[0] > 0.5)

    @property
    def facts(self) -> dict[str, Any]:
        """What its scorer's file says of it."""
        return {
            "data": f"{len(self.scores)} photos in two piles",
            "means": "of lying on your good pile",
            "auc_cross_validated": float(self.judged["auc"].iloc[0]),
            "accuracy_cross_validated": float(self.judged["accuracy"].iloc[0]),
        }


def fit_head(piles: Piles, *, progress: Progress | None = None) -> FittedHead:
    """Return a last layer fitted to piles of photos, and an honest measure of it.

    Each fifth of the photos is judged by a head that learned from the other four; near-copies and
    photos of one user stay in one fifth.

    Raises:
        DataError: Too few photos of one pile are really different.
    """
    labels, groups = piles.labels, piles.groups
    _check_different(labels, groups)
    logits, plain = np.empty(len(labels)), np.empty(len(labels))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    brightness = piles.brightness[:, None].astype(np.float32)
    for done, (train, test) in enumerate(folds.split(labels, labels, groups), 1):
        for features, out in ((piles.fc7, logits), (brightness, plain)):
            weights, bias = _fit(features[train], labels[train])
            out[test] = features[test] @ weights + bias
        if progress:
            progress(done, FOLDS + 1)
    weights, bias = _fit(piles.fc7, labels)
    temperature = round(fit_temperature(_smoothed(labels), logits), 4)
    head = head_of(weights, bias, temperature=temperature)
    if progress:
        progress(FOLDS + 1, FOLDS + 1)
    scores = probability(logits.astype(np.float32), head.temperature)
    rivals = {
        "yours": scores,
        "shipped": piles.scores,
        "brightness": probability(plain.astype(np.float32), 1.0),
        "larger": np.full(len(labels), float(labels.mean() >= 0.5)),
    }
    judged = pd.DataFrame([_row(name, labels, of) for name, of in rivals.items()])
    return FittedHead(head, scores, judged, _warnings(labels, judged))


def _check_different(labels: NDArray[np.int64], groups: NDArray[np.int64]) -> None:
    for label, name in ((1, "good"), (0, "bad")):
        pile = groups[labels == label]
        different = len(np.unique(pile))
        if different < LEAST:
            raise DataError(
                f"only {different} of {len(pile)} {name} photos are no near-copies of others, "
                f"nor of one user; wanted at least {LEAST}; add different ones"
            )


def mistakes(fitted: FittedHead, labels: NDArray[np.int64], *, good: bool, count: int) -> list[int]:
    """Return the photos of one pile that the scorer puts farthest into the other, the worst first.

    At most `count`: only those on the wrong side of one half, by a head that never saw them.
    """
    wrong = np.flatnonzero((labels == good) & ((fitted.scores >= 0.5) != good))
    worst_first = np.argsort(fitted.scores[wrong] * (1 if good else -1), kind="stable")
    return wrong[worst_first][:count].tolist()


def _fit(features: Floats, labels: NDArray[np.int64]) -> tuple[Floats, float]:
    """Return weights, shape (D,), and bias of a logistic regression."""
    middle, scale = features.mean(axis=0), float(features.std(axis=0).mean()) or 1.0
    fitted = LogisticRegression(C=C, max_iter=1000).fit((features - middle) / scale, labels)
    weights = fitted.coef_[0].astype(np.float32) / scale
    return weights, float(fitted.intercept_[0] - middle @ weights)


def _smoothed(labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return targets just short of 0 and 1: piles that part cleanly are no proof of certainty.

    Reference:
        J. Platt, "Probabilistic Outputs for Support Vector Machines", 1999.
    """
    good = int(labels.sum())
    bad = len(labels) - good
    return np.where(labels == 1, (good + 1) / (good + 2), 1 / (bad + 2))


def _row(name: str, labels: NDArray[np.int64], scores: Floats) -> dict[str, Any]:
    found, row = accuracy_and_auc(labels, scores), {"name": name}
    for measure in ("auc", "accuracy"):
        low, high = found[f"{measure}_interval"]
        row |= {measure: found[measure], f"{measure}_low": low, f"{measure}_high": high}
    return row


def _warnings(labels: NDArray[np.int64], judged: pd.DataFrame) -> list[str]:
    good = int(labels.sum())
    bad = len(labels) - good
    yours, _, brightness, _ = judged.to_dict("records")
    said = []
    if min(good, bad) < FEW:
        said.append(
            f"{good} good and {bad} bad photos are few: the intervals are wide, and the scorer may "
            f"go by what happens to differ between the piles. With {FEW} of each it gets steadier."
        )
    if max(good, bad) > LOPSIDED * min(good, bad):
        said.append(
            "One pile is much larger than the other, so the scores lean to its side: compare "
            "ranks, not percents."
        )
    if 0.5 < yours["auc_low"] and yours["auc"] <= brightness["auc_high"]:
        said.append("Going by brightness alone would do about as well.")
    return said


def scorer_file(scorer: Scorer, head: Head, facts: Mapping[str, Any]) -> bytes:
    """Return a scorer's file: the given one with a fitted last layer in place of its own.

    Args:
        scorer: Whose fc7 the layer was fitted to.
        head: The last layer.
        facts: What it learned from ("data"), of what the score is the chance ("means"), and how
            well it does.
    """
    facts = {
        "base": scorer.id,
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "trained": "the last layer only",
        **facts,
    }
    config = replace(read_config(scorer.path), temperature=head.temperature, facts=facts)
    with safe_open(scorer.path, framework="numpy") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    tensors["logit.weight"] = head.weights[None].astype(np.float16)
    tensors["logit.bias"] = np.array([head.bias], np.float16)
    header = {"format": FORMAT, "version": str(VERSION), "config": json.dumps(asdict(config))}
    return save(tensors, header)


def rescore_gallery(gallery: Gallery, data: bytes, head: Head, out: Path) -> Gallery:
    """Return a gallery beside the old one, of the same photos, scored by a new last layer.

    Nothing of the old one is changed; its pictures are linked, not copied.

    Args:
        gallery: Scored by a scorer that differs from the new one in the last layer only.
        data: File of the new scorer, see `scorer_file`.
        head: Its last layer.
        out: Folder to make; it must not exist.

    Raises:
        DataError: The disk does not take it.
    """
    scores = head.score(gallery.fc7).astype(np.float64)
    try:
        out.mkdir(parents=True)
        for part in gallery.folder.iterdir():
            if part.name not in ("gallery.json", gallery.scorer_path.name, OWN_SCORES):
                os.symlink(part, out / part.name)
        (out / "scorer.safetensors").write_bytes(data)
    except OSError as error:
        raise cant_write(out, error) from error
    learned = read_config(out / "scorer.safetensors").facts
    facts = {
        **gallery.info,
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds"),
        "scorer": {**gallery.info["scorer"], "id": store.content_id(data), "name": "yours"},
        "rescored": {
            "from": gallery.version,
            "learned_from": learned["data"],
            "means": learned["means"],
        },
    }
    store.write_array(out / OWN_SCORES, scores)
    store.write_json(out / "gallery.json", facts)
    return Gallery.open(out)
