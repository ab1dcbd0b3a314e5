"""Sampled selfies: who is on them, how they are dressed, framed, lit and finished.

Pure numpy; nothing is drawn here.  One seed gives one selfie, always the same.  A person is given
by an identity alone, so that one person can take many selfies.  Every factor is drawn without
regard to the others except for those in `factors.LINKS`.
"""

import colorsys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

import factors as f
import numpy as np
from factors import Colour, Look, Person, Selfie

Rng = np.random.Generator
T = TypeVar("T")


def sample_person(identity: int) -> Person:
    """Return the person of one identity; neighbours have nothing in common."""
    rng = np.random.default_rng([identity, 1])
    old = float(rng.beta(1.2, 4)) * 0.9
    female = float(rng.beta(0.35, 0.35))  # mostly near an end, some between
    ancestry = rng.dirichlet([0.5, 0.5, 0.5])
    tone = float(np.clip((ancestry @ [5.2, 1.8, 0.8] + rng.normal(0, 0.6)) / 6, 0, 0.99))
    hair = pick(rng, f.HAIR_STYLES)
    cards = f.HAIR_CARDS.get(hair)
    light, dark = zip(*f.HAIR_COLOURS.values(), strict=True)
    colour = pick(rng, dict(zip(f.HAIR_COLOURS, light if tone < 0.53 else dark, strict=True)))
    grey = rng.random() < (0.7 if old > 0.5 else 0.0)
    beard = pick(rng, {"": 0.5, "stubble": 0.25, "full": 0.25}) or None
    iris = one_of(rng, ("brown", "dark", "hazel", "green", "blue", "grey"))
    return Person(
        identity=identity,
        female=female,
        old=old,
        weight=float(np.clip(rng.normal(-0.1, 0.35), -0.8, 0.8)),
        muscle=float(rng.uniform(0, 0.4)),
        tone=tone,
        ancestry=(float(ancestry[0]), float(ancestry[1]), float(ancestry[2])),
        face=_face(rng),
        eye_open=float(rng.uniform(0.05, 0.3)),
        light_skin=one_of(rng, f.LIGHT_SKINS),
        dark_skin=one_of(rng, f.DARK_SKINS),
        freckles=float(rng.uniform(0.2, 1) if rng.random() < 0.15 else 0.0),
        hair=hair,
        hair_cards=one_of(rng, cards) if cards else None,
        haircol="grey" if grey else colour,
        hairlen=float(rng.uniform(*f.HAIR_LENGTHS[hair])),
        fringe=bool(rng.random() < 0.06),
        curl=float(rng.choice([0, 0.4, 1], p=[0.55, 0.27, 0.18])),
        beard=beard if female < 0.5 else None,
        beardlen=float(rng.uniform(0.006, 0.02)),
        brows=one_of(rng, f.BROWS),
        brow=float(rng.uniform(0.55, 1)),
        lashes=one_of(rng, f.LASHES),
        iris=iris if tone < 0.5 else "dark",
    )


def _face(rng: Rng) -> dict[str, float]:
    """Return weights of MakeHuman's targets that make one face unlike another."""
    weights: dict[str, float] = {}
    for name, deviation in f.FACE_SHAPES.items():
        amount = float(np.clip(rng.normal(0, deviation), -0.9, 0.9)) * f.MODERATE
        target = f"{name}-{'incr' if amount > 0 else 'decr'}"
        for side in "lr" if "?" in name else "?":
            weights[target.replace("?", side)] = abs(amount)
    shape, second = rng.choice(f.HEAD_SHAPES, 2, replace=False)
    weights[f"head/head-{shape}"] = float(rng.uniform(0.2, 0.8)) * f.MODERATE
    weights[f"head/head-{second}"] = float(rng.uniform(0, 0.3)) * f.MODERATE
    return weights


_VIVID = ((0.5, 0.6), (0.25, 0.85))  # saturation, value; of any hue
_CLOTH = (
    (0.85, 0.85, 0.84), (0.07, 0.07, 0.08), (0.12, 0.15, 0.25), (0.5, 0.5, 0.52),
    (0.45, 0.1, 0.12), (0.8, 0.72, 0.6), (0.3, 0.36, 0.25), (0.62, 0.7, 0.8),
    (0.85, 0.6, 0.62), (0.25, 0.22, 0.2),
)  # fmt: skip
_LEGS = ((0.15, 0.2, 0.35), (0.1, 0.1, 0.1), (0.5, 0.45, 0.35), (0.3, 0.35, 0.5))
_LIPS = ((0.72, 0.12, 0.2), (0.8, 0.35, 0.4), (0.5, 0.1, 0.2), (0.85, 0.3, 0.35))
_FRAMES = ((0.05, 0.05, 0.05), (0.25, 0.12, 0.06), (0.7, 0.6, 0.3), (0.5, 0.08, 0.1))
_LENSES = ((0.08, 0.08, 0.09), (0.15, 0.09, 0.05), (0.1, 0.14, 0.25))


