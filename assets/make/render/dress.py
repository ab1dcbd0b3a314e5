"""A whole person as plain geometry: skin, eyes, clothes, glasses, hat, phone and hair."""

from dataclasses import dataclass, field

import human
import numpy as np
from hair import Skin, Strands, grow_beard, grow_brows, grow_hair
from human import Faces, Points, Pose, unit
from numpy.typing import NDArray
from sample import Colour, Look, Person, Rng

SKIN = np.array(
    [
        (0.93, 0.72, 0.60), (0.88, 0.64, 0.50), (0.80, 0.56, 0.42), (0.70, 0.46, 0.32),
        (0.55, 0.34, 0.22), (0.38, 0.22, 0.14), (0.26, 0.145, 0.09),
    ]
)  # fmt: skip
HAIR = {  # linear light
    "black": (0.012, 0.010, 0.009), "dark": (0.035, 0.02, 0.012), "brown": (0.09, 0.045, 0.02),
    "auburn": (0.16, 0.045, 0.018), "red": (0.33, 0.09, 0.025), "blond": (0.50, 0.32, 0.13),
    "platinum": (0.75, 0.65, 0.48), "grey": (0.38, 0.37, 0.36), "pink": (0.7, 0.15, 0.3),
    "blue": (0.05, 0.15, 0.5),
}  # fmt: skip
PALE_HAIR = ("platinum", "pink", "blue", "blond")
SEGMENTS = 32  # around a hat


@dataclass
class Mesh:
    """One surface: vertices (N, 3), faces (M, 3 or 4), a colour in linear light, a material."""

    name: str
    vertices: Points
    faces: Faces
    colour: Points  # (3,) or (N, 3)
    material: str
    smooth: bool = True
    subdivide: int = 0
    attributes: dict[str, Points] = field(default_factory=dict)  # (N,) or (N, 3)


@dataclass
class Lock:
    """Strands (K, S, 3) of one colour in linear light; radius in metres at the root."""

    name: str
    strands: Strands
    colour: Points
    radius: float


@dataclass
class Figure:
    """A person ready to be drawn."""

    meshes: list[Mesh]
    locks: list[Lock]
    head: Points  # vertices of the head, for its box
    landmarks: Points  # left eye, right eye, hairline, brow, chin, (5, 3)


def linear(colour: Colour | Points) -> Points:
    """Return an sRGB colour in linear light."""
    return np.asarray(colour, float) ** 2.2


def skin_colour(tone: float) -> Points:
    """Return the linear colour of a skin tone, 0 light .. 1 dark."""
    place = tone * (len(SKIN) - 1)
    return linear([np.interp(place, range(len(SKIN)), SKIN[:, k]) for k in range(3)])  # pyright: ignore[reportArgumentType]


def make_figure(
    person: Person, look: Look, hands: dict[str, Points], camera: Points, *, detail: float
) -> Figure:
    """Return a person posed and dressed, at the look's place.

    Args:
        person: Who.
        look: Expression, pose and clothes.
        hands: Side -> where that hand reaches, metres, before the look's place is added.
        camera: Where the eyes look, metres, likewise.
        detail: 1 for 256 pixels; more grows more and finer hair, less for people far away.
    """
    rng = {part: np.random.default_rng([person.identity, k]) for k, part in enumerate(_PARTS, 10)}
    pose = Pose(human.shape(person, look), look, hands)
    skin = Skin(pose)
    meshes = [
        *_clothes(look, pose),
        _body(person, look, pose, rng["skin"], subdivide=1 if detail >= 1 else 0),
        *_eyes(person, look, pose, camera),
        *_mouth(pose),
    ]
    if look.glasses:
        meshes += _glasses(look, pose)
    if look.hat:
        meshes += _hat(person, look, pose)
    if look.phone:
        meshes.append(_phone(pose, look.phone))
    locks = _hair(person, look, skin, rng, detail)
    place = np.asarray(look.place)
    for mesh in meshes:
        mesh.vertices = mesh.vertices + place
    for lock in locks:
        lock.strands = lock.strands + place
    at = pose.vertices + place
    return Figure(meshes, locks, at[human.head_vertices()], at[human.landmarks()])


