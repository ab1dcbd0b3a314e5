"""A whole person as plain geometry: skin, eyes, hair, clothes and what is worn."""

from dataclasses import dataclass
from pathlib import Path

import groom
import human
import numpy as np
from factors import Look, Person
from hair import Skin, Strands, grow_beard, grow_hair
from human import Pose, unit
from meshes import Mesh, Points, Proxy, fit, read_obj, read_proxy
from paints import (
    CardPaint,
    ClearPaint,
    ClothPaint,
    EyePaint,
    Paint,
    PicturePaint,
    PlainPaint,
    SkinPaint,
    StrandPaint,
    linear,
)
from skin import paint_skin, skin_colour
from worn import Part, make_glasses, make_hat, make_phone, mesh_of, under_hat

HAIR = {  # linear light
    "black": (0.012, 0.010, 0.009), "dark": (0.030, 0.018, 0.011), "brown": (0.075, 0.038, 0.019),
    "auburn": (0.13, 0.042, 0.017), "red": (0.26, 0.075, 0.022), "blond": (0.36, 0.225, 0.10),
    "platinum": (0.58, 0.48, 0.34), "grey": (0.34, 0.33, 0.32), "pink": (0.55, 0.16, 0.26),
    "blue": (0.05, 0.12, 0.34),
}  # fmt: skip
PALE_HAIR = ("platinum", "blond", "pink", "blue")
ROOTS = {"buzz": 0.75, "afro": 0.95, "bald": 0.0}  # colour of hair on the scalp
# Clothes whose own light and dark can be dyed; the pictures of the others carry a badge.
WOVEN = ("female_elegantsuit01", "male_casualsuit03", "male_casualsuit05", "male_elegantsuit01")
CHEST = 0.25  # metres above the hips that trousers don't reach


@dataclass
class Surface:
    """A mesh and how it looks; smoothed by so many subdivisions."""

    name: str
    mesh: Mesh
    paint: Paint
    subdivide: int = 0


@dataclass
class Lock:
    """Strands (K, S, 3) of one colour; radius in metres at the root."""

    name: str
    strands: Strands
    paint: StrandPaint
    radius: float
    shade: Points  # (K,), how light each strand is beside the colour


@dataclass
class Figure:
    """A person ready to be drawn."""

    surfaces: list[Surface]
    locks: list[Lock]
    head: Points  # vertices of the head, for its box
    landmarks: Points  # left eye, right eye, hairline, brow, chin, (5, 3)

    def hair(self) -> Points:
        """Return points all over the head and the hair beside it, (N, 3)."""
        ends = np.concatenate([lock.strands[::20, -1] for lock in self.locks] or [self.head[:0]])
        return np.concatenate([self.head, ends[ends[:, 1] > self.head[:, 1].min()]])


def make_figure(
    person: Person,
    look: Look,
    hands: dict[str, Points],
    camera: Points,
    *,
    folder: Path,
    detail: float,
) -> Figure:
    """Return a person posed and dressed, at the look's place.

    Args:
        person: Who.
        look: Expression, pose and clothes.
        hands: Side -> where that hand reaches, metres, before the look's place is added.
        camera: Where the eyes look, metres.
        folder: MakeHuman's assets.
        detail: 1 for a near shot of 384 pixels; more has finer skin and hair.
    """
    pose = Pose(human.shape(person, look), look, hands)
    skin = Skin(pose)
    surfaces, covered = _clothes(look, pose, folder)
    surfaces.append(_body(person, look, pose, covered, folder, detail))
    surfaces += _eyes(person, look, pose, camera, folder)
    surfaces += _mouth(pose, folder)
    hair, locks = _hair(person, look, skin, folder, detail)
    surfaces += hair
    parts: list[Part] = []
    if look.glasses:
        parts += make_glasses(look, pose)
    if look.hat:
        parts += make_hat(person, look, pose)
    if look.phone:
        parts += make_phone(pose, look.phone)
    smooth = {"peak": 1, "frame": 1}
    surfaces += [Surface(name, mesh, paint, smooth.get(name, 0)) for name, mesh, paint in parts]
    place = np.asarray(look.place)
    for surface in surfaces:
        surface.mesh.vertices = surface.mesh.vertices + place
    for lock in locks:
        lock.strands = lock.strands + place
    at = pose.vertices + place
    return Figure(surfaces, locks, at[human.head_vertices()], at[human.landmarks()])


def _worn(proxy: Proxy, pose: Pose) -> Mesh:
    mesh = proxy.mesh
    return Mesh(fit(proxy, pose), mesh.corners, mesh.sizes, mesh.uv)


