"""Killed at any point, the bot answers each post once."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.atproto_network import Atproto
from tests.support.mastodon_network import MastodonNet

ROOT = Path(__file__).resolve().parents[2]


def killed(*arguments: str | Path) -> dict[str, set[str]]:
    """Return how often posts were answered, by the step before which the bot was killed."""
    command = [sys.executable, "-m", "tests.support.killing", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    table: dict[str, set[str]] = {}
    for line in done.stdout.splitlines():
        step, times = line.split("\t")
        table.setdefault(step, set()).add(times)
    return table


def test_killed_between_any_two_steps_and_then_without_its_state(tmp_path: Path) -> None:
    table = killed("paper", tmp_path)
    assert {"State.add", "State.take", "PaperNetwork.reply", "State.end"} <= table.keys()
    assert set().union(*table.values()) == {"1"}, table


@pytest.mark.slow
def test_killed_between_any_two_steps_on_the_real_server(tmp_path: Path, atproto: Atproto) -> None:
    table = killed("bluesky", tmp_path, atproto.server, atproto.directory)
    assert {"State.take", "Bluesky.find_reply", "Bluesky.reply", "State.end"} <= table.keys()
    assert set().union(*table.values()) == {"1"}, table


@pytest.mark.slow
def test_killed_between_any_two_steps_on_mastodon(tmp_path: Path, mastodon: MastodonNet) -> None:
    table = killed("mastodon", tmp_path, mastodon.server)
    assert {"State.take", "Mastodon.find_reply", "Mastodon.reply", "State.end"} <= table.keys()
    assert set().union(*table.values()) == {"1"}, table
