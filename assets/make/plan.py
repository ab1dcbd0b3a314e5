"""What a composition will look like, drawn at random: pure numbers, no pixels.

The shares and spreads follow the selfies of 2015 as the original's grids show them, wider
rather than narrower: the scorer is to know what lies outside its usual photos, too.
"""

from dataclasses import dataclass, field, replace

import numpy as np

WORDS = """love me today good vibes only sunday mood happy friends birthday selfie new hair tbt
follow night out summer weekend no filter bored work school miss you""".split()
LAMPS = ((1.3, 0.85, 0.5), (1.5, 0.45, 0.4), (0.6, 1.25, 0.55), (0.6, 0.75, 1.5), (1.2, 0.5, 1.3))
# What an edge of the photo cuts off a face, as a share of its height (of its width, from a side).
CUTS = {"forehead": (0.03, 0.28), "eyes": (0.3, 0.48), "nose": (0.5, 0.68), "chin": (0.72, 0.95),
        "side": (0.1, 0.9)}  # fmt: skip
COVERS = {"phone": 0.3, "hand": 0.25, "hair": 0.25, "flash": 0.2}  # flash: of a phone, in a mirror
COVER = 0.08  # share of the photos of one person with something before the face
STICKERS = ("heart", "star", "face")
CUT = 0.2  # share of the photos of one person that cut the face
WIDE = 0.75  # width of a face, in heights
AS_IT_IS = 0.5  # share of the photos of one person at their own place that are not relit
SHEETS = ((2, 1), (1, 2), (2, 2), (3, 1), (3, 3))


@dataclass(frozen=True)
class Person:
    """One person in a frame; places and sizes are shares of the frame."""

    source: int  # number of the source
    tall: float  # height of the face
    x: float  # middle of the face, from the left
    y: float  # and from the top
    tilt: float  # degrees
    mirrored: bool
    tone: float = 1.0  # factor on the luminance of the skin
    glasses: bool = False
    hat: tuple[float, float, float] | None = None  # its colour
    cover: str = ""  # what is before the face, of `COVERS`
    cover_at: float = 0.0  # from the left cheek (-1) to the right one (1)
    cover_colour: tuple[float, float, float] = (0.05, 0.05, 0.05)


@dataclass(frozen=True)
class Frame:
    """One picture: who is in it and what is behind them."""

    people: tuple[Person, ...]
    scene: str  # "own", "other" or "drawn"
    plate: int = 0  # number of the source whose plate is shown, or seed of what is drawn
    zoom: float = 1.0  # share of the plate that is shown
    shift: float = 0.0


@dataclass(frozen=True)
class Plan:
    """One composition; the defaults change nothing."""

    frames: tuple[Frame, ...]
    aspect: float = 1.0  # width / height
    stops: float = 0.0  # exposure of the people, in stops
    behind_stops: float = 0.0  # and of what is behind them
    lamp: tuple[float, float, float] = (1.0, 1.0, 1.0)
    night: float = 0.0  # 1 in the coloured lamps of a dark room
    side_light: float = 0.0
    side_angle: float = 0.0
    colour: float = 1.0  # 0 is black and white
    contrast: float = 1.0
    fade: float = 0.0  # luminance that black is lifted to
    dim: float = 0.0  # luminance taken from white
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    curve: tuple[float, float, float] | None = None  # exponents of the channels: an app's filter
    vignette: float = 0.0
    across: int = 1
    down: int = 1
    gap: float = 0.0  # between the frames of a collage
    rim_x: float = 0.0  # share of the width that is border
    rim_y: float = 0.0
    rim_top: float = 0.5  # share of the upper and lower border that is above
    rim_colour: tuple[int, int, int] = (255, 255, 255)
    rim_inner: float = 0.0  # a second border within the first, share of the longer side
    rim_inner_colour: tuple[int, int, int] = (0, 0, 0)
    screen: bool = False  # a screenshot: the border is a phone's screen
    stickers: tuple[tuple[float, float, float, str, tuple[int, int, int]], ...] = ()
    words: str = ""
    words_x: float = 0.0
    words_y: float = 0.0
    words_size: float = 0.1
    words_band: bool = False
    ink: tuple[int, int, int] = (255, 255, 255)
    blur: float = 0.0  # pixels
    grain: float = 0.0  # standard deviation
    grain_channels: int = 3
    shrink: float = 1.0
    sharpen: float = 0.0
    quality: int = 90  # of JPEG
    seed: int = field(default=0)

    @property
    def written(self) -> bool:
        """Whether anything lies over the photo."""
        return bool(self.words or self.stickers or self.screen)


