"""The list of rules with their verdicts; a click chooses one."""

import html
from pathlib import Path

import streamlit as st

from pages.shared import ui
from pages.shared.component import component
from selfie_core.learned.findings import Finding, Findings

_KINDS = {
    "do": "The post says: do",
    "dont": "The post says: don’t",
    "asked": "It worried, and its readers asked",
}
CLASSES = {"holds": "holds", "does not hold": "fails", "can't tell": "open"}

_list = component(Path(__file__).parent, "rule_list")


def rule_list(found: Findings, chosen: str) -> None:
    """Show all rules with their verdicts; a click puts one into the address."""

    def clicked() -> None:
        if key := st.session_state["rules_list"]["clicked"]:
            st.query_params["rule"] = key

    data = {"html": _rows(found), "chosen": chosen}
    _list(key="rules_list", data=data, on_clicked_change=clicked)


def _rows(found: Findings) -> str:
    """Return the list as HTML: groups of buttons on one common axis, points of score."""
    ends = [end for finding in found.of.values() if finding.held for end in finding.held]
    reach = max(5.0, *(100 * abs(end) for end in ends)) * 1.04 if ends else 5.0
    parts = []
    for kind, title in _KINDS.items():
        parts.append(f"<h2>{title}</h2>")
        if kind == "do":
            axis = f"<span><i>−{reach:.0f}</i><i>points of score</i><i>+{reach:.0f}</i></span>"
            parts.append(f'<div class="axis" aria-hidden="true">{axis}</div>')
        parts += [_row(f, reach) for f in found.of.values() if f.rule.kind == kind]
    return "".join(parts)


def _row(finding: Finding, reach: float) -> str:
    def at(value: float) -> float:
        return round(50 + 50 * 100 * value / reach, 2)

    strip, number = "", "–"
    if finding.held:
        value, low, high = finding.held
        number = ui.signed(100 * value)
        near, far = sorted((50.0, at(value)))
        strip = (
            f'<i class="from" style="left:{near}%;width:{far - near:.2f}%"></i>'
            f'<i class="reach" style="left:{at(low)}%;width:{at(high) - at(low):.2f}%"></i>'
            f'<i class="dot" style="left:{at(value)}%"></i>'
        )
    return (
        f'<button type="button" class="{CLASSES[finding.verdict]}" data-rule="{finding.rule.key}">'
        f'<span class="name">{html.escape(finding.rule.title)}</span>'
        f'<span class="strip">{strip}</span><span class="points">{number}</span>'
        f'<span class="chip">{word(finding)}</span></button>'
    )


def word(finding: Finding) -> str:
    """Return the verdict as one reads it; a question is answered by yes or no."""
    if finding.rule.kind != "asked":
        return finding.verdict
    return {"holds": "yes", "does not hold": "no"}.get(finding.verdict, finding.verdict)
