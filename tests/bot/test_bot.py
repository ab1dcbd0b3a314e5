"""What the bot makes of a post, on a network of files: whom it answers and asks, when it ends."""

import itertools
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from selfie_core.base.errors import DataError
from selfie_core.bot.bot import Bot, Limits, Said
from selfie_core.bot.network import Later
from selfie_core.bot.state import KEPT, TRIES, State
from tests.support.paper_network import PaperNetwork, down


def judge(files: Sequence[bytes], language: str, most_text: int, crop: bool) -> Said:
    """Say how many bytes the pictures have."""
    return Said(f"{sum(map(len, files))} bytes, {language}{', crop' * crop}")


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def net(tmp_path: Path) -> PaperNetwork:
    (tmp_path / "posts").mkdir()
    (tmp_path / "selfie.jpg").write_bytes(b"12345")
    return PaperNetwork(tmp_path / "posts")


@pytest.fixture
def bot(net: PaperNetwork, tmp_path: Path, clock: Clock) -> Iterator[Bot]:
    state = State(tmp_path / "state.sqlite", clock=clock)
    yield Bot(net, state, judge)
    state.close()


@pytest.fixture
def selfie(tmp_path: Path) -> dict[str, list[Path]]:
    return {"pictures": [tmp_path / "selfie.jpg"]}


def below(post: str, author: str) -> dict[str, str]:
    return {"parent": post, "parent_author": author}


def work(bot: Bot) -> None:
    """Answer all there is."""
    bot._rest_until = 0
    bot.find()
    while bot.work():
        pass


def said(net: PaperNetwork, to: str) -> list[str]:
    return [post.text for post in net.replies(to)]


def test_mention_is_answered_once_in_its_language(bot: Bot, net: PaperNetwork, selfie) -> None:
    post = net.write("ada", "@bot crop, bitte", language="de", **selfie)
    work(bot)
    work(bot)
    assert said(net, post) == ["@ada 5 bytes, de, crop"]
    assert bot.counts == {"answered": 1}


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        ({}, "I score photos: call me in the post that has yours."),
        ({"moving": True}, "This picture moves, and I only know still photos. Another one?"),
    ],
    ids=["no picture", "moving"],
)
def test_what_is_no_photo_gets_a_kind_line(bot, net, more, answer: str) -> None:
    post = net.write("ada", "@bot", **more)
    work(bot)
    assert said(net, post) == [f"@ada {answer}"]


def test_picture_that_is_too_large_keeps_no_other_from_being_judged(bot, net, selfie) -> None:
    (net.folder.parent / "large.jpg").write_bytes(bytes(1_000_001))
    net.write("ada", "@bot", pictures=[net.folder.parent / "large.jpg", *selfie["pictures"]])
    judged: list[str] = []
    bot.judge = lambda files, *_: Said(judged.extend(map(str, files)) or "told")
    work(bot)
    assert judged == ["too large", "b'12345'"]


@pytest.mark.parametrize(
    "more",
    [
        {"text": "hello @botany", "calls_us": False},
        {"warned": True},
        {"by_bot": True},
        {"author": "bot"},
    ],
    ids=["a name like ours", "content warning", "another bot", "ourselves"],
)
def test_what_is_not_for_us_is_left_alone(bot, net, selfie, more) -> None:
    post = net.write(more.pop("author", "ada"), more.pop("text", "@bot"), **more, **selfie)
    work(bot)
    assert said(net, post) == []


def test_author_is_asked_before_somebody_elses_call_is_answered(bot, net, selfie) -> None:
    photo = net.write("ada", "me", language="pt", **selfie)
    calls = [net.write("bob", "@bot", **below(photo, "ada")) for _ in range(2)]
    work(bot)
    (question,) = net.replies(calls[0])
    assert question.text.startswith("@ada Posso avaliar a sua foto?")
    assert said(net, calls[1]) == []  # once per picture
    others = [net.write(who, "yes", **below(question.id, "bot")) for who in ("bob", "eve")]
    work(bot)
    assert not any(said(net, other) for other in others)
    agreed = [net.write("ada", "Sim!", **below(question.id, "bot")) for _ in range(2)]
    work(bot)
    assert said(net, agreed[0]) == ["@ada 5 bytes, pt"]
    assert said(net, agreed[1]) == []  # once per "yes"


