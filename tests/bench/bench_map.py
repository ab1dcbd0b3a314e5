"""The map against st.plotly_chart and st.pydeck_chart: same points, same Chromium, one run.

python tests/bench/make_gallery.py /tmp/gallery50k --count 50000
python tests/bench/bench_map.py /tmp/gallery50k [--rounds 3] [--gpu]

Times are of this machine, without --gpu of a software renderer: read them as ratios.
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

ROOT = Path(__file__).resolve().parents[2]
FLAGS = "--no-sandbox --disable-quic --no-first-run --disable-background-networking".split()
SOFTWARE = ["--disable-gpu", "--enable-unsafe-swiftshader"]
LIMIT = 120_000  # ms for anything
SPOTS = [(0.5 + 0.02 * (n % 5 - 2), 0.5 + 0.03 * (n // 5 - 2)) for n in range(25)]

PLOTLY = """
import os, pandas as pd, plotly.graph_objects as go, streamlit as st
st.title("Map")
t = pd.read_parquet(os.environ["BENCH_TABLE"], columns=["id", "x", "y", "score"])
f = go.Figure(go.Scattergl(x=t.x, y=t.y, mode="markers", text=t.id,
    marker={"size": 4, "color": t.score, "colorscale": "Plasma"}))
f.update_layout(height=640, dragmode="pan", yaxis_autorange="reversed",
    margin={"l": 0, "r": 0, "t": 0, "b": 0})
e = st.plotly_chart(f, on_select="rerun", selection_mode="lasso", config={"scrollZoom": True})
n = len(e.selection.point_indices)
st.write(f"chosen {n}, mean {t.score.iloc[e.selection.point_indices].mean():.3f}" if n else "none")
"""
PYDECK = """
import os, pandas as pd, pydeck as pdk, streamlit as st
st.title("Map")
t = pd.read_parquet(os.environ["BENCH_TABLE"], columns=["id", "x", "y", "score"])
t = t.assign(x=t.x * 600, y=t.y * 600, r=(t.score * 255).astype(int))
layer = pdk.Layer("ScatterplotLayer", t, get_position="[x, y]", get_fill_color="[r, 80, 120]",
    get_radius=2, radius_units="'pixels'", pickable=True)
view = pdk.View("OrthographicView", controller=True)
state = pdk.ViewState(target=[300, 300, 0], zoom=0)
st.pydeck_chart(pdk.Deck([layer], views=[view], initial_view_state=state, map_provider=None,
    map_style=None, tooltip={"text": "{id} {score}"}), height=640)
"""


@dataclass(frozen=True)
class Subject:
    """One way of showing the points.

    Attributes:
        name: As the table prints it.
        script: A page's text; the app of this project where it is empty.
        area: What the mouse moves over.
        tooltip: What appears above a point.
        lasso: What takes the lasso into the hand; empty where there is none.
        chosen: Text that says how many the lasso took.
    """

    name: str
    script: str
    area: str
    tooltip: str
    lasso: str = ""
    chosen: str = ""


SUBJECTS = [
    Subject(
        "this map", "", ".map .stage", ".map .card.shown .score",
        '.map .tool[aria-label="Draw round a region"]', ".map .difference",
    ),
    Subject(
        "st.plotly_chart", PLOTLY, ".js-plotly-plot .nsewdrag", ".hoverlayer .hovertext",
        '.modebar-btn[data-title="Lasso Select"]', 'p:has-text("chosen")',
    ),
    Subject("st.pydeck_chart", PYDECK, '[data-testid="stDeckGlJsonChart"]', ".deck-tooltip"),
]  # fmt: skip


@contextmanager
def serve(subject: Subject, gallery: Path) -> Iterator[str]:
    """Yield the address of a subject's page."""
    with socket.socket() as free, tempfile.TemporaryDirectory() as folder:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        script = ROOT / "app.py"
        if subject.script:
            script = Path(folder) / "page.py"
            script.write_text(
                f"import streamlit as st\nst.set_page_config(layout='wide')\n{subject.script}"
            )
        options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
        quiet = ["--browser.gatherUsageStats=false", "--logger.level=error"]
        settings = {
            "SELFIE_GALLERY": str(gallery),
            "BENCH_TABLE": str(gallery / "generations/1/rows.parquet"),
        }
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(script), *options, *quiet],
            cwd=ROOT,
            env=os.environ | settings,
            stdout=subprocess.DEVNULL,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            wait_until_up(f"{url}/_stcore/health")
            yield url if subject.script else f"{url}/map"
        finally:
            server.terminate()
            server.wait(10)


