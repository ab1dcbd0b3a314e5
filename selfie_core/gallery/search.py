"""Which photos a text finds, and what to suggest while it is typed.

A text is read as phrases of what the gallery knows: values of its columns ("glasses sun"), columns
of yes and no, measured factors by name ("blurred"), regions of the map; `synonyms.LINES` adds
people's own words.  What is no such phrase, and what is, is also looked for among files, names,
users, tags and dates.  All parts of a text have to hold; "no hat" and "without hat" turn one round.

Letters: N photos.
"""

import contextlib
import difflib
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.base.errors import DataError
from selfie_core.gallery.columns import MOST_WORDS, Column, Use, columns_for, is_text, words_of
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.map.landmarks import EXTREMES, MEASURED, Landmark, measured_traits
from selfie_core.gallery.synonyms import LINES
from selfie_core.gallery.texts import Rows, Texts, fold, tokens

_LONGEST = 4  # words of a phrase
_MOST = 20  # words of a text; more are no search
_MOST_TAGS = 500  # that are suggested
_SMALL = set("a an the with in at on of and to photo photos picture pictures".split())
_NOT = {"no", "not", "without"}
_EMPTY = {"none", "no", "nothing", "false", ""}
_VERBS = {"is", "has", "wearing", "using", "showing"}  # of a column of yes and no: "has hat"

# Besides what may name a region of the map: every other factor, and the score.
_BOUNDS = {
    **MEASURED,
    "faces": [("no face", 0, 0), ("one face", 1, 1), *MEASURED["faces"]],
    "tilt": [*MEASURED["tilt"], ("upright", 0, 3)],
}
_ENDS = {
    **EXTREMES,
    "brightness": ("bright", "dark"),
    "highlights": ("bright highlights", "dull highlights"),
    "shadows": ("faded", "deep shadows"),
    "sharpness": ("sharp", "blurred"),
    "noise": ("grainy", "clean"),
    "off_centre": ("off centre", "centred"),
    "score": ("best", "worst"),
}

Name = frozenset[str]  # the words of a phrase, in any order


@dataclass(frozen=True)
class Suggestion:
    """A text worth searching for."""

    text: str
    found: int  # number of photos that it finds


@dataclass(frozen=True, eq=False)
class _Term:
    """Something that can be said of photos."""

    label: str  # as people read it: "Glasses: sun"
    names: tuple[Name, ...]  # in full first: {glasses, sun}, {sun}
    has: Callable[[], Rows]
    known: Callable[[], Rows] | None = None  # of which photos it is known; None for all
    column: bool = False  # whether its full name names it alone, whatever synonyms say
    denies: bool = False  # "Hat: none"


def find_rows(gallery: Gallery, text: str) -> NDArray[np.intp]:
    """Return the rows of which all parts of a text hold, in the table's order; none for no text."""
    words = _words(text)
    if not words:
        return np.array([], np.intp)
    return np.flatnonzero(_index(gallery).find(words))


def suggest(gallery: Gallery, text: str, *, count: int = 8) -> list[Suggestion]:
    """Return ways to complete a text, the likeliest first, each with how many photos it finds.

    Its last words are completed, or mended if nothing is named like them; of an empty text, the
    regions of the map and what was measured.
    """
    index, words = _index(gallery), _words(text)
    start, terms = index.complete(words)
    lead = "".join(f"{word} " for word in words[:start])
    found: dict[str, Suggestion] = {}
    for term in terms:
        label = term.label if not lead else term.label[0].lower() + term.label[1:]
        if label.casefold() not in found:
            photos = int(index.find([*words[:start], *_words(term.label)]).sum())
            found[label.casefold()] = Suggestion(lead + label, photos)
    return [one for one in found.values() if one.found][:count]


