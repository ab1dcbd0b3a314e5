"""The bot on Mastodon, or any other server that speaks its API.

Reference:
    https://docs.joinmastodon.org/methods/statuses/, https://docs.joinmastodon.org/api/rate-limits/
"""

import hashlib
import html
import io
import re
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from mastodon import Mastodon as Client
from mastodon import errors

from selfie_core.base.errors import DataError
from selfie_core.bot.fetch import Fetcher
from selfie_core.bot.network import Card, Found, Later, Picture, Post, Unfit
from selfie_core.bot.words import language_of

FIRST = timedelta(days=1)  # that is looked at when there is no cursor
PAGE = 40  # notifications; as many as a server gives
TIMEOUT = 30.0  # seconds
MOST_ALT = 1500  # characters
_DOWN = (
    errors.MastodonBadGatewayError,
    errors.MastodonServiceUnavailableError,
    errors.MastodonGatewayTimeoutError,
    errors.MastodonNetworkError,
    errors.MastodonRatelimitError,
)


class Mastodon:
    """One account on Mastodon.

    Args:
        instance: Address of the account's server.
        token: An access token of the account.
        fetcher: For pictures.

    Raises:
        DataError: The server refuses the token, or is none of Mastodon's kind.
        Later: It is down.
    """

    name, most_text = "mastodon", 400  # of 500; the names of who is told come on top

    def __init__(self, instance: str, token: str, *, fetcher: Fetcher | None = None) -> None:
        self._fetcher = fetcher or Fetcher()
        self._heard = threading.local()  # the patience asked for, and whether a page was odd
        self._session = session = requests.Session()
        session.hooks["response"].append(self._note)
        self._client = Client(
            access_token=token, api_base_url=instance, ratelimit_method="throw",
            request_timeout=TIMEOUT, session=session, version_check_mode="none",
        )  # fmt: skip
        try:
            account = self._client.account_verify_credentials()
            if not getattr(account, "id", None):
                raise errors.MastodonAPIError("it names no account")
        except errors.MastodonUnauthorizedError as error:
            raise DataError(
                f"{instance} refuses the token; make one under Preferences, Development, with "
                "read and write"
            ) from error
        except errors.MastodonNetworkError as error:
            raise Later(f"{instance} can't be reached", ours=True) from error
        except errors.MastodonError as error:
            raise DataError(f"{instance} doesn't answer as Mastodon does; check it") from error
        self.me, self._account = str(account.id), account

    def find(self, cursor: str | None, room: int) -> tuple[list[Found], str | None]:
        """Return who mentioned us since `cursor`; see `Network.find`."""
        if cursor is None:
            cursor = self._a_day_ago()
        found: dict[str, Found] = {}
        while len(found) < room:
            page = self._call(
                lambda after=cursor: self._client.notifications(
                    types=["mention"], min_id=after, limit=PAGE
                )
            )
            # By key: what the library can't make out stays a plain dictionary.
            fresh = [one for one in page if _order(one["id"]) > _order(cursor)]
            if not fresh:
                break
            for one in sorted(fresh, key=lambda one: _order(one["id"]))[: room - len(found)]:
                cursor = str(one["id"])
                if one["type"] == "mention" and one["status"]:
                    id, author = str(one["status"]["id"]), str(one["account"]["id"])
                    found[id] = Found(id, author)
        return list(found.values()), cursor

    def _a_day_ago(self) -> str:
        """Return the id of the newest notification that is older than a day."""
        since, last = datetime.now(UTC) - FIRST, None
        while True:
            page = self._call(
                lambda before=last: self._client.notifications(
                    types=["mention"], max_id=before, limit=PAGE
                )
            )
            old = [one for one in page if _time(one["created_at"]) < since]
            if old or not page or str(page[-1]["id"]) == last:
                return str(old[0]["id"]) if old else "0"
            last = str(page[-1]["id"])

    def read(self, id: str) -> Post | None:
        """Return a post as it is now; see `Network.read`."""
        try:
            got = self._call(lambda: self._client.status(id))
        except errors.MastodonNotFoundError:
            return None
        media = got.media_attachments
        parent = got.in_reply_to_id
        return Post(
            id=id,
            author=str(got.account.id),
            name=got.account.acct,
            text=_plain(got.content),
            language=language_of(got.language),
            pictures=tuple(Picture(one.url) for one in media if one.type == "image" and one.url),
            moving=any(one.type in ("video", "gifv") for one in media),
            calls_us=any(str(one.id) == self.me for one in got.mentions),
            warned=bool(got.sensitive or got.spoiler_text),
            by_bot=bool(got.account.bot),
            parent=str(parent) if parent else None,
            parent_author=str(got.in_reply_to_account_id) if parent else None,
            raw=got.visibility,
        )

    def fetch(self, picture: Picture) -> bytes:
        """Return the file of a picture; see `Network.fetch`."""
        status, data = self._fetcher.get(picture.address)
        if status != 200:
            raise Unfit("unreadable")
        return data

    def find_reply(self, to: Post) -> str | None:
        """Return the id of our reply to a post, if there is one."""
        try:
            below = self._call(lambda: self._client.status_context(to.id)).descendants
        except errors.MastodonNotFoundError:
            return None
        except Later as later:  # a thread too long for the server is no trouble of the server's
            raise Later(str(later), seconds=later.seconds) from later
        ours = (one for one in below if str(one.account.id) == self.me)
        return next((str(one.id) for one in ours if str(one.in_reply_to_id) == to.id), None)

    def reply(
        self, to: Post, text: str, *, calls: Post, language: str, cards: Sequence[Card] = ()
    ) -> str:
        """Send our reply to a post; see `Network.reply`.

        It is as public as the post, but never on the public timelines.
        """
        names = " ".join(f"@{name}" for name in dict.fromkeys((calls.name, to.name)))
        media = self._call(lambda: self._upload(cards))
        key = hashlib.sha256(f"{self.me} {to.id}".encode()).hexdigest()
        sent = self._call(
            lambda: self._client.status_post(
                f"{names} {text}", in_reply_to_id=to.id, media_ids=media or None,
                visibility="unlisted" if to.raw == "public" else to.raw, language=language,
                idempotency_key=key,
            )
        )  # fmt: skip
        return str(sent.id)

    def _upload(self, cards: Sequence[Card]) -> list[Any]:
        """Return our pictures on the server; none if it takes no more just now.

        It takes 30 in half an hour: the text alone says the score.
        """
        try:
            return [
                self._client.media_post(
                    io.BytesIO(card.data), mime_type="image/jpeg", file_name="card.jpg",
                    description=card.alt[:MOST_ALT], synchronous=True,
                )
                for card in cards
            ]  # fmt: skip
        except errors.MastodonRatelimitError:
            return []

    def remove(self, id: str) -> None:
        """Delete a reply of ours; it may be gone already."""
        try:
            self._call(lambda: self._client.status_delete(id))
        except errors.MastodonNotFoundError:
            return

    def stands(self, id: str, author: str) -> bool:
        """Return whether a post is still there, and its author doesn't block us."""
        try:
            self._call(lambda: self._client.status(id))
        except errors.MastodonNotFoundError:
            return False
        relations = self._call(lambda: self._client.account_relationships(author))
        return not any(one.blocked_by for one in relations)

    def lacks(self) -> list[str]:
        """Return what our profile lacks, a line each."""
        about = _plain(self._account.note)
        wanted = {
            'the mark "This is an automated account"': bool(self._account.bot),
            "a name": bool(self._account.display_name),
            "a picture": "missing" not in (self._account.avatar or "missing"),
            "a description of what it does": bool(about),
            'in the description: the word "stop", by which it goes': "stop" in about.lower(),
        }
        return [what for what, there in wanted.items() if not there]

    def close(self) -> None:
        """End the connections."""
        self._session.close()

    def _call(self, call: Callable[[], Any]) -> Any:
        """Return what our server answers; its troubles as `Later`, but "not found" as it is."""
        self._heard.odd = False
        try:
            answer = call()
            if self._heard.odd:
                raise errors.MastodonAPIError("an error with status 200")
            return answer
        except errors.MastodonNotFoundError as error:
            if self._heard.odd:
                raise Later("our server: 404 without an error") from error
            raise
        except _DOWN as error:
            wait = getattr(self._heard, "seconds", None)
            if isinstance(error, errors.MastodonRatelimitError) and self._client.ratelimit_reset:
                wait = max(1.0, self._client.ratelimit_reset - time.time())
            raise Later(f"our server: {type(error).__name__}", seconds=wait, ours=True) from error
        except errors.MastodonUnauthorizedError as error:
            raise Later("our server refuses the token", seconds=300, ours=True) from error
        except errors.MastodonError as error:
            raise Later(f"our server: {type(error).__name__}") from error

    def _note(self, response: requests.Response, *_: object, **__: object) -> None:
        wait = response.headers.get("Retry-After", "")
        self._heard.seconds = float(wait) if wait.isdecimal() else None
        # A proxy before it may say an error with status 200, and 404 without one.
        if response.ok or response.status_code == 404:
            odd = _says_error(response) == response.ok
            self._heard.odd = odd or getattr(self._heard, "odd", False)


def _says_error(response: requests.Response) -> bool:
    try:
        said = response.json()
    except ValueError:
        return False
    return isinstance(said, dict) and "error" in said


def _time(at: datetime | str) -> datetime:
    return at if isinstance(at, datetime) else datetime.fromisoformat(at)


def _order(id: object) -> tuple[int, str]:
    """Return what ids are ordered by: numbers of any length, or letters of one."""
    return len(str(id)), str(id)


def _plain(markup: str) -> str:
    """Return the words of a post, without the names in it."""
    bare = re.sub(r"<a [^>]*\bmention\b[^>]*>.*?</a>", " ", markup or "", flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", " ", bare))
