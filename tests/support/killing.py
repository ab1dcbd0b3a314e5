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
    make: Callable[[], tuple[Network, State]], judge: Judge, begin: Callable[[], object]
) -> Iterator[tuple[str, object]]:
    """Yield before which step a bot was killed, and the post whose replies count.

    For each something new begins; then one bot is killed and another one goes on.
    """
    for steps in itertools.count(1):
        post = begin()
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
    """A network and people on it."""

    open: Callable[[State], Network]  # the bot's side, in the process that calls it
    post: Callable[..., Any]  # by whom, text; picture, below which post, whether it calls the bot
    replies: Callable[[Any], list[Any]]  # of the bot to a post: their ids


def paper(folder: Path) -> Scene:
    """A network of files."""
    net = PaperNetwork(folder / "posts")
    net.folder.mkdir()
    (folder / "selfie.jpg").write_bytes(b"12345")

    def post(
        who: int, text: str, *, picture: bool = False, below: str = "", calls: bool = False
    ) -> str:
        parent = next((one for one in net.posts() if one.id == below), None)
        return net.write(
            f"author{who}", text, calls_us=calls,
            pictures=[folder / "selfie.jpg"] if picture else [],
            parent=parent and parent.id, parent_author=parent and parent.author,
        )  # fmt: skip

    return Scene(lambda state: net, post, lambda post: [one.id for one in net.replies(post)])


def bluesky(folder: Path, server: str, directory: str) -> Scene:
    """The real server."""
    from selfie_core.bot.bluesky import reply_key
    from tests.support.app_view import AppView
    from tests.support.atproto_network import Atproto

    net = Atproto(server, directory, AppView())
    name = folder.name
    bot, people = net.person(name), [net.person(f"{name}{n}") for n in range(3)]
    selfie = (ROOT / "assets/samples/sample-1.jpg").read_bytes()

    def keep(state: State) -> Network:
        return net.bot(bot, session=state.kept("session"), keep=partial(state.keep, "session"))

    def post(
        who: int, text: str, *, picture: bool = False, below: str = "", calls: bool = False
    ) -> str:
        return people[who].post(
            text, *[selfie] * picture, calls=bot if calls else None, below=below or None
        )

    def replies(post: str) -> list[str]:
        return [f"at://{bot.did}/app.bsky.feed.post/{reply_key(post)}"] * len(bot.replies(post))

    return Scene(keep, post, replies)


def mastodon(folder: Path, server: str) -> Scene:
    """The stand-in for Mastodon."""
    from tests.support.mastodon_network import MastodonNet

    net = MastodonNet(server)

    def post(
        who: int, text: str, *, picture: bool = False, below: str = "", calls: bool = False
    ) -> str:
        pictures = [jpeg()] * picture
        text = f"@deepselfie {text}" if calls else text
        return net.post(f"author{who}", text, *pictures, in_reply_to_id=below or None)

    return Scene(lambda state: net.bot(), post, lambda post: [one.id for one in net.replies(post)])


def main(kind: str, what: str, folder: Path, *more: str) -> None:
    """Print before which step the bot was killed, and how many replies of it a post had then.

    What happens: somebody calls it ("answer"), below another's picture ("ask"), or wants the
    answer gone ("stop").
    """
    scene = {"paper": paper, "bluesky": bluesky, "mastodon": mastodon}[kind](folder, *more)
    card = Card(jpeg(), "a card", (8, 8))

    def make() -> tuple[Network, State]:
        state = State(folder / "state.sqlite")
        return scene.open(state), state

    def judge(*_: object) -> Said:
        return Said("fine", (card,))

    def begin() -> Any:
        if what == "ask":
            picture = scene.post(1, "me", picture=True)
            return scene.post(2, "look", calls=True, below=picture)
        post = scene.post(0, "this?", picture=True, calls=True)
        if what == "stop":
            in_child(make, judge, 0)
            (reply,) = scene.replies(post)
            scene.post(0, "stop", calls=True, below=reply)
        return post

    points = list(kill_points(make, judge, begin))
    (folder / "state.sqlite").unlink()  # lost: all posts are found anew
    in_child(make, judge, 0)
    for before, post in points:
        print(before, len(scene.replies(post)), sep="\t")


def jpeg() -> bytes:
    """Return a small picture."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "JPEG")
    return file.getvalue()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), *sys.argv[4:])
