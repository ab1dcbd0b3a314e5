import re
from pathlib import Path

from selfie_core.cli.main import parser

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_every_command_is_in_the_readme() -> None:
    commands = next(a for a in parser()._actions if a.choices).choices
    missing = [name for name in commands if f"selfie {name}" not in README]
    assert not missing


def test_readme_is_read_in_three_minutes() -> None:
    assert len(README.split()) < 700


def test_every_picture_and_file_named_is_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
