"""A dossier as one page that explains itself, on a screen and on paper."""

from collections.abc import Iterable, Sequence
from typing import Any

from selfie_core.base.words import HONEST, counted
from selfie_core.training.page import bullets, interval_chart, page, table, text

_WORST = 10  # lines of a chart of extremes
_HERE = 5  # gaps named per column


def dossier_page(facts: dict[str, Any]) -> str:
    """Return the HTML of the facts of `dossier.audit_gallery`."""
    title = f"Whom does the scorer favour? {facts['gallery']['name']}"
    parts = [
        f"<h1>{text(title)}</h1>",
        _about(facts),
        "<h2>In short</h2>",
        bullets(_in_short(facts)),
        "<h2>Worst ratios</h2>",
        _worst(facts),
        "<h2>Group by group</h2>",
        f"<p class=soft>Dots: the share of a group's photos that score {_pass(facts)}. Bars: where "
        f"that share lies with 95 % certainty. The upright line: all photos.</p>",
        *(_column(title, facts) for title in facts["columns"]),
        "<h2>Where two groups meet</h2>",
        _meetings(facts),
        "<h2>Can this audit be trusted?</h2>",
        _self_check(facts),
        "<h2>How it was done</h2>",
        bullets(_method(facts)),
        "<h2>What the law asks to be told</h2>",
        bullets(_told()),
    ]
    return page(title, parts)


def _about(facts: dict[str, Any]) -> str:
    gallery, scorer = facts["gallery"], facts["scorer"]
    by = f" by {counted(gallery['users'], 'user')}" if gallery["users"] else ""
    rows = [
        ("Date", facts["made"].replace("T", " ").replace("+00:00", " UTC")),
        ("Photos", f"{gallery['photos']:,}{by}; gallery of {(gallery['made'] or 'unknown')[:10]}"),
        ("Scorer", f"{scorer.get('name', '')}, hash {scorer['id']}"),
        ("Threshold", f"{_percent(facts['threshold'])}, the same for every group"),
        ("Hash of the data", gallery["sha256"]),
        ("Made by", facts["made_by"]),
    ]
    lines = "".join(
        f"<tr><th scope=row>{text(name)}</th><td class=start>{text(said)}</td></tr>"
        for name, said in rows
    )
    return f"<table class=facts>{lines}</table>"


def _pass(facts: dict[str, Any]) -> str:
    return f"{_percent(facts['threshold'])} or more"


def _in_short(facts: dict[str, Any]) -> list[str]:
    pairs = facts["pairs"]
    beyond = [p for p in pairs if p["gap_flagged"] or p["ratio_flagged"]]
    uneven = list(dict.fromkeys(p["column"] for p in beyond))
    even = [title for title in dict.fromkeys(p["column"] for p in pairs) if title not in uneven]
    differ = f"{counted(len(beyond), 'pair')} differ{'s' * (len(beyond) == 1)}"
    lines = [
        f"{_percent(facts['passed'])} of all photos score {_pass(facts)}.",
        f"Groups were compared two by two, {counted(len(pairs), 'pair')}, by their mean score and "
        f"by the share that passes. {differ} by more than luck explains"
        + (f": by {_listed(uneven)}." if beyond else "."),
    ]
    if even:
        lines.append(f"No gap beyond luck was found by {_listed(even)}.")
    small = sum(not group["judged"] for group in facts["groups"])
    if small:
        least = facts["smallest"]
        lines.append(
            f"Too small to judge: {counted(small, 'group')} of fewer than {least['photos']} photos "
            f"or {least['users']} users."
        )
    lines.append(
        "A gap is a fact about these photos and this scorer. It can come from how the photos of a "
        "group were taken, as well as from what the scorer has learned."
    )
    return [*lines, HONEST]


def _worst(facts: dict[str, Any]) -> str:
    known = [pair for pair in facts["pairs"] if pair["ratio"] is not None]
    worst: dict[str, dict[str, Any]] = {}
    for pair in sorted(known, key=lambda pair: pair["ratio"]):
        worst.setdefault(pair["column"], pair)
    if not worst:
        return f"<p>No photo scores {text(_pass(facts))}, so there is no ratio.</p>"
    rows, marks = [], []
    for pair in worst.values():
        ends = pair["ratio"], pair["ratio_low"], pair["ratio_high"]
        ratio = f"{ends[0]:.2f} ({ends[1]:.2f} to {ends[2]:.2f})" if ends[1] is not None else "–"
        beyond = "yes" if pair["ratio_flagged"] else "no"
        rows.append((f"{pair['lower']} against {pair['higher']}", ratio, beyond))
        marks.append((pair["column"], *ends))
    about = (
        f"Of each column the two groups furthest apart. Ratio 0.80: for 100 photos of the second "
        f"group that score {_pass(facts)}, 80 of as many of the first. Extremes are partly luck; "
        f"the last column allows for all {facts['comparisons']:,} comparisons."
    )
    heads = ("groups", "ratio", "beyond luck")
    return interval_chart(marks, upright=1.0, within=(0, 1)) + table(heads, rows, about)


def _column(title: str, facts: dict[str, Any]) -> str:
    groups = [group for group in facts["groups"] if group["column"] == title]
    judged = [group for group in groups if group["judged"]]
    marks = [(g["group"], g["passed"], g["passed_low"], g["passed_high"]) for g in judged]
    # The page's own charts share one scale, so that a short bar is a small gap everywhere.
    chart = interval_chart(marks, upright=facts["passed"], within=(0, 1), percent=True)
    heads = ["group", "photos", "mean score", _pass(facts)]
    labelled = "missed" in groups[0]
    if labelled:
        heads += ["good, missed", "others, passed"]
    rows = []
    for group in groups:
        cells = [group["group"], f"{group['photos']:,}"]
        measures = ("score", "passed", *(("missed", "flattered") if labelled else ()))
        cells += [_interval(group, m) if group["judged"] else "too few" for m in measures]
        rows.append(cells)
    return f"<h3>{text(title)}</h3>{chart}{table(heads, rows, _gaps(title, facts))}"


