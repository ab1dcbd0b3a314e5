"""Kill the bot, as by power cut, between each two of its steps, and see how often it answered.

A step is a call of the network or of the state: nothing else leaves the process.
"""

import io
import itertools
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from selfie_core.bot.bot import Bot, Judge, Limits, Said
from selfie_core.bot.network import Card, Network
from selfie_core.bot.state import State
from tests.support.paper_network import PaperNetwork

ROOT = Path(__file__).resolve().parents[2]


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
    for steps in itertools.count(1):
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
        try:
            network, state = make()
            fuse = Fuse(steps, write)
            fused: Any = (Fused(network, fuse), Fused(state, fuse))
            bot = Bot(*fused, judge, limits=Limits(per_hour=100))
            bot.find()
            while bot.work():
                pass
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    os.close(write)
    with os.fdopen(read) as told:
        step = told.read()
    _, status = os.waitpid(child, 0)
    ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    assert ended == (signal.SIGKILL if step else 0), f"ended by {ended}"
    return step


@dataclass(frozen=True)
class Scene:
    """A network and somebody on it."""

    open: Callable[[State], Network]  # the bot's side, in the process that calls it
    mention: Callable[[], object]
    replies: Callable[[object], int]


def paper(folder: Path) -> Scene:
    """A network of files."""
    net = PaperNetwork(folder / "posts")
    net.folder.mkdir()
    (folder / "selfie.jpg").write_bytes(b"12345")

    def mention() -> str:
        author = f"author {len(net.posts())}"
        return net.write(author, "@bot", pictures=[folder / "selfie.jpg"])

    return Scene(lambda state: net, mention, lambda post: len(net.replies(str(post))))


def bluesky(folder: Path, server: str, directory: str) -> Scene:
    """The real server."""
    from tests.support.app_view import AppView
    from tests.support.atproto_network import Atproto

    net = Atproto(server, directory, AppView())
    bot, people = net.person("killed"), [net.person(f"author{n}") for n in range(5)]
    selfie = (ROOT / "assets/samples/sample-1.jpg").read_bytes()
    authors = itertools.cycle(people)

    def keep(state: State) -> Network:
        return net.bot(bot, session=state.kept("session"), keep=partial(state.keep, "session"))

    def mention() -> str:
        return next(authors).post("this?", selfie, calls=bot)

    return Scene(keep, mention, lambda post: len(bot.replies(str(post))))


def mastodon(folder: Path, server: str) -> Scene:
    """The stand-in for Mastodon."""
    from tests.support.mastodon_network import MastodonNet

    net = MastodonNet(server)
    authors = itertools.cycle(f"author{n}" for n in range(5))

    def mention() -> str:
        return net.post(next(authors), "@deepselfie this?", jpeg())

    return Scene(lambda state: net.bot(), mention, lambda post: len(net.replies(str(post))))


def main(kind: str, folder: Path, *more: str) -> None:
    """Print before which step the bot was killed, and how often the post was answered."""
    scene = {"paper": paper, "bluesky": bluesky, "mastodon": mastodon}[kind](folder, *more)
    card = Card(jpeg(), "a card", (8, 8))

    def make() -> tuple[Network, State]:
        state = State(folder / "state.sqlite")
        return scene.open(state), state

    def judge(*_: object) -> Said:
        return Said("fine", (card,))

    points = list(kill_points(make, judge, scene.mention))
    (folder / "state.sqlite").unlink()  # lost: all posts are found anew
    in_child(make, judge, 0)
    for before, post in points:
        print(before, scene.replies(post), sep="\t")


def jpeg() -> bytes:
    """Return a small picture."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "JPEG")
    return file.getvalue()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
