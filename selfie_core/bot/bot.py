"""The bot itself: what a post asks for, and each post answered once.

Steps of one post, each of which may be the last before the power goes: it is found and waits on
the disk; it is taken and the try counted; it is read; a reply of ours is looked for; the pictures
are fetched and judged; the reply is sent under a key that the post's id gives; it is marked.
"""

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from selfie_core.bot.network import Card, Later, Network, Picture, Post, Unfit
from selfie_core.bot.state import TRIES, WAITS, Row, State
from selfie_core.bot.words import is_question, meanings, say

log = logging.getLogger(__name__)

LONGEST_REST = 300.0  # seconds without a request, if a server doesn't say how long
PICTURES = 4  # of a post; more are left out, and both networks take no more


# How a post may end, and a reply.
ENDS = (
    "answered", "asked", "refused", "ignored", "stopped", "gone", "given up", "taken back",
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """An answer: at most as long as was asked for, and a card per picture."""

    text: str
    cards: tuple[Card, ...] = ()


# Gives the answer to pictures: their files, or why there is none; language, most characters,
# whether crops are wanted.
Judge = Callable[[Sequence[bytes | Unfit], str, int, bool], Said]


@dataclass(frozen=True)
class Limits:
    """How much the bot does."""

    per_hour: int = 6  # answers to one author; what is beyond them stays without one
    queue: int = 1000  # posts that wait; further ones wait on the network's own list
    every: float = 5.0  # seconds from one look for new posts to the next


class Bot:
    """Answers the posts that call an account.

    Args:
        network: Where it lives.
        state: What it remembers.
        judge: Gives the answer to pictures.
        limits: How much it does.
    """

    def __init__(
        self, network: Network, state: State, judge: Judge, *, limits: Limits | None = None
    ) -> None:
        self.network, self.state, self.judge = network, state, judge
        self.limits = limits or Limits()
        self.counts: Counter[str] = Counter()  # how posts ended since the start
        self.found_at: float | None = None  # when new posts were last looked for; monotonic
        self._counting = threading.Lock()
        self._rests = 0  # in a row
        self._rest_until = 0.0

    def run(self, stop: threading.Event, *, workers: int = 2) -> None:
        """Work until `stop` is set; then what is begun is brought to its end."""
        with ThreadPoolExecutor(workers) as pool:
            working = [pool.submit(self._work_on, stop) for _ in range(workers)]
            try:
                while not stop.is_set():
                    self.find()
                    end = time.monotonic() + self.limits.every
                    while time.monotonic() < end and not stop.is_set():
                        if not self.look():
                            stop.wait(min(1.0, self.limits.every))
                        for ended in [one for one in working if one.done()]:
                            ended.result()  # a full disk ends the bot, not one worker of it
            finally:
                stop.set()

    def _work_on(self, stop: threading.Event) -> None:
        while not stop.is_set():
            if not self.work():
                stop.wait(0.1)

    def find(self) -> None:
        """Let new posts wait, as many as there is room for."""
        room = self.limits.queue - self.state.waiting()[0]
        if room <= 0 or self._resting():
            return
        cursor = self.state.kept("cursor")
        try:
            found, cursor = self.network.find(cursor, room)
        except Later as later:
            self._rest(later)
            return
        except Exception as error:  # as of an error page with status 200
            self._rest(Later(_place(error)))
            return
        self.state.add(found, cursor)
        self.state.forget_old()
        self.found_at, self._rests = time.monotonic(), 0

    def work(self) -> bool:
        """Bring one post that waits further; return whether there was one."""
        row = None if self._resting() else self.state.take()
        if row is None:
            return False
        try:
            if row.tries > TRIES:
                raise Later("the process ended at each of them")
            state = self._answer(row)
        except Later as later:
            if later.ours:
                self.state.put_back(row, self._rest(later), counts=False)
            else:
                self._try_again(row, str(later), later.seconds)
        except Exception as error:
            self._try_again(row, _place(error), None)
        else:
            self._count(row, state)
        return True

    def look(self) -> bool:
        """See whether one answered post still stands, else take our reply back."""
        row = None if self._resting() else self.state.look()
        if row is None:
            return False
        try:
            stands = self.network.stands(row.id, row.author)
            if stands and row.about and row.person:
                stands = self.network.stands(row.about, row.person)
            if not stands:
                self._take_back(row)
        except Later as later:
            if later.ours:
                self._rest(later)
        except Exception as error:  # a stranger's server may say anything: the next look is due
            log.warning("%s: can't be looked at: %s", row.id, _place(error))
        return True

    def _answer(self, row: Row) -> str:
        """Do what a post asks for; return how it ended."""
        post = self.network.read(row.id)
        if post is None:
            return self._end(row, "gone")
        to_us = post.parent_author == self.network.me
        asks = meanings(post.text, to_us=to_us)
        if post.author == self.network.me or post.by_bot:
            return self._end(row, "ignored")
        if "stop" in asks and (post.calls_us or to_us):
            return self._stop(row)
        if to_us:  # else two bots would never end
            picture = self._agreed(post) if "yes" in asks else None
            return self._judge(row, post, picture) if picture else self._end(row, "ignored")
        if not post.calls_us or post.warned:
            return self._end(row, "ignored")
        if self.state.answered(post.author, seconds=3600) >= self.limits.per_hour:
            return self._end(row, "refused")
        subject = post
        if not (post.pictures or post.moving) and post.parent:
            subject = self.network.read(post.parent) or post
        if subject.author == post.author:
            self.state.welcome(post.author)
            return self._judge(row, post, subject)
        return self._ask(row, post, subject)

    def _stop(self, row: Row) -> str:
        self.state.stop(row.author)
        for answered in self.state.replies_to(row.author):
            self._take_back(answered)
        return self._end(row, "stopped")

    def _take_back(self, row: Row) -> None:
        if row.reply:
            self.network.remove(row.reply)
        self.state.forget(row)
        self._count(row, "taken back")

    def _agreed(self, post: Post) -> Post | None:
        """Return the post whose picture its author lets us judge by "yes" below our question.

        It is read off the thread: somebody called us below the picture, below that we asked.
        """
        thread = [post]
        for _ in ("question", "call", "picture"):
            above = self.network.read(thread[-1].parent) if thread[-1].parent else None
            if above is None:
                return None
            thread.append(above)
        _, question, call, picture = thread
        if picture.author != post.author or call.author == post.author:
            return None
        if question.author != self.network.me or not is_question(question.text):
            return None
        return None if "answered" in self.state.states_about(picture.id) else picture

    def _ask(self, row: Row, post: Post, subject: Post) -> str:
        """Ask the author of a picture that somebody else wants judged, once."""
        unasked = subject.author == self.network.me or subject.by_bot or subject.warned
        if unasked or not subject.pictures or self.state.has_stopped(subject.author):
            return self._end(row, "ignored")
        reply = self.network.find_reply(post)
        if reply is None:
            if self.state.states_about(subject.id):
                return self._end(row, "ignored")
            language = subject.language
            text = say("May I?", language)
            reply = self.network.reply(post, text, calls=subject, language=language)
        return self._end(row, "asked", reply=reply, about=subject)

    def _judge(self, row: Row, post: Post, subject: Post) -> str:
        """Answer a post about the pictures of its author."""
        if subject.warned:
            return self._end(row, "ignored")
        reply = self.network.find_reply(post)
        if reply is None:
            said = self._said(subject, crop="crop" in meanings(post.text))
            language = subject.language
            reply = self.network.reply(
                post, said.text, calls=post, language=language, cards=said.cards
            )
        return self._end(row, "answered", reply=reply, about=subject)

    def _said(self, subject: Post, *, crop: bool) -> Said:
        language = subject.language
        try:
            if not subject.pictures:
                raise Unfit("moving" if subject.moving else "no picture")
            files = [self._file(picture) for picture in subject.pictures[:PICTURES]]
            return self.judge(files, language, self.network.most_text, crop)
        except Unfit as unfit:
            return Said(say(str(unfit), language))

    def _file(self, picture: Picture) -> bytes | Unfit:
        try:
            return self.network.fetch(picture)
        except Unfit as unfit:  # the others of the post may do
            return unfit

    def _end(
        self, row: Row, state: str, *, reply: str | None = None, about: Post | None = None
    ) -> str:
        self.state.end(row, state, reply=reply, about=about)
        return state

    def _try_again(self, row: Row, why: str, seconds: float | None) -> None:
        if row.tries >= TRIES:
            self._end(row, "given up")
            self._count(row, f"given up after {TRIES} tries: {why}", "given up")
            return
        wait = max(WAITS[row.tries - 1], seconds or 0)
        self.state.put_back(row, wait, counts=True)
        log.warning(
            "%s: try %d of %d failed: %s; next in %.0f s", row.id, row.tries, TRIES, why, wait
        )

    def _count(self, row: Row, told: str, end: str = "") -> None:
        with self._counting:
            self.counts[end or told] += 1
        log.log(logging.WARNING if end else logging.INFO, "%s: %s", row.id, told)

    def _resting(self) -> bool:
        return time.monotonic() < self._rest_until

    def _rest(self, later: Later) -> float:
        """Ask nothing of our server for a while; return how long, in seconds."""
        self._rests += 1
        grown = min(LONGEST_REST, 2.0 ** min(self._rests, 9)) * random.uniform(0.5, 1.0)
        seconds = later.seconds or grown  # "Retry-After: 0" would have it asked without a pause
        self._rest_until = max(self._rest_until, time.monotonic() + seconds)
        log.warning("%s; resting %.0f s", later, seconds)
        return seconds


def _place(error: Exception) -> str:
    """Return what an error is and where: its text may hold a post's, and the log has none."""
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    line = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else ""
    return f"{type(error).__name__} at {line}"
