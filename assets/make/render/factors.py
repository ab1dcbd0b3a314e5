"""What a selfie is: its factors as frozen dataclasses, the words they take and how often.

Numpy only; `sample.py` draws them, everything else reads them.
"""

from dataclasses import asdict, dataclass, replace

Colour = tuple[float, float, float]  # sRGB in [0, 1]
Vector = tuple[float, float, float]  # metres: x to the person's left, y up, z to the front

KINDS = {
    "closeup": 0.24,
    "selfie": 0.48,
    "loose": 0.10,
    "group": 0.09,
    "mirror": 0.05,
    "timer": 0.04,
}
FULL_LENGTH = ("mirror", "timer")
INDOORS = ("plain", "room", "shelf", "bath")
BACKGROUNDS = (*INDOORS, "beach", "park", "city", "night", "car")
STANDING = tuple(place for place in BACKGROUNDS if place != "car")  # where one sees all of a body
LIGHTINGS = {"soft": 0.42, "bright": 0.31, "dark": 0.05, "harsh": 0.15, "flash": 0.07}
LIGHTS = (  # environments that light the people, whatever is behind them
    "apartment", "bridge", "city", "dawn", "esplanade", "forest", "hall", "lab", "lobby", "park",
    "sky", "studio", "sunrise", "sunset", "venice", "warehouse", "workshop",
)  # fmt: skip
FILTERS = {
    "none": 0.56, "bw": 0.045, "fade": 0.08, "vivid": 0.10, "desat": 0.055, "sepia": 0.04,
    "cool": 0.06, "vignette": 0.06,
}  # fmt: skip
# Where the frame cuts the face of a near shot: through forehead, eyes or nose from above, through
# the mouth from below, or along the nose from the side.
CUTS = {
    "none": 0.72, "forehead": 0.18, "eyes": 0.025, "nose": 0.015, "mouth": 0.02, "side": 0.04,
}  # fmt: skip
EXPRESSIONS = {
    "neutral": 0.14, "smile": 0.36, "grin": 0.24, "laugh": 0.10, "duck": 0.09, "wink": 0.04,
    "tongue": 0.03,
}  # fmt: skip
HAIR_LENGTHS = {  # metres from the crown to the ends; of an afro and a buzz cut, of a hair
    "long": (0.40, 0.60), "bob": (0.26, 0.26), "ponytail": (0.42, 0.58), "short": (0.05, 0.08),
    "afro": (0.05, 0.12), "buzz": (0.006, 0.006), "bald": (0.0, 0.0),
}  # fmt: skip
HAIR_STYLES = {
    "long": 0.22, "short": 0.32, "bob": 0.16, "ponytail": 0.11, "afro": 0.09, "buzz": 0.08,
    "bald": 0.02,
}  # fmt: skip
HAIR_CARDS = {  # MakeHuman's hair of each style; the other styles grow from the scalp
    "long": ("long01",), "bob": ("bob02",), "ponytail": ("ponytail01",),
    "short": ("short01", "short02", "short03", "short04"),
}  # fmt: skip
# Rarely blond on dark skin, never grey when young: shares for light skin and for dark skin.
HAIR_COLOURS = {
    "black": (0.19, 0.50), "dark": (0.22, 0.32), "brown": (0.24, 0.11), "auburn": (0.10, 0.04),
    "red": (0.06, 0.0), "blond": (0.12, 0.01), "platinum": (0.04, 0.01), "pink": (0.015, 0.005),
    "blue": (0.015, 0.005),
}  # fmt: skip
LIGHT_SKINS = (
    "young_lightskinned_male_diffuse", "young_lightskinned_male_diffuse2",
    "young_lightskinned_male_diffuse3", "young_lightskinned_female_diffuse2",
    "young_lightskinned_female_diffuse3", "middleage_lightskinned_male_diffuse",
    "middleage_lightskinned_female_diffuse2",
)  # fmt: skip
DARK_SKINS = ("young_darkskinned_male_diffuse", "middleage_darkskinned_male_diffuse")
BROWS = tuple(f"eyebrow{number:03d}" for number in (1, 2, 3, 4, 5, 8, 10, 12))
LASHES = ("eyelashes01", "eyelashes02", "eyelashes03")
TOPS = (
    "female_casualsuit01", "female_casualsuit02", "female_elegantsuit01", "female_sportsuit01",
    "male_casualsuit01", "male_casualsuit02", "male_casualsuit03", "male_casualsuit04",
    "male_casualsuit05", "male_casualsuit06", "male_elegantsuit01",
)  # fmt: skip
PATTERNS = {"plain": 0.60, "melange": 0.16, "stripes": 0.14, "check": 0.10}
FACE_SHAPES = {  # standard deviation of each pair of MakeHuman targets "...-decr", "...-incr"
    "head/head-fat": 0.30, "head/head-scale-horiz": 0.35, "head/head-scale-vert": 0.30,
    "nose/nose-scale-horiz": 0.45, "nose/nose-scale-depth": 0.40, "nose/nose-scale-vert": 0.35,
    "nose/nose-hump": 0.35, "nose/nose-point-width": 0.40, "mouth/mouth-scale-horiz": 0.40,
    "mouth/mouth-upperlip-volume": 0.45, "mouth/mouth-lowerlip-volume": 0.45,
    "chin/chin-width": 0.40, "chin/chin-height": 0.35, "chin/chin-prominent": 0.35,
    "chin/chin-jaw-drop": 0.30, "cheek/?-cheek-bones": 0.40, "cheek/?-cheek-volume": 0.40,
    "eyes/?-eye-height2": 0.35, "eyes/?-eye-scale": 0.35, "ears/?-ear-scale": 0.40,
}  # fmt: skip
MODERATE = 0.6  # faces drawn at their full deviation look like caricatures
HEAD_SHAPES = ("oval", "round", "square", "triangular", "rectangular", "diamond")
FACE_HEIGHT = 0.190  # metres from hairline to chin
HEAD_ABOVE = 0.16  # metres from the middle of the face to the top of the hair
OWN = 1_000_000  # identities from here on belong to the seeds of selfies, ten to each

