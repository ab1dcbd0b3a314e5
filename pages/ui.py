"""What the pages share: the open gallery, the scorer, colours, the honest line."""

from collections.abc import Iterator
from contextlib import contextmanager

import opened
import streamlit as st

from selfie_core.errors import SelfieError
from selfie_core.gallery import Gallery
from selfie_core.score import Scorer, load_scorer

# Score, low to high: even steps in lightness, readable on white and on black.
RAMP = ["#4f5bd5", "#8a4fd8", "#c642b8", "#ee4f7e", "#ff7a4d", "#ffb13d"]


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show a person's mistake as one line and end the page; never a traceback."""
    try:
        yield
    except SelfieError as error:
        st.error(str(error), icon=":material/error:")
        honest_line()
        st.stop()


def gallery() -> Gallery:
    """Return the gallery of the app, or say what to do and end the page."""
    with plain_errors():
        return opened.main_gallery()
    raise AssertionError("st.stop() does not return")


def celebrities() -> Gallery | None:
    """Return the named set of the app, or None."""
    with plain_errors():
        return opened.celebrity_gallery()
    return None


def scorer() -> Scorer:
    """Return the scorer that goes with the gallery, loaded once a process."""
    with plain_errors():
        found = gallery()
        loaded = load_scorer(found.scorer_path)
        found.check_scorer(loaded)
        return loaded
    raise AssertionError("st.stop() does not return")


def base(gallery: Gallery) -> str:
    """Return the address below which the gallery's pictures and columns are served."""
    return served(f"/gallery/{gallery.version}")


def served(path: str) -> str:
    """Return a path of the app as browsers ask for it, below server.baseUrlPath."""
    prefix = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{'/' + prefix if prefix else ''}{path}"


def percent(score: float) -> str:
    """Return a score as people read it, "64.9 %"."""
    return f"{100 * score:.1f} %"


def honest_line() -> None:
    """Say what the score is not; every page ends with it."""
    st.caption(
        "The score is a ConvNet's guess at how a photo would have done with a simulated audience. "
        "It judges light, framing and finish of the photo, and says nothing about the person in it."
    )
