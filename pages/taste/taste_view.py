"""The pairs, and what someone's choices say: what they like, how surely, their wall and scorer."""

import random
from pathlib import Path

import numpy as np
import streamlit as st

from pages.shared import ui
from pages.shared.component import component
from pages.shared.own import offer_scorer
from pages.shared.shares import show_leanings, show_shares
from pages.taste.deck import Deck
from pages.taste.friend import challenge, compare, friends_answers
from selfie_core.training import taste
from selfie_core.training.last_layer import scorer_file
from selfie_core.training.taste import ROUND, Question, Taste

_ROUNDS = 2  # the first tells what someone likes, the second makes it surer
_WALL = 96  # photos

_taste_game = component(Path(__file__).parent, "taste_game", uses="pair")
_taste_wall = component(Path(__file__).parent, "taste_wall")


def play(deck: Deck) -> None:
    """Let someone choose; after every round, show what their choices say."""
    seed, friends = _seed(), friends_answers(deck)
    questions = taste.draw_questions(deck.axes, seed=seed, count=_ROUNDS * ROUND)
    rows = {row for question in questions for row in (question.left, question.right)}
    key = f"{deck.key} {seed}"
    found = _taste_game(
        key=f"taste_{key}", on_answers_change=lambda: None,
        data={
            "key": key, "round": ROUND, "kept": deck.lasting,
            "pairs": [[question.left, question.right] for question in questions],
            "photos": {str(row): deck.large(row) for row in rows},
        },
    )  # fmt: skip
    answers = [int(answer) for answer in found.get("answers") or ()]
    whole = len(answers) == len(questions)
    answers = answers if whole else answers[: len(answers) // ROUND * ROUND]
    with st.container(horizontal=True, horizontal_alignment="center"):
        st.button(
            "Start anew, with other pairs", key="taste_new", icon=":material/refresh:",
            type="tertiary", on_click=_start, args=(random.randrange(1000, 10_000),),
        )  # fmt: skip
    if not answers:
        asked = "A friend asks you the same pairs. " if friends else ""
        st.caption(
            f"{asked}Which photo do you prefer? Tap it, or press ← or →. From your choices the net "
            "learns your taste in place of its own. They stay in this browser and this session."
        )
    else:
        _show(deck, questions, answers, friends, seed)


def _seed() -> int:
    """Return the number of these pairs, which the address names.

    The first ones are the same for all, so that who comes back goes on where they were.
    """
    asked = st.query_params.get("pairs") or st.session_state.get("taste_pairs", "1")
    if not (asked.isdecimal() and asked.isascii() and len(asked) < 10):
        asked = "1"
    st.query_params["pairs"] = st.session_state.taste_pairs = asked
    return int(asked)


def _start(seed: int) -> None:
    st.query_params["pairs"] = str(seed)
    for name in ("of", "friend"):
        st.query_params.pop(name, None)


def _show(
    deck: Deck, questions: list[Question], answers: list[int], friends: list[int], seed: int
) -> None:
    found = taste.fit_taste(deck.shown, deck.axes, questions, answers)
    if found.beats_a_coin:
        st.header("What you like", anchor=False)
        show_leanings(found.leanings)
    st.header("How sure that is" if found.beats_a_coin else "No taste yet", anchor=False)
    st.markdown(_verdict(found))
    show_shares({"Your taste": found.held_out, "The net’s": found.nets})
    st.caption(_how(found))
    if friends:
        compare(deck, questions, answers, friends)
    st.header("The wall, as you like it", anchor=False)
    _show_wall(deck, found)
    st.header("Take it along", anchor=False)
    scorer = ui.scorer(own=False)
    offer_scorer(
        scorer, lambda: scorer_file(scorer, found.head, found.facts), found.head,
        worth=found.beats_a_coin, key="taste",
    )  # fmt: skip
    if deck.lasting:
        challenge(deck, seed, answers)


def _verdict(found: Taste) -> str:
    """Return whether there is a taste, in plain words."""
    held, net = found.held_out, found.nets
    count = f"**{held.right} of {held.of}** of your choices"
    if found.beats_a_coin:
        beside = f"the net's own taste would have got {net.right}, a coin about {held.of / 2:.0f}"
        return f"It foretold {count} from the others; {beside}."
    return (
        f"From the others it foretold {count}, and a coin gets about {held.of / 2:.0f}: "
        "no taste that this net can see. You may go by what it doesn't see, such as who is in a "
        "photo, or some choices were a toss-up. More pairs may tell."
    )


def _how(found: Taste) -> str:
    """Return how it was measured, and how steady the choices are."""
    steady = found.steady
    said = [
        "Each choice was foretold by what was learned from the others. The dashed line is a coin, "
        "the thin ones are 98 % intervals."
    ]
    if steady.of:
        said.append(
            f"{ui.counted(steady.of, 'pair')} came twice, sides swapped: you chose the same photo "
            f"in {steady.right}."
        )
    if found.cannot_say:
        times = ui.counted(found.cannot_say, "time")
        said.append(f"{times} you couldn't say; that counts for neither.")
    return " ".join(said)


def _show_wall(deck: Deck, found: Taste) -> None:
    """Show photos in the net's order, which move to their places in the visitor's."""
    best_first = np.argsort(-deck.shown.scores, kind="stable")
    count = min(_WALL, len(best_first))
    rows = best_first[np.linspace(0, len(best_first) - 1, count).round().astype(int)]
    yours = found.head.score(deck.shown.fc7[rows])
    places = np.argsort(np.argsort(-yours, kind="stable"), kind="stable")
    data = {"photos": [deck.small(int(row)) for row in rows], "places": places.tolist()}
    _taste_wall(key=f"taste_wall_{deck.key}", data=data)
    st.caption("From best to worst, line by line: first as the net ranks them, then as you do.")
