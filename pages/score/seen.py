"""What a visit keeps of the photo in question, so that a rerun shows it at once."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st
from PIL import Image

from pages.shared import pictures, ui
from pages.shared.pictures import data_address
from selfie_core.answer.answer import Answer, answer_photo
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo import images
from selfie_core.photo.images import ROOM

Photo = tuple[str, bytes]  # name and content of a file

T = TypeVar("T")
_COPY = 1600  # pixels of the longer side of the copy from which frames are scored and shown


@dataclass
class Seen:
    """A photo, its answer, and what was made of it since."""

    key: str  # hash of the file and version of the gallery
    name: str
    data: bytes
    answer: Answer
    picture: str  # at most 1,280 px, as a data address
    thumb: str
    copy: Image.Image | None = None
    kept: dict[Any, Any] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """The file's name without ending."""
        return Path(self.name).stem

    @property
    def size(self) -> tuple[int, int]:
        """Pixels of the upright photo."""
        return self.answer.width, self.answer.height

    @contextmanager
    def whole(self) -> Iterator[Image.Image]:
        """Open the photo at full size, in turn with other visitors."""
        with ROOM:
            yield images.open_photo(self.data)

    def reduced(self) -> Image.Image:
        """Return a copy large enough to score and show frames of it."""
        if self.copy is None:
            with ROOM:
                # A JPEG is decoded at about this size; a panorama's short side stays scorable.
                photo = images.open_photo(self.data, at_least=min(_COPY, *self.size))
            shrink = min(1, max(_COPY / max(photo.size), 256 / min(photo.size)))
            size = [round(edge * shrink) for edge in photo.size]
            self.copy = photo.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        return self.copy

    def keep(self, what: Any, make: Callable[[], T]) -> T:
        """Return what was made before, or make it."""
        if what not in self.kept:
            self.kept[what] = make()
        return self.kept[what]


def look(photo: Photo, gallery: Gallery) -> Seen:
    """Return what is to be shown of a photo; of the one seen last, at once.

    Raises:
        DataError: It is no photo, damaged, too small or too large.
    """
    name, data = photo
    key = f"{gallery.version}-{hashlib.sha256(data).hexdigest()}"
    seen = st.session_state.get("score_seen")
    if seen is None or seen.key != key or seen.name != name:
        scorer = ui.scorer()
        opened, size = images.open_sized(
            data, at_least=max(images.DETAIL * scorer.image_size, images.LEAST_COPY)
        )
        answer = answer_photo(opened, size=size, scorer=scorer, gallery=gallery)
        picture = pictures.data_address(opened, side=1280)
        seen = Seen(key, name, data, answer, picture, thumb(opened, answer))
        st.session_state.score_seen = seen
    return seen


def thumb(photo: Image.Image, answer: Answer) -> str:
    """Return a small square of a photo, around its largest face."""
    if not answer.faces:
        return data_address(photo, side=160, square=True)
    face = answer.faces[0]
    x, y = (face.left + face.right) / 2 / answer.width, (face.top + face.bottom) / 2 / answer.height
    return data_address(photo, side=160, square=True, centre=(x, y))


def stage_aspect(seen: Seen) -> float:
    """Return width / height of a stage for the photo; a strip gets one that can be looked at."""
    return min(max(seen.size[0] / seen.size[1], 0.6), 2.4)
