"""What the pages share: the open gallery, the scorer, colours, bars, the honest line."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlencode

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike, NDArray
from streamlit.delta_generator import DeltaGenerator

from pages.shared import fresh, galleries
from selfie_core.base import words
from selfie_core.base.errors import SelfieError
from selfie_core.base.progress import Progress
from selfie_core.gallery.gallery import Gallery
from selfie_core.scorer.scorer import Scorer, load_scorer

# Score, low to high: even steps in lightness, readable on white and on black.
RAMP = ["#4f5bd5", "#8a4fd8", "#c642b8", "#ee4f7e", "#ff7a4d", "#ffb13d"]
# What Streamlit's Markdown takes for emphasis, formulas, links, icons or lists.
_MARKS = re.compile(r"[\\`*_$~\[\]<>#&]|:(?=\S)|^[-+]", re.MULTILINE)
_NUMBERED = re.compile(r"^(\d+)([.)])", re.MULTILINE)
P = ParamSpec("P")
T = TypeVar("T")
counted, percent, standing = words.counted, words.percent, words.standing
OWN = "own"  # in session and address: which visitor's view of the gallery the pages show


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show a person's mistake as one line and end the page; never a traceback.

    The router has it round every page; what reruns by itself, a fragment or a dialog, has its own.
    """
    try:
        yield
    except SelfieError as error:
        st.error(plain(str(error)), icon=":material/error:")
        honest_line()
        st.stop()


def gallery(*, own: bool = True) -> Gallery:
    """Return the gallery.

    Args:
        own: As the visitor's own scorer sees it, if one is in use; else always as the app's does.

    Raises:
        DataError: There is none, or it is damaged.
    """
    view = galleries.own_view(st.session_state.get(OWN)) if own else None
    return view[0] if view else fresh.shown_gallery()


def celebrities() -> Gallery | None:
    """Return the named set, or None; scored as `gallery` is."""
    view = galleries.own_view(st.session_state.get(OWN))
    return (view and view[1]) or galleries.celebrity_gallery()


