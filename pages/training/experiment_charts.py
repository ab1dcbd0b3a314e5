"""The charts of the experiment: posts, peers, curves of the training, judges, reliability."""

import pandas as pd
import plotly.graph_objects as go

from pages.shared import ui
from pages.shared.charts import GOOD, LESS, QUIET, add_intervals, layout
from selfie_core.training.experiment import Audience, Judged, Training
from selfie_core.training.report import RIVALS


def posts_chart(found: Audience) -> go.Figure:
    """Return likes over followers, one dot per post, coloured by label."""
    figure = go.Figure()
    for label, name, colour in ((0, "liked less than its peers", LESS), (1, "liked more", GOOD)):
        posts = found.drawn[found.drawn["label"] == label]
        figure.add_scatter(
            x=posts["followers"], y=posts["likes"].clip(1), name=name, mode="markers",
            marker={"color": colour, "size": 5, "opacity": 0.75},
            hovertemplate="%{x:,} followers, %{y:,} likes<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(type="log", title="Followers", dtick=1)
    figure.update_yaxes(type="log", title="Likes", dtick=1)
    return layout(figure, 360)


def share_chart(found: Audience) -> go.Figure:
    """Return the share of good selfies by tenths of the audience: flat, if all went well."""
    parts = found.parts
    places = list(range(len(parts)))
    figure = go.Figure()
    add_intervals(
        figure, parts, "good", places, colour=GOOD, size=11, upright=True,
        data=["low", "high", "likes"],
        hover="%{customdata[2]:,.0f} to %{customdata[3]:,.0f} followers<br>"
              "%{y:.0f} % good, %{customdata[4]:,.0f} likes in the middle",
    )  # fmt: skip
    figure.add_hline(y=50, line_width=1, line_color=QUIET)
    names = [_count(low) for low in parts["low"]]
    figure.update_xaxes(tickvals=places, ticktext=names, title="Followers, from", showgrid=False)
    figure.update_yaxes(ticksuffix=" %", range=[0, 100], title="Share of good ones")
    return layout(figure, 360)


def _count(number: float) -> str:
    return f"{number / 1000:.1f}k" if number >= 1000 else f"{number:.0f}"


def group_chart(posts: pd.DataFrame, middle: float) -> go.Figure:
    """Return the likes of one peer group, cut in the middle."""
    figure = go.Figure()
    for label, name, colour in ((0, "liked less", LESS), (1, "liked more", GOOD)):
        likes = posts.loc[posts["label"] == label, "likes"]
        figure.add_histogram(x=likes, name=name, marker_color=colour, nbinsx=40, opacity=0.85)
    figure.add_vline(x=middle, line_width=2, line_dash="dot", line_color=QUIET)
    figure.update_layout(barmode="stack", bargap=0.06)
    figure.update_xaxes(title="Likes")
    figure.update_yaxes(title="Selfies", nticks=5)
    return layout(figure, 240)


def loss_chart(training: Training) -> go.Figure:
    """Return the loss on training and validation photos by epoch."""
    lines = [("loss", "training", QUIET), ("val_loss", "validation", LESS)]
    return _by_epoch(training, "Loss (cross-entropy)", lines)


def auc_chart(training: Training) -> go.Figure:
    """Return the AUC on validation photos by epoch."""
    return _by_epoch(training, "AUC", [("val_auc", "validation", GOOD)])


def _by_epoch(training: Training, title: str, lines: list[tuple[str, str, str]]) -> go.Figure:
    """Return columns of the training's curve as lines: of each column, name and colour."""
    figure = go.Figure()
    for column, name, colour in lines:
        figure.add_scatter(
            x=training.curve["epoch"], y=training.curve[column], name=name, mode="lines+markers",
            line={"color": colour, "width": 2}, marker={"size": 8},
            hovertemplate="epoch %{x}: %{y:.4f}<extra></extra>",
        )  # fmt: skip
    figure.update_yaxes(title=title, nticks=6)
    if training.best:
        figure.add_vline(x=training.best, line_width=1, line_dash="dot", line_color=QUIET,
                         annotation_text="kept", annotation_position="top")  # fmt: skip
    figure.update_xaxes(title="Epoch", dtick=max(1, len(training.curve) // 10), showgrid=False)
    return layout(figure, 300)


def learned_chart(training: Training) -> go.Figure:
    """Return what fc7 knows beside the label."""
    names = [name.replace("_", " ") for name in training.learned][::-1]
    values = [100 * value for value in training.learned.values()][::-1]
    figure = go.Figure()
    figure.add_bar(x=values, y=names, orientation="h", marker_color=LESS,
                   hovertemplate="%{y}: %{x:.0f} %<extra></extra>")  # fmt: skip
    figure.update_xaxes(ticksuffix=" %", range=[0, 100])
    figure.update_yaxes(automargin=True, showgrid=False)
    return layout(figure, 60 + 20 * len(names))


def judges_chart(found: Judged, measure: str) -> go.Figure:
    """Return the scorer beside what it has to beat, and what nobody can."""
    names = [name for name in RIVALS if name in found.facts]
    names.sort(key=lambda name: found.facts[name][measure])
    scale = 100 if measure == "accuracy" else 1
    figure = go.Figure()
    for name in names:
        value, (low, high) = found.facts[name][measure], found.facts[name][f"{measure}_interval"]
        add_intervals(
            figure, pd.DataFrame({"is": [value], "is_low": [low], "is_high": [high]}), "is",
            [RIVALS[name]], colour=GOOD if name == "scorer" else QUIET, size=13, scale=scale,
            hover=f"{_shown(low, measure)} to {_shown(high, measure)}",
        )  # fmt: skip
        on_line = abs(value - 0.5) < 0.01  # the coin's, which would strike the number through
        figure.add_annotation(
            x=scale * value, y=RIVALS[name], text=_shown(value, measure), showarrow=False,
            yshift=16, xshift=4 * on_line, xanchor="left" if on_line else "center",
        )  # fmt: skip
    figure.add_vline(x=0.5 * scale, line_width=1, line_color=QUIET)
    figure.update_xaxes(ticksuffix=" %" if measure == "accuracy" else "")
    figure.update_yaxes(range=[-0.5, len(names) - 0.3], automargin=True, showgrid=False)
    return layout(figure, 70 + 58 * len(names), legend=False)


def _shown(value: float, measure: str) -> str:
    return ui.percent(value) if measure == "accuracy" else f"{value:.3f}"


def reliability_chart(curve: pd.DataFrame) -> go.Figure:
    """Return the share of good photos over the score, beside the honest diagonal."""
    figure = go.Figure()
    figure.add_scatter(x=[0, 100], y=[0, 100], mode="lines", hoverinfo="skip",
                       line={"color": QUIET, "width": 1, "dash": "dot"})  # fmt: skip
    add_intervals(
        figure, curve, "good", 100 * curve["score"], colour=GOOD, size=9, upright=True,
        joined=True, data=["n"],
        hover="score %{x:.0f} %: %{y:.0f} % good of %{customdata[2]} photos",
    )  # fmt: skip
    figure.update_xaxes(range=[0, 100], ticksuffix=" %", title="Score")
    figure.update_yaxes(range=[0, 100], ticksuffix=" %", title="Share that was liked more")
    return layout(figure, 360, legend=False)
