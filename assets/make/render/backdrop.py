"""What is behind the people: a painted, blurred wall, room, street or beach."""

import colorsys
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter
from sample import Rng, Selfie

CANVAS = 512  # pixels; out of focus, so larger photos need no larger canvas
# How bright the surroundings are in each light; people are lit in `studio.py`.
BRIGHTNESS = {"soft": 0.9, "bright": 1.1, "dark": 0.35, "harsh": 0.9, "flash": 0.3}
WARM = np.array([1.04, 0.98, 0.88])
Ink = tuple[int, int, int]


def paint_backdrop(selfie: Selfie, size: int) -> Image.Image:
    """Return the backdrop of a selfie, square, lit like the selfie and tilted with its camera."""
    rng = np.random.default_rng([selfie.seed, 3])
    picture = Image.new("RGB", (CANVAS, CANVAS))
    PAINTERS[selfie.background](picture, ImageDraw.Draw(picture), rng)
    sharp = selfie.kind in ("mirror", "timer")
    blur = rng.uniform(1.2, 2.5) if sharp else rng.uniform(3, 8)
    picture = picture.filter(ImageFilter.GaussianBlur(blur))
    big = round(size * 1.45)  # room for the tilt
    edge = (big - size) // 2
    picture = picture.resize((big, big), Image.Resampling.BICUBIC)
    tilt = float(np.clip(selfie.roll, -20, 20))
    picture = picture.rotate(tilt, resample=Image.Resampling.BICUBIC)
    picture = picture.crop((edge, edge, edge + size, edge + size))
    light = BRIGHTNESS[selfie.lighting]
    if selfie.background == "night":  # lights of its own
        light = 0.5 + light / 2
    picture = ImageEnhance.Brightness(picture).enhance(light)
    if selfie.warm:
        pixels = np.asarray(picture) * WARM
        picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    return picture


def _ink(hue: float, saturation: float, value: float) -> Ink:
    rgb = colorsys.hsv_to_rgb(hue % 1, min(1, max(0, saturation)), min(1, max(0, value)))
    return tuple(int(255 * channel) for channel in rgb)  # pyright: ignore[reportReturnType]


def _gradient(picture: Image.Image, top: Ink, bottom: Ink, *, side: float = 0.0) -> None:
    """Fill a picture from one colour above to another below; `side` brightens the right."""
    down = np.linspace(0, 1, CANVAS)[:, None, None]
    pixels = np.array(top) * (1 - down) + np.array(bottom) * down
    pixels = pixels * (1 + side * np.linspace(-1, 1, CANVAS)[None, :, None])
    picture.paste(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)))


def _glow(picture: Image.Image, x: float, y: float, radius: float, ink: Ink) -> None:
    """Add a soft round light; places and radius are shares of the picture."""
    v, u = np.mgrid[0 : 1 : CANVAS * 1j, 0 : 1 : CANVAS * 1j]
    share = np.exp(-((u - x) ** 2 + (v - y) ** 2) / radius**2)[..., None]
    pixels = np.asarray(picture, float)
    pixels = pixels + (255 - pixels) * share * np.array(ink) / 255
    picture.paste(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)))


def _plain(picture: Image.Image, pen: ImageDraw.ImageDraw, rng: Rng) -> None:
    del pen
    hue, saturation, value = rng.random(), rng.uniform(0, 0.35), rng.uniform(0.5, 0.95)
    below = _ink(hue + 0.03, saturation, value * rng.uniform(0.75, 1))
    _gradient(picture, _ink(hue, saturation, value), below, side=rng.uniform(-0.15, 0.15))


