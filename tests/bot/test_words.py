"""The table of words: whole in six languages, short enough, and what people say back."""

import string

import pytest

from selfie_core.answer.answer import PLACES
from selfie_core.answer.card import WIDTH, _font
from selfie_core.bot.words import LANGUAGES, TABLE, language_of, meanings, say
from selfie_core.photo.edits import CHANGES


def fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}


@pytest.mark.parametrize("key", TABLE)
def test_every_line_is_in_every_language(key: str) -> None:
    own = {"en"} if key.startswith("In the") else set()  # English says it in the answer's sentence
    own |= {"en", "ja"} if key == "on the card" else set()
    assert set(TABLE[key]) == set(LANGUAGES) - own
    if key != "answer":
        assert len({frozenset(fields(text)) for text in TABLE[key].values()}) == 1
    assert all(len(text) < 200 for text in TABLE[key].values())  # beside two names, in 300


def test_all_that_an_answer_can_say_is_in_the_table() -> None:
    assert {words for _, words in PLACES} | {one.title for one in CHANGES.values()} <= set(TABLE)


@pytest.mark.parametrize("language", TABLE["on the card"])
def test_words_fit_on_a_card_and_its_font_has_their_letters(language: str) -> None:
    values = {"above": 99, "count": "1.000.000"}
    above, count, foot = say("on the card", language, **values).split("|")
    number = 60 + _font(124).getlength("99,9 %") + 40
    assert number + max(_font(46).getlength(above), _font(36).getlength(count)) < WIDTH - 60
    assert _font(25).getlength(foot) < WIDTH - 60
    letters = {bytes(_font(40).getmask(one)) for one in above + count + foot}
    assert bytes(_font(40).getmask("\uffff")) not in letters  # the sign for a missing one


def test_no_line_speaks_of_the_person() -> None:
    english = " ".join(texts.get("en", "") for texts in TABLE.values()).lower()
    assert not {"beautiful", "ugly", "pretty", "attractive"} & set(english.split())
    assert "you look" not in english


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("@deepselfie crop please", {"crop"}),
        ("@deepselfie this one? And the best crop, if you can find a good one", {"crop"}),
        ("Stop!", {"stop"}),
        ("@deepselfie@example.social ｓｔｏｐ", {"stop"}),
        ("Oui.", {"yes"}),
        ("SÍ, por favor", {"yes"}),
        ("はい、どうぞ", {"yes"}),
        ("やめてください", {"stop"}),
        ("I can't stop taking selfies, ok @deepselfie?", set()),
        ("yesterday", set()),
        ("para ti @deepselfie", set()),
        ("Not ok!", set()),
        ("no, not sure", set()),
        ("não, ok?", set()),
        ("だめ、はい", set()),
        ("No! Stop!", {"stop"}),
        ("cropped", set()),
        ("", set()),
    ],
)
def test_words_back_are_understood(text: str, meant: set[str]) -> None:
    assert meanings(text) == meant


def test_stop_below_our_words_may_begin_a_longer_text() -> None:
    text = "Please stop scoring my photos"
    assert meanings(text, to_us=True) == {"stop"}
    assert meanings(text) == set()


@pytest.mark.parametrize(
    ("tag", "language"),
    [("pt-BR", "pt"), ("JA", "ja"), ("de_AT", "de"), ("ko", "en"), (None, "en"), ("", "en")],
)
def test_language_of_a_post(tag: str | None, language: str) -> None:
    assert language_of(tag) == language


def test_names_in_braces_stay_as_they_are() -> None:
    assert say("photo", "en", number=2, text="{percent}") == "Photo 2: {percent}"
