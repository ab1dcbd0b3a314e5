"""Twins differ in what they say they differ in, and in nothing that hides it."""

import numpy as np
import pytest
from plan import draw_plan

twins = pytest.importorskip("twins")


def test_plain_plans_show_the_face_and_carry_nothing() -> None:
    found = twins.single_plans(10, 60, seed=90)
    assert any(plan.frames[0].people[0].cover for plan in found)
    for plan in map(twins.plain, found):
        (person,) = plan.frames[0].people
        assert not person.cover
        assert 0.3 <= person.tall <= 0.5 and (person.x, person.y) == (0.5, 0.42)
        assert not plan.words and plan.rim_x == plan.rim_y == plan.grain == 0


@pytest.mark.parametrize("name", twins.CHANGES)
def test_a_change_leaves_who_is_in_it(name: str) -> None:
    plan = twins.plain(draw_plan(np.random.default_rng([90, 0]), 10))
    worse, better = (change(plan) for change in twins.CHANGES[name])
    assert worse != better
    who = [(p.frames[0].people[0].source, p.frames[0].scene) for p in (worse, better)]
    assert who[0] == who[1]
