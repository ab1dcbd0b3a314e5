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


# The call that matters most, and the replies that a post has at last: an answer, a question to
# the author of the picture, none.
ENDS = {"answer": ("reply", 1), "ask": ("reply", 1), "stop": ("remove", 0)}


def check(table: dict[str, set[str]], network: str, what: str) -> None:
    call, replies = ENDS[what]
    assert {"State.take", "State.end", f"{network}.find", f"{network}.{call}"} <= table.keys()
    assert set().union(*table.values()) == {str(replies)}, table


@pytest.mark.parametrize("what", ENDS)
def test_killed_between_any_two_steps_and_then_without_its_state(tmp_path: Path, what: str) -> None:
    check(killed("paper", what, tmp_path), "PaperNetwork", what)


@pytest.mark.slow  # one alone: the server takes no more than 3,000 calls in five minutes
@pytest.mark.parametrize("what", ["answer"])
def test_killed_between_any_two_steps_on_the_real_server(
    tmp_path: Path, atproto: Atproto, what: str
) -> None:
    folder = tmp_path / f"killed-{what}"  # which names the bot's account
    folder.mkdir()
    table = killed("bluesky", what, folder, atproto.server, atproto.directory)
    check(table, "Bluesky", what)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["answer", "ask"])
def test_killed_between_any_two_steps_on_mastodon(
    tmp_path: Path, mastodon: MastodonNet, what: str
) -> None:
    check(killed("mastodon", what, tmp_path, mastodon.server), "Mastodon", what)
