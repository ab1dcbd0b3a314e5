"""Fetch from addresses that strangers name: by https alone, from public addresses, up to a size."""

import contextlib
import ipaddress
import socket
import threading
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from selfie_core import __version__
from selfie_core.bot.network import Later, Unfit

MOST_BYTES = 20_000_000  # of a picture
TIMEOUT = 15.0  # seconds to connect, and from one piece to the next
SECONDS = 45.0  # for all of it
REDIRECTS = 3
# Where a gateway leads from IPv6 to IPv4, also to that of its own network; the address ends in it.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_HANG_UP = 0.1  # seconds from one try to end a fetch that took too long to the next


class _Call(threading.local):
    """The call that a thread is in."""

    private = False  # addresses of this machine and its network will do
    opened: list[HTTPConnection]  # one for each address that redirects led to


_call = _Call()


def _check(address: str) -> None:
    """Refuse an address that is not of the public internet."""
    found = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None) or found
    if found in _NAT64:
        inner = ipaddress.ip_address(int(found) & 0xFFFFFFFF)
    if not _call.private and (not inner.is_global or inner.is_multicast):
        raise Unfit("unreadable")


class _Checked(HTTPConnection):
    """A connection that is to a public address, or to none.

    Looked up before, so that nobody learns which doors of our network are open, and on the open
    connection, as a name may lead elsewhere the second time it is looked up.
    """

    def _new_conn(self) -> socket.socket:
        _call.opened.append(self)
        for *_, place in socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM):
            _check(str(place[0]))
        connected = super()._new_conn()
        try:
            _check(connected.getpeername()[0])
        except Unfit:
            connected.close()
            raise
        return connected


class _CheckedTLS(_Checked, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _Checked  # type: ignore[assignment]


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _CheckedTLS  # type: ignore[assignment]


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        self.poolmanager = PoolManager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


class Fetcher:
    """Fetches what strangers' addresses name; threads may share it.

    Args:
        private: http and private addresses too: for servers of a test on this machine.
        seconds: That a fetch may take in all, however slowly a server drips.
    """

    def __init__(self, *, private: bool = False, seconds: float = SECONDS) -> None:
        self._private, self._seconds = private, seconds

    def get(self, address: str, *, most: int = MOST_BYTES, params: Any = None) -> tuple[int, bytes]:
        """Return status and content; a status of 429, or of 500 and more, raises `Later`.

        Args:
            address: Of https.
            most: Bytes.
            params: Of the query.

        Raises:
            Unfit: It is larger, or the address is none that is fetched from.
            Later: The server is down or slow.
        """
        _call.private, _call.opened = self._private, []
        late, over = threading.Event(), threading.Event()
        timer = threading.Timer(self._seconds, _hang_up, (_call.opened, late, over))
        timer.start()
        try:
            with self._session() as session:
                found = _get(session, address, most, params)
            if late.is_set():  # headers cut off read like a whole answer without content
                raise Later("a server is slow")
            return found
        except (requests.exceptions.InvalidSchema, requests.TooManyRedirects) as error:
            raise Unfit("unreadable") from error
        except requests.RequestException as error:
            if late.is_set():
                raise Later("a server is slow") from error
            # A host that can't be is a ValueError as well, as all addresses that are none.
            if isinstance(error, ValueError):
                raise Unfit("unreadable") from error
            raise Later(f"a server can't be reached: {type(error).__name__}") from error
        finally:
            timer.cancel()
            over.set()

    def _session(self) -> requests.Session:
        """Return a session without proxy, password or cookie, in which a redirect to http fails."""
        session = requests.Session()
        session.trust_env, session.max_redirects = False, REDIRECTS
        session.headers["User-Agent"] = f"selfie-bot/{__version__}"
        session.adapters.clear()
        for scheme in ("https://", "http://") if self._private else ("https://",):
            session.mount(scheme, _Adapter())
        return session


def _get(session: requests.Session, address: str, most: int, params: Any) -> tuple[int, bytes]:
    with session.get(address, params=params, stream=True, timeout=TIMEOUT) as got:
        if got.status_code == 429 or got.status_code >= 500:
            wait = got.headers.get("Retry-After", "")
            seconds = float(wait) if wait.isdecimal() else None
            raise Later(f"a server answered {got.status_code}", seconds=seconds)
        stated = got.headers.get("Content-Length", "0")
        if stated.isdecimal() and int(stated[:15]) > most:
            raise Unfit("too large")
        content = bytearray()
        for piece in got.iter_content(65_536):
            content += piece
            if len(content) > most:
                raise Unfit("too large")
        return got.status_code, bytes(content)


def _hang_up(opened: list[HTTPConnection], late: threading.Event, over: threading.Event) -> None:
    """End a fetch: again and again, as its connection may not stand yet, or not be the last."""
    late.set()
    while not over.is_set():
        for sock in [connection.sock for connection in opened]:
            with contextlib.suppress(OSError, AttributeError):  # closed, or not open yet
                sock.shutdown(socket.SHUT_RDWR)
        over.wait(_HANG_UP)
