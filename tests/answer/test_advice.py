"""Changes do what they say, and the gains told are those of the pictures made."""

import numpy as np
import pytest
from PIL import Image

from selfie_core.answer.advice import MOST, advise_photo, logit
from selfie_core.answer.crops import Crop
from selfie_core.answer.usual import measure_usual, usual_gains
from selfie_core.base import store
from selfie_core.gallery.build import BuildConfig, build_gallery
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo import images
from selfie_core.photo.edits import CHANGES, Step, render
from selfie_core.photo.faces import Face
from tests.support.drawn import draw_photo


def brightness(photos):
    return np.array([np.asarray(photo, np.float32).mean() / 255 for photo in photos])


def colour(photos):
    return np.array([np.asarray(p.convert("HSV"), np.float32)[..., 1].mean() / 255 for p in photos])


def tilted(degrees):
    """A face whose eyes and mouth lean by some degrees, clockwise."""
    turn = np.deg2rad(degrees)
    points = np.array([(-10, -10), (10, -10), (0, 0), (-8, 10), (8, 10)])
    points = points @ [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]] + 48
    return Face(30, 20, 66, 70, 0.9, tuple(map(tuple, points.tolist())))


def test_gains_are_those_of_the_pictures_rendered():
    photo = draw_photo(2, size=(120, 100))
    advised = advise_photo(photo, brightness)
    assert advised.score == pytest.approx(brightness([photo])[0])
    for advice in (*advised.singles, advised.best):
        score = brightness([render(photo, advice.steps)])[0]
        assert advice.score == pytest.approx(score)
        assert advice.gain == pytest.approx(score - advised.score)


def test_best_of_up_to_three_beats_every_single():
    advised = advise_photo(draw_photo(2), brightness)
    gains = [single.gain for single in advised.singles]
    assert gains == sorted(gains, reverse=True)
    assert len(advised.best.steps) == MOST
    assert advised.best.gain >= max(gains)
    assert {step.name for step in advised.best.steps} >= {"brighten", "border"}


def test_changes_tried_one_at_a_time_bring_what_they_bring_alone():
    every, each = (
        advise_photo(draw_photo(2), brightness),
        advise_photo(draw_photo(2), brightness, at_once=1),
    )
    assert each.singles == every.singles
    assert len(each.best.steps) == 1
    assert each.tried < every.tried / 2


def test_what_is_told_is_measured_on_the_photo_not_on_its_copy():
    photo = draw_photo(2, size=(1200, 900))
    advised = advise_photo(photo, brightness)
    assert advised.score == brightness([photo])[0]
    assert advised.best.score == brightness([render(photo, advised.best.steps)])[0]


def test_what_suits_a_photo_comes_before_what_helps_any():
    photo = draw_photo(2)
    alone = {single.steps[0].name: single for single in advise_photo(photo, brightness).singles}
    base = advise_photo(photo, brightness).score

    def added(name):
        return logit(alone[name].score) - logit(base)

    usual = {
        "border": (added("border"), 0.1),  # as any photo
        "brighten": (added("brighten") - 0.05, 0.1),  # half a standard deviation more
        "fade": (added("fade") - 0.1, 0.1),  # one
        "bw": (-1, 0.1),  # more than usual too, but it brings nothing
    }
    advised = advise_photo(photo, brightness, usual=usual)
    assert [single.title for single in advised.singles if single.special] == ["Fade", "Brighten"]
    assert [single.title for single in advised.singles[:2]] == ["Fade", "Brighten"]
    assert [step.name for step in advised.own.steps] == ["brighten", "fade"]
    assert advised.best.gain > advised.own.gain
    border = next(single for single in advised.singles if single.title == "White border")
    assert border.usual == pytest.approx(border.gain, abs=1e-6)
    assert advised.best.usual is None
    assert advise_photo(photo, brightness).own is None  # nothing is known of other photos


def test_usual_gains_are_kept_beside_the_gallery_they_are_of(tmp_path, brightness_scorer):
    (tmp_path / "photos").mkdir()
    for number in range(24):
        draw_photo(number % 6, size=(96, 96 + number)).save(tmp_path / "photos" / f"{number}.png")
    folder, config = tmp_path / "gallery", BuildConfig(map=False)
    built = build_gallery(tmp_path / "photos", folder, scorer=brightness_scorer, config=config)
    assert usual_gains(built) is None
    measured = measure_usual(built, brightness_scorer)
    assert usual_gains(Gallery.open(folder)) == {name: list(of) for name, of in measured.items()}
    photo = images.open_photo(built.photo(0))
    mean, spread = measured["border"]
    single = next(s for s in advise_photo(photo, brightness).singles if s.title == "White border")
    assert abs(logit(single.score) - logit(single.score - single.gain) - mean) < 4 * spread
    assert measured["bw"] == pytest.approx((0, 0), abs=0.05)
    store.write_json(folder / "usual.json", {"scorer": "another", "logits": {}})
    assert usual_gains(built) is None


