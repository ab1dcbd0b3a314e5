"""What the page of the experiment draws: posts, peers, curves, judges, the meaning of 60 %."""

import html
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.shared import ui
from pages.shared.charts import layout
from selfie_core.gallery.gallery import Gallery
from selfie_core.training import experiment
from selfie_core.training.experiment import Audience, Judged, Training
from selfie_core.training.report import RIVALS

GOOD, LESS, QUIET = ui.RAMP[4], ui.RAMP[0], "rgba(128, 124, 134, 0.8)"
STYLE = f"<style>{(Path(__file__).parent / 'experiment.css').read_text('utf-8')}</style>"
PEERS = (
    "Whoever has more followers gets more likes, whatever the photo. So selfies are put in order "
    "of their audience and cut into groups of 100; inside a group all had about the same chance, "
    "and the half with more likes is called good."
)
CURVES = (
    "Validation photos choose the epoch that is kept, so they flatter it; test photos, below, are "
    "only looked at once. Where the label learned is the average of many audiences, as in the "
    "demo, chance is averaged out too: its curves stand far above any single audience's."
)
NEW = (
    "The post gave one number, 60 %, on the photos by which the net was chosen. Here it is on "
    "photos that had no part in the training, beside what it has to beat."
)
SEEN = "The post gave one number, 60 %. Here is this net beside what it has to beat."
LUCK = (
    "Half of the photos anybody gets right by guessing. Likes are partly luck, too: of two equal "
    "photos one happens to be seen. So between a coin and the best there could be lies a narrow "
    "band, and a score of one photo says little; over hundreds it says much."
)
MEANS = {
    "auc": "Of one photo that was liked more and one that was liked less, how often the first gets "
    "the higher score (AUC). A coin has 0.5.",
    "accuracy": "How often a score above or below 50 % says rightly whether a photo was liked more "
    "than its peers. A coin has 50 %.",
}


@st.cache_data(max_entries=2, show_spinner="Reading the posts ...")
def audience(version: str, _gallery: Gallery) -> Audience | None:
    """Return the audience of the gallery's posts."""
    return experiment.read_audience(_gallery.table)


@st.cache_data(max_entries=2, show_spinner="Judging the scores ...")
def judged(version: str, _gallery: Gallery) -> Judged | None:
    """Return how right the gallery's scores are."""
    return experiment.judge_gallery(_gallery.table)


def posts_chart(found: Audience) -> go.Figure:
    """Return likes over followers, one dot a post, coloured by label."""
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
    y, low, high = (100 * parts[name] for name in ("good", "good_low", "good_high"))
    names = [_count(part.low) for part in parts.itertuples()]
    figure = go.Figure()
    figure.add_scatter(
        x=list(range(len(parts))), y=y, mode="markers", marker={"color": GOOD, "size": 11},
        error_y={"type": "data", "array": high - y, "arrayminus": y - low, "width": 0,
                 "color": GOOD, "thickness": 2},
        customdata=parts[["low", "high", "likes"]],
        hovertemplate="%{customdata[0]:,.0f} to %{customdata[1]:,.0f} followers<br>"
                      "%{y:.0f} % good, %{customdata[2]:,.0f} likes in the middle<extra></extra>",
    )  # fmt: skip
    figure.add_hline(y=50, line_width=1, line_color=QUIET)
    figure.update_xaxes(
        tickvals=list(range(len(parts))), ticktext=names, title="Followers, from", showgrid=False
    )
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


def group_line(found: Audience, number: int) -> str:
    """Return who the peers of a group are, counted from 1."""
    group = found.groups.iloc[number - 1]
    line = (
        f"{group['n']:.0f} selfies of people with {group['low']:,.0f} to {group['high']:,.0f} "
        f"followers; half got more than {group['likes']:,.0f} likes."
    )
    if found.same < 1:
        line += (
            " The labels were made among more posts than this gallery shows, so the cut is not "
            f"sharp here: {100 * found.same:.0f} % of them fall on the same side."
        )
    return line


def check_line(found: Audience) -> str:
    """Return how raw likes and labels go with followers, in Markdown."""

    def said(name: str) -> str:
        low, high = found.check[f"{name}_interval"]
        return f"**{found.check[name]:+.2f}** ({low:+.2f} to {high:+.2f})".replace("-", "−")

    return (
        f"Rank correlation with the number of followers, over {found.check['posts']:,} posts: raw "
        f"likes {said('likes_follow_followers')}, labels {said('label_follow_followers')}."
    )


