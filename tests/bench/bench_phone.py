"""The page /phone: bytes and seconds to the first score; scores a second beside its rivals'.

python tests/bench/bench_phone.py [--ort PACKAGE/dist] [--rounds 3]

The rivals are ONNX Runtime Web and, for a frame of the camera, the server, as /score asks it.
`npm pack onnxruntime-web` and `tar xzf` give the rival's folder; it runs the same net as the server
does, in the same browser, in turn.  Cold is a first visit by a line of 10 Mbit/s and 40 ms, which
the server keeps to.
"""

import argparse
import shutil
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from selfie_core.scorer.export import whole_net
from selfie_core.scorer.scorer import load_scorer
from selfie_core.web.phone import make_phone
from tests.browser.conftest import FLAGS, NAMES, serve_app
from tests.support.phone_page import Files, static_files

RATE, DELAY = 10e6 / 8, 0.04  # bytes a second, seconds: of the line
CHUNK = 16_384  # bytes
SAMPLE = store.sample_photos() / "sample-3.jpg"
RUNTIME = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")

# Scores of one square, one after another: [per second, megabytes of the program's memory].
OURS = """async ({ base, seconds }) => {
  const { Photos } = await import(base + "phone/photos.js");
  const photos = await Photos.open(base, () => {});
  const { scorer } = photos;
  const planes = new Float32Array(3 * scorer.side ** 2).fill(100);
  const once = () => scorer.maps(planes, scorer.side, scorer.side);
  LOOP
  return [rate, scorer.kernels.memory.buffer.byteLength / 1e6];
}"""
THEIRS = """async ({ base, seconds }) => {
  const ort = await import(base + "ort/ort.wasm.min.mjs");
  ort.env.wasm.wasmPaths = base + "ort/";
  ort.env.wasm.numThreads = 1;
  const one = { freeDimensionOverrides: { B: 1 } };
  const session = await ort.InferenceSession.create(base + "ort/net.onnx", one);
  const values = new Float32Array(3 * SIDE ** 2).fill(0.2);
  const photos = new ort.Tensor("float32", values, [1, 3, SIDE, SIDE]);
  const once = () => session.run({ photos });
  LOOP
  return [rate, 0];
}"""
# A frame of a camera, as the coach and the server's camera on /score have it looked at.
FRAME = """async ({ base, seconds }) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
  const context = canvas.getContext("2d");
  context.filter = "blur(9px)";
  for (let i = 0; i < 200; i++) {
    context.fillStyle = `hsl(${i * 37} 60% 50%)`;
    context.fillRect((i * 131) % 640, (i * 89) % 480, 120, 90);
  }
  WAY
  LOOP
  return [rate, 0];
}"""
COACH = """const { Photos } = await import(base + "phone/photos.js");
  const photos = await Photos.open(base, () => {});
  const box = [140, 0, 500, 480];
  const once = async () => photos.frame({ bitmap: await createImageBitmap(canvas), box });"""
SERVED = """const small = document.createElement("canvas");
  Object.assign(small, { width: 320, height: 240 });
  const once = async () => {
    small.getContext("2d").drawImage(canvas, 0, 0, 320, 240);
    const form = new FormData();
    const picture = await (await fetch(small.toDataURL("image/jpeg", 0.85))).blob();
    form.append("image", picture, "frame.jpg");
    const answer = await fetch(base + "api/v1/score", { method: "POST", body: form });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  };"""
LOOP = """for (let i = 0; i < 20; i++) await once();
  const began = performance.now();
  let count = 0;
  for (; performance.now() - began < 1000 * seconds; count++) await once();
  const rate = (1000 * count) / (performance.now() - began);"""


