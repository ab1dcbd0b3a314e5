"""The address of the app, said and opened as it starts."""

import logging
import os
import socket
import sys
import threading
import time
import urllib.request
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import streamlit as st

from pages.shared import ui
from selfie_core.cli.environment import unknown_variables
from selfie_core.cli.main import parser

log = logging.getLogger(__name__)
_ALL = ("0.0.0.0", "::")  # hosts that stand for every network of this machine


@asynccontextmanager
async def opening(_app: object) -> AsyncIterator[None]:
    """Say the address as the app starts, and open it; SELFIE_SHOW is "say" or "open"."""
    show = os.environ.get("SELFIE_SHOW")
    host, port = str(st.get_option("server.address")), st.get_option("server.port")
    here, *others = (_address(one, port) for one in _names(host))
    if show:
        lines = [f"Selfie is open at {here}", *(f"on this network: {one}" for one in others)]
        print("\n".join([*lines, "Stop it by Ctrl+C"]), flush=True)
    else:  # no command looked at the environment
        for line in unknown_variables(parser()):
            log.warning(line)
    if show == "open" and _has_screen():
        threading.Thread(target=_open, args=(here,), daemon=True).start()
    yield


def _open(address: str) -> None:
    """Open the address once it answers: the server listens only after it has started."""
    for _ in range(100):
        with suppress(OSError):
            urllib.request.urlopen(address, timeout=5).close()
            webbrowser.open(address)
            return
        time.sleep(0.1)


def _names(host: str) -> list[str]:
    """Return by which names the host is reached: from this machine first."""
    if host not in _ALL:
        return [host]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("192.0.2.1", 9))  # sends nothing; says which way one would go
            return ["localhost", asked.getsockname()[0]]
        except OSError:  # no network
            return ["localhost"]


def _address(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{ui.base_path()}/"


def _has_screen() -> bool:
    """Return whether a browser could open: a text browser would take the terminal."""
    known = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform != "linux" or any(os.environ.get(name) for name in known)
