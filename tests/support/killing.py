"""Kill the bot, as by power cut, between each two of its steps, and see how often it answered.

A step is a call of the network or of the state: nothing else leaves the process.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from selfie_core.bot.bot import Bot, Judge, Said
from selfie_core.bot.network import Network
from selfie_core.bot.state import State
from tests.support.paper_network import PaperNetwork


class Fuse:
    """Burns down by one at every step; the process is killed when it is burnt."""

    def __init__(self, steps: int, told: int | None = None) -> None:
        self.left, self.told = steps, told

    def step(self, name: str) -> None:
        self.left -= 1
        if self.left == 0:
            if self.told is not None:
                os.write(self.told, name.encode())
            os.kill(os.getpid(), signal.SIGKILL)


class Fused:
    """An object of which every method is a step."""

    def __init__(self, inner: object, fuse: Fuse) -> None:
        self._inner, self._fuse = inner, fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def step(*args: Any, **more: Any) -> Any:
            self._fuse.step(f"{type(self._inner).__name__}.{name}")
            return found(*args, **more)

        return step


def kill_points(
    make: Callable[[], tuple[Network, State]], judge: Judge, mention: Callable[[], object]
) -> Iterator[tuple[str, object]]:
    """Yield before which step a bot was killed, and the post that it was answering.

    For each a new post is made; then one bot is killed and another one goes on.
    """
    for steps in range(1, 100):
        post = mention()
        before = in_child(make, judge, steps)
        in_child(make, judge, 0)
        if not before:
            return
        yield before, post


def in_child(make: Callable[[], tuple[Network, State]], judge: Judge, steps: int) -> str:
    """Let a bot work in a process of its own; return before which step it was killed, if it was."""
    read, write = os.pipe()
    if not (child := os.fork()):
        with contextlib.suppress(BaseException):
            network, state = make()
            fuse = Fuse(steps, write)
            bot = Bot(Fused(network, fuse), Fused(state, fuse), judge)  # type: ignore[arg-type]
            bot.find()
            while bot.work():
                pass
            os._exit(0)
        os._exit(1)
    os.close(write)
    with os.fdopen(read) as told:
        step = told.read()
    _, status = os.waitpid(child, 0)
    ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    assert ended == (signal.SIGKILL if step else 0), f"ended by {ended}"
    return step


def main(folder: Path) -> None:
    """Print the table of a network of files."""
    net = PaperNetwork(folder / "posts")
    net.folder.mkdir()
    (folder / "selfie.jpg").write_bytes(b"12345")

    def make() -> tuple[Network, State]:
        return net, State(folder / "state.sqlite")

    def mention() -> str:
        author = f"author {len(net.posts())}"
        return net.write(author, "@bot", pictures=[folder / "selfie.jpg"])

    points = list(kill_points(make, lambda *_: Said("fine"), mention))
    (folder / "state.sqlite").unlink()  # lost: all posts are found anew
    in_child(make, lambda *_: Said("fine"), 0)
    for before, post in points:
        print(before, len(net.replies(str(post))), sep="\t")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