_PARTS = ("skin", "hair", "beard", "brows")


def _hair(person: Person, look: Look, skin: Skin, rng: dict[str, Rng], detail: float) -> list[Lock]:
    colour, fine = np.array(HAIR[person.haircol]), max(detail, 0.6) ** -0.75
    density = 1.7 * detail**1.3
    brow = np.array([0.10, 0.06, 0.03]) if person.haircol in PALE_HAIR else colour * 0.8
    locks = [Lock("brows", grow_brows(person, skin, rng["brows"]), brow, 0.0006)]
    grown = grow_hair(person, skin, rng["hair"], density=density)
    if grown is not None and look.hat:
        grown = _under_hat(grown, skin.pose)
    if grown is not None and len(grown):
        radius = {"buzz": 0.0008, "afro": 0.0013}.get(person.hair, 0.0011)
        locks.append(Lock("hair", grown, colour, radius * fine))
    if person.beard == "full":
        beard = grow_beard(person, skin, rng["beard"], density=density)
        locks.append(Lock("beard", beard, colour, 0.0011 * fine))
    return locks


def _under_hat(strands: Strands, pose: Pose) -> Strands:
    """Return the strands that a hat leaves to be seen."""
    height = pose.off_head(strands)[..., 1]
    crown = pose.neutral[human.scalp(), 1].max()
    neutral_crown = human.base()[0][human.head_vertices(), 1].max()
    under = (height > 0.755 + crown - neutral_crown).any(axis=1)
    return strands[~under | (height[:, -1] < 0.72)]


def _compact(vertices: Points, faces: Faces, *values: Points) -> tuple[Points, Faces, list[Points]]:
    """Return the vertices that faces use, the faces over them, and values of them."""
    used, index = np.unique(faces, return_inverse=True)
    return vertices[used], index.reshape(faces.shape), [value[used] for value in values]


def _body(person: Person, look: Look, pose: Pose, rng: Rng, *, subdivide: int) -> Mesh:
    """Return the skin, with cheeks, lips, eyelids and the shade of hair painted on."""
    base, tone = human.base()[0], skin_colour(person.tone)
    x, y, z = np.abs(base[:, 0]), base[:, 1], base[:, 2]
    eye = human.eye_centre()
    colour = np.tile(tone, (len(base), 1)) * (1 + rng.normal(0, 0.02, (len(base), 1)))

    def paint(towards: Points, amount: NDArray[np.floating]) -> None:
        colour[:] += (towards - colour) * np.clip(amount, 0, 1)[:, None]

    cheeks = np.exp(-(((x - 0.045) / 0.02) ** 2) - ((y - 0.685) / 0.018) ** 2) * (z > 0.06)
    nose = np.exp(-((x / 0.015) ** 2) - ((y - 0.69) / 0.012) ** 2) * (z > 0.13)
    red = tone * np.array([1.08, 0.72, 0.70])
    paint(red, cheeks * look.blush + nose * 0.3 + human.mask("ears") * 0.35)
    lips = tone * np.array([0.92, 0.55, 0.55])
    if look.lips is not None:
        lips = linear(look.lips) * 0.75 + tone * 0.25
    paint(lips, human.mask("lips") * 1.2)
    lid = np.hypot((x - eye[0]) / 0.022, (y - eye[1] - 0.003) / 0.012)
    shade = np.exp(-(lid**2)) * (z > 0.09) * (0.25 + 0.4 * look.makeup)
    paint(tone * np.array([0.55, 0.42, 0.42]), shade)
    hair = np.array(HAIR[person.haircol])
    if person.hair != "bald":
        paint(hair * 0.5, human.scalp() * (0.65 if person.hair == "buzz" else 0.9))
    if person.beard:
        paint(hair, human.beard_area() * (0.35 if person.beard == "stubble" else 0.6))
    at, faces, (colours,) = _compact(pose.vertices, human.base()[2]["body"], colour)
    return Mesh("body", at, faces, colours, "skin", subdivide=subdivide)


