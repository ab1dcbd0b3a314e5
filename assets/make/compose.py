"""Compose selfies for training from photos of single people, each with its factors known.

    python assets/make/compose.py SOURCES OUT --count 10000 --seed 0

A composition is one source reframed (face size, place, tilt), relit, filtered, degraded and perhaps
framed, repeated, grouped or written on.  Light is drawn without regard to the source, so that it
says nothing of the skin in it.  OUT gets the photos and factors.jsonl.
"""

import argparse
import io
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from tqdm import tqdm

from selfie_core import images, store
from selfie_core.faces import Face, find_faces

CANVAS = 224  # pixels; a composition is drawn at this size, then reduced
WORDS = "love me today good vibes only sunday mood happy friends birthday selfie new hair".split()
Pixels = NDArray[np.float32]  # (H, W, 3), RGB in [0, 1]


@dataclass(frozen=True)
class Source:
    """One photo with the box of its largest face, in pixels, and what may lie around it."""

    name: str
    photo: Image.Image
    face: Face
    around: Image.Image  # 1 / FAR of the size, the rim drawn out by FAR_PAD pixels


FAR, FAR_PAD = 16, 96  # the surroundings are a blur: a small picture of them is enough


def open_source(path: Path) -> Source | None:
    """Return a source, or None where no face is found."""
    photo = images.open_photo(path)
    found = find_faces(photo)
    if not found:
        return None
    small = np.asarray(photo.reduce(FAR))
    drawn_out = np.pad(small, ((FAR_PAD, FAR_PAD), (FAR_PAD, FAR_PAD), (0, 0)), mode="edge")
    around = Image.fromarray(drawn_out).filter(ImageFilter.GaussianBlur(1.5))
    return Source(path.stem, photo, found[0], around)


def reframe(source: Source, rng: np.random.Generator) -> tuple[Pixels, dict[str, float], Pixels]:
    """Return a square frame around the face, its factors, and a soft mask of the person (H, W, 1).

    What lies outside the source is filled by its rim, drawn out and blurred.
    """
    tall = float(np.exp(rng.uniform(np.log(0.14), np.log(0.85))))  # face height, share of frame
    x = float(np.clip(rng.normal(0.5, 0.1), 0.15, 0.85))
    y = float(np.clip(rng.normal(0.42, 0.13), 0.12, 0.75))
    tilt = float(rng.normal(0, 9))
    face = source.face
    scale = (face.bottom - face.top) / (tall * CANVAS)  # source pixels per pixel of the frame
    turn = np.deg2rad(tilt)
    cos, sin = np.cos(turn) * scale, np.sin(turn) * scale
    centre = (face.left + face.right) / 2, (face.top + face.bottom) / 2
    flip = -1.0 if rng.random() < 0.5 else 1.0
    # PIL wants frame (u, v) -> source.
    a, b = cos * flip, sin * flip
    c = centre[0] - a * x * CANVAS - b * y * CANVAS
    d, e = -sin, cos
    f = centre[1] - d * x * CANVAS - e * y * CANVAS
    frame = _frame(source, (a, b, c, d, e, f))
    pixels = np.asarray(frame, np.float32) / 255
    v, u = np.mgrid[0:CANVAS, 0:CANVAS].astype(np.float32) / CANVAS
    head = ((u - x) / (0.55 * tall)) ** 2 + ((v - y + 0.1 * tall) / (0.85 * tall)) ** 2 < 1
    body = (v > y + 0.4 * tall) & (np.abs(u - x) < 0.6 * tall + 0.7 * (v - y - 0.4 * tall))
    mask = Image.fromarray(((head | body) * 255).astype(np.uint8))
    soft = np.asarray(mask.filter(ImageFilter.GaussianBlur(tall * 18)), np.float32)[..., None] / 255
    top = y - 0.55 * tall  # hairline: CenterFace's box starts at the brow's upper end
    factors = {
        "face_height": min(1.0, tall),
        "face_y": y,
        "off_centre": abs(x - 0.5),
        "forehead_cut": float(np.clip(-top / (0.3 * tall), 0, 1)),
        "tilt": abs(tilt),
        "faces": 1.0,
    }
    return pixels, factors, soft


def _frame(source: Source, affine: tuple[float, ...]) -> Image.Image:
    """Return the part of a source that an affine map (frame -> source pixels) shows."""
    size, how = (CANVAS, CANVAS), Image.Transform.AFFINE
    far = [value / FAR for value in affine]
    far[2] += FAR_PAD
    far[5] += FAR_PAD
    out = source.around.transform(size, how, far, Image.Resampling.BICUBIC)
    inside = Image.new("L", source.photo.size, 255)
    soft = inside.transform(size, how, affine).filter(ImageFilter.GaussianBlur(4))
    soft = soft.point(lambda value: max(0, value * 2 - 255))  # no dark rim from outside the source
    out.paste(source.photo.transform(size, how, affine, Image.Resampling.BICUBIC), mask=soft)
    return out


