"""Could you tell?  Pairs of a good and a bad selfie: your choice beside the net's."""

import random

import streamlit as st

from pages.browse import guess_view as view
from pages.browse.pair_game import play
from pages.grid.detail import open_selfie
from pages.grid.selfie_grid import selfie_grid
from pages.shared import ui
from pages.shared.downloads import offer_sheet
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.guess import (
    Pair,
    draw_pairs,
    example_rows,
    judge_answers,
    labelled_rows,
    never_trained_on,
)

_PLAY, _EXAMPLES = _VIEWS = ("Play", "Examples")
_ROUNDS = (10, 20, 40)
_MANY = 500  # pairs on which the net is judged once and for all
_EXAMPLES_SHOWN = 100  # of each kind


def _seed() -> int:
    """Return the number of this game, which the address names."""
    asked = st.query_params.get("game", "")
    if not (asked.isdecimal() and asked.isascii() and len(asked) < 10):
        _start(random.randrange(1000, 10_000))
    return int(st.query_params["game"])


def _start(seed: int) -> None:
    st.query_params["game"] = str(seed)


def _show_game(gallery: Gallery) -> None:
    seed = _seed()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="center"):
        rounds = st.segmented_control(
            "Rounds", _ROUNDS, default=_ROUNDS[0], required=True, key="guess_rounds",
            bind="query-params", format_func=lambda count: f"{count} rounds",
            label_visibility="collapsed",
        )  # fmt: skip
        st.button(
            "New game", key="guess_new", icon=":material/refresh:",
            on_click=lambda: _start(random.randrange(1000, 10_000)),
        )  # fmt: skip
    pairs = draw_pairs(gallery, seed=seed, rounds=rounds or _ROUNDS[0])
    answers = play(gallery, pairs, key=f"guess_{gallery.version}_{seed}_{len(pairs)}")
    if answers is not None and len(answers) == len(pairs):
        _show_result(gallery, pairs, answers)


def _show_result(gallery: Gallery, pairs: list[Pair], answers: list[int]) -> None:
    yours = judge_answers([side == pair.good for side, pair in zip(answers, pairs, strict=True)])
    nets = judge_answers([pair.picked == pair.good for pair in pairs])
    many = draw_pairs(gallery, seed=0, rounds=_MANY)
    at_large = judge_answers([pair.picked == pair.good for pair in many])
    st.html(view.STYLE)
    st.subheader(f"You told {yours.right} of {yours.of} right, the net {nets.right}", anchor=False)
    st.html(view.bars({"You": yours, "The net": nets, f"The net on {at_large.of} pairs": at_large}))
    st.markdown(_meaning(gallery, pairs))
    st.markdown("##### Every pair, the good one first")
    st.html(view.review(gallery, pairs, answers))


def _meaning(gallery: Gallery, pairs: list[Pair]) -> str:
    """Return what the numbers mean and what they don't."""
    seen = (
        "The net never learned from these photos."
        if never_trained_on(gallery, pairs)
        else "The net may have learned from some of these photos, which flatters it."
    )
    return (
        f"Tossing a coin gives 50 %. The thin lines are 95 % intervals: with {len(pairs)} pairs "
        f"they are wide, so a lead of a pair or two is luck. {seen} The post of 2015 reports 60 % "
        "for its net, judging one photo at a time, which is harder than choosing between two. "
        "*Good* means liked more than others with an audience of like size, and likes are mostly "
        "chance: nobody gets near 100 %."
    )


def _show_examples(gallery: Gallery) -> int | None:
    """Show what it had to tell apart, good on the left and bad on the right, as the post did."""
    columns = st.columns(2, gap="large")
    clicked = None
    for column, label, name in zip(columns, (1, 0), ("Good", "Bad"), strict=True):
        rows = example_rows(gallery, label, count=_EXAMPLES_SHOWN)
        with column:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.subheader(name, anchor=False, width="content")
                st.space("stretch")
                offer_sheet(gallery, rows, name=f"examples-{name.lower()}", columns=10)
            row = selfie_grid(
                gallery, rows, columns=10, cell=96, smallest=30, key=f"guess_{name.lower()}_grid"
            )
            clicked = row if row is not None else clicked
    return clicked


gallery = ui.gallery()
with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Could you tell?", anchor=False, width="content")
    st.space("stretch")
    shown = st.segmented_control(
        "View", _VIEWS, default=_PLAY, required=True, key="guess_view", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
try:
    counts = [len(labelled_rows(gallery, label)) for label in (1, 0)]
except DataError as error:
    st.info(str(error), icon=":material/quiz:")
    ui.honest_line()
    open_selfie(gallery)
    st.stop()
st.caption(
    f"{counts[0]:,} selfies of this gallery were liked more than their peers, {counts[1]:,} less. "
    "Of each two, one is good and one is bad: choose by click, tap or arrow key."
    if shown == _PLAY
    else "Chosen by chance among all that are labelled: what the net had to learn to tell apart."
)
clicked = None
if shown == _EXAMPLES:
    clicked = _show_examples(gallery)
else:
    _show_game(gallery)
ui.honest_line()
open_selfie(gallery, clicked)
