"""One gallery by one process, a pool, and Ray: photos and CPU seconds, and the rest per photo.

python tests/bench/bench_cluster.py FOLDER [--count 600] [--workers 2]

Each build is a process of its own with its workers, faces and copies included, the map left out.
CPU seconds are of all processes; memory is the most that all held at a time, with what they share
counted once per process that shares it.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from selfie_core.photo.folder import find_photos

HERE = Path(__file__).resolve().parents[2]
ENGINES = ("here", "pool", "ray")
BUILD = """
import sys
from pathlib import Path
from selfie_core.base.engine import Here, Pool, open_engine
from selfie_core.gallery.build import BuildConfig, build_gallery
from selfie_core.scorer.scorer import load_scorer

def main():
    photos, out, kind, workers = sys.argv[1:]
    with open_engine("ray" if kind == "ray" else None) as joined:
        engine = {"here": Here(), "pool": Pool(int(workers)), "ray": joined}[kind]
        build_gallery(photos, Path(out), scorer=load_scorer(), config=BuildConfig(map=False),
                      engine=engine)

if __name__ == "__main__":
    main()
"""


def main() -> None:
    """Print a row per engine, then what a photo takes on disk."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--engines", nargs="+", default=ENGINES, choices=ENGINES)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        photos, program = Path(work, "photos"), Path(work, "build.py")
        photos.mkdir()
        program.write_text(BUILD)
        source = find_photos(args.folder)
        for number in range(args.count):  # each of its own content
            path = source[number % len(source)]
            made = photos / f"{number:06}{path.suffix}"
            shutil.copyfile(path, made)
            with made.open("ab") as file:
                file.write(str(number).encode())
        for kind in args.engines:
            out = Path(work, kind)
            wall, cpu, peak = build(program, photos, out, kind, args.workers)
            print(
                f"{kind:5} {args.count / wall:6.1f} photos/s {wall:7.1f} s {cpu:7.1f} CPU s "
                f"{1000 * cpu / args.count:6.0f} ms of CPU per photo, peak {peak:.2f} GB",
                flush=True,
            )
        for inside in ("photos", "segments", "generations"):
            size = sum(p.stat().st_size for p in (out / inside).rglob("*") if p.is_file())
            print(f"{inside:12} {size / args.count / 1000:6.1f} kB per photo")


def build(program: Path, photos: Path, out: Path, kind: str, workers: int) -> tuple[float, ...]:
    """Return seconds, CPU seconds and peak memory in GB of a build."""
    command = [sys.executable, str(program), str(photos), str(out), kind, str(workers)]
    env = os.environ | {"PYTHONPATH": str(HERE), "OMP_NUM_THREADS": "1"}
    start, spent, peak = time.perf_counter(), dict[str, int](), 0
    with subprocess.Popen(command, env=env, start_new_session=True) as process:
        while process.poll() is None:
            ticks, pages = look(process.pid)
            spent |= ticks
            peak = max(peak, pages)
            time.sleep(0.2)
    wall = time.perf_counter() - start
    assert process.returncode == 0
    cpu = sum(spent.values()) / os.sysconf("SC_CLK_TCK")
    return wall, cpu, peak * os.sysconf("SC_PAGE_SIZE") / 1e9


def look(session: int) -> tuple[dict[str, int], int]:
    """Return the ticks that each process of a session has spent, and the pages that all hold."""
    ticks, pages = {}, 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            said = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it ended
            continue
        if int(said[3]) == session:
            ticks[folder.name] = int(said[11]) + int(said[12])
            pages += int(said[21])
    return ticks, pages


if __name__ == "__main__":
    main()
