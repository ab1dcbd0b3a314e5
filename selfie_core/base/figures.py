"""Figures of what a process does, in the text format of Prometheus."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Figure(NamedTuple):
    """One figure, or one per label."""

    name: str
    kind: str  # "counter" or "gauge"
    about: str
    values: float | Mapping[str, float]  # by what stands between braces, such as 'end="done"'


def prometheus(figures: Iterable[Figure]) -> str:
    """Return figures as a page to be scraped.

    Reference:
        https://prometheus.io/docs/instrumenting/exposition_formats/
    """
    lines = []
    for name, kind, about, values in figures:
        lines += [f"# HELP {name} {about}", f"# TYPE {name} {kind}"]
        if isinstance(values, Mapping):
            lines += [f"{name}{{{labels}}} {_number(value)}" for labels, value in values.items()]
        else:
            lines.append(f"{name} {_number(values)}")
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return "NaN" if value != value else f"{value:.10g}"
