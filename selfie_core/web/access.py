"""Whom a request comes from: a session, a key, or a token of the provider."""

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from selfie_core.web.budgets import Budgets
from selfie_core.web.issuer import Issuer
from selfie_core.web.keys import Key, Keys, hash_of
from selfie_core.web.roles import LOOK, RATE, UPLOAD, Visitor, roles_of

COOKIE = "selfie_session"
BY_PASSWORD = frozenset({LOOK, UPLOAD, RATE})  # who manages the server has a key
_MOST_ENDED = 10_000  # sessions remembered as ended


@dataclass(frozen=True)
class Provider:
    """Signing in by OpenID Connect."""

    issuer: Issuer
    table: Mapping[str, Collection[str]]  # groups, e-mail addresses or "*" to roles
    claims: Callable[[Mapping[str, str]], dict[str, Any]]  # of the cookies of who signed in
    start: Callable[[], str]  # the address that begins it, below the app's root
    group_claim: str = "groups"

    def visitor(self, claims: Mapping[str, Any], *, until: float, session: str = "") -> Visitor:
        """Return whom the provider speaks of; without a role, if the table names no group."""
        groups = claims.get(self.group_claim) or []
        names = {"*", *([groups] if isinstance(groups, str) else map(str, groups))}
        if claims.get("email_verified") in (True, "true"):  # a word, by Apple
            names.add(str(claims.get("email", "")))
        name = claims.get("email") or claims.get("name") or claims.get("sub") or ""
        return Visitor(str(name), roles_of(names, self.table), until, session)


@dataclass
class Access:
    """Who may enter: everyone, or who has the password, a key, or an account at the provider."""

    keys: Keys
    secret: str  # that signs sessions
    password: str = ""
    provider: Provider | None = None
    hours: float = 12.0  # a session lasts
    tries: Budgets = field(default_factory=lambda: Budgets(burst=5, per_minute=6))  # per client
    tries_of_all: Budgets = field(default_factory=lambda: Budgets(burst=60, per_minute=60))
    _ended: OrderedDict[str, None] = field(default_factory=OrderedDict)

    @property
    def is_open(self) -> bool:
        """Whether everyone may do everything."""
        return not self.password and self.provider is None

    async def visitor_of(self, asked: HTTPConnection) -> Visitor | None:
        """Return whom a request comes from, or None.

        Raises:
            SelfieError: It can't be told: the provider is down, the file of keys is damaged.
        """
        kind, _, given = asked.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            if (key := self.keys.get(hash_of(given.strip()))) is not None:
                return _of_key(key)
            return await run_in_threadpool(self._of_token, given.strip())
        if (session := asked.cookies.get(COOKIE)) is not None:
            return self._of_session(session)
        return self._of_provider(asked.cookies)

    def wait(self, client: str) -> float:
        """Return the seconds until this client may try a password; 0 counts as a try."""
        now = time.monotonic()
        return self.tries.wait(client, 1, now) or self.tries_of_all.wait("", 1, now)

    def session_for(self, given: str) -> str | None:
        """Return a new session for who gives the password or a key; None for anything else."""
        key = self.keys.get(hash_of(given))
        known = self.password and hmac.compare_digest(hash_of(given), hash_of(self.password))
        if not known and key is None:
            return None
        return self._signer().dumps([key.hash if key else "", secrets.token_urlsafe(9)])

    def end(self, visitor: Visitor | None) -> None:
        """End a session: a copy of its cookie lets nobody in."""
        if visitor and visitor.session:
            self._ended[visitor.session] = None
            while len(self._ended) > _MOST_ENDED:
                self._ended.popitem(last=False)

    def _signer(self) -> URLSafeTimedSerializer:
        # With another password, sessions of the old one end.
        return URLSafeTimedSerializer(self.secret, salt=hash_of(self.password))

    def _of_session(self, cookie: str) -> Visitor | None:
        session = _digest(cookie)
        try:
            (hash, _), signed = self._signer().loads(
                cookie, max_age=int(self.hours * 3600), return_timestamp=True
            )
        except (BadData, ValueError, TypeError):
            return None
        if session in self._ended:
            return None
        until = signed.timestamp() + self.hours * 3600
        if not hash:
            return Visitor("", BY_PASSWORD, until, session)
        key = self.keys.get(hash)
        return _of_key(key, until=until, session=session) if key else None

    def _of_provider(self, cookies: Mapping[str, str]) -> Visitor | None:
        claims = self.provider.claims(cookies) if self.provider else {}
        if not claims:
            return None
        assert self.provider
        session = _digest(f"{claims.get('sub')} {claims.get('iat')} {claims.get('nonce')}")
        until = float(claims.get("iat") or 0) + self.hours * 3600
        if time.time() > until or session in self._ended:
            return None
        return self.provider.visitor(claims, until=until, session=session)

    def _of_token(self, token: str) -> Visitor | None:
        claims = self.provider.issuer.claims(token) if self.provider and token else None
        if not claims:
            return None
        assert self.provider
        return self.provider.visitor(claims, until=float(claims["exp"]))


def _of_key(key: Key, **more: Any) -> Visitor:
    return Visitor(key.name, frozenset(key.roles), **more)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
