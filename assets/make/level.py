"""Make the scorer's last layer blind to who is in the photo.

Run by demo.py after training.  fc7 knows people apart, and what lets it (skin, hair, clothes) is
not quite independent of light, so the last layer learns a little of them.  Here it is fitted
anew, close to what it was, with two penalties: on how far photos differ in score that differ in
the person only (one plan composed with many people, their skin lighter or darker at random), and
on the mean step between rendered twins that differ in `tone`, `female`, `old` or hair.  Nothing
below the last layer changes: fc7, and every map made of it, stay.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from compose import CANVAS, degrade, draw
from numpy.typing import NDArray
from PIL import Image
from plan import Plan
from scipy.optimize import minimize
from sources import Source
from tqdm import tqdm
from twins import cast, plain, single_plans, with_person

from selfie_core.base import store
from selfie_core.base.progress import chunks
from selfie_core.photo import images
from selfie_core.scorer.scorer import load_scorer
from selfie_core.scorer.weights import load_net, save_scorer
from selfie_core.training.measures import fit_temperature

# Chosen on twins and compositions: skin from 0.15 to 0.85 went from -0.18 to 0.00 standard
# deviations, the spread between people from 0.16 to 0.13, the rank correlation with the taste fell
# by 0.004.  With ten times STAY, what the skin said could not be told in other ways: by 0.006.
PEOPLE = 0.03  # weight of the variance between people in one plan
TWINS = 100.0  # weight of the squared mean step between twins
STAY = 0.01  # weight of the squared distance from the weights as trained
PLANS = 10
TONES = 0.06, 0.6  # linear luminance of skin that people are given
LESSONS = 26_000  # compositions; two epochs
Floats = NDArray[np.float64]


def level_scorer(
    path: Path,
    lessons: pd.DataFrame,
    photos: Path,
    people: Sequence[Sequence[Source]],
    twins: Path,
) -> None:
    """Fit the last layer of a scorer anew, in place.

    Args:
        path: The scorer as trained.
        lessons: Compositions: file, split, target in [0, 1].
        photos: Folder of the compositions.
        people: Of the training split, one sequence per kind.
        twins: Folder of `render/draw.py --vary`; of its people those in `people` are taken.
    """
    train = lessons[lessons["split"] == "train"].iloc[:LESSONS]
    held = lessons[lessons["split"] == "val"]
    seen = fc7_of(path, [photos / file for file in train["file"]], "compositions")
    known = {source.name.split("-")[0] for group in people for source in group}
    apart = PEOPLE * between_people(path, people) + TWINS * mean_steps(path, twins, known)
    net, config = load_net(path)
    layer = net.logit
    start = layer.weight.detach().numpy()[0].astype(float), float(layer.bias.detach()[0])
    weight, bias = fit(seen, train["target"].to_numpy(float), apart, start)
    with torch.no_grad():
        layer.weight[:] = torch.from_numpy(weight)
        layer.bias[:] = bias
    logits = fc7_of(path, [photos / file for file in held["file"]], "validation") @ weight + bias
    temperature = round(fit_temperature(held["target"].to_numpy(float), logits), 4)
    facts = config.facts | {"levelled": True}
    save_scorer(path, net, replace(config, temperature=temperature, facts=facts))


def fit(
    fc7: Floats, targets: Floats, apart: Floats, start: tuple[Floats, float]
) -> tuple[Floats, float]:
    """Return weight, shape (D,), and bias of the levelled layer.

    Args:
        fc7: Activations, shape (N, D).
        targets: Share of audiences that call each photo good, shape (N,).
        apart: What the weights w must not see, as the quadratic form of a penalty w'Aw: (D, D).
        start: Weight and bias as trained.
    """
    trained, bias = start

    def loss(x: Floats) -> tuple[float, Floats]:
        w, logits = x[:-1], fc7 @ x[:-1] + x[-1]
        error = (1 / (1 + np.exp(-logits)) - targets) / len(targets)
        away = w - trained
        cost = np.mean(np.logaddexp(0, logits) - targets * logits)
        slope = fc7.T @ error + 2 * apart @ w + 2 * STAY * away
        return cost + w @ apart @ w + STAY * away @ away, np.append(slope, error.sum())

    found = minimize(loss, np.append(trained, bias), jac=True, method="L-BFGS-B")
    return found.x[:-1], float(found.x[-1])


def between_people(scorer: Path, people: Sequence[Sequence[Source]]) -> Floats:
    """Return the covariance of fc7 between people in the same plan, shape (D, D)."""
    rng = np.random.default_rng(5)
    away = []
    for sources in people:
        plans = [plain(plan) for plan in single_plans(len(sources), PLANS, seed=191)]
        photos = [
            _photo(_toned(cast(plan, number), source, rng), sources)
            for number, source in enumerate(sources)
            for plan in plans
        ]
        seen = fc7_of(scorer, photos, "people").reshape(len(sources), PLANS, -1)
        away.append((seen - seen.mean(axis=0)).reshape(-1, seen.shape[-1]))
    every = np.concatenate(away)
    return every.T @ every / len(every)


def _toned(plan: Plan, source: Source, rng: np.random.Generator) -> Plan:
    """Return a plan of one person whose skin has any luminance."""
    wanted = float(np.exp(rng.uniform(*np.log(TONES))))
    return with_person(plan, tone=wanted / source.tone)


def _photo(plan: Plan, sources: Sequence[Source]) -> Image.Image:
    return degrade(draw(plan, sources, side=CANVAS)[0], plan)


def mean_steps(scorer: Path, folder: Path, people: set[str]) -> Floats:
    """Return the sum of outer products of the mean fc7 step between twins, shape (D, D).

    Only of the people named: the others are for the test.
    """
    table = store.read_table(folder / "factors.jsonl").astype({"base": "string"})
    of_person = table["factor"].isin(["tone", "female", "old", "hair"])
    table = table[of_person & table["base"].isin(people)].reset_index(drop=True)
    seen = fc7_of(scorer, [folder / file for file in table["file"]], "twins")
    total = np.zeros((seen.shape[1], seen.shape[1]))
    for _, rows in table.groupby("factor"):
        ends = rows.assign(row=rows.index).pivot_table("row", "base", "end").dropna().astype(int)
        step = (seen[ends["high"]] - seen[ends["low"]]).mean(axis=0)
        total += np.outer(step, step)
    return total


def fc7_of(scorer: Path, photos: Sequence[Path | Image.Image], what: str) -> Floats:
    """Return fc7 of photos or files, shape (N, D)."""
    loaded = load_scorer(scorer)
    parts = [
        loaded.features([images.open_named(p)[0] if isinstance(p, Path) else p for p in part])[1]
        for part in tqdm(list(chunks(photos, 64)), desc=what)
    ]
    return np.concatenate(parts).astype(np.float64)