def relight(
    pixels: Pixels, mask: Pixels, rng: np.random.Generator
) -> tuple[Pixels, dict[str, float]]:
    """Return the photo under other light; the surroundings are lit apart from the person."""
    light = float(rng.beta(1.6, 1.3))  # 0 a night club, 1 a bright window
    stops = -2.6 * (1 - light) ** 1.3 + 0.9 * light**2
    around = stops + float(rng.normal(0, 0.6))
    gain = 2 ** (stops * mask + around * (1 - mask))
    linear = (pixels**2.2) * gain
    if light < 0.45 and rng.random() < 0.6:  # lamps of one colour
        lamp = np.array([(1.3, 0.85, 0.5), (1.4, 0.6, 0.6), (0.7, 1.2, 0.6), (0.7, 0.8, 1.4)])
        linear *= 1 + (lamp[rng.integers(4)] - 1) * rng.uniform(0.3, 1)
    if rng.random() < 0.25:  # light from one side
        angle = rng.uniform(0, 2 * np.pi)
        v, u = np.mgrid[-1 : 1 : CANVAS * 1j, -1 : 1 : CANVAS * 1j]
        linear *= (1 + 0.6 * (u * np.cos(angle) + v * np.sin(angle)))[..., None].clip(0.15)
    # A shoulder as film and phones have one: highlights roll off rather than clip.
    return (1 - np.exp(-1.6 * linear)).clip(0, 1) ** (1 / 2.2) / 0.92, {"light": light}


def finish(pixels: Pixels, rng: np.random.Generator) -> tuple[Pixels, dict[str, float]]:
    """Return the photo with contrast, colour and filter changed."""
    grey = pixels @ np.array([0.299, 0.587, 0.114], np.float32)
    mono = float(rng.random() < 0.12)
    colour = 0.0 if mono else float(rng.gamma(4.0, 0.25))  # 1 leaves the colours as they are
    out = grey[..., None] + (pixels - grey[..., None]) * min(colour, 2.2)
    out = 0.5 + (out - 0.5) * rng.uniform(0.75, 1.25)
    fade = float(rng.uniform(0.05, 0.3)) if rng.random() < 0.25 else 0.0
    out = fade + out * (1 - fade)
    if not mono and rng.random() < 0.35:  # warm, cool, sepia, rose ...
        out = out * (1 + rng.normal(0, 0.08, 3))
    if rng.random() < 0.15:
        v, u = np.mgrid[-1 : 1 : CANVAS * 1j, -1 : 1 : CANVAS * 1j]
        out = out * (1 - rng.uniform(0.2, 0.6) * (u * u + v * v) / 2)[..., None]
    return out.clip(0, 1).astype(np.float32), {"monochrome": mono, "fade": fade}


