from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo.faces import Face, find_faces
from selfie_core.photo.images import open_photo

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(scope="module")
def photos() -> list[Image.Image]:
    """Return rendered selfies of the demo gallery: one upright face in the middle of each."""
    chosen = []
    gallery = Gallery.open(store.demo_gallery())
    for row in range(len(gallery)):
        candidate = open_photo(gallery.photo(row))
        faces = find_faces(candidate)
        if len(faces) == 1 and faces[0].confidence > 0.8 and abs(faces[0].tilt) < 6:
            face, side = faces[0], candidate.width
            in_the_middle = 0.25 * side < face.left < face.right < 0.75 * side
            if in_the_middle and face.top > 0.15 * side and face.height > 0.3 * side:
                chosen.append(candidate)
        if len(chosen) == 5:
            return chosen
    raise AssertionError(f"only {len(chosen)} photos of the demo gallery are as wanted")


@pytest.fixture(scope="module")
def photo(photos: list[Image.Image]) -> Image.Image:
    return photos[0]


def portraits(count: int) -> list[Image.Image]:
    if not (SHARED / "portraits").is_dir():
        pytest.skip("the portraits are not beside the checkout; they may not be committed")
    paths = sorted((SHARED / "portraits").glob("*.jpg"))
    return [open_photo(path) for path in paths[:: max(1, len(paths) // count)]]


def the_face(photo: Image.Image) -> Face:
    faces = find_faces(photo)
    assert len(faces) == 1
    return faces[0]


def place(face: Face, photo: Image.Image) -> np.ndarray:
    """Return the box in shares of the photo."""
    box = np.array([face.left, face.top, face.right, face.bottom])
    return box / np.tile(photo.size, 2)


def beside(left: Image.Image, right: Image.Image) -> Image.Image:
    size = (left.width + right.width, max(left.height, right.height))
    both = Image.new("RGB", size, "grey")
    both.paste(left, (0, 0))
    both.paste(right, (left.width, 0))
    return both


def test_landmarks_lie_in_the_box_as_in_a_face(photo):
    face = the_face(photo)
    assert 0 <= face.left < face.right <= photo.width
    assert 0 <= face.top < face.bottom <= photo.height
    (left_eye, right_eye, nose, left_mouth, right_mouth) = face.landmarks
    assert face.left < left_eye[0] < nose[0] < right_eye[0] < face.right
    assert left_mouth[0] < right_mouth[0]
    assert face.top < left_eye[1] < nose[1] < left_mouth[1] < face.bottom


@pytest.mark.parametrize("size", [(48, 48), (100, 100), (900, 900), (400, 300)])
def test_face_is_found_at_any_resolution_at_the_same_place(photo, size):
    resized = photo.resize(size, Image.Resampling.BICUBIC)
    assert np.abs(place(the_face(resized), resized) - place(the_face(photo), photo)).max() < 0.05


@pytest.mark.parametrize("degrees", [-25, 25])
def test_tilt_follows_the_photo(photos, degrees):
    turns = []
    for photo in photos:
        turned = photo.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=(128, 128, 128))
        turns.append(find_faces(turned)[0].tilt - the_face(photo).tilt)
    assert np.median(turns) == pytest.approx(degrees, abs=6)


def test_faces_come_largest_first(photo):
    small = photo.resize((photo.width // 2, photo.height // 2))
    for both in (beside(photo, small), beside(small, photo)):
        large, little = find_faces(both)
        assert large.height > 1.5 * little.height


def test_box_of_a_cut_face_ends_at_the_edge_of_the_photo(photo):
    face = the_face(photo)
    eyes = (face.landmarks[0][1] + face.landmarks[1][1]) / 2
    cut = photo.crop((0, round((face.top + eyes) / 2), photo.width, photo.height))
    found = the_face(cut)
    assert found.top == pytest.approx(0, abs=0.05 * cut.height) and found.top >= 0
    assert abs(found.width - face.width) < 0.25 * face.width


def test_face_is_found_in_a_panorama(photo):
    panorama = Image.new("RGB", (10 * photo.width, photo.height), (120, 140, 160))
    panorama.paste(photo, (3 * photo.width, 0))
    assert 3 * photo.width < the_face(panorama).left < 4 * photo.width


@pytest.mark.parametrize("size", [(1, 1), (32, 32), (3000, 32), (32, 3000)])
def test_photo_without_a_face_has_none(size):
    assert find_faces(Image.new("RGB", size, (130, 140, 150))) == []


def test_threads_may_share_the_detector(photo):
    photos = [photo, photo.resize((200, 150)), Image.new("RGB", (90, 60))] * 4
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(find_faces, photos)) == [find_faces(photo) for photo in photos]


@pytest.mark.parametrize(
    "change",
    [
        lambda photo: photo,
        lambda photo: photo.resize((48, 48)),
        lambda photo: ImageEnhance.Brightness(photo).enhance(0.2),
        lambda photo: photo.rotate(30, fillcolor=(128, 128, 128)),
    ],
    ids=["as it is", "48 px", "dark", "tilted"],
)
def test_nearly_every_portrait_has_one_face(change):
    counts = [len(find_faces(change(photo))) for photo in portraits(20)]
    assert np.mean(np.equal(counts, 1)) >= 0.95


@pytest.mark.parametrize("share", [0.1, 0.03])
def test_small_face_in_a_large_photo_is_found(photos, share):
    found = []
    for photo in photos:
        scale = share * 1200 / the_face(photo).height
        small = photo.resize((round(photo.width * scale), round(photo.height * scale)))
        wide = Image.new("RGB", (1200, 1200), (120, 140, 160))
        wide.paste(small, (700, 500))
        found += [face for face in find_faces(wide) if face.left > 690 and face.top > 490]
    assert len(found) == len(photos)


def test_face_larger_than_the_photo_is_found():
    found = []
    for portrait in portraits(20):
        face = find_faces(portrait)[0]
        margins = np.array([face.width, face.height, -face.width, -face.height]) * 0.15
        box = np.array([face.left, face.top, face.right, face.bottom]) + margins
        found.append(bool(find_faces(portrait.crop(tuple(box.astype(int))))))
    assert np.mean(found) >= 0.9
