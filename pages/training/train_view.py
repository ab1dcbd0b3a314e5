"""A scorer that was trained: how good it is, its file, and what it makes of piles and gallery."""

import html
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.shared import ui
from pages.shared.charts import MARK, QUIET, add_intervals, by_name, show_beside
from pages.shared.own import offer_scorer
from pages.training.ask import SHOWN, Make, ends, sheet
from selfie_core.gallery.gallery import Gallery
from selfie_core.scorer.scorer import Scorer
from selfie_core.training import last_layer
from selfie_core.training.last_layer import FittedHead
from selfie_core.training.piles import Piles

_NAMES = {
    "yours": "Yours",
    "shipped": "The app’s own",
    "brightness": "Brightness alone",
    "larger": "Always the larger pile",
}
_MEASURES = {
    "auc": "Ranks a good one above a bad one",
    "accuracy": "Puts a photo into the right pile",
}


@dataclass(frozen=True, eq=False)
class Trained:
    """What this session keeps of the last training."""

    piles: Piles
    lesson: FittedHead
    file: bytes  # the scorer


def train(make: Make, scorer: Scorer) -> Trained:
    """Return a scorer that learned the difference between two piles."""
    with ui.bar("Reading the photos") as progress:
        made = make(progress)
    with ui.bar("Fitting") as progress:
        lesson = last_layer.fit_head(made, progress=progress)
    return Trained(made, lesson, last_layer.scorer_file(scorer, lesson.head, lesson.facts))


def show_trained(trained: Trained, gallery: Gallery, scorer: Scorer) -> None:
    """Show how good a scorer is, offer it, and show what it makes of photos."""
    lesson = trained.lesson
    st.html(_verdict(lesson, trained.piles))
    for line in lesson.warnings:
        st.warning(line, icon=":material/info:")
    offer_scorer(scorer, lambda: trained.file, lesson.head, worth=lesson.beats_a_coin, key="train")
    st.header("Beside others", anchor=False)
    charts = {title: _chart(lesson.judged, measure) for measure, title in _MEASURES.items()}
    show_beside(charts, key="train_chart")
    _show_mistakes(trained)
    st.header("What it makes of this gallery", anchor=False)
    ranked = lesson.head.score(gallery.fc7).argsort()[::-1]
    best, worst = st.columns(2, gap="large")
    for column, rows, name in ((best, ranked[:SHOWN], "Best"), (worst, ranked[-SHOWN:], "Worst")):
        column.caption(f"{name}, by your scorer")
        column.html(ends(gallery, rows, f"{name} photos by your scorer"))


def _show_mistakes(trained: Trained) -> None:
    """Show the photos that the scorer would have put into the other pile."""
    labels, thumbs = trained.piles.labels, trained.piles.thumbs
    wrong = {
        name: last_layer.mistakes(trained.lesson, labels, good=name == "good", count=SHOWN)
        for name in ("good", "bad")
    }
    if not any(wrong.values()):
        return
    st.header("Where it disagrees with you", anchor=False)
    for column, (name, rows) in zip(st.columns(2, gap="large"), wrong.items(), strict=True):
        other = "bad" if name == "good" else "good"
        if rows:
            column.caption(f"Yours are {name}; to the scorer they look {other}")
            column.html(sheet([thumbs[row] for row in rows], f"{name} photos it gets wrong"))


def _verdict(lesson: FittedHead, piles: Piles) -> str:
    """Return how well it does, as a figure and in plain words."""
    yours = lesson.judged.iloc[0]
    low, high = (round(100 * yours[f"auc_{end}"]) for end in ("low", "high"))
    good = int(piles.labels.sum())
    times = round(100 * yours["auc"])
    figure = f'<div class="figure">{times}</div>' if lesson.beats_a_coin else ""
    lead = "times in 100 it ranks a good photo above a bad one, of two that it has never seen."
    if not lesson.beats_a_coin:
        lead = (
            f"It does no better than a coin: {times} {lead} The piles differ in nothing that this "
            "net sees, or are too small."
        )
    reasons = "; ".join(f"{count} × {reason}" for reason, count in piles.left_out.items())
    left_out = f" Left out: {html.escape(reasons)}." if reasons else ""
    return (
        f'<div class="train-verdict">{figure}<div><p class="lead">{lead}</p>'
        f"<p>95 % interval: {low} to {high}; a coin gets 50. It puts "
        f"{100 * yours['accuracy']:.0f} % of the photos into the right pile.</p>"
        f'<p class="quiet">Measured five times over: each fifth of your {good} good and '
        f"{len(piles.labels) - good} bad photos was judged by a scorer that learned from the other "
        f"four; near-copies, and photos of one user, stayed together.{left_out}</p></div></div>"
    )


def _chart(judged: pd.DataFrame, measure: str) -> go.Figure:
    """Return a measure of each scorer with its interval, beside what a coin gets."""
    figure = go.Figure()
    for mine, colour in ((False, QUIET), (True, MARK)):
        rows = judged[(judged["name"] == "yours") == mine].iloc[::-1]
        add_intervals(
            figure, rows, measure, rows["name"].map(_NAMES), colour=colour,
            hover="%{y}: %{x:.1f} %",
        )  # fmt: skip
    figure.add_vline(50, line={"color": QUIET, "dash": "dot", "width": 1})
    figure.update_xaxes(range=[0, 104], tickvals=[0, 25, 50, 75, 100], ticksuffix=" %")
    return by_name(figure, len(judged), legend=False)
