"""Whether a scorer wants to see the eyes: what is counted is what lies in the photos."""

import pytest
from PIL import Image

from selfie_core.photo.factors import cut_eyes
from tests.support.drawn import draw_photo

hidden_eyes = pytest.importorskip("hidden_eyes")


@pytest.fixture
def person():
    photo = draw_photo(3, size=(300, 300))
    (face,) = hidden_eyes.find_faces(photo)
    return photo, face


@pytest.mark.parametrize("edge, share", [("above", 0), ("through", 0.5), ("below", 1)])
def test_edge_runs_where_it_says(person, edge: str, share: float) -> None:
    photo, face = person
    crop = hidden_eyes.below(photo, face, hidden_eyes.EDGES[f"{edge} the eyes"])
    assert crop.width == crop.height > 100
    top = photo.height - crop.height  # it reaches down to the lower edge
    assert cut_eyes(face, (0, top, *photo.size)) == pytest.approx(share, abs=0.05)


def test_yardsticks_follow_the_scorer(tmp_path, gallery, brightness_scorer) -> None:
    for number in range(3):  # white below the chin: a bright crop cuts the head off
        photo = draw_photo(number, size=(300, 300))
        photo.paste(Image.new("RGB", (300, 80), "white"), (0, 220))
        photo.save(tmp_path / f"{number}.png")
    paths = [tmp_path / f"{number}.png" for number in range(3)]
    found = hidden_eyes.measure(paths, brightness_scorer, gallery)
    edges = found["edges"]
    assert edges["whole head"]["score"] < edges["below the eyes"]["score"]
    assert edges["above the eyes"]["below"]["found"] == 0
    assert [found[kind]["found"] for kind in ("kind", "rude", "best")] == [0, 1, 1]
    assert [found[kind]["n"] for kind in ("kind", "rude", "best")] == [3, 3, 8]
    said = hidden_eyes.eyes(found)
    assert "best rude crops that lose an eye | 3 of 3 | at most 2 of 20" in said
    written = float(said.splitlines()[2].split("|")[2])
    assert written == pytest.approx(edges["whole head"]["score"], abs=0.006)