class _Index:
    """All that can be found in a gallery."""

    def __init__(self, gallery: Gallery, regions: Sequence[Landmark]) -> None:
        self.terms = list(_terms(gallery.table, regions))
        self.texts = Texts(gallery.table)
        self.by_label: dict[Name, list[_Term]] = {}
        self.by_name: dict[Name, list[_Term]] = {}
        full: dict[Name, list[_Term]] = {}
        for term in self.terms:
            full.setdefault(term.names[0], []).append(term)
            if term.column:
                self.by_label.setdefault(term.names[0], []).append(term)
            for name in dict.fromkeys(term.names):
                self.by_name.setdefault(name, []).append(term)
        self.by_line: dict[Name, list[_Term]] = {}
        for line in _lines():
            if terms := list(dict.fromkeys(term for name in line for term in full.get(name, []))):
                for name in line:
                    self.by_line.setdefault(name, terms)

    def find(self, words: Sequence[str]) -> Rows:
        """Return of which photos all phrases of a text hold."""
        found = np.ones(self.texts.photos, bool)
        while words:
            turned = (
                words[0] in _NOT and len(words) > 1 and not self._exact(_name(" ".join(words[:2])))
            )
            words = words[1:] if turned else words
            longest = range(min(_LONGEST, len(words)), 1, -1)
            size = next((size for size in longest if self._named(_name(words[:size]))), 1)
            has, known = self._hold(words[:size])
            found &= known & ~has if turned else has
            words = words[size:]
        return found

    def _hold(self, phrase: Sequence[str]) -> tuple[Rows, Rows]:
        """Return for which photos a phrase holds, and of which that is known."""
        terms = self._named(_name(phrase))
        has = functools.reduce(np.logical_and, map(self.texts.find, phrase))
        known = np.ones(len(has), bool)
        if terms and all(term.known for term in terms):
            known = functools.reduce(np.logical_or, (t.known() for t in terms if t.known))
        return functools.reduce(np.logical_or, (term.has() for term in terms), has), known

    def _exact(self, name: Name) -> list[_Term]:
        """Return what is called so, by its own name or by a synonym."""
        return self.by_label.get(name) or self.by_line.get(name) or self.by_name.get(name) or []

    def _named(self, name: Name) -> list[_Term]:
        """Return what is called so, or else what these words begin to name."""
        return self._exact(name) or self._begun(name)

    def complete(self, words: Sequence[str]) -> tuple[int, list[_Term]]:
        """Return from which word on a text is completed, and by what, the likeliest first."""
        if not words:
            return 0, [term for term in self.terms if not term.column]
        for start in range(max(0, len(words) - _LONGEST), len(words)):
            name = _name(words[start:])
            if terms := [*self._exact(name), *self._begun(name)]:
                return start, terms
        last = len(words) - 1
        return last, [] if self.find(words).any() else self._mended(words[last])

    def _mended(self, word: str) -> list[_Term]:
        """Return what a misspelt word may stand for."""
        known = {part for name in (*self.by_name, *self.by_line) for part in name}
        long = [part for part in tokens(word) if part.isalpha() and len(part) > 3]
        meant = [near for part in long for near in difflib.get_close_matches(part, known)]
        return [term for near in meant for term in self._named(frozenset([near]))]

    def _begun(self, name: Name) -> list[_Term]:
        """Return what these words begin to name: by a synonym, then by itself."""
        if not name:
            return []
        lines = [terms for line, terms in self.by_line.items() if _covers(name, line)]
        own = [term for term in self.terms if _begins(name, term)]
        return list(dict.fromkeys([*(term for terms in lines for term in terms), *own]))


@functools.lru_cache(maxsize=4)
def _built(gallery: Gallery, regions: tuple[Landmark, ...]) -> _Index:
    return _Index(gallery, regions)


def _index(gallery: Gallery) -> _Index:
    regions: tuple[Landmark, ...] = ()
    with contextlib.suppress(DataError):  # a file broken by hand costs the names only
        regions = gallery.landmarks
    return _built(gallery, regions)


# ---- words


