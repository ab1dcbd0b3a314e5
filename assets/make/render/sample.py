"""Sampled selfies: who is on them, how they are dressed, framed, lit and finished.

Pure numpy; nothing is drawn here.  A selfie is a tree of frozen dataclasses that one seed gives,
and the same seed always gives the same tree.  A person is given by an identity alone, so that one
person can take many selfies.  Every factor is drawn without regard to the others except for those
in LINKS, and `vary` changes one factor and nothing else.
"""

import colorsys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

import numpy as np

Rng = np.random.Generator
Colour = tuple[float, float, float]  # sRGB in [0, 1]
Vector = tuple[float, float, float]  # metres: x to the person's left, y up, z to the front

KINDS = {
    "closeup": 0.16,
    "selfie": 0.40,
    "loose": 0.14,
    "group": 0.14,
    "mirror": 0.08,
    "timer": 0.08,
}
FULL_LENGTH = ("mirror", "timer")
INDOORS = ("plain", "room", "shelf", "bath")
BACKGROUNDS = (*INDOORS, "beach", "park", "city", "night", "car")
LIGHTINGS = {"soft": 0.40, "bright": 0.22, "dark": 0.14, "harsh": 0.15, "flash": 0.09}
FILTERS = {
    "none": 0.50, "bw": 0.12, "fade": 0.09, "vivid": 0.09, "desat": 0.06, "sepia": 0.04,
    "cool": 0.05, "vignette": 0.05,
}  # fmt: skip
EXPRESSIONS = {
    "neutral": 0.20, "smile": 0.27, "grin": 0.20, "laugh": 0.10, "duck": 0.09, "surprise": 0.04,
    "wink": 0.04, "tongue": 0.03, "sad": 0.03,
}  # fmt: skip
HAIR_LENGTHS = {  # metres; the styles that hang are measured along the strand
    "long": (0.34, 0.55), "bob": (0.19, 0.28), "ponytail": (0.20, 0.40), "bun": (0.03, 0.03),
    "short": (0.03, 0.075), "afro": (0.05, 0.14), "buzz": (0.008, 0.008), "bald": (0.0, 0.0),
}  # fmt: skip
HAIR_STYLES = {
    "long": 0.26, "short": 0.26, "bob": 0.14, "ponytail": 0.10, "afro": 0.08, "bun": 0.07,
    "buzz": 0.06, "bald": 0.03,
}  # fmt: skip
# Rarely blond on dark skin, never grey when young: shares for light skin and for dark skin.
HAIR_COLOURS = {
    "black": (0.19, 0.50), "dark": (0.20, 0.32), "brown": (0.23, 0.11), "auburn": (0.09, 0.04),
    "red": (0.06, 0.0), "blond": (0.12, 0.01), "platinum": (0.05, 0.01), "pink": (0.03, 0.005),
    "blue": (0.03, 0.005),
}  # fmt: skip
FACE_SHAPES = {  # standard deviation of each pair of MakeHuman targets "...-decr", "...-incr"
    "head/head-fat": 0.30, "head/head-scale-horiz": 0.35, "head/head-scale-vert": 0.30,
    "nose/nose-scale-horiz": 0.45, "nose/nose-scale-depth": 0.40, "nose/nose-scale-vert": 0.35,
    "nose/nose-hump": 0.35, "nose/nose-point-width": 0.40, "mouth/mouth-scale-horiz": 0.40,
    "mouth/mouth-upperlip-volume": 0.45, "mouth/mouth-lowerlip-volume": 0.45,
    "chin/chin-width": 0.40, "chin/chin-height": 0.35, "chin/chin-prominent": 0.35,
    "chin/chin-jaw-drop": 0.30, "cheek/?-cheek-bones": 0.40, "cheek/?-cheek-volume": 0.40,
    "eyes/?-eye-height2": 0.35, "eyes/?-eye-scale": 0.35, "ears/?-ear-scale": 0.40,
}  # fmt: skip
HEAD_SHAPES = ("oval", "round", "square", "triangular", "rectangular", "diamond")
FACE_HEIGHT = 0.190  # metres from hairline to chin
OWN = 1_000_000  # identities from here on belong to the seeds of selfies, ten to each
HEAD_ABOVE = 0.16  # metres from the middle of the face to the top of the hair

