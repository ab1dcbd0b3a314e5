"""The bar of a command: what it draws on a terminal."""

import io
import sys
import time

import pytest

from selfie_core.cli.bar import bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_slow_stage_behind_a_quick_one_is_drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with bar() as tell:
        for done in (1, 4000):
            tell("places", done, 5000)
            time.sleep(0.12)  # longer than it waits between two drawings
        tell("gains", 0, 50)
        begun = terminal.getvalue().split("\r")[-1]
        time.sleep(0.12)
        tell("gains", 1, 50)
        drawn = terminal.getvalue().split("\r")[-1]
    assert begun.startswith("gains:") and "0/50" in begun
    assert drawn.startswith("gains:") and "1/50" in drawn
