"""What the renderer says of its photos, in the terms of the audience's tastes."""

import numpy as np
import pandas as pd

from selfie_core.posts.rendered import with_factors
from selfie_core.posts.simulate import appeal_of


def test_the_renderers_words_become_numbers() -> None:
    face = {"face_h": 0.4, "center": [0.5, 0.3], "forehead_visible": 0.25,
            "eyes": [[0.45, 0.0], [0.55, 0.0]]}  # fmt: skip
    small = {"face_h": 0.1, "center": [0.1, 0.1], "forehead_visible": 1.0}
    table = pd.DataFrame(
        {
            "lighting": ["dark", "bright"],
            "filter": ["bw", "vivid"],
            "n": [2, 1],
            "border": [True, False],
            "truth": [[small, face], []],
        }
    )
    known = with_factors(table)
    assert known["light"][0] < 0.4 < known["light"][1]
    assert known["monochrome"].tolist() == [1.0, 0.0]
    assert known["group"].tolist() == [1.0, 0.0]
    assert known["face_height"][0] == 0.4
    assert known["face_cut"][0] == 0.75
    assert known["eyes_cut"][0] == 0.5  # the edge runs through both
    assert np.isnan(known["face_y"][1])


def test_table_of_measured_factors_stays_as_it_is() -> None:
    table = pd.DataFrame({"file": ["a", "b"], "light": [0.2, 0.6], "faces": [1, 2]})
    assert with_factors(table).equals(table)
    known = with_factors(table.assign(lighting="dark", n=1))
    assert known["light"].tolist() == [0.2, 0.6]
    assert "group" not in known


def test_renderers_word_for_what_lights_a_scene_is_no_brightness() -> None:
    table = pd.DataFrame({"lighting": ["dark", "bright"], "light": ["park", "studio"]})
    assert with_factors(table)["light"].tolist() == [0.37, 0.57]


def test_rows_keep_their_places_whatever_the_index() -> None:
    table = pd.DataFrame({"lighting": ["dark", "bright"], "truth": [[], []]}, index=[7, 3])
    assert with_factors(table)["light"].tolist() == [0.37, 0.57]
    assert np.isnan(with_factors(table)["face_height"]).all()
    low, high = appeal_of(with_factors(table))
    assert low < high