def _room(picture: Image.Image, pen: ImageDraw.ImageDraw, rng: Rng) -> None:
    size, hue, value = CANVAS, rng.random() * 0.2, rng.uniform(0.6, 0.95)
    _gradient(
        picture, _ink(hue, rng.uniform(0.02, 0.25), value), _ink(hue, 0.2, value * 0.8),
        side=rng.uniform(-0.12, 0.12),
    )  # fmt: skip
    for _ in range(rng.integers(1, 4)):  # framed pictures
        x, y = rng.uniform(0, size * 0.85), rng.uniform(0.05, 0.35) * size
        wide, high = rng.uniform(0.12, 0.25) * size, rng.uniform(0.15, 0.3) * size
        box = (x, y, x + wide, y + high)
        pen.rectangle(box, _ink(0.1, 0.08, 0.95), _ink(hue, 0.3, 0.35), 5)
        inner = (x + wide * 0.2, y + high * 0.2, x + wide * 0.8, y + high * 0.8)
        pen.rectangle(inner, _ink(rng.random(), rng.uniform(0.15, 0.5), rng.uniform(0.4, 0.9)))
    floor = size * rng.uniform(0.75, 0.85)
    pen.rectangle((0, floor, size, size), _ink(0.08, 0.4, 0.5))
    left, ink = rng.uniform(-0.2, 0.5) * size, _ink(rng.random(), 0.3, rng.uniform(0.35, 0.8))
    if rng.random() < 0.6:  # sofa
        box = (left, floor - 0.22 * size, left + 0.6 * size, floor + 0.06 * size)
        pen.rounded_rectangle(box, 24, ink)
    if rng.random() < 0.4:  # window
        x = rng.uniform(0, size * 0.7)
        box = (x, size * 0.05, x + size * 0.3, size * 0.55)
        pen.rectangle(box, (248, 250, 250), (230, 225, 215), 12)
    elif rng.random() < 0.5:  # lamp
        _glow(picture, rng.uniform(0, 1), rng.uniform(0.2, 0.5), 0.2, (255, 225, 160))


def _shelf(picture: Image.Image, pen: ImageDraw.ImageDraw, rng: Rng) -> None:
    size = CANVAS
    picture.paste(_ink(0.08, 0.5, 0.3), (0, 0, size, size))
    for row in range(1, 6):
        board, x = row * size / 5 - 8, 0.0
        while x < size:
            wide, high = rng.uniform(0.02, 0.06) * size, rng.uniform(0.11, 0.17) * size
            ink = _ink(rng.random(), rng.uniform(0.15, 0.65), rng.uniform(0.25, 0.85))
            if rng.random() < 0.9:
                pen.rectangle((x, board - high, x + wide, board), ink)
            x += wide
        pen.rectangle((0, board, size, board + 12), _ink(0.08, 0.5, 0.45))


def _beach(picture: Image.Image, pen: ImageDraw.ImageDraw, rng: Rng) -> None:
    size, sea = CANVAS, rng.uniform(0.35, 0.6) * CANVAS
    _gradient(picture, _ink(0.57, 0.45, 0.95), _ink(0.55, 0.12, 1.0))
    pen.rectangle((0, sea, size, size), _ink(0.53, 0.6, 0.7))
    pen.rectangle((0, sea, size, sea + 8), _ink(0.56, 0.6, 0.6))
    left, right = (sea + rng.uniform(0.1, 0.3) * size for _ in range(2))
    pen.polygon([(0, left - 8), (size, right - 8), (size, size), (0, size)], (235, 240, 240))
    pen.polygon([(0, left), (size, right), (size, size), (0, size)], _ink(0.11, 0.3, 0.9))


def _park(picture: Image.Image, pen: ImageDraw.ImageDraw, rng: Rng) -> None:
    size = CANVAS
    _gradient(picture, _ink(0.56, 0.3, 1), _ink(0.25, 0.3, 0.8))
    pen.rectangle((0, size * 0.62, size, size), _ink(0.26, 0.5, 0.6))
    for dark in np.linspace(0.3, 0.9, 90):  # leaves in the light lie over those in the shade
        x, y, r = rng.uniform(0, size), rng.uniform(0, size * 0.62), rng.uniform(0.02, 0.1) * size
        ink = _ink(rng.uniform(0.2, 0.34), rng.uniform(0.4, 0.75), dark * rng.uniform(0.7, 1))
        pen.ellipse((x - r, y - r, x + r, y + r), ink)
    _dots(pen, rng, 12, (0.12, 0.3, 1.0))


def _dots(pen: ImageDraw.ImageDraw, rng: Rng, count: int, hsv: tuple[float, float, float]) -> None:
    """Draw lights out of focus."""
    for _ in range(count):
        x, y, r = rng.uniform(0, CANVAS), rng.uniform(0, CANVAS), rng.uniform(0.01, 0.035) * CANVAS
        ink = _ink(hsv[0] + rng.normal(0, 0.03), hsv[1], hsv[2] * rng.uniform(0.5, 1))
        pen.ellipse((x - r, y - r, x + r, y + r), ink)


