"""The guessing game, its result, and examples of what the net had to tell apart."""

import html
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from pages.grid.selfie_grid import selfie_grid
from pages.shared import ui
from pages.shared.component import component
from pages.shared.downloads import offer_sheet
from pages.shared.shares import show_leanings, show_shares
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.guess import (
    Pair,
    draw_pairs,
    example_rows,
    find_leanings,
    judge_answers,
    never_trained_on,
)

_ROUNDS = (10, 20, 40)
_MANY = 500  # pairs on which the net is judged once and for all
_EXAMPLES_SHOWN = 100  # of each kind

_pair_game = component(Path(__file__).parent, "pair_game", uses="pair")


def show_game(gallery: Gallery) -> None:
    """Let someone play the game that the address names; then show who was right how often."""
    seed = _seed()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="center"):
        rounds = ui.choose(
            "Rounds", _ROUNDS, key="guess_rounds", linked=True, words="{} rounds".format
        )
        st.button(
            "New game", key="guess_new", icon=":material/refresh:",
            on_click=lambda: _start(random.randrange(1000, 10_000)),
        )  # fmt: skip
    pairs = draw_pairs(gallery, seed=seed, rounds=rounds)
    answers = _play(gallery, pairs, key=f"guess_{gallery.version}_{seed}_{len(pairs)}")
    if answers is not None and len(answers) == len(pairs):
        _show_result(gallery, pairs, answers)


def _play(gallery: Gallery, pairs: Sequence[Pair], *, key: str) -> list[int] | None:
    """Let someone choose in each pair; return the sides, 0 left and 1 right, once all are done."""
    scores = gallery.table["score"].to_numpy()
    rounds = [
        {
            "rows": [pair.left, pair.right],
            "good": pair.good,
            "picked": pair.picked,
            "scores": [round(float(scores[row]), 4) for row in (pair.left, pair.right)],
        }
        for pair in pairs
    ]
    data = {"base": ui.base(gallery), "pairs": rounds}
    answers = _pair_game(key=key, data=data, on_answers_change=lambda: None).get("answers")
    return list(answers) if answers else None


def _seed() -> int:
    """Return the number of this game, which the address names."""
    asked = st.query_params.get("game", "")
    if not (asked.isdecimal() and asked.isascii() and len(asked) < 10):
        _start(random.randrange(1000, 10_000))
    return int(st.query_params["game"])


def _start(seed: int) -> None:
    st.query_params["game"] = str(seed)


def show_examples(gallery: Gallery) -> None:
    """Show what it had to tell apart, good on the left and bad on the right, as the post did."""
    for column, label, name in zip(
        st.columns(2, gap="large"), (1, 0), ("Good", "Bad"), strict=True
    ):
        rows = example_rows(gallery, label, count=_EXAMPLES_SHOWN)
        with column:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.header(name, anchor=False, width="content")
                st.space("stretch")
                offer_sheet(gallery, rows, name=f"examples-{name.lower()}", columns=10)
            key = f"guess_{name.lower()}_grid"
            selfie_grid(gallery, rows, columns=10, cell=96, smallest=30, key=key)


def _show_result(gallery: Gallery, pairs: list[Pair], answers: list[int]) -> None:
    yours = judge_answers([side == pair.good for side, pair in zip(answers, pairs, strict=True)])
    nets = judge_answers([pair.picked == pair.good for pair in pairs])
    many = draw_pairs(gallery, seed=0, rounds=_MANY)
    at_large = judge_answers([pair.picked == pair.good for pair in many])
    st.html(Path(__file__).with_name("guess.css"))
    st.header(f"You told {yours.right} of {yours.of} right, the net {nets.right}", anchor=False)
    verdicts = {"You": yours, "The net": nets, f"The net on {at_large.of} pairs": at_large}
    show_shares(verdicts)
    st.markdown(_meaning(gallery, pairs))
    st.markdown("### What you went by")
    sides = np.array([[pair.left, pair.right] for pair in pairs])
    net_right = np.array([pair.picked for pair in pairs]) == 1
    show_leanings(find_leanings(gallery.table, sides, np.array(answers) == 1, net_right))
    st.markdown("### Every pair, the good one first")
    cards = "".join(_card(gallery, *one) for one in zip(pairs, answers, strict=True))
    st.html(f'<div class="guess-review">{cards}</div>')


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


def _card(gallery: Gallery, pair: Pair, answer: int) -> str:
    """Return a pair, the good photo first, and who was right."""
    rows = (pair.left, pair.right) if pair.good == 0 else (pair.right, pair.left)
    photos = "".join(
        f'<a href="continuum?{html.escape(ui.photo_query(gallery, row))}" target="_blank">'
        f'<img src="{ui.base(gallery)}/thumb/{row}" alt="{label}"></a>'
        for row, label in zip(rows, ("labelled good", "labelled bad"), strict=True)
    )
    marks = "".join(
        f'<span class="{"yes" if right else "no"}">{who} {"✓" if right else "✗"}</span>'
        for who, right in (("you", answer == pair.good), ("net", pair.picked == pair.good))
    )
    return f"<figure><div>{photos}</div><figcaption>{marks}</figcaption></figure>"
