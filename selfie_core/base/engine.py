"""Who does long work: this process, a pool of processes, or the machines of a Ray cluster.

What comes of a job is the same whoever does it.  A process that dies takes its jobs with it, and
they are done again; a job at which processes die time and again is given up, and the rest goes on.
"""

import functools
import logging
import multiprocessing
import os
import pickle
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing.context import SpawnContext, SpawnProcess
from types import ModuleType
from typing import Any, Protocol, TypeVar

from selfie_core.base import progress
from selfie_core.base.errors import DataError
from selfie_core.base.progress import Progress, cores

log = logging.getLogger(__name__)

_AHEAD = 2  # jobs that wait for a free process, so that none waits for a job
_TRIES = 3  # of a job on Ray, each by another process
_PORT = 6379  # of Ray
_ALONE = {"_node_ip_address": "127.0.0.1"}  # firewalls let a machine talk to itself

S = TypeVar("S")
J = TypeVar("J")
R = TypeVar("R")
Work = Callable[[S, J, Progress | None], R]


class Engine(Protocol):
    """Does jobs.

    Attributes:
        at_once: Photos that are best one job.
        least: Photos from which it is worth its start.
    """

    @property
    def at_once(self) -> int: ...  # noqa: D102

    @property
    def least(self) -> int: ...  # noqa: D102

    def run(
        self, work: Work[S, J, R], shared: S, jobs: Iterable[J], progress: Progress | None = None
    ) -> Iterator[tuple[int, R | None]]:
        """Yield the number of each job and what came of it, as they end; None if it was given up.

        Args:
            work: Called with what is shared, a job, and what tells how far the job is.  Like all
                that goes to other processes, it is pickled.
            shared: What all jobs need.
            jobs: Taken as there is room for them.
            progress: Called with (done, of) of the job in hand, where that is known.
        """
        ...


@dataclass(frozen=True)
class Here:
    """Does jobs one by one in this process, by its threads."""

    at_once: int = 256
    least: int = 0

    def run(
        self, work: Work[S, J, R], shared: S, jobs: Iterable[J], progress: Progress | None = None
    ) -> Iterator[tuple[int, R | None]]:
        """As of `Engine`."""
        for number, job in enumerate(jobs):
            yield number, work(shared, job, progress)


@dataclass(frozen=True)
class Pool:
    """Does jobs by processes of this machine, one per core."""

    workers: int = field(default_factory=cores)
    at_once: int = 32
    least: int = 256

    def run(
        self, work: Work[S, J, R], shared: S, jobs: Iterable[J], progress: Progress | None = None
    ) -> Iterator[tuple[int, R | None]]:
        """As of `Engine`."""
        blob, todo = pickle.dumps((work, shared)), enumerate(jobs)
        suspects: dict[int, J] = {}  # in hand when a process died: they are tried one by one
        while True:
            alone, hand = bool(suspects), dict[int, J]()
            source = _taken_from(suspects) if alone else todo
            pool = _pool(self.workers, blob)
            try:
                yield from _done(pool, source, hand, 1 if alone else self.workers + _AHEAD)
                if not alone:
                    return
            except BrokenProcessPool:
                log.warning("a process died; what it did is done again")
                if alone:
                    yield from ((number, None) for number in hand)
                else:
                    suspects = hand
            finally:
                pool.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class Ray:
    """Does jobs by the machines of the Ray cluster that `open_engine` joined, one per core."""

    at_once: int = 32
    least: int = 0

    def run(
        self, work: Work[S, J, R], shared: S, jobs: Iterable[J], progress: Progress | None = None
    ) -> Iterator[tuple[int, R | None]]:
        """As of `Engine`."""
        import ray
        from ray.exceptions import RayError, RayTaskError

        blob, todo = ray.put(pickle.dumps((work, shared))), enumerate(jobs)
        do = ray.remote(_do_with).options(num_cpus=1, max_retries=_TRIES)
        running: dict[Any, int] = {}
        while True:
            slots = int(ray.cluster_resources().get("CPU", 0))  # machines come and go
            room = _AHEAD * max(1, slots)
            for number, job in islice(todo, max(0, room - len(running))):
                running[do.remote(blob, job)] = number
            if not running:
                return
            for done in ray.wait(list(running), timeout=5)[0]:
                number, result = running.pop(done), None
                try:
                    result = ray.get(done)
                except RayTaskError as error:  # of ours
                    raise error.cause or error from None
                except RayError as error:
                    log.warning("given up after %d tries: %s", _TRIES, type(error).__name__)
                yield number, result


