"""Train your own: two piles of photos, or a zip with a table, and a scorer in a minute."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from pages.shared import galleries, ui
from pages.training import train_view as view
from selfie_core.base.progress import Progress
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo import images
from selfie_core.scorer.scorer import Scorer
from selfie_core.training import last_layer, piles
from selfie_core.training.last_layer import FittedHead
from selfie_core.training.piles import Piles

_WAYS = {"piles": "Two piles", "zip": "A zip with a table", "gallery": "This gallery"}
_SHOWN = 16  # photos of each pile where they are shown
Step = Progress
Make = Callable[[Step], Piles]


@dataclass(frozen=True, eq=False)
class Trained:
    """What this session keeps of the last training."""

    piles: Piles
    lesson: FittedHead
    file: bytes  # the scorer


def _ask(gallery: Gallery, scorer: Scorer) -> Make | None:
    """Return how to make the piles that someone chose, or None while there is nothing."""
    way = st.segmented_control(
        "What to learn from", list(_WAYS), format_func=_WAYS.get, default="piles", required=True,
        key="train_way", bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    match way:
        case "zip":
            return _ask_zip(scorer)
        case "gallery":
            return _ask_gallery(gallery)
    return _ask_piles(scorer)


def _ask_piles(scorer: Scorer) -> Make | None:
    dropped = []
    for column, name in zip(st.columns(2, gap="large"), ("good", "bad"), strict=True):
        with column, st.container(key=f"train_pile_{name}"):
            st.markdown(f"##### {name.capitalize()}")
            files = st.file_uploader(
                f"{name.capitalize()} photos", type=["image", *images.PHOTO_SUFFIXES],
                accept_multiple_files=True, key=f"train_{name}", label_visibility="collapsed",
            )  # fmt: skip
            dropped.append([(file.name, file.getvalue()) for file in files])
    good, bad = dropped
    if not (good or bad):
        return None
    st.caption(f"{len(good):,} good and {len(bad):,} bad photos.")
    return lambda step: piles.read_piles(piles.from_piles(good, bad), scorer, progress=step)


def _ask_zip(scorer: Scorer) -> Make | None:
    with st.container(key="train_pile_zip"):
        file = st.file_uploader(
            "Zip", type=["zip"], key="train_zip", label_visibility="collapsed", max_upload_size=300
        )
    with st.expander("What the zip holds"):
        st.markdown(view.ZIP_HELP)
    if not file:
        return None
    return lambda step: piles.read_piles(piles.from_zip(file.getvalue()), scorer, progress=step)


def _ask_gallery(gallery: Gallery) -> Make | None:
    """Let a factor fill the piles: a way to see what can be learned without photos at hand."""
    titles = view.factor_titles(gallery)
    if not titles:
        st.info("No measured factor tells the photos of this gallery apart; drop photos instead.")
        return None
    left, right = st.columns(2, gap="large")
    factor = left.selectbox(
        "Photos with most of it are good, those with least are bad", list(titles),
        format_func=titles.get, index=view.first_factor(titles), key="train_factor",
        bind="query-params",
    )  # fmt: skip
    most = max(piles.LEAST + 1, min(400, len(gallery) // 2))
    count = right.slider(
        "Photos in each pile", piles.LEAST, most, most, key="train_count", bind="query-params"
    )
    with ui.plain_errors():
        ends = piles.ends_of(gallery, factor, count)
    for column, rows, name in zip((left, right), ends, ("Good", "Bad"), strict=True):
        column.caption(f"{name}: {len(rows)} photos")
        column.html(view.ends(gallery, rows[:_SHOWN], f"{name} photos"))
    return lambda _: piles.from_gallery(gallery, factor, count)


def _train(make: Make, scorer: Scorer) -> Trained:
    bar = st.progress(0.0, "Reading the photos")
    try:
        made = make(
            lambda done, of: bar.progress(0.8 * done / of, f"Reading photo {done:,} of {of:,}")
        )
        lesson = last_layer.fit_head(
            made,
            progress=lambda done, of: bar.progress(
                0.8 + 0.2 * done / of, f"Fitting: {done} of {of}"
            ),
        )
    finally:
        bar.empty()
    return Trained(made, lesson, last_layer.scorer_file(scorer, lesson))


def _show(trained: Trained, gallery: Gallery, scorer: Scorer) -> None:
    lesson = trained.lesson
    st.html(view.verdict(lesson, trained.piles))
    for line in lesson.warnings:
        st.warning(line, icon=":material/info:")
    _offer(trained, scorer)
    st.subheader("Beside others", anchor=False)
    st.plotly_chart(view.chart(lesson), config={"displayModeBar": False}, key="train_chart")
    _show_mistakes(trained)
    st.subheader("What it makes of this gallery", anchor=False)
    ranked = lesson.head.score(gallery.fc7).argsort()[::-1]
    best, worst = st.columns(2, gap="large")
    for column, rows, name in ((best, ranked[:_SHOWN], "Best"), (worst, ranked[-_SHOWN:], "Worst")):
        column.caption(f"{name}, by your scorer")
        column.html(view.ends(gallery, rows, f"{name} photos by your scorer"))


def _show_mistakes(trained: Trained) -> None:
    """Show the photos that the scorer would have put into the other pile."""
    labels, thumbs = trained.piles.labels, trained.piles.thumbs
    wrong = {
        name: last_layer.mistakes(trained.lesson, labels, good=name == "good", count=_SHOWN)
        for name in ("good", "bad")
    }
    if not any(wrong.values()):
        return
    st.subheader("Where it disagrees with you", anchor=False)
    for column, (name, rows) in zip(st.columns(2, gap="large"), wrong.items(), strict=True):
        other = "bad" if name == "good" else "good"
        if rows:
            column.caption(f"Yours are {name}; to the scorer they look {other}")
            column.html(view.sheet([thumbs[row] for row in rows], f"{name} photos it gets wrong"))


def _offer(trained: Trained, scorer: Scorer) -> None:
    """Offer the scorer as a file, and to show every page by it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Re-score this gallery with it",
            type="primary",
            icon=":material/swap_vert:",
            key="train_use",
        ):
            _use(trained, scorer)
        st.download_button(
            "Download the scorer", trained.file, file_name="my-scorer.safetensors",
            mime="application/octet-stream", icon=":material/download:", on_click="ignore",
            key="train_file",
        )  # fmt: skip
    if st.session_state.get(ui.OWN):
        st.page_link(
            "browse/continuum.py",
            label="See the continuum as your scorer ranks it",
            icon=":material/grid_view:",
        )
    st.caption(
        "Re-scored, every page of this session shows your ranking; the old one stays, and one "
        "click on top brings it back. The file is an ordinary scorer: `selfie build --scorer` "
        "takes it."
    )


