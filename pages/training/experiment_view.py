"""The experiment: how labels were made, how the net learned, how right it is, in words."""

import html
import math

import pandas as pd
import streamlit as st

from pages.shared import ui
from pages.shared.charts import show_beside, show_chart
from pages.training import experiment_charts as charts
from selfie_core.base.errors import ModelError
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned import trials
from selfie_core.training import experiment
from selfie_core.training.experiment import Audience, Judged, Training

_MEASURES = {"auc": "Best of two", "accuracy": "Right or wrong"}
_PEERS = (
    "Whoever has more followers gets more likes, whatever the photo. So selfies are put in order "
    "of their audience and cut into groups of 100; inside a group all had about the same chance, "
    "and the half with more likes is called good."
)
_CURVES = (
    "Validation photos choose the epoch that is kept, so they flatter it; test photos, below, are "
    "only looked at once. Where the label learned is the average of many audiences, as in the "
    "demo, chance is averaged out too: its curves stand far above any single audience's."
)
_NEW = (
    "The post gave one number, 60 %, on the photos by which the net was chosen. Here it is on "
    "photos that had no part in the training, beside what it has to beat."
)
_SEEN = "The post gave one number, 60 %. Here is this net beside what it has to beat."
_LUCK = (
    "Half of the photos anybody gets right by guessing. Likes are partly luck, too: of two equal "
    "photos one happens to be seen. So between a coin and the best there could be lies a narrow "
    "band, and a score of one photo says little; over hundreds it says much."
)
_MEANS = {
    "auc": "Of one photo that was liked more and one that was liked less, how often the first gets "
    "the higher score (AUC). A coin has 0.5.",
    "accuracy": "How often a score above or below 50 % says rightly whether a photo was liked more "
    "than its peers. A coin has 50 %.",
}


@ui.cached("Reading the posts ...")
def _audience(gallery: Gallery) -> Audience | None:
    """Return the audience of the gallery's posts."""
    return experiment.read_audience(gallery.table)


@ui.cached("Judging the scores ...")
def _judged(gallery: Gallery) -> Judged | None:
    """Return how right the gallery's scores are."""
    return experiment.judge_gallery(gallery.table)


def show_labels(gallery: Gallery) -> None:
    """Show how likes became labels, on this gallery's own posts."""
    st.header("Likes, without the fame", anchor="labels")
    found = _audience(gallery)
    if found is None:
        st.info(
            "This gallery has no posts with followers, likes and labels. Build it with "
            "`--posts POSTS.csv` to see how its labels come about."
        )
        return
    st.markdown(_PEERS)
    show_beside(
        {
            "Likes follow followers …": charts.posts_chart(found),
            "… labels do not": charts.share_chart(found),
        },
        key="experiment_posts",
    )
    st.caption(_check_line(found))
    if len(found.groups) > 1:
        _show_group(found)


def _show_group(found: Audience) -> None:
    """Show one peer group, chosen by a slider."""
    st.markdown("### One group of peers")
    most = len(found.groups)
    number = st.slider(
        "Group, from the smallest audience to the largest", 1, most, (most + 1) // 2, key="group",
        bind="query-params",
    )  # fmt: skip
    group = found.groups.iloc[number - 1]
    st.caption(_group_line(group, found.same))
    posts = found.group(int(group["number"]))
    show_chart(charts.group_chart(posts, float(group["likes"])), key="experiment_group")


def show_training(gallery: Gallery) -> None:
    """Show how the scorer was trained, as its own file says."""
    st.header("How it learned", anchor="training")
    try:
        training = experiment.read_training(gallery.scorer_path)
    except ModelError as error:
        st.info(ui.plain(str(error)))
        return
    st.html(_facts_line(training))
    if len(training.curve) < 2:
        st.info("Its file holds no training curve.")
        return
    show_beside(
        {
            "What it gets wrong": charts.loss_chart(training),
            "What it gets right": charts.auc_chart(training),
        },
        key="experiment_curve",
    )
    st.caption(_CURVES)
    if training.learned:
        with st.expander("What fc7 knows beside the label", icon=":material/psychology:"):
            st.caption("Share of each factor’s variance that fc7 explains on validation photos.")
            show_chart(charts.learned_chart(training), key="experiment_learned")


