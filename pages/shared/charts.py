"""Charts: points with 95 % intervals, one layout for all, and how a page shows them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.shared import ui

MARK, GOOD, LESS, QUIET = ui.RAMP[3], ui.RAMP[4], ui.RAMP[0], "rgba(128, 124, 134, 0.8)"


def show_chart(figure: go.Figure, *, key: str) -> None:
    """Show a chart without Plotly's buttons."""
    st.plotly_chart(figure, config={"displayModeBar": False}, key=key)


def show_beside(charts: Mapping[str, go.Figure], *, key: str) -> None:
    """Show charts side by side, each under its title."""
    columns = st.columns(len(charts), gap="large")
    for place, (title, figure) in enumerate(charts.items()):
        with columns[place]:
            st.markdown(f"### {ui.plain(title)}")
            show_chart(figure, key=f"{key}_{place}")


def add_intervals(
    figure: go.Figure,
    table: pd.DataFrame,
    column: str,
    at: Any,
    *,
    hover: str,
    data: Sequence[str] = (),
    name: str = "",
    colour: str = MARK,
    size: int = 12,
    upright: bool = False,
    joined: bool = False,
    scale: float = 100,
) -> None:
    """Add points, each with a line from the lower to the upper end of its interval.

    A row of the table is a point: `column` with `_low` and `_high` are its value and interval,
    shown times `scale`, on the y axis if `upright`; `at` is its place on the other axis. `hover` is
    what it says, as Plotly's template: customdata[0] and [1] are the ends of the interval, from
    customdata[2] on come the columns `data`.
    """
    value, low, high = (scale * table[f"{column}{end}"] for end in ("", "_low", "_high"))
    along, across = ("y", "x") if upright else ("x", "y")
    interval = {"type": "data", "array": high - value, "arrayminus": value - low, "width": 0,
                "color": colour, "thickness": 2}  # fmt: skip
    figure.add_scatter(
        name=name, mode="lines+markers" if joined else "markers",
        marker={"color": colour, "size": size}, line={"color": colour, "width": 2},
        customdata=np.column_stack([low, high, *(table[name] for name in data)]),
        hovertemplate=f"{hover}<extra></extra>",
        **{along: value, across: at, f"error_{along}": interval},
    )  # fmt: skip


def around_zero(
    shown: pd.DataFrame, name: str, series: Sequence[tuple[str, str, str, int]]
) -> go.Figure:
    """Return differences in points of score beside a line at zero, one line per name.

    `name` is the column of names; a series has a title, a column, a colour and a size.
    """
    figure = go.Figure()
    hover = "%{x:+.1f} (%{customdata[0]:+.1f} to %{customdata[1]:+.1f})"
    for title, column, colour, size in series:
        add_intervals(
            figure, shown, column, shown[name], hover=hover, name=title, colour=colour, size=size
        )
    figure.add_vline(x=0, line_width=1, line_color=QUIET)
    figure.update_xaxes(tickformat="+.0f", title="Points of score")
    return by_name(figure, len(shown), legend=len(series) > 1)


def by_name(figure: go.Figure, names: int, *, legend: bool = True) -> go.Figure:
    """Give a chart with a line per name its height and layout."""
    figure.update_yaxes(title=None, automargin=True, showgrid=False)
    return layout(figure, 90 + 38 * max(2, names), legend=legend)


def layout(figure: go.Figure, height: int, *, legend: bool = True) -> go.Figure:
    """Give a chart its height in pixels, its margins and, on top, the legend of several series."""
    figure.update_layout(
        height=height, margin={"l": 0, "r": 0, "t": 34 if legend else 8, "b": 0}, dragmode=False,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    if not legend:
        figure.update_layout(showlegend=False)
    figure.update_xaxes(zeroline=False)
    figure.update_yaxes(zeroline=False)
    return figure