def loss_chart(training: Training) -> go.Figure:
    """Return the loss on training and validation photos by epoch."""
    curve = training.curve
    figure = go.Figure()
    for column, name, colour in (("loss", "training", QUIET), ("val_loss", "validation", LESS)):
        figure.add_scatter(
            x=curve["epoch"], y=curve[column], name=name, mode="lines+markers",
            line={"color": colour, "width": 2}, marker={"size": 8},
            hovertemplate="epoch %{x}: %{y:.4f}<extra></extra>",
        )  # fmt: skip
    figure.update_yaxes(title="Loss (cross-entropy)", nticks=6)
    return _epochs(figure, training)


def auc_chart(training: Training) -> go.Figure:
    """Return the AUC on validation photos by epoch."""
    figure = go.Figure()
    figure.add_scatter(
        x=training.curve["epoch"], y=training.curve["val_auc"], mode="lines+markers",
        line={"color": GOOD, "width": 2}, marker={"size": 8}, name="validation",
        hovertemplate="epoch %{x}: %{y:.3f}<extra></extra>",
    )  # fmt: skip
    figure.update_yaxes(title="AUC", nticks=6)
    return _epochs(figure, training)


def _epochs(figure: go.Figure, training: Training) -> go.Figure:
    if training.best:
        figure.add_vline(x=training.best, line_width=1, line_dash="dot", line_color=QUIET,
                         annotation_text="kept", annotation_position="bottom right")  # fmt: skip
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
        colour = GOOD if name == "scorer" else QUIET
        figure.add_scatter(
            x=[scale * value], y=[RIVALS[name]], mode="markers+text", text=[_shown(value, measure)],
            textposition="top center", marker={"color": colour, "size": 13}, showlegend=False,
            error_x={"type": "data", "array": [scale * (high - value)], "width": 0,
                     "arrayminus": [scale * (value - low)], "color": colour, "thickness": 2},
            hovertemplate=f"{_shown(low, measure)} to {_shown(high, measure)}<extra></extra>",
        )  # fmt: skip
    figure.add_vline(x=0.5 * scale, line_width=1, line_color=QUIET)
    figure.update_xaxes(ticksuffix=" %" if measure == "accuracy" else "")
    figure.update_yaxes(automargin=True, showgrid=False)
    figure = layout(figure, 70 + 58 * len(names))
    figure.update_yaxes(range=[-0.5, len(names) - 0.3])
    return figure


def _shown(value: float, measure: str) -> str:
    return f"{100 * value:.1f} %" if measure == "accuracy" else f"{value:.3f}"


def reliability_chart(found: Judged) -> go.Figure:
    """Return the share of good photos over the score, beside the honest diagonal."""
    curve = found.curve if found.curve is not None else pd.DataFrame()
    y, low, high = (100 * curve[name] for name in ("good", "good_low", "good_high"))
    figure = go.Figure()
    figure.add_scatter(x=[0, 100], y=[0, 100], mode="lines", hoverinfo="skip", showlegend=False,
                       line={"color": QUIET, "width": 1, "dash": "dot"})  # fmt: skip
    figure.add_scatter(
        x=100 * curve["score"], y=y, mode="lines+markers", showlegend=False,
        line={"color": GOOD, "width": 2}, marker={"size": 9}, customdata=curve["n"],
        error_y={"type": "data", "array": high - y, "arrayminus": y - low, "width": 0,
                 "color": GOOD, "thickness": 1.5},
        hovertemplate="score %{x:.0f} %: %{y:.0f} % good of %{customdata} photos<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(range=[0, 100], ticksuffix=" %", title="Score")
    figure.update_yaxes(range=[0, 100], ticksuffix=" %", title="Share that was liked more")
    return layout(figure, 360)


def hundred(rows: list[tuple[str, int]]) -> str:
    """Return a line of 100 cells for each judge, filled as often as it is right, as HTML."""
    lines = []
    for name, right in rows:
        cells = "".join(
            f'<i class="{"luck" if place < 50 else "skill"}"></i>' if place < right else "<i></i>"
            for place in range(100)
        )
        lines.append(
            f'<div class="hundred"><div><b>{right}</b> of 100 <span>{html.escape(name)}</span>'
            f'</div><div class="cells" aria-hidden="true">{cells}</div></div>'
        )
    return "".join(lines)


def facts_line(training: Training) -> str:
    """Return what the scorer is and what it saw, as HTML."""
    parts = [f"<span>{html.escape(n)} <b>{html.escape(v)}</b></span>" for n, v in training.about]
    return f'<div class="experiment-facts">{"".join(parts)}</div>'
