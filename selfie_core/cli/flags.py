"""Settings to flags and back."""

import argparse
import dataclasses
import typing
from typing import Any


def config_flags(parser: argparse.ArgumentParser, config: type) -> None:
    """Add a flag for each field of a settings dataclass."""
    hints = typing.get_type_hints(config)
    for item in dataclasses.fields(config):
        flag, about = "--" + item.name.replace("_", "-"), item.metadata["about"]
        kind = next(t for t in (*typing.get_args(hints[item.name]), hints[item.name]) if t)
        if kind is bool:
            parser.add_argument(
                flag, action=argparse.BooleanOptionalAction, default=item.default, help=about
            )
            continue
        default = f" (default {item.default})" if item.default != "" else ""
        parser.add_argument(flag, type=kind, default=item.default, help=f"{about}{default}")
    parser.set_defaults(config=config)


def config_of(args: argparse.Namespace) -> Any:
    """Return the settings dataclass that the flags fill."""
    names = [item.name for item in dataclasses.fields(args.config)]
    return args.config(**{name: getattr(args, name) for name in names})
