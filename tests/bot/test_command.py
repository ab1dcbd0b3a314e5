"""`selfie bot` as a person types it, against the real server."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from selfie_core.base import store
from selfie_core.base.words import percent
from selfie_core.cli import main as cli
from selfie_core.cli.main import parser
from tests.support.atproto_network import PASSWORD, Atproto
from tests.support.changed import sample_score
from tests.support.mastodon_network import MastodonNet

EXAMPLES = Path(__file__).resolve().parents[2] / "selfie_core" / "bot" / "examples"

_MAIN = "import sys; from selfie_core.cli.main import main; sys.exit(main())"


def refused(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """Return the one line with which a command is refused."""
    assert cli.main(["bot", *map(str, words)]) == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    return line


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text(f"{PASSWORD}\n")
    file.chmod(0o600)
    return file


@pytest.mark.slow
def test_bot_answers_says_its_figures_and_stops(
    atproto: Atproto, tmp_path: Path, secret: Path, capsys
) -> None:
    me, ada = atproto.person("running"), atproto.person("caller")
    flags = ["bluesky", "--handle", me.handle, "--service", atproto.server, "--private"]
    flags += ["--directory", atproto.directory, "--state", str(tmp_path / "state.sqlite")]
    flags += ["--secret-file", str(secret), "--every", "1", "--metrics", "0"]
    command = [sys.executable, "-c", _MAIN, "bot", *flags]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        try:
            assert running.stderr is not None
            said = [running.stderr.readline()]
            while "waiting for mentions" not in said[-1]:
                said.append(running.stderr.readline())
                assert said[-1], "".join(said)
            assert sum("the profile lacks" in line for line in said) == 5
            (address,) = re.findall(r"http://\S+/metrics", said[-1])
            selfie = (store.sample_photos() / "sample-1.jpg").read_bytes()
            post = ada.post("crop this?", selfie, calls=me)
            assert refused(capsys, *flags).endswith("one bot per account: stop that one first")
            end, figures = time.monotonic() + 120, ""
            while 'end="answered"} 1\n' not in figures and time.monotonic() < end:
                time.sleep(0.2)
                with urllib.request.urlopen(address, timeout=60) as got:
                    figures = got.read().decode()
            assert "selfie_bot_waiting 0\n" in figures
            (answer,) = me.replies(post)
            assert answer.text.startswith(f"{percent(sample_score('sample-1'))}. In the ")
            assert "The best crop: " in answer.text
            running.send_signal(signal.SIGTERM)
            told = running.stderr.read()
            assert running.wait(120) == 0
        finally:
            running.kill()
    assert "stopped; 1 post came to an end" in told
    assert not {me.handle, ada.handle, PASSWORD} & set(re.split(r"[\s,;:]+", told))
    assert (tmp_path / "state.sqlite").stat().st_mode & 0o077 == 0


def test_check_says_what_the_profile_lacks(
    atproto: Atproto, mastodon: MastodonNet, tmp_path, secret, capsys, monkeypatch
) -> None:
    me = atproto.person("unlabelled")
    where = ["--service", atproto.server, "--directory", atproto.directory, "--private"]
    flags = ["bluesky", "--handle", f"@{me.handle}", "--secret-file", secret, "--check"]
    line = refused(capsys, *flags, *where)
    assert line.startswith('selfie: the profile lacks the label "bot" (Settings, Account, Auto')
    bot = mastodon.person("author19")
    bot.account_update_credentials(bot=True, note="Scores photos. Reply stop and I am gone.")
    monkeypatch.setenv("SELFIE_BOT_SECRET", "author19")
    flags = ["bot", "mastodon", "--instance", mastodon.server, "--private", "--check"]
    assert cli.main(flags) == 0
    assert "the profile has all" in capsys.readouterr().err


def test_secret_that_others_can_read_or_that_is_missing_is_refused(
    tmp_path: Path, secret: Path, capsys, monkeypatch
) -> None:
    monkeypatch.delenv("SELFIE_BOT_SECRET", raising=False)
    flags = ["bluesky", "--handle", "x.test", "--service", "http://127.0.0.1:9"]
    assert "no secret; put it into the environment as SELFIE_BOT_SECRET" in refused(capsys, *flags)
    secret.chmod(0o640)
    assert "run: chmod 600" in refused(capsys, *flags, "--secret-file", secret)
    secret.chmod(0o600)
    assert "can't be reached; try" in refused(capsys, *flags, "--secret-file", secret, "--check")
    secret.write_text("\n")
    assert "is empty" in refused(capsys, *flags, "--secret-file", secret)


def test_state_has_a_file_of_each_account(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert store.bot_state("mastodon-a/b") == tmp_path / "selfie" / "bot-mastodon-a-b.sqlite"
    assert store.bot_state("bluesky-Me.test") == store.bot_state("bluesky-me.test")


def test_command_of_the_unit_is_taken() -> None:
    text = " ".join((EXAMPLES / "selfie-bot.service").read_text("utf-8").split())
    (words,) = re.findall(r"selfie (bot bluesky .*?) EnvironmentFile", text)
    args = parser().parse_args(shlex.split(words))
    assert args.state.is_absolute()
    assert "SELFIE_BOT_SECRET" in text


@pytest.mark.skipif(not os.path.exists("/usr/bin/systemd-analyze"), reason="no systemd")
def test_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    unit = tmp_path / "selfie-bot.service"
    text = (EXAMPLES / "selfie-bot.service").read_text("utf-8")
    unit.write_text(text.replace("/opt/selfie/.venv/bin/selfie", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
    )
    assert "selfie-bot.service" not in done.stderr, done.stderr
