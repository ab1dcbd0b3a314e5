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
svg .axis { stroke: var(--line) } svg .wanted { stroke: var(--ink); stroke-width: 2 }
svg .mark { stroke: var(--mark); fill: var(--mark) }
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
    rows, marks = [], []
    for name, title in RIVALS.items():
        if found := facts.get(name):
            measured = [_with_interval(found[m], found[f"{m}_interval"]) for m in MEASURES]
            rows.append((title, *measured))
            marks.append((title, found["auc"], *found["auc_interval"]))
    about = "AUC: how often a good photo outscores a bad one; 0.5 is chance."
    return _table(("", "AUC", "accuracy"), rows, about) + _interval_chart(marks, upright=0.5)


def _calibration(found: dict[str, Any]) -> str:
    curve = found["curve"]
    rows, marks = [], []
    for b in curve:
        name = f"{100 * b['low']:.0f} to {100 * b['high']:.0f} %"
        good = f"{100 * b['good']:.1f} % ({100 * b['good_low']:.0f} to {100 * b['good_high']:.0f})"
        rows.append((name, f"{b['n']:,}", f"{100 * b['score']:.1f} %", good))
        marks.append((name, b["good"], b["good_low"], b["good_high"]))
    about = (
        f"Expected calibration error: {found['error']:.3f} (0 is honest). Drawn: the share of good "
        f"ones, and as a tick the mean score, where it should be."
    )
    heads = ("score", "photos", "mean score", "share of good ones")
    chart = _interval_chart(marks, wanted=[b["score"] for b in curve])
    return chart + _table(heads, rows, about)


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
    shown, marks = [], []
    for row in rows:
        name = f"{row['column']}: {row['group']}"
        apart = row["difference"], row["low"], row["high"]
        difference = _with_interval(apart[0], apart[1:], signed=True)
        auc = _with_interval(row.get("auc"), (row.get("auc_low"), row.get("auc_high")))
        shown.append((name, f"{row['n']:,}", f"{100 * row['mean']:.1f} %", difference, auc))
        marks.append((name, *apart))
    about = (
        "Difference: of the group's mean score from the rest's, in standard deviations of all "
        "scores. Groups are what came with the photos."
    )
    heads = ("group", "photos", "mean score", "difference", "AUC within")
    return _interval_chart(marks, upright=0.0) + _table(heads, shown, about)


def _effects(rows: list[dict[str, Any]]) -> str:
    marks = [(row["factor"], row["rho"], row["low"], row["high"]) for row in rows]
    return (
        "<p class=soft>Rank correlation of each measured factor with the score.</p>"
        + _interval_chart(marks, upright=0.0)
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


def _interval_chart(
    marks: Iterable[tuple[str, Any, Any, Any]],
    *,
    upright: float | None = None,
    wanted: Sequence[float] = (),
) -> str:
    """Return dots with their intervals, one line each.

    Args:
        marks: A name, a value and the ends of its interval each; without a value there is no line.
        upright: Where to draw a line across all of them.
        wanted: Of each line, where its dot should be; drawn as a tick.
    """
    known = [mark for mark in marks if None not in mark]
    fixed = [] if upright is None else [upright]
    ends = [*fixed, *wanted, *(end for _, *values in known for end in values)]
    room = 0.05 * (max(ends) - min(ends) or 1)
    least, width = min(ends) - room, max(ends) - min(ends) + 2 * room
    left, line = 240, 24

    def x(value: float) -> str:
        return f"{left + 460 * (value - least) / width:.1f}"

    height = line * len(known) + 30
    parts = []
    for value in fixed:
        parts.append(f"<line class=axis x1={x(value)} x2={x(value)} y1=4 y2={height - 22} />")
        parts.append(f"<text x={x(value)} y={height - 6} text-anchor=middle>{value:g}</text>")
    for place, (name, value, low, high) in enumerate(known):
        y = line * place + 16
        parts.append(
            f"<text x={left - 14} y={y + 4} text-anchor=end>{_text(name)}</text>"
            f"<line class=mark x1={x(low)} x2={x(high)} y1={y} y2={y} stroke-width=2 />"
            f"<circle class=mark cx={x(value)} cy={y} r=4>"
            f"<title>{value:.3f} ({low:.3f} to {high:.3f})</title></circle>"
        )
    for place, value in enumerate(wanted):
        y = line * place + 16
        parts.append(f"<line class=wanted x1={x(value)} x2={x(value)} y1={y - 9} y2={y + 9} />")
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
