"""The facts of a scorer as one page that opens anywhere, offline: tables and drawn intervals."""

import html
from collections.abc import Iterable, Sequence
from typing import Any

# Name in the facts, and for people.
RIVALS = {
    "scorer": "the scorer",
    "linear": "linear model of style",
    "brightness": "mean brightness",
    "constant": "constant",
    "perfect_knower": "perfect knower of the photo",
}
MEASURES = ("auc", "accuracy")
COPIES = {
    "jpeg_60": "saved as JPEG of quality 60",
    "half_size": "half the size",
    "mirror": "mirrored",
    "crop_2": "2 % of each side cut off",
}
STYLE = """
:root { color-scheme: light dark; --ink: #1d2433; --soft: #667085; --line: #d6dae2;
  --mark: #3056d3; --page: #ffffff }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaf0; --soft: #9aa3b5; --line: #3a4152;
  --mark: #8fabff; --page: #14171f } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page);
  max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
h1 { line-height: 1.2 } h2 { margin-top: 2.5rem }
p.soft, caption { color: var(--soft) } caption { text-align: left; padding-bottom: .4rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left }
td + td, th + th { text-align: right } .wide { overflow-x: auto }
svg { width: 100%; height: auto; display: block } svg text { fill: var(--soft); font-size: 12px }
svg .axis { stroke: var(--line) } svg .mark { stroke: var(--mark); fill: var(--mark) }
"""


def report_page(facts: dict[str, Any]) -> str:
    """Return the HTML of a report on the facts of `evaluate.evaluate_scorer`."""
    title = f"How good is {facts['scorer_name']}?"
    good = 100 * facts["good"] / facts["photos"]
    parts = [
        f"<h1>{_text(title)}</h1>",
        f"<p class=soft>On {facts['photos']:,} photos of the {facts['split']} split, {good:.0f} % "
        f"of them good. Scorer {facts['scorer_id']}. Intervals hold 95 %. The score is about the "
        f"photo, never about the person.</p>",
        _list(facts["notes"]),
        "<h2>Good from bad</h2>",
        _rivals(facts),
        "<h2>Is a score of 70 % right 70 times in 100?</h2>",
        _calibration(facts["calibration"]),
        "<h2>Does it hold still?</h2>",
        _stability(facts["stability"]),
    ]
    if facts["groups"]:
        parts += ["<h2>Groups</h2>", _groups(facts["groups"])]
    if facts["effects"]:
        parts += ["<h2>What the score follows</h2>", _effects(facts["effects"])]
    if facts["audience"]:
        parts += ["<h2>Is the audience taken out of the labels?</h2>", _audience(facts["audience"])]
    body = "\n".join(parts)
    return (
        f"<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n<meta name=viewport content="
        f'"width=device-width">\n<title>{_text(title)}</title>\n<style>{STYLE}</style>\n{body}\n'
        f"</html>\n"
    )


def _rivals(facts: dict[str, Any]) -> str:
    there = {name: title for name, title in RIVALS.items() if facts.get(name)}
    rows = [
        (title, *(_with_interval(facts[name][m], facts[name][f"{m}_interval"]) for m in MEASURES))
        for name, title in there.items()
    ]
    marks = [
        (title, facts[name]["auc"], *facts[name]["auc_interval"]) for name, title in there.items()
    ]
    about = "AUC: how often a good photo outscores a bad one; 0.5 is chance."
    return _table(("", "AUC", "accuracy"), rows, about) + _interval_chart(marks, zero=0.5)


def _calibration(found: dict[str, Any]) -> str:
    rows = [
        (
            f"{100 * b['low']:.0f} to {100 * b['high']:.0f} %",
            f"{b['n']:,}",
            f"{100 * b['score']:.1f} %",
            f"{100 * b['good']:.1f} % ({100 * b['good_low']:.0f} to {100 * b['good_high']:.0f})",
        )
        for b in found["curve"]
    ]
    about = f"Expected calibration error: {found['error']:.3f} (0 is honest)."
    heads = ("score", "photos", "mean score", "share of good ones")
    return _reliability_chart(found["curve"]) + _table(heads, rows, about)


def _stability(found: dict[str, Any]) -> str:
    rows = [
        (title, f"{found[name]['mean']:.3f}", f"{found[name]['p95']:.3f}")
        for name, title in COPIES.items()
        if found[name]["mean"] is not None
    ]
    about = (
        f"By how much the score (0 to 1) of {found['photos']} photos moved when the photo was "
        f"changed in a way that means nothing."
    )
    return _table(("change", "on average", "95 % move less than"), rows, about)


def _groups(rows: list[dict[str, Any]]) -> str:
    shown = [
        (
            f"{row['column']}: {row['group']}",
            f"{row['n']:,}",
            f"{100 * row['mean']:.1f} %",
            _with_interval(row["difference"], (row["low"], row["high"]), signed=True),
            _with_interval(row.get("auc"), (row.get("auc_low"), row.get("auc_high"))),
        )
        for row in rows
    ]
    marks = [
        (f"{row['column']}: {row['group']}", row["difference"], row["low"], row["high"])
        for row in rows
    ]
    about = (
        "Difference: of the group's mean score from the rest's, in standard deviations of all "
        "scores. Groups are what came with the photos."
    )
    heads = ("group", "photos", "mean score", "difference", "AUC within")
    return _interval_chart(marks, zero=0.0) + _table(heads, shown, about)


