"""Charts with intervals."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from pages.shared import ui

MARK, QUIET = ui.RAMP[3], "rgba(128, 124, 134, 0.8)"

_MARGIN = {"l": 0, "r": 0, "t": 34, "b": 0}
_LEGEND = {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0}


def around_zero(
    shown: pd.DataFrame, name: str, series: tuple[tuple[str, str, str, int], ...]
) -> go.Figure:
    """Return points with intervals, a line each, beside a line at zero."""
    figure = go.Figure()
    for title, column, colour, size in series:
        x, low, high = (100 * shown[f"{column}{end}"] for end in ("", "_low", "_high"))
        figure.add_scatter(
            x=x, y=shown[name], name=title, mode="markers", marker={"color": colour, "size": size},
            error_x=bars(x, low, high, colour), customdata=np.column_stack([low, high]),
            hovertemplate="%{x:+.1f} (%{customdata[0]:+.1f} to %{customdata[1]:+.1f})"
                          "<extra></extra>",
        )  # fmt: skip
    figure.add_vline(x=0, line_width=1, line_color=QUIET)
    figure.update_xaxes(zeroline=False, tickformat="+.0f", title="Points of score")
    return finished(figure, len(shown), legend=len(series) > 1)


def bars(x: pd.Series, low: pd.Series, high: pd.Series, colour: str) -> dict[str, object]:
    """Return error bars from `low` to `high`."""
    return {"type": "data", "array": high - x, "arrayminus": x - low, "color": colour, "width": 0,
            "thickness": 2}  # fmt: skip


def finished(figure: go.Figure, lines: int, *, legend: bool = True) -> go.Figure:
    """Give a chart of so many lines its height, margins and legend."""
    figure.update_yaxes(title=None, automargin=True, showgrid=False)
    figure.update_layout(
        height=90 + 38 * max(2, lines), margin={"l": 0, "r": 0, "t": 8, "b": 0}, dragmode=False,
        showlegend=legend, legend={"orientation": "h", "y": -0.12, "yref": "container", "x": 0},
    )  # fmt: skip
    if legend:
        figure.update_layout(legend={"y": 1.0, "yanchor": "bottom", "yref": "paper"}, margin_t=34)
    return figure


def layout(figure: go.Figure, height: int) -> go.Figure:
    """Give a chart its height, margins and legend."""
    figure.update_layout(height=height, margin=_MARGIN, legend=_LEGEND, dragmode=False)
    figure.update_xaxes(zeroline=False)
    figure.update_yaxes(zeroline=False)
    return figure
