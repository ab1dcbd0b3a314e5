import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from selfie_core.scorer.gather import Gatherer

LIMIT = 120  # seconds; a loaded machine takes its time


class Slow:
    """Doubles rows, waits until it is let go, and remembers its batches."""

    def __init__(self) -> None:
        self.go, self.began = threading.Event(), threading.Event()
        self.batches: list[int] = []

    def __call__(self, rows: np.ndarray) -> list[np.ndarray]:
        self.batches.append(len(rows))
        self.began.set()
        assert self.go.wait(LIMIT)
        return [rows * 2, rows[:, 0]]


def test_a_lone_caller_is_served_at_once() -> None:
    run = Slow()
    run.go.set()
    doubled, first = Gatherer(run, batch=8, threads=1)(np.ones((3, 2)))
    assert doubled.shape == (3, 2)
    assert first.tolist() == [1, 1, 1]
    assert run.batches == [3]


def test_callers_who_wait_go_together_and_each_gets_its_own() -> None:
    run = Slow()
    gather = Gatherer(run, batch=8, threads=1)
    with ThreadPoolExecutor(6) as callers:
        answers = [callers.submit(gather, np.zeros((1, 2)))]
        assert run.began.wait(LIMIT)  # the first is under way: all others have to wait
        answers += [callers.submit(gather, np.full((1, 2), n)) for n in range(1, 6)]
        while len(gather._waiting) < 5:
            time.sleep(0.001)
        run.go.set()
        for number, answer in enumerate(answers):
            assert answer.result(LIMIT)[0].tolist() == [[2 * number] * 2]
    assert run.batches == [1, 5]


def test_no_batch_is_larger_than_asked_for() -> None:
    run = Slow()
    gather = Gatherer(run, batch=4, threads=1)
    with ThreadPoolExecutor(4) as callers:
        answers = [callers.submit(gather, np.zeros((1, 1)))]
        assert run.began.wait(LIMIT)
        answers += [callers.submit(gather, np.zeros((3, 1))) for _ in range(3)]
        while len(gather._waiting) < 3:
            time.sleep(0.001)
        run.go.set()
        assert [len(a.result(LIMIT)[0]) for a in answers] == [1, 3, 3, 3]
    assert run.batches == [1, 3, 3, 3]


def test_an_error_reaches_its_caller_and_the_next_one_is_served() -> None:
    def run(rows: np.ndarray) -> list[np.ndarray]:
        if rows.any():
            raise ValueError("no such photo")
        return [rows]

    gather = Gatherer(run, batch=4, threads=1)
    with pytest.raises(ValueError, match="no such photo"):
        gather(np.ones((1, 1)))
    assert gather(np.zeros((1, 1)))[0].tolist() == [[0]]