def _clothes(look: Look, pose: Pose, folder: Path) -> tuple[list[Surface], Points]:
    """Return the clothes, and which vertices of the body (N,) they cover."""
    home = folder / "clothes" / look.top
    proxy = read_proxy(home / f"{look.top}.mhclo")
    mesh = _worn(proxy, pose)
    mesh.attributes["legs"] = _legs(proxy)
    covered = np.zeros(len(pose.neutral), bool)
    covered[proxy.hidden] = True
    woven = look.top in WOVEN
    relief = home / f"{look.top}_normal.webp"
    paint = ClothPaint(
        shade=home / f"{look.top}_{'diffuse' if woven else 'ao'}.webp",
        relative=woven,
        relief=relief if relief.exists() else None,
        colour=linear(look.top_colour),
        pattern=look.pattern,
        second=linear(look.pattern_colour),
        legs=linear(look.leg_colour),
    )
    return [Surface("clothes", mesh, paint)], covered


def _legs(proxy: Proxy) -> Points:
    """Return which vertices (N,) are of trousers: of a piece that doesn't reach the chest."""
    piece = proxy.mesh.pieces()
    height = (human.base()[0][proxy.on, 1] * proxy.shares).sum(axis=1)
    top = np.full(piece.max() + 1, -np.inf)
    np.maximum.at(top, piece, height)
    return (top[piece] < CHEST).astype(float)


def _body(
    person: Person, look: Look, pose: Pose, covered: Points, folder: Path, detail: float
) -> Surface:
    """Return the skin that is not under clothes, and where cheeks, lips, lids and hair are."""
    base, eye = human.base()[0], human.eye_centre()
    x, y, z = np.abs(base[:, 0]), base[:, 1], base[:, 2]
    cheeks = np.exp(-(((x - 0.045) / 0.022) ** 2) - ((y - 0.685) / 0.02) ** 2) * (z > 0.06)
    nose = np.exp(-((x / 0.016) ** 2) - ((y - 0.69) / 0.014) ** 2) * (z > 0.13) * 0.22
    blush = cheeks * look.blush + nose + human.mask("ears") * 0.5
    lid = np.hypot((x - eye[0]) / 0.022, (y - eye[1] - 0.004) / 0.010)
    whole = read_obj(human.data() / "mpfb2/3dobjs/base.obj").part("body")
    mesh = whole.only(~whole.all_of(covered))
    mesh = Mesh(pose.vertices, mesh.corners, mesh.sizes, mesh.uv)
    mesh.attributes = {
        "scalp": human.scalp().astype(float),
        "beard": human.beard_area(),
        "lips": human.mask("lips"),
        "blush": np.clip(blush, 0, 1),
        "lids": np.exp(-(lid**2)) * (z > 0.09),
    }
    albedo, relief = paint_skin(person, folder, 1024 if detail < 2 else 2048)
    paint = SkinPaint(
        albedo=albedo,
        relief=relief,
        tone=person.tone,
        colour=skin_colour(person.tone),
        hair=np.array(HAIR[person.haircol]),
        roots=ROOTS.get(person.hair, 0.6),
        stubble={"stubble": 0.45, "full": 0.5}.get(str(person.beard), 0.0),
        lips=None if look.lips is None else linear(look.lips),
        makeup=look.makeup,
        old=person.old,
    )
    return Surface("body", mesh.compact(), paint, 1 if detail < 2 else 2)


def _eyes(person: Person, look: Look, pose: Pose, camera: Points, folder: Path) -> list[Surface]:
    """Return eyeballs turned to the camera, as far as eyes turn, with lashes and brows."""
    ball, cornea, faces = _eyeball()
    uv = (cornea[:, :2] * 0.5 + 0.5)[faces.ravel()]
    ahead = unit(pose.turn @ np.array([0, -0.03, 1.0]))
    surfaces = []
    for side in "lr":
        centre, radius = human.eyeball(pose.neutral, side)
        centre = pose.on_head(centre)
        goal = unit(camera + np.asarray(look.gaze) - np.asarray(look.place) - centre)
        angle = float(np.arccos(np.clip(ahead @ goal, -1, 1)))
        goal = unit(ahead + (goal - ahead) * min(1.0, 0.42 / max(angle, 1e-6)))
        turn = human.rotation_between(np.array([0, 0, 1.0]), goal).T
        white = mesh_of(ball * radius * 0.995 @ turn + centre, faces)
        white.uv = uv
        clear = mesh_of(cornea * radius @ turn + centre, faces)
        surfaces.append(Surface("eye", white, EyePaint(person.iris)))
        surfaces.append(Surface("cornea", clear, ClearPaint(np.ones(3), 1.38)))
    colour = np.array(HAIR[person.haircol])
    brow = colour * (0.35 if person.haircol in PALE_HAIR else 0.75)
    for kind, name, tint, opacity in (
        ("eyelashes", person.lashes, np.array([0.008, 0.006, 0.005]), 1.0),
        ("eyebrows", person.brows, brow, person.brow),
    ):
        home = folder / kind / name
        card = CardPaint(home / f"{name}.webp", tint, opacity, 0.6)
        surfaces.append(Surface(kind, _worn(read_proxy(home / f"{name}.mhclo"), pose), card))
    return surfaces


