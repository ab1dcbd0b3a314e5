"""The experiment: how labels were made, how the net learned, and how right it is."""

import streamlit as st

from pages.shared import ui
from pages.training import experiment_view as view
from selfie_core.base.errors import ModelError
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned import trials
from selfie_core.training import experiment
from selfie_core.training.experiment import Audience, Judged

_PLAIN = {"displayModeBar": False}
_MEASURES = {"auc": "Best of two", "accuracy": "Right or wrong"}


def _show_labels(found: Audience | None) -> None:
    """Show how likes became labels, on this gallery's own posts."""
    st.header("Likes, without the fame", anchor="labels")
    if found is None:
        st.info(
            "This gallery has no posts with followers, likes and labels. Build it with "
            "`--posts POSTS.csv` to see how its labels come about."
        )
        return
    st.markdown(view.PEERS)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("##### Likes follow followers …")
        st.plotly_chart(view.posts_chart(found), config=_PLAIN, key="experiment_posts")
    with right:
        st.markdown("##### … labels do not")
        st.plotly_chart(view.share_chart(found), config=_PLAIN, key="experiment_share")
    st.caption(view.check_line(found))
    if len(found.groups) > 1:
        _show_group(found)


def _show_group(found: Audience) -> None:
    """Show one peer group, chosen by a slider."""
    st.markdown("##### One group of peers")
    most = len(found.groups)
    number = st.slider(
        "Group, from the smallest audience to the largest", 1, most, (most + 1) // 2, key="group",
        bind="query-params",
    )  # fmt: skip
    group = found.groups.iloc[number - 1]
    st.caption(view.group_line(found, number))
    posts = found.group(int(group["number"]))
    chart = view.group_chart(posts, float(group["likes"]))
    st.plotly_chart(chart, config=_PLAIN, key="experiment_group")


def _show_training(gallery: Gallery) -> None:
    """Show how the scorer was trained, as its own file says."""
    st.header("How it learned", anchor="training")
    try:
        training = experiment.read_training(gallery.scorer_path)
    except ModelError as error:
        st.info(str(error))
        return
    st.html(view.facts_line(training))
    if len(training.curve) < 2:
        st.info("Its file holds no training curve.")
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("##### What it gets wrong")
        st.plotly_chart(view.loss_chart(training), config=_PLAIN, key="experiment_loss")
    with right:
        st.markdown("##### What it gets right")
        st.plotly_chart(view.auc_chart(training), config=_PLAIN, key="experiment_auc")
    st.caption(view.CURVES)
    if training.learned:
        with st.expander("What fc7 knows beside the label", icon=":material/psychology:"):
            st.caption("Share of each factor’s variance that fc7 explains on validation photos.")
            chart = view.learned_chart(training)
            st.plotly_chart(chart, config=_PLAIN, key="experiment_learned")


def _show_results(gallery: Gallery) -> None:
    """Show how right the scores are, what that means, and whether a percent is a percent."""
    st.header("How right it is", anchor="results")
    own = view.judged(gallery.version, gallery)
    before = experiment.judged_before(trials.known_metrics(gallery.scorer_id))
    sets: list[Judged] = [*([own] if own else []), *before]
    if not sets:
        st.info("This gallery has no labels of both kinds, so nobody knows how right it is.")
        return
    st.markdown(view.NEW if not (own and own.note) else view.SEEN)
    name = st.pills(
        "Photos", [found.name for found in sets], default=sets[0].name, required=True,
        key="experiment_set",
    )  # fmt: skip
    measure = st.pills(
        "Measure", list(_MEASURES), default="auc", required=True, key="experiment_measure",
        format_func=_MEASURES.__getitem__,
    )  # fmt: skip
    found = next(one for one in sets if one.name == name)
    st.caption(f"{found.facts['photos']:,} photos. {view.MEANS[measure]} {found.note}")
    st.plotly_chart(view.judges_chart(found, measure), config=_PLAIN, key="experiment_judges")
    st.subheader("What 60 % means", anchor="sixty")
    st.markdown(view.LUCK)
    st.html(view.hundred(experiment.right_of_100(sets)))
    if own and own.curve is not None:
        st.subheader("Is 70 % right 70 times in 100?", anchor="reliability")
        left, right = st.columns([5, 4], gap="large", vertical_alignment="center")
        left.plotly_chart(view.reliability_chart(own), config=_PLAIN, key="experiment_reliability")
        right.markdown(
            "Each dot holds photos of about one score; its height is how many of them were liked "
            "more than their peers. On the dotted line the percent is honest, above it the net is "
            f"too modest, below it too sure. On average it is **{100 * own.error:.1f} points** off."
        )


gallery = ui.gallery()
st.html(view.STYLE)
st.title("The experiment", anchor=False)
st.caption("From likes to labels, from labels to a net, and how far to trust it, in real numbers.")
_show_labels(view.audience(gallery.version, gallery))
st.space("medium")
_show_training(gallery)
st.space("medium")
_show_results(gallery)
if trials.known_metrics(gallery.scorer_id):
    with st.expander("The model card", icon=":material/description:"):
        st.markdown(experiment.model_card())
ui.honest_line()