def sample_look(rng: Rng, *, hat: bool = True) -> Look:
    """Return clothes, expression and pose of the head, facing the camera."""
    cloth = [*_CLOTH, *(_hue(rng, *vivid) for vivid in _VIVID)]
    first, second = (cloth[k] for k in rng.choice(len(cloth), 2, replace=False))
    worn = pick(rng, {"": 0.86, "cap": 0.07, "beanie": 0.07})
    hat_colour = _hue(rng, float(rng.uniform(0.1, 0.7)), float(rng.uniform(0.1, 0.8)))
    size = float(rng.uniform(0.023, 0.027)), float(rng.uniform(0.015, 0.021))
    roundness, rim = float(rng.choice([1, 0.75, 0.55])), float(rng.choice([0.0009, 0.0018]))
    gaze = rng.normal(0, 0.03, 3)
    return Look(
        expression=pick(rng, f.EXPRESSIONS),
        intensity=float(rng.uniform(0.6, 0.95)),
        tilt=float(rng.normal(0, 0.13)),
        yaw=float(rng.normal(0, 0.16)),
        pitch=float(rng.normal(0.02, 0.07)),
        gaze=(float(gaze[0]), float(gaze[1]), float(gaze[2])),
        place=(0.0, 0.0, 0.0),
        arm=None,
        phone=None,
        phone_high=bool(rng.random() < 0.12),
        makeup=float(rng.random()) if rng.random() < 0.4 else 0.0,
        lips=one_of(rng, _LIPS) if rng.random() < 0.18 else None,
        blush=float(rng.uniform(0.1, 0.6)),
        glasses=pick(rng, {"": 0.72, "clear": 0.15, "sun": 0.13}) or None,
        frame=(*size, roundness, rim),
        frame_colour=one_of(rng, _FRAMES),
        lens_colour=one_of(rng, _LENSES),
        hat=(worn or None) if hat else None,
        hat_colour=hat_colour,
        top=one_of(rng, f.TOPS),
        top_colour=first,
        pattern=pick(rng, f.PATTERNS),
        pattern_colour=second,
        leg_colour=one_of(rng, _LEGS),
    )


def sample_selfie(
    seed: int, *, identity: int | None = None, kinds: Iterable[str] = tuple(f.KINDS)
) -> Selfie:
    """Return the selfie of one seed.

    Args:
        seed: Gives everything but the person.
        identity: Who takes it; a person of the seed's own by default.
        kinds: The kinds of shot to choose from, in their usual proportion.
    """
    rng = np.random.default_rng([seed, 2])
    kind = pick(rng, {name: f.KINDS[name] for name in kinds})
    count = int(rng.choice([2, 3], p=[0.7, 0.3])) if kind == "group" else 1
    camera = _camera(rng, kind, count)
    places = {"mirror": f.INDOORS, "timer": f.STANDING}.get(kind, f.BACKGROUNDS)
    background = one_of(rng, places)
    selfie = Selfie(
        seed=seed,
        kind=kind,
        lighting=pick(rng, f.LIGHTINGS),
        light=one_of(rng, f.LIGHTS),
        light_turn=float(rng.uniform(-np.pi, np.pi)),
        warm=bool(rng.random() < 0.4),
        key_side=float(rng.uniform(-1.2, 1.2)),
        key_height=float(rng.uniform(0.3, 0.9)),
        rim=(float(rng.uniform(-1, 1)), one_of(rng, ("gold", "blue", "white")))
        if rng.random() < 0.2
        else None,
        background=background,
        scene=int(rng.integers(1 << 30)),
        scene_turn=float(rng.uniform(-np.pi, np.pi)),
        blur=float(rng.uniform(0.001, 0.012)),
        filter=pick(rng, f.FILTERS),
        noise=float(rng.uniform(0.015, 0.03) if rng.random() < 0.10 else rng.uniform(0.003, 0.012)),
        border=float(rng.uniform(0.04, 0.1)) if rng.random() < 0.08 else 0.0,
        people=(),
        **camera,  # pyright: ignore[reportArgumentType]
    )
    own = f.OWN + 10 * seed
    people = [sample_person(own if identity is None else identity)]
    people += [sample_person(own + place) for place in range(1, count)]
    looks = [sample_look(rng) for _ in people]
    return replace(selfie, people=tuple(zip(people, _pose(rng, selfie, looks), strict=True)))