def test_of_a_few_photos_no_mean_is_taken(gallery, brightness_scorer):
    assert measure_usual(gallery, brightness_scorer) is None
    assert not (gallery.folder / "usual.json").exists()


def test_the_gallery_that_ships_knows_what_is_usual():
    assert set(usual_gains(Gallery.open(store.demo_gallery()))) <= set(CHANGES)


def test_nothing_is_advised_where_nothing_helps():
    assert advise_photo(draw_photo(2), lambda photos: np.full(len(photos), 0.5)).best is None


def test_colour_is_not_taken_out_twice():
    advised = advise_photo(draw_photo(2), lambda photos: 1 - colour(photos))
    names = [step.name for step in advised.best.steps]
    assert not {"bw", "pale"} <= set(names)


def test_a_leaning_face_is_set_upright_and_a_straight_one_left_alone():
    names = [s.steps[0].name for s in advise_photo(draw_photo(2), brightness).singles]
    assert "straighten" not in names
    advised = advise_photo(draw_photo(2), brightness, faces=[tilted(10)])
    (step,) = next(s.steps for s in advised.singles if s.steps[0].name == "straighten")
    assert step.amount == pytest.approx(10, abs=0.1)
    # A line that leans as the face does lies level afterwards.
    line = Image.new("L", (200, 200))
    line.paste(255, (0, 98, 200, 102))
    leaning = line.rotate(-10).convert("RGB")
    rows = np.asarray(render(leaning, [step]).convert("L"), float).mean(axis=1)
    assert (rows > 200).sum() in (3, 4, 5)


@pytest.mark.parametrize("size", [(200, 100), (100, 200), (150, 150)])
@pytest.mark.parametrize("degrees", [-25, 3, 12])
def test_straightening_shows_no_empty_corner(size, degrees):
    made = render(Image.new("RGB", size, "white"), [Step("straighten", degrees)])
    assert np.asarray(made).min() > 250
    assert made.width / made.height == pytest.approx(size[0] / size[1], rel=0.03)


def test_crop_at_full_size_is_the_crop_to_the_pixel():
    photo = draw_photo(2, size=(1201, 907))
    crop = Crop(101, 7, 900, 806, 0.5, True)
    advised = advise_photo(photo, brightness, crop=crop)
    (step,) = next(s.steps for s in advised.singles if s.steps[0].name == "crop")
    assert render(photo, [step]).tobytes() == photo.crop(crop.box).tobytes()


def test_night_photo_is_lifted_and_its_grain_taken_out():
    grain = np.random.default_rng(0).normal(0, 12, (160, 160, 3))
    flat = np.full((160, 160, 3), 30.0)
    flat[:, 80:] = 60
    night = Image.fromarray((flat + grain).clip(0, 255).astype(np.uint8))
    names = [s.steps[0].name for s in advise_photo(night, brightness).singles]
    assert "rescue" in names
    made = np.asarray(render(night, [Step("rescue")]).convert("L"), float)
    assert made.mean() > 85
    noise = np.asarray(night.convert("L"), float)[20:140, 10:70].std() / 30
    assert made[20:140, 10:70].std() / made[20:140, 10:70].mean() < noise / 2
    assert made[:, 90:].mean() > made[:, :70].mean() + 15  # the edge is kept
    bright = [s.steps[0].name for s in advise_photo(draw_photo(7), brightness).singles]
    assert "rescue" not in bright


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_every_change_takes_the_smallest_photo(name):
    amount = next(iter(CHANGES[name].amounts), 5.0)
    made = render(draw_photo(1, size=(32, 33)), [Step(name, amount)])
    assert made.mode == "RGB" and min(made.size) >= 24


def test_the_longest_strip_is_advised():
    photo = Image.new("RGB", (60_000, 64), "grey")
    crop = Crop(0, 0, 32, 32, score=0.9, keeps_face=False)
    assert advise_photo(photo, lambda photos: np.ones(len(photos)), crop=crop).tried > 10


def test_progress_ends_full():
    reports = []
    advise_photo(draw_photo(2), brightness, progress=lambda *report: reports.append(report))
    assert reports == sorted(reports)
    assert reports[-1][0] == reports[-1][1]
