"""What the bot makes of a post, on a network of files: whom it answers and asks, when it ends."""

import itertools

import pytest

from selfie_core.bot.bot import Bot, Said
from selfie_core.bot.state import State
from tests.support.paper_network import PaperNetwork, below, judge, said, work


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