def _clothes(look: Look, pose: Pose) -> list[Mesh]:
    """Return top and trousers: MakeHuman's tights, cut by a signed distance in the material."""
    base, faces = human.base()[0], human.base()[2]["helper-tights"]
    normal = human.normals(pose.vertices, faces)
    x, y, z = np.abs(base[:, 0]), base[:, 1], base[:, 2]
    tank = look.top == "tank"
    neck = {"crew": 0.578, "v": 0.578, "tank": 0.590, "turtle": 0.61}[look.top]
    neck = neck - 0.22 * np.clip(z, -0.05, 0.2)
    if look.top == "v":
        neck = neck - np.clip(0.07 - x, 0, 1) * (z > 0)
    if tank:
        neck = neck - np.clip((0.095 - x) * 1.6, 0, 0.06)
    neck = neck + 8 * np.clip(x - (0.125 if tank else 0.088), 0, 1)  # not on the shoulders
    sleeve = {"crew": 0.28, "v": 0.26, "tank": 0.165, "turtle": 0.60}[look.top]
    top = np.minimum(np.minimum(neck - y, sleeve - x), y - 0.01)
    legs = np.minimum(0.05 - y, 0.3 - x)
    puff = 0.014 if look.top == "turtle" else 0.007
    cloth = []
    for name, cut, colour, gap in (
        ("top", top, look.top_colour, puff),
        ("legs", legs, look.leg_colour, 0.004),
    ):
        striped = look.stripes is not None and name == "top"
        stripes = y * 160 if striped else np.full(len(base), -1.0)  # sine above 0 is a stripe
        worn = faces[(cut > 0)[faces].any(axis=1)]
        at, corners, (cuts, lines) = _compact(pose.vertices + normal * gap, worn, cut, stripes)
        second = np.tile(linear(look.stripes or colour), (len(at), 1))
        cloth.append(
            Mesh(
                name,
                at,
                corners,
                linear(colour),
                "cloth",
                attributes={"cut": cuts, "stripe": lines, "second": second},
            )
        )
    return cloth


def _eyes(person: Person, look: Look, pose: Pose, camera: Points) -> list[Mesh]:
    """Return eyeballs turned to the camera, as far as eyes turn, and painted lashes."""
    polar = np.r_[0, np.linspace(0.06, 0.6, 12), np.linspace(0.7, np.pi, 10)]
    around = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    sphere = np.stack(
        [
            np.sin(polar)[:, None] * np.cos(around),
            np.sin(polar)[:, None] * np.sin(around),
            np.cos(polar)[:, None] * np.ones(24),
        ],
        axis=-1,
    )
    bulge = 1 + 0.06 * (polar < 0.55) * (1 - (polar / 0.55) ** 2)  # the cornea
    ring = 1.3 - 0.9 * (polar > 0.40)[:, None]
    iris = np.where((polar < 0.46)[:, None], linear(person.iris) * ring, [0.75, 0.73, 0.71])
    colour = np.where((polar < 0.17)[:, None], 0.005, iris)
    ahead = unit(pose.turn @ np.array([0, -0.03, 1.0]))
    meshes = []
    for side in "lr":
        centre, radius = human.eyeball(pose.neutral, side)
        centre = pose.on_head(centre)
        goal = unit(camera + np.asarray(look.gaze) - np.asarray(look.place) - centre)
        angle = float(np.arccos(np.clip(ahead @ goal, -1, 1)))
        goal = unit(ahead + (goal - ahead) * min(1.0, 0.30 / max(angle, 1e-6)))
        ball = (sphere * bulge[:, None, None] * radius).reshape(-1, 3)
        at = ball @ human.rotation_between(np.array([0, 0, 1.0]), goal).T + centre
        meshes.append(Mesh("eye", at, _grid(len(polar), 24), np.repeat(colour, 24, axis=0), "eye"))
        if look.makeup > 0.35:
            for row in (1, 2):
                lashes = human.base()[2][f"helper-{side}-eyelashes-{row}"]
                at, faces, _ = _compact(pose.vertices, lashes)
                meshes.append(Mesh("lashes", at, faces, np.full(3, 0.01), "felt"))
    return meshes


