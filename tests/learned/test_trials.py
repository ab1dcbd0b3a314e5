"""Photos changed in one thing, and scenes drawn twice."""

import numpy as np
import pandas as pd
import pytest

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned.findings import Finding
from selfie_core.learned.rules import RULES
from selfie_core.learned.trials import (
    EDITS,
    TIGHTER,
    edited,
    exact_twins,
    known_metrics,
    try_edit,
)

BY_KEY = {rule.key: rule for rule in RULES}


def test_brightening_raises_a_score_of_brightness(gallery: Gallery, brightness_scorer) -> None:
    values = np.full(len(gallery), 0.2)  # all in low light
    finding = Finding(
        BY_KEY["light"], "can't tell", 8, 0, None, None, pd.DataFrame(), ""
    )  # fmt: skip
    seen: list[int] = []
    tried = try_edit(
        gallery, finding, values, brightness_scorer, progress=lambda done, of: seen.append(done)
    )
    assert tried.gain.low > 0 and tried.raised == 1
    assert seen == list(range(1, 9))
    values[:] = 0.9
    with pytest.raises(DataError, match="0 photos to change"):
        try_edit(gallery, finding, values, brightness_scorer)


@pytest.mark.parametrize("key", ["third", "large"])
def test_tighter_brings_each_face_to_where_the_rule_wants_it(key: str, brightness_scorer) -> None:
    gallery, rule = Gallery.open(store.demo_gallery()), BY_KEY[key]
    values = gallery.table["face_height"].to_numpy(float)
    finding = Finding(rule, "can't tell", 9, 9, None, None, pd.DataFrame(), "")
    tried = try_edit(gallery, finding, values, brightness_scorer, count=20)
    before, after = values[tried.rows], values[tried.rows] / TIGHTER
    assert len(before) == 20
    assert (before < rule.low).all()
    assert ((after >= rule.low) & (after < rule.high)).all()


def test_every_edit_belongs_to_a_rule() -> None:
    assert set(EDITS) <= set(BY_KEY)


def test_twins_are_those_of_the_shipped_scorer_alone() -> None:
    shipped = Gallery.open(store.demo_gallery())
    metrics = known_metrics(shipped.scorer_id)
    (border,) = exact_twins("border", metrics)
    assert border.size.value == metrics["twins"]["white border"]["mean"] and border.pairs > 20
    assert known_metrics("another") == {}
    assert exact_twins("border", {}) == []


def test_tighter_keeps_the_face_in_the_middle() -> None:
    gallery = Gallery.open(store.demo_gallery())
    row = int(np.flatnonzero(gallery.table["face_x"].between(0.45, 0.55))[0])
    photo, changed = edited(gallery, row, EDITS["large"])
    assert changed.width == pytest.approx(0.7 * photo.width, abs=1)
    assert changed.height == pytest.approx(0.7 * photo.height, abs=1)


def test_tone_and_light_were_drawn_twice() -> None:
    shipped = Gallery.open(store.demo_gallery())
    light, tone = exact_twins("tone", known_metrics(shipped.scorer_id))
    assert light.raised > 0.9 and light.size.low > 0.5
    assert abs(tone.size.value) < 0.1 and tone.size.low < 0 < tone.size.high