def wait_until_up(address: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"{address} does not answer")


class Traffic:
    """Counts what a page receives, bytes."""

    def __init__(self, session: CDPSession) -> None:
        self.socket = self.http = 0
        session.send("Network.enable")
        session.on("Network.webSocketFrameReceived", self._frame)
        session.on("Network.loadingFinished", self._file)

    def _frame(self, event: dict) -> None:
        data = event["response"]["payloadData"]
        self.socket += len(data) * 3 // 4 if event["response"]["opcode"] == 2 else len(data)

    def _file(self, event: dict) -> None:
        self.http += int(event["encodedDataLength"])


def spot(page: Page, subject: Subject, share: tuple[float, float]) -> tuple[float, float]:
    box = page.locator(subject.area).first.bounding_box()
    assert box
    return box["x"] + box["width"] * share[0], box["y"] + box["height"] * share[1]


def first_tooltip(page: Page, subject: Subject, url: str) -> tuple[float, float]:
    """Return seconds from asking for the page to the first tooltip, and from the page's title.

    The first counts Streamlit's own start too, which is the same for all and most of ours.
    """
    start = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.locator("h1").first.wait_for(timeout=LIMIT)
    titled = time.perf_counter()
    page.locator(subject.area).first.wait_for(timeout=LIMIT)
    while time.perf_counter() - start < LIMIT / 1000:
        for share in SPOTS:
            page.mouse.move(*spot(page, subject, share))
            page.wait_for_timeout(20)
            if page.locator(subject.tooltip).first.is_visible():
                return time.perf_counter() - start, time.perf_counter() - titled
    raise SystemExit(f"{subject.name}: no tooltip within {LIMIT // 1000} s")


WATCH = """selector => {
  const roots = [document, ...[...document.querySelectorAll("*")].map(e => e.shadowRoot)];
  const find = () => roots.map(root => root?.querySelector(selector)).find(Boolean);
  const look = () => {
    const e = find();
    return e ? e.textContent + e.getBoundingClientRect().x : "";
  };
  const before = look();
  window.moved = window.changed = null;
  addEventListener("mousemove", () => window.moved ??= performance.now(),
    { once: true, capture: true });
  const watch = () => {
    if (window.moved && look() !== before) window.changed = performance.now();
    else requestAnimationFrame(watch);
  };
  watch();
}"""


def hover_latency(page: Page, subject: Subject) -> float:
    """Return the median milliseconds from moving the mouse to another tooltip's text."""
    times = []
    within = subject.tooltip.removeprefix(".map ")  # its own document begins inside .map
    for share in SPOTS:
        page.evaluate(WATCH, within)
        page.mouse.move(*spot(page, subject, share))
        try:
            page.wait_for_function("window.changed", timeout=3000)
        except BrowserError:
            continue  # the same point was nearest
        times.append(page.evaluate("window.changed - window.moved"))
    return statistics.median(times) if times else float("nan")