# What hangs together, and why it must; tests hold every other pair of factors apart.
LINKS = {
    ("female", "beard"): "no beard on feminine bodies",
    ("tone", "ancestry"): "skin and the bones of a face come from the same ancestors",
    ("tone", "haircol"): "hair of dark-skinned people is rarely blond",
    ("tone", "iris"): "and their eyes are rarely blue",
    ("old", "haircol"): "grey comes with age",
    ("kind", "dist"): "what a kind of shot is",
    ("kind", "n"): "only groups have several people",
    ("kind", "background"): "a mirror hangs indoors, and nobody stands in a car",
    ("kind", "phone"): "a mirror shows the phone that takes the photo",
    ("kind", "cut"): "only near shots cut a face",
    ("dist", "cut"): "only near shots cut a face",
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
    light_skin: str  # pictures of skin, mixed by tone
    dark_skin: str
    freckles: float  # 0 none .. 1 many
    hair: str
    hair_cards: str | None  # MakeHuman's hair; None grows from the scalp
    haircol: str
    hairlen: float  # metres
    fringe: bool  # falls into the face
    curl: float  # 0 straight .. 1 wavy; an afro is curly by itself
    beard: str | None  # stubble, full
    beardlen: float  # metres
    brows: str
    brow: float  # density of the brows, 0 .. 1
    lashes: str
    iris: str


@dataclass(frozen=True)
class Look:
    """How one person looks and is dressed on one selfie."""

    expression: str
    intensity: float  # of the expression, about 1
    tilt: float  # radians, to the person's left
    yaw: float  # radians
    pitch: float  # radians, down
    gaze: Vector  # metres beside the camera
    place: Vector  # metres from the middle of the picture's people
    arm: str | None  # l or r: the arm that holds the camera
    phone: str | None  # l or r: the hand in which a phone is seen
    phone_high: bool  # before the face rather than the chest
    makeup: float  # 0 none .. 1 strong
    lips: Colour | None
    blush: float  # 0 .. 1
    glasses: str | None  # clear, sun
    frame: tuple[float, float, float, float]  # half width, half height (m), roundness, rim (m)
    frame_colour: Colour
    lens_colour: Colour
    hat: str | None  # cap, beanie
    hat_colour: Colour
    top: str  # MakeHuman's clothes
    top_colour: Colour
    pattern: str
    pattern_colour: Colour
    leg_colour: Colour


@dataclass(frozen=True)
class Selfie:
    """Everything that is on one photo, and how it was taken."""

    seed: int  # of what is too small to name: grain, rendering noise
    kind: str
    dist: float  # metres from the camera to the middle of the faces
    fov: float  # degrees
    camera_elev: float  # degrees above the face
    camera_side: float  # degrees to the left of the face
    roll: float  # degrees
    face_x: float  # middle of the faces in the frame, 0 left .. 1 right
    face_y: float  # 0 top .. 1 bottom
    cut: str  # where the frame cuts the face
    lighting: str
    light: str  # environment that lights the people
    light_turn: float  # radians
    warm: bool  # lamps rather than daylight
    key_side: float  # radians, place of the main light
    key_height: float  # metres above the face, per metre of distance
    rim: tuple[float, str] | None  # a light behind: metres to the side, colour
    background: str
    scene: int  # which place of that kind
    scene_turn: float  # radians
    blur: float  # of what is behind, share of the frame
    filter: str
    noise: float  # standard deviation of the grain, brightness in [0, 1]
    border: float  # width of a white border, share of the frame
    people: tuple[tuple[Person, Look], ...]


def flat(selfie: Selfie) -> dict[str, object]:
    """Return the factors of a selfie as one JSON object, people as a list of objects."""
    facts: dict[str, object] = asdict(replace(selfie, people=()))
    unsaid = ("face", "gaze", "frame", "ancestry")
    people = [
        {k: v for k, v in (asdict(person) | asdict(look)).items() if k not in unsaid}
        for person, look in selfie.people
    ]
    facts |= {"border": selfie.border > 0, "border_width": selfie.border}
    return facts | {"n": len(people), "people": people}
