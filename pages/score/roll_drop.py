"""Photos of a roll on their way: the browser tells their names, then sends them one by one.

Streamlit's uploader starts the page once all files are in, and draws its list anew for each.  Here
the page reads the first photos while the others come.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.shared import ui
from pages.shared.component import component
from selfie_core.base.errors import DataError
from selfie_core.photo.images import PHOTO_SUFFIXES

MOST = 2000  # photos
MOST_GB = 4  # of all files: they stay in the server's memory
SIDECAR = ".xmp"
_TURN = "roll_turn"  # in the session: how many rolls came, as each has a place of its own

_place = component(Path(__file__).parent, "roll_drop")


@dataclass(eq=False)
class Coming:
    """Files on their way.

    Attributes:
        turn: Which drop it is.
        left: By number on the visitor's side, the names of those that did not come yet.
        wanted: Numbers of all that are to be sent.
        refused: Why others are not read, by name.
        passed_over: How many are neither photos nor sidecars, by ending.
        ended: No more of them come.
    """

    turn: str
    left: dict[int, str]
    wanted: list[int]
    refused: dict[str, str]
    passed_over: Counter[str]
    ended: bool = False

    @property
    def photos(self) -> int:
        """How many photos are still to come."""
        return 0 if self.ended else sum(not is_sidecar(name) for name in self.left.values())

    @property
    def over(self) -> bool:
        """Whether nothing more is waited for."""
        return self.ended or not self.left

    def take(self) -> dict[str, bytes]:
        """Return the files that came since the last call, by name; they are kept here no longer."""
        run = get_script_run_ctx()
        assert run
        inbox, came = run.uploaded_file_mgr, {}
        assert isinstance(inbox, MemoryUploadedFileManager)
        numbers = {f"{self.turn}-{number}": number for number in self.left}
        for file in inbox.get_files(run.session_id, [*numbers]):
            came[self.left.pop(numbers[file.file_id])] = file.data
            inbox.remove_file(run.session_id, file.file_id)
        return came

    def lose(self, numbers: list[int]) -> None:
        """Give up files that the browser could not send."""
        for number in numbers:
            if name := self.left.pop(number, None):
                self.refused[name] = "it did not arrive; drop it again"


def ask(coming: Coming | None) -> Coming | None:
    """Show the place to drop a roll; return what is on its way, if anything is.

    Raises:
        DataError: What was dropped holds too few photos or too many, or is too heavy.
    """
    key = f"roll_drop_{st.session_state.setdefault(_TURN, 0)}"
    asked: dict[str, Any] | None = (st.session_state.get(key) or {}).get("asked")
    error = None
    if asked and not (coming and coming.turn == asked["turn"]):
        try:
            coming = expected(asked)
        except DataError as found:
            coming, error = None, found
    run = get_script_run_ctx()
    assert run
    told = {"turn": coming.turn, "wanted": coming.wanted} if coming else {"turn": "", "wanted": []}
    address = f"_stcore/upload_file/{run.session_id}"
    _place(key=key, data={**told, "address": address}, on_asked_change=lambda: None)
    if error:
        raise error
    if coming and asked:
        coming.lose(asked["lost"])
    elif coming:  # the visitor was on another page
        coming.ended = True
    return coming


def close() -> None:
    """Let the place go with all that was on its way to it; the next one stands for itself."""
    st.session_state[_TURN] += 1


def expected(asked: dict[str, Any]) -> Coming:
    """Return which of the files that a browser offers are wanted."""
    left: dict[int, str] = {}
    refused: dict[str, str] = {}
    passed_over: Counter[str] = Counter()
    limit = int(st.get_option("server.maxUploadSize"))
    for number, name in enumerate(unlike(asked["names"])):
        ending = PurePosixPath(name).suffix.lower()
        if ending and ending != SIDECAR and ending not in PHOTO_SUFFIXES:
            passed_over[ending] += 1
        elif asked["sizes"][number] > limit * 2**20:
            refused[name] = f"file has more than {limit} MB; export it smaller"
        else:
            left[number] = name
    photos = sum(not is_sidecar(name) for name in [*left.values(), *refused])
    if not 2 <= photos <= MOST:
        raise DataError(
            f"{ui.counted(photos, 'photo')}; wanted 2 to {MOST:,} at once{said_of(passed_over)}"
        )
    heavy = sum(asked["sizes"][number] for number in left) / 2**30
    if heavy > MOST_GB:
        raise DataError(
            f"{heavy:.1f} GB; wanted at most {MOST_GB} at once: drop fewer, or run `selfie cull` "
            "where the photos lie"
        )
    return Coming(asked["turn"], left, [*left], refused, passed_over)


def is_sidecar(name: str) -> bool:
    """Return whether a file is an XMP sidecar, by its name."""
    return name.lower().endswith(SIDECAR)


def said_of(passed_over: Counter[str]) -> str:
    """Return how many files were passed over, or nothing: "; passed over: 3 .mov and 1 .txt"."""
    endings = [f"{count} {ending}" for ending, count in passed_over.most_common()]
    return f"; passed over: {ui.listed(endings)}" if endings else ""


def unlike(names: list[str]) -> list[str]:
    """Return names of which no two are the same: the second "a.jpg" is called "a (2).jpg"."""
    named: dict[str, None] = {}
    turns: Counter[str] = Counter()  # phones call every photo image.jpg
    for name in names:
        path = PurePosixPath(name)
        while str(path) in named:
            turns[name] += 1
            path = path.with_stem(f"{PurePosixPath(name).stem} ({turns[name] + 1})")
        named[str(path)] = None
    return [*named]
