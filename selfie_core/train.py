"""Teach a ConvNet good selfies from bad ones: labels and photos in, a scorer file out.

The lower part of the net stays as ImageNet left it.  Its maps are computed once for a few
augmented copies of each photo; then only the upper part is trained, on the maps, which makes a
whole run possible on two cores.
"""

import io
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn.functional import binary_cross_entropy_with_logits

from selfie_core import evaluate, images, model, score
from selfie_core.checkpoint import COMPACT, ScorerConfig
from selfie_core.errors import DataError
from selfie_core.settings import TrainConfig

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]  # stage, done, of
Maps = NDArray[np.float16]
START = 3000  # photos whose features fc7 starts from


def train_scorer(
    photos: Path,
    labels: pd.DataFrame,
    out: Path,
    *,
    config: TrainConfig | None = None,
    progress: Progress | None = None,
) -> ScorerConfig:
    """Train a scorer on the labels' train split and write it to `out`.

    Validation decides when to stop and fits the calibration; the test split is not touched.

    Args:
        photos: Folder that the labels' `file` starts from.
        labels: Table of `labels.label_posts`; rows without a label are left aside.
        out: Where the scorer goes.
        config: Settings.
        progress: Called with (stage, done, of).

    Returns:
        The scorer's config, with facts of the run.

    Raises:
        DataError: Photos lack, or a split or a class has no member.
    """
    config = config or TrainConfig()
    tell = progress or (lambda stage, done, of: None)
    rows = evaluate.labelled(labels, photos)
    train, val = rows[rows["split"] == "train"], rows[rows["split"] == "val"]
    for name, part in (("train", train), ("val", val)):
        if part["label"].nunique() < 2:
            raise DataError(
                f"the {name} split has {len(part)} labelled photos, not of both classes; "
                f"label more posts"
            )
    torch.manual_seed(config.seed)
    settings = _settings(config)
    device = score.pick_device()
    net = model.build_net(settings)
    model.load_imagenet(net, weights=config.weights)
    net.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    train_maps = _cached_maps(net, photos, train, settings, config, config.copies, tell)
    val_maps = _cached_maps(net, photos, val, settings, config, 1, tell)
    train_y = np.tile(train["label"].to_numpy(np.float32), config.copies)
    val_y = val["label"].to_numpy(np.int64)
    if isinstance(net, model.TimmNet):
        some = np.random.default_rng(config.seed).permutation(len(train_maps))[:START]
        net.start_fc7(_inputs(train_maps[some], torch.device(device)))
    history = _fit(net, train_maps, train_y, val_maps, val_y, config, tell)

    logits = _logits(net, val_maps)
    temperature = evaluate.fit_temperature(val_y, logits)
    verdict = evaluate.judge(val_y, score.probability(logits, temperature))
    facts = {
        "photos": {"train": len(train), "val": len(val)},
        "copies": config.copies,
        "epochs": len(history),
        "history": history,
        "validation": verdict,
        "seed": config.seed,
    }
    settings = replace(settings, temperature=round(temperature, 4), facts=facts)
    model.save_scorer(out, net, settings)
    return settings


def _settings(config: TrainConfig) -> ScorerConfig:
    backbone = COMPACT if config.backbone == "compact" else config.backbone
    width = 4096 if backbone == "vgg16" else config.fc7_width
    return ScorerConfig(backbone=backbone, fc7_width=width, image_size=config.image_size)


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


