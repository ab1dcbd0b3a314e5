"""The bot: seconds from a mention to its answer, at rest and with a hundred mentions at once.

python tests/bench/bench_bot.py [--rest 10] [--at-once 100] [--every 5]

On the real server of the AT Protocol on this machine, which shares the cores, as do those who call;
with the scorer, the gallery and the cards that ship.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from selfie_core.base import store
from selfie_core.base.progress import cores
from selfie_core.bot.bluesky import Bluesky
from selfie_core.bot.bot import Bot, Limits
from selfie_core.bot.judge import Judge
from selfie_core.bot.network import Post
from selfie_core.bot.state import State
from selfie_core.gallery.gallery import Gallery
from selfie_core.scorer.scorer import load_scorer
from tests.support.atproto_network import Person, serve_atproto

PATIENCE = 600  # seconds
AUTHORS = 20


class Timed:
    """Notes when each reply was sent."""

    def __init__(self, network: Bluesky) -> None:
        self.network, self.sent = network, {}
        whole = network.reply

        def reply(to: Post, *args: object, **more: object) -> str:
            sent = whole(to, *args, **more)  # type: ignore[arg-type]
            self.sent[to.id] = time.monotonic()
            return sent

        network.reply = reply  # type: ignore[method-assign]

    def seconds(self, posted: dict[str, float]) -> list[float]:
        """Wait until all are answered; return the seconds of each."""
        end = time.monotonic() + PATIENCE
        while not posted.keys() <= self.sent.keys():
            if time.monotonic() > end:
                sys.exit(f"{len(posted.keys() - self.sent.keys())} got no answer")
            time.sleep(0.1)
        return [self.sent[post] - at for post, at in posted.items()]


def tell(name: str, seconds: list[float]) -> None:
    """Print median, 95th percentile and longest."""
    middle, late = (
        statistics.median(seconds),
        statistics.quantiles(seconds, n=20, method="inclusive")[-1],
    )
    print(f"{name:14} {len(seconds):5} {middle:8.1f} {late:8.1f} {max(seconds):8.1f}", flush=True)


def ask(author: Person, bot: Person, selfie: bytes, posted: dict[str, float]) -> None:
    """Mention the bot, and note when."""
    post = author.post("this one?", selfie, calls=bot)
    posted[post] = time.monotonic()


def main() -> None:
    """Measure and print the table."""
    args = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    args.add_argument("--rest", type=int, default=10)
    args.add_argument("--at-once", type=int, default=100)
    args.add_argument("--every", type=float, default=5)
    given = args.parse_args()
    selfies = [path.read_bytes() for path in sorted(store.sample_photos().glob("*.jpg"))]
    judge = Judge(load_scorer(), Gallery.open(store.demo_gallery()))
    judge(selfies[:1], "en", 300, False)  # what is made once is made before
    with tempfile.TemporaryDirectory() as folder, serve_atproto(Path(folder)) as net:
        me, authors = net.person("deepselfie"), [net.person(f"author{n}") for n in range(AUTHORS)]
        state = State(Path(folder) / "state.sqlite")
        timed, stop = Timed(net.bot(me)), threading.Event()
        bot = Bot(timed.network, state, judge, limits=Limits(per_hour=1000, every=given.every))
        running = threading.Thread(target=bot.run, args=(stop,), kwargs={"workers": cores()})
        running.daemon = True  # it ends with us, whatever fails
        running.start()
        print(f"{cores()} cores; a look every {given.every:.0f} s; seconds from post to answer")
        print(f"{'':14} {'posts':>5} {'median':>8} {'95th':>8} {'longest':>8}")
        seconds: list[float] = []
        for number in range(given.rest):
            posted: dict[str, float] = {}
            ask(authors[number % AUTHORS], me, selfies[number % len(selfies)], posted)
            seconds += timed.seconds(posted)
            time.sleep(given.every * (number % 5) / 5)  # not in step with the looks
        tell("at rest", seconds)
        posted = {}
        for number in range(given.at_once):
            ask(authors[number % AUTHORS], me, selfies[number % len(selfies)], posted)
        tell("all at once", timed.seconds(posted))
        stop.set()
        running.join()
        state.close()


if __name__ == "__main__":
    main()
