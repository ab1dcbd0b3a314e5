"""What the page of rules draws: the list, the chart of one rule, pairs of photos, its sentences."""

import html
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from streamlit.components import v2

from pages.shared import ui
from pages.shared.pictures import data_address
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned import trials
from selfie_core.learned.findings import Finding, Findings, check_rules, count_verdicts
from selfie_core.learned.rules import Rule
from selfie_core.learned.skin import skin_share
from selfie_core.learned.trials import Edit, Tried, Twins
from selfie_core.photo.factors import FACTORS
from selfie_core.training.measures import Estimate

_HERE = Path(__file__).parent
_SHOWN = 4  # changed photos
_KINDS = {
    "do": "The post says: do",
    "dont": "The post says: don’t",
    "asked": "It worried, and its readers asked",
}
_CLASS = {"holds": "holds", "does not hold": "fails", "can't tell": "open"}
_HELD, _PLAIN = ui.RAMP[3], "rgba(128, 124, 134, 0.75)"
_UNITS = {factor.name: factor.unit for factor in FACTORS} | {"light": "%", "skin": "%"}
_AXES = {factor.name: factor.title for factor in FACTORS} | {
    "light": "Light around the face",
    "skin": "Pixels that look like skin",
    "shadows": "Luminance of the darkest 5 %",
    "saturation": "Strength of colour",
}
STYLE = f"<style>{(_HERE / 'rules.css').read_text('utf-8')}</style>"

_list = v2.component(
    "rule_list",
    css=(_HERE / "rule_list.css").read_text("utf-8"),
    js=(_HERE / "rule_list.js").read_text("utf-8"),
)


@st.cache_data(max_entries=2, show_spinner="Holding every photo against every rule ...")
def findings(version: str, _gallery: Gallery) -> Findings:
    """Return what the gallery says about all rules, computed once a gallery."""
    return check_rules(_gallery.table, skin=skin_share(_gallery))


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
        parts.append(f"<h3>{title}</h3>")
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
        number = signed(value)
        near, far = sorted((50.0, at(value)))
        strip = (
            f'<i class="from" style="left:{near}%;width:{far - near:.2f}%"></i>'
            f'<i class="reach" style="left:{at(low)}%;width:{at(high) - at(low):.2f}%"></i>'
            f'<i class="dot" style="left:{at(value)}%"></i>'
        )
    return (
        f'<button type="button" class="{_CLASS[finding.verdict]}" data-rule="{finding.rule.key}">'
        f'<span class="name">{html.escape(finding.rule.title)}</span>'
        f'<span class="strip">{strip}</span><span class="points">{number}</span>'
        f'<span class="chip">{word(finding)}</span></button>'
    )


def word(finding: Finding) -> str:
    """Return the verdict as one reads it; a question is answered by yes or no."""
    if finding.rule.kind != "asked":
        return finding.verdict
    return {"holds": "yes", "does not hold": "no"}.get(finding.verdict, finding.verdict)


def signed(value: float) -> str:
    """Return a difference of scores in points, "+4.3" or "−0.2"."""
    return f"{100 * value:+.1f}".replace("-", "−")


def _points(found: Estimate) -> str:
    return f"<b>{abs(100 * found.value):.1f} points {'higher' if found.value > 0 else 'lower'}</b>"


def head(finding: Finding) -> str:
    """Return the words of the post, the rule and its verdict, as HTML."""
    rule, who = finding.rule, {"do": "The post, under “do”: ", "dont": "The post, under “do not”: "}
    said = html.escape(rule.said)
    quote = (
        said
        if rule.said.startswith("Asked")
        else f"{who.get(rule.kind, 'The post: ')}<q>{said}</q>"
    )
    return (
        f'<p class="rule-said">{quote}</p><div class="rule-head"><b>{html.escape(rule.title)}</b>'
        f'<span class="rule-chip {_CLASS[finding.verdict]}">{word(finding)}</span></div>'
    )


def lead(finding: Finding) -> str:
    """Return what the gallery says about the rule in two or three plain sentences, as HTML."""
    rule, held, plain = finding.rule, finding.held, finding.plain
    if plain is None:
        return f'<p class="rule-lead">{html.escape(finding.why)}</p>'
    these = rule.these[0].upper() + rule.these[1:]
    text = f"{these} score {_points(plain)} than {rule.others}"
    if held:
        text = (
            f"All else held fixed, {rule.these} score {_points(held)} than {rule.others} "
            f"(95 % interval: {signed(held.low)} to {signed(held.high)}). "
            f"As they stand in the gallery: {signed(plain.value)}"
        )
    return f'<p class="rule-lead">{text}. {html.escape(finding.why)}{_peak(finding)}</p>'


def _peak(finding: Finding) -> str:
    """Return where a factor of many values does best; of two values there is no more to say."""
    bins = finding.bins
    if len(bins) < 4 or finding.held is None:
        return ""
    best = bins.loc[bins["held"].idxmax()]
    low, high = (_value(finding.rule.factor, best[end]) for end in ("low", "high"))
    axis = _AXES.get(finding.rule.factor, "the factor").lower()
    return f" Highest of all: {axis} from {low} to {high}."


def _value(factor: str, value: float) -> str:
    unit = _UNITS.get(factor, "")
    return f"{100 * value:.0f} %" if unit == "%" else f"{value:.0f}{unit}"


