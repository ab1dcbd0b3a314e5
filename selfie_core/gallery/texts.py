"""Which photos hold a word among files, names, users, tags and dates.

The texts themselves are looked through, each different one once: 20 ms of a core for a million
files.  An index of their words took 18 s and 0.7 GB to make; DuckDB took 60 to 250 ms per word.

Letters: N photos.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray

from selfie_core.gallery.columns import MOST_WORDS, Use, columns_for, is_text
from selfie_core.gallery.synonyms import SPELLINGS

pc: Any = pyarrow.compute  # it makes its functions as it is loaded, unseen by type checkers
Rows = NDArray[np.bool_]  # which photos, shape (N,)

_LEAST_ID = 6  # letters of an id that stand for it: fewer would be "bed" or "face"
_REMEMBERED = 256  # words whose photos are remembered, a bit per photo
_WORDS = ("file", "name", "user", "tags")  # looked through, however few words they have


def fold(text: str) -> str:
    """Return a text without case and accents, composed and decomposed letters alike."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


_ALONE = "\u3040-\u30ff\u3400-\u9fff"  # signs of scripts that put no space between words
# Numbers, words, and each sign of scripts that put no space between words.
_TOKEN = re.compile(rf"\d+|[^\W\d_{_ALONE}]+|[{_ALONE}]")
_ALONE_SIGN = re.compile(f"[{_ALONE}]")


def tokens(text: str) -> list[str]:
    """Return the words of a text, folded, plurals as singulars."""
    return [_singular(word) for word in _TOKEN.findall(fold(text))]


def _singular(word: str) -> str:
    word = SPELLINGS.get(word, word)
    return word[:-1] if len(word) > 3 and word[-1] == "s" and word[-2] != "s" else word


class Texts:
    """The texts of a gallery's photos, in which words are looked for."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.photos = len(table)
        self._ids = pa.array(table["id"].astype("str"))
        self._columns = list(_columns(table))
        self._bits = functools.lru_cache(_REMEMBERED)(self._look_for)

    def find(self, word: str) -> Rows:
        """Return which photos hold a word, of which only the end may be missing."""
        bits = self._bits(word)
        if bits is None:
            return np.zeros(self.photos, bool)
        return np.unpackbits(bits, count=self.photos).view(bool)

    def _look_for(self, word: str) -> NDArray[np.uint8] | None:
        """Return which photos hold a word, eight in a byte; None if none does."""
        same = pc.starts_with if len(word) >= _LEAST_ID else pc.equal
        found = _bools(same(self._ids, word))
        for places, texts in self._columns:
            if len(at := _that_hold(texts, word)):
                held = np.zeros(len(texts) + 1, bool)  # the last stands for no text
                held[at] = True
                found |= held[places]
        return np.packbits(found) if found.any() else None


def _columns(table: pd.DataFrame) -> Iterator[tuple[NDArray[np.int32], pa.Array]]:
    """Yield of each column its different texts, folded, and which each photo has, -1 for none."""
    for column in columns_for(table, Use.SEARCH):
        values = table[column.name]
        if pd.api.types.is_datetime64_any_dtype(values):
            places, days = pd.factorize(values.dt.floor("D"))
            texts = days.strftime("%Y-%m-%d")
        elif is_text(values) and column.name != "id":
            places, texts = pd.factorize(values.astype("str"))
            if column.name not in _WORDS and len(texts) <= MOST_WORDS:
                continue  # the search knows each of these by itself
        else:
            continue
        yield places.astype(np.int32), _folded(pa.array(texts, pa.large_string()))


def _folded(texts: pa.Array) -> pa.Array:
    if np.asarray(pc.string_is_ascii(texts), bool).all():
        return pc.ascii_lower(texts)
    return pa.array(map(fold, texts.to_pylist()), pa.large_string())


def _that_hold(texts: pa.Array, word: str) -> NDArray[np.intp]:
    """Return which texts hold a word; of several parts, as "new-york", one beside the other."""
    parts = tokens(word)
    if not parts:
        return np.array([], np.intp)
    *whole, begun = parts
    literals = [word] if whole else _spelt(begun)
    found = functools.reduce(
        np.logical_or, (_bools(pc.match_substring(texts, one)) for one in literals)
    )
    at = np.flatnonzero(found)
    for pattern in [*(_pattern(part, whole=True) for part in whole), _pattern(begun, whole=False)]:
        at = at[_bools(pc.match_substring_regex(texts.take(pa.array(at)), pattern))]
    return at


def _spelt(begun: str) -> list[str]:
    """Return the ways in which a word that begins so may be written."""
    return [begun, *(other for other, word in SPELLINGS.items() if word.startswith(begun))]


def _pattern(part: str, *, whole: bool) -> str:
    """Return where a token, as `tokens` gives it, stands in a text or begins there."""
    words = f"(?:{'|'.join(_spelt(part))})"
    if part[0].isdecimal():
        return rf"(?:^|\P{{Nd}})0*{words}" + r"(?:\P{Nd}|$)" * whole
    if _ALONE_SIGN.match(part):
        return words
    return rf"(?:^|\PL|[{_ALONE}]){words}" + rf"s?(?:\PL|[{_ALONE}]|$)" * whole


def _bools(found: Any) -> Rows:
    return np.asarray(found, bool)