def cached(
    spinner: str | None = None, *, most: int = 2
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return what keeps a function's results, the `most` last, by the gallery's version."""
    by_version: dict[str | type[Any], Callable[[Any], str]] = {Gallery: lambda one: one.version}
    return st.cache_data(max_entries=most, show_spinner=spinner or False, hash_funcs=by_version)


def use_own(version: str | None) -> None:
    """Let the pages of this session show a visitor's view of the gallery, or the app's again."""
    st.session_state[OWN] = version
    if version is None:
        st.query_params.pop(OWN, None)


def large_drop(key: str) -> DeltaGenerator:
    """Return a container whose uploader is a large place to drop photos."""
    st.html(Path(__file__).with_name("drop.css"))
    return st.container(key=key)


def kept_photos(name: str) -> Any:
    """Return what a visit keeps under a name, made of photos dropped, and offer to drop others."""
    known = st.session_state.get(name)
    if known:
        st.button(
            "Other photos", icon=":material/close:", key=f"{name}_other", type="tertiary",
            on_click=st.session_state.pop, args=(name,),
        )  # fmt: skip
    return known


def photo_query(gallery: Gallery, row: int) -> str:
    """Return the query of an address that opens a photo in a new tab, as this visit sees it."""
    own = {OWN: version} if (version := st.session_state.get(OWN)) else {}
    return urlencode({"id": gallery.table["id"].iat[row]} | own)


def own_bar() -> None:
    """Say on top of every page that a visitor's scorer is in use; the address keeps which."""
    asked = st.session_state.setdefault(OWN, st.query_params.get(OWN))
    if not asked:
        return
    if galleries.own_view(asked) is None:
        use_own(None)
        st.toast("That scorer is gone; the pages show the app's own again.")
        return
    st.query_params[OWN] = asked
    with st.container(key="own_bar", horizontal=True, wrap=False, vertical_alignment="center"):
        learned = f", learned from {(_learned() or {}).get('learned_from')}"
        said = f":material/model_training: Ranked by **your own scorer**{learned}"
        st.markdown(said, width="content")
        st.space("stretch")
        st.button(
            "Switch back", key="own_back", type="tertiary", icon=":material/undo:",
            on_click=use_own, args=(None,),
        )  # fmt: skip


def scorer(*, own: bool = True) -> Scorer:
    """Return the scorer that goes with the gallery, loaded once per process."""
    found = gallery(own=own)
    loaded = load_scorer(found.scorer_path)
    found.check_scorer(loaded)
    return loaded


def base(gallery: Gallery) -> str:
    """Return the address below which the gallery's pictures and columns are served.

    Addresses are relative, as each page lies right below the app's root: so they hold whatever
    path a proxy puts before it.
    """
    return f"gallery/{gallery.version}"


def phone_link(words: str) -> str:
    """Return the link to the page that scores on the visitor's own device."""
    return f'<a class="phone-link" href="phone/" target="_self">{words}</a>'


def bar_place() -> DeltaGenerator:
    """Return where bars stand: what lies below keeps its place, and so its state, without one."""
    return st.container(gap=None)


@contextmanager
def bar(line: str) -> Iterator[Progress]:
    """Show a progress bar while something is looked for; give the function that moves it on."""
    shown = st.progress(0.0, line)

    def move(done: int, of: int) -> None:
        shown.progress(min(done / of, 1.0), f"{line}: {done} of {of}")

    try:
        yield move
    finally:
        shown.empty()


def base_path() -> str:
    """Return what all paths of the app begin with, server.baseUrlPath: "/selfie" or ""."""
    prefix = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{prefix}" if prefix else ""


def ramp_steps(percentiles: ArrayLike) -> NDArray[np.intp]:
    """Return which colour of RAMP each percentile has."""
    steps = np.asarray(percentiles) / 100 * len(RAMP)
    return np.clip(steps, 0, len(RAMP) - 1).astype(np.intp)


def signed(number: float, form: str = "+.1f") -> str:
    """Return a number with its sign as people read it, "+4.2" or "−0.2"; nothing is "0.0"."""
    text = f"{number:{form}}"
    return text.replace("-", "−") if text.strip("+-0.") else text.lstrip("+-")


def points(gain: float) -> str:
    """Return a gain in score as people read it, "+4.2 points"."""
    return f"{signed(100 * gain)} points"


def plain(text: str) -> str:
    """Return text that Markdown shows as it is: names of files, words of a table, errors."""
    return _NUMBERED.sub(r"\1\\\2", _MARKS.sub(r"\\\g<0>", text))


def listed(words: Sequence[str]) -> str:
    """Return words as people list them, "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def title_row(title: str) -> DeltaGenerator:
    """Show a page's title; return its row, for controls at the right end."""
    row = st.container(horizontal=True, vertical_alignment="center")
    row.title(title, anchor=False, width="content")
    row.space("stretch")
    return row


def choose(
    label: str,
    options: Iterable[T],
    *,
    key: str,
    words: Callable[[T], str] = str,
    linked: bool = False,
    wide: bool = False,
    help: str | None = None,
) -> T:
    """Return one of a few options: the first, until another is chosen.

    `words` gives how an option reads; a `linked` choice stands in the address.
    """
    options = list(options)
    return st.segmented_control(
        label, options, default=options[0], required=True, key=key, format_func=words, help=help,
        bind="query-params" if linked else None, label_visibility="collapsed",
        width="stretch" if wide else "content",
    )  # fmt: skip


def _learned() -> dict[str, str] | None:
    """Return what the visitor's scorer in use learned from, and what its scores mean, or None."""
    view = galleries.own_view(st.session_state.get(OWN))
    return view[0].info["rescored"] if view else None


def score_means() -> str:
    """Return what a score in percent is, in one sentence."""
    if own := _learned():
        return f"That is the chance, as your own scorer guesses, {own['means']}."
    return (
        "That is the chance, as the net guesses, of more likes than photos with an equal audience."
    )


def honest_line() -> None:
    """Say what the score is not; every page ends with it."""
    own = _learned()
    st.caption(
        f"The score is your own scorer's guess at the chance {own['means']}. It learned that from "
        f"{own['learned_from']}, goes by what it sees of the photo, and says nothing about the "
        "person in it."
        if own
        else "The score is a ConvNet's guess at how a photo would have done with a simulated "
        "audience. It judges light, framing and finish of the photo, and says nothing about the "
        "person in it."
    )