def frames(page: Page, subject: Subject, *, by: str) -> float:
    """Return frames a second while dragging or turning the wheel for about 2 s."""
    page.evaluate(
        """() => { window.frames_ = []; const tick = now => { window.frames_.push(now);
           if (window.frames_) requestAnimationFrame(tick); }; requestAnimationFrame(tick); }"""
    )
    x, y = spot(page, subject, (0.5, 0.5))
    page.mouse.move(x, y)
    if by == "pan":
        page.mouse.down()
    for step in range(40):
        if by == "pan":
            page.mouse.move(x + 80 * ((step % 10) / 10 - 0.5), y + step)
        else:
            page.mouse.wheel(0, -100 if step < 20 else 100)
        page.wait_for_timeout(40)
    if by == "pan":
        page.mouse.up()
    stamps = page.evaluate("() => { const f = window.frames_; window.frames_ = null; return f; }")
    return 1000 * (len(stamps) - 1) / (stamps[-1] - stamps[0])


def lasso(page: Page, subject: Subject) -> tuple[float, str]:
    """Return seconds from letting go of a lasso to what is said of it, and what is said."""
    page.locator(subject.lasso).first.dispatch_event("click")  # plotly's shows on hover only
    corners = [(0.45, 0.42), (0.55, 0.42), (0.55, 0.58), (0.45, 0.58), (0.45, 0.43)]
    page.mouse.move(*spot(page, subject, corners[0]))
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*spot(page, subject, corner), steps=6)
    start = time.perf_counter()
    page.mouse.up()
    page.locator(subject.chosen).first.wait_for(timeout=LIMIT)
    seconds = time.perf_counter() - start
    said = ".map .panel h2" if not subject.script else subject.chosen
    return seconds, page.locator(said).first.inner_text()


def measure(browser: Browser, subject: Subject, url: str) -> dict[str, float]:
    """Return the figures of one fresh visit."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(LIMIT)
    session = context.new_cdp_session(page)
    traffic = Traffic(session)
    whole, own = first_tooltip(page, subject, url)
    found = {"first tooltip, s": whole, "after the title, s": own}
    page.wait_for_timeout(1500)  # what is still under way counts too
    found["websocket, KB"] = traffic.socket / 1000
    found["HTTP, MB"] = traffic.http / 1e6
    found["hover, ms"] = hover_latency(page, subject)
    found["panning, frames/s"] = frames(page, subject, by="pan")
    found["zooming, frames/s"] = frames(page, subject, by="zoom")
    session.send("HeapProfiler.collectGarbage")
    found["heap, MB"] = session.send("Runtime.getHeapUsage")["usedSize"] / 1e6
    if subject.lasso:
        if not subject.script:
            page.locator('.map .tool[aria-label="Show the whole map"]').dispatch_event("click")
            page.wait_for_timeout(800)
        found["lasso, s"], said = lasso(page, subject)
        print(f"  {subject.name}: lasso says: {said}", flush=True)
    context.close()
    return found


def main() -> None:
    """Print medians, and ratios to this map."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("gallery", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gpu", action="store_true", help="let Chromium use the graphics card")
    args = parser.parse_args()
    path = next(
        p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))
    )
    medians: dict[str, dict[str, float]] = {}
    with sync_playwright() as play:
        flags = FLAGS + ([] if args.gpu else SOFTWARE)
        for subject in SUBJECTS:
            with serve(subject, args.gallery.resolve()) as url:
                rounds = []
                for _ in range(args.rounds + 1):  # the first warms the server up
                    browser = play.chromium.launch(executable_path=path, args=flags)
                    rounds.append(measure(browser, subject, url))
                    browser.close()
            names = rounds[0]
            medians[subject.name] = {
                name: statistics.median(one[name] for one in rounds[1:] or rounds) for name in names
            }
            print(f"{subject.name}: {medians[subject.name]}", flush=True)
    show(medians)


def show(medians: dict[str, dict[str, float]]) -> None:
    ours = medians["this map"]
    print(f"{'':20}" + "".join(f"{name:>26}" for name in medians))
    for figure, own in ours.items():
        cells = []
        for name, found in medians.items():
            value = found.get(figure)
            ratio = "" if name == "this map" or not value else f" ({value / own:.1f} x)"
            cells.append(f"{'none' if value is None else f'{value:.2f}' + ratio:>26}")
        print(f"{figure:20}" + "".join(cells))


if __name__ == "__main__":
    main()
