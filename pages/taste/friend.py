"""A friend's answers to the same pairs: a link that holds them, and two tastes compared."""

import html
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from pages.shared import ui
from pages.shared.shares import show_leanings, show_shares
from pages.taste.deck import Deck
from selfie_core.gallery.guess import judge_answers
from selfie_core.training import taste
from selfie_core.training.taste import CANNOT_SAY, Question

_DIFFER = 6  # pairs shown in which the two chose differently


def challenge(deck: Deck, seed: int, answers: Sequence[int]) -> None:
    """Offer a link that asks someone else the same pairs, and then compares."""
    with st.popover("Challenge a friend", icon=":material/group:", width="content"):
        st.markdown("Who opens this link is asked the same pairs, and then sees both tastes.")
        page = str(st.context.url or "").partition("?")[0]
        given = "".join(map(str, answers))
        st.code(f"{page}?pairs={seed}&of={deck.key}&friend={given}", language=None)
        st.caption("It holds your choices, no photo and no name.")


def friends_answers(deck: Deck) -> list[int]:
    """Return someone else's answers, which the address may hold; say at once if they don't fit."""
    asked = st.query_params.get("friend", "")
    if not asked or not deck.lasting:
        return []
    if set(asked) - set("012") or st.query_params.get("of") != deck.key:
        st.info(
            "Your friend's link is of a gallery that is no longer open here, or is not whole; ask "
            "for a new one.", icon=":material/group:",
        )  # fmt: skip
        return []
    return [*map(int, asked)]


def compare(
    deck: Deck, questions: Sequence[Question], answers: Sequence[int], friends: Sequence[int]
) -> None:
    """Show how far two people agree."""
    st.header("You and your friend", anchor=False)
    both = [
        (question, yours, theirs)
        for question, yours, theirs in zip(questions, answers, friends, strict=False)
        if question.repeats is None and CANNOT_SAY not in (yours, theirs)
    ]
    if not both:
        st.markdown("There is no pair that you both answered.")
        return
    alike = judge_answers([yours == theirs for _, yours, theirs in both])
    st.markdown(
        f"Of {ui.counted(alike.of, 'pair')} that you both answered you chose the same photo in "
        f"**{alike.right}**; two strangers with nothing in common would in {alike.of / 2:.0f}."
    )
    show_shares({"Chosen alike": alike})
    theirs = taste.fit_taste(deck.shown, deck.axes, questions, friends)
    if theirs.beats_a_coin:
        st.markdown("### What your friend likes")
        show_leanings(theirs.leanings, who="your friend takes")
    else:
        st.markdown("In your friend's choices there is no taste that this net can see.")
    differ = [(q, yours) for q, yours, theirs in both if yours != theirs][:_DIFFER]
    if differ:
        st.html(Path(__file__).with_suffix(".css"))
        st.markdown("### Where you part: your choice first")
        st.html(f'<div class="taste-differ">{"".join(_pair(deck, *one) for one in differ)}</div>')


def _pair(deck: Deck, question: Question, yours: int) -> str:
    rows = (question.left, question.right) if yours == 0 else (question.right, question.left)
    photos = "".join(
        f'<img src="{html.escape(deck.small(row))}" alt="{whose}">'
        for row, whose in zip(rows, ("yours", "your friend’s"), strict=True)
    )
    return f"<figure>{photos}</figure>"
