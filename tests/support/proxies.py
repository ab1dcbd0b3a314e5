"""Real proxies before an app, which lies below /selfie there."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.served import serve

# Takes the prefix off: the app knows nothing of it.
_CADDY = """{
  admin off
  auto_https off
}
http://127.0.0.1:PORT {
  redir /selfie /selfie/
  handle_path /selfie/* {
    reverse_proxy APP {
      header_up X-Forwarded-Prefix /selfie
    }
  }
}
"""
# Leaves the prefix on: the app has it as server.baseUrlPath.
_NGINX = """daemon off;
user root;
pid FOLDER/pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path FOLDER/body;
  proxy_temp_path FOLDER/proxy;
  fastcgi_temp_path FOLDER/fastcgi;
  uwsgi_temp_path FOLDER/uwsgi;
  scgi_temp_path FOLDER/scgi;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  server {
    listen 127.0.0.1:PORT;
    client_max_body_size 61m;
    location /selfie/ {
      proxy_pass http://APP;
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }
}
"""
_HOW = {
    "caddy": (_CADDY, "caddy run --adapter caddyfile --config"),
    "nginx": (_NGINX, "nginx -e stderr -c"),
}


@contextmanager
def proxied(name: str, app: str, folder: Path) -> Iterator[str]:
    """Yield the address of an app behind "caddy" or "nginx", with a slash at its end."""
    if shutil.which(name) is None:
        why = f"no {name} on PATH: sh tests/support/need_programs.sh"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    text, command = _HOW[name]
    file = folder / name
    file.write_text(text.replace("APP", app.removeprefix("http://")).replace("FOLDER", str(folder)))
    with_port = f'sed "s/PORT/$1/" "$2" >"$2.conf" && exec {command} "$2.conf"'
    start = ["sh", "-c", with_port, "sh", "{port}", file]
    home = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with serve(start, folder, health="/selfie/_stcore/health", **home) as url:
        yield f"{url}/selfie/"