def _mouth(pose: Pose) -> list[Mesh]:
    colours = {
        "upper-teeth": (0.75, 0.72, 0.66), "lower-teeth": (0.7, 0.67, 0.6),
        "tongue": (0.45, 0.12, 0.12),
    }  # fmt: skip
    meshes = []
    for part, colour in colours.items():
        at, faces, _ = _compact(pose.vertices, human.base()[2][f"helper-{part}"])
        meshes.append(Mesh(part, at, faces, np.array(colour), "teeth"))
    return meshes


def _glasses(look: Look, pose: Pose) -> list[Mesh]:
    """Return a frame around the eyes with bows to the ears, and dark lenses in sunglasses."""
    width, height, roundness, rim = look.frame
    neutral = pose.neutral
    eye = {side: human.eyeball(neutral, side)[0] for side in "lr"}
    beside = (np.abs(neutral[:, 0]) < 0.012) & (np.abs(neutral[:, 1] - eye["l"][1]) < 0.012)
    bridge = neutral[beside & human.head_vertices(), 2].max()
    angle = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    across, up = (np.sign(f) * np.abs(f) ** roundness for f in (np.cos(angle), np.sin(angle)))
    parts, lenses = [], []
    for side, sign in (("l", 1), ("r", -1)):
        x = eye[side][0] + sign * 0.002 + across * width
        y = eye[side][1] - 0.002 + up * height
        z = np.maximum(
            bridge + 0.004 - 3.6 * np.clip(np.abs(x) - 0.01, 0, 1) ** 2, eye[side][2] + 0.018
        )
        line = np.stack([x, y, z], axis=1)
        parts.append(_tube(line, rim, closed=True))
        if look.glasses == "sun":
            fan = np.arange(28)
            faces = np.stack([fan, (fan + 1) % 28, np.full(28, 28)], axis=1)
            at = np.r_[line, [line.mean(axis=0)]]
            lenses.append(Mesh("lens", pose.on_head(at), faces, linear(look.lens_colour), "gloss"))
        edge, level = float(np.abs(x).max()), eye[side][1] + 0.004
        ear = max(0.072, edge + 0.004)
        bow = [
            (sign * edge, level, z.min()), (sign * ear, level + 0.001, z.min() - 0.01),
            (sign * ear * 1.02, level, 0.02), (sign * ear, level - 0.018, -0.002),
        ]  # fmt: skip
        parts.append(_tube(np.array(bow), rim, closed=False))
    inner, level = eye["l"][0] - width + 0.001, eye["l"][1]
    bar = [
        (-inner, level + 0.004, bridge + 0.002), (0, level + 0.008, bridge + 0.007),
        (inner, level + 0.004, bridge + 0.002),
    ]  # fmt: skip
    parts.append(_tube(np.array(bar), rim, closed=False))
    at, faces = _merge(parts)
    return [Mesh("frame", pose.on_head(at), faces, linear(look.frame_colour), "gloss"), *lenses]


def _hat(person: Person, look: Look, pose: Pose) -> list[Mesh]:
    """Return a cap, beanie or straw hat that fits the head and its hair."""
    neutral, eye = pose.neutral, human.eyeball(pose.neutral, "l")[0]
    above = neutral[human.head_vertices() & (neutral[:, 1] > eye[1] + 0.045)]
    low, high = above.min(axis=0), above.max(axis=0)
    centre = np.array([0, eye[1] + 0.05, (low[2] + high[2]) / 2])
    gap = 0.024 if person.hair in ("afro", "long", "bob") else 0.012
    radius = np.array(
        [np.abs(above[:, 0]).max() + gap, high[1] - centre[1] + 0.012, (high[2] - low[2]) / 2 + gap]
    )
    up = np.linspace(-0.3 if look.hat == "beanie" else -0.08, np.pi / 2, 10)
    around = np.linspace(0, 2 * np.pi, SEGMENTS, endpoint=False)
    ring = np.cos(up)[:, None] ** (0.6 if look.hat == "straw" else 1.0)
    crown = np.stack(
        [ring * np.cos(around), np.sin(up)[:, None] * np.ones(SEGMENTS), ring * np.sin(around)],
        axis=-1,
    )
    crown = crown * radius + centre
    crown[..., 1] += (crown[..., 2] - centre[2]) * 0.25  # pushed back from the forehead
    colour = np.tile(linear(look.hat_colour), (10 * SEGMENTS, 1))
    if look.hat == "beanie":
        crown[:3] = centre + (crown[:3] - centre) * np.array([1.07, 1, 1.06])
        colour[: 3 * SEGMENTS] *= 0.7
    if look.hat == "straw":
        colour[SEGMENTS : 3 * SEGMENTS] = linear(look.top_colour)
    at = pose.on_head(crown.reshape(-1, 3))
    meshes = [Mesh("hat", at, _grid(10, SEGMENTS), colour, "felt")]
    if look.hat in ("cap", "straw"):
        meshes.append(_brim(look, pose, centre, radius))
    return meshes


