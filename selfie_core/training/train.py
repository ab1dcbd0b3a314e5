"""Teach a ConvNet good selfies from bad ones: labels and photos in, a scorer file out.

The lower layers stay as they came (`FrozenMaps`), unless the whole net is to learn.  For the first
epochs only the new layers learn, then all above the frozen ones; the epoch that is best on
validation is kept.
After each epoch the run's state is saved (`resume`): killed, it goes on and ends with the same
weights.
"""

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from selfie_core.base.delimited import split_names
from selfie_core.base.engine import Engine
from selfie_core.base.errors import DataError
from selfie_core.base.progress import Stages, chunks
from selfie_core.base.settings import TrainConfig
from selfie_core.base.words import counted
from selfie_core.scorer import nets, scorer, weights
from selfie_core.scorer.checkpoint import COMPACT, ScorerConfig
from selfie_core.training import measures, resume
from selfie_core.training.examples import Examples, read_examples
from selfie_core.training.frozen_maps import FrozenMaps, Maps, count_reasons, mixed_precision

log = logging.getLogger(__name__)

START = 3000  # photos whose features fc7 starts from
CLIP = 2.0  # longest gradient of a step


def train_scorer(
    photos: Path,
    labels: pd.DataFrame,
    out: Path,
    *,
    config: TrainConfig | None = None,
    engine: Engine | None = None,
    progress: Stages | None = None,
) -> ScorerConfig:
    """Train a scorer on the labels' train split and write it to `out`.

    Validation decides when to stop and fits the calibration; the test split is not touched.
    Metrics lie beside `out`, one line per epoch (.jsonl) and as curves (.html).  A run that was
    killed goes on where its last epoch ended, if it is started again with the same data.

    Args:
        photos: Folder that the labels' `file` starts from.
        labels: Table of `labels.label_posts`; rows without a label are left aside.  A column
            `target`, the probability of good, is what the loss wants in place of the label.
        out: Where the scorer goes.
        config: Settings.
        engine: Does what the frozen layers do, on the CPU; by default this process.
        progress: Called with (stage, done, of); a stage is "maps" or "epoch 2 of 6, loss 0.61".

    Returns:
        The scorer's config, with facts of the run.

    Raises:
        DataError: Photos lack, a split or a class has no member, or a column holds nonsense.
        ModelError: The start weights can't be had or do not fit.
    """
    config = config or TrainConfig()
    tell = progress or (lambda stage, done, of: None)
    train, val = read_examples(labels, photos, also=config.also)
    settings = _settings(config)
    device = torch.device(scorer.pick_device())
    with torch.random.fork_rng(devices=[]):  # the caller's chance stays its own
        torch.manual_seed(config.seed)
        net = nets.build_net(settings)
        weights.load_start(net, config.weights)
        net.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        run = _Run(
            net, train, val, settings=settings, config=config, engine=engine, tell=tell
        )  # fmt: skip
        run.fit(out)
    settings = run.described()
    weights.save_scorer(out, net, settings)
    resume.forget_state(resume.state_path(out))
    return settings


def _settings(config: TrainConfig) -> ScorerConfig:
    backbone = COMPACT if config.backbone == "compact" else config.backbone
    width = 4096 if backbone == "vgg16" else config.fc7_width
    return ScorerConfig(backbone=backbone, fc7_width=width, image_size=config.image_size)


