"""What the audit page draws: shares of the top, gaps, distributions, light against tone."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.shared import ui
from pages.shared.charts import MARK, QUIET, around_zero, bars, finished
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned import groups as audit
from selfie_core.learned.groups import LightAndTone
from selfie_core.learned.trials import Twins
from selfie_core.training.measures import Estimate

_LINES = (ui.RAMP[0], ui.RAMP[2], ui.RAMP[5])
_NAMED = 4  # groups in a sentence; the chart has all
ANY = "Nothing else"

MEANING = """
**What it means.** A gap here says that photos of one group score differently in *this* gallery.
That can come from the net, or from how the photos were taken: a group more often shot in the dark
scores lower without the net knowing anything of the group. The red dots hold light, framing and
finish fixed and show what is left; the scenes drawn twice show it exactly.

**What it does not mean.** A score is about a photo and its audience, never about a person or a
group. Equal numbers do not make a net fair for a use it was not made for, and no use that judges
people is one. Groups of fewer than 20 photos are not judged. Nothing here guesses who is in a
photo: a gallery that names no groups can't be audited, and that is as it should be.
"""


@st.cache_data(max_entries=2, show_spinner=False)
def groups(version: str, _gallery: Gallery) -> dict[str, pd.Series]:
    """Return the groups that the gallery names."""
    return audit.groups_of(_gallery.table)


@st.cache_data(max_entries=32, show_spinner="Counting ...")
def frame(version: str, _gallery: Gallery, titles: tuple[str, ...]) -> pd.DataFrame:
    """Return how each group fares, or each meeting of two."""
    known = groups(version, _gallery)
    return audit.compare_groups(_gallery.table, [known[title] for title in titles])


@st.cache_data(max_entries=32, show_spinner="Holding light, framing and finish fixed ...")
def gaps(version: str, _gallery: Gallery, title: str) -> pd.DataFrame:
    """Return how each group scores beside the rest."""
    return audit.group_gaps(_gallery.table, title, groups(version, _gallery)[title])


@st.cache_data(max_entries=32, show_spinner=False)
def curves(version: str, _gallery: Gallery, title: str) -> pd.DataFrame:
    """Return the distribution of the score in each group."""
    known = groups(version, _gallery)[title]
    return audit.score_curves(_gallery.table["score"].to_numpy(), known)


@st.cache_data(max_entries=2, show_spinner="Setting light against tone ...")
def light_and_tone(version: str, _gallery: Gallery) -> LightAndTone:
    """Return what light and skin tone each do to the score."""
    return audit.light_and_tone(_gallery.table)


def finding(table: pd.DataFrame, gallery: Gallery) -> str:
    """Return who is in the top, beside the post's finding, in Markdown."""
    top = audit.top_of(len(gallery))
    judged = table[table["enough"]]
    parts = [
        f"**{row.in_top} {row.one}** ({100 * row.share:.0f} % of all)"
        for row in judged.sort_values("in_top", ascending=False).head(_NAMED).itertuples()
    ]
    if len(judged) > _NAMED:
        parts.append(f"and {len(judged) - _NAMED} smaller groups")
    said = f"Among the best {top} of {len(gallery):,} photos here: {', '.join(parts)}."
    uneven = judged[judged["in_short"].isin(["more than its share", "less than its share"])]
    if uneven.empty:
        return f"{said} Each has about its share of the top."
    verdicts = [f"*{row.one}* {row.in_short}" for row in uneven.itertuples()]
    return f"{said} Beyond chance: {', '.join(verdicts)}."


