"""Shares of pairs with their intervals, as bars beside a coin's half; and the words of a taste."""

import html
from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from pages.shared import ui
from selfie_core.gallery.guess import Leaning, Verdict


def show_shares(verdicts: Mapping[str, Verdict], *, besides: Sequence[Verdict] = ()) -> None:
    """Show a bar per name with a line for its interval; `besides`, another's share as a mark."""
    st.html(Path(__file__).with_suffix(".css"))
    marks = [*besides] or [None] * len(verdicts)
    bars = "".join(map(_bar, verdicts, verdicts.values(), marks))
    st.html(f'<div class="shares">{bars}</div>')


def _bar(name: str, verdict: Verdict, beside: Verdict | None) -> str:
    share = verdict.right / max(1, verdict.of)
    reach = f"left: {100 * verdict.low:.1f}%; width: {100 * (verdict.high - verdict.low):.1f}%"
    other = mark = ""
    if beside:
        at = 100 * beside.right / max(1, beside.of)
        mark = f'<u style="left: {at:.1f}%"></u>'
        other = f"; the net {beside.right}"
    return (
        f'<div class="share-name">{html.escape(name)}</div>'
        f'<div class="share-bar"><b style="width: {100 * share:.1f}%"></b>'
        f'<i style="{reach}"></i>{mark}</div>'
        f'<div class="share-words"><strong>{100 * share:.0f} %</strong> '
        f"<span>{verdict.right} of {verdict.of}{other}; {100 * verdict.low:.0f} to "
        f"{100 * verdict.high:.0f} %</span></div>"
    )


def show_leanings(leanings: Sequence[Leaning], *, who: str = "you take") -> None:
    """Show what `who` goes by, beside what the net would have chosen of the same pairs."""
    if not leanings:
        st.markdown(
            "Nothing that is measured in a photo stands out in these choices. They may go by what "
            "the net sees and no measure names, or by what it doesn't see."
        )
        return
    more, same = (
        [one.phrase for one in leanings if one.beyond_net is which] for which in (True, False)
    )
    said = [f"**{ui.listed(same)}**"] if same else []
    said += [f"**{ui.listed(more)}**, more than the net does"] if more else []
    st.markdown(f"Of two photos {who} {', and '.join(said)}.")
    show_shares(
        {one.phrase.capitalize(): one.yours for one in leanings},
        besides=[one.nets for one in leanings],
    )
    st.caption(
        "Of the pairs that differ in it. The upright mark is the net's choice in the same pairs; "
        "the thin lines are intervals so wide that all of this list holds in 95 of 100 cases."
    )