def test_question_stands_after_the_state_was_lost(bot, net, selfie, tmp_path, clock) -> None:
    photo = net.write("ada", "me", **selfie)
    call = net.write("bob", "@bot", **below(photo, "ada"))
    work(bot)
    (question,) = net.replies(call)
    agreed = net.write("ada", "ok", **below(question.id, "bot"))
    again = Bot(net, State(tmp_path / "new.sqlite", clock=clock), judge)
    work(again)
    assert said(net, agreed) == ["@ada 5 bytes, en"]
    assert len(said(net, call)) == 1
    again.state.close()


def test_yes_below_an_answer_is_no_consent(bot, net, selfie) -> None:
    photo = net.write("ada", "me", **selfie)
    call = net.write("bob", "@bot and me?", **selfie, **below(photo, "ada"))
    work(bot)
    (answer,) = net.replies(call)
    liked = net.write("ada", "sure", **below(answer.id, "bot"))
    work(bot)
    assert said(net, liked) == []


def test_own_picture_above_is_answered_without_a_question(bot, net, selfie) -> None:
    photo = net.write("ada", "me", **selfie)
    call = net.write("ada", "@bot", **below(photo, "ada"))
    work(bot)
    assert said(net, call) == ["@ada 5 bytes, en"]
    net.delete(photo)
    bot.state._clock.now += 61
    while bot.look():
        pass
    assert said(net, call) == []


def test_stop_takes_replies_back_and_is_kept_until_the_author_comes_back(bot, net, selfie) -> None:
    first = net.write("ada", "@bot", **selfie)
    call = net.write("bob", "@bot", **below(net.write("ada", "me too", **selfie), "ada"))
    work(bot)
    (question,) = net.replies(call)
    assert said(net, first)
    net.write("ada", "Not ok, stop it at once!", **below(question.id, "bot"))
    work(bot)
    assert not said(net, first) and not said(net, call)
    third = net.write("ada", "and this", **selfie)
    call = net.write("bob", "@bot", **below(third, "ada"))
    work(bot)
    assert said(net, call) == []  # not even a question
    fourth = net.write("ada", "@bot", **selfie)
    work(bot)
    assert said(net, fourth) == ["@ada 5 bytes, en"]


@pytest.mark.parametrize("how", ["deleted", "blocked"])
def test_reply_goes_with_the_post(bot, net, selfie, clock, how: str) -> None:
    post = net.write("ada", "@bot", **selfie)
    work(bot)
    assert not bot.look()  # not yet due
    if how == "deleted":
        net.delete(post)
    else:
        net.blocked_by.add("ada")
    clock.now += 61
    assert bot.look()
    assert said(net, post) == []
    work(bot)
    assert said(net, post) == []
    assert bot.counts["taken back"] == 1


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


def test_looks_at_a_post_grow_rarer(bot, net, selfie, clock) -> None:
    net.write("ada", "@bot", **selfie)
    work(bot)
    start, looks = clock.now, []
    while clock.now < start + 5 * 86_400:
        clock.now += 30
        if bot.look():
            looks.append(round(clock.now - start))
    assert looks[:5] == [60, 120, 240, 480, 960]
    assert max(b - a for a, b in itertools.pairwise(looks)) == 86_400


def test_two_bots_end_after_one_answer(bot, net, selfie) -> None:
    post = net.write("parrot", "@bot", **selfie)
    for _ in range(3):
        work(bot)
        for answer in net.replies(post):
            post = net.write("parrot", "@bot", **selfie, **below(answer.id, "bot"))
    assert bot.counts["answered"] == 1


def test_flooding_author_gets_six_answers_an_hour(bot, net, selfie, clock) -> None:
    posts = [net.write("ada", "@bot", **selfie) for _ in range(8)]
    other = net.write("bob", "@bot", **selfie)
    work(bot)
    assert [len(said(net, post)) for post in posts] == [1] * 6 + [0] * 2
    assert bot.counts == {"answered": 7, "refused": 2}
    assert said(net, other)
    clock.now += 3601
    later = net.write("ada", "@bot", **selfie)
    work(bot)
    assert said(net, later)


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
