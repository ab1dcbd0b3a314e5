"""Which photos a text finds, on a gallery whose answers are known."""

import dataclasses
import unicodedata

import numpy as np
import pandas as pd
import pytest

from selfie_core.gallery import search, synonyms
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.map.landmarks import Landmark, write_landmarks
from selfie_core.gallery.search import Suggestion, find_rows, suggest
from selfie_core.gallery.texts import Texts, tokens
from selfie_core.photo.factors import FACTORS

N = 200
EVERY = np.arange(N)


@pytest.fixture
def crowd(gallery: Gallery) -> Gallery:
    """200 photos with words, yes and no, measured factors, names of every kind."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({factor.name: rng.uniform(0.1, 0.9, N) for factor in FACTORS})
    table = table.assign(
        id=[f"{n:03d}abc{n:06d}" for n in EVERY],
        file=["<script>alert(1)</script>.jpg", *(f"Photo-{n}.jpg" for n in range(1, N))],
        user=[f"user{n % 20}" for n in EVERY],
        tags=["beach sun" if n % 4 == 0 else None for n in EVERY],
        posted_at=pd.to_datetime([f"202{n % 5}-03-09" for n in EVERY], utc=True),
        brightness=np.arange(N) / N,
        monochrome=(EVERY < 30).astype(float),
        faces=EVERY % 5,
        face_cut=np.where(EVERY < 40, 0.9, 0.0),
        glasses=np.where(EVERY < 60, "sun", np.where(EVERY < 100, "clear", "none")),
        hat=["straw" if n < 10 else "none" if n < 150 else None for n in EVERY],
        hair_colour=np.where(EVERY >= 180, "dark", "red"),
        lighting=np.where(EVERY >= 190, "dark", "bright"),
        shot=np.where(EVERY < 50, "mirror", "loose"),
        wearing_lipstick=pd.array([n % 2 for n in EVERY], "Int64"),
        score=np.arange(N) / N,
        region=np.where(EVERY < 44, 3, -1),
    )
    return dataclasses.replace(gallery, table=table)


def found(gallery: Gallery, text: str) -> list[int]:
    return find_rows(gallery, text).tolist()


def rows(*spans: range) -> list[int]:
    return sorted({row for span in spans for row in span})


def test_search_finds_id_user_file_tag_and_date_in_any_case(crowd: Gallery) -> None:
    assert found(crowd, "007ABC000007") == [7]
    assert len(found(crowd, "@user3")) == 10
    assert found(crowd, "photo-17.jpg") == [17]
    assert found(crowd, "#Beach user4") == list(range(4, N, 20))
    assert found(crowd, "<script>") == [0]
    assert found(crowd, "2021-03") == list(range(1, N, 5))


@pytest.mark.parametrize("text", ["", "  ", "#", "nobodyatall", "[", "photo-7 photo-8", "the"])
def test_search_for_nothing_finds_nothing(crowd: Gallery, text: str) -> None:
    assert found(crowd, text) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("mirror", rows(range(50))),
        ("sunglasses", rows(range(60))),
        ("Glasses: sun", rows(range(60))),
        ("glasses", rows(range(100))),
        ("hats", rows(range(10))),
        ("straw hat", rows(range(10))),
        ("lipstick", rows(range(1, N, 2))),
        ("red hair", rows(range(180))),
        ("black and white", rows(range(30))),
        ("b&w", rows(range(30))),
        ("forehead cut", rows(range(40))),
        ("groups", rows(range(3, N, 5), range(4, N, 5))),
        ("no face", rows(range(0, N, 5))),
        ("beach", rows(range(0, N, 4))),
        ("dark", rows(range(175, N))),  # by light, not by hair
        ("lighting: dark", rows(range(190, N))),
        ("best", rows(range(175, N))),
        ("bright", rows(range(190))),
        ("sunglasses at the beach", rows(range(0, 60, 4))),
        ("mirr", rows(range(50))),
    ],
)
def test_words_find_what_the_table_says(crowd: Gallery, text: str, wanted: list[int]) -> None:
    table = crowd.table.assign(brightness=1 - crowd.table["brightness"])
    assert found(dataclasses.replace(crowd, table=table), text) == wanted


@pytest.mark.parametrize("word", ["no", "not", "without"])
def test_denied_phrase_turns_round_where_it_is_known(crowd: Gallery, word: str) -> None:
    assert found(crowd, f"{word} hat") == list(range(10, 150))
    assert found(crowd, f"mirror {word} sunglasses") == []
    assert found(crowd, f"{word} lipstick mirror") == list(range(0, 50, 2))


def test_region_is_found_by_the_name_that_a_person_gave(own_copy, crowd: Gallery) -> None:
    shown = dataclasses.replace(crowd._generation, files=own_copy)
    crowd = dataclasses.replace(crowd, _generation=shown)
    write_landmarks(own_copy, [Landmark(3, "Çok yakın", 0.5, 0.5, 44, "", "close faces")])
    assert found(crowd, "cok yakın") == found(crowd, "çok yakın") == list(range(44))
    write_landmarks(own_copy, [Landmark(3, "Near the sea", 0.5, 0.5, 44, "", "close faces")])
    assert set(range(44)) <= set(found(crowd, "near sea"))
    (own_copy / "landmarks.json").write_text("{", "utf-8")
    assert found(crowd, "mirror") == list(range(50))


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("typed", ["Zoë", "zoe", "ZOË", "Zoe\u0308"])
def test_composed_and_decomposed_letters_match(crowd: Gallery, form, typed: str) -> None:
    name = unicodedata.normalize(form, "Zoë-am-Strand.jpg")
    table = crowd.table.assign(file=[name, *crowd.table["file"][1:]])
    assert found(dataclasses.replace(crowd, table=table), typed) == [0]


def test_word_is_found_at_its_beginning_and_signs_anywhere(crowd: Gallery) -> None:
    names = ["WhatsApp Image 1.jpg", "IMG_00943.jpg", "東京の海.jpg"]
    table = crowd.table.assign(file=[*names, *crowd.table["file"][3:]], hat=None)
    gallery = dataclasses.replace(crowd, table=table)
    assert found(gallery, "hat") == []
    assert found(gallery, "whatsapp") == [0]
    assert found(gallery, "943") == found(gallery, "img_00943") == [1]
    assert found(gallery, "海") == [2]


def test_every_factor_is_found_by_a_word(crowd: Gallery) -> None:
    named = {*search._BOUNDS, *search._ENDS}
    assert {factor.name for factor in FACTORS} <= named


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("sung", Suggestion("Glasses: sun", 60)),
        ("shad", Suggestion("Glasses: sun", 60)),  # by a synonym
        ("mirror gla", Suggestion("mirror glasses", 50)),
        ("no h", Suggestion("No hat", 140)),
        ("#be", Suggestion("#beach", 50)),
        ("sunglases", Suggestion("Glasses: sun", 60)),  # misspelt
    ],
)
def test_suggestion_completes_what_is_typed(crowd: Gallery, typed: str, first) -> None:
    assert suggest(crowd, typed)[0] == first


@pytest.mark.parametrize("typed", ["", "g", "b", "mirror l", "dar", "without gla"])
def test_suggestion_finds_as_many_as_it_says(crowd: Gallery, typed: str) -> None:
    suggested = suggest(crowd, typed)
    assert 0 < len(suggested) <= 8
    for one in suggested:
        assert one.found == len(find_rows(crowd, one.text)) > 0


@pytest.mark.parametrize("line", [line for line in synonyms.LINES.splitlines() if line])
def test_line_of_synonyms_holds_different_phrases(line: str) -> None:
    names = [search._name(phrase) for phrase in line.split(",")]
    assert all(names) and len(set(names)) == len(names) > 1


SOME = (
    "IMG_0012",
    "gray",
    "Greys",
    "New York",
    "new-york",
    "bus",
    "glasses",
    "naïve",
    "自拍",
    "x1y2",
)


def test_a_word_is_found_where_a_text_has_one_that_begins_so() -> None:
    rng = np.random.default_rng(0)
    texts = ["-".join(rng.choice(SOME, 3)) for _ in range(300)]
    days = pd.to_datetime(["2024-03-01T23:59Z", None, "2025-11-09"] * 100, utc=True, format="mixed")
    table = pd.DataFrame(
        {"id": [f"{n:032x}" for n in range(300)], "file": texts, "user": None, "posted_at": days}
    )
    looked = Texts(table)
    for word in (
        "img",
        "gr",
        "grey",
        "new",
        "glasse",
        "naiv",
        "拍",
        "12",
        "0012",
        "11",
        "2024",
        "q",
    ):
        found = [
            any(token.lstrip("0").startswith(word.lstrip("0")) for token in tokens(f"{text} {day}"))
            for text, day in zip(texts, days.strftime("%Y-%m-%d").fillna(""), strict=True)
        ]
        assert looked.find(word).tolist() == found, word
        assert looked.find(word).tolist() == found, f"{word}, remembered"


def test_parts_of_a_word_stand_side_by_side_in_one_text() -> None:
    files = ["new-york.jpg", "New York.jpg", "york-new.jpg", "renew-york.jpg", "new-yorkers.jpg"]
    table = pd.DataFrame({"id": list("abcde"), "file": files, "tags": ["york"] * 5})
    assert Texts(table).find("new-york").tolist() == [True, False, False, False, True]
    assert Texts(table).find("b").tolist() == [False, True, False, False, False]  # by its id
