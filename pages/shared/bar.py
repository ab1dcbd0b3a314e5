"""A progress bar on a page."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from selfie_core.base.progress import Progress


def bar_place() -> DeltaGenerator:
    """Return where bars stand: what lies below keeps its place, and so its state, without one."""
    return st.container(gap=None)


@contextmanager
def bar(line: str) -> Iterator[Progress]:
    """Show a bar while something is looked for; give the function that moves it on."""
    shown = st.progress(0.0, line)

    def move(done: int, of: int) -> None:
        shown.progress(min(done / of, 1.0), f"{line}: {done} of {of}")

    try:
        yield move
    finally:
        shown.empty()