def draw_plan(rng: np.random.Generator, people: int) -> Plan:
    """Return a plan for one composition of `people` sources."""
    kind = rng.choice(["single", "group", "collage"], p=[0.76, 0.15, 0.09])
    sheet = SHEETS[rng.choice(5, p=[0.4, 0.2, 0.2, 0.1, 0.1])]
    across, down = sheet if kind == "collage" else (1, 1)
    repeated = 1 if rng.random() < 0.5 else across * down
    frames = tuple(_frame(rng, people, group=kind == "group") for _ in range(repeated))
    light = _light(rng)
    if kind == "single" and frames[0].scene == "own" and rng.random() < AS_IT_IS:
        person = frames[0].people[0]
        if not (person.glasses or person.hat or person.cover):
            frames = (replace(frames[0], people=(replace(person, tone=1.0),)),)
            light["behind_stops"] = light["stops"]  # nothing but the photo's own crop
    return Plan(
        frames=frames,
        aspect=float(np.exp(rng.normal(0, 0.22))) if rng.random() < 0.3 else 1.0,
        across=across,
        down=down,
        gap=float(rng.uniform(0, 0.03)),
        seed=int(rng.integers(2**31)),
        **light,
        **_finish(rng),
        **_border(rng),
        **_writing(rng),
        **_flaws(rng),
    )


def _frame(rng: np.random.Generator, people: int, *, group: bool) -> Frame:
    tall = float(np.clip(np.exp(rng.normal(np.log(0.4), 0.5)), 0.07, 1.05))
    x, y = rng.normal(0.5, 0.12), rng.normal(0.4, 0.13) + 0.15 * (tall - 0.4)
    placed = [_person(rng, people, tall, x, y)]
    if not group and rng.random() < CUT:
        placed = [cut_off(placed[0], str(rng.choice(list(CUTS))), float(rng.random()))]
    if not group and rng.random() < COVER:
        colour = rng.uniform(0.02, 0.35) * rng.uniform(0.6, 1, 3)
        where = rng.uniform(-1, 1)
        what = str(rng.choice(list(COVERS), p=list(COVERS.values())))
        if what == "flash":  # held beside the face
            where = np.sign(where) * rng.uniform(0.7, 1.1)
        placed = [replace(placed[0], cover=what, cover_at=float(where),
                          cover_colour=tuple(float(c) for c in colour))]  # fmt: skip
    if group:
        tall = float(np.clip(0.75 * tall, 0.1, 0.5))
        count = int(rng.choice([2, 3, 4, 5], p=[0.55, 0.25, 0.12, 0.08]))
        middle = 0.5 + (np.arange(count) - (count - 1) / 2) * min(0.85 / count, 1.1 * tall)
        placed = [
            _person(rng, people, tall * rng.uniform(0.8, 1.2), place, y + rng.normal(0, 0.06))
            for place in rng.permutation(middle + rng.normal(0, 0.02, count))
        ]
    scene = str(rng.choice(["own", "other", "drawn"], p=[0.3, 0.3, 0.4]))
    if group and scene == "own":
        scene = "other"
    plate = int(rng.integers(people)) if scene == "other" else int(rng.integers(2**31))
    return Frame(tuple(placed), scene, plate, float(rng.uniform(0.4, 1)), float(rng.random()))


def _person(rng: np.random.Generator, people: int, tall: float, x: float, y: float) -> Person:
    hat = tuple(float(c) for c in rng.uniform(0.05, 0.9, 3)) if rng.random() < 0.08 else None
    return Person(
        source=int(rng.integers(people)),
        tall=float(tall),
        x=float(np.clip(x, 0.05, 0.95)),
        y=float(np.clip(y, 0.05, 0.9)),
        tilt=float(rng.normal(0, 13)),
        mirrored=bool(rng.random() < 0.5),
        tone=float(np.exp(rng.normal(0, 0.5))) if rng.random() < 0.6 else 1.0,
        glasses=bool(rng.random() < 0.14),
        hat=hat,  # type: ignore[arg-type]
    )


def cut_off(person: Person, what: str, depth: float) -> Person:
    """Return a person of whom an edge of the photo cuts something off, as `CUTS` says.

    Args:
        person: Upright enough that the edge runs through one part of the face.
        what: Of `CUTS`.
        depth: From the least that is cut off (0) to the most (1).
    """
    least, most = CUTS[what]
    off = least + depth * (most - least)
    tall = max(person.tall, 0.25)  # a smaller head at the edge is no selfie
    upright = replace(person, tall=tall, tilt=person.tilt / 2)
    if what != "side":
        return replace(upright, y=tall * (0.5 - off))
    x = WIDE * tall * (0.5 - off)
    return replace(upright, x=1 - x if person.mirrored else x)


def _light(rng: np.random.Generator) -> dict[str, object]:
    """Return the light: from a night club to a bright window; around people it may differ."""
    stops = float(np.clip(rng.normal(-0.15, 1.15), -3.6, 1.7))
    known: dict[str, object] = {"stops": stops, "behind_stops": stops + float(rng.normal(0, 0.8))}
    if rng.random() < 0.1:  # a flash in a dark room
        known |= {"stops": stops + 1.2, "behind_stops": stops - 1.8}
    if stops < -0.6 and rng.random() < 0.55:
        share = float(rng.uniform(0.3, 1))
        lamp = 1 + share * (np.array(LAMPS[rng.integers(len(LAMPS))]) - 1)
        known |= {"lamp": tuple(float(c) for c in lamp), "night": share}
    elif rng.random() < 0.3:  # warm bulbs, cool shade
        warm = float(rng.normal(0, 0.12))
        known["lamp"] = (1 + warm, 1.0, 1 - warm)
    if rng.random() < 0.4:
        known |= {"side_light": float(rng.uniform(0, 0.8)),
                  "side_angle": float(rng.uniform(0, 2 * np.pi))}  # fmt: skip
    return known


