"""Flags from the environment, and the page that lists them."""

import os
import re
from pathlib import Path

import pytest

from selfie_core.cli.environment import OTHERS, commands_of, settings_page, variables
from selfie_core.cli.main import main, parser

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SELFIE_")]:
        if name != "SELFIE_CACHE":
            monkeypatch.delenv(name)


def test_command_line_goes_before_the_environment_and_that_before_the_default(monkeypatch) -> None:
    monkeypatch.setenv("SELFIE_GRID_ROWS", "3")
    monkeypatch.setenv("SELFIE_GRID_COLUMNS", "5")
    monkeypatch.setenv("SELFIE_GRID_OUT", "-best one.jpg")  # which must be given
    args = parser().parse_args(["grid", "gallery", "--rows", "4"])
    assert (args.rows, args.columns, args.cell) == (4, 5, 96)
    assert args.out == Path("-best one.jpg")


@pytest.mark.parametrize(
    ("said", "is_on"), [("1", True), ("Yes", True), ("0", False), ("off", False), ("", None)]
)
def test_switch_is_on_by_1_and_off_by_0(monkeypatch, said: str, is_on: bool | None) -> None:
    monkeypatch.setenv("SELFIE_BUILD_FACELESS", said)
    monkeypatch.setenv("SELFIE_BUILD_RETRY", said)
    args = parser().parse_args(["build", "photos", "--out", "gallery"])
    assert args.faceless is is_on
    assert args.retry is bool(is_on)


def test_command_below_a_command_has_its_own(monkeypatch) -> None:
    monkeypatch.setenv("SELFIE_IMPORT_COMMONS_LIMIT", "7")
    args = parser().parse_args(["import", "commons", "Selfies", "--out", "photos"])
    assert args.limit == 7


@pytest.mark.parametrize(
    ("name", "value", "seen"),
    [
        (
            "SELFIE_APP_PORT",
            "x",
            "argument --port: invalid int value: 'x', as {} says",
        ),
        ("SELFIE_APP_NO_BROWSER", "maybe", '{} is "maybe"; wanted 1 or 0'),
    ],
)
def test_wrong_value_names_its_variable(monkeypatch, capsys, name, value, seen) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as refused:
        main(["app"])
    assert refused.value.code == 2
    assert capsys.readouterr().err.endswith(f"error: {seen.format(name)}\n")


def test_variable_that_means_nothing_is_named(monkeypatch, caplog, tmp_path: Path) -> None:
    monkeypatch.setenv("SELFIE_APP_PROT", "8600")
    monkeypatch.setenv("SELFIE_APP_PORT", "8600")
    monkeypatch.setenv("SELFIE_X", "1")
    assert main(["map", str(tmp_path)]) == 1
    assert caplog.messages == [
        "the environment's SELFIE_APP_PROT is no setting of selfie; did you mean SELFIE_APP_PORT?",
        "the environment's SELFIE_X is no setting of selfie; it does nothing",
    ]


def test_page_of_settings_is_that_of_the_flags() -> None:
    page = (ROOT / "selfie_core" / "web" / "settings.md").read_text("utf-8")
    assert page == settings_page(parser()), 'run "make settings"'


def test_every_variable_that_the_code_reads_is_on_the_page() -> None:
    known = {*OTHERS, *(name for one in commands_of(parser()) for name in variables(one))}
    files = [ROOT / "app.py"]
    files += [file for d in ("selfie_core", "pages") for file in (ROOT / d).rglob("*.py")]
    text = "".join(file.read_text("utf-8") for file in files)
    read = set(re.findall(r'"(SELFIE_[A-Z_]+)"', text)) - {"SELFIE_"}
    assert read <= known
    assert set(OTHERS) <= read
