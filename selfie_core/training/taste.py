"""Which of two photos someone prefers, asked over and over -> what they like, as a last layer.

Bradley-Terry: the chance of taking one photo over another is sigmoid(u - u'), where the appeal u
is linear in fc7: a logistic regression on differences of fc7, along its main axes, where thirty
answers are enough.  The pairs are an experiment planned beforehand (D-optimal): the next one is
that whose outcome is least certain given the pairs before it, whatever was answered to them.  So
they are known in advance, two people can be asked the same, and pairs held out measure the truth.
With pairs that follow the answers, accuracy after thirty was 2 points higher, but of 100 judges who
toss a coin 15 passed as people of taste, 32 after sixty; with these it is 1 and 2.

Letters: N photos, D width of fc7, K main axes, Q questions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

from selfie_core.base.errors import DataError
from selfie_core.base.words import counted
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.guess import Leaning, Verdict, find_leanings, judge_exactly
from selfie_core.training.last_layer import Head, head_of

ROUND = 30  # questions after which it says what someone likes
LEFT, RIGHT, CANNOT_SAY = 0, 1, 2  # answers

_AXES = 20
# Inverse strength of the L2 penalty, where the photos' total variance along the axes is 1.  Of 1,
# 3, 10 and 30 the best or within 0.01 of it with 10 to 60 answers of judges of three tastes.
_C = 3.0
_MOST = 5000  # photos of a gallery that pairs are made of
_CANDIDATES = 200  # pairs among which the next question is chosen
_LEAST_POOL = 40  # photos that a question is chosen from, unless there are fewer
_REPEATS_FROM, _REPEAT_EVERY, _REPEAT_AFTER = 12, 6, 8  # questions
_FOLDS = 10

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shown:
    """The photos that are shown to someone, with what their choices are explained by.

    Attributes:
        fc7: Shape (N, D).
        scores: Of the net that gave fc7, shape (N,), in [0, 1].
        factors: One row per photo; of its columns the measured factors are used.
    """

    fc7: NDArray[np.floating]
    scores: Floats
    factors: pd.DataFrame


@dataclass(frozen=True)
class Question:
    """Two photos, of which someone takes one."""

    left: int  # row numbers
    right: int
    repeats: int | None = None  # number of the question that had the same two, sides swapped


@dataclass(frozen=True, eq=False)
class Taste:
    """What someone likes, and how well that foretells what they choose.

    Attributes:
        head: Score of a photo: the chance of taking it over the gallery's middle one.
        held_out: How many choices were foretold by a fit that learned from other pairs only.
        nets: How many the net would have made too, of the same.
        steady: How many questions asked twice were answered alike.
        leanings: What the choices go by, the clearest first; none of it is claimed, and all of
            the list together holds in 95 of 100 cases.
        choices: Questions answered.
        cannot_say: Questions left open.
    """

    head: Head
    held_out: Verdict
    nets: Verdict
    steady: Verdict
    leanings: list[Leaning]
    choices: int
    cannot_say: int

    @property
    def beats_a_coin(self) -> bool:
        """Whether it foretells choices better than chance would."""
        return self.held_out.low > 0.5

    @property
    def facts(self) -> dict[str, Any]:
        """What its scorer's file says of it."""
        return {
            "data": f"{self.choices} choices between two photos",
            "means": "of your taking it over the middle photo",
            "accuracy_held_out": round(self.held_out.right / max(1, self.held_out.of), 4),
        }


@dataclass(frozen=True, eq=False)
class Axes:
    """The main axes of photos in fc7, along which their total variance is 1.

    Attributes:
        rows: The photos that questions are made of, shape (M,).
        places: Of these along the axes, shape (M, K).
        middle: Mean fc7, shape (D,).
        directions: Shape (D, K).
    """

    rows: NDArray[np.intp]
    places: Floats
    middle: Floats
    directions: Floats

    def place(self, fc7: NDArray[np.floating]) -> Floats:
        """Return where photos lie along the axes, shape (N, K)."""
        return (np.asarray(fc7, np.float64) - self.middle) @ self.directions


def shown_of(gallery: Gallery) -> Shown:
    """Return a gallery's photos as the questions want them."""
    return Shown(gallery.fc7, gallery.table["score"].to_numpy(np.float64), gallery.table)


def main_axes(fc7: NDArray[np.floating]) -> Axes:
    """Return the main axes of photos, from their fc7, shape (N, D).

    Raises:
        DataError: There are fewer than two photos, or all look alike to the net.
    """
    if len(fc7) < 2:
        raise DataError(
            f"{counted(len(fc7), 'photo')}; wanted two or more to choose between; add some"
        )
    rows = np.arange(len(fc7))
    if len(rows) > _MOST:
        rows = np.sort(np.random.default_rng(0).permutation(rows)[:_MOST])
    features = np.asarray(fc7[rows], np.float64)
    if float(np.ptp(features, axis=0).max()) < 1e-3 * float(np.abs(features).max()):
        raise DataError(f"all {len(fc7)} photos look alike to the net; add different ones")
    found = PCA(min(_AXES, *features.shape), svd_solver="randomized", random_state=0).fit(features)
    spread = float(np.sqrt(found.explained_variance_.sum()))
    directions = np.asarray(found.components_).transpose() / spread
    return Axes(rows, (features - found.mean_) @ directions, found.mean_, directions)