class _Run:
    """One training run: the net, what it learns from, and how far it is."""

    def __init__(
        self,
        net: nets.Net,
        train: Examples,
        val: Examples,
        *,
        settings: ScorerConfig,
        config: TrainConfig,
        engine: Engine | None,
        tell: Stages,
    ) -> None:
        self._net, self._train, self._val = net, train, val
        self._settings, self._config, self._tell = settings, config, tell
        self._device = next(net.parameters()).device
        maps_of = partial(FrozenMaps, net, settings=settings, engine=engine)
        self._maps = maps_of(train.files, config=config)
        plain = replace(config, copies=1, epoch_photos=0)
        self._val_maps = maps_of(val.files, config=plain)
        # The validation photos that could be read, and what the frozen layers make of them.
        rows, self._exam_maps = self._val_maps.epoch(0, tell)
        self._exam = val.at(rows)
        if len(np.unique(self._exam.labels)) < 2:
            raise DataError(
                f"of the val split {counted(len(rows), 'photo')} can be read, not of both classes; "
                "add photos"
            )
        # A linear layer that is thrown away: to feed it, fc7 must know more than the score.
        columns = train.also.shape[1]
        width = settings.fc7_width
        self._also = nn.Linear(width, columns).to(self._device) if columns else None
        self._modules = nn.ModuleList([net, self._also] if self._also else [net])
        # From maps to logits and fc7; where no layer is frozen, the maps are photos.
        self._learner = net if config.whole else net.upper
        self._trained = self._above_frozen()
        if self._also:
            self._trained |= {f"also.{name}": p for name, p in self._also.named_parameters()}
        self._optimizer = self._make_optimizer()
        self._best: dict[str, Tensor] = {}
        self.history: list[resume.Epoch] = []

    def _above_frozen(self) -> dict[str, nn.Parameter]:
        """Return the parameters above the frozen layers: those that the logits depend on."""
        named = dict(self._net.named_parameters())
        logits, _ = self._learner(_inputs(self._exam_maps[:2], self._device))
        slopes = torch.autograd.grad(logits.sum(), list(named.values()), allow_unused=True)
        return {
            name: parameter
            for (name, parameter), slope in zip(named.items(), slopes, strict=True)
            if slope is not None
        }

    @torch.no_grad()
    def _first_maps(self) -> Tensor:
        """Return the maps of some photos, which fc7 starts from."""
        _, maps = self._maps.epoch(0, self._tell)
        some = np.random.default_rng(self._config.seed).permutation(len(maps))[:START]
        parts = [_inputs([maps[i] for i in part], self._device) for part in chunks(some, 256)]
        if self._config.whole:
            parts = [self._net.lower(part) for part in parts]
        return torch.cat(parts)

    def _make_optimizer(self) -> torch.optim.AdamW:
        """Return AdamW over the new layers and the taught ones below, each with its own rate."""
        taught = ("features.", "fc6.", "fc7.") if isinstance(self._net, nets.Vgg16) else "trunk."
        below = [p for name, p in self._trained.items() if name.startswith(taught)]
        new = [p for name, p in self._trained.items() if not name.startswith(taught)]
        groups = [{"params": new}, {"params": below}]
        return torch.optim.AdamW(groups, lr=0.0, weight_decay=self._config.weight_decay)

    def fit(self, out: Path) -> None:
        """Train to the end, from where a killed run stopped; leave the best epoch in the net."""
        path = resume.state_path(out)
        of = resume.fingerprint((self._train, self._val), self._config)
        if state := resume.load_state(path, of=of):
            self._restore(state)
        elif isinstance(self._net, nets.TimmNet):
            self._net.start_fc7(self._first_maps())
        while not _finished(self.history, self._config):
            self.history.append(self._epoch(len(self.history)))
            if _best(self.history) is self.history[-1]:
                self._best = {n: value.clone() for n, value in self._modules.state_dict().items()}
            resume.save_state(path, self._state(), of=of)
            resume.write_curves(out, self.history)
        self._modules.load_state_dict(self._best)

    def _epoch(self, number: int) -> resume.Epoch:
        """Train on the next photos, then look how the net does on validation."""
        config, started = self._config, time.monotonic()
        rows, maps = self._maps.epoch(number, self._tell)
        ready = time.monotonic()
        for parameter in self._optimizer.param_groups[1]["params"]:
            parameter.requires_grad_(number >= config.head_epochs)
        torch.manual_seed(config.seed + 1 + number)  # of dropout
        self._set_dropout(config.dropout)
        order = np.random.default_rng([config.seed, number]).permutation(len(rows))
        batches, total = list(chunks(order, config.batch_size)), 0.0
        for done, part in enumerate(batches):
            self._set_rates((number + (done + 0.5) / len(batches)) / config.epochs)
            loss = self._step([maps[i] for i in part], rows[part])
            total += loss * len(part)
            seen = min(len(rows), (done + 1) * config.batch_size)
            stage = f"epoch {number + 1} of {config.epochs}, loss {total / seen:.3f}"
            self._tell(stage, seen, len(rows))
        self._set_dropout(0.0)
        if not math.isfinite(total):
            raise DataError(f"the loss grew past all numbers in epoch {number + 1}; lower --lr")
        trained = time.monotonic()
        facts: resume.Epoch = {
            "epoch": number + 1,
            "photos": len(rows) + (self.history[-1]["photos"] if self.history else 0),
            "loss": round(total / len(rows), 5),
            **self._examine(),
            "lr": self._optimizer.param_groups[0]["lr"],
            "seconds": round(time.monotonic() - started, 2),
        }
        left = (config.epochs - facts["epoch"]) * facts["seconds"] / 60
        log.info(
            "epoch %(epoch)d: loss %(loss).4f, validation loss %(val_loss).4f, AUC %(val_auc).4f; "
            "trained on %(rate).0f photos/s, at most %(left).0f min left",
            facts | {"rate": len(rows) / (trained - ready), "left": left},
        )
        return facts

    def _step(self, maps: list[Maps], rows: NDArray[np.int64]) -> float:
        """Learn from one batch; return its loss.

        The net stays in evaluation mode: running means stay those of its start weights.
        """
        targets = torch.from_numpy(self._train.targets[rows]).to(self._device)
        also = torch.from_numpy(self._train.also[rows]).to(self._device)
        with mixed_precision(self._device):
            _, fc7 = self._learner(_inputs(maps, self._device))
            fc7 = functional.dropout(fc7, self._config.dropout)
            logits, guesses = self._net.logit(fc7).squeeze(1), self._guess(fc7)
        loss = functional.binary_cross_entropy_with_logits(logits.float(), targets)
        known = torch.isfinite(also)
        if known.any():
            miss = functional.smooth_l1_loss(guesses.float()[known], also[known])
            loss = loss + self._config.also_weight * miss
        self._optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._trained.values(), CLIP)
        self._optimizer.step()
        return loss.item()

    def _guess(self, fc7: Tensor) -> Tensor:
        """Return the further columns as fc7 tells them, shape (B, K)."""
        return self._also(fc7) if self._also else fc7[:, :0]

    def _set_dropout(self, share: float) -> None:
        """Switch VGG16's dropout after fc6; that after fc7 is in `_step`, for any net."""
        if isinstance(self._net, nets.Vgg16):
            self._net.dropout.p = share
            self._net.dropout.train(share > 0)

    def _set_rates(self, at: float) -> None:
        """Set the learning rates of a moment: 0 is the start of the run, 1 its end."""
        config, (new, below) = self._config, self._optimizer.param_groups
        new["lr"] = config.lr * _rate(at, config.warmup)
        late = min(1.0, config.head_epochs / config.epochs)
        below["lr"] = config.lr_below * _rate((at - late) / max(1 - late, 1e-9), config.warmup)

    def _examine(self) -> dict[str, object]:
        """Return how the net does on validation."""
        exam = self._exam
        logits, guesses = self._look()
        loss = np.mean(np.logaddexp(0, logits) - exam.targets * logits)
        facts: dict[str, object] = {
            "val_loss": round(float(loss), 5),
            "val_auc": round(measures.auc(exam.labels, logits), 5),
        }
        names = split_names(self._config.also)
        if names:
            columns = zip(names, exam.also.T, guesses.T, strict=True)
            facts["also_r2"] = {name: _r2(true, guess) for name, true, guess in columns}
        return facts

    @torch.inference_mode()
    def _look(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the logits of the validation photos, shape (N,), and further columns, (N, K)."""
        logits, guesses = [], []
        for part in chunks(self._exam_maps, 256):
            with mixed_precision(self._device):
                some, fc7 = self._learner(_inputs(part, self._device))
                guess = self._guess(fc7)
            logits.append(some.double().cpu().numpy())
            guesses.append(guess.double().cpu().numpy())
        return np.concatenate(logits), np.concatenate(guesses)

    def _state(self) -> resume.State:
        tensors = {f"now.{name}": value for name, value in self._modules.state_dict().items()}
        tensors |= {f"best.{name}": value for name, value in self._best.items()}
        for number, moments in self._optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{name}": value for name, value in moments.items()}
        left_out = self._maps.unreadable
        rows = {str(row): left_out[f] for row, f in enumerate(self._train.files) if f in left_out}
        return resume.State(self.history, tensors, rows)

    def _restore(self, state: resume.State) -> None:
        self.history = list(state.history)
        files, left_out = self._train.files, state.unreadable  # by row: a folder may move
        self._maps.unreadable = {files[int(row)]: reason for row, reason in left_out.items()}
        self._modules.load_state_dict(_below_prefix(state.tensors, "now."))
        self._best = _below_prefix(state.tensors, "best.")
        moments: dict[int, dict[str, Tensor]] = {}
        for name, value in _below_prefix(state.tensors, "optimizer.").items():
            number, key = name.split(".")
            moments.setdefault(int(number), {})[key] = value
        groups = self._optimizer.state_dict()["param_groups"]
        self._optimizer.load_state_dict({"state": moments, "param_groups": groups})

    def described(self) -> ScorerConfig:
        """Return the scorer's config, calibrated on validation, with what its file tells people."""
        config, best = self._config, _best(self.history)
        logits, _ = self._look()
        temperature = round(measures.fit_temperature(self._exam.targets, logits), 4)
        scores = scorer.probability(logits.astype(np.float32), temperature)
        facts = {
            "photos": {
                "train": len(self._train.files) - len(self._maps.unreadable),
                "val": len(self._exam.labels),
            },
            "unreadable": count_reasons(self._val_maps.unreadable | self._maps.unreadable),
            "settings": asdict(config) | {"weights": Path(config.weights).name},
            "device": self._device.type,
            "epochs": len(self.history),
            "best_epoch": best["epoch"],
            "history": self.history,
            "validation": measures.accuracy_and_auc(self._exam.labels, scores),
            **({"also_r2": best["also_r2"]} if config.also else {}),
        }
        return replace(self._settings, temperature=temperature, facts=facts)


def _inputs(maps: Sequence[Maps], device: torch.device) -> Tensor:
    """Return maps as a net wants them; channels_last trains 4 times faster on a CPU."""
    batch = torch.from_numpy(np.stack(maps)).to(device)
    layout = torch.channels_last if batch.ndim == 4 else torch.contiguous_format
    return batch.to(torch.float32, memory_format=layout)


def _rate(at: float, warmup: float) -> float:
    """Return the share of the peak learning rate: a linear rise, then half a cosine down to 0."""
    if at <= 0:
        return 0.0
    if at < warmup:
        return at / warmup
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (at - warmup) / (1 - warmup))))


def _best(history: list[resume.Epoch]) -> resume.Epoch:
    """Return the epoch that is best on validation, the first of equals."""
    return max(history, key=lambda epoch: epoch["val_auc"])


def _finished(history: list[resume.Epoch], config: TrainConfig) -> bool:
    """Return whether all epochs are done, or the last ones brought nothing."""
    if len(history) >= config.epochs:
        return True
    return bool(history) and len(history) - _best(history)["epoch"] >= config.patience


def _below_prefix(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}


def _r2(true: NDArray[np.float32], guess: NDArray[np.float64]) -> float | None:
    """Return the share of a column's variance that is explained; None if it has none."""
    known = np.isfinite(true)
    spread = np.var(true[known]) if known.any() else 0.0
    return round(float(1 - np.mean((true - guess)[known] ** 2) / spread), 4) if spread else None
