"""The facts of a scorer as one page that opens anywhere, offline: tables and drawn intervals."""

from typing import Any

from selfie_core.training.page import bullets, interval_chart, page, table, text, with_interval

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


def report_page(facts: dict[str, Any]) -> str:
    """Return the HTML of a report on the facts of `evaluate.evaluate_scorer`."""
    title = f"How good is {facts['scorer_name']}?"
    good = 100 * facts["good"] / facts["photos"]
    parts = [
        f"<h1>{text(title)}</h1>",
        f"<p class=soft>On {facts['photos']:,} photos of the {facts['split']} split, {good:.0f} % "
        f"of them good. Scorer {facts['scorer_id']}. Intervals hold 95 %. The score is about the "
        f"photo, never about the person.</p>",
        bullets(facts["notes"]),
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
    return page(title, parts)


def _rivals(facts: dict[str, Any]) -> str:
    rows, marks = [], []
    for name, title in RIVALS.items():
        if found := facts.get(name):
            measured = [with_interval(found[m], found[f"{m}_interval"]) for m in MEASURES]
            rows.append((title, *measured))
            marks.append((title, found["auc"], *found["auc_interval"]))
    about = "AUC: how often a good photo outscores a bad one; 0.5 is chance."
    return table(("", "AUC", "accuracy"), rows, about) + interval_chart(marks, upright=0.5)


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
    chart = interval_chart(marks, wanted=[b["score"] for b in curve])
    return chart + table(heads, rows, about)


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
    return table(("change", "on average", "95 % move less than"), rows, about)


def _groups(rows: list[dict[str, Any]]) -> str:
    shown, marks = [], []
    for row in rows:
        name = f"{row['column']}: {row['group']}"
        apart = row["difference"], row["low"], row["high"]
        difference = with_interval(apart[0], apart[1:], signed=True)
        auc = with_interval(row.get("auc"), (row.get("auc_low"), row.get("auc_high")))
        shown.append((name, f"{row['n']:,}", f"{100 * row['mean']:.1f} %", difference, auc))
        marks.append((name, *apart))
    about = (
        "Difference: of the group's mean score from the rest's, in standard deviations of all "
        "scores. Groups are what came with the photos."
    )
    heads = ("group", "photos", "mean score", "difference", "AUC within")
    return interval_chart(marks, upright=0.0) + table(heads, shown, about)


def _effects(rows: list[dict[str, Any]]) -> str:
    marks = [(row["factor"], row["rho"], row["low"], row["high"]) for row in rows]
    return (
        "<p class=soft>Rank correlation of each measured factor with the score.</p>"
        + interval_chart(marks, upright=0.0)
    )


def _audience(found: dict[str, Any]) -> str:
    rows = [
        (title, with_interval(found[name], found[f"{name}_interval"], signed=True))
        for name, title in (
            ("likes_follow_followers", "raw likes"),
            ("label_follow_followers", "labels"),
        )
    ]
    about = (
        f"Rank correlation with the number of followers, over {found['posts']:,} posts: raw likes "
        f"follow the audience, labels should not."
    )
    return table(("", "correlation"), rows, about)
