"""The search finds good boxes, never leaves the photo, and tells the truth about them."""

import numpy as np
import pytest
from PIL import Image

from selfie_core.answer import crops
from selfie_core.answer.boxes import Box, Frame, face_box
from selfie_core.answer.crops import MODES, TWIN, Mode, suggest_crops
from selfie_core.answer.dense import LEVELS, dense_net, pool_boxes
from selfie_core.base import store
from selfie_core.base.errors import DataError, ModelError
from selfie_core.photo import images
from selfie_core.photo.faces import Face
from selfie_core.scorer import nets, weights
from selfie_core.scorer.checkpoint import ScorerConfig
from selfie_core.scorer.scorer import Scorer, load_scorer


def brightness(photos):
    """A scorer of which the best crop is known."""
    return np.array([np.asarray(photo, np.float32).mean() / 255 for photo in photos])


def hill(photos):
    """Smooth, and best for a crop that is half bright on its left: neither largest nor smallest."""
    pixels = [np.asarray(photo.resize((16, 16)), np.float32).mean(2) / 255 for photo in photos]
    return np.array([np.exp(-4 * abs(p[:, :8].mean() - 0.7) - 4 * p[:, 8:].mean()) for p in pixels])


def smooth_photo(width=160, height=120, seed=0):
    noise = np.random.default_rng(seed).integers(0, 255, (5, 6, 3)).astype(np.uint8)
    return Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)


def face_at(left, top, right, bottom):
    return Face(left, top, right, bottom, confidence=0.9, landmarks=((left, top),) * 5)


@pytest.fixture
def bright_corner():
    pixels = np.full((300, 400, 3), 40, np.uint8)
    pixels[160:, 260:] = 250
    return Image.fromarray(pixels)


def test_best_crop_finds_the_bright_corner(bright_corner):
    best = suggest_crops(bright_corner, brightness)[0]
    assert (best.right, best.bottom) == (400, 300)
    assert best.score > 0.95


def test_scores_are_those_of_the_crops_cut_out():
    photo = smooth_photo(1700, 1100)
    crops = suggest_crops(photo, hill)
    assert [crop.score for crop in crops] == pytest.approx(hill([photo.crop(c.box) for c in crops]))
    assert [crop.score for crop in crops] == sorted((c.score for c in crops), reverse=True)


@pytest.mark.parametrize("aspect", [1.0, 4 / 5, 16 / 9, None])
@pytest.mark.parametrize("size", [(301, 999), (64, 64), (1024, 65)], ids="{0[0]}x{0[1]}".format)
def test_boxes_stay_inside_the_photo(size, aspect):
    width, height = size
    for crop in suggest_crops(smooth_photo(width, height), hill, aspect=aspect):
        assert 0 <= crop.left and crop.right <= width and crop.right - crop.left >= 32
        assert 0 <= crop.top and crop.bottom <= height and crop.bottom - crop.top >= 32
        if aspect:
            assert abs((crop.right - crop.left) - aspect * (crop.bottom - crop.top)) <= aspect


def test_square_crops_are_square_to_the_pixel():
    crops = suggest_crops(smooth_photo(997, 613), hill)
    assert all(crop.right - crop.left == crop.bottom - crop.top for crop in crops)


def test_tiny_photo_is_refused_with_its_size():
    with pytest.raises(DataError, match="40x80"):
        suggest_crops(smooth_photo(40, 80), brightness)


def test_too_thin_a_shape_is_refused_with_its_size():
    with pytest.raises(DataError, match="100x10 pixels"):
        suggest_crops(smooth_photo(100, 100), brightness, aspect=10)


def test_whole_square_photo_can_win():
    def larger_is_better(photos):
        return np.array([photo.width / 1000 for photo in photos])

    assert suggest_crops(smooth_photo(200, 200), larger_is_better)[0].box == (0, 0, 200, 200)


@pytest.mark.parametrize("seed", range(4))
def test_suggestions_are_no_near_twins(seed):
    crops = suggest_crops(smooth_photo(seed=seed), hill)
    assert len(crops) == 3
    for i, crop in enumerate(crops):
        assert all(crop.box.overlap(other.box) <= TWIN for other in crops[:i])


