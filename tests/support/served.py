"""A program that serves HTTP, started for a test and ended with it."""

import itertools
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

INSTALLED = Path(__file__).resolve().parents[2] / ".venv" / "networks"
START_LIMIT = END_LIMIT = 180  # seconds; a loaded machine takes its time
# Below the ports that a system deals out by itself: one of those, told to a program that takes it
# seconds later, may be another's by then.  Each process of tests begins elsewhere.
_PORTS = itertools.cycle(range(20_000, 32_000))
next(itertools.islice(_PORTS, 97 * os.getpid() % 12_000, None))


def need(part: str) -> Path:
    """Return where a server of others is installed; skip the test without it, but never in CI."""
    if not (INSTALLED / "installed").is_file():
        why = "the servers of others are not installed: sh tests/support/need_networks.sh"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    return INSTALLED / part


def free_port() -> int:
    """Return a port at which nothing listens, another each time."""
    for port in _PORTS:
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port
    raise AssertionError("ports have no end")


@contextmanager
def serve(
    command: Sequence[str | Path], folder: Path, *, health: str, port: int = 0, **settings: str
) -> Iterator[str]:
    """Yield the address of a program once it answers.

    Args:
        command: What starts it; "{port}" stands for a free port.
        folder: To start it in.
        health: Path that answers once it is up.
        port: Another than a free one.
        settings: Environment variables; those that name a gallery are not inherited.
    """
    port = port or free_port()
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SELFIE_G")}
    server = subprocess.Popen(
        [str(part).format(port=port) for part in command], cwd=folder, env=clean | settings
    )  # what it says stands beside the test that fails
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}{health}", server)
        yield url
    finally:
        server.terminate()
        server.wait(END_LIMIT)


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_LIMIT
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=30).close()
            return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"{server.args} ended or gave no answer within {START_LIMIT} s")