def _words(text: str) -> list[str]:
    """Return the words of a search as they were typed, without those that say nothing."""
    words = [word for typed in text.split()[:_MOST] if (word := fold(typed).lstrip("#@"))]
    return [word for word in words if word not in _SMALL] or words


def _name(phrase: str | Sequence[str]) -> Name:
    words = _words(phrase) if isinstance(phrase, str) else phrase
    return frozenset(tokens(" ".join(words)))


@functools.cache
def _lines() -> list[list[Name]]:
    return [[_name(phrase) for phrase in line.split(",")] for line in LINES.split("\n") if line]


def _begins(typed: Name, term: _Term) -> bool:
    """Return whether each word of `typed` begins one of a term's name."""
    if term.denies and not typed & _NOT:
        return False
    return any(all(any(w.startswith(t) for w in name) for t in typed) for name in term.names)


def _covers(typed: Name, line: Name) -> bool:
    """Return whether `typed` is a whole phrase, but for the ends of its words."""
    return len(typed) == len(line) and all(any(w.startswith(t) for w in line) for t in typed)


# ---- what can be said of photos


def _terms(table: pd.DataFrame, regions: Sequence[Landmark]) -> Iterator[_Term]:
    for mark in regions:
        inside = (table["region"] == mark.region).fillna(False).to_numpy(bool)
        yield _Term(_capital(mark.name), (_name(mark.name),), inside.copy)
    for name, has in measured_traits(table, _BOUNDS, _ENDS):
        if has.any():
            yield _Term(_capital(name), (_name(name),), has.copy)
    for column in columns_for(table, Use.SEARCH):
        if column.name not in ("id", "file", "tags"):
            words = words_of(table, column.name)
            if words is not None and words.nunique() <= MOST_WORDS:
                yield from _of_column(column, words)
    if "tags" in table and is_text(table["tags"]):
        yield from _of_tags(table["tags"])


def _of_column(column: Column, values: pd.Series) -> Iterator[_Term]:
    """Yield each value of a column; of yes and no, and of "none" and others, the column itself."""
    codes, found = pd.factorize(values)
    codes = codes.astype(np.int8)
    words, title = [str(word) for word in found], column.title
    own = _name(title)

    def known() -> Rows:
        return codes >= 0

    def among(places: Sequence[int]) -> Callable[[], Rows]:
        return lambda: np.isin(codes, places)

    if set(words) <= {"yes", "no"} or set(words) <= {"0", "1"}:
        yes = [place for place, word in enumerate(words) if word in ("yes", "1")]
        if yes:
            yield _Term(title, (own, own - _VERBS or own), among(yes), known, column=True)
        return
    empty = [place for place, word in enumerate(words) if word.casefold() in _EMPTY]
    if empty and len(empty) < len(words):
        there = [place for place in range(len(words)) if place not in empty]
        yield _Term(title, (own,), among(there), known)
        denied = (own | {"none"}, own | {"no"})
        yield _Term(f"No {title.lower()}", denied, among(empty), known, denies=True)
    for place, word in enumerate(words):
        if place not in empty:
            bare = _name(word)
            names = (own | bare,) if word.isdigit() or not bare else (own | bare, bare)
            yield _Term(column.with_value(word), names, among([place]), known, column=True)


def _of_tags(tags: pd.Series) -> Iterator[_Term]:
    """Yield the commonest tags."""
    each = tags.reset_index(drop=True).dropna().astype(str).str.split(r"[\s,#]+").explode()
    each = each[each != ""].map(fold)
    codes, words = pd.factorize(each)
    rows = each.index.to_numpy()

    def having(place: int) -> Callable[[], Rows]:
        return lambda: np.isin(np.arange(len(tags)), rows[codes == place])

    for place in np.argsort(-np.bincount(codes), kind="stable")[:_MOST_TAGS]:
        tag = str(words[place])
        yield _Term(f"#{tag}", (_name(tag) or frozenset([tag]),), having(int(place)))


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
