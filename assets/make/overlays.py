"""What lies over a composition: glasses and hats, what hides a face, stickers, words, a screen."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from plan import Person, Plan

from selfie_core.photo.faces import Face

Pixels = NDArray[np.float32]  # (H, W, 3), linear
Point = tuple[float, float]


def put_on(scene: Pixels, mask: Image.Image, colour: float | NDArray[np.float64]) -> Pixels:
    """Return a scene with a colour where the mask says, as light as the scene."""
    share = np.asarray(mask, np.float32)[..., None] / 255
    return (scene * (1 - share) + share * colour * scene.mean() * 2.5).astype(np.float32)


def sunglasses(face: Face, size: tuple[int, int]) -> Image.Image:
    """Return where dark glasses cover a face."""
    mask = Image.new("L", size)
    pen = ImageDraw.Draw(mask)
    (ax, ay), (bx, by) = face.landmarks[:2]
    apart = max(2.0, float(np.hypot(bx - ax, by - ay)))
    for x, y in ((ax, ay), (bx, by)):
        pen.ellipse((x - 0.44 * apart, y - 0.3 * apart, x + 0.44 * apart, y + 0.38 * apart), 245)
    pen.line((ax, ay, bx, by), 245, max(1, round(0.1 * apart)))
    return mask.filter(ImageFilter.GaussianBlur(0.5))


def hat_on(face: Face, size: tuple[int, int]) -> Image.Image:
    """Return where a cap or a beanie covers a head."""
    mask = Image.new("L", size)
    at = _on(face)
    corners = [(-1.25, -0.75), (1.25, -0.75), (1.1, -1.65), (0.5, -2.1), (-0.5, -2.1),
               (-1.1, -1.65)]  # fmt: skip
    ImageDraw.Draw(mask).polygon([at(x, y) for x, y in corners], 255)
    return mask.filter(ImageFilter.GaussianBlur(1))


def cover(scene: Pixels, face: Face, person: Person) -> tuple[Pixels, Image.Image]:
    """Return a scene with a phone, a hand or hair before a face, and where that is.

    Args:
        scene: Linear pixels, shape (H, W, 3).
        face: In pixels of it; its landmarks may lie outside.
        person: What covers it, and where: from the left cheek (-1) to the right one (1).
    """
    size = scene.shape[1], scene.shape[0]
    mask = Image.new("L", size)
    pen = ImageDraw.Draw(mask)
    at, where = _on(face), person.cover_at
    match person.cover:
        case "hair":  # from the parting over one eye, down the cheek
            side = 1 if where > 0 else -1
            strand = [(0, -1.4), (0.9, -1.2), (1.1, 1.2), (0.62, 1.4), (0.75 - abs(where), 0.1)]
            pen.polygon([at(side * x, y) for x, y in strand], 255)
        case "hand":
            for finger in range(4):
                bent = where + 0.34 * (finger - 1.5)
                pen.line([at(bent, 0.9), at(bent * 1.15, -0.55)], 255, _wide(face, 0.3))
            pen.ellipse(_box([at(where - 0.75, 0.35), at(where + 0.75, 1.9)]), 255)
        case _:  # a phone, upright
            x, wide = 1.6 * where, 0.6
            corners = [(x - wide, -1.0), (x + wide, -1.0), (x + wide, 1.5), (x - wide, 1.5)]
            pen.polygon([at(u, v) for u, v in corners], 255)
    soft = mask.filter(ImageFilter.GaussianBlur(0.7))
    colour = np.array(person.cover_colour) ** 2.2
    if person.cover == "hand":  # of the person: as their nose is lit
        u, v = (round(c) for c in face.landmarks[2])
        nose = scene[max(0, v - 2) : v + 3, max(0, u - 2) : u + 3].reshape(-1, 3)
        share = np.asarray(soft, np.float32)[..., None] / 255
        skin = np.median(nose, axis=0) if len(nose) else scene.mean(axis=(0, 1))
        return (scene * (1 - share) + 0.85 * share * skin).astype(np.float32), soft
    scene = put_on(scene, soft, colour)
    if person.cover == "flash":
        scene = scene + _glow(size, at(1.6 * where, -0.75), 0.12 * max(size))
    return scene.astype(np.float32), soft


def hidden_eyes(face: Face, mask: Image.Image) -> float:
    """Return the share of the eyes under a mask, in [0, 1]; an eye is that of `cut_eyes`."""
    (ax, ay), (bx, by) = face.landmarks[:2]
    half = max(1.0, float(np.hypot(bx - ax, by - ay)) / 4)
    eyes = [
        mask.crop((round(x - half), round(y - half), round(x + half), round(y + half)))
        for x, y in ((ax, ay), (bx, by))
    ]
    return float(np.mean([np.asarray(eye, np.float32).mean() / 255 for eye in eyes]))


def write_on(sheet: Image.Image, plan: Plan) -> None:
    """Draw a plan's stickers, words and screen onto its sheet."""
    pen = ImageDraw.Draw(sheet)
    for x, y, size, kind, colour in plan.stickers:
        _stick(pen, (x * sheet.width, y * sheet.height), size * sheet.width / 2, kind, colour)
    if plan.words:
        _say(pen, sheet, plan)
    if plan.screen:
        _show_screen(pen, sheet, plan)


