"""The AT Protocol on this machine: Bluesky's own server, a directory, and people who post."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from atproto import AtUri, Client, Request, models

from selfie_core.bot.bluesky import Bluesky
from selfie_core.bot.fetch import Fetcher
from tests.support.app_view import AppView, serve_app_view
from tests.support.served import free_port, need, serve

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a password of tests"


@dataclass(frozen=True)
class Atproto:
    """Addresses of the servers."""

    server: str
    directory: str
    view: AppView
    opened: list[Client] = field(default_factory=list, repr=False)  # to be closed at the end

    def person(self, name: str) -> "Person":
        """Return a new account."""
        client = Client(self.server, request=Request(timeout=120))  # a busy machine
        self.opened.append(client)
        handle = f"{name}.test"
        client.com.atproto.server.create_account(
            {"handle": handle, "email": f"{name}@example.test", "password": PASSWORD}
        )
        client.login(handle, PASSWORD, fetch_bsky_profile=False)
        assert client._session is not None
        return Person(client, handle, client._session.did)

    def bot(self, person: "Person", **more: Any) -> Bluesky:
        """Return the bot's side of an account."""
        private = Fetcher(private=True)
        bot = Bluesky(
            person.handle, PASSWORD, service=self.server, directory=self.directory,
            fetcher=private, **more,
        )  # fmt: skip
        self.opened.append(bot._client)
        return bot


@dataclass(frozen=True)
class Person:
    """An account and what it does."""

    client: Client
    handle: str
    did: str

    def post(
        self, text: str, *pictures: bytes, calls: "Person | None" = None, below: str = "",
        lang: str = "en", **more: Any,
    ) -> str:  # fmt: skip
        """Post; return the address.  A person whom it calls is mentioned first."""
        record: dict[str, Any] = {"text": text, "langs": [lang], **more}
        record["createdAt"] = self.client.get_current_time_iso()
        if calls:
            name = f"@{calls.handle}"
            record["text"] = f"{name} {text}"
            feature = {"$type": "app.bsky.richtext.facet#mention", "did": calls.did}
            index = {"byteStart": 0, "byteEnd": len(name)}
            record.setdefault("facets", [{"index": index, "features": [feature]}])
        if below:
            parent = {"uri": below, "cid": self.get(below).cid}
            record["reply"] = {"root": parent, "parent": parent}
        if pictures:
            blobs = [self.client.upload_blob(data).blob for data in pictures]
            images = [{"alt": "", "image": blob.model_dump(by_alias=True)} for blob in blobs]
            record["embed"] = {"$type": "app.bsky.embed.images", "images": images}
        return self.create("app.bsky.feed.post", record)

    def create(self, collection: str, record: dict[str, Any], **more: Any) -> str:
        """Make any record."""
        record = {"$type": collection, **record}
        data = {"repo": self.did, "collection": collection, "record": record, **more}
        return self.client.com.atproto.repo.create_record(data).uri

    def delete(self, uri: str) -> None:
        """Delete a record."""
        at = AtUri.from_str(uri)
        key = {"repo": self.did, "collection": at.collection, "rkey": at.rkey}
        self.client.com.atproto.repo.delete_record(key)

    def get(self, uri: str) -> Any:
        """Return anybody's record."""
        at = AtUri.from_str(uri)
        key = {"repo": at.host, "collection": at.collection, "rkey": at.rkey}
        return self.client.com.atproto.repo.get_record(key)

    def posts(self) -> list[Any]:
        """Return the newest hundred posts of this account."""
        key = {"repo": self.did, "collection": "app.bsky.feed.post", "limit": 100}
        return self.client.com.atproto.repo.list_records(key).records

    def replies(self, to: str) -> list[models.AppBskyFeedPost.Record]:
        """Return this account's replies to a post."""
        posts = [record.value for record in self.posts()]
        return [post for post in posts if post.reply and post.reply.parent.uri == to]


@contextmanager
def serve_atproto(folder: Path, **settings: str) -> Iterator[Atproto]:
    """Yield the servers, on free ports of this machine."""
    installed = need("atproto")
    directory = free_port()
    script = ROOT / "tests" / "support" / "atproto" / "serve.mjs"
    with serve_app_view() as (address, view):
        command = ["node", script, folder, str(directory), "{port}", address]
        settings = {"INSTALLED": str(installed), "LOG_ENABLED": "false", **settings}
        with serve(command, ROOT, health="/xrpc/_health", **settings) as server:
            view.server = server
            net = Atproto(server, f"http://127.0.0.1:{directory}", view)
            yield net
            for client in net.opened:
                client.request.close()
