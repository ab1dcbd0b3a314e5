"""Which photos hold a word among files, names, users, tags and dates.

Letters: N photos.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.gallery.columns import MOST_WORDS, Use, columns_for, is_text
from selfie_core.gallery.synonyms import SPELLINGS

Rows = NDArray[np.bool_]  # which photos, shape (N,)

_LEAST_ID = 6  # letters of an id that stand for it: fewer would be "bed" or "face"
_WORDS = ("file", "name", "user", "tags")  # looked through, however few words they have


def fold(text: str) -> str:
    """Return a text without case and accents, composed and decomposed letters alike."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


# Numbers, words, and each sign of scripts that put no space between words.
_TOKEN = re.compile(r"\d+|[^\W\d_\u3040-\u30ff\u3400-\u9fff]+|[\u3040-\u30ff\u3400-\u9fff]")


def tokens(text: str) -> list[str]:
    """Return the words of a text, folded, plurals as singulars."""
    return [_singular(word) for word in _TOKEN.findall(fold(text))]


def _singular(word: str) -> str:
    word = SPELLINGS.get(word, word)
    return word[:-1] if len(word) > 3 and word[-1] == "s" and word[-2] != "s" else word


class Postings:
    """Which photos hold a word; words with the same beginning stand together."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.ids = table["id"].astype(str).str.lower()
        places: list[int] = []
        words: list[str] = []
        self.texts = [fold(text) for text in _texts(table)]
        for row, text in enumerate(self.texts):
            found = tokens(text)
            found += [word.lstrip("0") for word in found if word[0] == "0" and word.isdigit()]
            words += found
            places += [row] * len(found)
        codes, vocabulary = pd.factorize(np.array(words, object), sort=True)
        order = np.argsort(codes, kind="stable")
        self.rows = np.array(places, np.int32)[order]
        self.vocabulary = [str(word) for word in vocabulary]
        self.starts = np.searchsorted(codes[order], np.arange(len(vocabulary) + 1))

    def find(self, word: str) -> Rows:
        """Return which photos hold a word, of which only the end may be missing."""
        ids = self.ids.str.startswith(word) if len(word) >= _LEAST_ID else self.ids == word
        parts = tokens(word)
        if not parts:
            return ids.to_numpy(bool)
        *whole, begun = parts
        found = self._between(begun, begun + "\U0010ffff")
        for token in whole:
            found &= self._between(token, token + "\0")
        if whole:  # one beside the other
            for row in np.flatnonzero(found):
                found[row] = word in self.texts[row]
        return found | ids.to_numpy(bool)

    def _between(self, first: str, end: str) -> Rows:
        found = np.zeros(len(self.ids), bool)
        low, high = (bisect_left(self.vocabulary, word) for word in (first, end))
        found[self.rows[self.starts[low] : self.starts[high]]] = True
        return found


def _texts(table: pd.DataFrame) -> Iterable[str]:
    """Return one text per photo of all that is searched by the word."""
    columns = []
    for column in columns_for(table, Use.SEARCH):
        values = table[column.name]
        if pd.api.types.is_datetime64_any_dtype(values):
            columns.append(values.dt.strftime("%Y-%m-%d").fillna(""))
        elif is_text(values) and column.name != "id":
            if column.name in _WORDS or values.nunique() > MOST_WORDS:
                columns.append(values.astype("string").fillna("").astype(object))
    return map(" ".join, zip(*columns, strict=True))