def _stick(pen: ImageDraw.ImageDraw, at: Point, r: float, kind: str, colour: tuple) -> None:
    x, y = at
    match kind:
        case "star":
            reach = [r if point % 2 == 0 else 0.42 * r for point in range(10)]
            turns = np.arange(10) * np.pi / 5 - np.pi / 2
            rays = zip(reach, turns, strict=True)
            pen.polygon([(x + k * np.cos(turn), y + k * np.sin(turn)) for k, turn in rays], colour)
        case "heart":
            pen.ellipse((x - r, y - r, x, y + 0.2 * r), colour)
            pen.ellipse((x, y - r, x + r, y + 0.2 * r), colour)
            pen.polygon(
                [(x - 0.96 * r, y - 0.1 * r), (x + 0.96 * r, y - 0.1 * r), (x, y + r)], colour
            )
        case _:  # a round face
            pen.ellipse((x - r, y - r, x + r, y + r), colour)
            for side in (-0.35, 0.35):
                u, v = x + side * r, y - 0.25 * r
                pen.ellipse((u - 0.13 * r, v - 0.16 * r, u + 0.13 * r, v + 0.16 * r), "black")
            mouth = x - 0.5 * r, y - 0.3 * r, x + 0.5 * r, y + 0.6 * r
            pen.arc(mouth, 20, 160, "black", max(1, round(r / 8)))


def _say(pen: ImageDraw.ImageDraw, sheet: Image.Image, plan: Plan) -> None:
    place = plan.words_x * sheet.width, plan.words_y * sheet.height
    font = ImageFont.load_default(max(5.0, plan.words_size * sheet.width))
    if plan.words_band:
        _, _, right, bottom = pen.textbbox(place, plan.words, font)
        pen.rectangle((0, place[1], max(right, sheet.width), bottom), (0, 0, 0))
    pen.text(place, plan.words, plan.ink, font, stroke_width=1, stroke_fill="black")


def _show_screen(pen: ImageDraw.ImageDraw, sheet: Image.Image, plan: Plan) -> None:
    """Draw what a phone's screen shows above and below the photo: time, battery, buttons."""
    width, height = sheet.size
    ink = "black" if sum(plan.rim_colour) > 380 else "white"
    font = ImageFont.load_default(max(5.0, 0.045 * height))
    pen.text((0.05 * width, 0.012 * height), "12:41", ink, font)
    pen.rectangle((0.86 * width, 0.02 * height, 0.95 * width, 0.05 * height), outline=ink)
    for place in range(4):
        x, y, r = (0.14 + 0.24 * place) * width, 0.95 * height, 0.022 * height
        pen.ellipse((x - r, y - r, x + r, y + r), outline=ink)


def _on(face: Face):
    """Return a map from places on a face to pixels: x to its right, y down, in eye-mouth heights.

    (0, 0) is between the eyes, (0, 1) the mouth.
    """
    eyes, mouth = (np.mean(face.landmarks[a:b], axis=0) for a, b in ((0, 2), (3, 5)))
    reach = max(float(np.hypot(*(mouth - eyes))), 1e-6)
    down = (mouth - eyes) / reach
    right = np.array([down[1], -down[0]])

    def at(x: float, y: float) -> Point:
        u, v = eyes + reach * (x * right + y * down)
        return float(u), float(v)

    return at


def _wide(face: Face, share: float) -> int:
    eyes, mouth = (np.mean(face.landmarks[a:b], axis=0) for a, b in ((0, 2), (3, 5)))
    return max(1, round(share * float(np.hypot(*(mouth - eyes)))))


def _box(corners: list[Point]) -> tuple[float, float, float, float]:
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _glow(size: tuple[int, int], at: Point, wide: float) -> Pixels:
    """Return the light of a flash seen in a mirror, shape (H, W, 1)."""
    v, u = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    away = np.hypot(u - at[0], v - at[1]) / wide
    return (6 * np.exp(-((2.5 * away) ** 2)) + 0.5 * np.exp(-away))[..., None].astype(np.float32)
