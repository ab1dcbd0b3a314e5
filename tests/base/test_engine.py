"""Engines do every job once, whatever dies meanwhile."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from selfie_core.base.engine import Pool, open_engine
from selfie_core.base.errors import DataError
from tests.support.jobs import Plan, double

ROOT = Path(__file__).resolve().parents[2]


def test_pool_does_each_job_again_that_a_dead_process_had(tmp_path: Path, caplog) -> None:
    plan = Plan(tmp_path, once=(5,), deadly=(9,))
    done = list(Pool(workers=2).run(double, plan, range(20)))
    assert sorted(number for number, _ in done) == list(range(20))
    assert dict(done) == {n: 2 * n for n in range(20)} | {9: None}
    tried = {int(note.name): note.stat().st_size for note in tmp_path.iterdir()}
    assert max(tried.values()) <= 3
    assert "a process died; what it did is done again" in caplog.text


def test_what_is_wrong_in_a_process_is_said_here(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="^3 is wrong$"):
        list(Pool(workers=1).run(double, Plan(tmp_path, wrong=(3,)), range(9)))


def test_processes_never_run_the_script_that_started_them(tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    plan.mkdir()
    script = tmp_path / "script.py"
    script.write_text(
        f"""from pathlib import Path
from selfie_core.base.engine import Pool
from tests.support.jobs import Plan, double
with open({str(tmp_path / "runs")!r}, "a") as runs:
    runs.write("once ")
print(sorted(Pool(workers=3).run(double, Plan(Path({str(plan)!r})), range(40)))[-1])
"""
    )
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, script], env=env, capture_output=True, text=True, timeout=600, check=False
    )
    assert (done.stdout, (tmp_path / "runs").read_text()) == ("(39, 78)\n", "once "), done.stderr


@pytest.mark.skipif(os.name == "nt", reason="processes are looked up by signal")
def test_killed_driver_leaves_no_process() -> None:
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    run = "list(Pool(workers=2).run(jobs.sleep_long, None, range(2)))"
    # No guard: processes never run what started them.
    imports = "from selfie_core.base.engine import Pool; from tests.support import jobs"
    command = [sys.executable, "-c", f"{imports}; {run}"]
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as driver:
        assert driver.stdout
        workers = [int(driver.stdout.readline()) for _ in range(2)]
        driver.kill()
    end = time.monotonic() + 60
    while any(map(lives, workers)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(lives, workers))


def lives(process: int) -> bool:
    try:
        os.kill(process, 0)
        return not PROC.exists() or "zombie" not in Path(f"/proc/{process}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):  # it may go between the two
        return False


PROC = Path("/proc/self")


def test_ray_that_is_missing_or_not_there_is_one_line(monkeypatch) -> None:
    with pytest.raises(DataError, match="--address is that of a Ray cluster; add --engine ray"):
        open_engine(None, "127.0.0.1:6379").__enter__()
    with pytest.raises(DataError, match=r"no Ray cluster at 127.0.0.1:9: .*; start one there by: "):
        open_engine("ray", "127.0.0.1:9").__enter__()
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(DataError, match=r'wants Ray: pip install "ray\[default\]"'):
        open_engine("ray").__enter__()
