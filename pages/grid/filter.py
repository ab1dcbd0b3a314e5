"""Which photos a page is about: asked in a popover, kept in the address."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.grid import stars
from pages.shared import ui
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.subset import Choice, Wish, choose_rows, list_choices


@dataclass(frozen=True)
class Subset:
    """Rows of a gallery, best score first, and in words what they have in common."""

    rows: NDArray[np.intp]
    words: str  # "" if it is all of them


def ask_subset(gallery: Gallery) -> Subset:
    """Ask which photos are meant, and return them."""
    choices = {choice.column: choice for choice in list_choices(gallery)}
    picked = stars.starred(gallery)
    with st.popover("Filter", icon=":material/filter_alt:", width="content"):
        text = st.text_input(
            "Search", key="find", bind="query-params", placeholder="a tag, a name, a file",
            icon=":material/search:",
        )  # fmt: skip
        only_stars = picked and st.toggle(
            f"Starred only ({len(picked)})", key="only_stars", bind="query-params"
        )
        columns = st.multiselect(
            "By", list(choices), key="by", bind="query-params",
            format_func=lambda column: choices[column].title,
            placeholder="what the gallery knows of a photo",
        )  # fmt: skip
        wishes = {column: wish for column in columns if (wish := _ask(choices[column]))}
    rows = choose_rows(gallery, wishes, text=text, starred=picked if only_stars else None)
    words = [f"“{text.strip()}”"] * bool(text.strip()) + ["starred by hand"] * bool(only_stars)
    words += [_say(choices[column], wish) for column, wish in wishes.items()]
    return Subset(rows, "; ".join(words))


def _ask(choice: Choice) -> Wish | None:
    """Return the words or the range that is wished for, or None for any."""
    key = f"only_{choice.column}"
    if choice.words:
        return st.pills(
            ui.plain(choice.title),
            choice.words,
            selection_mode="multi",
            key=key,
            bind="query-params",
            format_func=ui.plain,
        )
    ends = (choice.least, choice.most)
    wish = st.slider(
        ui.plain(choice.title), *ends, ends, key=key, bind="query-params",
        format="percent" if choice.share else None,
        step=0.01 if isinstance(choice.least, float) else None,
    )  # fmt: skip
    return wish if tuple(wish) != ends else None


def _say(choice: Choice, wish: Wish) -> str:
    """Return a wish in words: "glasses: clear or sun", "brightness 20 % to 40 %"."""
    title = choice.title.lower()
    if choice.words:
        return f"{title}: {' or '.join(map(str, wish))}"
    least, most = (_show(choice, end) for end in wish)
    return f"{title} {least} to {most}"


def _show(choice: Choice, end: object) -> str:
    if choice.share and isinstance(end, float):
        return f"{100 * end:.0f} %"
    return f"{end:,}" if isinstance(end, int | float) else str(end)
