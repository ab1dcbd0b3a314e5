"""Best of my roll: which files are sent for, by their names; another scorer reads a roll anew."""

import io
import json
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageEnhance
from streamlit.testing.v1 import AppTest

from pages.score import roll_show
from pages.score.roll_drop import Coming, expected, unlike
from pages.score.roll_read import Roll
from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.words import counted, percent
from selfie_core.photo.copies import SIDE
from selfie_core.photo.folder import find_photos
from selfie_core.photo.sidecar import Mark, marked
from selfie_core.scorer.files import score_files
from selfie_core.scorer.scorer import load_scorer

PAGES = Path(__file__).resolve().parents[2] / "pages"


def asked(*names: str, size: int = 1000) -> dict:
    return {"turn": "t", "names": [*names], "sizes": [size] * len(names), "lost": []}


def test_photos_of_one_name_are_all_kept() -> None:
    names = ["a.jpg", "a.jpg", "b/a.jpg", "a.jpg", "a (2).jpg"]
    assert unlike(names) == ["a.jpg", "a (2).jpg", "b/a.jpg", "a (3).jpg", "a (2) (2).jpg"]
    assert len(set(unlike(["image.jpg"] * 2000))) == 2000


def test_photos_and_sidecars_are_sent_for_and_the_rest_is_counted() -> None:
    coming = expected(asked("a.jpg", "b.HEIC", "b.xmp", "c.mov", "d/e.mov", "f.txt", "scan"))
    assert coming.left == {0: "a.jpg", 1: "b.HEIC", 2: "b.xmp", 6: "scan"}
    assert coming.photos == 3
    assert coming.passed_over == {".mov": 2, ".txt": 1}


def test_file_that_streamlit_would_refuse_is_not_sent_for() -> None:
    offer = asked("a.jpg", "b.jpg", "c.jpg")
    offer["sizes"][1] = 61 * 2**20
    coming = expected(offer)
    assert coming.wanted == [0, 2]
    assert coming.refused == {"b.jpg": "file has more than 60 MB; export it smaller"}
    coming.lose([2, 2])
    assert coming.left == {0: "a.jpg"}
    assert "drop it again" in coming.refused["c.jpg"]


@pytest.mark.parametrize("count", [0, 1, 2001])
def test_too_few_and_too_many_are_refused_before_any_is_sent(count: int) -> None:
    names = [f"{number}.jpg" for number in range(count)]
    with pytest.raises(
        DataError, match=f"{counted(count, 'photo')}; wanted 2 to 2,000 .* over: 1 .mov"
    ):
        expected(asked(*names, "film.mov"))


def test_more_than_memory_should_hold_is_refused_before_any_is_sent() -> None:
    names = [f"{number}.jpg" for number in range(70)]
    with pytest.raises(DataError, match=r"4\.1 GB; wanted at most 4 at once: .*`selfie cull`"):
        expected(asked(*names, size=60 * 2**20))
    assert len(expected(asked(*names[:68], size=60 * 2**20)).wanted) == 68


def read_anew(files: dict[str, bytes], *, unsent: tuple[str, ...] = ()) -> AppTest:
    """Return the page of a roll that another scorer had read before some files were sent."""
    count = len(files)
    photos = pd.DataFrame({"file": [*files], "score": 0.5, "taken": np.nan, "same_as": ""})
    roll = Roll(
        photos.assign(error=""), np.eye(count, 512, dtype=np.float32),
        np.eye(count, SIDE * SIDE, dtype=np.float32), [""] * count, files, {}, "another",
        Coming("t", dict(enumerate(unsent)), [], {}, Counter()),
    )  # fmt: skip
    page = AppTest.from_file(str(PAGES / "router.py"), default_timeout=120).run()
    page.session_state["roll"] = roll
    page = page.switch_page("score/roll.py").run()
    assert not page.exception
    return page


def test_roll_is_read_anew_by_another_scorer() -> None:
    paths = find_photos(store.sample_photos())[:3]
    page = read_anew({path.name: path.read_bytes() for path in paths})
    anew: Roll = page.session_state["roll"]
    assert anew.scorer == load_scorer().id
    wanted = score_files(paths, load_scorer(), count_faces=False)["score"]
    found = anew.photos.set_index("file")["score"]
    np.testing.assert_allclose(found[[path.name for path in paths]], wanted, atol=1e-5)
    assert all(picture.startswith("data:image") for picture in anew.pictures)


def test_roll_of_which_the_visitor_had_enough_is_read_anew_without_the_rest() -> None:
    photo = (store.sample_photos() / "sample-1.jpg").read_bytes()
    page = read_anew({"a.jpg": photo, "b.jpg": photo}, unsent=("late.jpg",))
    assert page.session_state["roll"].scorer == load_scorer().id


def test_what_cannot_be_read_is_a_line_and_a_broken_sidecar_is_left_alone() -> None:
    photo = (store.sample_photos() / "sample-1.jpg").read_bytes()
    good, bad = marked(None, Mark(label="Red")), b"<x:xmpmeta"
    page = read_anew({"a.jpg": photo, "b.jpg": b"none", "a.jpg.xmp": bad, "b.jpg.xmp": good})
    first, second = page.warning[0].value.split("  \n")
    assert first.startswith("b.jpg: photo can't be read")
    assert second.startswith("a.jpg.xmp: sidecar is no XMP")


def test_keepers_and_the_rest_stand_by_score_each_with_its_rank_in_the_roll() -> None:
    files = {}
    for number in (1, 2):
        with Image.open(store.sample_photos() / f"sample-{number}.jpg") as photo:
            for light in (1.0, 0.8, 0.2):
                shot = ImageEnhance.Brightness(photo.convert("RGB")).enhance(light)
                shot.save(out := io.BytesIO(), "JPEG")
                files[f"{number}-{light}.jpg"] = out.getvalue()
    page = read_anew(files).slider(key="roll_threshold").set_value(0).run()
    found = [json.loads(one.proto.json) for one in page.get("bidi_component")
             if one.proto.component_name.endswith("burst")]  # fmt: skip
    keep, rest = (one["shots"] for one in found)
    scores = sorted(page.session_state["roll"].photos["score"], reverse=True)
    for shots in (keep, rest):
        places = [shot["place"] for shot in shots]
        assert places == sorted(places)
        assert [shot["score"] for shot in shots] == [percent(scores[place - 1]) for place in places]
    assert sorted(shot["place"] for shot in keep + rest) == [1, 2, 3, 4, 5, 6]
    moments = [shot["group"] for shot in rest]
    assert keep and moments != sorted(moments)  # or the test shows nothing


def test_keepers_get_the_label_that_is_typed(monkeypatch) -> None:
    made = {}
    monkeypatch.setattr(
        roll_show, "offer_file", lambda _, make, *more, key, **how: made.update({key: make})
    )
    photo = (store.sample_photos() / "sample-1.jpg").read_bytes()
    page = (
        read_anew({"a.jpg": photo, "b.jpg": photo}).slider(key="roll_threshold").set_value(0).run()
    )
    page.text_input(key="roll_label").set_value(" Green ").run()
    assert not page.exception
    with zipfile.ZipFile(io.BytesIO(made["roll_xmp"]())) as sidecars:
        said = {name: b'xmp:Label="Green"' in sidecars.read(name) for name in sidecars.namelist()}
    assert sorted(said.values()) == [False, True]  # of one moment one is kept
