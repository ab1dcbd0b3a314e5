"""What someone wants a scorer to learn from: two piles of photos, a zip, or this gallery."""

import contextlib
import html
from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.shared import ui
from pages.shared.pictures import data_address, sheet_address
from selfie_core.base.errors import DataError
from selfie_core.base.progress import Progress
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo import images
from selfie_core.photo.factors import FACTORS
from selfie_core.scorer.scorer import Scorer
from selfie_core.training import piles
from selfie_core.training.piles import Piles

Make = Callable[[Progress], Piles]
SHOWN = 16  # photos of each kind where they are shown
_ACROSS = 8  # thumbnails side by side

_WAYS = {"piles": "Two piles", "zip": "A zip with a table", "gallery": "This gallery"}
_ZIP_HELP = """
A zip of photos and one table beside them, either of

- `file,label`: the photo's path in the zip, and `good` or `bad` (or 1 and 0). A column `user`
  keeps the photos of one person together when the scorer is judged.
- `posts.csv`: file, user, followers, likes, tags, posted_at. A photo is good if it got more likes
  than others with an audience of like size; that takes at least 100 posts.
"""


def ask(gallery: Gallery, scorer: Scorer) -> Make | None:
    """Return how to make the piles that someone chose, or None while there is nothing."""
    way = ui.choose(
        "What to learn from", _WAYS, key="train_way", words=_WAYS.__getitem__, linked=True
    )
    match way:
        case "zip":
            return _ask_zip(scorer)
        case "gallery":
            return _ask_gallery(gallery)
    return _ask_piles(scorer)


def _ask_piles(scorer: Scorer) -> Make | None:
    dropped = []
    for column, name in zip(st.columns(2, gap="large"), ("good", "bad"), strict=True):
        with column, ui.large_drop(f"train_pile_{name}"):
            st.markdown(f"## {name.capitalize()}")
            files = st.file_uploader(
                f"{name.capitalize()} photos", accept_multiple_files=True, key=f"train_{name}",
                label_visibility="collapsed",
            )  # fmt: skip
            if thumbs := _thumbs(name, files):
                st.html(sheet(thumbs, f"{name.capitalize()} photos"))
            dropped.append([(file.name, file.getvalue()) for file in files])
    good, bad = dropped
    if not (good or bad):
        return None
    st.caption(f"{len(good):,} good and {len(bad):,} bad photos.")
    return lambda step: piles.read_piles(piles.from_piles(good, bad), scorer, progress=step)


def _thumbs(pile: str, files: Sequence[UploadedFile]) -> list[Image.Image]:
    """Return small squares of a pile's first photos; each is opened once in a visit.

    Those that can't be read are left out here; they are told of where the piles are read.
    """
    key = f"train_thumbs_{pile}"
    known: dict[str, Image.Image] = st.session_state.get(key, {})
    shown = {}
    for file in files:
        with contextlib.suppress(DataError):
            id = file.file_id
            shown[id] = known.get(id) or piles.square(
                images.open_photo(file.getvalue(), at_least=piles.THUMB)
            )
        if len(shown) == SHOWN:
            break
    st.session_state[key] = shown
    return list(shown.values())


def sheet(thumbs: Sequence[Image.Image], about: str) -> str:
    """Return thumbnails side by side, a picture per line: nothing stands where none is."""
    return "".join(
        _line(thumbs[start : start + _ACROSS], about) for start in range(0, len(thumbs), _ACROSS)
    )


def _line(thumbs: Sequence[Image.Image], about: str) -> str:
    side = piles.THUMB
    picture = Image.new("RGB", (len(thumbs) * side, side))
    for place, thumb in enumerate(thumbs):
        picture.paste(thumb, (place * side, 0))
    address = data_address(picture, side=picture.width)
    width = f"calc(min(100%, {_ACROSS * 76}px) * {len(thumbs) / _ACROSS})"
    return f'<img class="train-sheet" style="width:{width}" src="{address}" alt="{about}">'


def _ask_zip(scorer: Scorer) -> Make | None:
    with ui.large_drop("train_pile_zip"):
        file = st.file_uploader("Zip", type=["zip"], key="train_zip", label_visibility="collapsed")
    with st.expander("What the zip holds"):
        st.markdown(_ZIP_HELP)
    if not file:
        return None
    return lambda step: piles.read_piles(piles.from_zip(file.getvalue()), scorer, progress=step)


def _ask_gallery(gallery: Gallery) -> Make | None:
    """Let a factor fill the piles: a way to see what can be learned without photos at hand."""
    table = gallery.table
    titles = {f.name: f.title for f in FACTORS if f.name in table and table[f.name].nunique() > 1}
    if not titles:
        st.info("No measured factor tells the photos of this gallery apart; drop photos instead.")
        return None
    left, right = st.columns(2, gap="large")
    factor = left.selectbox(
        "Photos with most of it are good, those with least are bad", list(titles),
        format_func=titles.__getitem__, key="train_factor",
        index=list(titles).index("face_height") if "face_height" in titles else 0,
        bind="query-params",
    )  # fmt: skip
    most = max(piles.LEAST + 1, min(400, len(gallery) // 2))
    count = right.slider(
        "Photos in each pile", piles.LEAST, most, most, key="train_count", bind="query-params"
    )
    filled = piles.ends_of(gallery, factor, count)
    for column, rows, name in zip((left, right), filled, ("Good", "Bad"), strict=True):
        column.caption(f"{name}: {len(rows)} photos")
        column.html(ends(gallery, rows[:SHOWN], f"{name} photos"))
    return lambda _: piles.from_gallery(gallery, factor, count)


def ends(gallery: Gallery, rows: NDArray[np.intp], about: str) -> str:
    """Return photos of the gallery in two lines, as one picture from the server."""
    address = html.escape(sheet_address(gallery, rows, columns=-(-len(rows) // 2), cell=112))
    return f'<img class="train-sheet" src="{address}" alt="{html.escape(about)}">'
