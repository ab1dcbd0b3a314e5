"""A command is a function with its flags beside it; settings become flags and come back."""

import argparse
import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

Run = Callable[[argparse.Namespace], None]
Flag = tuple[tuple[str, ...], dict[str, Any]]  # of `add_argument`


@dataclass(frozen=True)
class Command:
    """One command of `selfie`: a function of its arguments, and the flags that give them."""

    name: str
    run: Run  # its docstring is the help
    flags: tuple[Flag, ...]
    config: type | None  # settings of which each field is one more flag
    epilog: str | None  # shown at the end of the help, line by line as it is


def command(
    name: str, *flags: Flag, config: type | None = None, epilog: str | None = None
) -> Callable[[Run], Command]:
    """Return a decorator that makes a command of a function."""
    return lambda run: Command(name, run, flags, config, epilog)


def flag(*names: str, **how: Any) -> Flag:
    """Return one argument, described as for `argparse.ArgumentParser.add_argument`."""
    return names, how


def path(name: str, about: str | None = None, **how: Any) -> Flag:
    """Return an argument that names a file or a folder."""
    return flag(name, type=Path, help=about, **how)


ENGINE = (
    flag("--engine", choices=["pool", "ray"], help="processes here, by default, or machines"),
    flag("--address", metavar="HOST", help="of a Ray cluster; else one is started here"),
)


def add_commands(subparsers: Any, module: ModuleType) -> None:
    """Add a parser for each command of a module, in the order in which they stand there."""
    for made in [found for found in vars(module).values() if isinstance(found, Command)]:
        text = inspect.cleandoc(made.run.__doc__ or "")
        parser = subparsers.add_parser(
            made.name, help=text.splitlines()[0], description=text, epilog=made.epilog
        )
        if made.epilog:
            parser.formatter_class = argparse.RawDescriptionHelpFormatter
        for names, how in made.flags:
            parser.add_argument(*names, **how)
        if made.config:
            _add_settings(parser, made.config)
        parser.set_defaults(run=made.run, config=made.config)


def config_of(args: argparse.Namespace) -> Any:
    """Return the settings dataclass that the flags fill."""
    names = [item.name for item in dataclasses.fields(args.config)]
    return args.config(**{name: getattr(args, name) for name in names})


def _add_settings(parser: argparse.ArgumentParser, config: type) -> None:
    """Add a flag for each field of a settings dataclass."""
    for item in dataclasses.fields(config):
        name, about = "--" + item.name.replace("_", "-"), item.metadata["about"]
        how: dict[str, Any] = {"type": item.type}
        if item.type is bool:
            how = {"action": argparse.BooleanOptionalAction}
        elif item.default != "":
            about += f" (default {item.default})"
        parser.add_argument(name, default=item.default, help=about, **how)