def draw_questions(axes: Axes, *, seed: int, count: int) -> list[Question]:
    """Return the questions to ask, the same for the same seed; more of them begin alike.

    Each is the least certain of many pairs of photos that were shown least: far apart, and along
    axes that those before it left open.  From the twelfth on every sixth repeats an earlier one.
    Few photos give fewer questions.
    """
    rng = np.random.default_rng(seed)
    precision = np.eye(axes.places.shape[1]) / _C
    times = np.zeros(len(axes.rows), np.intp)
    asked: list[Question] = []
    known: set[tuple[int, int]] = set()
    while len(asked) < count:
        number = len(asked) + 1
        if number >= _REPEATS_FROM and number % _REPEAT_EVERY == 0:
            asked.append(_repeat(asked, rng))
            continue
        pairs = _candidates(times, known, rng)
        if not len(pairs):
            break
        apart = axes.places[pairs[:, 0]] - axes.places[pairs[:, 1]]
        open_ = np.einsum("qk,qk->q", apart, np.linalg.solve(precision, apart.T).T)
        best = int(open_.argmax())
        precision += np.outer(apart[best], apart[best]) / 4  # as much as a toss-up tells
        times[pairs[best]] += 1
        known.add((min(pairs[best]), max(pairs[best])))
        left, right = axes.rows[pairs[best]].tolist()
        asked.append(Question(left, right))
    return asked


def _candidates(
    times: NDArray[np.intp], known: set[tuple[int, int]], rng: np.random.Generator
) -> NDArray[np.intp]:
    """Return pairs of photos shown least that were not asked yet, shape (Q, 2)."""
    order = np.lexsort((rng.random(len(times)), times))
    least = max(int((times == times[order[0]]).sum()), _LEAST_POOL)
    drawn = rng.integers(0, min(least, len(order)), (_CANDIDATES, 2))
    if len(order) <= _LEAST_POOL:  # few photos: every pair there is
        drawn = rng.permuted(np.array(np.triu_indices(len(order), 1)).T, axis=1)
    fresh = [(min(pair), max(pair)) not in known for pair in order[drawn].tolist()]
    drawn = drawn[np.array(fresh, bool) & (drawn[:, 0] != drawn[:, 1])]
    return order[drawn]


def _repeat(asked: Sequence[Question], rng: np.random.Generator) -> Question:
    """Return an earlier question with its sides swapped."""
    again = {question.repeats for question in asked}
    old = [
        number for number, question in enumerate(asked[: max(1, len(asked) - _REPEAT_AFTER)])
        if question.repeats is None and number not in again
    ] or [0]  # fmt: skip
    number = int(rng.choice(old))
    return Question(asked[number].right, asked[number].left, number)


def fit_taste(
    shown: Shown, axes: Axes, questions: Sequence[Question], answers: Sequence[int]
) -> Taste:
    """Return what someone likes.

    Args:
        shown: The photos.
        axes: Their `main_axes`.
        questions: That were asked, see `draw_questions`.
        answers: LEFT, RIGHT or CANNOT_SAY to each, or to the first of them.

    Raises:
        DataError: Nothing was chosen.
    """
    asked = [*zip(questions, answers, strict=False)]
    chosen = np.array([answer != CANNOT_SAY for _, answer in asked], bool)
    if not chosen.any():
        raise DataError(
            f"{len(asked)} questions and no choice; choose a photo in some pairs to be told a taste"
        )
    sides = np.array([[question.left, question.right] for question, _ in asked])
    places = axes.place(shown.fc7[sides.ravel()]).reshape(*sides.shape, -1)
    apart = places[:, 1] - places[:, 0]
    taken = np.array([(0.0, 1.0, 0.5)[answer] for _, answer in asked])  # how far right
    pair = np.array([q.repeats if q.repeats is not None else n for n, (q, _) in enumerate(asked)])
    first = chosen & (pair == np.arange(len(asked)))  # a pair asked twice counts once
    right = taken[first] > 0.5
    foretold = _foretell(apart, taken, pair)[first] > 0
    nets = np.diff(shown.scores[sides[first]], axis=1)[:, 0] > 0
    twice = [n for n, (q, _) in enumerate(asked) if q.repeats is not None]
    alike = [taken[n] != taken[pair[n]] for n in twice if chosen[n] and chosen[pair[n]]]
    return Taste(
        _head(axes, _fit(apart, taken)),
        judge_exactly(foretold == right), judge_exactly(nets == right),
        judge_exactly(alike), find_leanings(shown.factors, sides[first], right, nets),
        int(chosen.sum()), int((~chosen).sum()),
    )  # fmt: skip


def _fit(apart: Floats, taken: Floats) -> Floats:
    """Return weights along the axes, shape (K,); an open question counts half for either side."""
    model = LogisticRegression(C=_C, fit_intercept=False, max_iter=1000)
    labels = np.repeat([1, 0], len(taken))
    model.fit(np.concatenate([apart, apart]), labels, np.concatenate([taken, 1 - taken]))
    return model.coef_[0]


def _foretell(apart: Floats, taken: Floats, pair: NDArray[np.intp]) -> Floats:
    """Return by how much the right photo is preferred, by fits that saw a tenth of the pairs not.

    A pair that was asked twice is held out twice.
    """
    said = np.zeros(len(taken))
    for fold in range(_FOLDS):
        out = pair % _FOLDS == fold
        if out.any() and not out.all():
            said[out] = apart[out] @ _fit(apart[~out], taken[~out])
    return said


def _head(axes: Axes, along: Floats) -> Head:
    """Return a last layer; at the photo in the middle of all it says one half."""
    middle = float(np.median(axes.places @ along))
    weights = axes.directions @ along
    return head_of(weights, -middle - float(axes.middle @ weights), temperature=1.0)
