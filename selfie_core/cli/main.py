"""The `selfie` command: arguments and exit codes; what each command does stands beside its flags.

Heavy imports stay inside the commands, so that `selfie --help` answers at once.
"""

import argparse
import io
import logging
import os
import sys

from selfie_core import __version__
from selfie_core.base.errors import SelfieError
from selfie_core.cli import (
    access,
    bot,
    building,
    galleries,
    keeping,
    photos,
    rolls,
    sources,
    training,
)  # fmt: skip
from selfie_core.cli.environment import Parser, unknown_variables
from selfie_core.cli.flags import add_commands

log = logging.getLogger(__name__)


def main(argv: list[str] | None = None) -> int:
    """Run one command; return 0 done, 1 a person's mistake, 2 wrong usage."""
    commands = parser()
    args = commands.parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name that it can't print is no error
            stream.reconfigure(errors="backslashreplace")
    logging.basicConfig(level=logging.WARNING, format="selfie: %(message)s")
    for line in unknown_variables(commands):
        log.warning(line)
    try:
        args.run(args)
    except SelfieError as error:
        print(f"selfie: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # `selfie score ... | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:  # a full disk, a folder that is in use
        print(f"selfie: {error.strerror or error}: {error.filename or 'a file'}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("selfie: stopped", file=sys.stderr)
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = Parser(prog="selfie", description="What a ConvNet thinks about your selfie.")
    parser.add_argument("--version", action="version", version=f"selfie {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for module in (building, galleries, keeping, photos, rolls, training, access):
        add_commands(commands, module)
    importing = commands.add_parser("import", help="Bring in photos of others.")
    add_commands(importing.add_subparsers(metavar="SOURCE", required=True), sources)
    answering = commands.add_parser("bot", help="Answer who mentions it with a selfie.")
    add_commands(answering.add_subparsers(metavar="NETWORK", required=True), bot)
    return parser