def test_face_stays_inside_unless_rude(bright_corner):
    face = face_at(40.5, 50.2, 120.7, 150.9)
    kept = suggest_crops(bright_corner, brightness, faces=[face])
    rude = suggest_crops(bright_corner, brightness, faces=[face], keep_face=False)
    for crop in kept:
        assert crop.keeps_face and crop.box.holds(Box(40, 50, 121, 151))
    assert not rude[0].keeps_face
    assert rude[0].score > kept[0].score


def test_face_too_large_for_any_box_is_given_up_and_said(bright_corner):
    crops = suggest_crops(bright_corner, brightness, faces=[face_at(10, 10, 380, 290)])
    assert len(crops) == 3
    assert not any(crop.keeps_face for crop in crops)


def test_forehead_may_be_cut_but_not_the_brows(bright_corner):
    eyes, nose, mouth = (160, 100), (180, 130), (180, 150)
    marks = (eyes, (200, 100), nose, mouth, (190, 150))
    face = Face(150, 40, 210, 170, confidence=0.9, landmarks=marks)
    held = face_box(face, Box(0, 0, 400, 300))
    assert held == (150, 60, 210, 170)  # 0.8 of the 50 px from eyes to mouth, above the eyes
    room = face_box(face, Box(0, 0, 400, 300), room=0.15)
    assert room.holds(held) and room.bottom > 170 and room.top == held.top


@pytest.fixture(scope="module")
def scorer(tmp_path_factory):
    """The shipped net's shape, with weights of chance: what is tested holds for any."""
    path = tmp_path_factory.mktemp("net") / "chance.safetensors"
    config = ScorerConfig(image_size=64, fc7_width=16)
    weights.save_scorer(path, nets.build_net(config), config)
    return Scorer(path, device="cpu")


def test_fast_score_of_the_whole_photo_is_exact(scorer):
    photo = smooth_photo(256, 256)
    whole = Box(0, 0, 256, 256)
    fast = dense_net(scorer).scores(photo, [whole], Frame(whole, 1.0))
    assert fast == pytest.approx(scorer([photo]), abs=0.002)


@pytest.mark.parametrize("aspect", [1.0, 16 / 9, None])
def test_fast_scores_are_those_of_the_crops_cut_out(aspect, scorer):
    photo = smooth_photo(700, 500, seed=2)
    face = face_at(300, 200, 420, 330)
    crops = suggest_crops(photo, scorer, aspect=aspect, faces=[face], mode="fast")
    cut = scorer([photo.crop(crop.box) for crop in crops])
    assert [crop.score for crop in crops] == pytest.approx(cut, abs=1e-5)
    assert len(crops) == 3 and all(crop.keeps_face for crop in crops)
    assert [crop.score for crop in crops] == sorted((c.score for c in crops), reverse=True)


@pytest.mark.parametrize("shape", [(4, 6), (6, 4)], ids=["wide", "tall"])
def test_pooling_over_boxes_is_the_mean_of_what_they_cover(shape):
    maps = np.arange(24, dtype=np.float32).reshape(1, *shape)
    boxes = np.array([[0, 0, 1, 1], [0.5, 0, 1, 0.5]], np.float32)
    means, down, across = pool_boxes(maps, boxes, 1)[:, 0, 0, 0], shape[0] // 2, shape[1] // 2
    assert means == pytest.approx([maps.mean(), maps[0, :down, across:].mean()])
    halves = pool_boxes(maps, boxes[:1], 2)[0, 0]
    parts = [maps[0, :down], maps[0, down:]]
    corners = [half for part in parts for half in (part[:, :across], part[:, across:])]
    assert halves.ravel() == pytest.approx([corner.mean() for corner in corners])


STRIPS = [(2000, 64), (64, 2000), (60_000, 64), (64, 60_000), (12_000, 1000)]