# What hangs together, and why it must; tests hold every other pair of factors apart.
LINKS = {
    ("female", "beard"): "no beard on feminine bodies",
    ("tone", "ancestry"): "skin and the bones of a face come from the same ancestors",
    ("tone", "haircol"): "hair of dark-skinned people is rarely blond",
    ("old", "haircol"): "grey comes with age",
    ("kind", "dist"): "what a kind of shot is",
    ("kind", "n"): "only groups have several people",
    ("kind", "background"): "a mirror hangs indoors",
    ("kind", "phone"): "a mirror shows the phone that takes the photo",
    ("dist", "face place"): "from far the head is high in the frame, or the body would be cut",
    ("kind", "arm"): "the stretched arm is out of a close-up, and busy before a mirror",
}


@dataclass(frozen=True)
class Person:
    """What stays the same over all selfies of one person."""

    identity: int
    female: float  # of the body's and the face's shape alone, 0 masculine .. 1 feminine
    old: float  # 0 young adult .. 1 old
    weight: float  # -1 thin .. 1 heavy
    muscle: float  # 0 .. 1
    tone: float  # of the skin, 0 light .. 1 dark
    ancestry: Vector  # shares of MakeHuman's african, asian, caucasian shapes
    face: dict[str, float]  # MakeHuman target -> weight
    eye_open: float  # 0 narrow .. 1 wide
    hair: str
    haircol: str
    hairlen: float  # metres
    curl: float  # 0 straight .. 1.6 curly
    bangs: bool
    part: float  # of the hair, -1 right .. 1 left
    volume: float  # of the hair, 0 flat .. 1 full
    sweep: Vector  # direction of short hair
    beard: str | None  # stubble, full
    beardlen: float  # metres
    brow: float  # density of the brows, 0 .. 1
    iris: Colour


@dataclass(frozen=True)
class Look:
    """How one person looks and is dressed on one selfie."""

    expression: str
    tilt: float  # radians, to the person's left
    yaw: float  # radians
    pitch: float  # radians, down
    gaze: Vector  # metres beside the camera
    place: Vector  # metres from the middle of the picture's people
    arm: str | None  # l or r: the arm that holds the camera
    phone: str | None  # l or r: the hand in which a phone is seen
    makeup: float  # 0 none .. 1 strong
    lips: Colour | None
    blush: float  # 0 .. 1
    glasses: str | None  # clear, sun
    frame: tuple[float, float, float, float]  # half width, half height (m), roundness, rim (m)
    frame_colour: Colour
    lens_colour: Colour
    hat: str | None  # cap, beanie, straw
    hat_colour: Colour
    top: str  # crew, v, tank, turtle
    top_colour: Colour
    leg_colour: Colour
    stripes: Colour | None


@dataclass(frozen=True)
class Selfie:
    """Everything that is on one photo, and how it was taken."""

    seed: int  # of what is too small to name: wall, grain, rendering noise
    kind: str
    dist: float  # metres from the camera to the middle of the faces
    fov: float  # degrees
    camera_elev: float  # degrees above the face
    camera_side: float  # degrees to the left of the face
    roll: float  # degrees
    face_x: float  # middle of the faces in the frame, 0 left .. 1 right
    face_y: float  # 0 top .. 1 bottom
    lighting: str
    warm: bool  # lamps rather than daylight
    key_side: float  # radians, place of the main light
    key_height: float  # metres above the face, per metre of distance
    rim: tuple[float, str] | None  # a light behind: metres to the side, colour
    background: str
    filter: str
    noise: float  # standard deviation of the grain, brightness in [0, 1]
    border: float  # width of a white border, share of the frame
    people: tuple[tuple[Person, Look], ...]


