"""A build killed between any two of its steps: the gallery opens, and no photo is lost."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
def test_build_killed_before_any_step_is_taken_up(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.support.killed", str(tmp_path), "first format"]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    kills = [json.loads(line) for line in done.stdout.splitlines()]
    whole = kills.pop()
    assert not whole["killed"] and len(kills) > 15
    assert len(whole["then"]) == 7 and len(whole["measured"]) == 2
    for kill in kills:
        assert kill["killed"]
        assert len(kill["left"]) in (7, 8)  # the old gallery or the new one
        assert kill["then"] == whole["then"]
        assert len(kill["measured"]) <= 3  # at most the photo in hand twice
    left = [len(kill["left"]) for kill in kills]
    assert left == sorted(left, reverse=True) and {7, 8} == set(left)