def _brim(look: Look, pose: Pose, centre: Points, radius: Points) -> Mesh:
    """Return the brim all around a straw hat, or a cap's peak."""
    straw = look.hat == "straw"
    out = np.linspace(0.98, 1.75 if straw else 1.85, 6)[:, None]
    around = np.linspace(0, 2 * np.pi, SEGMENTS, endpoint=False)
    if not straw:
        around = np.linspace(0.42, np.pi - 0.42, SEGMENTS)
    wide = out if straw else 1 + (out - 1) * 0.12
    deep = out if straw else 1 + (out - 1) * np.sin(around) ** 0.7
    fall = -0.01 * (out - 1) * np.ones(SEGMENTS)
    x, z = np.cos(around) * radius[0] * wide, np.sin(around) * radius[2] * deep
    at = np.stack([x, fall, z], axis=-1) + centre
    at[..., 1] += (at[..., 2] - centre[2]) * 0.25 - 0.012 * (out - 0.98) * (1 if straw else 2)
    faces = _grid(6, SEGMENTS, closed=straw)
    return Mesh(
        "brim", pose.on_head(at.reshape(-1, 3)), faces, linear(look.hat_colour) * 0.9, "felt"
    )


def _phone(pose: Pose, side: str) -> Mesh:
    hand, along = pose.hands[side]
    centre = hand + along * 0.09 + np.array([0, 0.04, 0.035])
    corners = [[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    faces = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    at = np.array(corners) * np.array([0.037, 0.075, 0.004]) + centre
    return Mesh("phone", at, np.array(faces), np.full(3, 0.02), "gloss", smooth=False)


def _grid(rows: int, columns: int, *, closed: bool = True) -> Faces:
    """Return the faces (M, 4) of a grid of vertices whose rows are rings, or not closed."""
    i = np.arange(rows - 1)[:, None] * columns
    j = np.arange(columns if closed else columns - 1)[None]
    right = (j + 1) % columns
    return np.stack([i + j, i + right, i + columns + right, i + columns + j], axis=-1).reshape(
        -1, 4
    )


def _tube(path: Points, radius: float, *, closed: bool) -> tuple[Points, Faces]:
    """Return a tube of eight sides along a path (N, 3)."""
    if closed:
        ahead = unit(np.roll(path, -1, axis=0) - np.roll(path, 1, axis=0))
    else:
        ahead = unit(np.gradient(path, axis=0))
    first = unit(np.cross(ahead, [0, 0.3, 1.0] if closed else [0.1, 1, 0.2]))
    second = np.cross(ahead, first)
    angle = np.linspace(0, 2 * np.pi, 8, endpoint=False)[None, :, None]
    ring = np.cos(angle) * first[:, None] + np.sin(angle) * second[:, None]
    at = (path[:, None] + radius * ring).reshape(-1, 3)
    faces = _grid(len(path), 8)
    if closed:
        last, j = (len(path) - 1) * 8, np.arange(8)
        right = (j + 1) % 8
        faces = np.r_[faces, np.stack([last + j, last + right, right, j], axis=1)]
    return at, faces


def _merge(parts: list[tuple[Points, Faces]]) -> tuple[Points, Faces]:
    starts = np.cumsum([0, *(len(at) for at, _ in parts)])
    faces = [ends + start for (_, ends), start in zip(parts, starts, strict=False)]
    return np.concatenate([at for at, _ in parts]), np.concatenate(faces)
