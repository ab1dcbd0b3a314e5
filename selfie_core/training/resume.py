"""What a training run keeps beside its scorer: its state after each epoch, metrics and curves.

The state lies in one safetensors file, OUT.resume: no pickle, replaced whole or not at all.
All chance of an epoch comes from the seed and its number, so no random state is kept.
"""

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.names import plain_name, short_name
from selfie_core.base.settings import TrainConfig
from selfie_core.scorer import weights
from selfie_core.training.examples import Examples

log = logging.getLogger(__name__)

FORMAT = "selfie-training-2"
Epoch = dict[str, Any]  # epoch, photos, loss, val_loss, val_auc, lr, seconds, also_r2


@dataclass(frozen=True)
class State:
    """Where a run stands after an epoch."""

    history: list[Epoch]
    tensors: dict[str, Tensor]  # weights, best weights and the optimizer's moments
    unreadable: dict[str, str] = field(default_factory=dict)  # rows left out, with the reason


def state_path(out: Path) -> Path:
    """Return where the state of a run that makes the scorer `out` lies."""
    return out.with_name(short_name(out.name, ".resume"))


def fingerprint(examples: Sequence[Examples], config: TrainConfig) -> str:
    """Return a hash of all that a run depends on: settings, labels, photos, start weights.

    Files are known by size and time, since reading all of them would take minutes.
    """
    digest = hashlib.sha256(json.dumps(asdict(config), sort_keys=True).encode())
    files = [Path(config.weights)] if Path(config.weights).is_file() else []
    for part in examples:
        files += part.files
        for values in (part.labels, part.targets, part.also):
            digest.update(values.tobytes())
    for file in files:
        facts = file.stat()
        digest.update(f"{file.name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def save_state(path: Path, state: State, *, of: str) -> None:
    """Write a run's state; `of` is its fingerprint.

    Raises:
        DataError: The disk does not take it; the state of the epoch before stays.
    """
    facts = {"history": state.history, "unreadable": state.unreadable}
    header = {"format": FORMAT, "of": of} | {name: json.dumps(fact) for name, fact in facts.items()}
    try:
        weights.write_tensors(path, state.tensors, header)
    except DataError as error:
        kept = f"epoch {len(state.history) - 1} is kept" if path.exists() else "nothing is lost yet"
        raise DataError(f"{error}; {kept}, and the same command goes on from there") from error


def load_state(path: Path, *, of: str) -> State | None:
    """Return the state that a killed run left, or None if there is none that fits."""
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            if header.get("format") == FORMAT and header["of"] == of:
                tensors = {name: file.get_tensor(name) for name in file.keys()}
                history = json.loads(header["history"])
                log.info("%s: goes on after epoch %d", path.name, len(history))
                return State(history, tensors, json.loads(header.get("unreadable", "{}")))
        log.warning("%s is of other settings, labels or photos; starting anew", path.name)
    except (SafetensorError, OSError, KeyError, ValueError):
        log.warning("%s is damaged; starting anew", path.name)
    return None


def forget_state(path: Path) -> None:
    """Delete the state of a finished run, and what a kill while writing one left behind."""
    for left in (path, *store.left_over(path)):
        left.unlink(missing_ok=True)


def write_curves(out: Path, history: list[Epoch]) -> None:
    """Write metrics beside a scorer: .jsonl, one line per epoch, and .html, which opens offline."""
    from plotly.graph_objects import Scatter
    from plotly.subplots import make_subplots

    with store.replacing(out.with_suffix(".jsonl")) as temporary:
        temporary.write_text("".join(json.dumps(epoch) + "\n" for epoch in history), "utf-8")
    figure = make_subplots(rows=2, shared_xaxes=True, vertical_spacing=0.08)
    for row, key, name in (
        (1, "loss", "loss, training"),
        (1, "val_loss", "loss, validation"),
        (2, "val_auc", "AUC, validation"),
    ):
        x, y = [epoch["epoch"] for epoch in history], [epoch[key] for epoch in history]
        figure.add_trace(Scatter(x=x, y=y, name=name, mode="lines+markers"), row=row, col=1)
    figure.update_xaxes(title="epoch", dtick=1, row=2)
    figure.update_layout(title=f"Training of {plain_name(out.stem)}", template="plotly_white")
    with store.replacing(out.with_suffix(".html")) as temporary:
        figure.write_html(temporary, include_plotlyjs=True)