def sample_person(identity: int) -> Person:
    """Return the person of one identity; neighbours have nothing in common."""
    rng = np.random.default_rng([identity, 1])
    old = float(rng.beta(1.2, 4)) * 0.9
    female = float(rng.beta(0.35, 0.35))  # mostly near an end, some between
    ancestry = rng.dirichlet([0.5, 0.5, 0.5])
    tone = float(np.clip((ancestry @ [5.2, 1.8, 0.8] + rng.normal(0, 0.6)) / 6, 0, 0.99))
    hair = pick(rng, HAIR_STYLES)
    light, dark = zip(*HAIR_COLOURS.values(), strict=True)
    colour = pick(rng, dict(zip(HAIR_COLOURS, light if tone < 0.53 else dark, strict=True)))
    grey = rng.random() < (0.7 if old > 0.5 else 0.0)
    beard = pick(rng, {"": 0.5, "stubble": 0.25, "full": 0.25}) or None
    irises = [(0.25, 0.14, 0.07), (0.2, 0.11, 0.05), (0.3, 0.5, 0.7), (0.3, 0.5, 0.3)]
    iris = irises[rng.integers(4)] if tone < 0.5 else (0.16, 0.09, 0.05)
    sweeps = [(0.7, 0.3, 0.3), (-0.7, 0.3, 0.3), (0.0, 0.9, 0.4), (0.0, 0.2, 1.0), (0.0, 0.4, -0.8)]
    return Person(
        identity=identity,
        female=female,
        old=old,
        weight=float(np.clip(rng.normal(-0.1, 0.35), -0.8, 0.8)),
        muscle=float(rng.uniform(0, 0.4)),
        tone=tone,
        ancestry=(float(ancestry[0]), float(ancestry[1]), float(ancestry[2])),
        face=_face(rng),
        eye_open=float(rng.uniform(0.1, 0.45)),
        hair=hair,
        haircol="grey" if grey else colour,
        hairlen=float(rng.uniform(*HAIR_LENGTHS[hair])),
        curl=float(rng.choice([0, 0.25, 0.8, 1.6], p=[0.42, 0.28, 0.2, 0.1])),
        bangs=bool(rng.random() < 0.3),
        part=float(rng.uniform(-1, 1)),
        volume=float(rng.random()),
        sweep=sweeps[rng.integers(5)],
        beard=beard if female < 0.5 else None,
        beardlen=float(rng.uniform(0.006, 0.02)),
        brow=float(rng.uniform(0.5, 1)),
        iris=iris,
    )


def _face(rng: Rng) -> dict[str, float]:
    """Return weights of MakeHuman's targets that make one face unlike another."""
    weights: dict[str, float] = {}
    for name, deviation in FACE_SHAPES.items():
        amount = float(np.clip(rng.normal(0, deviation), -0.9, 0.9))
        target = f"{name}-{'incr' if amount > 0 else 'decr'}"
        for side in "lr" if "?" in name else "?":
            weights[target.replace("?", side)] = abs(amount)
    shape, second = rng.choice(HEAD_SHAPES, 2, replace=False)
    weights[f"head/head-{shape}"] = float(rng.uniform(0.2, 0.8))
    weights[f"head/head-{second}"] = float(rng.uniform(0, 0.3))
    return weights