def chart(finding: Finding) -> go.Figure:
    """Return the mean score by bins: as it is, and with the other factors held fixed."""
    bins, rule = finding.bins, finding.rule
    two = len(bins) <= 2
    scale = 100 if _UNITS.get(rule.factor) == "%" else 1
    x = [rule.others, rule.these][: len(bins)] if two else scale * bins["middle"]
    series = (("as they are", "mean", _PLAIN, 8), ("all else held fixed", "held", _HELD, 11))
    figure = go.Figure()
    for name, column, colour, size in series:
        y, low, high = (100 * bins[f"{column}{end}"] for end in ("", "_low", "_high"))
        figure.add_scatter(
            x=x, y=y, name=name, mode="lines+markers" if two or column == "held" else "markers",
            marker={"color": colour, "size": size}, line={"color": colour, "width": 2},
            error_y={"type": "data", "array": high - y, "arrayminus": y - low, "color": colour,
                     "thickness": 1.5, "width": 0},
            customdata=np.column_stack([low, high, bins["n"]]),
            hovertemplate="%{y:.1f} % (%{customdata[0]:.1f} to %{customdata[1]:.1f})"
                          "<br>%{customdata[2]:,} photos<extra></extra>",
        )  # fmt: skip
    if not two:
        left = scale * rule.low
        right = min(scale * rule.high, float(scale * bins["high"].max()))
        figure.add_vrect(
            x0=left, x1=right, fillcolor=_HELD, opacity=0.09, line_width=0, layer="below"
        )
        suffix = " %" if scale == 100 else _UNITS.get(rule.factor, "")
        figure.update_xaxes(ticksuffix=suffix, title=_AXES.get(rule.factor), zeroline=False)
    else:
        figure.update_xaxes(range=[-0.6, 1.6])
    figure.update_yaxes(ticksuffix=" %", title="Mean score", zeroline=False, nticks=6)
    figure.update_layout(
        height=300, margin={"l": 0, "r": 0, "t": 8, "b": 0}, showlegend=False, dragmode=False
    )
    return figure


def chart_key(finding: Finding) -> str:
    """Return what the marks of the chart mean, as HTML."""
    parts = [("all else held fixed", _HELD), ("as they are", _PLAIN)]
    marks = "".join(f'<span><i style="background:{c}"></i>{text}</span>' for text, c in parts)
    band = (
        "" if len(finding.bins) <= 2 else f"<span>Shaded: {html.escape(finding.rule.these)}</span>"
    )
    return f'<div class="rule-key">{marks}<span>Bars: 95 % intervals</span>{band}</div>'


def pairs(gallery: Gallery, found: list[tuple[int, int]]) -> str:
    """Return photos side by side with their scores, as HTML."""
    scores = gallery.table["score"].to_numpy()
    return _figures(
        [
            ([f"{ui.base(gallery)}/thumb/{row}" for row in pair], [float(scores[r]) for r in pair])
            for pair in found
        ]
    )


def _figures(pairs: list[tuple[list[str], list[float]]]) -> str:
    cards = [
        '<figure class="rule-pair"><div>'
        + "".join(f'<img src="{address}" loading="lazy" alt="">' for address in addresses)
        + f"</div><figcaption><b>{ui.percent(one)}</b><span>{ui.percent(other)}</span>"
        f"</figcaption></figure>"
        for addresses, (one, other) in pairs
    ]
    return f'<div class="rule-pairs">{"".join(cards)}</div>'


def pairs_line(rule: Rule, gallery: Gallery, found: list[tuple[int, int]]) -> str:
    """Return what the pairs are and how they came out."""
    scores = gallery.table["score"].to_numpy()
    higher = sum(scores[one] > scores[other] for one, other in found)
    which = "first" if len(found) == 1 else f"left one in {higher} of {len(found)}"
    won = which if len(found) > 1 else ("left one" if higher else "right one")
    return (
        f"Left: {rule.these}. Right: {rule.others}, as like them as possible in everything else "
        f"that is known. Chosen blind to the score, which is higher for the {won}."
    )


def twins_line(twins: Twins) -> str:
    """Return what re-drawn scenes say, in Markdown."""
    size = f"{twins.size.value:+.2f}".replace("-", "−")
    low, high = (f"{end:+.2f}".replace("-", "−") for end in twins.size[1:])
    return (
        f"- {twins.pairs} scenes drawn twice, **{twins.change}**: {size} standard deviations of "
        f"the score ({low} to {high}); it rose in {100 * twins.raised:.0f} %."
    )


def tried_line(tried: Tried, edit: Edit) -> str:
    """Return what the change did, in Markdown."""
    return (
        f"**{edit.title}: {signed(tried.gain.value)} points** on average over {len(tried.rows)} "
        f"photos (95 % interval {signed(tried.gain.low)} to {signed(tried.gain.high)}). "
        f"It rose for {round(tried.raised * len(tried.rows))} of them. Some before and after:"
    )


def tried_pairs(gallery: Gallery, tried: Tried, edit: Edit) -> str:
    """Return the first photos before and after the change, as HTML."""
    cards = []
    for place, row in enumerate(tried.rows[:_SHOWN].tolist()):
        pictures = [
            data_address(p, side=160, square=True) for p in trials.edited(gallery, row, edit)
        ]
        cards.append((pictures, [float(tried.before[place]), float(tried.after[place])]))
    return _figures(cards)


def verdicts_line(found: Findings) -> str:
    """Return how many of the post's rules hold, in Markdown."""
    claims = [finding for finding in found.of.values() if finding.rule.kind != "asked"]
    counts = count_verdicts(claims)
    holds, fails, untold = counts.values()
    told = f" Of {untold} nobody can tell." if untold else ""
    return (
        f"Of {len(claims)} pieces of advice in the post, **{holds} hold{'s' * (holds == 1)}** for "
        f"these scores and {fails} do{'es' * (fails == 1)} not.{told}"
    )
