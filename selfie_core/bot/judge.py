"""The answer to the pictures of a post: text, and a card per picture."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from selfie_core.answer.advice import NEXT_TO_NOTHING, advise_photo
from selfie_core.answer.answer import Answer, answer_photo
from selfie_core.answer.card import share_card
from selfie_core.answer.crops import suggest_crops
from selfie_core.answer.usual import usual_gains
from selfie_core.base.errors import DataError
from selfie_core.base.handed_out import picture_file
from selfie_core.bot.bot import Said
from selfie_core.bot.network import Card, Unfit
from selfie_core.bot.words import answer_in_words, card_in_words, say, score_in_words
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo import images
from selfie_core.photo.faces import Face
from selfie_core.scorer.scorer import Scorer

CARD_SIDE = 1280  # pixels that the photo keeps for the card
QUALITY = 88  # of the card: 150 to 300 KB, where Bluesky takes 1,000 KB


@dataclass(frozen=True)
class _Judged:
    """A picture and its answer; of its best crop too, if that was asked for."""

    number: int  # its place in the post, from 1
    copy: Image.Image
    large: Image.Image
    size: tuple[int, int]
    answer: Answer
    crop: Answer | None = None


class Judge:
    """Gives the answer to pictures.

    Args:
        scorer: The one that scored the gallery.
        gallery: What the pictures are compared with.
    """

    def __init__(self, scorer: Scorer, gallery: Gallery) -> None:
        self._scorer, self._gallery = scorer, gallery
        self._usual = usual_gains(gallery)

    def __call__(
        self, files: Sequence[bytes | Unfit], language: str, most_text: int, crop: bool
    ) -> Said:
        """Return the answer to the pictures of one post, the best first.

        Args:
            files: Their content, or why one can't be had.
            language: One of `words.LANGUAGES`.
            most_text: Characters.
            crop: The cards show the best crop.

        Raises:
            Unfit: None of them can be scored; it says what is wrong with the first.
        """
        judged: list[_Judged] = []
        unfit: dict[int, Unfit] = {}
        for number, file in enumerate(files, 1):
            try:
                judged.append(self._judged(number, file, crop))
            except Unfit as error:
                unfit[number] = error
        if not judged:
            raise next(iter(unfit.values()))
        best, *others = sorted(judged, key=lambda one: -one.answer.score)
        lines = [_line(best, language, answer_in_words(best.answer, language))]
        for one in others:  # in short; the description of its card says the rest
            lines.append(_line(one, language, score_in_words(one.answer.score, language) + "."))
        if len(files) > 1:
            numbers = [one.number for one in (best, *others)]
            lines = [
                say("photo", language, number=number, text=line)
                for number, line in zip(numbers, lines, strict=True)
            ]
        text = "\n".join(lines)
        reasons = [
            say("photo", language, number=number, text=say(str(why), language))
            for number, why in unfit.items()
        ]
        for more in (self._advice(best, language), *reasons):  # as far as there is room
            if more and len(text) + 1 + len(more) <= most_text:
                text += "\n" + more
        return Said(text, tuple(self._card(one, language) for one in (best, *others)))

    def _judged(self, number: int, file: bytes | Unfit, crop: bool) -> _Judged:
        if isinstance(file, Unfit):
            raise file
        try:
            with images.ROOM:  # in one line with other photos of this process
                pixels, moving = images.peek(file)
                if moving:
                    raise Unfit("moving")
                if pixels > images.LARGE:
                    raise Unfit("too large")
                sides = max(CARD_SIDE, self._scorer.copy_side), self._scorer.copy_side
                (large, copy), size = images.open_copies(file, *sides)
                images.check_side(copy, images.CROP_SIDE, "crops")
        except DataError as error:
            raise Unfit("unreadable") from error
        answer = self._answer(copy, size)
        if not answer.faces:
            raise Unfit("no face")
        judged = _Judged(number, copy, large, size, answer)
        return self._cropped(judged) if crop else judged

    def _cropped(self, one: _Judged) -> _Judged:
        """Return a picture with the answer to its best crop, which is what its card shows."""
        found = suggest_crops(
            one.copy, self._scorer, size=one.size, count=1, faces=one.answer.faces, mode="fast"
        )
        if not found:
            return one
        across, down = (a / b for a, b in zip(one.large.size, one.size, strict=True))
        left, top, right, bottom = found[0].box
        box = round(left * across), round(top * down), round(right * across), round(bottom * down)
        cut = one.large.crop(box)
        crop = self._answer(cut, cut.size)
        return _Judged(one.number, one.copy, cut, one.size, one.answer, crop)

    def _answer(self, photo: Image.Image, size: tuple[int, int]) -> Answer:
        return answer_photo(photo, scorer=self._scorer, gallery=self._gallery, size=size)

    def _advice(self, one: _Judged, language: str) -> str:
        """Return the change that suits a photo best, and what it would bring; "" if nothing."""
        faces: tuple[Face, ...] = one.answer.faces
        advised = advise_photo(
            one.copy, self._scorer, size=one.size, faces=faces, mode="fast",
            usual=self._usual, at_once=1,
        )  # fmt: skip
        helps = [advice for advice in advised.singles if advice.gain >= NEXT_TO_NOTHING]
        if not helps:
            return ""
        percent = score_in_words(helps[0].score, language)
        return say("advice", language, change=say(helps[0].title, language), percent=percent)

    def _card(self, one: _Judged, language: str) -> Card:
        shown = one.crop or one.answer
        card = share_card(
            one.large, score=shown.score, percentile=shown.percentile, gallery=self._gallery,
            words=card_in_words(shown, language),
        )  # fmt: skip
        alt = say("card", language, text=answer_in_words(shown, language))
        return Card(picture_file(card, "card", quality=QUALITY), alt, card.size)


def _line(one: _Judged, language: str, text: str) -> str:
    if one.crop is None:
        return text
    return text + " " + say("crop", language, percent=score_in_words(one.crop.score, language))
