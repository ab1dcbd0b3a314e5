"""What each column of a gallery is: every use finds its own, and no place is a property."""

import numpy as np
import pandas as pd

from selfie_core.gallery.columns import (
    MAP_COLUMNS,
    MOST_WORDS,
    Use,
    column_of,
    columns_for,
    has_few_words,
    words_of,
)

TABLE = pd.DataFrame(
    {
        "id": ["a", "b", "c"],
        "user": ["ann", "bob", "ann"],
        "score": [0.1, 0.2, 0.3],
        "brightness": [0.4, 0.5, np.nan],
        "monochrome": [0.0, 1.0, 0.0],
        "label": pd.array([1, 0, None], "Int64"),
        "posted_at": pd.to_datetime(["2026-01-02", "2026-01-03", "2026-01-04"]),
        "region": [0, 1, 1],
        "seam": [0.1, 0.2, 0.3],
        "has_hat": [True, False, True],
        "glasses": ["sun", None, "clear"],
    }
)


def names(use: Use) -> list[str]:
    return [column.name for column in columns_for(TABLE, use)]


def test_each_use_takes_its_columns_in_the_tables_order() -> None:
    assert names(Use.SEARCH) == ["id", "user", "label", "posted_at", "has_hat", "glasses"]
    assert names(Use.GROUP) == names(Use.DESCRIBE) == ["has_hat", "glasses"]
    assert set(names(Use.FILTER)) == set(TABLE) - {"id", "region", "seam"}
    assert set(names(Use.COLOUR)) == set(TABLE) - {"id", "user", "posted_at", "region"}


def test_place_on_the_map_is_no_property_of_a_photo() -> None:
    asked = Use.FILTER | Use.GROUP | Use.DESCRIBE | Use.SEARCH
    assert not any(column_of(name).uses & asked for name in MAP_COLUMNS)


def test_column_is_named_as_people_read_it() -> None:
    face, hat = column_of("face_x"), column_of("has_hat")
    assert (face.title, face.unit, face.measured) == ("Face from the left", "%", True)
    assert (hat.title, hat.unit, hat.measured) == ("Has hat", "", False)


def test_yes_no_labels_and_few_numbers_are_words() -> None:
    def said(name: str) -> list[object]:
        words = words_of(TABLE, name)
        assert words is not None
        return words.astype(object).where(words.notna(), None).tolist()

    assert said("monochrome") == ["no", "yes", "no"]
    assert said("has_hat") == ["yes", "no", "yes"]
    assert said("label") == ["good", "bad", None]
    assert said("region") == ["0", "1", "1"]
    assert said("glasses") == ["sun", None, "clear"]
    assert words_of(TABLE, "brightness") is None
    assert words_of(TABLE, "posted_at") is None
    huge = pd.DataFrame({"mass": [1e20, 2.0], "number": [12345678901234567890, 3]})
    assert words_of(huge, "mass") is None and words_of(huge, "number") is None
    ids = words_of(pd.DataFrame({"owner": [1234567890123456789, 3]}), "owner")
    assert ids is not None and ids.tolist() == ["1234567890123456789", "3"]


def test_a_word_for_each_photo_is_too_many() -> None:
    each = pd.Series([f"word {n}" for n in range(MOST_WORDS + 1)])
    assert has_few_words(each[:MOST_WORDS])
    assert not has_few_words(each)
    assert not has_few_words(pd.Series(["alike", "alike"]))
    assert not has_few_words(pd.Series([1, 2]))
