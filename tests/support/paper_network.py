"""A social network in a folder: posts are files; it keeps nobody from replying twice.

And what tests of a bot on it share.
"""

import dataclasses
import itertools
import json
from collections.abc import Sequence
from pathlib import Path

from selfie_core.bot.bot import Bot, Said
from selfie_core.bot.network import Card, Found, Later, Picture, Post, Unfit


class PaperNetwork:
    """The account "bot" on a network of files; `down` is what every call meets."""

    name, me, most_text = "paper", "bot", 300

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.down: Exception | None = None
        self.blocked_by: set[str] = set()
        self.calls = 0

    def write(self, author: str, text: str, **more: object) -> str:
        """Post as anyone; return the post's id."""
        id = f"{len(list(self.folder.iterdir())):05}"
        fields = {"author": author, "name": author, "text": text, "calls_us": "@bot" in text}
        fields["pictures"] = [str(one) for one in more.pop("pictures", ())]  # type: ignore[attr-defined]
        (self.folder / f"{id}.json").write_text(json.dumps({"id": id, **fields, **more}), "utf-8")
        return id

    def posts(self) -> list[Post]:
        return [self._read(path) for path in sorted(self.folder.glob("*.json"))]

    def replies(self, to: str) -> list[Post]:
        return [post for post in self.posts() if post.author == self.me and post.parent == to]

    def delete(self, id: str) -> None:
        (self.folder / f"{id}.json").rename(self.folder / f"{id}.gone")

    def find(self, cursor: str | None, room: int) -> tuple[list[Found], str | None]:
        self._call()
        later = (post for post in self.posts() if post.id > (cursor or ""))
        found = list(itertools.islice((p for p in later if p.author != self.me), room))
        return [Found(p.id, p.author) for p in found], found[-1].id if found else cursor

    def read(self, id: str) -> Post | None:
        self._call()
        path = self.folder / f"{id}.json"
        return self._read(path) if path.is_file() else None

    def fetch(self, picture: Picture) -> bytes:
        self._call()
        data = Path(picture.address).read_bytes()
        if len(data) > 1_000_000:
            raise Unfit("too large")
        return data

    def find_reply(self, to: Post) -> str | None:
        self._call()
        return next((post.id for post in self.replies(to.id)), None)

    def reply(
        self, to: Post, text: str, *, calls: Post, language: str, cards: Sequence[Card] = ()
    ) -> str:
        self._call()
        parent = {"parent": to.id, "parent_author": to.author, "language": language}
        return self.write(self.me, f"@{calls.name} {text}", **parent)

    def remove(self, id: str) -> None:
        self._call()
        if (self.folder / f"{id}.json").is_file():  # it may be gone already
            self.delete(id)

    def stands(self, id: str, author: str) -> bool:
        self._call()
        return (self.folder / f"{id}.json").is_file() and author not in self.blocked_by

    def lacks(self) -> list[str]:
        return []

    def close(self) -> None:
        pass

    def _call(self) -> None:
        self.calls += 1
        if self.down:
            raise self.down

    @staticmethod
    def _read(path: Path) -> Post:
        post = Post(**json.loads(path.read_text("utf-8")))
        pictures = tuple(Picture(str(address)) for address in post.pictures)
        return dataclasses.replace(post, pictures=pictures)


class Clock:
    """What a test says that the time is."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def judge(files: Sequence[bytes], language: str, most_text: int, crop: bool) -> Said:
    """Say how many bytes the pictures have."""
    return Said(f"{sum(map(len, files))} bytes, {language}{', crop' * crop}")


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


def down(seconds: float | None = None) -> Later:
    return Later("the server is down", seconds=seconds, ours=True)
