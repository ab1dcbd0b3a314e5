"""A stand-in for Mastodon, written by others: no real server of its kind is installable here."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from mastodon import Mastodon as Client

from selfie_core.bot.fetch import Fetcher
from selfie_core.bot.mastodon import Mastodon
from tests.support.served import need, serve

PEOPLE = ("deepselfie", "ada", "bob", "parrot", *(f"author{n}" for n in range(20)))


@dataclass(frozen=True)
class MastodonNet:
    """The server and its people; the token of each is the name."""

    server: str

    def person(self, name: str) -> Client:
        return Client(
            access_token=name, api_base_url=self.server, version_check_mode="none",
            ratelimit_method="throw",
        )  # fmt: skip

    def bot(self, token: str = "deepselfie") -> Mastodon:
        return Mastodon(self.server, token, fetcher=Fetcher(private=True))

    def post(self, name: str, text: str, *pictures: bytes, **more: Any) -> str:
        """Post as somebody; return the id."""
        person = self.person(name)
        media = [
            person.media_post(io.BytesIO(one), mime_type="image/jpeg", synchronous=True)
            for one in pictures
        ]
        return str(person.status_post(text, media_ids=media or None, **more).id)

    def replies(self, to: str) -> list[Any]:
        """Return the bot's replies to a post."""
        below = self.person("deepselfie").status_context(to).descendants
        ours = (one for one in below if one.account.username == "deepselfie")
        return [one for one in ours if str(one.in_reply_to_id) == to]

    def fault(self, path: str, **effect: Any) -> None:
        """Let the next call of a path fail."""
        rule = {"match": {"path": path}, "effect": effect, "count": 1}
        requests.post(
            f"{self.server}/api/v1/_mock/faults", json=rule, timeout=30
        ).raise_for_status()


@contextmanager
def serve_mastodon(folder: Path) -> Iterator[MastodonNet]:
    """Yield the server, on a free port of this machine."""
    installed = need("mastodon")
    seeds = "".join(
        f'[[seed.accounts]]\nusername = "{name}"\naccess_token = "{name}"\n'
        f"bot = {str(name == 'parrot').lower()}\n"
        for name in PEOPLE
    )
    (folder / "seed.toml").write_text(seeds, "utf-8")
    command = [sys.executable, "-m", "mastodon_mock", "serve", "--config", folder / "seed.toml"]
    command += ["--port", "{port}", "--log-level", "error"]
    path = {"PYTHONPATH": str(installed)}
    with serve(command, folder, health="/api/v2/instance", **path) as server:
        yield MastodonNet(server)
