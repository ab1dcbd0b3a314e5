"""The charts of the audit: shares of the top, gaps, distributions, light against tone."""

import textwrap
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from pages.shared import ui
from pages.shared.charts import MARK, QUIET, add_intervals, around_zero, by_name, layout

_LINE = 24  # letters beside a chart
_LINES = (ui.RAMP[0], ui.RAMP[2], ui.RAMP[5])


def narrow(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose names of groups are broken into lines that leave a chart its room."""
    names = [column for column in ("one", "two", "group") if column in table]
    return table.assign(**{name: table[name].map(_in_lines) for name in names})


def _in_lines(name: str) -> str:
    return "<br>".join(textwrap.wrap(name, _LINE)) or name


def top_chart(table: pd.DataFrame) -> go.Figure:
    """Return each group's share of the top beside its share of all photos."""
    shown = table[table["enough"]].iloc[::-1].rename(columns={"top_share": "top"})
    figure = go.Figure()
    add_intervals(
        figure, shown, "top", shown["one"], name="of the top", data=["in_top"],
        hover="%{x:.0f} % of the top: %{customdata[2]} photos",
    )  # fmt: skip
    figure.add_scatter(
        x=100 * shown["share"], y=shown["one"], name="of all photos", mode="markers",
        marker={"size": 18, "symbol": "line-ns", "line": {"width": 3, "color": QUIET}},
        customdata=shown["n"],
        hovertemplate="%{x:.0f} % of all: %{customdata:,} photos<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(rangemode="tozero", ticksuffix=" %")
    return by_name(figure, len(shown))


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
    figure.update_yaxes(tickvals=list(range(len(names))), ticktext=list(names))
    figure.update_xaxes(ticksuffix=" %", title="Score")
    return by_name(figure, len(names), legend=False)


def meeting_chart(table: pd.DataFrame, titles: tuple[str, str]) -> go.Figure:
    """Return the mean score where two groups meet; too few photos leave a cell empty."""
    rows, columns = table["one"].unique(), table["two"].unique()
    cells = table.assign(
        percent=100 * table["mean"].where(table["enough"]),
        text=[_cell(row) for row in table.itertuples()],
        ends=[_span(row) for row in table.itertuples()],
    )
    percent, text, ends = (
        cells.pivot(index="one", columns="two", values=name).reindex(rows)[columns]
        for name in ("percent", "text", "ends")
    )
    steps = [[place / (len(ui.RAMP) - 1), colour] for place, colour in enumerate(ui.RAMP)]
    figure = go.Figure(
        go.Heatmap(
            z=percent, x=list(columns), y=list(rows), text=text.fillna(""), xgap=3, ygap=3,
            texttemplate="%{text}", colorscale=steps, showscale=False, hoverongaps=False,
            customdata=ends,
            hovertemplate=f"{titles[0]}: %{{y}}<br>{titles[1]}: %{{x}}<br>%{{z:.1f}} % "
                          "(%{customdata})<extra></extra>",
        )
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", automargin=True, showgrid=False)
    figure.update_xaxes(side="top", showgrid=False)
    return layout(figure, 80 + 64 * len(rows))


def _span(row: Any) -> str:
    return f"{100 * row.mean_low:.0f} to {100 * row.mean_high:.0f} %"


def _cell(row: Any) -> str:
    if not row.enough:
        return f"{row.n}: too few"
    return f"<b>{100 * row.mean:.0f} %</b><br>{row.n:,}<br>{row.in_top} top"


def tone_chart(cells: pd.DataFrame) -> go.Figure:
    """Return the mean score by light, one line per third of the tones."""
    figure = go.Figure()
    for place, tone in enumerate(cells["two"].unique()):
        line = cells[(cells["two"] == tone) & cells["enough"]]
        add_intervals(
            figure, line, "mean", line["one"], name=f"{tone} of the tones", data=["n"],
            colour=_LINES[place % len(_LINES)], size=9, upright=True, joined=True,
            hover="%{y:.0f} %, %{customdata[2]} photos",
        )  # fmt: skip
    figure.update_yaxes(ticksuffix=" %", title="Mean score")
    figure.update_xaxes(title="Light", showgrid=False)
    return layout(figure, 340)
