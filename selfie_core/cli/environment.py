"""Every flag as an environment variable, and what else the environment may say."""

import argparse
import difflib
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

PREFIX = "SELFIE_"
# Those that are no flag of a command.
OTHERS = {
    "SELFIE_GALLERY": "folder that the app shows, as `selfie app GALLERY`; the demo's by default",
    "SELFIE_CELEBRITIES": "folder of the named set that the app shows; the demo's by default",
    "SELFIE_SHOW": "what the app does with its address as it starts: say or open; else nothing",
    "SELFIE_DEVICE": "where scorers run: cuda, mps or cpu; the best that is there by default",
    "SELFIE_CACHE": "folder for what can be made again; XDG_CACHE_HOME or ~/.cache by default",
    "SELFIE_KEYS": "file with the hashes of keys; ~/.config/selfie/keys.json by default",
    "SELFIE_PASSWORD": "lets in who knows it, 8 characters or more",
    "SELFIE_SESSION_HOURS": "how long who signed in stays so, 0.01 to 8760 (default 12)",
    "SELFIE_LOG": "json: the app's log as lines of JSON",
    "SELFIE_BOT_SECRET": "the bot's password or token",
}
_HEAD = """# Settings in the environment
Each flag of each command is a variable, too. A flag on the command line goes before its variable,
and that before the default; an empty one says nothing. A switch is on by 1 and off by 0. Those of
Streamlit, such as `STREAMLIT_SERVER_BASE_URL_PATH`, go on working.

`make settings` writes this page.

| variable | what |
|---|---|"""
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class Parser(argparse.ArgumentParser):
    """Takes a flag that the command line leaves out from the environment, as it were given first.

    `selfie build --photo-side` is SELFIE_BUILD_PHOTO_SIDE; an empty variable says nothing.
    """

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Return the arguments, as argparse does."""
        given = sys.argv[1:] if args is None else args
        told = [self._word(name, flag) for name, flag in variables(self).items()]
        return super().parse_known_args([*filter(None, told), *given], namespace)

    def _word(self, variable: str, flag: argparse.Action) -> str:
        """Return a variable as a word of the command line, or "" where it leaves the flag out."""
        value, (name, *negative) = os.environ.get(variable), flag.option_strings
        if not value:
            return ""
        if flag.nargs != 0:
            return f"{name}={value}"
        if value.lower() not in _TRUE + _FALSE:
            self.error(f'{variable} is "{value}"; wanted 1 or 0')
        return name if value.lower() in _TRUE else "".join(negative)

    def error(self, message: str) -> Any:
        """Say what is wrong, and which variable said so."""
        for variable, flag in variables(self).items():
            names = "/".join(flag.option_strings)
            if os.environ.get(variable) and message.startswith(f"argument {names}:"):
                message += f", as {variable} says"
        super().error(message)


def variables(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """Return the flags of one command by their variables."""
    flags = [a for a in parser._actions if a.option_strings and a.help != argparse.SUPPRESS]
    words = [*parser.prog.split(), ""]
    return {
        "_".join(words).upper().replace("-", "_") + _plain(flag): flag
        for flag in flags
        if flag.dest not in ("help", "version")
    }


def _plain(flag: argparse.Action) -> str:
    return flag.option_strings[0].lstrip("-").replace("-", "_").upper()


def commands_of(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield a parser and those of all commands below it."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from commands_of(below)


def unknown_variables(parser: argparse.ArgumentParser) -> list[str]:
    """Return a line for each variable that begins as ours do and means nothing here."""
    known = {*OTHERS, *(name for one in commands_of(parser) for name in variables(one))}
    lines = []
    for name in sorted(name for name in os.environ if name.startswith(PREFIX)):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
            hint = f"; did you mean {near[0]}?" if near else "; it does nothing"
            lines.append(f"the environment's {name} is no setting of selfie{hint}")
    return lines


def settings_page(parser: argparse.ArgumentParser) -> str:
    """Return all variables as a page of Markdown: selfie_core/web/settings.md."""
    lines = [_HEAD, *(f"| `{name}` | {about} |" for name, about in OTHERS.items())]
    for one in commands_of(parser):
        if of_one := variables(one):
            lines += ["", f"## {one.prog}", "| variable | what |", "|---|---|"]
            lines += [f"| `{name}` | {_about(flag)} |" for name, flag in of_one.items()]
    return "\n".join(lines) + "\n"


def _about(flag: argparse.Action) -> str:
    said = flag.help or str(flag.metavar or ", ".join(map(str, flag.choices or ())))
    return said.replace("|", "\\|")
