"""What the page of rules shows of one: its sentences, its chart, pairs of photos."""

import html
from collections.abc import Iterable, Sequence

import plotly.graph_objects as go
import streamlit as st

from pages.learned.rule_list import CLASSES, word
from pages.shared import ui
from pages.shared.charts import MARK, QUIET, add_intervals, layout, show_chart
from pages.shared.pictures import data_address
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned import trials
from selfie_core.learned.findings import Finding, Findings, alike_pairs, check_rules, count_verdicts
from selfie_core.learned.regression import Estimate
from selfie_core.learned.rules import Rule
from selfie_core.learned.skin import skin_share
from selfie_core.learned.trials import Edit, Tried, Twins
from selfie_core.photo.factors import FACTORS

_PAIRS = _CHANGED = 4  # shown
_UNITS = {factor.name: factor.unit for factor in FACTORS} | {"light": "%", "skin": "%"}
_AXES = {factor.name: factor.title for factor in FACTORS} | {
    "light": "Light around the face",
    "skin": "Pixels that look like skin",
    "shadows": "Luminance of the darkest 5 %",
    "saturation": "Strength of colour",
}


@ui.cached("Holding every photo against every rule ...")
def findings(gallery: Gallery) -> Findings:
    """Return what the gallery says about all rules, computed once per gallery."""
    return check_rules(gallery.table, skin=skin_share(gallery))


def show_rule(gallery: Gallery, found: Findings, finding: Finding) -> None:
    """Show one rule: its sentence, chart, pairs of photos, and photos that were changed."""
    rule = finding.rule
    st.html(_head(finding))
    st.html(_lead(finding))
    if len(finding.bins) > 1:
        show_chart(_chart(finding), key="rules_chart")
        st.html(_chart_key(finding))
    if finding.plain and (pairs := alike_pairs(found, rule, gallery.table, count=_PAIRS)):
        st.markdown("## Alike but for this")
        st.caption(_pairs_line(rule, gallery, pairs))
        scores = gallery.table["score"].to_numpy()
        thumbs = ([f"{ui.base(gallery)}/thumb/{row}" for row in pair] for pair in pairs)
        st.html(_figures(zip(thumbs, scores[pairs], strict=True)))
    _show_changed(gallery, found, finding)


def _show_changed(gallery: Gallery, found: Findings, finding: Finding) -> None:
    """Show what happens when the same photo is changed: measured before, or tried now."""
    rule = finding.rule
    twins = trials.exact_twins(rule.key, trials.known_metrics(gallery.scorer_id))
    can_try = finding.plain is not None and rule.key in trials.EDITS
    if not twins and not can_try:
        return
    st.markdown("## The same photo, changed")
    if twins:
        st.markdown("\n".join(map(_twins_line, twins)))
    if not can_try:
        return
    label = f"Try it here: {trials.EDITS[rule.key].title.lower()}"
    if st.button(label, key=f"rules_try_{rule.key}", icon=":material/experiment:"):
        _try(gallery, found, finding)


def _try(gallery: Gallery, found: Findings, finding: Finding) -> None:
    """Change photos of the gallery and show what that did to their scores."""
    edit = trials.EDITS[finding.rule.key]
    values = found.factors[finding.rule.factor].to_numpy(float)
    try:
        with ui.bar("Changing and scoring photos") as progress:
            tried = trials.try_edit(gallery, finding, values, ui.scorer(), progress=progress)
    except DataError as error:
        st.info(ui.plain(str(error)))
        return
    st.markdown(_tried_line(tried, edit))
    pictures = (
        [data_address(photo, side=160, square=True) for photo in trials.edited(gallery, row, edit)]
        for row in tried.rows[:_CHANGED].tolist()
    )
    st.html(_figures(zip(pictures, zip(tried.before, tried.after, strict=True), strict=False)))


def _points(found: Estimate) -> str:
    return f"<b>{abs(100 * found.value):.1f} points {'higher' if found.value > 0 else 'lower'}</b>"


def _head(finding: Finding) -> str:
    """Return the words of the post, the rule and its verdict, as HTML."""
    rule, said = finding.rule, html.escape(finding.rule.said)
    who = {"do": "The post, under “do”: ", "dont": "The post, under “do not”: "}
    asked = rule.said.startswith("Asked")
    quote = said if asked else f"{who.get(rule.kind, 'The post: ')}<q>{said}</q>"
    return (
        f'<p class="rule-said">{quote}</p><div class="rule-head"><b>{html.escape(rule.title)}</b>'
        f'<span class="rule-chip {CLASSES[finding.verdict]}">{word(finding)}</span></div>'
    )


def _lead(finding: Finding) -> str:
    """Return what the gallery says about the rule in two or three plain sentences, as HTML."""
    rule, held, plain = finding.rule, finding.held, finding.plain
    if plain is None:
        return f'<p class="rule-lead">{html.escape(finding.why)}</p>'
    these = rule.these[0].upper() + rule.these[1:]
    text = f"{these} score {_points(plain)} than {rule.others}"
    if held:
        text = (
            f"All else held fixed, {rule.these} score {_points(held)} than {rule.others} "
            f"(95 % interval: {ui.signed(100 * held.low)} to {ui.signed(100 * held.high)}). "
            f"As they stand in the gallery: {ui.signed(100 * plain.value)}"
        )
    return f'<p class="rule-lead">{text}. {html.escape(finding.why)}{_peak(finding)}</p>'


