import shlex
import unicodedata
from pathlib import Path, PureWindowsPath

import pytest

from selfie_core.base.names import plain_name, quoted, same_name, short_name, spelled_in

COMPOSED, DECOMPOSED = (unicodedata.normalize(form, "zoë/é.jpg") for form in ("NFC", "NFD"))


def test_bytes_that_are_no_utf8_show_as_their_numbers() -> None:
    assert plain_name("ren\udce9.jpg") == "ren\\xe9.jpg"
    assert plain_name(Path("a/лицо.jpg")) == "a/лицо.jpg"


def test_spellings_of_a_name_are_one() -> None:
    names = [COMPOSED, DECOMPOSED, f"./{DECOMPOSED}", f" {COMPOSED} ", PureWindowsPath(COMPOSED)]
    assert {same_name(name) for name in names} == {COMPOSED}


@pytest.mark.parametrize("name", [DECOMPOSED, "zoë\\é.jpg", "./zoë/é.jpg"])
def test_name_is_found_however_it_is_spelled(name: str) -> None:
    assert spelled_in({COMPOSED}, [name]) == [COMPOSED]
    assert spelled_in({"other.jpg"}, [name]) == [None]


def test_backslash_of_a_name_stays_where_it_is_one() -> None:
    assert spelled_in({"a\\b.jpg", "a/b.jpg"}, ["a\\b.jpg"]) == ["a\\b.jpg"]


def test_large_letters_count_for_small_ones_where_one_name_is_meant() -> None:
    there = {"img_1.jpg", "Ä.JPG", "two.jpg", "Two.jpg"}
    assert spelled_in(there, ["IMG_1.JPG", "ä.jpg"]) == ["img_1.jpg", "Ä.JPG"]
    assert spelled_in(there, ["Two.jpg", "TWO.jpg"]) == ["Two.jpg", None]


def test_path_in_a_command_to_paste_is_one_word_of_it() -> None:
    odd = Path("it's $HOME/a b")
    assert shlex.split(f"selfie app {quoted(odd)}")[2:] == [str(odd)]
    assert quoted(Path("plain/gallery")) == "plain/gallery"


def test_long_name_is_cut_between_letters() -> None:
    assert short_name("é" * 200, "-crop-1.jpg") == "é" * 122 + "-crop-1.jpg"
    assert short_name("IMG_1", "-crop-1.jpg") == "IMG_1-crop-1.jpg"