def _cached_maps(
    net: model.Net,
    photos: Path,
    rows: pd.DataFrame,
    settings: ScorerConfig,
    config: TrainConfig,
    copies: int,
    tell: Progress,
) -> Maps:
    """Return the lower part's maps: copy by copy, shape (copies * N, ...), float16.

    A single copy is the photo as it is.
    """
    files = [photos / file for file in rows["file"]] * copies
    seeds = np.random.SeedSequence(config.seed).spawn(len(files))
    device = next(net.parameters()).device
    maps: Maps | None = None

    def prepare(place: int) -> Image.Image:
        photo = images.open_named(files[place])
        return augment(photo, np.random.default_rng(seeds[place])) if copies > 1 else photo

    with ThreadPoolExecutor(2) as pool, torch.inference_mode():
        for part in score.chunks(range(len(files)), config.batch_size):
            batch = images.to_batch(
                list(pool.map(prepare, part)),
                size=settings.image_size,
                mean=settings.mean,
                std=settings.std,
            )
            inputs = torch.from_numpy(batch).to(device, memory_format=torch.channels_last)
            seen = net.lower(inputs).cpu().numpy()
            if maps is None:
                maps = np.empty((len(files), *seen.shape[1:]), np.float16)
            maps[part.start : part.stop] = seen
            tell("maps", part.stop, len(files))
    assert maps is not None
    return maps


def _fit(
    net: model.Net,
    maps: Maps,
    labels: NDArray[np.float32],
    val_maps: Maps,
    val_labels: NDArray[np.int64],
    config: TrainConfig,
    tell: Progress,
) -> list[dict[str, float]]:
    """Train the upper part and leave in the net the epoch that was best on validation."""
    device = next(net.parameters()).device
    rng = np.random.default_rng(config.seed)
    # Gently below: at one rate for all, fc7 comes to know the score and nothing else of a photo.
    below = [p for name, p in net.named_parameters() if _is_upper(name) and "logit" not in name]
    rates = [config.lr, config.lr_below]
    groups = [{"params": list(net.logit.parameters())}, {"params": below}]
    optimizer = torch.optim.AdamW(groups, weight_decay=config.weight_decay)
    steps = config.epochs * -(-len(maps) // config.batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rates, total_steps=steps, pct_start=0.15
    )
    best, best_state, history = -1.0, net.state_dict(), []
    for epoch in range(config.epochs):
        order = rng.permutation(len(maps))
        losses = []
        # Running means stay ImageNet's: the net is left in evaluation mode, dropout is off.
        for number, part in enumerate(score.chunks(order, config.batch_size)):
            inputs = _inputs(maps[part], device)
            target = torch.from_numpy(labels[part]).to(device)
            loss = binary_cross_entropy_with_logits(net.upper(inputs)[0], target)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(below, 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
            tell(f"epoch {epoch + 1}", min(len(maps), (number + 1) * config.batch_size), len(maps))
        measured = evaluate.auc(val_labels, _logits(net, val_maps))
        history.append({"loss": round(float(np.mean(losses)), 4), "val_auc": round(measured, 4)})
        log.info("epoch %d: loss %.4f, validation AUC %.4f", epoch + 1, *history[-1].values())
        if measured > best:
            best = measured
            best_state = {name: value.clone() for name, value in net.state_dict().items()}
        elif epoch - max(range(epoch + 1), key=lambda e: history[e]["val_auc"]) >= config.patience:
            break
    net.load_state_dict(best_state)
    return history


def _is_upper(name: str) -> bool:
    """Return whether a parameter belongs to the part that is trained."""
    frozen = tuple(f"trunk.blocks.{stage}." for stage in range(model.FROZEN_STAGES))
    return not name.startswith((*frozen, "trunk.conv_stem", "trunk.bn1", "features."))


@torch.inference_mode()
def _logits(net: model.Net, maps: Maps) -> NDArray[np.float32]:
    device = next(net.parameters()).device
    parts = [net.upper(_inputs(part, device))[0].cpu().numpy() for part in score.chunks(maps, 256)]
    return np.concatenate(parts)


def _inputs(maps: Maps, device: torch.device) -> torch.Tensor:
    """Return maps as the upper part wants them; channels_last trains 4 times faster on a CPU."""
    layout = torch.channels_last if maps.ndim == 4 else torch.contiguous_format
    return torch.from_numpy(maps.astype(np.float32)).to(device, memory_format=layout)