def _gaps(title: str, facts: dict[str, Any]) -> str:
    """Return the largest gaps of a column beyond luck, in words."""
    beyond = [
        pair
        for pair in facts["pairs"]
        if pair["column"] == title and (pair["gap_flagged"] or pair["ratio_flagged"])
    ]
    if not beyond:
        return "No two groups differ by more than luck explains."
    beyond.sort(key=lambda pair: -abs(pair["gap"]))
    said = []
    for pair in beyond[:_HERE]:
        more, less = pair["higher"], pair["lower"]
        if pair["gap"] < 0:
            more, less = less, more
        said.append(f"{more} above {less} by {100 * abs(pair['gap']):.0f} points")
    rest = f"; and {len(beyond) - _HERE} more" if len(beyond) > _HERE else ""
    return f"Beyond luck, in mean score: {'; '.join(said)}{rest}."


def _meetings(facts: dict[str, Any]) -> str:
    found = sorted(facts["meetings"], key=lambda cell: (cell["passed"], cell["score"]))
    if not found:
        return "<p>No two groups meet in enough photos.</p>"
    shown = found if len(found) <= 2 * _WORST else [*found[:_WORST], *found[-_WORST:]]
    marks = [
        (f"{c['one']}, {c['two']}", c["passed"], c["passed_low"], c["passed_high"]) for c in shown
    ]
    beyond = sum(cell["flagged"] for cell in found)
    which = "All of them" if shown is found else f"Here the {_WORST} lowest and highest"
    return (
        f"<p class=soft>{len(found):,} meetings of two groups are large enough; {beyond:,} of them "
        f"differ from all photos by more than luck explains. {which}: the share that scores "
        f"{text(_pass(facts))}. Extremes of so many are partly luck.</p>"
        + interval_chart(marks, upright=facts["passed"], within=(0, 1), percent=True)
    )


def _self_check(facts: dict[str, Any]) -> str:
    check = facts["self_check"]
    none = check["none"]
    rows = [("none", _rate(none), f"{none['trials']}")]
    rows += [
        (f"{100 * one['gap']:.0f} points", _rate(one), f"{one['trials']}")
        for one in check["planted"]
    ]
    about = (
        f"The audit was run on {check['photos']:,} of these very photos with the scores dealt out "
        f"anew among the users, so that no group differs but by luck: how often it flagged "
        f"anything (wanted: {_percent(facts['level'])} at most). Then all photos of one group, "
        f"drawn at random, were given points more: how often it flagged that group."
    )
    return table(("planted gap", "flagged", "trials"), rows, about) + (
        "<p class=soft>A gap that is often overlooked here may be there unseen: not flagged does "
        "not mean equal.</p>"
    )


def _method(facts: dict[str, Any]) -> list[str]:
    intervals, least = facts["intervals"], facts["smallest"]
    sure = _percent(1 - facts["level"])
    lines = [
        "Groups are columns that came with the photos. None was guessed from a picture. Numbers "
        "are cut into thirds.",
        f"Intervals hold 95 %, from {intervals['rounds']:,} bootstrap samples of the "
        f"{intervals['of']}; of a share of 0 or 100 %, Wilson's.",
        f"Beyond luck: in its own standard errors the gap is larger than the luck of the samples "
        f"made any of all {facts['comparisons']:,} gaps in {sure} of them. So if there were no gap "
        f"at all, nothing would be flagged in {sure} of audits.",
        f"Judged are groups of {least['photos']} photos by {least['users']} users or more.",
    ]
    if "missed" in facts["groups"][0]:
        lines.append(
            "Good: liked more than photos with an equal audience. Good, missed: the share of good "
            "photos below the threshold. Others, passed: the share of the others above it."
        )
    if facts["left_out"]:
        lines.append(f"Not compared, of too many values: {_listed(facts['left_out'])}.")
    lines.append(f"The hash of the data is SHA-256 over {facts['gallery']['hash_of']}.")
    return lines


def _told() -> list[str]:
    return [
        "A machine scores. Each score is the output of a ConvNet; nobody looked at the photo.",
        "Pictures that selfie hands out changed (crops, edited photos, cards, grids) say so in an "
        "XMP note inside the file, as well as that software made them.",
        "No trait of a person was inferred from a face.",
        "Of Regulation (EU) 2024/1689, the AI Act, this touches Article 50 (say that it is a "
        "machine, mark changed pictures) and Article 5(1)(g) (no inferring of race or the like "
        "from faces). This is no legal advice.",
    ]


def _rate(found: dict[str, Any]) -> str:
    ends = f"{100 * found['rate_low']:.0f} to {100 * found['rate_high']:.0f}"
    return f"{_percent(found['rate'])} ({ends})"


def _interval(row: dict[str, Any], measure: str) -> str:
    value, low, high = (row[name] for name in (measure, f"{measure}_low", f"{measure}_high"))
    if value is None or low is None:
        return "–"
    return f"{100 * value:.0f} % ({100 * low:.0f} to {100 * high:.0f})"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _listed(titles: Sequence[str] | Iterable[str]) -> str:
    *first, last = map(str.lower, titles)
    return f"{', '.join(first)} and {last}" if first else last
