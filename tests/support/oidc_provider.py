"""An OpenID Connect provider on this machine, and people who have an account there."""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import requests

from tests.support.served import need, serve

_SECRET = "a secret of tests"
_CALLBACK = "http://127.0.0.1/oauth2callback"
_SCOPE = "openid email groups"


@dataclass(frozen=True)
class Provider:
    url: str

    def secrets(self, file: Path, *, port: str = "{port}", roles: str) -> Path:
        """Write the secrets.toml of an app that signs in here; return its path."""
        file.write_text(
            f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
            f'cookie_secret = "{"of tests" * 8}"\nclient_id = "selfie"\n'
            f'client_secret = "{_SECRET}"\n'
            f'server_metadata_url = "{self.url}/.well-known/openid-configuration"\n'
            f'client_kwargs = {{ scope = "{_SCOPE}", prompt = "login" }}\n[roles]\n{roles}\n'
        )
        return file

    def log_in(self, visit: requests.Session, answer: requests.Response, who: str) -> str:
        """Fill in the provider's forms; return the address that it sends the visitor back to."""
        for _ in range(8):
            while answer.is_redirect:
                to = urljoin(answer.url, answer.headers["location"])
                if "/oauth2callback" in to:
                    return to
                answer = visit.get(to, allow_redirects=False, timeout=60)
            action = re.findall(r'action="([^"]+)"', answer.text)[0]
            prompt = re.findall(r'name="prompt" value="(\w+)"', answer.text)[0]
            form = {"prompt": prompt, "login": who, "password": "any"}
            to = urljoin(answer.url, action)
            answer = visit.post(to, data=form, allow_redirects=False, timeout=60)
        raise AssertionError(answer.text)

    def token(self, who: str) -> str:
        """Return an ID token, as a program of this person gets one."""
        visit = requests.Session()
        verifier = secrets.token_urlsafe(32)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        asked = {
            "client_id": "selfie", "redirect_uri": _CALLBACK, "response_type": "code",
            "scope": _SCOPE, "prompt": "login", "code_challenge": challenge.decode().rstrip("="),
            "code_challenge_method": "S256",
        }  # fmt: skip
        answer = visit.get(f"{self.url}/auth", params=asked, allow_redirects=False, timeout=60)
        code = parse_qs(urlsplit(self.log_in(visit, answer, who)).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": _CALLBACK,
                "code_verifier": verifier}  # fmt: skip
        answer = requests.post(f"{self.url}/token", data=form, auth=("selfie", _SECRET), timeout=60)
        return answer.json()["id_token"]


@contextmanager
def serve_provider(port: int = 0) -> Iterator[Provider]:
    """Yield a provider on a port of this machine, by default a free one."""
    script = Path(__file__).with_name("oidc") / "serve.mjs"
    command = ["node", script, need("oidc"), "{port}"]
    health = "/.well-known/openid-configuration"
    with serve(command, script.parent, health=health, port=port) as url:
        yield Provider(url)