class Line(Files):
    """Files as the app serves them, packed, by one line that all requests share."""

    lock = threading.Lock()
    sent = 0

    def do_GET(self) -> None:
        """Send a file no faster than the line."""
        time.sleep(DELAY)
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        packed = path.with_name(path.name + ".br")
        body = (packed if packed.is_file() else path).read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        if packed.is_file():
            self.send_header("Content-Encoding", "br")
        forever = (
            "max-age=31536000, immutable" if path.parent != Path(self.directory) else "no-cache"
        )
        self.send_header("Cache-Control", forever)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for start in range(0, len(body), CHUNK):
            with Line.lock:
                time.sleep(CHUNK / RATE)
                Line.sent += len(body[start : start + CHUNK])
            self.wfile.write(body[start : start + CHUNK])


def first_score(browser: Browser, url: str) -> dict[str, tuple[float, float]]:
    """Return seconds to the first score and megabytes fetched by then: cold, warm, offline."""
    context = browser.new_context()
    found = {}
    for name in ("cold", "warm", "offline"):
        page = context.new_page()
        context.set_offline(name == "offline")
        began, before = time.perf_counter(), Line.sent
        page.goto(url)
        page.locator("#files").set_input_files(SAMPLE)
        page.locator(".score-percent b").wait_for(timeout=120_000)
        found[name] = time.perf_counter() - began, (Line.sent - before) / 1e6
        if name == "cold":
            page.locator("body[data-kept]").wait_for(timeout=120_000)
        page.close()
    context.close()
    return found


def scores_per_second(page: Page, code: str, base: str, **facts: Any) -> tuple[float, float]:
    """Return the scores a second of one way, and its memory in megabytes."""
    code = code.replace("LOOP", LOOP).replace("SIDE", str(facts.pop("side", 0)))
    rate, memory = page.evaluate(code, {"base": base, **facts})
    return rate, memory


def main() -> None:
    """Print all figures of one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ort", type=Path, help="folder dist of the package onnxruntime-web")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    scorer = load_scorer()
    path = next(found for name in NAMES if (found := shutil.which(name)))
    with tempfile.TemporaryDirectory() as made, sync_playwright() as play:
        folder = Path(made)
        version = make_phone(Gallery.open(store.demo_gallery()), folder)["version"]
        ways = {"net.wasm": OURS}
        if args.ort:
            (folder / version / "ort").mkdir()
            for name in RUNTIME:
                shutil.copy(args.ort / name, folder / version / "ort" / name)
            net = whole_net(scorer.path).SerializeToString()
            (folder / version / "ort" / "net.onnx").write_bytes(net)
            ways["ONNX Runtime Web"] = THEIRS
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        with static_files(folder, kind=Line) as url:
            for name, (seconds, megabytes) in first_score(browser, url).items():
                print(f"first score, {name}: {seconds:.1f} s, {megabytes:.2f} MB")
        with static_files(folder) as url:
            page = browser.new_page(bypass_csp=True)  # the rival makes code from text
            page.goto(url)
            page.locator("body[data-ready]").wait_for()
            rates: dict[str, list[float]] = {name: [] for name in ways}
            for _ in range(args.rounds):
                for name, code in ways.items():
                    rate, memory = scores_per_second(
                        page, code, f"{url}{version}/", seconds=3, side=scorer.image_size
                    )
                    rates[name].append(rate)
                    print(f"{name}: {rate:.1f} scores/s, {memory:.0f} MB")
            with serve_app() as app:
                served = browser.new_page(bypass_csp=True)
                served.goto(f"{app}/_stcore/health")
                frames = {
                    "camera, on the device": (page, COACH, f"{url}{version}/"),
                    "camera, by the server": (served, SERVED, f"{app}/"),
                }
                for _ in range(args.rounds):
                    for name, (where, way, base) in frames.items():
                        code = FRAME.replace("WAY", way)
                        rate, _memory = scores_per_second(where, code, base, seconds=3)
                        rates.setdefault(name, []).append(rate)
            for name, some in rates.items():
                print(f"{name}: median {statistics.median(some):.1f} scores/s")
        browser.close()


if __name__ == "__main__":
    main()
