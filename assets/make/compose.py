"""Compose selfies for training from photos of single people, each with its factors known.

    python assets/make/compose.py OUT --sources FOLDER ... --matte WEIGHTS --count 10000 --seed 0

A composition is drawn from a `Plan`: who stands where, before what, in which light, with which
finish, frame and flaws.  Everything is planned without regard to the people, so that nothing about
them says anything of the score; their skin is made lighter or darker at random, and what the
audience is told of the light is measured on a twin in which all skin is alike.
OUT gets the photos and factors.jsonl.
"""

import argparse
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from overlays import cover, hat_on, hidden_eyes, put_on, sunglasses, write_on
from PIL import Image, ImageDraw, ImageFilter
from plan import Person, Plan, draw_plan
from sources import Source, luminance, open_sources
from tqdm import tqdm

from selfie_core.base import store
from selfie_core.base.engine import Engine, Pool, open_engine
from selfie_core.base.progress import Progress, chunks
from selfie_core.cli.flags import ENGINE
from selfie_core.photo.faces import Face
from selfie_core.photo.factors import cut_eyes, measure_factors
from selfie_core.photo.folder import find_photos

CANVAS = 192  # pixels of the longer side that a composition is drawn at
TWIN = 80  # pixels; and its twin with neutral skin, of which only the factors are wanted
AT_ONCE = 50  # compositions
NEUTRAL = 0.25  # linear luminance of the twin's skin: the middle of the portraits
Pixels = NDArray[np.float32]  # (H, W, 3) or (H, W, 1), [0, 1]
# Factors that the person adds to, whoever lights the photo: see `demo.without_people`.
OF_PEOPLE = "light highlights shadows contrast saturation warmth surround sharpness".split()


@dataclass(frozen=True)
class Drawn(Face):
    """A face that was drawn; its landmarks are true, also where they lie outside."""

    eyes_cut: float  # share of the eyes outside its frame or hidden; dark glasses hide nothing


def compose(plan: Plan, sources: Sequence[Source]) -> tuple[Image.Image, dict[str, float]]:
    """Return the photo of a plan, and its factors."""
    twin, faces = draw(plan, sources, side=TWIN, skin=NEUTRAL)
    factors = measure_factors(twin, faces)
    factors["light"] = factors.pop("brightness")
    factors |= {"faces": float(len(faces)), "eyes_cut": faces[0].eyes_cut}
    factors |= {"text": float(plan.written), "night": plan.night, "blur": plan.blur}
    factors |= {"grain": plan.grain, "collage": float(plan.across * plan.down > 1)}
    photo, _ = draw(plan, sources, side=CANVAS)
    return degrade(photo, plan), factors


