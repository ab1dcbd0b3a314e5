"""The renderer's meshes, pictures and light: known answers, without Blender and MakeHuman's files.

What the tests need of MakeHuman's formats they write themselves, a few vertices each.
"""

import importlib
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

FOLDER = Path(__file__).parents[2] / "assets" / "make" / "render"


def load(name: str) -> ModuleType:
    """Import a module of the renderer, which is a folder of scripts and no package."""
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(FOLDER))


meshes, light, places, rooms, skin, groom, develop, sample, camera = (
    load(name)
    for name in (
        "meshes", "light", "places", "rooms", "skin", "groom", "develop", "sample", "camera",
    )
)  # fmt: skip

CARD = """v 0 0 0
v 1 0 0
v 1 2 0
v 0 2 0
v 2 0 0
vt 0 0
vt 1 0
vt 1 1
vt 0 1
g card
f 1/1 2/2 3/3 4/4
g flap
f 2/1 5/2 3/3
"""
WORN = """x_scale 0 1 0.5
obj_file card.obj
verts 0
0
0 1 2 0.5 0.5 0 1 0 0
2
3
1
delete_verts
0 - 2 7
"""


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A folder with a card of two polygons, worn on a body of four vertices."""
    (tmp_path / "card.obj").write_text(CARD)
    (tmp_path / "card.mhclo").write_text(WORN)
    return tmp_path


def test_mesh_keeps_polygons_of_all_sizes_and_their_groups(card: Path) -> None:
    mesh = meshes.read_obj(card / "card.obj")
    assert mesh.sizes.tolist() == [4, 3]
    assert mesh.vertices[2].tolist() == pytest.approx([0.1, 0.2, 0])  # decimetres to metres
    assert mesh.part("flap").corners.tolist() == [1, 4, 2]
    assert mesh.part("flap").uv.tolist() == [[0, 0], [1, 0], [1, 1]]
    triangles, loops = mesh.triangles()
    assert sorted(map(tuple, triangles.tolist())) == [(0, 1, 2), (0, 2, 3), (1, 4, 2)]
    assert mesh.corners[loops].tolist() == triangles.tolist()


def test_compact_mesh_has_no_unused_vertices_and_keeps_their_values(card: Path) -> None:
    mesh = meshes.read_obj(card / "card.obj").part("flap")
    mesh.attributes = {"weight": np.arange(5.0)}
    small = mesh.compact()
    assert small.vertices.tolist() == mesh.vertices[[1, 2, 4]].tolist()
    assert small.attributes["weight"].tolist() == [1, 2, 4]
    assert small.vertices[small.corners].tolist() == mesh.vertices[mesh.corners].tolist()


def test_polygons_are_found_by_any_or_all_of_their_vertices(card: Path) -> None:
    mesh = meshes.read_obj(card / "card.obj")
    chosen = np.array([False, True, True, False, True])
    assert mesh.any_of(chosen).tolist() == [True, True]
    assert mesh.all_of(chosen).tolist() == [False, True]


def test_pieces_are_told_apart_by_their_polygons(card: Path) -> None:
    whole = meshes.read_obj(card / "card.obj")
    assert whole.pieces().tolist() == [0] * 5
    apart = np.array([0, 1, 2, 3, 4, 5, 6])
    points = whole.vertices[[0, 1, 2, 3, 1, 4, 2]]
    two = meshes.Mesh(points, apart, whole.sizes)
    assert two.pieces().tolist() == [0, 0, 0, 0, 1, 1, 1]


def test_what_is_worn_hangs_on_the_body_and_grows_with_it(card: Path) -> None:
    proxy = meshes.read_proxy(card / "card.mhclo")
    assert proxy.hidden.tolist() == [0, 1, 2, 7]
    body = np.array([[0.0, 0, 0], [0.1, 0, 0], [0, 0.3, 0], [0, 0, 0.2]])
    pose = SimpleNamespace(neutral=body, worn=lambda points, corners, shares: points)
    at = meshes.fit(proxy, pose)
    assert at[0].tolist() == [0, 0, 0]
    # Midway between two vertices, 1 dm to the side, twice as much as the body is twice as wide.
    assert at[1] == pytest.approx([0.05 + 0.2, 0, 0])


def test_even_light_from_all_around_is_one_on_every_side() -> None:
    env = np.ones((64, 128, 3), np.float32)
    for normal in ([0, 0, 1], [0, 1, 0], [1, -1, 0.3]):
        assert light.irradiance(env, np.array(normal, float), 0.7) == pytest.approx(1, abs=0.02)


def test_light_falls_on_the_side_that_it_comes_from() -> None:
    env = np.zeros((64, 128, 3), np.float32)
    env[28:36, 92:100] = 1  # to the person's left
    left, right = (light.irradiance(env, np.array([x, 0, 0.0]), 0) for x in (1.0, -1.0))
    assert left.min() > 0.01
    assert right.max() < 1e-6
    turned = light.irradiance(env, np.array([0, 0, 1.0]), np.pi / 2)  # now in front
    assert turned == pytest.approx(left, rel=0.02)


def test_looking_along_a_pixel_finds_it() -> None:
    env = np.random.default_rng(0).random((32, 64, 3)).astype(np.float32)
    found = light.look_up(env, light.directions(32, 64), 0.0)
    assert np.abs(found - env).max() < 1e-4
    half = light.look_up(env, light.directions(32, 64), np.pi)
    assert np.abs(half - np.roll(env, 32, axis=1)).max() < 1e-4


def test_blenders_environment_has_each_direction_where_blender_looks() -> None:
    env = light.directions(32, 64).astype(np.float32)  # each pixel says where it is
    ready = light.for_blender(env, 0.0)
    column = (np.arange(64) + 0.5) / 64
    x, y = np.cos(2 * np.pi * (0.5 - column)), np.sin(2 * np.pi * (0.5 - column))
    middle = ready[16]  # Blender's x is ours, its y is our -z
    assert np.abs(middle[:, 0] - x).max() < 0.08
    assert np.abs(middle[:, 2] + y).max() < 0.08


def test_balanced_light_keeps_its_brightness_and_loses_its_cast() -> None:
    env = np.full((8, 16, 3), [1.2, 1.0, 0.5], np.float32)
    grey = light.balanced(env, np.array([1.2, 1.0, 0.5]), 1.0)
    assert np.ptp(grey[0, 0]) < 1e-5


@pytest.mark.parametrize("background", ["park", "beach", "plain", "car"])
def test_backdrop_is_as_bright_as_the_lighting_says(background: str) -> None:
    rng = np.random.default_rng(3)
    dim, bright = (gain * (0.5 + rng.random((64, 128, 3))).astype(np.float32) for gain in (1, 40))
    base = sample.sample_selfie(1, kinds=("selfie",))
    levels = []
    for lighting in ("dark", "bright"):
        selfie = sample.replace(base, background=background, lighting=lighting)
        view = camera.view_of(selfie)
        pair = [places.backdrop(selfie, view, 48, lambda name, e=env: e) for env in (dim, bright)]
        assert pair[0].shape == (48, 48, 3)
        assert pair[1].mean() == pytest.approx(pair[0].mean(), rel=0.4)  # whatever the place
        levels.append(pair[0].mean())
    assert levels[1] > 2.5 * levels[0]


def test_every_background_has_places() -> None:
    for background in load("factors").BACKGROUNDS:
        assert len(places.scenes_of(background)) >= 4


@pytest.mark.parametrize("kind", ["plain", "room", "shelf", "bath", "car"])
def test_same_number_gives_the_same_room_and_another_another(kind: str) -> None:
    assert rooms.furnish(kind, 1) == rooms.furnish(kind, 1)
    assert rooms.furnish(kind, 1) != rooms.furnish(kind, 2)
    for number in range(rooms.MADE[kind]):
        mesh = rooms.mesh_of_boxes(rooms.furnish(kind, number))
        assert mesh.corners.max() < len(mesh.vertices) == len(mesh.attributes["red"])
        distance = np.abs(mesh.vertices - [0, rooms.EYE, 0.3]).max(axis=1)
        assert distance.min() > 0.05  # nothing stands where the camera is


def test_mesh_of_a_box_has_its_size_and_colour() -> None:
    box = rooms.Box((1.0, 2.0, 3.0), (0.2, 0.4, 0.6), (1.0, 0.5, 0.0), glow=3.0)
    mesh = rooms.mesh_of_boxes([box])
    assert np.ptp(mesh.vertices, axis=0) == pytest.approx([0.2, 0.4, 0.6])
    assert mesh.vertices.mean(axis=0) == pytest.approx([1, 2, 3])
    assert mesh.attributes["glow"].tolist() == [3.0] * 8
    assert mesh.attributes["green"][0] == pytest.approx(0.5**2.2)


@pytest.fixture
def skins(tmp_path: Path) -> Path:
    """A folder with small pictures of skin under the names that the sampler uses."""
    words = load("factors")
    folder = tmp_path / "skins/textures"
    folder.mkdir(parents=True)
    names = (*words.LIGHT_SKINS, *words.DARK_SKINS, "old_darkskinned_male_diffuse")
    for seed, name in enumerate(names):
        noise = np.random.default_rng(seed).integers(120, 160, (64, 64, 3))
        Image.fromarray(noise.astype(np.uint8)).save(folder / f"{name}.webp", quality=100)
    return tmp_path


def test_skin_has_the_colour_of_its_tone_and_is_the_persons_own(skins: Path) -> None:
    person = sample.sample_person(5)
    for tone in (0.05, 0.5, 0.95):
        albedo, relief = skin.paint_skin(sample.replace(person, tone=tone), skins, 64)
        assert albedo.shape == (64, 64, 3)
        assert relief.shape == (64, 64)
        middle = np.exp(np.log(albedo).mean(axis=(0, 1)))
        assert middle == pytest.approx(skin.skin_colour(tone), rel=0.2)
    again, _ = skin.paint_skin(sample.replace(person, tone=0.95), skins, 64)
    assert (again == albedo).all()


def test_strands_follow_the_painted_hairs(tmp_path: Path) -> None:
    folder = tmp_path / "hair/card"
    folder.mkdir(parents=True)
    (folder / "card.obj").write_text(CARD.split("g flap")[0])
    (folder / "card.mhclo").write_text(WORN)
    hairs = np.random.default_rng(2).integers(40, 220, 256)  # dark and light columns
    pixels = np.tile(hairs[None, :, None], (256, 1, 4)).astype(np.uint8)
    pixels[..., 3] = 255
    Image.fromarray(pixels).save(folder / "card_diffuse.webp", lossless=True)
    corners, shares, painted = groom.trace(tmp_path, "card", 300)
    assert len(corners) > 200
    assert shares.sum(axis=-1) == pytest.approx(1)
    vertices = meshes.read_obj(folder / "card.obj").vertices
    lines = (vertices[corners] * shares[..., None]).sum(axis=2)
    along = np.abs(lines[:, -1] - lines[:, 0])
    assert np.median(along[:, 1]) > 0.015  # up the card
    assert np.median(along[:, 0]) < 0.1 * np.median(along[:, 1])
    column = lines[:, :, 0].mean(axis=1)
    wide = np.interp(column, np.linspace(*vertices[:, 0][[0, 1]], 256), gaussian_filter(hairs, 1.0))
    assert np.corrcoef(painted, wide)[0, 1] > 0.7  # as light as the hairs below them


@pytest.fixture
def upright() -> SimpleNamespace:
    """A head that is not turned, its chin 12 cm below the eyes."""
    human = load("human")
    neutral = np.zeros((human.BODY, 3))
    neutral[human.CHIN, 1] = human.EYES[1] - 0.12
    same = {name: lambda points: points.copy() for name in ("on_head", "off_head")}
    return SimpleNamespace(neutral=neutral, head=np.zeros(3), head_before=np.zeros(3), **same)


def test_cards_leave_the_forehead_to_the_strands(upright) -> None:
    eye = load("human").EYES[1]
    places = [[0.03, eye + 0.05, 0.12]] * 3 + [[0.03, eye + 0.12, 0.12]] * 2
    cards = meshes.Mesh(np.array(places), np.array([0, 1, 2, 2, 3, 4]), np.array([3, 3]))
    assert groom.hairline(cards, upright).corners.tolist() == [2, 3, 4]


def test_strands_before_the_face_end_raggedly_above_the_eyes(upright) -> None:
    eye = load("human").EYES[1]
    down = np.linspace(0.1, -0.05, groom.STEPS)
    strands = np.tile([0.03, eye, 0.12], (60, groom.STEPS, 1))
    strands[..., 1] += down
    strands[:20, :, 0] = 0.09  # beside the face
    cut, shade = groom.trim(strands, np.arange(60.0), upright, np.random.default_rng(0))
    assert shade.tolist() == list(range(60))
    assert cut[:20] == pytest.approx(strands[:20])
    assert cut[:, 0] == pytest.approx(strands[:, 0])  # roots stay
    ends = cut[20:, -1, 1] - eye
    assert ends.min() > 0 and ends.std() > 0.003


def test_long_hair_is_as_long_as_it_is_stretched(upright) -> None:
    chin = upright.neutral[load("human").CHIN, 1]
    nowhere = SimpleNamespace(outside=lambda points, gap: points)
    hair = np.array([[0.1, chin - 0.3, -0.05], [0.1, chin + 0.05, -0.05]])
    short = groom.fall(hair, upright, nowhere, stretch=0.5)
    assert short[:, 1] == pytest.approx([chin - 0.15, chin + 0.05])


def test_every_expression_has_its_units() -> None:
    assert load("human").EXPRESSIONS.keys() == load("factors").EXPRESSIONS.keys()


def test_tone_curve_rises_and_keeps_grey_grey() -> None:
    ramp = np.repeat(np.linspace(0, 6, 50)[:, None, None], 3, axis=2)
    curve = develop.tone_curve(ramp)
    assert (np.diff(curve[:, 0, 0]) > 0).all()
    assert np.ptp(curve, axis=2).max() < 1e-9
    assert curve.max() <= 1


@pytest.mark.parametrize("name", ["none", "bw", "fade"])
def test_photo_has_its_filter_and_border(name: str) -> None:
    base = sample.sample_selfie(2, kinds=("selfie",))
    selfie = sample.replace(base, filter=name, border=0.1, noise=0.0)
    lit = np.random.default_rng(0).random((80, 80, 3)) * [0.5, 0.2, 0.1]
    pixels = np.asarray(develop.develop(lit, selfie), float)
    assert pixels.shape == (80, 80, 3)
    assert (pixels[:7] == 255).all()
    inside = pixels[10:-10, 10:-10]
    colour = np.ptp(inside, axis=2).mean()
    assert colour < 6 if name == "bw" else colour > 20
    assert inside.min() > 30 if name == "fade" else inside.min() < 60
