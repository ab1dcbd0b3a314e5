"""Parts of a page that opens anywhere, offline, on a phone and on paper: text, tables, intervals.

All words are escaped; a chart reads at any width, since only its lines are stretched.
"""

import html
from collections.abc import Iterable, Sequence
from typing import Any

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2433; --soft: #5d6779; --line: #d6dae2;
  --mark: #3056d3; --page: #ffffff }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaf0; --soft: #9aa3b5; --line: #3a4152;
  --mark: #8fabff; --page: #14171f } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page);
  max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
h1 { line-height: 1.2 } h2 { margin-top: 2.5rem } h3 { margin: 2rem 0 .4rem }
.soft, caption { color: var(--soft) } caption { text-align: left; padding-bottom: .4rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top }
td + td, th + th { text-align: right; white-space: nowrap } td:first-child { min-width: 9rem }
th + .start { text-align: left; overflow-wrap: anywhere; white-space: normal }
.facts th { white-space: nowrap; font-weight: 600 } .wide { overflow-x: auto }
.wide + figure, figure + .wide { margin-top: 1rem }
figure { margin: 0; font-size: .85rem; color: var(--soft) }
figure div { display: grid; grid-template-columns: 15rem 1fr; align-items: center; gap: 0 .9rem }
figure span { text-align: right }
figure svg { width: 100%; height: 1.5rem; display: block; overflow: visible }
figure text { fill: var(--soft) } .axis { stroke: var(--line) }
.wanted { stroke: var(--ink); stroke-width: 2 } .mark { stroke: var(--mark); fill: var(--mark) }
@media (max-width: 40rem) { figure div { grid-template-columns: 1fr }
  figure span { text-align: left } figure svg { height: 1.2rem }
  table { font-size: .85rem } td + td, th + th { white-space: normal }
  td:first-child { min-width: 5rem } }
@page { size: A4; margin: 16mm }
@media print { :root { color-scheme: light; --ink: #000; --soft: #444; --line: #bbb;
  --mark: #1f3fae; --page: #fff } body { font-size: 10pt; margin: 0; max-width: none; padding: 0 }
  h1, h2, h3, caption { break-after: avoid } tr, figure { break-inside: avoid } }
"""
_ROOM = 4  # percent of a chart's width left free on either side


def page(title: str, parts: Iterable[str]) -> str:
    """Return a page of HTML that needs no other file."""
    body = "\n".join(parts)
    return (
        f"<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n<meta name=viewport content="
        f'"width=device-width">\n<title>{text(title)}</title>\n<style>{_STYLE}</style>\n{body}\n'
        f"</html>\n"
    )


def interval_chart(
    marks: Iterable[tuple[str, Any, Any, Any]],
    *,
    upright: float | None = None,
    wanted: Sequence[float] = (),
    within: tuple[float, float] | None = None,
    percent: bool = False,
) -> str:
    """Return dots with their intervals, one line each; nothing if there is none.

    Args:
        marks: A name, a value and the ends of its interval each; without a value there is no line.
        upright: Where to draw a line across all of them.
        wanted: Of each line, where its dot should be; drawn as a tick.
        within: Ends of the scale, where several charts share one.
        percent: Whether the values are shares, to be read in percent.
    """
    known = [mark for mark in marks if None not in mark]
    if not known:
        return ""
    fixed = [] if upright is None else [upright]
    ends = [*fixed, *wanted, *(within or ()), *(end for _, *values in known for end in values)]
    least, width = min(ends), max(ends) - min(ends) or 1

    def x(value: float) -> str:
        return f"{_ROOM + (100 - 2 * _ROOM) * (value - least) / width:.1f}%"

    def number(value: float, form: str) -> str:
        return f"{100 * value:.0f} %" if percent else f"{value:{form}}"

    across = "".join(f"<line class=axis x1={x(v)} x2={x(v)} y1=0 y2=100% />" for v in fixed)
    rows = []
    for place, (name, value, low, high) in enumerate(known):
        tick = ""
        if wanted:
            at = x(wanted[place])
            tick = f"<line class=wanted x1={at} x2={at} y1=15% y2=85% />"
        said = f"{number(value, '.3f')} ({number(low, '.3f')} to {number(high, '.3f')})"
        rows.append(
            f"<div><span>{text(name)}</span><svg>{across}"
            f"<line class=mark x1={x(low)} x2={x(high)} y1=50% y2=50% stroke-width=2 />"
            f"<circle class=mark cx={x(value)} cy=50% r=4><title>{said}</title></circle>"
            f"{tick}</svg></div>"
        )
    scale = "".join(
        f"<text x={x(v)} y=1em text-anchor=middle>{number(v, 'g')}</text>"
        for v in (fixed if within is None else [*within, *fixed])
    )
    foot = f"<div><span></span><svg>{scale}</svg></div>" if scale else ""
    return f"<figure>{''.join(rows)}{foot}</figure>"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], about: str) -> str:
    """Return a table with its caption; all but the first column are set to the right."""
    lines = (("th", heads), *(("td", row) for row in rows))
    cells = ("".join(f"<{tag}>{text(cell)}</{tag}>" for cell in line) for tag, line in lines)
    body = "\n".join(f"<tr>{line}</tr>" for line in cells)
    return f"<div class=wide><table><caption>{text(about)}</caption>\n{body}</table></div>"


def bullets(notes: Sequence[str]) -> str:
    """Return lines of text as a list; nothing if there is none."""
    return f"<ul>{''.join(f'<li>{text(note)}</li>' for note in notes)}</ul>" if notes else ""


def with_interval(value: float | None, ends: Sequence[Any], *, signed: bool = False) -> str:
    """Return "0.732 (0.704 to 0.760)", or a dash where something is unknown."""
    if value is None or None in ends:
        return "–"
    sign = "+" if signed else ""
    return f"{value:{sign}.3f} ({ends[0]:{sign}.3f} to {ends[1]:{sign}.3f})"


def text(words: object) -> str:
    """Return words as HTML shows them."""
    return html.escape(str(words))
