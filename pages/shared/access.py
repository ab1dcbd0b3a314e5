"""Who may enter this app, as the environment and .streamlit/secrets.toml say."""

import functools
import json
import logging
import os
from collections.abc import Mapping
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import streamlit as st
from streamlit import config
from streamlit.auth_util import (
    encode_provider_token,
    get_origin_from_redirect_uri,
    validate_auth_credentials,
)
from streamlit.errors import StreamlitAuthError
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette import starlette_auth_routes, starlette_websocket
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.web.access import Access, Provider
from selfie_core.web.gate import NAME_HEADER, ROLES_HEADER
from selfie_core.web.issuer import Issuer
from selfie_core.web.keys import Keys
from selfie_core.web.roles import EVERYONE, Visitor, role_wanted, with_implied

_SHORTEST = 8  # characters of a password


@functools.cache
def access() -> Access:
    """Return who may enter: everyone, unless a password or a provider is named.

    Raises:
        DataError: What is named would let nobody in, or everybody.
    """
    password = os.environ.get("SELFIE_PASSWORD")
    password = password and password.strip()  # as what is typed: a file may end its lines by CR LF
    if password is not None and len(password) < _SHORTEST:
        said = f"SELFIE_PASSWORD has {len(password)} characters; wanted {_SHORTEST} or more"
        raise DataError(f"{said}, or none of it for a server that is open to everyone")
    hours = os.environ.get("SELFIE_SESSION_HOURS") or "12"
    try:
        lasts = float(hours)
    except ValueError:
        lasts = 0.0
    if not 0 < lasts <= 24 * 365:
        raise DataError(f"SELFIE_SESSION_HOURS is {hours}; wanted 0.01 to 8760")
    provider = _provider()
    if password and provider:
        said = "there are a password and a provider to sign in with"
        raise DataError(f"{said}; keep one: SELFIE_PASSWORD or [auth] of secrets.toml")
    secret = str(st.get_option("server.cookieSecret"))
    return Access(Keys(store.keys_file()), secret, password or "", provider, lasts)


def visitor() -> Visitor:
    """Return who looks at this page."""
    if access().is_open:
        return EVERYONE
    told = st.context.headers
    roles = frozenset(told.get(ROLES_HEADER, "").split(",")) - {""}
    return Visitor(unquote(told.get(NAME_HEADER, "")), roles)


def may_open(page: str) -> bool:
    """Return whether who looks at this page may open another, named by its file."""
    name = page.rpartition("/")[2].removesuffix(".py")
    return visitor().may(role_wanted(f"/{name}"))


def sign_out_line() -> None:
    """Say who is signed in, with the way out; nothing on a server that is open to everyone."""
    if not access().is_open:
        who = f"Signed in as {escape(visitor().name)}" if visitor().name else "Signed in"
        st.html(f'<p class="signed-in">{who} · <a href="logout" target="_self">Sign out</a></p>')


def _provider() -> Provider | None:
    """Return the provider of secrets.toml, as `st.login` takes it, with our table of roles."""
    files = [Path(one) for one in st.get_option("secrets.files")]
    missing = [file for file in files if not file.exists()]
    if missing and config.is_manually_set("secrets.files"):
        said = f"no file {missing[0]}, though STREAMLIT_SECRETS_FILES names it"
        raise DataError(f"{said}, so nobody is let in; mend the path, which holds no spaces")
    if missing == files:
        return None
    if not secrets_singleton.load_if_toml_exists():
        raise DataError("secrets.toml can't be read, so nobody is let in; mend it")
    auth = secrets_singleton.get("auth")
    if auth is None:
        if "roles" in secrets_singleton:
            raise DataError("secrets.toml has [roles] and no [auth], so nobody is let in; add it")
        return None
    if find_spec("authlib") is None:
        raise DataError("[auth] of secrets.toml wants Authlib: pip install Authlib httpx")
    try:
        validate_auth_credentials("default")
    except StreamlitAuthError as error:
        raise DataError(f"[auth] of secrets.toml: {error}") from error
    logging.getLogger(starlette_auth_routes.__name__).addFilter(_in_one_line)
    table = secrets_singleton.get("roles") or {}
    if not table:
        said = "[auth] of secrets.toml names a provider, but no group has a role"
        raise DataError(f'{said}; add [roles] with lines such as staff = ["manage"]')
    return Provider(
        Issuer(auth["server_metadata_url"], auth["client_id"]),
        {name: with_implied(roles, of=f"[roles] {name}") for name, roles in table.items()},
        _claims,
        lambda: f"auth/login?provider={encode_provider_token('default')}",
        auth.get("groups_claim", "groups"),
    )


def _in_one_line(record: logging.LogRecord) -> bool:
    """Let Streamlit say why nobody can sign in without the seventy lines of where."""
    if record.exc_info:
        record.msg, record.args = f"{record.getMessage()} {record.exc_info[1]!r}", None
        record.exc_info = None
    return True


def _claims(cookies: Mapping[str, str]) -> dict[str, Any]:
    """Return what the provider said of who signed in, as Streamlit's cookie keeps it; or {}."""
    signed = starlette_websocket._get_signed_cookie_with_chunks(dict(cookies), USER_COOKIE_NAME)
    claims = json.loads(signed) if signed else {}
    # Another app may sign with the same secret.
    return claims if claims.get("origin") == get_origin_from_redirect_uri() else {}
