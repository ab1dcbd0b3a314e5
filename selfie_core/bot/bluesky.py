"""The bot on Bluesky, or any other network of the AT Protocol.

Our own server says who called us, as it does to the app; the posts and pictures themselves come
from the server of whoever wrote them, and a picture's hash is checked against its id.

Reference:
    https://atproto.com/specs/at-uri-scheme, https://atproto.com/specs/tid,
    https://docs.bsky.app/docs/advanced-guides/rate-limits
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from atproto import AtUri, Client, Request, models
from atproto import exceptions as at

from selfie_core.base.errors import DataError
from selfie_core.bot.fetch import Fetcher
from selfie_core.bot.network import Card, Found, Later, Picture, Post, Unfit
from selfie_core.bot.words import language_of

OVERLAP = timedelta(minutes=10)  # that is looked at again: a post may be listed late
FIRST = timedelta(days=1)  # that is looked at when there is no cursor
TIMEOUT = 30.0  # seconds
MOST_JSON = 300_000  # bytes of a record or a DID document
MOST_NAME = 64  # characters of who is called: of 300 the question wants 135; a handle may have 253
SHA2_256 = 0x12  # multihash
POST, PROFILE = "app.bsky.feed.post", "app.bsky.actor.profile"
_GONE = {
    "RecordNotFound", "RepoNotFound", "RepoTakendown", "RepoSuspended", "RepoDeactivated",
    "AccountTakedown", "AccountDeactivated",
}  # fmt: skip
_SIGNED_OUT = {"ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired"}
_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"


def reply_key(uri: str) -> str:
    """Return the key of our reply to a post: a TID that the post's address gives.

    So a second reply can't be made, even if all that we remember is lost.  The times that it
    stands for are spread over 2023 to 2025 and mean nothing.
    """
    digest = int.from_bytes(hashlib.sha256(uri.encode()).digest()[:8], "big")
    microseconds = 1_700_000_000_000_000 + digest % 50_000_000_000_000
    number = microseconds << 10 | digest >> 54
    return "".join(_DIGITS[number >> 5 * place & 31] for place in reversed(range(13)))


class Bluesky:
    """One account on Bluesky.

    Args:
        handle: Such as "deepselfie.bsky.social".
        password: An app password.
        session: What `keep` was given last; signs in anew without it.
        keep: Called with each new session, a secret like the password.
        service: The account's server.
        directory: Of did:plc.
        fetcher: For the servers of others.

    Raises:
        DataError: The server refuses the password.
        Later: It is down.
    """

    name, most_text = "bluesky", 300

    def __init__(
        self,
        handle: str,
        password: str,
        *,
        session: str | None = None,
        keep: Callable[[str], None] = lambda session: None,
        service: str = "https://bsky.social",
        directory: str = "https://plc.directory",
        fetcher: Fetcher | None = None,
    ) -> None:
        self._signing_in = handle, password
        self._directory, self._fetcher = directory, fetcher or Fetcher()
        self._seen: dict[str, str] = {}  # when posts of the overlap were listed
        self._client = Client(service, request=Request(timeout=TIMEOUT))
        self._client.on_session_change(lambda event, session: keep(session.export()))
        try:
            if session:
                self._client.login(session_string=session, fetch_bsky_profile=False)
                self._call(self._client.com.atproto.server.get_session)
            else:
                self._sign_in()
        except Later:
            self.close()
            raise
        except at.UnauthorizedError as error:
            self.close()
            raise DataError(
                f"{service} refuses the password of {handle}; make an app password in its settings"
            ) from error
        found = self._client._session
        assert found is not None
        self.me = found.did

    def find(self, cursor: str | None, room: int) -> tuple[list[Found], str | None]:
        """Return the mentions of us and the replies to us that are new; see `Network.find`."""
        now = datetime.now(UTC)
        if cursor and _time(cursor) - OVERLAP > now:  # of a first look by a clock that was ahead
            cursor = None
        since = _stamp((_time(cursor) - OVERLAP) if cursor else now - FIRST)
        listed: list[tuple[str, Found]] = []
        page = None
        while True:
            asked = {"limit": 100, "reasons": ["mention", "reply"], "cursor": page}
            got = self._call(self._client.app.bsky.notification.list_notifications, asked)
            listed += [
                (_stamp(_time(one.indexed_at)), Found(one.uri, one.author.did))
                for one in got.notifications
                if one.reason in ("mention", "reply") and not one.labels
            ]
            page = got.cursor
            if not page or not got.notifications or got.notifications[-1].indexed_at < since:
                break
        fresh = sorted(
            (at, found) for at, found in set(listed) if at >= since and found.id not in self._seen
        )
        taken = fresh[:room]
        if taken:
            cursor = max(cursor or "", taken[-1][0])
        self._seen = {id: at for id, at in self._seen.items() if at >= since}
        self._seen |= {found.id: at for at, found in taken}
        return [found for _, found in taken], cursor or since

    def read(self, id: str) -> Post | None:
        """Return a post as it is now; see `Network.read`."""
        uri = AtUri.from_str(id)
        home = self._home(uri.host)
        got = home and self._record(home[0], uri)
        if not home or not got:
            return None
        service, handle = home
        record = models.get_or_create(got["value"], models.AppBskyFeedPost.Record, strict=False)
        if not isinstance(record, models.AppBskyFeedPost.Record):
            return None
        features = [feature for facet in record.facets or [] for feature in facet.features]
        embed = getattr(record.embed, "media", record.embed)
        here = models.ComAtprotoRepoStrongRef.Main(uri=id, cid=got["cid"])
        parent = record.reply.parent.uri if record.reply else None
        return Post(
            id=id,
            author=uri.host,
            name=handle,
            text=record.text,
            language=language_of((record.langs or [None])[0]),
            pictures=_pictures(service, uri.host, embed),
            moving=isinstance(embed, models.AppBskyEmbedVideo.Main),
            calls_us=any(  # by id: names are alike, and places in a text may be wrong
                isinstance(one, models.AppBskyRichtextFacet.Mention) and one.did == self.me
                for one in features
            ),
            warned=bool(record.labels and record.labels.values),
            by_bot=self._is_bot(service, uri.host),
            parent=parent,
            parent_author=AtUri.from_str(parent).host if parent else None,
            raw=(here, record.reply.root if record.reply else here),
        )

    def fetch(self, picture: Picture) -> bytes:
        """Return the file of a picture; see `Network.fetch`."""
        status, data = self._fetcher.get(picture.address)
        if status != 200 or hashlib.sha256(data).digest() != picture.sha256:
            raise Unfit("unreadable")
        return data

    def find_reply(self, to: Post) -> str | None:
        """Return the address of our reply to a post, if there is one."""
        key = {"repo": self.me, "collection": POST, "rkey": reply_key(to.id)}
        try:
            return self._call(self._client.com.atproto.repo.get_record, key, gone=_GONE).uri
        except LookupError:
            return None

    def reply(
        self, to: Post, text: str, *, calls: Post, language: str, cards: Sequence[Card] = ()
    ) -> str:
        """Send our reply to a post; see `Network.reply`."""
        repo, embed, facets = self._client.com.atproto.repo, None, None
        if calls.author != to.author:  # who is replied to is told anyway
            name = f"@{calls.name}"[:MOST_NAME]
            text = f"{name} {text}"
            mention = models.AppBskyRichtextFacet.Mention(did=calls.author)
            where = models.AppBskyRichtextFacet.ByteSlice(byte_start=0, byte_end=len(name.encode()))
            facets = [models.AppBskyRichtextFacet.Main(index=where, features=[mention])]
        if cards:
            images = []
            for card in cards:
                width, height = card.size
                shape = models.AppBskyEmbedDefs.AspectRatio(width=width, height=height)
                blob = self._call(repo.upload_blob, card.data).blob
                images.append(
                    models.AppBskyEmbedImages.Image(alt=card.alt, image=blob, aspect_ratio=shape)
                )
            embed = models.AppBskyEmbedImages.Main(images=images)
        here, root = to.raw
        record = models.AppBskyFeedPost.Record(
            text=text[: self.most_text],
            created_at=self._client.get_current_time_iso(),
            langs=[language],
            reply=models.AppBskyFeedPost.ReplyRef(root=root, parent=here),
            embed=embed,
            facets=facets,
        )
        key = reply_key(to.id)
        data = {"repo": self.me, "collection": POST, "rkey": key, "record": record}
        return self._call(repo.create_record, data).uri

    def remove(self, id: str) -> None:
        """Delete a reply of ours; one that is gone already is no error to the server."""
        uri = AtUri.from_str(id)
        key = {"repo": self.me, "collection": POST, "rkey": uri.rkey}
        self._call(self._client.com.atproto.repo.delete_record, key)

    def stands(self, id: str, author: str) -> bool:
        """Return whether a post is still there, and its author doesn't block us."""
        uri = AtUri.from_str(id)
        home = self._home(uri.host)
        if not home or not self._record(home[0], uri):
            return False
        profile = self._call(self._client.app.bsky.actor.get_profile, {"actor": author})
        return not (profile.viewer and profile.viewer.blocked_by)

    def lacks(self) -> list[str]:
        """Return what our profile lacks, a line each."""
        home = self._home(self.me)
        got = home and self._record(home[0], AtUri.from_str(f"at://{self.me}/{PROFILE}/self"))
        profile = got["value"] if got else {}
        about = str(profile.get("description", ""))
        wanted = {
            'the label "bot" (Settings, Account, Automation)': "bot" in _labels(profile),
            "a name": bool(profile.get("displayName")),
            "a picture": bool(profile.get("avatar")),
            "a description of what it does": bool(about),
            'in the description: the word "stop", by which it goes': "stop" in about.lower(),
        }
        return [what for what, there in wanted.items() if not there]

    def close(self) -> None:
        """End the connections."""
        self._client.request.close()

    def _sign_in(self) -> None:
        handle, password = self._signing_in
        self._call(
            lambda: self._client.login(handle, password, fetch_bsky_profile=False), once=True
        )

    def _call(
        self,
        call: Callable[..., Any],
        *given: Any,
        gone: set[str] | None = None,
        once: bool = False,
    ) -> Any:
        """Return what our server answers; a session that ended is begun anew, once.

        Raises:
            LookupError: It answers one of the errors in `gone`.
            Later: It is down, slow, asks for patience, or refuses.
        """
        try:
            return call(*given)
        except at.ModelError as error:  # as of an error page with status 200
            raise Later("our server answered with something else") from error
        except (at.RequestErrorBase, at.LoginRequiredError, httpx.HTTPError) as error:
            answered = getattr(error, "response", None)
            if not isinstance(error, at.AtProtocolError) or (
                answered is None and isinstance(error, at.RequestErrorBase)
            ):
                raise Later("our server can't be reached", ours=True) from error
            said = getattr(getattr(answered, "content", None), "error", "") or ""
            status = answered.status_code if answered else 401
            if gone and said in gone:
                raise LookupError(said) from error
            if status == 401 or said in _SIGNED_OUT:
                if once:
                    raise
                try:
                    self._sign_in()
                    return self._call(call, *given, gone=gone, once=True)
                except at.RequestErrorBase as refused:
                    why = "our server refuses the password"
                    raise Later(why, seconds=300, ours=True) from refused
            wait = _patience(answered.headers) if answered else None
            ours = status in (429, 502, 503, 504)
            raise Later(f"our server answered {status} {said}", seconds=wait, ours=ours) from error

    def _home(self, did: str) -> tuple[str, str] | None:
        """Return an account's server and its handle; None if there is none of both."""
        kind, _, rest = did.removeprefix("did:").partition(":")
        address = {
            "plc": f"{self._directory}/{did}",
            "web": f"https://{rest}/.well-known/did.json",
        }.get(kind)
        if address is None:
            return None
        status, data = self._fetcher.get(address, most=MOST_JSON)
        if status in (404, 410):
            return None
        found = _json(data)
        if status != 200 or found.get("id") != did:  # an error page takes no reply back
            raise Later(f"the directory of its author answered {status}")
        services = [
            one.get("serviceEndpoint")
            for one in found.get("service", [])
            if isinstance(one, dict) and str(one.get("id", "")).endswith("#atproto_pds")
        ]
        names = [str(name) for name in found.get("alsoKnownAs", [])]
        handle = next((n.removeprefix("at://") for n in names if n.startswith("at://")), did)
        if not services or not urlsplit(str(services[0])).hostname:
            return None
        return str(services[0]).rstrip("/"), handle

    def _record(self, service: str, uri: AtUri) -> dict[str, Any] | None:
        """Return a record as its author's server has it now; None if it is gone."""
        status, data = self._fetcher.get(
            f"{service}/xrpc/com.atproto.repo.getRecord",
            params={"repo": uri.host, "collection": uri.collection, "rkey": uri.rkey},
            most=MOST_JSON,
        )
        found = _json(data)
        if status == 200 and isinstance(found.get("value"), dict) and "cid" in found:
            return found
        if found.get("error") in _GONE:
            return None
        raise Later(f"its author's server answered {status}")

    def _is_bot(self, service: str, did: str) -> bool:
        got = self._record(service, AtUri.from_str(f"at://{did}/{PROFILE}/self"))
        return bool(got) and "bot" in _labels(got["value"])


def _pictures(service: str, did: str, embed: object) -> tuple[Picture, ...]:
    if not isinstance(embed, models.AppBskyEmbedImages.Main):
        return ()
    found = []
    for image in embed.images:
        cid = image.image.cid
        address = f"{service}/xrpc/com.atproto.sync.getBlob?did={did}&cid={cid}"
        sha256 = bytes(cid.hash.digest) if cid.hash.code == SHA2_256 else None
        found.append(Picture(address, sha256))
    return tuple(found)


def _labels(record: dict[str, Any]) -> set[str]:
    """Return the labels that a record gives itself."""
    labels = record.get("labels")
    values = labels.get("values") if isinstance(labels, dict) else None
    return {str(one.get("val")) for one in values or [] if isinstance(one, dict)}


def _json(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _patience(headers: dict[str, str]) -> float | None:
    """Return how many seconds a server asks to wait, by its own clock where it names a time."""
    if headers.get("retry-after", "").isdecimal():
        return float(headers["retry-after"])
    reset, now = headers.get("ratelimit-reset", ""), headers.get("date", "")
    if reset.isdecimal() and now:
        return max(1.0, float(reset) - parsedate_to_datetime(now).timestamp())
    return None
