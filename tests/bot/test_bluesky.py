"""The bot on the real server of the AT Protocol: called, answered, deleted, blocked, rushed."""

import dataclasses
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from PIL import Image

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.words import percent
from selfie_core.bot.bluesky import Bluesky, reply_key
from selfie_core.bot.bot import Bot, Said
from selfie_core.bot.judge import Judge
from selfie_core.bot.network import Card, Later, Unfit
from selfie_core.bot.state import State
from selfie_core.bot.words import say
from selfie_core.gallery.gallery import Gallery
from selfie_core.scorer.scorer import load_scorer
from tests.support.atproto_network import PASSWORD, Atproto, Person
from tests.support.changed import sample_score
from tests.support.killing import jpeg

numbers = itertools.count()


def judge(files: Sequence[bytes], language: str, most_text: int, crop: bool) -> Said:
    return Said(f"{len(files)} {language}", (Card(jpeg(), "a card", (8, 8)),))


@pytest.fixture(scope="session")
def me(atproto: Atproto) -> Person:
    return atproto.person("deepselfie")


@pytest.fixture(scope="session")
def session(atproto: Atproto, me: Person) -> str:
    """A session of the bot, so that it needn't sign in for each test."""
    kept: list[str] = []
    atproto.bot(me, keep=kept.append)
    return kept[-1]


@pytest.fixture(scope="session")
def ada(atproto: Atproto) -> Person:
    return atproto.person("ada")


@pytest.fixture(scope="session")
def bob(atproto: Atproto) -> Person:
    return atproto.person("bob")


@pytest.fixture
def stranger(atproto: Atproto) -> Person:
    """Somebody new, whom a test may turn against us."""
    return atproto.person(f"stranger{next(numbers)}")


@pytest.fixture
def side(atproto: Atproto, me: Person, session: str) -> Bluesky:
    return atproto.bot(me, session=session)


@pytest.fixture
def bot(side: Bluesky, tmp_path: Path) -> Iterator[Bot]:
    state = State(tmp_path / "state.sqlite")
    side.find(None, 10_000)  # what other tests posted is not for this one
    yield Bot(side, state, judge)
    state.close()


@pytest.fixture(scope="module")
def selfie() -> bytes:
    return (store.sample_photos() / "sample-1.jpg").read_bytes()


def work(bot: Bot) -> None:
    bot.find()
    while bot.work():
        pass


def test_mention_answer_and_deletion(atproto, me, ada, side, tmp_path, selfie) -> None:
    now = [1_800_000_000.0]
    state = State(tmp_path / "state.sqlite", clock=lambda: now[0])
    real = Judge(load_scorer(), Gallery.open(store.demo_gallery()))
    side.find(None, 10_000)  # what other tests posted is not for this one
    bot = Bot(side, state, real)
    post = ada.post("wie ist dieses?", selfie, calls=me, lang="de")
    work(bot)
    work(bot)
    (answer,) = me.replies(post)
    score = percent(sample_score("sample-1")).replace(".", ",")
    first, advice = answer.text.split("\n")
    where = r"Im \w+ Drittel dieser Galerie: über \d+ % von \d\.\d{3} Fotos\."
    assert re.fullmatch(rf"{score}\. {where}", first)
    assert re.fullmatch(r"Was helfen kann: .+ \(→ \d+,\d %\)\.", advice)
    assert answer.langs == ["de"]
    (image,) = answer.embed.images
    assert image.alt.startswith(f"Eine Karte: das Foto, darunter {score}.")
    card = ada.client.com.atproto.sync.get_blob({"did": me.did, "cid": str(image.image.cid)})
    with Image.open(io.BytesIO(card)) as opened:
        assert opened.size == (1080, 1350)
    now[0] += 61
    assert bot.look()
    assert me.replies(post)  # the post stands
    ada.delete(post)
    now[0] += 61
    assert bot.look()
    assert not me.replies(post)
    state.close()


def test_reply_is_found_after_all_that_was_kept_is_lost(
    bot, atproto, me, stranger, session, tmp_path
) -> None:
    post = stranger.post("this?", jpeg(), calls=me)
    work(bot)
    state = State(tmp_path / "new.sqlite")
    again = Bot(atproto.bot(me, session=session), state, judge)
    work(again)
    assert len(me.replies(post)) == 1
    assert state._do("SELECT state FROM post WHERE id = ?", post) == [("answered",)]
    state.close()


