"""What the bot does when a server, the clock or the disk fails it, and what it remembers."""

import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from selfie_core.base.errors import DataError
from selfie_core.bot import bluesky
from selfie_core.bot.bot import Bot, Limits
from selfie_core.bot.metrics import serve_metrics
from selfie_core.bot.network import Later
from selfie_core.bot.state import KEPT, TRIES, State
from tests.support.paper_network import down, judge, said, work


def test_nonsense_of_a_server_does_not_end_the_bot(bot, net, selfie, clock) -> None:
    """A stranger's server may say anything of a post that was answered; ours may be replaced."""
    post = net.write("ada", "@bot", **selfie)
    work(bot)
    clock.now += 61
    net.down = TypeError("'int' object is not iterable")
    assert bot.look()
    bot.find()
    assert not bot.work()  # it rests
    net.down = None
    net.delete(post)
    clock.now += 2 * 86_400
    bot._rest_until = 0
    assert bot.look()
    assert said(net, post) == []


def test_server_that_asks_for_no_patience_is_not_asked_without_a_pause(bot, net, selfie) -> None:
    net.write("ada", "@bot", **selfie)
    bot.find()
    net.down = Later("503", seconds=0.0, ours=True)
    assert bot.work()
    calls = net.calls
    assert not bot.work()
    assert net.calls == calls


def test_more_posts_than_the_queue_holds_are_answered_in_turn(net, tmp_path, selfie, clock) -> None:
    bot = Bot(net, State(tmp_path / "s", clock=clock), judge, limits=Limits(queue=3))
    posts = [net.write(f"author {n}", "@bot", **selfie) for n in range(8)]
    bot.find()
    assert bot.state.waiting()[0] == 3
    bot.find()
    assert bot.state.waiting()[0] == 3
    for _ in range(3):
        work(bot)
    assert all(len(said(net, post)) == 1 for post in posts)
    bot.state.close()


def test_server_that_is_down_costs_no_try(bot, net, selfie, clock) -> None:
    post = net.write("ada", "@bot", **selfie)
    bot.find()
    net.down = down(seconds=40)
    for _ in range(2 * TRIES):
        clock.now += 60
        bot._rest_until = 0
        bot.work()
    calls = net.calls
    assert not bot.work()  # Retry-After is obeyed
    assert net.calls == calls
    net.down = None
    clock.now += 60
    work(bot)
    assert len(said(net, post)) == 1


def test_what_always_fails_is_given_up_after_six_tries(bot, net, selfie, clock, caplog) -> None:
    bot.judge = lambda *_: 1 / 0
    post = net.write("ada", "@bot private words", **selfie)
    other = net.write("bob", "@bot")
    work(bot)
    assert said(net, other)  # nobody waits for it
    for _ in range(2 * TRIES):
        clock.now += 10_000
        work(bot)
    assert bot.counts == {"answered": 1, "given up": 1}
    assert said(net, post) == []
    told = [line for line in caplog.messages if "given up after 6 tries: ZeroDivisionError" in line]
    assert len(told) == 1
    assert "private" not in caplog.text and "@" not in caplog.text


@pytest.mark.parametrize("jump", [-40 * 86_400, 400 * 86_400], ids=["back", "ahead"])
def test_clock_that_jumps_keeps_nothing_waiting(bot, net, selfie, clock, jump: int) -> None:
    bot.judge = lambda *_: (_ for _ in ()).throw(Later("slow"))
    clock.now += jump  # wrong, until the server of the time is asked
    post = net.write("ada", "@bot", **selfie)
    work(bot)
    clock.now -= jump
    bot.judge = judge
    clock.now += 11
    work(bot)
    assert len(said(net, post)) == 1


def test_first_start_by_a_clock_far_ahead_misses_no_later_mention(atproto, monkeypatch) -> None:
    class Ahead(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=40)

    me = atproto.person("early")
    side = atproto.bot(me)
    with monkeypatch.context() as wrong:
        wrong.setattr(bluesky, "datetime", Ahead)
        _, cursor = side.find(None, 10)
    post = atproto.person("ann").post("this?", calls=me)
    assert [one.id for one in side.find(cursor, 10)[0]] == [post]


def test_rest_that_a_server_asks_for_is_not_cut_short_by_another_call(bot: Bot) -> None:
    bot._rest(Later("slow down", seconds=300, ours=True))
    bot._rest(Later("cut off", ours=True))  # of a call that was under way
    assert bot._rest_until > time.monotonic() + 200


def test_port_that_is_none_is_refused_in_a_line(bot: Bot) -> None:
    with pytest.raises(DataError, match="127.0.0.1:99999: .*0-65535"), serve_metrics(bot, 99_999):
        pass


def test_nothing_but_ids_and_times_is_kept_for_thirty_days(bot, net, selfie, clock) -> None:
    net.write("ada-id", "@bot words that are mine", **selfie)
    net.write("bob-id", "stop @bot")
    work(bot)
    kept = {
        name: list(bot.state._db.execute(f"SELECT * FROM {name}")) for name in ("post", "stopped")
    }
    assert len(kept["post"]) == 2 and len(kept["stopped"]) == 1
    assert "words" not in str(kept) and "bytes" not in str(kept)
    clock.now += KEPT + 1
    work(bot)
    assert not any(list(bot.state._db.execute(f"SELECT * FROM {name}")) for name in kept)


def test_one_process_per_account(bot: Bot, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="open in another process; one bot per account"):
        State(tmp_path / "state.sqlite")
    assert (tmp_path / "state.sqlite").stat().st_mode & 0o077 == 0


def test_file_that_is_no_state_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"no database" * 200)
    with pytest.raises(DataError, match=r"photo.jpg can't be opened as the bot's state"):
        State(tmp_path / "photo.jpg")


def test_full_disk_ends_the_bot(bot: Bot, net, selfie) -> None:
    net.write("ada", "@bot", **selfie)
    bot.state.end = lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left"))  # type: ignore[method-assign]
    bot.state.put_back = bot.state.end  # type: ignore[method-assign]
    with pytest.raises(OSError, match="No space left"):
        bot.run(threading.Event(), workers=1)
