"""Visitors at once: how long the slowest twentieth waits, and whether memory stays flat.

python tests/bench/bench_visitors.py [--visitors 50] [--minutes 10]

The app runs as always.  Each visitor has a page open, lets it run, fetches pictures, searches, and
sends a JPEG of 12 megapixels to be scored; then thinks for a while.
"""

import argparse
import io
import random
import re
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import requests
from PIL import Image
from requests.adapters import HTTPAdapter
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from urllib3.util import Retry
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Subprotocol

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from selfie_core.base import store  # noqa: E402
from selfie_core.gallery.gallery import Gallery  # noqa: E402
from tests.support.served import serve  # noqa: E402

SIZE = (4000, 3000)
THINKS = 5.0  # seconds between two rounds of a visitor, on average


def phone_photo(number: int) -> bytes:
    """Return a JPEG of 12 megapixels, with grain, so that decoding costs what it costs there."""
    rng = np.random.default_rng(number)
    soft = Image.fromarray(rng.integers(0, 256, (6, 8, 3), np.uint8)).resize(SIZE)
    pixels = np.asarray(soft, np.int16) + rng.integers(-9, 10, (*SIZE[::-1], 1), np.int16)
    file = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


class Visitor:
    """One browser: a page open in it, and an address of its own, so that limits count it alone."""

    def __init__(self, url: str, number: int, photo: bytes, sockets: ExitStack) -> None:
        self.url, self.photo = url, photo
        self.headers = {"X-Forwarded-For": f"198.51.{number // 250}.{number % 250 + 1}"}
        self.web = requests.Session()
        self.web.headers.update(self.headers)
        # As browsers do when the server closed a connection that was idle just as they asked.
        self.web.mount(url, HTTPAdapter(max_retries=Retry(1, backoff_factor=0)))
        stream = f"{url.replace('http', 'ws')}/_stcore/stream"
        protocols = [Subprotocol("streamlit")]
        opened = connect(
            stream, additional_headers=self.headers, subprotocols=protocols, max_size=None
        )
        self.socket = sockets.enter_context(opened)

    def run_page(self, name: str) -> None:
        """Let the page's script run to its end, as on a visit."""
        asked = BackMsg()
        asked.rerun_script.page_name = name
        self.socket.send(asked.SerializeToString())
        while ForwardMsg.FromString(self.socket.recv(180)).WhichOneof("type") != "script_finished":
            pass

    def get(self, path: str) -> None:
        """Fetch a file or an answer of the API."""
        self.web.get(f"{self.url}{path}", timeout=180).raise_for_status()

    def score(self) -> None:
        """Send the photo and get its score."""
        self.web.post(
            f"{self.url}/api/v1/score", files={"image": self.photo}, timeout=180
        ).raise_for_status()


def stay(visitor: Visitor, until: float, seed: int, took: dict[str, list[float]]) -> list[str]:
    """Look around and score until it is time to go; return what had no answer, and why."""
    rng, failed = random.Random(seed), list[str]()
    version = Gallery.open(store.demo_gallery()).version
    while time.monotonic() < until:
        doings = {
            "page": lambda: visitor.run_page(rng.choice(["", "continuum", "map", "rules"])),
            "picture": lambda: visitor.get(f"/gallery/{version}/photo/{rng.randrange(1000)}"),
            "search": lambda: visitor.get("/api/v1/gallery/find?text=dark"),
            "score": visitor.score,
        }
        for kind, do in doings.items():
            began = time.perf_counter()
            try:
                do()
                took[kind].append(time.perf_counter() - began)
            except (requests.RequestException, WebSocketException, TimeoutError) as error:
                failed.append(f"{kind}: {error}")
        time.sleep(rng.uniform(0, 2 * THINKS))
    return failed


def report(took: dict[str, list[float]]) -> None:
    """Print a line per kind: how many, the median, and what one in twenty waits at least."""
    for kind, waits in took.items():
        waits = sorted(waits) or [float("nan")]
        slow = waits[int(0.95 * len(waits))]
        print(
            f"{kind:8} {len(waits):6} answered; median {statistics.median(waits):.2f} s, "
            f"slowest twentieth from {slow:.2f} s, slowest {waits[-1]:.2f} s"
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=10)
    args = parser.parse_args()
    photos = [phone_photo(number) for number in range(8)]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    command += ["--server.port={port}", "--server.address=127.0.0.1"]
    with serve(command, ROOT, health="/_stcore/health") as url, ExitStack() as sockets:

        def memory() -> float:
            text = requests.get(f"{url}/metrics", timeout=180).text
            return float(re.findall(r"^selfie_memory_bytes (.*)$", text, re.MULTILINE)[0]) / 1e6

        visitors = [Visitor(url, n, photos[n % 8], sockets) for n in range(args.visitors)]
        visitors[0].score()
        took: dict[str, list[float]] = {kind: [] for kind in ("page", "picture", "search", "score")}
        until = time.monotonic() + 60 * args.minutes
        with ThreadPoolExecutor(args.visitors) as pool:
            left = [pool.submit(stay, v, until, n, took) for n, v in enumerate(visitors)]
            print(f"{args.visitors} visitors for {args.minutes:g} minutes; {memory():.0f} MB")
            while time.monotonic() < until:
                time.sleep(min(60, max(0.0, until - time.monotonic())))
                print(f"{memory():.0f} MB", flush=True)
            failed = [line for one in left for line in one.result()]
        report(took)
        print(*failed, f"{len(failed)} without an answer; {memory():.0f} MB at the end", sep="\n")


if __name__ == "__main__":
    main()