def top_chart(table: pd.DataFrame) -> go.Figure:
    """Return each group's share of the top beside its share of all photos."""
    shown = table[table["enough"]].iloc[::-1]
    top, low, high = (100 * shown[name] for name in ("top_share", "top_low", "top_high"))
    figure = go.Figure()
    figure.add_scatter(
        x=top, y=shown["one"], name="of the top", mode="markers",
        marker={"color": MARK, "size": 12},
        error_x=bars(top, low, high, MARK), customdata=shown["in_top"],
        hovertemplate="%{x:.0f} % of the top: %{customdata} photos<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=100 * shown["share"], y=shown["one"], name="of all photos", mode="markers",
        marker={"size": 18, "symbol": "line-ns", "line": {"width": 3, "color": QUIET}},
        customdata=shown["n"],
        hovertemplate="%{x:.0f} % of all: %{customdata:,} photos<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(rangemode="tozero", ticksuffix=" %", zeroline=False)
    return finished(figure, len(shown))


def gap_chart(table: pd.DataFrame) -> go.Figure:
    """Return each group's difference from the rest: as it is, and with style held fixed."""
    shown = table[table["plain"].notna()].iloc[::-1]
    series = (("as they are", "plain", QUIET, 9), ("style held fixed", "held", MARK, 12))
    return around_zero(shown, "group", series)


def calibration_chart(table: pd.DataFrame) -> go.Figure:
    """Return by how much each group's mean score is above its share of good photos."""
    shown = table[table["enough"] & (table["labelled"] > 0)].iloc[::-1]
    return around_zero(shown, "one", (("score less truth", "gap", MARK, 12),))


def ridge_chart(table: pd.DataFrame) -> go.Figure:
    """Return the distributions one above another, as hills."""
    figure = go.Figure()
    names = table["group"].unique()[::-1]
    for place, name in enumerate(names):
        curve = table[table["group"] == name]
        x, y = 100 * curve["score"], place + 0.9 * curve["density"]
        figure.add_scatter(
            x=x, y=np.full(len(x), place), mode="lines", line_width=0, hoverinfo="skip"
        )
        figure.add_scatter(
            x=x, y=y, mode="lines", fill="tonexty", fillcolor="rgba(238, 79, 126, 0.28)",
            line={"color": MARK, "width": 1.5}, name=name,
            hovertemplate="%{x:.0f} %<extra></extra>",
        )  # fmt: skip
    figure.update_yaxes(tickvals=list(range(len(names))), ticktext=list(names), zeroline=False)
    figure.update_xaxes(ticksuffix=" %", title="Score", zeroline=False)
    return finished(figure, len(names), legend=False)


def meeting_chart(table: pd.DataFrame, titles: tuple[str, str]) -> go.Figure:
    """Return the mean score where two groups meet; too few photos leave a cell empty."""
    rows, columns = table["one"].unique(), table["two"].unique()
    means = table.assign(shown=100 * table["mean"].where(table["enough"]))
    grid = means.pivot(index="one", columns="two", values="shown").reindex(rows)[columns]
    cells = table.assign(
        text=[_cell(row) for row in table.itertuples()],
        ends=[_span(row) for row in table.itertuples()],
    )  # fmt: skip
    text, ends = (
        cells.pivot(index="one", columns="two", values=name).reindex(rows)[columns].fillna("")
        for name in ("text", "ends")
    )
    steps = [[place / (len(ui.RAMP) - 1), colour] for place, colour in enumerate(ui.RAMP)]
    figure = go.Figure(
        go.Heatmap(
            z=grid, x=list(columns), y=list(rows), text=text, texttemplate="%{text}", xgap=3,
            ygap=3, colorscale=steps, showscale=False, hoverongaps=False, customdata=ends,
            hovertemplate=f"{titles[0]}: %{{y}}<br>{titles[1]}: %{{x}}<br>%{{z:.1f}} % "
                          "(%{customdata})<extra></extra>",
        )
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", automargin=True, showgrid=False)
    figure.update_xaxes(side="top", showgrid=False)
    figure.update_layout(
        height=80 + 64 * len(rows), margin={"l": 0, "r": 0, "t": 40, "b": 0}, dragmode=False
    )
    return figure


def _span(row: Any) -> str:
    return f"{100 * row.mean_low:.0f} to {100 * row.mean_high:.0f} %"


def _cell(row: Any) -> str:
    if not row.enough:
        return f"{row.n}: too few"
    return f"<b>{100 * row.mean:.0f} %</b><br>{row.n:,}<br>{row.in_top} top"


def tone_chart(cells: pd.DataFrame) -> go.Figure:
    """Return the mean score by light, one line a third of the tones."""
    figure = go.Figure()
    for place, tone in enumerate(cells["two"].unique()):
        line = cells[(cells["two"] == tone) & cells["enough"]]
        y, low, high = (100 * line[name] for name in ("mean", "mean_low", "mean_high"))
        colour = _LINES[place % len(_LINES)]
        figure.add_scatter(
            x=line["one"], y=y, name=f"{tone} of the tones", mode="lines+markers",
            line={"color": colour, "width": 2}, marker={"size": 9},
            error_y=bars(y, low, high, colour) | {"thickness": 1.5}, customdata=line["n"],
            hovertemplate="%{y:.0f} %, %{customdata} photos<extra></extra>",
        )  # fmt: skip
    figure.update_yaxes(ticksuffix=" %", title="Mean score", zeroline=False)
    figure.update_xaxes(title="Light", showgrid=False)
    figure.update_layout(
        height=340, margin={"l": 0, "r": 0, "t": 40, "b": 0}, dragmode=False,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    return figure


def tone_lines(found: LightAndTone, twins: list[Twins]) -> str:
    """Return what light and tone do with all else held fixed, in Markdown."""
    lines = []
    for words, effect in (
        ("From the darkest to the brightest third of the **light**", found.light),
        ("From the lowest to the highest third of the **skin tone**", found.tone),
    ):
        if effect:
            lines.append(f"- {words}, all else held fixed: **{_points(effect)}**.")
    if widest := found.widest():
        lines.append(
            f"- The tones differ most where the light is **{widest[0]}**: there the highest third "
            f"scores **{100 * widest[1]:+.1f} points** beside the lowest, light left as it is."
        )
    for twin in twins:
        low, high = twin.size.low, twin.size.high
        size = f"{twin.size.value:+.2f} standard deviations ({low:+.2f} to {high:+.2f})"
        points = 100 * twin.size.value * found.spread
        lines.append(
            f"- {twin.pairs} scenes drawn twice, {twin.change}: **{points:+.1f} points**, {size}."
        )
    return "\n".join(lines).replace("-0", "−0").replace("**-", "**−").replace("(-", "(−")


def _points(found: Estimate) -> str:
    value, low, high = (f"{100 * part:+.1f}".replace("-", "−") for part in found)
    return f"{value} points ({low} to {high})"


def shown_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers as people read them; a group of too few photos keeps only its count."""
    few = ~table["enough"]
    names = {"Group": table["one"]} | ({"and": table["two"]} if "two" in table else {})
    shown = pd.DataFrame({**names, "Photos": table["n"], "In the top": table["in_top"]})
    for title, name in (("Mean score", "mean"), ("Of the top", "top_share"), ("Good", "good")):
        if table[name].notna().any():
            percent = (100 * table[name]).map("{:.0f} %".format, na_action="ignore")
            shown[title] = percent.mask(few, "too few")
    return shown.assign(**{"In short": table["in_short"]})