def sample_look(rng: Rng, *, hat: bool = True) -> Look:
    """Return clothes, expression and pose of the head, facing the camera."""
    vivid = [_hue(rng, 0.5, 0.6), _hue(rng, 0.25, 0.85)]
    plain = [
        (0.85, 0.85, 0.84), (0.07, 0.07, 0.08), (0.12, 0.15, 0.25), (0.5, 0.5, 0.52),
        (0.45, 0.1, 0.12), (0.8, 0.72, 0.6), (0.3, 0.36, 0.25), (0.62, 0.7, 0.8),
        (0.85, 0.6, 0.62), (0.25, 0.22, 0.2),
    ]  # fmt: skip
    tops = vivid + plain
    lips = [(0.72, 0.12, 0.2), (0.8, 0.35, 0.4), (0.5, 0.1, 0.2), (0.85, 0.3, 0.35)]
    frames = [(0.05, 0.05, 0.05), (0.25, 0.12, 0.06), (0.7, 0.6, 0.3), (0.7, 0.1, 0.1)]
    lenses = [(0.08, 0.08, 0.09), (0.15, 0.09, 0.05), (0.1, 0.14, 0.25)]
    legs = [(0.15, 0.2, 0.35), (0.1, 0.1, 0.1), (0.5, 0.45, 0.35), (0.3, 0.35, 0.5)]
    worn = pick(rng, {"": 0.84, "cap": 0.07, "beanie": 0.06, "straw": 0.03})
    hat_colour = _hue(rng, float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.2, 0.8)))
    size = float(rng.uniform(0.024, 0.030)), float(rng.uniform(0.016, 0.025))
    roundness, rim = float(rng.choice([1, 0.75, 0.55])), float(rng.choice([0.0011, 0.0022]))
    gaze = rng.normal(0, 0.03, 3)
    return Look(
        expression=pick(rng, EXPRESSIONS),
        tilt=float(rng.normal(0, 0.13)),
        yaw=float(rng.normal(0, 0.2)),
        pitch=float(rng.normal(0.02, 0.07)),
        gaze=(float(gaze[0]), float(gaze[1]), float(gaze[2])),
        place=(0.0, 0.0, 0.0),
        arm=None,
        phone=None,
        makeup=float(rng.random()) if rng.random() < 0.4 else 0.0,
        lips=lips[rng.integers(4)] if rng.random() < 0.25 else None,
        blush=float(rng.uniform(0.2, 0.7)),
        glasses=pick(rng, {"": 0.70, "clear": 0.13, "sun": 0.17}) or None,
        frame=(*size, roundness, rim),
        frame_colour=frames[rng.integers(4)],
        lens_colour=lenses[rng.integers(3)],
        hat=(worn or None) if hat else None,
        hat_colour=(0.85, 0.72, 0.45) if worn == "straw" else hat_colour,
        top=pick(rng, {"crew": 0.35, "v": 0.3, "tank": 0.2, "turtle": 0.15}),
        top_colour=tops[rng.integers(len(tops))],
        leg_colour=legs[rng.integers(4)],
        stripes=[(0.95, 0.95, 0.95), _hue(rng, 0.7, 0.5)][rng.integers(2)]
        if rng.random() < 0.2
        else None,
    )


def sample_selfie(
    seed: int, *, identity: int | None = None, kinds: Iterable[str] = tuple(KINDS)
) -> Selfie:
    """Return the selfie of one seed.

    Args:
        seed: Gives everything but the person.
        identity: Who takes it; a person of the seed's own by default.
        kinds: The kinds of shot to choose from, in their usual proportion.
    """
    rng = np.random.default_rng([seed, 2])
    kind = pick(rng, {name: KINDS[name] for name in kinds})
    count = int(rng.choice([2, 3, 4], p=[0.55, 0.28, 0.17])) if kind == "group" else 1
    camera = _camera(rng, kind, count)
    background = pick(rng, dict.fromkeys(INDOORS if kind == "mirror" else BACKGROUNDS, 1.0))
    lamps = ["gold", "blue", "white"]
    selfie = Selfie(
        seed=seed,
        kind=kind,
        lighting=pick(rng, LIGHTINGS),
        warm=bool(rng.random() < 0.4),
        key_side=float(rng.uniform(-1.2, 1.2)),
        key_height=float(rng.uniform(0.3, 0.9)),
        rim=(float(rng.uniform(-1, 1)), lamps[rng.integers(3)]) if rng.random() < 0.3 else None,
        background=background,
        filter=pick(rng, FILTERS),
        noise=float(rng.uniform(0.03, 0.07) if rng.random() < 0.12 else rng.uniform(0, 0.015)),
        border=float(rng.uniform(0.04, 0.1)) if rng.random() < 0.08 else 0.0,
        people=(),
        **camera,
    )
    own = OWN + 10 * seed
    people = [sample_person(own if identity is None else identity)]
    people += [sample_person(own + place) for place in range(1, count)]
    looks = [sample_look(rng) for _ in people]
    return replace(selfie, people=tuple(zip(people, _pose(rng, selfie, looks), strict=True)))


