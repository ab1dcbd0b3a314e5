"""Which photos a page is about: asked in a popover, shown as chips, kept in the address."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.grid import stars
from pages.shared import ui
from pages.shared.search_box import ask_for, search_box
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.search import suggest
from selfie_core.gallery.subset import Choice, Wish, choose_rows, list_choices


@dataclass(frozen=True)
class Subset:
    """Rows of a gallery, best score first, and in words what they have in common."""

    rows: NDArray[np.intp]
    text: str  # that was searched for
    wishes: dict[str, Callable[[], None]]  # in words, and what takes it back; none for all photos

    @property
    def words(self) -> str:
        """Return all wishes in one line, "" if there are none."""
        return "; ".join(self.wishes)


def ask_subset(gallery: Gallery) -> Subset:
    """Ask which photos are meant, and return them."""
    choices = {choice.column: choice for choice in list_choices(gallery)}
    picked = stars.starred(gallery)
    with st.popover("Filter", icon=":material/filter_alt:", width="content"):
        text = search_box(gallery, key="filter_find")
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
    chips: dict[str, Callable[[], None]] = {}
    if text:
        chips[f"“{text}”"] = functools.partial(ask_for, "")
    if only_stars:
        chips["starred by hand"] = functools.partial(st.session_state.update, only_stars=False)
    for column, wish in wishes.items():
        chips[_say(choices[column], wish)] = functools.partial(_forget, column)
    return Subset(rows, text, chips)


def show_chips(chosen: Subset) -> None:
    """Show each wish with a cross that takes it back, and what takes all of them back."""
    if not chosen.wishes:
        return

    def clear() -> None:
        for take_back in chosen.wishes.values():
            take_back()

    with st.container(
        key="filter_chips", horizontal=True, vertical_alignment="center", gap="small"
    ):
        for place, (words, take_back) in enumerate(chosen.wishes.items()):
            st.button(
                ui.plain(words), key=f"filter_chip_{place}", on_click=take_back,
                icon=":material/close:", icon_position="right",
            )  # fmt: skip
        st.button("Clear", key="filter_clear", on_click=clear, type="tertiary")


def say_none(gallery: Gallery, chosen: Subset) -> None:
    """Say that no photo is like that, and which words would find some."""
    line = "No photo fits all of these. Remove one, or clear them all."
    st.info(line, icon=":material/filter_alt_off:")
    others = suggest(gallery, chosen.text, count=5) if chosen.text else []
    if others:
        st.caption("Did you mean")
        with st.container(key="filter_others", horizontal=True, gap="small"):
            for place, other in enumerate(others):
                st.button(
                    f"{ui.plain(other.text)} ({other.found:,})", key=f"filter_other_{place}",
                    on_click=ask_for, args=(other.text,),
                )  # fmt: skip


def _forget(column: str) -> None:
    st.session_state["by"] = [other for other in st.session_state["by"] if other != column]


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