def _finish(rng: np.random.Generator) -> dict[str, object]:
    """Return the look: plain in half of the photos, else one of the filters of 2015."""
    if rng.random() < 0.09:
        return {"colour": 0.0, "contrast": float(rng.uniform(0.8, 1.4)),
                "fade": float(rng.uniform(0, 0.2)) if rng.random() < 0.5 else 0.0}  # fmt: skip
    known: dict[str, object] = {"colour": float(np.clip(rng.gamma(7.0, 0.145), 0.15, 2.4))}
    known["contrast"] = float(np.clip(rng.normal(1, 0.15), 0.6, 1.5))
    if rng.random() < 0.3:
        known |= {"fade": float(rng.uniform(0.03, 0.3)), "dim": float(rng.uniform(0, 0.12))}
    if rng.random() < 0.4:
        known["tint"] = tuple(float(c) for c in 1 + rng.normal(0, 0.06, 3))
    if rng.random() < 0.18:
        known["vignette"] = float(rng.uniform(0.2, 0.8))
    elif rng.random() < 0.04:  # heavy: black corners
        known["vignette"] = float(rng.uniform(0.9, 1.6))
    if rng.random() < 0.07:  # crossed curves, as of an app of 2015
        known["curve"] = tuple(float(c) for c in np.exp(rng.normal(0, 0.3, 3)))
    return known


def _border(rng: np.random.Generator) -> dict[str, object]:
    """Return a frame around the photo: all around, letterboxed, or as an instant picture."""
    if rng.random() > 0.27:
        return {}
    colour = (255,) * 3 if rng.random() < 0.6 else (0,) * 3
    if rng.random() < 0.15:
        colour = tuple(int(c) for c in rng.integers(225, 256, 3))
    width = float(rng.uniform(0.04, 0.34))
    if rng.random() < 0.08:  # a screenshot
        colour = tuple(int(c) for c in (rng.choice([0, 18, 30, 240, 255]),) * 3)
        return {"rim_y": float(rng.uniform(0.2, 0.45)), "rim_colour": colour, "screen": True}
    if rng.random() < 0.12:  # a frame in a frame
        other = tuple(0 if c > 128 else 255 for c in colour)
        inner = {"rim_inner": float(rng.uniform(0.01, 0.05)), "rim_inner_colour": other}
        return {"rim_x": width, "rim_y": width, "rim_colour": colour} | inner
    match rng.integers(4):
        case 0:
            return {"rim_x": width, "rim_colour": colour}
        case 1:
            return {"rim_y": width, "rim_colour": colour, "rim_top": float(rng.choice([0.5, 0.2]))}
        case _:
            return {"rim_x": width, "rim_y": width, "rim_colour": colour}


def _stickers(rng: np.random.Generator) -> tuple:
    """Return stickers near the rim, where people put them: place, size, kind, colour."""
    stuck = []
    for _ in range(rng.integers(1, 6)):
        x, y = rng.uniform(0.03, 0.97), rng.uniform(0.03, 0.97)
        if 0.22 < x < 0.78 and y < 0.7:  # not over the face
            x = x / 3 if x < 0.5 else 1 - (1 - x) / 3
        colour = tuple(int(c) for c in rng.choice([40, 90, 200, 255], 3))
        stuck.append((float(x), float(y), float(rng.uniform(0.06, 0.2)),
                      str(rng.choice(STICKERS)), colour))  # fmt: skip
    return tuple(stuck)


def _writing(rng: np.random.Generator) -> dict[str, object]:
    if rng.random() < 0.035:
        return {"stickers": _stickers(rng)}
    if rng.random() > 0.09:
        return {}
    return {
        "words": " ".join(rng.choice(WORDS, rng.integers(1, 6))),
        "words_x": float(rng.uniform(0, 0.3)),
        "words_y": float(rng.uniform(0.02, 0.88)),
        "words_size": float(rng.uniform(0.05, 0.16)),
        "words_band": bool(rng.random() < 0.3),
        "ink": (255,) * 3 if rng.random() < 0.7 else tuple(int(c) for c in rng.integers(0, 256, 3)),
    }


def _flaws(rng: np.random.Generator) -> dict[str, object]:
    """Return what became of the photo on its way: blur, grain, size, compression."""
    return {
        "blur": float(rng.gamma(1.2, 0.9)) if rng.random() < 0.4 else 0.0,
        "grain": float(rng.gamma(1.5, 0.025)) if rng.random() < 0.4 else 0.0,
        "grain_channels": int(rng.choice([1, 3])),
        "shrink": float(np.exp(rng.uniform(np.log(0.27), 0))),
        "sharpen": float(rng.uniform(0.2, 1.5)) if rng.random() < 0.3 else 0.0,
        # One in eight was saved again and again.
        "quality": int(rng.integers(10, 35) if rng.random() < 0.12 else rng.integers(35, 96)),
    }
