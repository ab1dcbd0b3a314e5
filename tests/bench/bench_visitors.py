"""Twenty visitors at once: how long each waits for a score, and the memory before and after.

python tests/bench/bench_visitors.py [--visitors 20] [--rounds 3]

The app runs as always; each visitor sends a JPEG of 12 megapixels to the address that the page
uses too, gets its score, and sends the next.  One visitor alone is the measure.
"""

import argparse
import io
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import requests
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
SIZE = (4000, 3000)


def phone_photo(number: int) -> bytes:
    """Return a JPEG of 12 megapixels, with grain, so that decoding costs what it costs there."""
    rng = np.random.default_rng(number)
    soft = Image.fromarray(rng.integers(0, 256, (6, 8, 3), np.uint8)).resize(SIZE)
    pixels = np.asarray(soft, np.int16) + rng.integers(-9, 10, (*SIZE[::-1], 1), np.int16)
    file = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


def memory(process: int) -> float:
    """Return the resident memory of a process in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else float("nan")


def ask(url: str, photo: bytes) -> float:
    """Return how many seconds a score takes."""
    start = time.perf_counter()
    reply = requests.post(f"{url}/api/v1/score", files={"image": photo}, timeout=120)
    reply.raise_for_status()
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    photos = [phone_photo(number) for number in range(args.visitors)]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"],
        cwd=ROOT, env=os.environ | {"STREAMLIT_SERVER_HEADLESS": "true"},
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                requests.get(f"{url}/_stcore/health", timeout=2).raise_for_status()
                break
            except requests.RequestException:
                time.sleep(0.3)
        alone = [ask(url, photos[0]) for _ in range(6)][1:]
        print(f"one visitor: {statistics.median(alone):.2f} s; {memory(server.pid):.0f} MB")
        with ThreadPoolExecutor(args.visitors) as visitors:
            for number in range(args.rounds):
                start = time.perf_counter()
                waits = sorted(visitors.map(lambda photo: ask(url, photo), photos))
                whole = time.perf_counter() - start
                print(
                    f"round {number + 1}: {len(waits)} answered in {whole:.1f} s "
                    f"({len(waits) / whole:.1f} photos/s); each waited {waits[0]:.2f} to "
                    f"{waits[-1]:.2f} s, median {statistics.median(waits):.2f} s; "
                    f"{memory(server.pid):.0f} MB"
                )
                time.sleep(30)  # for the budget of one address to fill again
        print(f"afterwards: {memory(server.pid):.0f} MB")
    finally:
        server.terminate()
        server.wait(60)


if __name__ == "__main__":
    main()