def show_results(gallery: Gallery) -> None:
    """Show how right the scores are, what that means, and whether a percent is a percent."""
    st.header("How right it is", anchor="results")
    own = _judged(gallery)
    before = experiment.judged_before(trials.known_metrics(gallery.scorer_id))
    sets: list[Judged] = [*([own] if own else []), *before]
    if not sets:
        st.info("This gallery has no labels of both kinds, so nobody knows how right it is.")
        return
    st.markdown(_NEW if not (own and own.note) else _SEEN)
    name = st.pills(
        "Photos", [found.name for found in sets], default=sets[0].name, required=True,
        key="experiment_set",
    )  # fmt: skip
    measure = st.pills(
        "Measure", list(_MEASURES), default="auc", required=True, key="experiment_measure",
        format_func=_MEASURES.__getitem__,
    )  # fmt: skip
    found = next(one for one in sets if one.name == name)
    st.caption(f"{found.facts['photos']:,} photos. {_MEANS[measure]} {found.note}")
    show_chart(charts.judges_chart(found, measure), key="experiment_judges")
    st.subheader("What 60 % means", anchor="sixty")
    st.markdown(_LUCK)
    st.html(_hundred(experiment.right_of_100(sets)))
    if own and own.curve is not None:
        st.subheader("Is 70 % right 70 times in 100?", anchor="reliability")
        left, right = st.columns([5, 4], gap="large", vertical_alignment="center")
        with left:
            show_chart(charts.reliability_chart(own.curve), key="experiment_reliability")
        right.markdown(
            "Each dot holds photos of about one score; its height is how many of them were liked "
            "more than their peers. On the dotted line the percent is honest, above it the net is "
            f"too modest, below it too sure. On average it is **{100 * own.error:.1f} points** off."
        )


def _group_line(group: pd.Series, same: float) -> str:
    """Return who the peers of a group are, and whether its cut is sharp here."""
    line = (
        f"{group['n']:.0f} selfies of people with {group['low']:,.0f} to {group['high']:,.0f} "
        f"followers; half got more than {group['likes']:,.0f} likes."
    )
    if same < 1:
        line += (
            " The labels were made among more posts than this gallery shows, so the cut is not "
            f"sharp here: {math.floor(100 * same)} % of them fall on the same side."
        )
    return line


def _check_line(found: Audience) -> str:
    """Return how raw likes and labels go with followers, in Markdown."""

    def said(name: str) -> str:
        ends = found.check[name], *found.check[f"{name}_interval"]
        value, low, high = (ui.signed(end, "+.2f") for end in ends)
        return f"**{value}** ({low} to {high})"

    return (
        f"Rank correlation with the number of followers, over {found.check['posts']:,} posts: raw "
        f"likes {said('likes_follow_followers')}, labels {said('label_follow_followers')}."
    )


def _hundred(rows: list[tuple[str, int]]) -> str:
    """Return a line of 100 cells for each judge, filled as often as it is right, as HTML."""
    lines = []
    for name, right in rows:
        kinds = ["luck"] * min(right, 50) + ["skill"] * (right - 50) + [""] * (100 - right)
        cells = "".join(f'<i class="{kind}"></i>' for kind in kinds)
        lines.append(
            f'<div class="hundred"><div><b>{right}</b> of 100 <span>{html.escape(name)}</span>'
            f'</div><div class="cells" aria-hidden="true">{cells}</div></div>'
        )
    return "".join(lines)


def _facts_line(training: Training) -> str:
    """Return what the scorer is and what it saw, as HTML."""
    parts = [f"<span>{html.escape(n)} <b>{html.escape(v)}</b></span>" for n, v in training.about]
    return f'<div class="experiment-facts">{"".join(parts)}</div>'
