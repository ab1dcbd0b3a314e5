"""The bot on a stand-in for Mastodon: called, answered, deleted, blocked, slowed down."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import requests
from requests.adapters import HTTPAdapter

from selfie_core.base.errors import DataError
from selfie_core.bot.bot import Bot, Limits, Said
from selfie_core.bot.mastodon import Mastodon, _plain
from selfie_core.bot.network import Card, Later, Unfit
from selfie_core.bot.state import State
from tests.support.killing import jpeg
from tests.support.mastodon_network import MastodonNet


def judge(files: Sequence[bytes], language: str, most_text: int, crop: bool) -> Said:
    return Said(f"{len(files)} {language}", (Card(jpeg(), "a card", (8, 8)),))


@pytest.fixture
def side(mastodon: MastodonNet) -> Mastodon:
    return mastodon.bot()


@pytest.fixture
def bot(side: Mastodon, tmp_path: Path) -> Iterator[Bot]:
    state = State(tmp_path / "state.sqlite")
    state.add([], side.find(None, 10_000)[1])  # what other tests posted is not for this one
    yield Bot(side, state, judge, limits=Limits(per_hour=100))
    state.close()


def work(bot: Bot) -> None:
    bot.find()
    while bot.work():
        pass


def look(bot: Bot) -> None:
    bot.state._do("UPDATE post SET due = 0")
    while bot.look():
        pass


def test_mention_answer_and_deletion(bot: Bot, mastodon: MastodonNet) -> None:
    post = mastodon.post("ada", "@deepselfie wie ist dieses?", jpeg(), language="de")
    work(bot)
    work(bot)
    (answer,) = mastodon.replies(post)
    assert _plain(answer.content).strip().endswith("1 de")
    assert [one.acct for one in answer.mentions] == ["ada"]
    assert (answer.visibility, answer.language) == ("unlisted", "de")
    assert [one.description for one in answer.media_attachments] == ["a card"]
    mastodon.person("ada").status_delete(post)
    look(bot)
    assert bot.network.read(str(answer.id)) is None
    assert bot.counts == {"answered": 1, "taken back": 1}


def test_author_is_asked_and_says_yes(bot: Bot, mastodon: MastodonNet) -> None:
    photo = mastodon.post("ada", "me", jpeg(), language="ja")
    call = mastodon.post("bob", "@deepselfie look", in_reply_to_id=photo)
    work(bot)
    (question,) = mastodon.replies(call)
    assert {one.acct for one in question.mentions} == {"ada", "bob"}
    assert "点をつけてもいいですか" in question.content
    agreed = mastodon.post("ada", "@deepselfie はい", in_reply_to_id=question.id)
    work(bot)
    assert len(mastodon.replies(agreed)) == 1


def test_reply_is_as_private_as_the_post(bot: Bot, mastodon: MastodonNet) -> None:
    post = mastodon.post("ada", "@deepselfie", jpeg(), visibility="direct")
    work(bot)
    assert [one.visibility for one in mastodon.replies(post)] == ["direct"]


def test_who_blocks_us_gets_the_reply_taken_back(bot: Bot, mastodon: MastodonNet) -> None:
    post = mastodon.post("bob", "@deepselfie", jpeg())
    work(bot)
    (answer,) = mastodon.replies(post)
    mastodon.person("bob").account_block(bot.network.me)
    look(bot)
    mastodon.person("bob").account_unblock(bot.network.me)
    assert bot.network.read(str(answer.id)) is None


def test_warned_posts_and_other_bots_are_left_alone(bot: Bot, mastodon: MastodonNet) -> None:
    posts = [
        mastodon.post("ada", "@deepselfie", jpeg(), spoiler_text="eyes"),
        mastodon.post("ada", "@deepselfie", jpeg(), sensitive=True),
        mastodon.post("parrot", "@deepselfie", jpeg()),
        mastodon.post("ada", "deepselfie, @deepselfiebot", jpeg()),
    ]
    work(bot)
    assert not any(mastodon.replies(post) for post in posts)


def test_text_goes_alone_where_no_more_pictures_are_taken(bot: Bot, mastodon: MastodonNet) -> None:
    post = mastodon.post("ada", "@deepselfie", jpeg())
    mastodon.fault("/api/v2/media", type="ratelimit")
    work(bot)
    (answer,) = mastodon.replies(post)
    assert not answer.media_attachments


FOREVER = {"Retry-After": "9" * 400}  # seconds


@pytest.mark.parametrize(
    ("effect", "least", "most", "ours"),
    [
        ({"type": "ratelimit"}, 200, 302, True),
        ({"type": "status", "status": 503, "headers": {"Retry-After": "77"}}, 77, 77, True),
        ({"type": "status", "status": 503, "headers": FOREVER}, 3600, 3600, True),
        ({"type": "status", "status": 502}, None, None, True),
        ({"type": "status", "status": 500}, None, None, False),
        ({"type": "status", "status": 401}, 300, 300, True),
        ({"type": "malformed"}, None, None, False),
    ],
    ids=str,
)
def test_trouble_is_met_with_patience(side, mastodon, effect, least, most, ours: bool) -> None:
    mastodon.fault("/api/v1/notifications", **effect)
    with pytest.raises(Later) as later:
        side.find("0", 10)
    assert later.value.ours == ours
    assert (later.value.seconds is None) == (least is None)
    assert least is None or least <= later.value.seconds <= most


ERROR = b'{"error": "under repair"}'


@pytest.mark.parametrize("answer", [(200, ERROR), (404, b"<html>")], ids=["error", "HTML"])
def test_error_page_of_a_proxy_is_for_later(side, mastodon, monkeypatch, answer) -> None:
    """It takes no reply back, and no post for gone or for answered."""
    post = side.read(mastodon.post("ada", "@deepselfie", jpeg()))

    def send(*_: object, **__: object) -> requests.Response:
        page = requests.Response()
        page.status_code, page._content = answer
        return page

    monkeypatch.setattr(HTTPAdapter, "send", send)
    for ask in (
        lambda: side.find("0", 10),
        lambda: side.read(post.id),
        lambda: side.stands(post.id, post.author),
        lambda: side.find_reply(post),
        lambda: side.reply(post, "text", calls=post, language="en"),
        lambda: side.remove(post.id),
    ):
        with pytest.raises(Later) as later:
            ask()
        assert not later.value.ours  # it may be about this post alone
    with pytest.raises(DataError, match="doesn't answer as Mastodon does"):
        mastodon.bot()


def test_thread_too_long_to_be_read_holds_up_no_other_post(bot: Bot, mastodon: MastodonNet) -> None:
    long = mastodon.post("ada", "@deepselfie", jpeg())
    other = mastodon.post("bob", "@deepselfie", jpeg())
    mastodon.fault(f"/api/v1/statuses/{long}/context", type="status", status=503)
    work(bot)
    assert not mastodon.replies(long)
    assert len(mastodon.replies(other)) == 1
    bot.state._do("UPDATE post SET due = 0")
    work(bot)
    assert len(mastodon.replies(long)) == 1


def test_answer_of_a_server_that_failed_afterwards_is_not_sent_twice(bot, mastodon) -> None:
    post = mastodon.post("ada", "@deepselfie", jpeg())
    send = bot.network._client.status_post

    def sent_but_never_heard(*args, **more):
        send(*args, **more)
        raise Later("the line was cut")

    bot.network._client.status_post = sent_but_never_heard
    work(bot)
    bot.network._client.status_post = send
    bot.state._do("UPDATE post SET due = 0")
    work(bot)
    assert len(mastodon.replies(post)) == 1
    assert bot.counts == {"answered": 1}


def test_server_that_ignores_where_to_begin_is_read_once(side, mastodon, monkeypatch) -> None:
    posts = {mastodon.post("ada", f"@deepselfie {n}") for n in range(3)}
    whole = side._client.notifications
    monkeypatch.setattr(side._client, "notifications", lambda **_: whole(types=["mention"]))
    found, cursor = side.find("0", 10_000)
    assert posts <= {one.id for one in found}
    assert side.find(cursor, 10_000) == ([], cursor)


def test_list_is_read_as_far_as_there_is_room(side, mastodon) -> None:
    _, cursor = side.find(None, 10_000)
    posts = [mastodon.post("ada", f"@deepselfie {n}") for n in range(5)]
    first, cursor = side.find(cursor, 3)
    second, cursor = side.find(cursor, 3)
    assert [one.id for one in (*first, *second)] == posts


def test_picture_that_is_gone_is_unreadable(side, mastodon) -> None:
    post = side.read(mastodon.post("ada", "@deepselfie", jpeg()))
    address = post.pictures[0].address
    assert side.fetch(post.pictures[0]) == jpeg()
    with pytest.raises(Unfit, match="unreadable"):
        side.fetch(type(post.pictures[0])(address.replace(".jpg", "-gone.jpg")))


def test_wrong_token_and_a_server_of_another_kind_are_said(mastodon, atproto) -> None:
    with pytest.raises(DataError, match="refuses the token; make one under Preferences"):
        mastodon.bot("nobody")
    with pytest.raises(DataError, match="doesn't answer as Mastodon does"):
        Mastodon(atproto.server, "token")
    with pytest.raises(Later, match="can't be reached"):
        Mastodon("http://127.0.0.1:9", "token")


def test_what_a_profile_lacks_is_told(side, mastodon) -> None:
    assert 'the mark "This is an automated account"' in side.lacks()
    mastodon.person("deepselfie").account_update_credentials(bot=True, note="Reply stop.")
    assert mastodon.bot().lacks() == []


def test_names_are_no_words_of_a_post() -> None:
    markup = (
        '<p><a href="x" class="u-url mention">@<span>deepselfie</span></a> stop &amp; go<br>x</p>'
    )
    assert _plain(markup).split() == ["stop", "&", "go", "x"]
