"""Tokens of the provider: whether it issued one, for this app, and it still holds."""

import contextlib
import logging
import threading
import time
from typing import Any

import requests

from selfie_core.base.errors import SelfieError

log = logging.getLogger(__name__)

# With a public key alone: by HS256 a token could be signed with what everyone may read.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
               "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]  # fmt: skip
_PATIENCE = 5.0  # seconds for an answer
_AGAIN = 30.0  # seconds until a provider is asked again for the keys of a token that fits none


class ProviderDown(SelfieError):
    """The provider does not answer, so that nobody can be told from anybody."""


class Issuer:
    """An OpenID Connect provider, as far as its tokens go.

    Args:
        metadata: Address of its openid-configuration.
        audience: Whom its tokens must be for: the client id of this app.
    """

    def __init__(self, metadata: str, audience: str) -> None:
        self.metadata, self.audience = metadata, audience
        self._lock = threading.Lock()
        self._name, self._keys, self._asked = "", None, -_AGAIN

    def claims(self, token: str) -> dict[str, Any] | None:
        """Return what a token says, or None if it is foreign, damaged or over.

        Raises:
            ProviderDown: Its keys are not known, and it does not say them.
        """
        return self._checked(token, fresh=False) or self._checked(token, fresh=True)

    def _checked(self, token: str, *, fresh: bool) -> dict[str, Any] | None:
        from joserfc import jwt
        from joserfc.errors import JoseError

        name, keys = self._known(fresh=fresh)
        wanted: dict[str, Any] = {
            "iss": {"essential": True, "value": name},
            "aud": {"essential": True, "value": self.audience},
            "exp": {"essential": True},
        }
        try:
            claims = jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
            jwt.JWTClaimsRegistry(**wanted).validate(claims)
        except (JoseError, ValueError, TypeError):
            return None
        return claims

    def _known(self, *, fresh: bool) -> tuple[str, Any]:
        """Return name and public keys of the provider; a key that is new to us wants fresh ones."""
        if fresh or self._keys is None:
            # Who has keys to go by waits for nobody who asks for new ones.
            with self._lock if self._keys is None else contextlib.nullcontext():
                if time.monotonic() - self._asked >= _AGAIN:
                    self._asked = time.monotonic()
                    self._ask()
        if self._keys is None:
            raise ProviderDown("the sign-in service does not answer; try again in a minute")
        return self._name, self._keys

    def _ask(self) -> None:
        from joserfc.errors import JoseError
        from joserfc.jwk import JWKRegistry, KeySet

        keys = []
        try:
            facts = requests.get(self.metadata, timeout=_PATIENCE).json()
            found = requests.get(facts["jwks_uri"], timeout=_PATIENCE).json()
            for one in found["keys"]:  # RFC 7517: what is not understood is passed over
                with contextlib.suppress(JoseError, ValueError, KeyError, TypeError):
                    keys.append(JWKRegistry.import_key(one))
            if not keys:
                raise ValueError("none that we understand")
            self._name, self._keys = facts["issuer"], KeySet(keys)
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            log.warning("the sign-in service gave no keys: %s", error)  # what was known stays known
            if self._keys is None:
                self._asked -= _AGAIN - _PATIENCE  # nobody can come in: so soon again