def _eyeball() -> tuple[Points, Points, Points]:
    """Return a unit eyeball that looks along z, its cornea, and the faces of both."""
    rows, columns, flat, edge = 24, 32, 0.50, 0.56
    polar = np.r_[0, np.linspace(0.04, 0.62, rows - 10), np.linspace(0.72, np.pi, 9)]
    around = np.linspace(0, 2 * np.pi, columns, endpoint=False)
    sine = np.sin(polar)[:, None]
    across = [sine * np.cos(around), sine * np.sin(around)]
    sphere = np.stack([*across, np.cos(polar)[:, None] * np.ones(columns)], axis=-1)
    ball = sphere.copy()
    inner = polar < flat  # the iris lies flat behind the cornea
    ball[inner, :, 2] = np.cos(flat) - 0.05 * (1 - polar[inner] / flat)[:, None]
    rise = 1.004 * (1 + 0.075 * np.clip(1 - (polar / edge) ** 2, 0, 1) ** 0.8)
    i, j = np.arange(rows - 1)[:, None] * columns, np.arange(columns)[None]
    right = (j + 1) % columns
    faces = np.stack([i + j, i + columns + j, i + columns + right, i + right], -1).reshape(-1, 4)
    return ball.reshape(-1, 3), (sphere * rise[:, None, None]).reshape(-1, 3), faces


def _mouth(pose: Pose, folder: Path) -> list[Surface]:
    teeth = _worn(read_proxy(folder / "teeth/teeth_base/teeth_base.mhclo"), pose)
    enamel = PicturePaint(folder / "teeth/materials/teeth.webp", np.array([1.6, 1.52, 1.38]), 0.22)
    tongue = read_obj(human.data() / "mpfb2/3dobjs/base.obj").part("helper-tongue")
    tongue = Mesh(pose.vertices, tongue.corners, tongue.sizes).compact()
    flesh = PlainPaint(np.array([0.42, 0.13, 0.12]), 0.35, under=0.5)
    return [Surface("teeth", teeth, enamel), Surface("tongue", tongue, flesh)]


def _hair(
    person: Person, look: Look, skin: Skin, folder: Path, detail: float
) -> tuple[list[Surface], list[Lock]]:
    """Return hair cards, and the strands over them or grown from the scalp, and the beard."""
    rng = np.random.default_rng([person.identity, 11])
    colour = np.array(HAIR[person.haircol])
    paint = StrandPaint(colour)
    fine = detail**-0.5
    surfaces, locks = [], []
    strands, shade = np.empty((0, 2, 3)), np.empty(0)
    if person.hair_cards:
        cards, strands, shade = _cards(person, skin, folder, rng, int(18_000 * detail))
        if look.hat:
            hidden = under_hat(look.hat, skin.pose, skin.pose.off_head(cards.vertices))
            cards = cards.only(~cards.any_of(hidden))
        picture = folder / f"hair/{person.hair_cards}/{person.hair_cards}_diffuse.webp"
        if len(cards.sizes):
            surfaces.append(Surface("hair", cards, CardPaint(picture, colour * 0.45), 0))
        radius = 0.00024
    elif person.hair != "bald":
        strands = grow_hair(person, skin, rng, detail=detail)
        shade = rng.lognormal(0, 0.2, len(strands))
        radius = 0.00028 if person.hair == "buzz" else 0.00036
    if look.hat and person.hair == "afro":  # all of it
        strands, shade = strands[:0], shade[:0]
    elif look.hat:
        seen = ~under_hat(look.hat, skin.pose, skin.pose.off_head(strands)).any(axis=1)
        strands, shade = strands[seen], shade[seen]
    if len(strands):
        locks.append(Lock("hair", strands, paint, radius * fine, shade))
    if person.beard == "full":
        beard = grow_beard(person, skin, rng, detail=detail)
        shade = rng.lognormal(0, 0.25, len(beard))
        locks.append(Lock("beard", beard, paint, 0.00016 * fine, shade))
    return surfaces, locks


def _cards(
    person: Person, skin: Skin, folder: Path, rng: np.random.Generator, count: int
) -> tuple[Mesh, Strands, Points]:
    """Return fitted hair cards, the strands over them, and how light each of those is."""
    name = str(person.hair_cards)
    pose = skin.pose
    proxy = read_proxy(folder / f"hair/{name}/{name}.mhclo")
    cards = _worn(proxy, pose)
    strands, shade = groom.comb(folder, name, cards, rng, count=count, curl=person.curl)
    if not person.fringe:
        strands, shade = groom.trim(strands, shade, pose, rng)
        cards = groom.hairline(cards, pose)
    chin = pose.neutral[human.CHIN, 1]
    crown = pose.neutral[human.head_vertices(), 1].max()
    lowest = pose.off_head(cards.vertices)[:, 1].min()
    stretch = 1.0
    if person.hair in ("long", "ponytail"):
        stretch = max(0.1, (person.hairlen - (crown - chin)) / (chin - lowest))
    cards.vertices = groom.fall(groom.sunk(cards), pose, skin, stretch=stretch)
    flat = groom.fall(strands.reshape(-1, 3), pose, skin, stretch=stretch)
    return cards, flat.reshape(strands.shape), shade
