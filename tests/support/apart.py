"""A loop of its own for what a test awaits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio


def run_apart(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what an asynchronous function does, in a thread that has no loop.

    Playwright keeps one in the thread of a worker that has opened a browser.
    """
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(anyio.run, function, *arguments).result()
