"""The composer of the training photos: what is planned is what is drawn, whoever is in it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from plan import CUTS, Frame, Person, Plan, cut_off, draw_plan
from sources import Source

from selfie_core.base import store
from selfie_core.base.engine import Here, Pool
from selfie_core.photo.faces import Face
from selfie_core.photo.factors import measure_factors

compose = pytest.importorskip("compose")

SIDE = 160


def person(tone: float, *, shirt: int = 90) -> Source:
    """A drawn person: skin of one tone, a shirt, on grey."""
    grey = round(255 * tone ** (1 / 2.2))
    photo = Image.new("RGB", (SIDE, SIDE), (120, 120, 120))
    matte, skin = Image.new("L", photo.size), Image.new("L", photo.size)
    for picture, head, body in (
        (photo, (grey,) * 3, (shirt,) * 3),
        (matte, 255, 255),
        (skin, 255, 0),
    ):
        pen = ImageDraw.Draw(picture)
        pen.rectangle((30, 110, 130, SIDE), body)
        pen.ellipse((50, 30, 110, 110), head)
    eyes, nose, mouth = ((65.0, 60.0), (95.0, 60.0)), (80.0, 75.0), ((68.0, 90.0), (92.0, 90.0))
    face = Face(50, 35, 110, 105, 0.9, (*eyes, nose, *mouth))
    plate = Image.new("RGB", (48, 48), (120, 120, 120))
    return Source("drawn", photo, matte, skin, plate, face, SIDE, tone)


def plan(**changes) -> Plan:
    someone = Person(source=0, tall=0.4, x=0.5, y=0.4, tilt=0.0, mirrored=False)
    frame = Frame((replace(someone, **changes.pop("person", {})),), "other", 0)
    return replace(Plan(frames=(frame,)), **changes)


def test_same_number_gives_the_same_plan() -> None:
    plans = [draw_plan(np.random.default_rng([3, 5]), 10) for _ in range(2)]
    assert plans[0] == plans[1] != draw_plan(np.random.default_rng([3, 6]), 10)


@pytest.mark.slow
def test_processes_compose_the_very_same(tmp_path: Path) -> None:
    sources = [person(0.1), person(0.4)]
    count = compose.AT_ONCE + 10
    for name, engine in (("here", Here()), ("pool", Pool(2))):
        compose.compose_folder(sources, tmp_path / name, count=count, seed=1, engine=engine)
    here, pool = (sorted((tmp_path / name).iterdir()) for name in ("here", "pool"))
    assert [path.name for path in here] == [path.name for path in pool]
    assert [path.read_bytes() for path in here] == [path.read_bytes() for path in pool]
    assert len(here) == count + 1
    assert len(store.read_table(here[-1])) == count


def test_nothing_is_planned_by_who_is_in_it() -> None:
    plans = [draw_plan(np.random.default_rng([0, n]), 2) for n in range(3000)]
    who = np.array([plan.frames[0].people[0].source for plan in plans], float)
    for read in (lambda p: p.stops, lambda p: p.colour, lambda p: p.frames[0].people[0].tall):
        assert abs(np.corrcoef(who, [read(plan) for plan in plans])[0, 1]) < 0.05


@pytest.mark.parametrize("tall, x, y", [(0.3, 0.5, 0.4), (0.5, 0.3, 0.6)])
def test_face_stands_where_it_was_planned(tall: float, x: float, y: float) -> None:
    _, (face,) = compose.draw(plan(person={"tall": tall, "x": x, "y": y}), [person(0.3)], side=200)
    assert face.height == pytest.approx(tall * 200, abs=1)
    assert (face.left + face.right) / 2 == pytest.approx(x * 200, abs=1)
    assert (face.top + face.bottom) / 2 == pytest.approx(y * 200, abs=1)


def test_landmarks_of_a_mirrored_face_still_run_from_left_to_right() -> None:
    _, (face,) = compose.draw(plan(person={"mirrored": True}), [person(0.3)], side=200)
    left_eye, right_eye, _, left_mouth, right_mouth = face.landmarks
    assert left_eye[0] < right_eye[0]
    assert left_mouth[0] < right_mouth[0]


def test_factors_do_not_tell_dark_skin_from_light() -> None:
    dark, light = (compose.compose(plan(), [person(tone)])[1] for tone in (0.06, 0.5))
    for name in ("light", "highlights", "contrast"):
        assert dark[name] == pytest.approx(light[name], abs=0.02)
    photos = [compose.compose(plan(), [person(tone)])[0] for tone in (0.06, 0.5)]
    shown = [np.asarray(photo.convert("L"), float).mean() for photo in photos]
    assert shown[1] > shown[0] + 8  # though the photos do


def test_more_light_is_known_as_more_light() -> None:
    known = [
        compose.compose(plan(stops=s, behind_stops=s), [person(0.3)])[1]["light"] for s in (-2, 0)
    ]
    assert known[1] > known[0] + 0.15


def test_border_and_collage_are_known() -> None:
    framed = plan(rim_x=0.2, rim_y=0.2)
    photo, faces = compose.draw(framed, [person(0.3)], side=160)
    assert measure_factors(photo, faces)["white_border"] == pytest.approx(1)
    _, factors = compose.compose(plan(across=2, down=2), [person(0.3)])
    assert factors["faces"] == 4
    assert factors["collage"] == 1


def cut(what: str, depth: float, **changes) -> Plan:
    made = plan(person={"tall": 0.5, **changes})
    frame = made.frames[0]
    return replace(made, frames=(replace(frame, people=(cut_off(frame.people[0], what, depth),)),))


@pytest.mark.parametrize("what, depth, least, most", [
    ("forehead", 0, 0, 0), ("forehead", 0.9, 0, 0.1), ("eyes", 0.1, 0.3, 0.7), ("nose", 0, 1, 1),
    ("chin", 1, 1, 1), ("side", 0.2, 0, 0.5), ("side", 0.5, 0.5, 0.5), ("side", 1, 1, 1),
])  # fmt: skip
@pytest.mark.parametrize("mirrored", [False, True])
def test_cut_eyes_are_known_exactly(what, depth, least, most, mirrored: bool) -> None:
    made = cut(what, depth, mirrored=mirrored)
    _, factors = compose.compose(made, [person(0.3)])
    assert least - 0.06 <= factors["eyes_cut"] <= most + 0.06
    # The truth in pixels: what is left of two squares drawn where the eyes are.
    _, (face,) = compose.draw(made, [person(0.3)], side=400)
    apart = face.landmarks[1][0] - face.landmarks[0][0]
    seen = Image.new("L", (400, 400))
    for x, y in face.landmarks[:2]:
        box = (x - apart / 4, y - apart / 4, x + apart / 4, y + apart / 4)
        ImageDraw.Draw(seen).rectangle(box, 255)
    left = np.count_nonzero(seen) / (2 * (apart / 2) ** 2)
    assert 1 - left == pytest.approx(factors["eyes_cut"], abs=0.06)
    border = replace(made, rim_x=0.2, rim_y=0.2)
    framed = compose.compose(border, [person(0.3)])[1]["eyes_cut"]
    assert framed == pytest.approx(factors["eyes_cut"], abs=0.06)


def test_one_in_six_compositions_hides_the_eyes() -> None:
    plans = [draw_plan(np.random.default_rng([7, n]), 3) for n in range(1500)]
    cuts = [compose.compose(p, [person(0.3)] * 3)[1]["eyes_cut"] for p in plans[:300]]
    assert 0.1 < np.mean(np.array(cuts) > 0.3) < 0.25
    assert set(CUTS) == {"forehead", "eyes", "nose", "chin", "side"}
    who = [p.frames[0].people[0].source for p in plans]
    depth = [p.frames[0].people[0].y - 0.5 * p.frames[0].people[0].tall for p in plans]
    assert abs(np.corrcoef(who, depth)[0, 1]) < 0.06


@pytest.mark.parametrize("what, where, least, most", [
    ("phone", 0.0, 0.3, 1), ("phone", 1, 0, 0.05), ("hand", 0, 0.5, 1), ("hair", 0.6, 0.3, 0.6),
    ("hair", -0.6, 0.3, 0.6), ("flash", 1, 0, 0.05),
])  # fmt: skip
def test_what_is_before_the_eyes_hides_them(what: str, where: float, least, most) -> None:
    """The truth in pixels: how much of two squares where the eyes are changed colour."""
    made = plan(person={"tall": 0.5, "cover": what, "cover_at": where, "cover_colour": (1, 0, 0)})
    _, factors = compose.compose(made, [person(0.3)])
    assert least <= factors["eyes_cut"] <= most
    photo, (face,) = compose.draw(made, [person(0.3)], side=400)
    bare, _ = compose.draw(plan(person={"tall": 0.5}), [person(0.3)], side=400)
    changed = np.abs(np.asarray(photo, int) - np.asarray(bare, int)).max(axis=2)
    differs = changed > 3  # a hand is nearly as light
    half = (face.landmarks[1][0] - face.landmarks[0][0]) / 4
    hidden = [
        differs[round(y - half) : round(y + half), round(x - half) : round(x + half)].mean()
        for x, y in face.landmarks[:2]
    ]
    if what != "flash":  # whose light falls on all
        assert factors["eyes_cut"] == pytest.approx(np.mean(hidden), abs=0.12)


def test_dark_glasses_hide_nothing() -> None:
    _, factors = compose.compose(plan(person={"glasses": True}), [person(0.3)])
    assert factors["eyes_cut"] == 0


@pytest.mark.parametrize("changes", [
    {"stickers": ((0.1, 0.9, 0.2, "heart", (255, 0, 0)),)}, {"words": "love"},
    {"screen": True, "rim_y": 0.3}, {"stickers": ((0.9, 0.9, 0.2, "star", (0, 0, 255)),)},
    {"stickers": ((0.9, 0.1, 0.2, "face", (255, 200, 0)),)},
])  # fmt: skip
def test_what_lies_over_a_photo_is_seen_and_known(changes: dict) -> None:
    _, factors = compose.compose(plan(**changes), [person(0.3)])
    assert factors["text"] == 1
    bare = {name: value for name, value in changes.items() if name == "rim_y"}
    photo, other = (compose.draw(plan(**c), [person(0.3)], side=160)[0] for c in (changes, bare))
    assert np.asarray(photo).tobytes() != np.asarray(other).tobytes()
    assert compose.compose(plan(), [person(0.3)])[1]["text"] == 0


def test_photo_that_is_not_relit_is_the_crop_of_its_source() -> None:
    """What the matte and the relighting leave behind would be learned; here there is nothing."""
    known = person(0.3)
    made = plan(person={"tall": 0.5, "x": 0.5, "y": 0.5})
    frame = replace(made.frames[0], scene="own")
    photo, _ = compose.draw(replace(made, frames=(frame,)), [known], side=140)
    box = (10, 0, 150, 140)  # the face is 70 tall, its middle at (80, 70)
    crop = np.asarray(known.photo.crop(box), float)[8:-8, 8:-8]
    shown = np.asarray(photo, float)[8:-8, 8:-8]
    for channel in range(3):  # one curve, whatever the place
        order = np.argsort(crop[..., channel], axis=None)
        assert (np.diff(shown[..., channel].ravel()[order][::400]) > -6).all()


def test_border_within_a_border_is_drawn() -> None:
    made = plan(rim_x=0.3, rim_y=0.3, rim_inner=0.05, rim_inner_colour=(255, 0, 0))
    photo, _ = compose.draw(made, [person(0.3)], side=200)
    row = np.asarray(photo)[100]
    assert (row[10] == 255).all()
    assert tuple(row[25]) == (255, 0, 0)