def _use(trained: Trained, scorer: Scorer) -> None:
    bar = st.progress(0.0, "Scoring the gallery anew")
    try:
        own = galleries.add_own_view(
            scorer, trained.file, trained.lesson.head,
            instead_of=st.session_state.get("train_used"),  # this session's, no one else's
            progress=lambda done, of: bar.progress(done / of, "Scoring the gallery anew"),
        )  # fmt: skip
    finally:
        bar.empty()
    st.session_state.train_used = own.version
    ui.use_own(own.version)
    st.rerun()


gallery, scorer = ui.gallery(own=False), ui.scorer(own=False)
st.html(view.STYLE)
st.title("Train your own", anchor=False)
st.caption(
    "Show the net what you like: a pile of good photos and a pile of bad ones. Its last layer "
    "learns the difference in a minute, and the pages can rank by it. Photos stay in memory and "
    "are never saved."
)
make = _ask(gallery, scorer)
with ui.plain_errors():
    if make and st.button(
        "Train", type="primary", icon=":material/model_training:", key="train_go"
    ):
        st.session_state.train_done = None
        st.session_state.train_done = _train(make, scorer)
    if trained := st.session_state.get("train_done"):
        st.space("small")
        _show(trained, gallery, scorer)
    else:
        st.space("small")
        st.html(view.STEPS)
ui.honest_line()
