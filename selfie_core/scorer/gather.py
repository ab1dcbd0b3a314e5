"""One function for many callers at once: what waits together goes through it together."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Run = Callable[[Array], Sequence[Array]]
Job = tuple[Array, "Future[list[Array]]"]


class Gatherer:
    """Runs a function of rows in batches made of the rows of all callers that wait.

    A caller who finds room runs its rows itself, at once; what arrives while all runs are busy
    waits and is run as one batch.  Safe to call from any number of threads.
    """

    def __init__(self, run: Run, *, batch: int, threads: int) -> None:
        """Take over a function.

        Args:
            run: Rows (B, ...) -> one or more arrays of B rows each.
            batch: Most rows given to it at once, except when one caller brings more.
            threads: That may run it at the same time.
        """
        self._run = run
        self._batch = batch
        self._waiting: deque[Job] = deque()
        self._lock = threading.Lock()
        self._room = threads
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="gather")

    def __call__(self, rows: Array) -> list[Array]:
        """Return what the function makes of these rows, in their order."""
        answer: Future[list[Array]] = Future()
        with self._lock:
            self._waiting.append((rows, answer))
            runs = self._room > 0
            self._room -= runs
        if runs:
            self._serve()
        return answer.result()

    def _serve(self) -> None:
        """Run the function on what waits; what arrived meanwhile is left to a thread of our own."""
        if jobs := self._take():  # none, where another run was faster
            self._answer(jobs)
        with self._lock:
            more = bool(self._waiting)
            self._room += not more
        if more:
            self._threads.submit(self._serve)

    def _answer(self, jobs: Sequence[Job]) -> None:
        try:
            outputs = self._run(np.concatenate([rows for rows, _ in jobs]))
            ends = np.cumsum([len(rows) for rows, _ in jobs])[:-1]
            shares = list(zip(*(np.split(output, ends) for output in outputs), strict=True))
        except BaseException as error:  # each caller raises it in its own thread
            for _, answer in jobs:
                answer.set_exception(error)
            return
        for (_, answer), share in zip(jobs, shares, strict=True):
            answer.set_result(list(share))

    def _take(self) -> list[Job]:
        jobs: list[Job] = []
        rows = 0
        with self._lock:
            while self._waiting and (not jobs or rows + len(self._waiting[0][0]) <= self._batch):
                jobs.append(self._waiting.popleft())
                rows += len(jobs[-1][0])
        return jobs
