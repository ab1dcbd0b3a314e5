"""Judges with a planted taste are told it, and one who tosses a coin is told so."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery
from selfie_core.training import taste
from selfie_core.training.taste import CANNOT_SAY, ROUND, Axes, Question, Shown, Taste
from tests.support.judges import TASTES, answers_of, appeal_to


@pytest.fixture(scope="module")
def demo() -> Gallery:
    return Gallery.open(store.demo_gallery())


@pytest.fixture(scope="module")
def shown(demo: Gallery) -> Shown:
    return taste.shown_of(demo)


@pytest.fixture(scope="module")
def axes(shown: Shown) -> Axes:
    return taste.main_axes(shown.fc7)


@pytest.fixture(scope="module")
def questions(axes: Axes) -> list[Question]:
    return taste.draw_questions(axes, seed=1, count=2 * ROUND)


def light_lover(demo: Gallery, shown: Shown, axes: Axes, questions: list[Question]) -> Taste:
    answers = answers_of(appeal_to(demo, "light"), questions[:ROUND], noise=0.25, seed=0)
    return taste.fit_taste(shown, axes, questions, answers)


@pytest.mark.parametrize("name", TASTES)
def test_thirty_choices_rank_the_gallery_by_the_planted_taste(
    name, demo, shown, axes, questions
) -> None:
    appeal = appeal_to(demo, name)
    answers = answers_of(appeal, questions, noise=0.25, seed=0)
    assert taste.fit_taste(shown, axes, questions, answers).beats_a_coin  # after sixty
    found = taste.fit_taste(shown, axes, questions, answers[:ROUND])
    scores = found.head.score(demo.fc7)
    pairs = np.random.default_rng(5).integers(0, len(demo), (4000, 2))
    right = (np.diff(scores[pairs]) > 0) == (np.diff(appeal[pairs]) > 0)
    assert right.mean() > 0.75
    assert abs(np.median(scores) - 0.5) < 0.02


def test_words_name_the_planted_taste_and_how_the_net_differs(demo, shown, axes, questions) -> None:
    first = light_lover(demo, shown, axes, questions).leanings[0]
    assert (first.factor.name, first.more) == ("brightness", True)
    assert first.yours.low > 0.5
    contrary = replace(shown, scores=-shown.scores)
    answers = answers_of(appeal_to(demo, "light"), questions, noise=0.25, seed=0)
    assert taste.fit_taste(contrary, axes, questions, answers).leanings[0].beyond_net
    same = replace(shown, scores=appeal_to(demo, "light"))
    assert not taste.fit_taste(same, axes, questions, answers).leanings[0].beyond_net


def test_judge_who_tosses_a_coin_is_told_so(demo, shown, axes) -> None:
    fooled = named = 0
    for seed in range(25):
        questions = taste.draw_questions(axes, seed=seed, count=ROUND)
        answers = answers_of(np.zeros(len(demo)), questions, noise=1, seed=seed)
        found = taste.fit_taste(shown, axes, questions, answers)
        fooled += found.beats_a_coin
        named += bool(found.leanings)
    assert fooled <= 2
    assert named <= 3


def test_accuracy_held_out_is_near_the_truth_on_such_pairs(demo, shown, axes) -> None:
    """What is told after sixty choices, beside how others, of photos never shown, are foretold."""
    appeal, told, true = appeal_to(demo, "colour"), [], []
    for seed in range(8):
        questions = taste.draw_questions(axes, seed=seed, count=60)
        found = taste.fit_taste(
            shown, axes, questions, answers_of(appeal, questions, noise=0.5, seed=seed)
        )
        seen = {row for question in questions for row in (question.left, question.right)}
        others = [
            other for other in taste.draw_questions(axes, seed=seed + 100, count=60)
            if not {other.left, other.right} & seen
        ]  # fmt: skip
        scores = found.head.score(demo.fc7)
        said = [int(scores[other.right] > scores[other.left]) for other in others]
        told.append(found.held_out.right / found.held_out.of)
        true.append(np.mean(np.array(said) == answers_of(appeal, others, noise=0.5, seed=seed)))
    assert np.mean(told) == pytest.approx(np.mean(true), abs=0.06)


def test_same_seed_asks_the_same_and_more_questions_begin_alike(axes, questions) -> None:
    assert taste.draw_questions(axes, seed=1, count=ROUND) == questions[:ROUND]
    assert taste.draw_questions(axes, seed=2, count=ROUND) != questions[:ROUND]


def test_photos_are_shown_once_but_for_repeats_with_sides_swapped(questions) -> None:
    new = [question for question in questions if question.repeats is None]
    rows = [row for question in new for row in (question.left, question.right)]
    assert len(set(rows)) == len(rows) == 2 * 51
    again = [(n, question) for n, question in enumerate(questions) if question not in new]
    assert [n + 1 for n, _ in again] == list(range(12, 61, 6))
    for number, question in again:
        old = questions[question.repeats]
        assert (question.left, question.right) == (old.right, old.left)
        assert number - question.repeats >= 8 or question.repeats == 0
    assert len({question.repeats for _, question in again}) == len(again)


def test_steadiness_is_of_repeats_answered_alike(demo, shown, axes, questions) -> None:
    answers = answers_of(appeal_to(demo, "light"), questions[:ROUND], noise=0.01, seed=0)
    steady = taste.fit_taste(shown, axes, questions, answers).steady
    assert (steady.right, steady.of) == (4, 4)
    answers[11] = 1 - answers[11]
    assert taste.fit_taste(shown, axes, questions, answers).steady.right == 3


def test_other_side_gives_the_opposite_taste(demo, shown, axes, questions) -> None:
    answers = answers_of(appeal_to(demo, "light"), questions[:ROUND], noise=0.25, seed=0)
    one = taste.fit_taste(shown, axes, questions, answers)
    other = taste.fit_taste(shown, axes, questions, [1 - answer for answer in answers])
    np.testing.assert_allclose(one.head.weights, -other.head.weights, rtol=2e-3, atol=1e-6)
    assert one.held_out == other.held_out


def test_open_questions_count_for_neither_side(demo, shown, axes, questions) -> None:
    answers = answers_of(appeal_to(demo, "light"), questions[:ROUND], noise=0.25, seed=0)
    some = [CANNOT_SAY if n < 6 else answer for n, answer in enumerate(answers)]
    found = taste.fit_taste(shown, axes, questions, some)
    assert found.cannot_say == 6
    assert found.held_out.of == found.nets.of == 20
    with pytest.raises(DataError, match="30 questions and no choice"):
        taste.fit_taste(shown, axes, questions, [CANNOT_SAY] * ROUND)


@pytest.mark.parametrize("one_sided", [0, 1])
def test_always_the_same_side_is_no_taste(one_sided, shown, axes, questions) -> None:
    found = taste.fit_taste(shown, axes, questions, [one_sided] * ROUND)
    assert not found.beats_a_coin
    assert found.steady.right == 0


def test_pair_answered_both_ways_weighs_as_one_that_was_left_open(shown, axes, questions) -> None:
    answers = answers_of(shown.scores, questions, noise=0.1, seed=0)
    open_ = [*answers]
    for number, question in enumerate(questions):
        if (first := question.repeats) is not None:
            answers[number] = answers[first]  # sides were swapped: the other photo
            open_[number] = open_[first] = CANNOT_SAY
    torn = taste.fit_taste(shown, axes, questions, answers)
    left_open = taste.fit_taste(shown, axes, questions, open_)
    np.testing.assert_allclose(torn.head.weights, left_open.head.weights, rtol=2e-3, atol=1e-6)
    assert (torn.steady.right, torn.steady.of) == (0, 9)


def test_choices_in_a_circle_rank_no_photo_above_another() -> None:
    """The first over the second, the second over the third, the third over the first."""
    shown = few(3)
    circle = [Question(0, 1), Question(1, 2), Question(2, 0)]
    found = taste.fit_taste(shown, taste.main_axes(shown.fc7), circle, [0, 0, 0])
    np.testing.assert_allclose(found.head.score(shown.fc7), 0.5, atol=1e-3)
    assert not found.beats_a_coin


def few(count: int, *, alike: bool = False) -> Shown:
    rng = np.random.default_rng(0)
    fc7 = np.ones((count, 9)) if alike else rng.random((count, 9))
    return Shown(fc7.astype(np.float16), rng.random(count), pd.DataFrame(index=range(count)))


@pytest.mark.parametrize(("count", "pairs"), [(2, 1), (3, 3), (5, 10)])
def test_few_photos_are_asked_about_in_every_pair_and_no_more(count: int, pairs: int) -> None:
    shown = few(count)
    axes = taste.main_axes(shown.fc7)
    questions = taste.draw_questions(axes, seed=0, count=99)
    assert len({frozenset((q.left, q.right)) for q in questions if q.repeats is None}) == pairs
    found = taste.fit_taste(shown, axes, questions, [0] * len(questions))
    assert not found.beats_a_coin


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (few(1), "1 photo; wanted two or more"),
        (few(0), "0 photos"),
        (few(6, alike=True), "all 6 photos look alike"),
    ],
)
def test_nothing_to_choose_between_is_said(shown: Shown, words: str) -> None:
    with pytest.raises(DataError, match=words):
        taste.main_axes(shown.fc7)