def arrange(parts: list[Pixels], rng: np.random.Generator) -> tuple[Pixels, float]:
    """Return several frames side by side or in a grid, and how many faces that makes."""
    across, down = [(2, 1), (1, 2), (2, 2), (3, 1), (3, 3)][
        rng.choice(5, p=[0.4, 0.2, 0.2, 0.1, 0.1])
    ]
    gap = int(rng.integers(0, 6))
    sheet = Image.new("RGB", (CANVAS, CANVAS), "white" if rng.random() < 0.7 else "black")
    width, height = CANVAS // across, CANVAS // down
    for place in range(across * down):
        part = _picture(parts[place % len(parts)])
        side = max(width, height)
        part = part.resize((side, side), Image.Resampling.BICUBIC)
        left, top = (side - width) // 2, (side - height) // 2
        part = part.crop((left, top, left + width - gap, top + height - gap))
        sheet.paste(part, (place % across * width, place // across * height))
    return np.asarray(sheet, np.float32) / 255, float(across * down)


def degrade(photo: Image.Image, rng: np.random.Generator) -> tuple[Image.Image, dict[str, float]]:
    """Return the photo blurred, grainy, reduced and compressed as photos on the web are."""
    blur = float(rng.gamma(1.0, 0.9)) if rng.random() < 0.3 else 0.0
    noise = float(rng.gamma(1.5, 0.03)) if rng.random() < 0.4 else 0.0
    photo = photo.filter(ImageFilter.GaussianBlur(blur)) if blur else photo
    pixels = np.asarray(photo, np.float32) / 255
    grain = rng.standard_normal((*pixels.shape[:2], 3 if rng.random() < 0.5 else 1))
    photo = _picture(pixels + noise * grain.astype(np.float32))
    side = int(np.exp(rng.uniform(np.log(56), np.log(CANVAS))))
    photo = photo.resize((side, side), Image.Resampling.LANCZOS)
    return photo, {"noise": noise, "blur": blur}


def border(photo: Image.Image, rng: np.random.Generator) -> tuple[Image.Image, dict[str, float]]:
    """Return the photo in a white or black frame, all around or on two sides, or as it was."""
    kind = rng.choice(["none", "white", "black"], p=[0.76, 0.15, 0.09])
    known = {"white_border": float(kind == "white"), "black_border": float(kind == "black")}
    if kind == "none":
        return photo, known
    sheet = Image.new("RGB", photo.size, (255,) * 3 if kind == "white" else (0,) * 3)
    width = rng.uniform(0.03, 0.16)
    sides = [(1, 1), (0, 1), (1, 0)][rng.choice(3, p=[0.6, 0.2, 0.2])]
    left, top = (round(photo.width * width * side) for side in sides)
    inner = photo.resize((photo.width - 2 * left, photo.height - 2 * top), Image.Resampling.LANCZOS)
    sheet.paste(inner, (left, top))
    return sheet, known


def write_on(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return the photo with a line of text on it."""
    draw = ImageDraw.Draw(photo)
    words = " ".join(rng.choice(WORDS, rng.integers(1, 5)))
    size = photo.width * rng.uniform(0.07, 0.16)
    place = rng.uniform(0, 0.3) * photo.width, rng.uniform(0.02, 0.85) * photo.height
    ink = "white" if rng.random() < 0.7 else tuple(int(c) for c in rng.integers(0, 256, 3))
    font = ImageFont.load_default(size)
    draw.text(place, words, ink, font, stroke_width=int(rng.random() < 0.5), stroke_fill="black")
    return photo


def compose(
    sources: list[Source], number: int, *, seed: int
) -> tuple[bytes, dict[str, float | str]]:
    """Return one composition as JPEG and its factors; the same number always gives the same."""
    rng = np.random.default_rng([seed, number])
    source = sources[rng.integers(len(sources))]
    pixels, known, mask = reframe(source, rng)
    kind = rng.choice(["single", "group", "collage"], p=[0.8, 0.1, 0.1])
    pixels, light = relight(pixels, mask, rng)
    outside = float((pixels.mean(axis=2) * (1 - mask[..., 0])).sum() / ((1 - mask).sum() + 1e-3))
    pixels, style = finish(pixels, rng)
    known |= light | style
    parts = [pixels]
    if kind == "group":  # other people in the same light and filter
        for other in rng.choice(len(sources), rng.integers(1, 3)):
            shot, _, shade = reframe(sources[other], rng)
            parts.append(finish(relight(shot, shade, np.random.default_rng([seed, number]))[0],
                                np.random.default_rng([seed, number, 1]))[0])  # fmt: skip
    if kind != "single":
        pixels, known["faces"] = arrange(parts, rng)
        known["face_height"] /= 1.6
    hsv = np.asarray(_picture(pixels).convert("HSV"), np.float32)
    photo, decay = degrade(_picture(pixels), rng)
    photo, edge = border(photo, rng)
    written = rng.random() < 0.08
    photo = write_on(photo, rng) if written else photo
    data = io.BytesIO()
    photo.save(data, "JPEG", quality=int(rng.integers(45, 93)))
    known |= decay | edge
    known |= {"surround": outside, "saturation": float(hsv[..., 1].mean() / 255), "text": written}
    known |= {"group": float(known["faces"] > 1), "collage": float(kind == "collage")}
    rounded = {name: round(float(value), 4) for name, value in known.items()}
    return data.getvalue(), {"file": f"{number:06d}.jpg", "person": source.name, **rounded}


def _picture(pixels: Pixels) -> Image.Image:
    return Image.fromarray((pixels.clip(0, 1) * 255 + 0.5).astype(np.uint8))


def _write(number: int, *, sources: list[Source], out: Path, seed: int) -> dict[str, float | str]:
    data, factors = compose(sources, number, seed=seed)
    with store.replacing(out / str(factors["file"])) as temporary:
        temporary.write_bytes(data)
    return factors


def compose_folder(sources: list[Path], out: Path, *, count: int, seed: int) -> None:
    """Write `count` compositions and their factors.jsonl into a folder."""
    opened = [source for path in sources if (source := open_source(path))]
    with ProcessPoolExecutor(2) as pool:
        work = partial(_write, sources=opened, out=out, seed=seed)
        lines = list(tqdm(pool.map(work, range(count), chunksize=250), total=count, unit="photo"))
    with store.replacing(out / "factors.jsonl") as temporary:
        temporary.write_text("".join(json.dumps(line) + "\n" for line in lines))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sources", type=Path, help="folder of photos with one person each")
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    compose_folder(images.find_photos(args.sources), args.out, count=args.count, seed=args.seed)


if __name__ == "__main__":
    main()
