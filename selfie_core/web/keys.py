"""Keys for programs and for people: made once, kept as a hash, revoked by name."""

import hashlib
import secrets
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.web.roles import with_implied

_START = "selfie_"  # by which people and programs that look for leaked keys know one


@dataclass(frozen=True)
class Key:
    """What is kept of a key."""

    name: str
    roles: tuple[str, ...]
    made: str  # the day
    hash: str  # SHA-256, in hex: of 256 random bits, so that nothing slower is wanted


def add_key(file: Path, name: str, *, roles: Iterable[str]) -> str:
    """Return a new key, of which the file keeps the hash.

    Raises:
        DataError: The name is empty or taken, a role is none of ours, or the file can't be written.
    """
    if not name.strip():
        raise DataError("a key wants a name, by which it is revoked: selfie key NAME --roles look")
    known = read_keys(file)
    if any(key.name == name for key in known):
        raise DataError(f'there is a key "{name}"; revoke it first or choose another name')
    given = sorted(with_implied(roles, of=f'the key "{name}"'))
    if not given:
        raise DataError(f'the key "{name}" has no role; give it one by --roles')
    key = _START + secrets.token_urlsafe(32)
    made = Key(name, tuple(given), date.today().isoformat(), hash_of(key))
    _write(file, [*known, made])
    return key


def revoke_key(file: Path, name: str) -> None:
    """Take a key out of the file: a server that runs lets it in no more.

    Raises:
        DataError: There is none of that name.
    """
    known = read_keys(file)
    kept = [key for key in known if key.name != name]
    if len(kept) == len(known):
        names = ", ".join(key.name for key in known) or "none"
        raise DataError(f'there is no key "{name}"; found: {names}')
    _write(file, kept)


def read_keys(file: Path) -> list[Key]:
    """Return the keys of a file, in the order in which they were made; none without a file.

    Raises:
        DataError: The file is damaged.
    """
    if not file.is_file():
        return []
    try:
        listed = store.read_json(file)["keys"]
        return [Key(**(one | {"roles": tuple(one["roles"])})) for one in listed]
    except (KeyError, TypeError) as error:
        raise DataError(f"{file} is no list of keys; move it away and make new keys") from error


def hash_of(key: str) -> str:
    """Return what is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


class Keys:
    """The keys of a file by their hash, read again when it changes."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = threading.Lock()
        self._state: tuple[int, int] | None = None
        self._known: dict[str, Key] = {}

    def get(self, hash: str) -> Key | None:
        """Return the key of a hash, or None.

        Raises:
            DataError: The file is damaged.
        """
        try:
            found = self.file.stat()
        except OSError:
            return None
        state = found.st_mtime_ns, found.st_ino  # a file that was replaced is another one
        with self._lock:
            if state != self._state:
                self._known = {key.hash: key for key in read_keys(self.file)}
                self._state = state
            return self._known.get(hash)


def _write(file: Path, keys: list[Key]) -> None:
    store.write_json(file, {"keys": [asdict(key) for key in keys]})