def _peak(finding: Finding) -> str:
    """Return where a factor of many values does best; of two values there is no more to say."""
    bins = finding.bins
    if len(bins) < 4 or finding.held is None:
        return ""
    best = bins.iloc[bins["held"].to_numpy().argmax()]
    low, high = (_value(finding.rule.factor, best[end]) for end in ("low", "high"))
    axis = _AXES.get(finding.rule.factor, "the factor").lower()
    return f" Highest of all: {axis} from {low} to {high}."


def _value(factor: str, value: float) -> str:
    unit = _UNITS.get(factor, "")
    return f"{100 * value:.0f} %" if unit == "%" else f"{value:.0f}{unit}"


def _chart(finding: Finding) -> go.Figure:
    """Return the mean score by bins: as it is, and with the other factors held fixed."""
    bins, rule = finding.bins, finding.rule
    two = len(bins) <= 2
    scale = 100 if _UNITS.get(rule.factor) == "%" else 1
    figure = go.Figure()
    for name, column, colour, size in (
        ("as they are", "mean", QUIET, 8),
        ("all else held fixed", "held", MARK, 11),
    ):
        add_intervals(
            figure, bins, column,
            [rule.others, rule.these][: len(bins)] if two else scale * bins["middle"],
            name=name, colour=colour, size=size, upright=True, joined=two or column == "held",
            data=["n"],
            hover="%{y:.1f} % (%{customdata[0]:.1f} to %{customdata[1]:.1f})"
                  "<br>%{customdata[2]:,} photos",
        )  # fmt: skip
    if not two:
        left = scale * rule.low
        right = min(scale * rule.high, float(scale * bins["high"].max()))
        figure.add_vrect(
            x0=left, x1=right, fillcolor=MARK, opacity=0.09, line_width=0, layer="below"
        )
        suffix = " %" if scale == 100 else _UNITS.get(rule.factor, "")
        figure.update_xaxes(ticksuffix=suffix, title=_AXES.get(rule.factor))
    else:
        figure.update_xaxes(range=[-0.6, 1.6])
    figure.update_yaxes(ticksuffix=" %", title="Mean score", nticks=6)
    return layout(figure, 300, legend=False)


def _chart_key(finding: Finding) -> str:
    """Return what the marks of the chart mean, as HTML."""
    parts = [("all else held fixed", MARK), ("as they are", QUIET)]
    marks = "".join(f'<span><i style="background:{c}"></i>{text}</span>' for text, c in parts)
    shaded = f"<span>Shaded: {html.escape(finding.rule.these)}</span>"
    band = shaded if len(finding.bins) > 2 else ""
    return f'<div class="rule-key">{marks}<span>Bars: 95 % intervals</span>{band}</div>'


def _figures(pairs: Iterable[tuple[list[str], Sequence[float]]]) -> str:
    """Return photos side by side with their scores, as HTML."""
    cards = [
        '<figure class="rule-pair"><div>'
        + "".join(f'<img src="{address}" loading="lazy" alt="">' for address in addresses)
        + f"</div><figcaption><b>{ui.percent(one)}</b><span>{ui.percent(other)}</span>"
        f"</figcaption></figure>"
        for addresses, (one, other) in pairs
    ]
    return f'<div class="rule-pairs">{"".join(cards)}</div>'


def _pairs_line(rule: Rule, gallery: Gallery, found: list[tuple[int, int]]) -> str:
    """Return what the pairs are and how they came out."""
    scores = gallery.table["score"].to_numpy()
    higher = sum(scores[one] > scores[other] for one, other in found)
    won = f"left one in {higher} of {len(found)}"
    if len(found) == 1:
        won = "left one" if higher else "right one"
    return (
        f"Left: {rule.these}. Right: {rule.others}, as like them as possible in everything else "
        f"that is known. Chosen blind to the score, which is higher for the {won}."
    )


def _twins_line(twins: Twins) -> str:
    """Return what re-drawn scenes say, in Markdown."""
    size, low, high = (ui.signed(part, "+.2f") for part in twins.size)
    return (
        f"- {twins.pairs} scenes drawn twice, **{twins.change}**: {size} standard deviations of "
        f"the score ({low} to {high}); it rose in {100 * twins.raised:.0f} %."
    )


def _tried_line(tried: Tried, edit: Edit) -> str:
    """Return what the change did, in Markdown."""
    gain, low, high = (ui.signed(100 * part) for part in tried.gain)
    return (
        f"**{edit.title}: {gain} points** on average over {len(tried.rows)} photos (95 % interval "
        f"{low} to {high}). It rose for {round(tried.raised * len(tried.rows))} of them. Some "
        "before and after:"
    )


def verdicts_line(found: Findings) -> str:
    """Return how many of the post's rules hold, in Markdown."""
    claims = [finding for finding in found.of.values() if finding.rule.kind != "asked"]
    holds, fails, untold = count_verdicts(claims).values()
    told = f" Of {untold} nobody can tell." if untold else ""
    return (
        f"Of {len(claims)} pieces of advice in the post, **{holds} hold{'s' * (holds == 1)}** for "
        f"these scores and {fails} do{'es' * (fails == 1)} not.{told}"
    )
