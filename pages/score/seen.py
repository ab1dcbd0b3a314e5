"""The photo in question: opened once, answered, and kept so that a rerun shows it at once."""

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st
from PIL import Image

from pages.score.ask import Photo
from pages.shared import ui
from pages.shared.pictures import data_address
from selfie_core.answer.answer import Answer, answer_photo
from selfie_core.answer.boxes import Box
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo import images
from selfie_core.photo.images import ROOM
from selfie_core.scorer.scorer import Scorer

T = TypeVar("T")
STAGES = 0.6, 2.4  # width / height of the narrowest and of the widest stage
_SHOWN = 1200  # pixels that each side keeps of what is shown: a phone's photo at half its size


@dataclass
class Seen:
    """A photo, its answer, and what was made of it since."""

    key: str  # hash of the file and version of the gallery
    name: str
    data: bytes
    copy: Image.Image  # what is scored and searched
    large: Image.Image  # what is shown
    answer: Answer
    picture: str  # at most 1,280 px, as a data address
    thumb: str
    kept: dict[Any, Any] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """The file's name without ending."""
        return Path(self.name).stem

    @property
    def size(self) -> tuple[int, int]:
        """Pixels of the upright photo."""
        return self.answer.width, self.answer.height

    @property
    def stage(self) -> float:
        """Width / height of a stage for the photo; a strip gets one that can be looked at."""
        return min(max(self.size[0] / self.size[1], STAGES[0]), STAGES[1])

    def cut(self, box: Box) -> Image.Image:
        """Return a part of the photo, to be shown."""
        return box.cut(self.large, self.size)

    def score(self, box: Box) -> float:
        """Return the score of a part of the photo."""
        return float(ui.scorer()([box.cut(self.copy, self.size)])[0])

    def of_whole(self, make: Callable[[Image.Image], T]) -> T:
        """Return what is made of the photo at full size, in turn with other visitors.

        Of more than 64 megapixels it is handed on at half its size or less.
        """
        with ROOM:
            return make(images.open_photo(self.data, at_least=images.FULL))

    def keep(self, what: Any, make: Callable[[], T]) -> T:
        """Return what was made before, or make it."""
        if what not in self.kept:
            self.kept[what] = make()
        return self.kept[what]


def look(photo: Photo, gallery: Gallery) -> Seen:
    """Return what is to be shown of a photo; of the one seen last, at once.

    Raises:
        DataError: It is no photo, damaged, too small or too large; the message names the file.
    """
    name, data = photo
    key = f"{gallery.version}-{hashlib.sha256(data).hexdigest()}"
    seen = st.session_state.get("score_seen")
    if seen is None or (seen.key, seen.name) != (key, name):
        try:
            scorer = ui.scorer()
            with ROOM:
                (large, copy), size = images.open_copies(data, _SHOWN, scorer.copy_side)
            answer = answer_photo(copy, size=size, scorer=scorer, gallery=gallery)
        except DataError as error:
            raise DataError(f"{name}: {error}") from error
        picture = data_address(large, side=1280)
        seen = Seen(key, name, data, copy, large, answer, picture, _thumb(copy, answer))
        st.session_state.score_seen = seen
    return seen


def _thumb(copy: Image.Image, answer: Answer) -> str:
    """Return a small square of a photo, around its largest face."""
    centre = (0.5, 0.4)
    if answer.faces:
        face = answer.faces[0]
        x, y = (face.left + face.right) / 2, (face.top + face.bottom) / 2
        centre = (x / answer.width, y / answer.height)
    return data_address(copy, side=160, square=True, centre=centre)


@functools.lru_cache(maxsize=2)
def warm_up(gallery: Gallery, scorer: Scorer) -> None:
    """Load nets and features while the visitor still looks for a photo."""
    answer_photo(Image.new("RGB", (64, 64)), scorer=scorer, gallery=gallery)
