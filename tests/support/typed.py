"""The command as a person types it."""

import pytest

from selfie_core.cli import main as cli


def run(*words: object) -> int:
    return cli.main([str(word) for word in words])


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    shown = capsys.readouterr().err
    assert len(shown.strip().splitlines()) == 1, shown
    assert "Traceback" not in shown
    return shown