def test_author_is_asked_by_name_and_says_yes(bot, side, me, ada, bob) -> None:
    photo = ada.post("me", jpeg(), lang="fr")
    call = bob.post("look", calls=me, below=photo)
    work(bot)
    (question,) = me.replies(call)
    (facet,) = question.facets
    assert facet.features[0].did == ada.did
    named = question.text.encode()[facet.index.byte_start : facet.index.byte_end].decode()
    assert named == f"@{ada.handle}"
    assert "Puis-je noter ta photo" in question.text
    assert len(question.text) <= 300
    agreed = ada.post("oui", below=f"at://{me.did}/app.bsky.feed.post/{reply_key(call)}")
    work(bot)
    assert [reply.text for reply in me.replies(agreed)] == ["1 fr"]


def test_who_blocks_us_gets_the_reply_taken_back(bot, me, stranger) -> None:
    post = stranger.post("this?", jpeg(), calls=me)
    work(bot)
    assert me.replies(post)
    now = stranger.client.get_current_time_iso()
    stranger.create("app.bsky.graph.block", {"subject": me.did, "createdAt": now})
    bot.state._do("UPDATE post SET due = 0")
    while bot.look():
        pass
    assert not me.replies(post)


def test_what_is_not_for_us_is_left_alone(bot, me, ada, stranger) -> None:
    warned = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "nudity"}]}
    posts = [
        ada.post(f"@{me.handle} by name, not by id", jpeg()),
        ada.post("with a warning", jpeg(), calls=me, labels=warned),
    ]
    label = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "bot"}]}
    stranger.create("app.bsky.actor.profile", {"labels": label}, rkey="self")
    posts.append(stranger.post("beep", jpeg(), calls=me))
    work(bot)
    assert not any(me.replies(post) for post in posts)


def test_place_of_a_mention_inside_a_letter_does_no_harm(bot, me, ada) -> None:
    feature = {"$type": "app.bsky.richtext.facet#mention", "did": me.did}
    facets = [{"index": {"byteStart": 1, "byteEnd": 2}, "features": [feature]}]
    facets.append({"index": {"byteStart": 900, "byteEnd": 1000}, "features": [feature]})
    post = ada.post("éé", jpeg(), facets=facets, lang="xx-unknown")
    work(bot)
    assert [reply.text for reply in me.replies(post)] == ["1 en"]


def test_video_and_quoted_pictures_are_not_judged(bot, me, ada, bob) -> None:
    photo = ada.post("mine", jpeg())
    quote = {"uri": photo, "cid": ada.get(photo).cid}
    embed = {"$type": "app.bsky.embed.record", "record": quote}
    quoting = bob.post("hers", calls=me, embed=embed)
    blob = bob.client.upload_blob(b"\0\0\0\x18ftypmp42").blob.model_dump(by_alias=True)
    embed = {"$type": "app.bsky.embed.video", "video": {**blob, "mimeType": "video/mp4"}}
    moving = bob.post("it moves", calls=me, embed=embed)
    work(bot)
    (answer,), (other,) = me.replies(quoting), me.replies(moving)
    assert answer.text.startswith("I score photos")
    assert other.text.startswith("This picture moves")


def test_picture_of_another_hash_is_refused(side, me, ada) -> None:
    post = side.read(ada.post("this?", jpeg(), calls=me))
    (picture,) = post.pictures
    assert side.fetch(picture) == jpeg()
    for sha256 in (bytes(32), None):
        with pytest.raises(Unfit, match="unreadable"):
            side.fetch(dataclasses.replace(picture, sha256=sha256))


def test_post_of_another_kind_or_none_is_gone(side, ada) -> None:
    odd = ada.create("app.bsky.actor.profile", {"displayName": "Ada"}, rkey="self")
    assert side.read(odd) is None
    assert side.read(f"at://{ada.did}/app.bsky.feed.post/nothing") is None
    assert side.read("at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/x") is None
    assert side.read("at://did:example:x/app.bsky.feed.post/x") is None
    assert not side.stands("at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/x", ada.did)


@pytest.mark.parametrize("answer", [(200, b"<html>"), (200, b'{"message": "x"}'), (403, b"{}")])
def test_error_page_of_the_directory_takes_no_reply_back(side, ada, monkeypatch, answer) -> None:
    post = ada.post("mine")
    monkeypatch.setattr(side._fetcher, "get", lambda *_, **__: answer)
    with pytest.raises(Later):
        side.stands(post, ada.did)
    with pytest.raises(Later):
        side.read(post)


def test_error_page_of_our_server_is_for_later(side, monkeypatch) -> None:
    page = httpx.Response(200, text="<html>down for repairs")
    monkeypatch.setattr(side._client.request, "_send_request", lambda *_, **__: page)
    with pytest.raises(Later):
        side.find(None, 10)