def _camera(rng: Rng, kind: str, count: int) -> dict[str, float]:
    """Return where the camera stands and where it has the faces in the frame."""
    full = kind in FULL_LENGTH
    near, far = {
        "closeup": (0.28, 0.36), "selfie": (0.38, 0.58), "loose": (0.62, 0.95),
        "group": (0.32 + 0.15 * count, 0.48 + 0.15 * count),
        "mirror": (1.3, 2.4), "timer": (1.3, 2.4),
    }[kind]  # fmt: skip
    dist, fov = float(rng.uniform(near, far)), 42.0 if full else float(rng.uniform(50, 60))
    frame = 2 * dist * np.tan(np.radians(fov) / 2)  # metres at the face
    x, y = float(rng.normal(0.5, 0.06)), float(rng.normal(0.24 if full else 0.45, 0.05))
    y = max(y, (HEAD_ABOVE + 0.01) / frame)  # the whole head is in the frame
    x = float(np.clip(x, 0.3, 0.7)) if kind != "group" else 0.5
    if kind in ("closeup", "selfie") and rng.random() < 0.33:  # forehead cut
        y = (0.5 - float(rng.uniform(0.1, 0.32))) * FACE_HEIGHT / frame
    return {
        "dist": dist,
        "fov": fov,
        "camera_elev": float(rng.uniform(-2, 5) if full else rng.normal(8, 9)),
        "camera_side": float(rng.normal(0, 14)),
        "roll": 0.0 if full else float(rng.normal(0, 7)),
        "face_x": x,
        "face_y": min(float(y), 0.72),
    }


def _pose(rng: Rng, selfie: Selfie, looks: list[Look]) -> list[Look]:
    """Return the looks with heads turned to the camera, people side by side, and arms in use."""
    towards = np.radians(selfie.camera_side) * 0.8, np.radians(selfie.camera_elev) * 0.4
    indoors, count = selfie.background in INDOORS, len(looks)
    full = selfie.kind in FULL_LENGTH
    # Full-length shots show a phone equally often indoors, where half are mirrors, and outdoors.
    mirrors = KINDS["mirror"] * len(BACKGROUNDS) / len(INDOORS)
    share = mirrors / (mirrors + KINDS["timer"])
    in_hand = (0.3 if indoors else share + 0.3 * (1 - share)) if full else 0.0
    has_phone = selfie.kind == "mirror" or rng.random() < in_hand
    hand, stretched = "lr"[rng.integers(2)], rng.random() < 0.7
    posed = []
    for place, look in enumerate(looks):
        x = (place - (count - 1) / 2) * float(rng.uniform(0.20, 0.25))
        y, z = float(rng.normal(0, 0.03)), -abs(float(rng.normal(0, 0.04))) - 0.09 * (place % 2)
        first = place == 0
        taking = first and stretched and selfie.kind not in ("closeup", *FULL_LENGTH)
        posed.append(
            replace(
                look,
                tilt=look.tilt + (0.12 * float(np.sign(x)) if count > 1 else 0.0),
                yaw=look.yaw + float(towards[0]),
                pitch=look.pitch - float(towards[1]),
                place=(x, y, z) if count > 1 else (0.0, 0.0, 0.0),
                arm=("r" if count > 1 else hand) if taking else None,
                phone=hand if first and has_phone else None,
            )
        )
    return posed


def flat(selfie: Selfie) -> dict[str, object]:
    """Return the factors of a selfie as one JSON object, people as a list of objects."""
    facts: dict[str, object] = asdict(replace(selfie, people=()))
    unsaid = ("face", "sweep", "gaze", "frame", "ancestry")
    people = [
        {k: v for k, v in (asdict(person) | asdict(look)).items() if k not in unsaid}
        for person, look in selfie.people
    ]
    facts |= {"border": selfie.border > 0, "border_width": selfie.border}
    return facts | {"n": len(people), "people": people}


def pick(rng: Rng, shares: dict[str, float]) -> str:
    """Return one of the names, each as often as its share says."""
    weights = np.array(list(shares.values()), float)
    return list(shares)[rng.choice(len(weights), p=weights / weights.sum())]


def _hue(rng: Rng, saturation: float, value: float) -> Colour:
    return colorsys.hsv_to_rgb(float(rng.random()), saturation, value)