@pytest.mark.parametrize("aspect", [1.0, 4 / 5, 16 / 9])
@pytest.mark.parametrize("size", STRIPS)
def test_a_strip_asks_little_more_of_the_net_than_a_photo_of_4_by_3(size, aspect):
    net, asked = dense_net(load_scorer()), {}
    for shape in ((4000, 3000), size):
        frame = Frame(Box(0, 0, *shape), aspect)
        maps = [net._maps(smooth_photo(*shape), frame, scale)[0] for scale in LEVELS]
        asked[shape] = sum(found[0].size for found in maps)
        for scales, stride, most in (
            (crops.SCALES, crops.STRIDE, crops.MOST),
            (crops.FAST_SCALES, crops.FAST_STRIDE, crops.FAST_MOST),
        ):
            boxes = frame.grid(scales=scales, stride=stride, most=most)
            assert most / 3 < len(boxes) <= most
            widest = max(boxes, key=lambda box: box.width * box.height)
            assert (widest.width, widest.height) == frame.largest
    assert asked[size] <= 2.1 * asked[4000, 3000]


@pytest.mark.parametrize("size", STRIPS[:2])
def test_a_strip_is_cropped_fast(size):
    scorer, photo = load_scorer(), smooth_photo(*size)
    fast, exact = (suggest_crops(photo, scorer, mode=mode) for mode in ("fast", "exact"))
    assert len(fast) == 3 and fast[0].score > exact[0].score - 0.1


def test_fast_mode_without_a_net_is_refused():
    with pytest.raises(ModelError, match="choose mode exact"):
        suggest_crops(smooth_photo(), brightness, mode="fast")


def test_free_shape_is_no_worse_than_square():
    photo = smooth_photo(seed=3)
    square, free = (suggest_crops(photo, hill, aspect=aspect)[0] for aspect in (1.0, None))
    assert free.score >= square.score - 0.01


@pytest.mark.parametrize("seed", range(6))
def test_search_comes_near_the_best_of_all_boxes(seed):
    photo = smooth_photo(90, 70, seed)
    frame = Frame(Box(0, 0, 90, 70), 1.0)
    every = [
        Box(x, y, x + side, y + side)
        for side in range(round(70 * frame.smallest), 71)
        for x in range(0, 91 - side, 2)
        for y in range(0, 71 - side, 2)
    ]
    exhaustive = max(hill([photo.crop(box)])[0] for box in every)
    assert suggest_crops(photo, hill)[0].score > exhaustive - 0.02


def test_mirrored_photo_gets_mirrored_crops():
    photo = smooth_photo(301, 200, seed=1)
    twin = photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    crops, mirrored = (suggest_crops(one, brightness) for one in (photo, twin))
    assert [c.score for c in crops] == pytest.approx([c.score for c in mirrored], abs=0.01)
    back = Box(301 - mirrored[0].right, mirrored[0].top, 301 - mirrored[0].left, mirrored[0].bottom)
    assert crops[0].box.overlap(back) > 0.95


def test_no_box_is_scored_twice_and_progress_ends_full():
    seen, reports = [], []

    def remembering(photos):
        seen.extend((photo.size, photo.tobytes()) for photo in photos)
        return brightness(photos)

    suggest_crops(smooth_photo(), remembering, progress=lambda *report: reports.append(report))
    assert len(set(seen)) == len(seen) - 3  # only the winners once more, from the full photo
    assert len(seen) < 400
    assert reports == sorted(reports)
    assert reports[-1][0] == reports[-1][1]


@pytest.mark.parametrize("mode", MODES)
def test_crops_of_a_reduced_copy_are_in_pixels_of_the_photo(mode: Mode) -> None:
    scorer = load_scorer()
    path = store.sample_photos() / "sample-4.jpg"
    photo = images.open_photo(path).resize((2010, 1507))
    copy = photo.resize((1005, 754), Image.Resampling.BOX)
    crops = suggest_crops(copy, scorer, size=photo.size, mode=mode)
    best = suggest_crops(photo, scorer, mode=mode)[0].score
    assert crops[0].score == pytest.approx(best, abs=0.01)
    for crop in crops:
        assert Box(0, 0, *photo.size).holds(crop.box)
        assert float(scorer([photo.crop(crop.box)])[0]) == pytest.approx(crop.score, abs=0.005)


def test_a_box_is_cut_from_a_copy_of_another_shape_to_its_edges() -> None:
    copy = Image.new("RGB", (257, 2501), "white")
    cut = Box(0, 0, 1025, 10001).cut(copy, (1025, 10001))
    assert cut.size == copy.size
    assert cut.getpixel((256, 2500)) == (255, 255, 255)