def test_question_stands_below_a_very_long_name(side, me, ada, bob) -> None:
    post = dataclasses.replace(side.read(bob.post("judge her", calls=me)), name="bob")
    long = dataclasses.replace(side.read(ada.post("mine", jpeg())), name="a" * 253)
    side.reply(post, say("May I?", "de"), calls=long, language="de")
    (asked,) = me.replies(post.id)
    assert asked.text.endswith(say("May I?", "de"))
    (facet,) = asked.facets
    assert (facet.features[0].did, facet.index.byte_end) == (ada.did, asked.text.index(" "))


def test_thread_far_below_costs_no_more(bot, me, ada) -> None:
    root = ada.post("root")
    parent = root
    for _ in range(10):
        parent = ada.post("on", below=parent)
    post = ada.post("this?", jpeg(), calls=me, below=parent)
    work(bot)
    (answer,) = me.replies(post)
    assert answer.reply.root.uri == parent  # as the post itself says


def test_list_is_read_over_pages_and_as_far_as_there_is_room(side, me, ada, monkeypatch) -> None:
    posts = [ada.post(f"{n}", calls=me) for n in range(5)]
    whole = side._client.app.bsky.notification.list_notifications
    monkeypatch.setattr(
        side._client.app.bsky.notification,
        "list_notifications",
        lambda asked: whole({**asked, "limit": 5}),
    )
    cursor, found = None, []
    while True:
        some, cursor = side.find(cursor, 3)
        found += [one.id for one in some]
        if not some:
            break
        assert len(some) <= 3
    assert set(posts) <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_trouble_of_the_server_is_met_with_patience(side, atproto: Atproto, status: int) -> None:
    atproto.view.status, atproto.view.headers = status, {"Retry-After": "77"}
    try:
        with pytest.raises(Later) as later:
            side.find(None, 10)
    finally:
        atproto.view.status, atproto.view.headers = 200, {}
    assert later.value.ours or status == 500
    assert side.find(None, 10)[0] is not None


def test_server_that_is_gone_is_waited_for(bot, side, me, ada, monkeypatch) -> None:
    clock = SimpleNamespace(monotonic=lambda: 1.0)  # it may rest for a second only
    monkeypatch.setattr("selfie_core.bot.bot.time", clock)
    post = ada.post("this?", jpeg(), calls=me)
    bot.find()
    server, side._client._base_url = side._client._base_url, "http://127.0.0.1:9/xrpc"
    assert bot.work()
    assert not bot.work()  # it rests
    side._client._base_url, bot._rest_until = server, 0
    bot.state._do("UPDATE post SET due = 0")
    work(bot)
    assert len(me.replies(post)) == 1
    assert bot.state.waiting()[0] == 0


def test_session_that_ended_is_begun_anew(atproto, session: str, me: Person) -> None:
    kept: list[str] = []
    handle, did, access, *rest = session.split(":::")
    broken = ":::".join([handle, did, access[:-4] + "AAAA", *rest])
    side = atproto.bot(me, session=broken, keep=kept.append)
    assert side.me == me.did
    assert kept[-1] != broken
    side.find(None, 1)


@pytest.mark.slow
def test_wrong_password_is_said_and_many_tries_are_slowed(atproto: Atproto, stranger) -> None:
    def sign_in() -> None:
        Bluesky(stranger.handle, "wrong", service=atproto.server, directory=atproto.directory)

    with pytest.raises(DataError, match=f"refuses the password of {stranger.handle}; make an app"):
        sign_in()
    with pytest.raises(Later) as later:  # the server's own limit: 30 in five minutes
        for _ in range(40):
            try:
                sign_in()
            except DataError:
                continue
    assert later.value.ours
    assert 1 <= later.value.seconds <= 300


def test_what_a_profile_lacks_is_told_line_by_line(atproto: Atproto) -> None:
    account = atproto.person("bare")
    side = atproto.bot(account)
    assert len(side.lacks()) == 5
    label = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "bot"}]}
    about = {"displayName": "Selfie", "description": "Scores photos; reply stop and I stop."}
    account.create("app.bsky.actor.profile", {"labels": label, **about}, rkey="self")
    assert side.lacks() == ["a picture"]


def test_key_of_a_reply_is_a_valid_tid() -> None:
    keys = [reply_key(f"at://did:plc:{n}/app.bsky.feed.post/{n}") for n in range(1000)]
    assert len(set(keys)) == 1000
    assert all(len(key) == 13 and key[0] in "234567abcdefghij" for key in keys)


def test_password_is_nowhere_in_the_log(bot, atproto, me, ada, session, caplog) -> None:
    caplog.set_level("DEBUG", logger="selfie_core")
    ada.post("words of mine", jpeg(), calls=me)
    work(bot)
    assert caplog.messages
    for secret in (PASSWORD, "words of mine", ada.handle, *session.split(":::")[2:]):
        assert secret not in caplog.text