def usual_engine(device: str) -> Engine:
    """Return what suits this machine and a scorer's device: a GPU is fed by one process."""
    return Pool() if device == "cpu" else Here()


@contextmanager
def open_engine(
    kind: str | None, address: str | None = None, *, say: Callable[[str], object] = log.info
) -> Iterator[Engine | None]:
    """Yield the engine of a kind: "pool", "ray", or None for whatever suits this machine.

    Args:
        kind: Of the engine.
        address: HOST or HOST:PORT of a Ray cluster that runs, of which this machine is one; by
            default one is started that is this machine alone.
        say: Called with where to look on.

    Raises:
        DataError: Ray is not installed, or there is no cluster.
    """
    if kind != "ray":
        if address:
            raise DataError("--address is that of a Ray cluster; add --engine ray")
        yield Pool() if kind else None
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would tell its makers
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # or it warns
    try:
        import ray
    except ImportError as error:
        raise DataError('--engine ray wants Ray: pip install "ray[default]"') from error
    # Without "local" Ray joins any cluster that it finds.
    where: dict[str, Any] = (
        {"address": _asked(address)} if address else {"address": "local", **_ALONE}
    )
    try:
        joined = ray.init(**where, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise DataError(
            f"can't join the Ray cluster at {where['address']}: {str(error).splitlines()[0]}; "
            f"are Ray's version and RAY_AUTH_MODE the same on all machines?"
        ) from error
    try:
        if joined.dashboard_url:
            say(f"Ray's dashboard: http://{joined.dashboard_url}")
        yield Ray()
    finally:
        ray.shutdown()


def _asked(address: str) -> str:
    """Return the address of a cluster that answers; Ray itself would wait for minutes."""
    host, _, port = address.partition(":")
    try:
        socket.create_connection((host, int(port or _PORT)), timeout=10).close()
    except (OSError, ValueError) as error:
        raise DataError(
            f"no Ray cluster at {address}: {error}; start one there by: ray start --head"
        ) from error
    return f"{host}:{port or _PORT}"


def _taken_from(jobs: dict[int, J]) -> Iterator[tuple[int, J]]:
    while jobs:
        number = next(iter(jobs))
        yield number, jobs.pop(number)


def _done(
    pool: ProcessPoolExecutor, todo: Iterator[tuple[int, J]], hand: dict[int, J], room: int
) -> Iterator[tuple[int, Any]]:
    """Yield what comes of jobs; `hand` holds those that a pool has."""
    running: dict[Future[Any], int] = {}
    while True:
        for number, job in islice(todo, room - len(hand)):
            hand[number] = job
            running[pool.submit(_do, job)] = number
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            result = future.result()
            number = running.pop(future)
            del hand[number]
            yield number, result


class _Process(SpawnProcess):
    """A process that does not run the script that started this one, without a guard in it for ever.

    One that fails at that leaves its parent writing to a pipe that nobody reads.
    """

    def start(self) -> None:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            super().start()
        finally:
            sys.modules["__main__"] = main


class _Spawning(SpawnContext):
    """Starts processes anew: a fork would copy threads that hold locks."""

    Process = _Process


def _pool(workers: int, blob: bytes) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, _Spawning(), initializer=_begin, initargs=(blob,))


_blob = b""  # of a process of a pool: what is to be done


def _begin(blob: bytes) -> None:
    """Make a process ready, which ends when the one does that started it, however that is."""
    global _blob
    _blob = blob
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the other's business
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
    os._exit(1)


def _do(job: Any) -> Any:
    return _do_with(_blob, job)


def _do_with(blob: bytes, job: Any) -> Any:
    """Return what comes of a job, done by one core: the others have jobs of their own."""
    progress.only = 1
    work, shared = _unpacked(blob)
    return work(shared, job, None)


@functools.lru_cache(1)
def _unpacked(blob: bytes) -> tuple[Callable[..., Any], Any]:
    return pickle.loads(blob)