def _camera(rng: Rng, kind: str, count: int) -> dict[str, float | str]:
    """Return where the camera stands and where it has the faces in the frame."""
    full = kind in f.FULL_LENGTH
    near, far = {
        "closeup": (0.28, 0.36), "selfie": (0.36, 0.56), "loose": (0.62, 0.95),
        "group": (0.32 + 0.15 * count, 0.48 + 0.15 * count),
        "mirror": (0.9, 1.6), "timer": (0.9, 1.6),
    }[kind]  # fmt: skip
    dist, fov = float(rng.uniform(near, far)), 42.0 if full else float(rng.uniform(48, 58))
    frame = 2 * dist * np.tan(np.radians(fov) / 2)  # metres at the face
    x, y = float(rng.normal(0.5, 0.06)), float(rng.normal(0.24 if full else 0.45, 0.05))
    y = max(y, (f.HEAD_ABOVE + 0.01) / frame)  # the whole head is in the frame
    x = float(np.clip(x, 0.3, 0.7)) if kind != "group" else 0.5
    cut = pick(rng, f.CUTS) if kind in ("closeup", "selfie") else "none"
    match cut:  # the middle of the face is 2 cm below the eyes
        case "forehead":
            y = (0.5 - float(rng.uniform(0.1, 0.32))) * f.FACE_HEIGHT / frame
        case "eyes":
            y = 0.02 / frame
        case "nose":
            y = -0.02 / frame
        case "mouth":
            y = 1 - 0.04 / frame
        case "side":
            x = 0.01 / frame if rng.random() < 0.5 else 1 - 0.01 / frame
    return {
        "dist": dist,
        "fov": fov,
        "camera_elev": float(rng.uniform(-2, 5) if full else rng.normal(8, 9)),
        "camera_side": float(rng.normal(0, 14)),
        "roll": 0.0 if full else float(rng.normal(0, 7)),
        "face_x": x,
        "face_y": y if cut == "mouth" else min(float(y), 0.72),
        "cut": cut,
    }


def _pose(rng: Rng, selfie: Selfie, looks: list[Look]) -> list[Look]:
    """Return the looks with heads turned to the camera, people side by side, and arms in use."""
    towards = np.radians(selfie.camera_side) * 0.8, np.radians(selfie.camera_elev) * 0.4
    indoors, count = selfie.background in f.INDOORS, len(looks)
    full = selfie.kind in f.FULL_LENGTH
    # Full-length shots show a phone equally often indoors, where half are mirrors, and outdoors.
    mirrors = f.KINDS["mirror"] * len(f.STANDING) / len(f.INDOORS)
    share = mirrors / (mirrors + f.KINDS["timer"])
    in_hand = (0.3 if indoors else share + 0.3 * (1 - share)) if full else 0.0
    has_phone = selfie.kind == "mirror" or rng.random() < in_hand
    hand, stretched = "lr"[rng.integers(2)], rng.random() < 0.7
    posed = []
    for place, look in enumerate(looks):
        x = (place - (count - 1) / 2) * float(rng.uniform(0.24, 0.30))
        y, z = float(rng.normal(0, 0.03)), -abs(float(rng.normal(0, 0.04))) - 0.09 * (place % 2)
        first = place == 0
        taking = first and stretched and selfie.kind not in ("closeup", *f.FULL_LENGTH)
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


def pick(rng: Rng, shares: dict[str, float]) -> str:
    """Return one of the names, each as often as its share says."""
    weights = np.array(list(shares.values()), float)
    return list(shares)[rng.choice(len(weights), p=weights / weights.sum())]


def one_of(rng: Rng, choices: Sequence[T]) -> T:
    """Return one of some choices, each as often."""
    return choices[rng.integers(len(choices))]


def _hue(rng: Rng, saturation: float, value: float) -> Colour:
    return colorsys.hsv_to_rgb(float(rng.random()), saturation, value)
