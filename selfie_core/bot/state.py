"""What the bot remembers, in one SQLite file: ids and times, for thirty days.

A row is on the disk before anything is done about its post, so a kill at any point loses nothing;
that nothing is answered twice is for `Network.find_reply` to say.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfie_core.base.errors import DataError
from selfie_core.bot.network import Found, Post

KEPT = 30 * 86_400  # seconds
TRIES = 6
WAITS = (10, 60, 300, 1800, 7200)  # seconds before each next try
LOOKS = (60, 86_400)  # seconds between two looks at whether a post still stands, least and most
# A time further ahead than any that we set was set by a clock that was wrong.
AHEAD = 2 * LOOKS[1]

_TABLES = """
CREATE TABLE IF NOT EXISTS post(
    id TEXT PRIMARY KEY,
    author TEXT NOT NULL,
    state TEXT NOT NULL,     -- waiting; answered, asked; or how else it ended
    at REAL NOT NULL,        -- when it was found, and from its end on when that was
    due REAL NOT NULL,       -- waiting: of the next try; answered, asked: of the next look at it
    tries INTEGER NOT NULL DEFAULT 0,
    reply TEXT,              -- ours
    about TEXT,              -- the post whose picture it is about, if that is another one
    person TEXT              -- the author of that
);
CREATE INDEX IF NOT EXISTS by_state ON post(state, due);
CREATE TABLE IF NOT EXISTS stopped(author TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS kept(name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Row:
    """A post that is waiting, or one that has a reply of ours."""

    id: str
    author: str
    at: float
    tries: int
    reply: str | None
    about: str | None
    person: str | None


_ROW = "id, author, at, tries, reply, about, person"


class State:
    """The bot's memory of one account; while it is open, no other process opens it.

    Args:
        path: Of the file; it is made, readable by its owner alone.
        clock: Gives the time in seconds since 1970.

    Raises:
        DataError: Another process has it open, or it is no file of ours.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock, self._taking = threading.Lock(), threading.Lock()
        self._busy: dict[str, str] = {}  # author of each post that is being answered
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._db = sqlite3.connect(
                path, isolation_level=None, timeout=0, check_same_thread=False
            )
            # The lock on the file is the system's: it goes with the process, however that ends.
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("BEGIN EXCLUSIVE")
            self._db.execute("COMMIT")
            self._db.executescript(_TABLES)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise DataError(f"can't keep the bot's state in {path}: {error}") from error
            raise DataError(
                f"{path} is open in another process; one bot per account: stop that one first"
            ) from error
        except (sqlite3.DatabaseError, OSError) as error:
            raise DataError(f"{path} can't be opened as the bot's state: {error}") from error

    def close(self) -> None:
        """Let another process have the file."""
        self._db.close()

    def kept(self, name: str) -> str | None:
        """Return a fact of our own, such as the cursor."""
        found = self._do("SELECT value FROM kept WHERE name = ?", name)
        return found[0][0] if found else None

    def keep(self, name: str, value: str) -> None:
        """Keep a fact of our own."""
        self._do("INSERT OR REPLACE INTO kept VALUES (?, ?)", name, value)

    def add(self, found: Sequence[Found], cursor: str | None) -> None:
        """Let posts wait to be answered and move the cursor behind them: both, or neither."""
        now = self._clock()
        rows = [(one.id, one.author, "waiting", now, now) for one in found]
        into = "INSERT OR IGNORE INTO post(id, author, state, at, due) VALUES (?, ?, ?, ?, ?)"
        with self._lock, self._db:  # which commits, or rolls back
            self._db.execute("BEGIN")
            self._db.executemany(into, rows)
            if cursor is not None:
                self._db.execute("INSERT OR REPLACE INTO kept VALUES ('cursor', ?)", (cursor,))

    def take(self) -> Row | None:
        """Return the post that waits longest and is due, and count the try.

        Of one author one post at a time, in their order: what "stop" takes back is there by then.
        """
        now = self._clock()
        with self._taking:
            authors = list(set(self._busy.values()))
            found = self._do(
                "UPDATE post SET tries = tries + 1 WHERE id = (SELECT id FROM post WHERE "
                "state = 'waiting' AND (due <= ? OR due > ?) "
                f"AND author NOT IN ({', '.join('?' * len(authors))}) "
                f"ORDER BY at, rowid LIMIT 1) RETURNING {_ROW}",
                now, now + AHEAD, *authors,
            )  # fmt: skip
            if not found:
                return None
            row = Row(*found[0])
            self._busy[row.id] = row.author
            return row

    def end(
        self, row: Row, state: str, *, reply: str | None = None, about: Post | None = None
    ) -> None:
        """Say how a post ended, with our reply to it, and the other post that this is about."""
        now = self._clock()
        other = (about.id, about.author) if about and about.id != row.id else (None, None)
        self._do(
            "UPDATE post SET state = ?, reply = ?, about = ?, person = ?, at = ?, due = ? "
            "WHERE id = ?",
            state, reply, *other, now, now + LOOKS[0], row.id,
        )  # fmt: skip
        self._busy.pop(row.id, None)

    def put_back(self, row: Row, seconds: float, *, counts: bool) -> None:
        """Let a post wait for its next try; one that doesn't count is taken off again."""
        due, off = self._clock() + seconds, 0 if counts else 1
        self._do("UPDATE post SET due = ?, tries = tries - ? WHERE id = ?", due, off, row.id)
        self._busy.pop(row.id, None)

    def answered(self, author: str, *, seconds: float) -> int:
        """Return how many replies an author got within the last seconds."""
        within = "reply NOT NULL AND abs(? - at) < ?"
        query = f"SELECT count(*) FROM post WHERE author = ? AND {within}"
        return self._do(query, author, self._clock(), seconds)[0][0]

    def states_about(self, about: str) -> set[str]:
        """Return how the posts ended that are about another one: "asked", "answered"."""
        return {state for (state,) in self._do("SELECT state FROM post WHERE about = ?", about)}

    def stop(self, author: str) -> None:
        """Remember that an author wants nothing of us."""
        self._do("INSERT OR REPLACE INTO stopped VALUES (?, ?)", author, self._clock())

    def welcome(self, author: str) -> None:
        """Forget that an author wanted nothing of us: they came back."""
        self._do("DELETE FROM stopped WHERE author = ?", author)

    def has_stopped(self, author: str) -> bool:
        """Return whether an author wants nothing of us; the thirty days begin anew."""
        query = "UPDATE stopped SET at = ? WHERE author = ? RETURNING 1"
        return bool(self._do(query, self._clock(), author))

    def replies_to(self, author: str) -> list[Row]:
        """Return the posts of an author, and those about one of theirs, that have a reply."""
        query = f"SELECT {_ROW} FROM post WHERE (author = ? OR person = ?) AND reply NOT NULL"
        return [Row(*found) for found in self._do(query, author, author)]

    def look(self) -> Row | None:
        """Return a post with a reply that is due to be looked at: does it still stand?

        It is looked at after a minute, then whenever it has stood twice as long, at last daily.
        """
        now = self._clock()
        found = self._do(
            "UPDATE post SET due = ? + max(?, min(?, ? - at)) WHERE id = (SELECT id FROM post "
            "WHERE reply NOT NULL AND (due <= ? OR due > ?) ORDER BY due LIMIT 1) "
            f"RETURNING {_ROW}",
            now, *LOOKS, now, now, now + AHEAD,
        )  # fmt: skip
        return Row(*found[0]) if found else None

    def forget(self, row: Row) -> None:
        """Keep of a post its id alone, so that it is not answered anew."""
        sets = "state = 'gone', author = '', reply = NULL, about = NULL, person = NULL"
        self._do(f"UPDATE post SET {sets} WHERE id = ?", row.id)

    def forget_old(self) -> None:
        """Delete what is older than thirty days."""
        end = self._clock() - KEPT
        self._do("DELETE FROM post WHERE at < ? AND state != 'waiting'", end)
        self._do("DELETE FROM stopped WHERE at < ?", end)

    def waiting(self) -> tuple[int, float | None]:
        """Return how many posts wait, and since when the oldest does."""
        return self._do("SELECT count(*), min(at) FROM post WHERE state = 'waiting'")[0]

    def _do(self, query: str, *values: object) -> list[Any]:
        with self._lock:
            return self._db.execute(query, values).fetchall()
