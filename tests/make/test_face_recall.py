"""How often a face is found: on drawn photos, of which it is known."""

import pandas as pd
import pytest

from selfie_core.base import store
from tests.support.drawn import draw_photo

face_recall = pytest.importorskip("face_recall")


@pytest.fixture
def data(tmp_path):
    """Six portraits and six renders, each with a face in the middle of a wide wall."""
    for folder in ("portraits", "rendered"):
        (tmp_path / folder).mkdir()
        for number in range(6):
            draw_photo(1 + number, size=(500, 400)).save(tmp_path / folder / f"{number}.png")
    files = [f"{number}.png" for number in range(6)]
    known = {"file": files, "sex": ["female", "male"] * 3, "age": range(20, 80, 10)}
    store.write_table(tmp_path / "portraits" / "portraits.csv", pd.DataFrame(known))
    truth = {"tilt_deg": 2.0, "face_h": 0.4, "center": [0.5, 0.45]}
    person = {"yaw": 0.1, "tone": 0.5, "glasses": None, "hat": "cap"}
    renders = pd.DataFrame({"file": files, "n": 1, "border": False, "lighting": "soft"})
    renders["truth"], renders["people"] = [[truth]] * 6, [[person]] * 6
    renders["face_boxes"] = [[[0.25, 0.15, 0.75, 0.75]]] * 6
    store.write_text(
        tmp_path / "rendered" / "factors.jsonl", renders.to_json(orient="records", lines=True)
    )
    return tmp_path


def test_what_is_found_is_counted(data, monkeypatch) -> None:
    monkeypatch.setattr(face_recall, "HARDER", {
        "as it is": lambda photo, face, rng: photo,
        "without": lambda photo, face, rng: draw_photo(3, face=False),
    })  # fmt: skip
    found = face_recall.measure(data, people=6, rendered=6)
    shares = {row["condition"]: (row["n"], row["found"]) for row in found["portraits"]}
    assert shares == {"as it is": (6, 1.0), "without": (6, 0.0)}
    assert {row["found"] for row in found["groups"]} == {0.5}
    assert [row["n"] for row in found["groups"]] == [3, 3, 2, 2, 2, 2, 2, 2]
    sizes = [row for row in found["renders"] if row["what"] == "face height"]
    assert [(row["which"], row["n"], row["found"]) for row in sizes] == [("25% to 50%", 6, 1.0)]
    parts, collages = found["faceless"]
    assert (parts["n"], parts["found"], collages["n"]) == (18, 0.0, 2)


@pytest.mark.parametrize("name", face_recall.HARDER)
def test_harder_photo_is_another_one_of_the_same_person(name: str) -> None:
    photo = draw_photo(3, size=(300, 300))
    (face,) = face_recall.find_faces(photo)
    made = face_recall.HARDER[name](photo, face, face_recall.np.random.default_rng(0))
    assert made.mode == "RGB"
    assert (made == photo) == (name == "as it is")