def _effects(rows: list[dict[str, Any]]) -> str:
    marks = [(row["factor"], row["rho"], row["low"], row["high"]) for row in rows]
    return (
        "<p class=soft>Rank correlation of each measured factor with the score.</p>"
        + _interval_chart(marks, zero=0.0)
    )


def _audience(found: dict[str, Any]) -> str:
    rows = [
        (title, _with_interval(found[name], found[f"{name}_interval"], signed=True))
        for name, title in (
            ("likes_follow_followers", "raw likes"),
            ("label_follow_followers", "labels"),
        )
    ]
    about = (
        f"Rank correlation with the number of followers, over {found['posts']:,} posts: raw likes "
        f"follow the audience, labels should not."
    )
    return _table(("", "correlation"), rows, about)


def _interval_chart(marks: Iterable[tuple[str, Any, Any, Any]], *, zero: float) -> str:
    """Return dots with their intervals, one line each, and an upright line at `zero`."""
    known = [mark for mark in marks if None not in mark]
    ends = [zero, *(end for _, *values in known for end in values)]
    room = 0.05 * (max(ends) - min(ends) or 1)
    least, width = min(ends) - room, max(ends) - min(ends) + 2 * room
    left, line = 240, 24

    def x(value: float) -> float:
        return left + 460 * (value - least) / width

    height = line * len(known) + 30
    parts = [
        f"<line class=axis x1={x(zero):.1f} x2={x(zero):.1f} y1=4 y2={height - 22} />",
        f"<text x={x(zero):.1f} y={height - 6} text-anchor=middle>{zero:g}</text>",
    ]
    for place, (name, value, low, high) in enumerate(known):
        y = line * place + 16
        about = f"{value:.3f} ({low:.3f} to {high:.3f})"
        parts += [
            f"<text x={left - 14} y={y + 4} text-anchor=end>{_text(name)}</text>",
            _mark((x(low), y), (x(value), y), (x(high), y), about),
        ]
    return _svg(height, parts)


def _reliability_chart(curve: list[dict[str, Any]]) -> str:
    """Return share of good ones over score, with intervals, beside the honest diagonal."""
    side, left, top = 320, 60, 10

    def at(score: float, good: float) -> tuple[float, float]:
        return left + side * score, top + side * (1 - good)

    (x0, y0), (x1, y1) = at(0, 0), at(1, 1)
    parts = [
        f"<rect class=axis x={x0} y={y1} width={side} height={side} fill=none />",
        f'<line class=axis x1={x0} y1={y0} x2={x1} y2={y1} stroke-dasharray="4 4" />',
        f"<text x={x1 + 20} y={y0 + 4}>score</text>",
        f"<text x={x1 + 20} y={y1 + 12}>share of good ones</text>",
    ]
    for share in (0, 0.5, 1):
        x, y = at(share, share)
        parts.append(f"<text x={x} y={y0 + 18} text-anchor=middle>{100 * share:.0f} %</text>")
        parts.append(f"<text x={x0 - 8} y={y + 4} text-anchor=end>{100 * share:.0f} %</text>")
    for b in curve:
        low, good, high = (at(b["score"], b[name]) for name in ("good_low", "good", "good_high"))
        parts.append(_mark(low, good, high, f"{b['n']} photos"))
    return _svg(side + 50, parts)


def _mark(
    low: tuple[float, float], at: tuple[float, float], high: tuple[float, float], about: str
) -> str:
    """Return a dot on a line that is its interval, each as x and y."""
    (x1, y1), (x, y), (x2, y2) = low, at, high
    return (
        f"<line class=mark x1={x1:.1f} x2={x2:.1f} y1={y1:.1f} y2={y2:.1f} stroke-width=2 />"
        f"<circle class=mark cx={x:.1f} cy={y:.1f} r=4><title>{about}</title></circle>"
    )


def _svg(height: float, parts: Iterable[str]) -> str:
    return f'<svg viewBox="0 0 720 {height}" role=img>{"".join(parts)}</svg>'


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], about: str) -> str:
    lines = (("th", heads), *(("td", row) for row in rows))
    cells = ("".join(f"<{tag}>{_text(cell)}</{tag}>" for cell in line) for tag, line in lines)
    body = "\n".join(f"<tr>{line}</tr>" for line in cells)
    return f"<div class=wide><table><caption>{_text(about)}</caption>\n{body}</table></div>"


def _list(notes: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{_text(note)}</li>' for note in notes)}</ul>" if notes else ""


def _with_interval(value: float | None, ends: Sequence[Any], *, signed: bool = False) -> str:
    if value is None or None in ends:
        return "–"
    sign = "+" if signed else ""
    return f"{value:{sign}.3f} ({ends[0]:{sign}.3f} to {ends[1]:{sign}.3f})"


def _text(words: object) -> str:
    return html.escape(str(words))