def draw(
    plan: Plan, sources: Sequence[Source], *, side: int, skin: float | None = None
) -> tuple[Image.Image, list[Drawn]]:
    """Return a plan's photo before its flaws, and its faces, largest first.

    Args:
        plan: What is to be drawn.
        sources: The people that the plan numbers.
        side: Pixels of the longer side.
        skin: Linear luminance that everybody's skin gets, instead of the plan's.
    """
    width = round(side * min(1, plan.aspect))
    height = round(side * min(1, 1 / plan.aspect))
    inner = (max(8, round(width * (1 - plan.rim_x))), max(8, round(height * (1 - plan.rim_y))))
    cell = (max(8, inner[0] // plan.across), max(8, inner[1] // plan.down))
    sheet = Image.new("RGB", (width, height), plan.rim_colour)
    left, top = (width - inner[0]) // 2, round((height - inner[1]) * plan.rim_top)
    if plan.rim_inner:
        reach = round(plan.rim_inner * side)
        within = left - reach, top - reach, left + inner[0] + reach, top + inner[1] + reach
        ImageDraw.Draw(sheet).rectangle(within, plan.rim_inner_colour)
    frames = [_frame(plan, sources, number, cell, skin) for number in range(len(plan.frames))]
    gap = round(plan.gap * side)
    shown = (0, 0, cell[0] - gap, cell[1] - gap)
    faces = []
    for place in range(plan.across * plan.down):
        pixels, found = frames[place % len(frames)]
        at = left + place % plan.across * cell[0], top + place // plan.across * cell[1]
        sheet.paste(_picture(pixels).crop(shown), at)
        for face, hidden in found:  # outside the frame, and of the rest what is hidden
            lost = 1 - (1 - cut_eyes(face, shown)) * (1 - hidden)
            faces.append(_drawn(face, at, eyes_cut=lost))
    write_on(sheet, plan)
    return sheet, sorted(faces, key=lambda face: -face.height)


def degrade(photo: Image.Image, plan: Plan) -> Image.Image:
    """Return the photo blurred, grainy, reduced and compressed as photos on the web are."""
    rng = np.random.default_rng(plan.seed)
    if plan.blur:
        photo = photo.filter(ImageFilter.GaussianBlur(plan.blur))
    if plan.grain:
        grain = rng.standard_normal((photo.height, photo.width, plan.grain_channels))
        photo = _picture(np.asarray(photo, np.float32) / 255 + plan.grain * grain.astype("f4"))
    if plan.shrink < 1:
        small = [max(40, round(side * plan.shrink)) for side in photo.size]
        photo = photo.resize((small[0], small[1]), Image.Resampling.LANCZOS)
    if plan.sharpen:
        photo = photo.filter(ImageFilter.UnsharpMask(1.2, round(100 * plan.sharpen), 0))
    return photo


def _frame(
    plan: Plan, sources: Sequence[Source], number: int, size: tuple[int, int], skin: float | None
) -> tuple[Pixels, list[tuple[Face, float]]]:
    """Return one frame of a plan, shape (H, W, 3), its faces and what is hidden of their eyes."""
    frame = plan.frames[number]
    scene = _behind(plan, sources, number, size)
    scene = scene**2.2 * _lamp(plan.behind_stops, plan.lamp)
    scene *= _falloff(size, plan.side_light, plan.side_angle)
    faces = []
    for person in frame.people:
        source = sources[person.source]
        affine = _affine(person, source, size)
        how = Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR
        body = np.asarray(source.photo.transform(size, *how), np.float32) / 255
        matte = np.asarray(source.matte.transform(size, *how), np.float32)[..., None] / 255
        where = np.asarray(source.skin.transform(size, *how), np.float32)[..., None] / 255
        tone = person.tone * source.tone if skin is None else skin
        gain = (tone / source.tone) ** np.array([0.85, 1.0, 1.1], np.float32)  # dark is redder
        body = body**2.2 * (1 + where * (gain - 1))
        body *= _lamp(plan.stops, plan.lamp) * _falloff(size, plan.side_light, plan.side_angle)
        scene = scene * (1 - matte) + body * matte
        face = _placed(source.face, affine, size)
        if person.glasses:
            scene = put_on(scene, sunglasses(face, size), 0.02)
        if person.hat is not None:
            scene = put_on(scene, hat_on(face, size), np.array(person.hat) ** 2.2)
        hidden = 0.0
        if person.cover:
            scene, mask = cover(scene, face, person)
            hidden = hidden_eyes(face, mask)
        faces.append((face, hidden))
    # A shoulder as film and phones have one: highlights roll off rather than clip.
    pixels = (1 - np.exp(-1.6 * scene)).clip(0, 1) ** (1 / 2.2) / 0.92
    return _finish(pixels.astype(np.float32), plan), faces


def _behind(plan: Plan, sources: Sequence[Source], number: int, size: tuple[int, int]) -> Pixels:
    """Return what is behind the people, shape (H, W, 3)."""
    frame = plan.frames[number]
    if frame.scene == "own":  # as the photo was taken, the rim drawn out
        person = frame.people[0]
        source = sources[person.source]
        affine = _affine(person, source, size)
        how = Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR
        photo = source.photo.crop((0, 0, source.photo.width, source.height))
        seen = photo.transform(size, *how)
        inside = Image.new("L", photo.size, 255).transform(size, *how)
        inside = inside.filter(ImageFilter.GaussianBlur(0.02 * max(size)))
        inside = inside.point(lambda value: max(0, value * 2 - 255))  # no dark rim from outside
        away = source.plate.resize(size, Image.Resampling.BICUBIC)
        away.paste(seen, mask=inside)
        return np.asarray(away, np.float32) / 255
    if frame.scene == "other":  # where somebody else was
        plate = sources[frame.plate].plate
        side = round(plate.width * frame.zoom)
        x, y = (round(share * (plate.width - side)) for share in (frame.shift, frame.shift))
        plate = plate.crop((x, y, x + side, y + side)).resize(size, Image.Resampling.BICUBIC)
        return np.asarray(plate, np.float32) / 255
    return _drawn_scene(np.random.default_rng(frame.plate), size)


def _drawn_scene(rng: np.random.Generator, size: tuple[int, int]) -> Pixels:
    """Return a room, a wall, a street at night ... as blocks, tiles, lights and clutter."""
    wall = np.clip(rng.beta(3, 1.6) + rng.normal(0, 0.06, 3), 0.03, 1)
    canvas = Image.new("RGB", size, tuple(int(255 * c) for c in wall))
    pen = ImageDraw.Draw(canvas)
    width, height = size
    for _ in range(rng.integers(0, 9)):  # doors, shelves, windows, pictures
        x, y = rng.uniform(-0.2, 1, 2) * size
        w, h = rng.gamma(2, 0.12, 2) * size
        light = rng.beta(1.2, 1.2) if rng.random() < 0.8 else 1.0
        colour = np.clip(light + rng.normal(0, 0.12, 3), 0, 1)
        pen.rectangle((x, y, x + w, y + h), tuple(int(255 * c) for c in colour))
    if rng.random() < 0.25:  # tiles
        step = max(3, int(rng.uniform(0.05, 0.25) * width))
        line = tuple(int(255 * c) for c in np.clip(wall + rng.choice([-0.2, 0.15]), 0, 1))
        for at in range(0, max(size), step):
            pen.line((at, 0, at, height), line)
            pen.line((0, at, width, at), line)
    for _ in range(rng.integers(4, 30) if rng.random() < 0.3 else 0):  # lamps, out of focus
        x, y = rng.uniform(0, 1, 2) * size
        r = rng.uniform(0.01, 0.06) * width
        colour = tuple(int(c) for c in rng.integers(120, 256, 3))
        pen.ellipse((x - r, y - r, x + r, y + r), colour)
    canvas = canvas.filter(ImageFilter.GaussianBlur(rng.gamma(1.2, 0.008) * width))
    pixels = np.asarray(canvas, np.float32) / 255
    if rng.random() < 0.3:  # leaves, crowds, fabric
        rough = rng.normal(0, 1, (max(2, height // 4), max(2, width // 4))).astype("f4")
        texture = np.asarray(Image.fromarray(rough).resize(size, Image.Resampling.BICUBIC))
        pixels = pixels + rng.uniform(0.02, 0.1) * texture[..., None]
    return pixels.clip(0.01, 1)


def _lamp(stops: float, colour: tuple[float, float, float]) -> NDArray[np.float32]:
    return (2.0**stops * np.array(colour)).astype(np.float32)


def _falloff(size: tuple[int, int], strength: float, angle: float) -> Pixels:
    """Return the gain of light that comes from one side, shape (H, W, 1)."""
    v, u = np.mgrid[-1 : 1 : size[1] * 1j, -1 : 1 : size[0] * 1j].astype(np.float32)
    gain = 1 + strength * (u * np.cos(angle) + v * np.sin(angle))
    return gain[..., None].clip(0.12).astype(np.float32)


def _finish(pixels: Pixels, plan: Plan) -> Pixels:
    """Return the photo with contrast, colour and filter changed."""
    grey = luminance(pixels)[..., None]
    out = grey + (pixels - grey) * plan.colour
    out = 0.5 + (out - 0.5) * plan.contrast
    out = out.clip(0, 1) ** np.array(plan.curve, np.float32) if plan.curve else out
    out = plan.fade + out * (1 - plan.fade - plan.dim)
    if plan.colour:
        out = out * np.array(plan.tint, np.float32)
    if plan.vignette:
        v, u = np.mgrid[-1 : 1 : len(out) * 1j, -1 : 1 : out.shape[1] * 1j]
        out = out * (1 - plan.vignette * (u * u + v * v) / 2)[..., None]
    return out.clip(0, 1).astype(np.float32)


def _affine(person: Person, source: Source, size: tuple[int, int]) -> tuple[float, ...]:
    """Return the map from pixels of the frame to pixels of the source."""
    width, height = size
    face = source.face
    scale = face.height / (person.tall * height)  # source pixels per pixel of the frame
    turn = np.deg2rad(person.tilt)
    cos, sin = np.cos(turn) * scale, np.sin(turn) * scale
    flip = -1.0 if person.mirrored else 1.0
    a, b, d, e = cos * flip, sin * flip, -sin, cos
    c = (face.left + face.right) / 2 - a * person.x * width - b * person.y * height
    f = (face.top + face.bottom) / 2 - d * person.x * width - e * person.y * height
    return tuple(float(value) for value in (a, b, c, d, e, f))


def _placed(face: Face, affine: tuple[float, ...], size: tuple[int, int]) -> Face:
    """Return a source's face in pixels of the frame."""
    a, b, c, d, e, f = affine
    back = np.linalg.inv(np.array([[a, b], [d, e]]))

    def put(x: float, y: float) -> tuple[float, float]:
        u, v = back @ (x - c, y - f)
        return float(u), float(v)

    u, v = put((face.left + face.right) / 2, (face.top + face.bottom) / 2)
    scale = abs(np.linalg.det(back)) ** 0.5
    half = scale * face.width / 2, scale * face.height / 2
    points = [put(*point) for point in face.landmarks]
    if a < 0:  # mirrored: left and right change places
        points = [points[place] for place in (1, 0, 2, 4, 3)]
    box = (max(0.0, u - half[0]), max(0.0, v - half[1]),
           min(float(size[0]), u + half[0]), min(float(size[1]), v + half[1]))  # fmt: skip
    return Face(*box, face.confidence, tuple(points))


def _drawn(face: Face, at: tuple[int, int], *, eyes_cut: float) -> Drawn:
    """Return a face of one frame in pixels of the sheet on which it lies at `at`."""
    x, y = at
    points = tuple((u + x, v + y) for u, v in face.landmarks)
    box = face.left + x, face.top + y, face.right + x, face.bottom + y
    return Drawn(*box, face.confidence, points, eyes_cut)


def _picture(pixels: Pixels) -> Image.Image:
    return Image.fromarray((pixels.clip(0, 1) * 255 + 0.5).astype(np.uint8))


def compose_folder(
    sources: list[Source], out: Path, *, count: int, seed: int, engine: Engine | None = None
) -> None:
    """Write `count` compositions and their factors.jsonl into a folder, made by an engine.

    The same number always gives the same, whoever makes it.
    """
    out.mkdir(parents=True, exist_ok=True)
    jobs = [(seed, numbers) for numbers in chunks(range(count), AT_ONCE)]
    rows: list[dict[str, float | str]] = []
    with tqdm(total=count, unit="photo", desc=out.name) as bar:
        for job, made in (engine or Pool()).run(_made_of, sources, jobs):
            if made is None:
                raise SystemExit(f"{out}: compositions {jobs[job][1]} were given up; rerun")
            for row, photo in made:
                (out / str(row["file"])).write_bytes(photo)
                rows.append(row)
            bar.update(len(made))
    rows.sort(key=lambda row: row["file"])
    with store.replacing(out / "factors.jsonl") as temporary:
        temporary.write_text("".join(json.dumps(row) + "\n" for row in rows))


def _made_of(
    sources: list[Source], job: tuple[int, range], _progress: Progress | None
) -> list[tuple[dict[str, float | str], bytes]]:
    """Return what is said of some compositions, and their files."""
    seed, numbers = job
    made = []
    for number in numbers:
        plan = draw_plan(np.random.default_rng([seed, number]), len(sources))
        photo, factors = compose(plan, sources)
        file = io.BytesIO()
        photo.save(file, "JPEG", quality=plan.quality)
        said = {name: round(value, 4) for name, value in factors.items()}
        person = sources[plan.frames[0].people[0].source].name
        made.append(({"file": f"{number:06d}.jpg", "person": person, **said}, file.getvalue()))
    return made


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--sources", type=Path, nargs="+", help="folders of photos", required=True)
    parser.add_argument("--matte", type=Path, help="selfie_segmentation.tflite", required=True)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    for names, how in ENGINE:
        parser.add_argument(*names, **how)
    args = parser.parse_args()
    photos = [path for folder in args.sources for path in find_photos(folder)]
    sources = open_sources(photos, args.matte)
    with open_engine(args.engine, args.address) as engine:
        compose_folder(sources, args.out, count=args.count, seed=args.seed, engine=engine)


if __name__ == "__main__":
    from compose import main as run  # other processes find what they do in a module, not a script

    run()
