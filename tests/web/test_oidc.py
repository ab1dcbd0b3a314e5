"""Signing in at a real OpenID Connect provider, and its tokens on every route."""

import copy
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import RSAKey
from streamlit import config
from streamlit.runtime.secrets import secrets_singleton

from pages.shared.access import access
from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery
from selfie_core.web import access as access_of
from selfie_core.web.issuer import Issuer, ProviderDown
from tests.support.oidc_provider import Provider, serve_provider
from tests.support.served import free_port, serve

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
PAGE = {"Accept": "text/html"}
ROLES = 'staff = ["manage"]\nclass = ["rate"]\n"fay@example.test" = ["upload"]'


@dataclass
class Server:
    url: str
    provider: Provider

    def sign_in(self, who: str, path: str = "/") -> tuple[requests.Session, requests.Response]:
        """Return a visitor's browser after signing in from a page, and what it shows then."""
        visit = requests.Session()
        asked = visit.get(f"{self.url}{path}", headers=PAGE, timeout=60)
        assert (asked.status_code, 'href="./login"' in asked.text) == (401, True)
        away = visit.get(f"{self.url}/login", allow_redirects=False, timeout=60)
        back = self.provider.log_in(visit, away, who)
        return visit, visit.get(back, headers=PAGE, timeout=60)

    def by_token(self, path: str, token: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return requests.get(f"{self.url}{path}", headers=headers, timeout=60)


@contextmanager
def served(folder: Path, provider: Provider, **settings: str) -> Iterator[Server]:
    file = provider.secrets(folder / "secrets.toml", roles=ROLES)
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    command += ["--server.port={port}", "--server.address=127.0.0.1"]
    settings |= {"STREAMLIT_SECRETS_FILES": str(file), "SELFIE_KEYS": str(folder / "keys")}
    with serve(command, ROOT, health="/_stcore/health", **settings) as url:
        yield Server(url, provider)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with (
        serve_provider() as provider,
        served(tmp_path_factory.mktemp("oidc"), provider) as server,
    ):
        yield server


@pytest.fixture(scope="module")
def photo() -> str:
    return f"/gallery/{Gallery.open(store.demo_gallery()).version}/thumb/1"


def test_who_signs_in_sees_the_page_that_was_asked_for(server: Server, photo: str) -> None:
    visit, shown = server.sign_in("ada.staff", "/continuum?id=abc")
    assert (shown.status_code, shown.url) == (200, f"{server.url}/continuum?id=abc")
    assert visit.get(f"{server.url}{photo}").status_code == 200
    assert visit.get(f"{server.url}/_stcore/metrics").status_code == 200


def test_groups_and_addresses_give_roles(server: Server, photo: str) -> None:
    rates, _ = server.sign_in("bob.class.other")
    assert rates.get(f"{server.url}/taste").status_code == 200
    assert rates.get(f"{server.url}/score").status_code == 403
    uploads, _ = server.sign_in("fay")
    assert uploads.get(f"{server.url}/score").status_code == 200
    stranger, shown = server.sign_in("mallory.strangers")
    assert shown.status_code == 403
    assert "mallory@example.test gives: none" in shown.text
    assert stranger.get(f"{server.url}{photo}").status_code == 403


def test_who_signs_out_is_out_with_every_copy_of_the_cookie(server: Server, photo: str) -> None:
    visit, _ = server.sign_in("ada.staff")
    kept = {one.name: str(one.value) for one in visit.cookies if "streamlit" in one.name}
    away = visit.get(f"{server.url}/logout", allow_redirects=False)
    assert away.headers["location"] == "auth/logout"
    visit.get(f"{server.url}/auth/logout", allow_redirects=False)
    assert visit.get(f"{server.url}{photo}").status_code == 401
    assert requests.get(f"{server.url}{photo}", cookies=kept, timeout=60).status_code == 401


def test_tokens_of_the_provider_open_the_api(server: Server, photo: str) -> None:
    token = server.provider.token("bob.class")
    assert server.by_token("/api/v1/gallery/find?text=dark", token).status_code == 200
    assert server.by_token(photo, token).status_code == 200
    assert server.by_token("/_stcore/metrics", token).status_code == 403
    head, claims, signature = token.split(".")
    for forged in (f"{head}.{claims}.{signature[:-4]}AAAA", f"{head}.{claims}.", "a.b.c", "", "é"):
        refused = server.by_token(
            "/api/v1/gallery/find?text=dark", forged.encode().decode("latin-1")
        )
        assert refused.status_code == 401
        assert refused.json()["error"]["code"] == "not_signed_in"
    brief = server.provider.token("brief.class")
    time.sleep(2.1)  # it was good for a second
    assert server.by_token(photo, brief).status_code == 401


def test_a_token_of_another_issuer_opens_nothing(server: Server, photo: str) -> None:
    with serve_provider() as other:
        assert server.by_token(photo, other.token("ada.staff")).status_code == 401


def test_a_session_ends(server: Server, tmp_path: Path, photo: str) -> None:
    with served(tmp_path, server.provider, SELFIE_SESSION_HOURS=str(4 / 3600)) as server:
        visit, _ = server.sign_in("ada.staff")
        end = time.monotonic() + 120
        while visit.get(f"{server.url}{photo}").status_code == 200:
            assert time.monotonic() < end
            time.sleep(0.2)
        assert visit.get(f"{server.url}{photo}").status_code == 401


def test_provider_that_is_down_lets_nobody_in_and_is_asked_again(
    tmp_path: Path, photo: str, capfd
) -> None:
    port = free_port()
    with served(tmp_path, Provider(f"http://127.0.0.1:{port}")) as server:

        def sign_in_fails() -> bool:
            said = requests.get(f"{server.url}/login", headers=PAGE, timeout=60)
            return said.status_code == 503 and "sign-in service does not answer" in said.text

        def asked_by_token(token: str) -> tuple[int, str]:
            answer = server.by_token("/api/v1/gallery/find?text=dark", token)
            return answer.status_code, answer.json().get("error", {}).get("code", "")

        assert sign_in_fails()
        assert asked_by_token("a.b.c") == (503, "unavailable")
        with socket.create_server(("127.0.0.1", port)):  # takes a request, and never answers
            assert sign_in_fails()
        with serve_provider(port):
            visit, shown = server.sign_in("ada.staff")
            assert shown.status_code == 200
            token = server.provider.token("ada.staff")
            end = time.monotonic() + 120
            while asked_by_token(token) != (200, ""):
                assert time.monotonic() < end
                time.sleep(0.5)
            halfway = requests.Session()
            away = halfway.get(f"{server.url}/login", allow_redirects=False, timeout=60)
            back = server.provider.log_in(halfway, away, "ada.staff")
        shown = halfway.get(back, headers=PAGE, timeout=60)
        assert (shown.status_code, "did not say who you are" in shown.text) == (401, True)
        assert halfway.get(f"{server.url}{photo}").status_code == 401
        assert sign_in_fails()
        assert asked_by_token("a.b.c") == (401, "not_signed_in")
        assert visit.get(f"{server.url}{photo}").status_code == 200  # who is in stays in
    logged = capfd.readouterr().err
    assert "OAuth authorization redirect. ConnectError(" in logged
    assert "Traceback" not in logged


WHOLE = """[auth]
redirect_uri = "http://127.0.0.1/oauth2callback"
cookie_secret = "32 bytes or more, of which nobody knows"
client_id = "selfie"
client_secret = "secret"
server_metadata_url = "http://127.0.0.1/.well-known/openid-configuration"
[roles]
staff = ["manage"]
"""


@pytest.mark.parametrize(
    ("written", "password", "said"),
    [
        (WHOLE, None, None),
        ("[auth", None, "secrets.toml can't be read, so nobody is let in"),
        (WHOLE.replace("client_id", "client"), None, "missing the following keys: ['client_id']"),
        (WHOLE.partition("[roles]")[0], None, "no group has a role"),
        (WHOLE[WHOLE.index("[roles]") :], None, "has [roles] and no [auth]"),
        (None, None, "no file"),
        (WHOLE.replace("manage", "admin"), None, '[roles] staff has the role "admin"'),
        (WHOLE, "long enough", "keep one: SELFIE_PASSWORD or [auth]"),
        ("", "1234567\r\n", "SELFIE_PASSWORD has 7 characters; wanted 8 or more"),
        ("", "", "SELFIE_PASSWORD has 0 characters; wanted 8 or more"),
    ],
)
def test_settings_that_are_half_there_open_no_server(
    tmp_path: Path, monkeypatch, written: str | None, password: str | None, said: str | None
) -> None:
    """What was meant to close a server never leaves it open."""
    file = tmp_path / "secrets.toml"
    if written is not None:
        file.write_text(written)
    monkeypatch.delenv("SELFIE_PASSWORD", raising=False)
    if password is not None:
        monkeypatch.setenv("SELFIE_PASSWORD", password)
    monkeypatch.setitem(
        config._config_options,
        "secrets.files",
        files := copy.copy(config.get_config_options()["secrets.files"]),
    )
    files.set_value([str(file)], "a test")
    secrets_singleton._reset()
    try:
        if said is None:
            assert not access.__wrapped__().is_open
        else:
            with pytest.raises(DataError) as refused:
                access.__wrapped__()
            assert said in str(refused.value)
    finally:
        secrets_singleton._reset()


@pytest.mark.parametrize(
    ("verified", "roles"),
    [(True, {"upload"}), ("true", {"upload"}), ("false", set()), (False, set()), (None, set())],
)
def test_address_counts_once_a_provider_calls_it_verified(verified, roles: set[str]) -> None:
    """By a truth value, or by a word as Apple may."""
    provider = access_of.Provider(object(), {"fay@example.test": ["upload"]}, dict, str)  # type: ignore[arg-type]
    claims = {"email": "fay@example.test", "email_verified": verified}
    assert provider.visitor(claims, until=0).roles == roles


def test_password_of_a_file_with_spaces_at_its_ends_lets_in(monkeypatch) -> None:
    monkeypatch.setenv("SELFIE_PASSWORD", " open, sesame\r\n")
    assert access.__wrapped__().session_for("open, sesame")


def test_key_of_a_kind_that_is_new_to_us_shuts_nobody_out(monkeypatch) -> None:
    key = RSAKey.generate_key(2048, {"kid": "1"})
    odd = {"kty": "EC", "crv": "brainpoolP256r1", "x": "a", "y": "b", "kid": "2"}
    said = {"facts": {"issuer": "us", "jwks_uri": "keys"}}
    got = lambda address, **_: SimpleNamespace(json=lambda: said[address])  # noqa: E731
    monkeypatch.setattr("selfie_core.web.issuer.requests.get", got)
    claims = {"iss": "us", "aud": "selfie", "exp": int(time.time()) + 60}
    token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)
    for listed in ([odd, key.as_dict(private=False)], [odd], []):
        said["keys"] = {"keys": listed}
        if len(listed) > 1:
            assert Issuer("facts", "selfie").claims(token) == claims
        else:
            with pytest.raises(ProviderDown, match="does not answer"):
                Issuer("facts", "selfie").claims(token)
