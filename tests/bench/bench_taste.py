"""Simulated judges with planted tastes: what is learned of them, how honestly, and how fast.

python tests/bench/bench_taste.py [GALLERY] [--runs 8]

Accuracy is how often, of two photos drawn by chance, the one is ranked above that the judge likes
more.  "planned" are the app's pairs; "adaptive" ones follow the answers, too: nearest to a toss-up
and least certain.  A claim is that of an accuracy above a coin's.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from selfie_core.training import taste
from selfie_core.training.taste import Axes, Question, Shown
from tests.support.judges import TASTES, answers_of, appeal_to

COUNTS = (10, 20, 30, 60)
NOISES = (0.25, 0.5, 1.0)  # standard deviations of the appeal
RANDOM_RUNS = 100
SPEED_AT = 2000  # photos
Game = tuple[list[Question], list[int]]
Play = Callable[[Shown, Axes, NDArray[np.float64], float, int], Game]


def planned(shown: Shown, axes: Axes, appeal, noise: float, seed: int) -> Game:
    questions = taste.draw_questions(axes, seed=seed, count=max(COUNTS))
    return questions, answers_of(appeal, questions, noise=noise, seed=seed)


def by_chance(shown: Shown, axes: Axes, appeal, noise: float, seed: int) -> Game:
    pairs = np.random.default_rng(seed).permutation(len(appeal))[: 2 * max(COUNTS)]
    questions = [Question(*pair) for pair in pairs.reshape(-1, 2).tolist()]
    return questions, answers_of(appeal, questions, noise=noise, seed=seed)


def adaptive(shown: Shown, axes: Axes, appeal, noise: float, seed: int) -> Game:
    rng, questions, answers = np.random.default_rng(seed), [], []
    used: set[int] = set()
    precision = np.eye(axes.places.shape[1]) / taste._C
    along = np.zeros(len(precision))
    for number in range(max(COUNTS)):
        free = np.array([row for row in range(len(appeal)) if row not in used])
        pairs = rng.choice(free, (taste._CANDIDATES, 2))
        apart = axes.place(shown.fc7[pairs[:, 1]]) - axes.place(shown.fc7[pairs[:, 0]])
        chance = 1 / (1 + np.exp(-apart @ along))
        certain = np.einsum("qk,qk->q", apart, np.linalg.solve(precision, apart.T).T)
        best = int((chance * (1 - chance) * certain).argmax())
        questions.append(Question(*pairs[best].tolist()))
        used |= set(pairs[best].tolist())
        answers += answers_of(appeal, questions[-1:], noise=noise, seed=1000 * seed + number)
        sides = np.array([[one.left, one.right] for one in questions])
        asked = axes.place(shown.fc7[sides[:, 1]]) - axes.place(shown.fc7[sides[:, 0]])
        along = taste._fit(asked, np.array(answers, float))
        p = 1 / (1 + np.exp(-asked @ along))
        precision = np.eye(len(along)) / taste._C + (asked * (p * (1 - p))[:, None]).T @ asked
    return questions, answers


WAYS: dict[str, Play] = {"by chance": by_chance, "planned": planned, "adaptive": adaptive}


def accuracy(gallery: Gallery, scores, appeal) -> float:
    pairs = np.random.default_rng(99).integers(0, len(gallery), (5000, 2))
    gaps, likes = np.diff(scores[pairs])[:, 0], np.diff(appeal[pairs])[:, 0]
    return float(((gaps > 0) == (likes > 0))[likes != 0].mean())


def table_of_judges(gallery: Gallery, shown: Shown, axes: Axes, runs: int) -> None:
    print("taste | noise | pairs | accuracy after 10, 20, 30, 60 | claimed at 30, 60 | named at 30")
    for name, field in TASTES.items():
        appeal = appeal_to(gallery, name)
        for noise in NOISES:
            for way, play in WAYS.items():
                true = np.zeros(len(COUNTS))
                claims, named = np.zeros(len(COUNTS)), 0
                for seed in range(runs):
                    questions, answers = play(shown, axes, appeal, noise, seed)
                    for place, count in enumerate(COUNTS):
                        found = taste.fit_taste(shown, axes, questions, answers[:count])
                        true[place] += accuracy(gallery, found.head.score(shown.fc7), appeal)
                        claims[place] += found.beats_a_coin
                        if count == taste.ROUND:
                            named += any(one.factor.name == field for one in found.leanings)
                said = ", ".join(f"{share:.2f}" for share in true / runs)
                claimed = ", ".join(f"{share:.2f}" for share in claims[2:] / runs)
                print(f"{name} | {noise} | {way} | {said} | {claimed} | {named / runs:.2f}")


def coin_tossers(gallery: Gallery, shown: Shown, axes: Axes) -> None:
    print(f"\nOf {RANDOM_RUNS} who toss a coin, told that they have a taste at 30, 60; words at 30")
    for way, play in WAYS.items():
        fooled, named = np.zeros(2), 0
        for seed in range(RANDOM_RUNS):
            questions, answers = play(shown, axes, np.zeros(len(gallery)), 1.0, 500 + seed)
            for place, count in enumerate((30, 60)):
                found = taste.fit_taste(shown, axes, questions, answers[:count])
                fooled[place] += found.beats_a_coin
                if not place:
                    named += bool(found.leanings)
        print(f"{way} | {fooled[0]:.0f}, {fooled[1]:.0f} | {named}")


def speed(gallery: Gallery) -> None:
    rows = np.resize(np.arange(len(gallery)), SPEED_AT)
    shown = Shown(
        np.asarray(gallery.fc7)[rows],
        gallery.table["score"].to_numpy()[rows],
        gallery.table.iloc[rows].reset_index(drop=True),
    )
    start = time.perf_counter()
    axes = taste.main_axes(shown.fc7)
    made = time.perf_counter()
    questions = taste.draw_questions(axes, seed=0, count=60)
    drawn = time.perf_counter()
    answers = answers_of(shown.scores, questions, noise=0.1, seed=0)
    taste.fit_taste(shown, axes, questions, answers)
    fitted = time.perf_counter()
    print(
        f"\n{SPEED_AT} photos: axes {made - start:.2f} s, 60 questions {drawn - made:.2f} s, "
        f"fit and its measure after 60 answers {fitted - drawn:.2f} s"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gallery", nargs="?", type=Path, default=store.demo_gallery())
    parser.add_argument("--runs", type=int, default=8)
    args = parser.parse_args()
    opened = Gallery.open(args.gallery)
    photos = taste.shown_of(opened)
    found = taste.main_axes(photos.fc7)
    speed(opened)
    table_of_judges(opened, photos, found, args.runs)
    coin_tossers(opened, photos, found)