def _city(picture: Image.Image, pen: ImageDraw.ImageDraw, rng: Rng) -> None:
    size = CANVAS
    hue = rng.uniform(0.5, 0.65) if rng.random() < 0.5 else rng.uniform(0.02, 0.1)
    _gradient(picture, _ink(hue, 0.4, rng.uniform(0.6, 1)), _ink(hue + 0.05, 0.25, 0.97))
    for _ in range(14):
        x, wide = rng.uniform(-0.1, 1) * size, rng.uniform(0.08, 0.2) * size
        roof, value = rng.uniform(0.15, 0.6) * size, rng.uniform(0.25, 0.65)
        pen.rectangle((x, roof, x + wide, size), _ink(rng.uniform(0.5, 0.7), 0.15, value))
        for row in np.arange(roof + 10, size, 26):
            for column in np.arange(x + 8, x + wide - 12, 22):
                if rng.random() < 0.5:
                    lit = _ink(0.12, 0.4, min(1, value + 0.35))
                    pen.rectangle((column, row, column + 11, row + 13), lit)


def _night(picture: Image.Image, pen: ImageDraw.ImageDraw, rng: Rng) -> None:
    _gradient(picture, (10, 10, 24), (34, 24, 36))
    for _ in range(6):
        hue = rng.random() if rng.random() < 0.5 else 0.1
        _dots(pen, rng, 9, (hue, rng.uniform(0.3, 0.85), 1.0))
    _glow(picture, rng.random(), rng.uniform(0.3, 1), 0.35, _ink(rng.random(), 0.6, 0.5))


def _car(picture: Image.Image, pen: ImageDraw.ImageDraw, rng: Rng) -> None:
    size = CANVAS
    _gradient(picture, _ink(0.55, 0.2, 0.95), _ink(0.3, 0.25, 0.7))
    seat = _ink(rng.choice([0.07, 0.6]), rng.uniform(0.05, 0.3), rng.uniform(0.15, 0.5))
    shade = _ink(0.07, 0.1, 0.2)
    pen.polygon([(0, 0), (size, 0), (size, size * 0.12), (0, size * 0.2)], _ink(0.1, 0.08, 0.5))
    pen.rectangle((0, size * 0.7, size, size), shade)
    pen.rounded_rectangle((size * 0.2, size * 0.45, size * 0.8, size * 1.1), 40, seat)
    pen.rounded_rectangle((size * 0.36, size * 0.25, size * 0.64, size * 0.5), 24, seat)
    pen.polygon([(0, 0), (size * 0.12, 0), (size * 0.03, size), (0, size)], shade)


def _bath(picture: Image.Image, pen: ImageDraw.ImageDraw, rng: Rng) -> None:
    size, hue, value, tiles = CANVAS, rng.random(), rng.uniform(0.7, 0.95), rng.integers(8, 14)
    _gradient(picture, _ink(hue, 0.1, value), _ink(hue, 0.14, value * 0.9))
    joint, floor = _ink(hue, 0.05, value * 0.85), size * 0.86
    for line in np.linspace(0, size, tiles + 1):
        pen.line([(line, 0), (line, floor)], joint, 3)
        pen.line([(0, line), (size, line)], joint, 3)
    pen.rectangle((0, floor, size, size), _ink(0.1, 0.1, 0.5))
    x = (rng.uniform(0.6, 0.75) if rng.random() < 0.5 else rng.uniform(0.02, 0.1)) * size
    door = _ink(0.08, rng.uniform(0.1, 0.5), rng.uniform(0.4, 0.9))
    pen.rectangle((x, size * 0.1, x + size * 0.25, floor), door, _ink(0.08, 0.3, 0.3), 5)


PAINTERS: dict[str, Callable[[Image.Image, ImageDraw.ImageDraw, Rng], None]] = {
    "plain": _plain, "room": _room, "shelf": _shelf, "beach": _beach, "park": _park,
    "city": _city, "night": _night, "car": _car, "bath": _bath,
}  # fmt: skip
