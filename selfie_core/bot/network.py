"""What the bot needs of a social network: the one thing that a third network has to provide."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

MOST_PATIENCE = 3600.0  # seconds; a server that asks for more is asked again by then


class Later(Exception):
    """A server is down, slow, or asks for patience.

    Attributes:
        seconds: How long it asks to wait, an hour at most; None if it doesn't say.
        ours: It is the server of our own account: nothing else goes on either, and no try is lost.
    """

    def __init__(self, why: str, *, seconds: float | None = None, ours: bool = False) -> None:
        super().__init__(why)
        self.seconds, self.ours = seconds and min(seconds, MOST_PATIENCE), ours


class Unfit(Exception):
    """A picture that can't be scored; `str(error)` is a line of `words.TABLE`, fit to be sent."""


@dataclass(frozen=True)
class Found:
    """A post that may concern us, by ids alone: all that is kept of it."""

    id: str
    author: str


@dataclass(frozen=True)
class Picture:
    """Where a picture of a post lies."""

    address: str
    sha256: bytes | None = None  # of its content, where the network says it


@dataclass(frozen=True)
class Post:
    """A post as its network tells of it; held for one answer, never kept.

    Attributes:
        id: Of the post; edits don't change it.
        author: Id of the account.
        name: How the author is called in a post, without "@".
        text: Plain.
        language: Two letters, "en" if unknown.
        pictures: Of its own; those of a post that it quotes are somebody else's.
        moving: It has a video.
        calls_us: It mentions our account, by id.
        warned: It has a content warning.
        by_bot: The author is labelled as a bot.
        parent: Id of the post that it replies to.
        parent_author: Of that post.
        raw: What the network's own module needs of it.
    """

    id: str
    author: str
    name: str
    text: str = ""
    language: str = "en"
    pictures: tuple[Picture, ...] = ()
    moving: bool = False
    calls_us: bool = False
    warned: bool = False
    by_bot: bool = False
    parent: str | None = None
    parent_author: str | None = None
    raw: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class Card:
    """A picture to send, a JPEG without metadata, and what it shows in words."""

    data: bytes
    alt: str
    size: tuple[int, int]


class Network(Protocol):
    """One account on a social network.

    Every method raises `Later` where a server is down, slow, or asks for patience.
    """

    name: str
    me: str  # id of our account
    most_text: int  # characters of a post

    def find(self, cursor: str | None, room: int) -> tuple[list[Found], str | None]:
        """Return the posts that may concern us since `cursor`, and the cursor after them.

        Args:
            cursor: Of an earlier call; None asks for those of the last day.
            room: At most so many, the oldest first.  Some may come twice, none is left out.
        """
        ...

    def read(self, id: str) -> Post | None:
        """Return a post as it is now; None if it is gone."""
        ...

    def fetch(self, picture: Picture) -> bytes:
        """Return the file of a picture; raise `Unfit` if it is none that we take."""
        ...

    def find_reply(self, to: Post) -> str | None:
        """Return the id of our reply to a post, if there is one."""
        ...

    def reply(
        self, to: Post, text: str, *, calls: Post, language: str, cards: Sequence[Card] = ()
    ) -> str:
        """Send our one reply to a post and return its id.

        Args:
            to: The post below which it stands, and whose audience it keeps.
            text: At most `most_text` characters.
            calls: Whose author is told of it.
            language: Of the text.
            cards: At most four.
        """
        ...

    def remove(self, id: str) -> None:
        """Delete a reply of ours; it may be gone already."""
        ...

    def stands(self, id: str, author: str) -> bool:
        """Return whether a post is still there, and its author doesn't block us."""
        ...

    def lacks(self) -> list[str]:
        """Return what our profile lacks, a line each: the label as a bot, what it does ..."""
        ...

    def close(self) -> None:
        """End the connections."""
        ...
