"""Measure how often a face is found where one is, and where none is.

    python face_recall.py DATA

DATA holds rendered/ and portraits/, as for `demo.py`.  Portraits are made hard one thing at a
time; renders are taken as they are, and what holds no head is cut from them.  Writes
assets/faces.json, of which `model_card.py` makes a section; the shipped one is of 160 portraits and
2,005 renders.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from overlays import hat_on, sunglasses
from PIL import Image, ImageDraw
from tqdm import tqdm

from selfie_core.base import store
from selfie_core.photo import images
from selfie_core.photo.faces import Face, find_faces
from selfie_core.photo.folder import find_photos
from selfie_core.training.measures import mean_of, wilson

ASSETS = Path(__file__).resolve().parents[1]
FRAME = 768  # pixels of a photo in which a face is small
LEAST = 80  # pixels of a part of a render that holds no head
Rng = np.random.Generator
T = TypeVar("T")
Harder = Callable[[Image.Image, Face, Rng], Image.Image]


def away(photo: Image.Image, face: Face, rng: Rng, *, share: float) -> Image.Image:
    """Return a photo in which the face has that share of the height, anywhere."""
    scale = share * FRAME / face.height
    small = photo.resize([round(side * scale) for side in photo.size], Image.Resampling.LANCZOS)  # type: ignore[arg-type]
    wide = photo.resize((8, 8)).resize((FRAME, FRAME), Image.Resampling.BICUBIC)
    wide.paste(small, tuple(int(rng.uniform(0, max(1, FRAME - side))) for side in small.size))  # type: ignore[arg-type]
    return wide


def dark(photo: Image.Image, rng: Rng, *, light: float) -> Image.Image:
    """Return a photo at a share of its light, with the noise of a phone at night."""
    pixels = np.asarray(photo, np.float32) * light
    noisy = pixels + rng.normal(0, 0.02 * 255, pixels.shape)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


def turned(photo: Image.Image, *, degrees: float) -> Image.Image:
    """Return a photo turned, with grey in the corners."""
    return photo.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=(128, 128, 128))


def masked(photo: Image.Image, face: Face) -> Image.Image:
    """Return a photo with a mask over nose, mouth and chin."""
    covered, (nose, top) = photo.copy(), face.landmarks[2]
    width, chin = face.width, face.bottom + 0.02 * face.height
    near, far = face.left + 0.06 * width, face.right - 0.06 * width
    jaw = face.bottom - 0.12 * face.height
    outline = [(near, top), (nose, top - 0.04 * width), (far, top), (far, jaw), (nose, chin)]
    ImageDraw.Draw(covered).polygon([*outline, (near, jaw)], (170, 200, 215))
    return covered


def worn(photo: Image.Image, mask: Image.Image) -> Image.Image:
    """Return a photo with something dark where a mask is white."""
    return Image.composite(Image.new("RGB", photo.size, (14, 13, 16)), photo, mask)


HARDER: dict[str, Harder] = {
    "as it is": lambda photo, face, rng: photo,
    "face a tenth of the frame": lambda p, face, rng: away(p, face, rng, share=0.10),
    "face a twentieth": lambda p, face, rng: away(p, face, rng, share=0.05),
    "32 x 32 pixels": lambda photo, face, rng: photo.resize((32, 32)),
    "turned by 45 degrees": lambda photo, face, rng: turned(photo, degrees=45),
    "turned by 90 degrees": lambda photo, face, rng: turned(photo, degrees=90),
    "a mask": lambda photo, face, rng: masked(photo, face),
    "sunglasses": lambda photo, face, rng: worn(photo, sunglasses(face, photo.size)),
    "a hat": lambda photo, face, rng: worn(photo, hat_on(face, photo.size)),
    "mask and sunglasses": lambda photo, face, rng: worn(
        masked(photo, face), sunglasses(face, photo.size)
    ),
    "a seventh of the light": lambda photo, face, rng: dark(photo, rng, light=0.14),
    "a twentieth of the light": lambda photo, face, rng: dark(photo, rng, light=0.05),
    "a tenth of the frame, a seventh of the light": lambda p, face, rng: dark(
        away(p, face, rng, share=0.10), rng, light=0.14
    ),
    "a tenth of the frame, turned by 45 degrees": lambda p, face, rng: turned(
        away(p, face, rng, share=0.10), degrees=45
    ),
    "a tenth of the frame, a mask": lambda p, face, rng: away(
        masked(p, face), face, rng, share=0.10
    ),
    "upper edge through the eyes": lambda photo, face, rng: photo.crop(
        (0, round(face.landmarks[0][1]), *photo.size)
    ),
    "side edge through the nose": lambda photo, face, rng: photo.crop(
        (round(face.landmarks[2][0]), 0, *photo.size)
    ),
}


def of_portraits(folder: Path, most: int) -> pd.DataFrame:
    """Return one row per portrait and condition: condition, found, person, sex, age, tone."""
    known = store.read_table(folder / "portraits.csv").set_index("file")
    rng, rows = np.random.default_rng(0), []
    for path in tqdm(some(find_photos(folder), most), "portraits"):
        photo = images.open_photo(path)
        (face, *_) = find_faces(photo)
        _, _, (_, nose), (_, mouth), _ = face.landmarks
        cheeks = photo.crop((round(face.left), round(nose), round(face.right), round(mouth)))
        facts = known.loc[path.name, ["sex", "age"]].to_dict() | {"person": path.stem}
        facts["tone"] = float(np.median(np.asarray(cheeks.convert("L"))))
        for name, harder in HARDER.items():
            found = bool(find_faces(harder(photo, face, rng)))
            rows.append({"condition": name, "found": found, **facts})
    return pd.DataFrame(rows)


def per_group(table: pd.DataFrame) -> list[dict[str, object]]:
    """Return the mean recall over all conditions of the people of each group."""
    people = table.groupby("person").first().drop(columns="found")
    people["found"] = table.groupby("person")["found"].mean()
    for column, words in (
        ("age", ["young", "middle", "old"]),
        ("tone", ["dark", "medium", "light"]),
    ):
        people[column] = pd.qcut(people[column].rank(method="first"), 3, labels=words)
    rows = []
    for column in ("sex", "age", "tone"):
        for group, ones in people.groupby(column, observed=True)["found"]:
            mean = mean_of(ones.to_numpy(float))
            found = {"found": mean.value, "low": mean.low, "high": min(mean.high, 1.0)}
            rows.append({"given": column, "group": group, "n": len(ones), **found})
    return rows


def of_renders(folder: Path, most: int) -> pd.DataFrame:
    """Return one row per render of one person whose face is in it: found, and what is known."""
    table = store.read_table(folder / "factors.jsonl").iloc[:most]  # drawn at random
    truth = table["truth"].map(lambda faces: faces[0] if faces else {"center": [-1, -1]})
    table = table[(table["n"] == 1) & truth.map(lambda face: min(face["center"]) > 0)]
    truth, person = truth[table.index], table["people"].map(lambda people: people[0])
    size, tilt = (truth.map(lambda face, k=key: abs(face[k])) for key in ("face_h", "tilt_deg"))
    yaw, tone = (person.map(lambda one, k=key: abs(one[k])) for key in ("yaw", "tone"))
    found = [bool(find_faces(images.open_photo(folder / file))) for file in
             tqdm(table["file"], "renders")]  # fmt: skip
    return pd.DataFrame(
        {
            "found": found,
            "face height": _bins(size, [0.15, 0.25, 0.5], "{:.0%}"),
            "tilt": _bins(tilt, [10, 20], "{}°"),
            "turned aside": _bins(np.degrees(yaw), [15, 30], "{}°"),
            "light": table["lighting"],
            "skin tone": _bins(tone, [1 / 3, 2 / 3], "{:.2f}"),
            "glasses": person.map(lambda one: one["glasses"] or "none"),
            "hat": person.map(lambda one: one["hat"] or "none"),
        },
        index=table.index,
    )


def _bins(values: pd.Series, bounds: list[float], form: str) -> pd.Series:
    """Return values as words: "below 15%", "15% to 25%", "from 25%"."""
    said = [form.format(bound) for bound in bounds]
    words = [f"below {said[0]}", *(f"{a} to {b}" for a, b in pairwise(said)), f"from {said[-1]}"]
    return pd.cut(values, [-np.inf, *bounds, np.inf], right=False, labels=words)


def without_heads(folder: Path, most: int) -> Iterator[Image.Image]:
    """Yield what is left, right and below of all heads in the renders: rooms, bodies, hands."""
    for photo in store.read_table(folder / "factors.jsonl").iloc[:most].itertuples():
        if photo.border:  # the boxes are those before it
            continue
        picture = images.open_photo(folder / photo.file)
        width, height = picture.size
        heads = np.array(photo.face_boxes) * (width, height, width, height)
        left, (right, below) = heads[:, 0].min(), heads[:, 2:].max(axis=0)
        for box in ((0, 0, left, height), (right, 0, width, height), (0, below, width, height)):
            if min(box[2] - box[0], box[3] - box[1]) >= LEAST:
                yield picture.crop(tuple(map(int, box)))


def collage(parts: Sequence[Image.Image]) -> Image.Image:
    """Return nine parts as one picture, large enough for every look of the detector."""
    sheet, side = Image.new("RGB", (FRAME, FRAME)), FRAME // 3
    for place, part in enumerate(parts):
        sheet.paste(part.resize((side, side)), (place % 3 * side, place // 3 * side))
    return sheet


def some(items: Sequence[T], most: int) -> list[T]:
    """Return at most so many, evenly spaced."""
    return [items[n] for n in np.linspace(0, len(items) - 1, min(most, len(items))).astype(int)]


def share(found: Sequence[bool] | NDArray[np.bool_] | pd.Series) -> dict[str, float]:
    """Return a share with its 95 % interval (Wilson)."""
    low, high = wilson(np.mean(found), len(found))
    return {"n": len(found), "found": float(np.mean(found)), "low": float(low), "high": float(high)}


def seconds(photos: Sequence[Image.Image]) -> float:
    """Return the processor's time that a photo takes, on average."""
    start = time.process_time()
    for photo in photos:
        find_faces(photo)
    return (time.process_time() - start) / len(photos)


def measure(data: Path, *, people: int, rendered: int) -> dict[str, object]:
    """Return all figures, from at most so many portraits and renders."""
    rng = np.random.default_rng(1)
    portraits = of_portraits(data / "portraits", people)
    renders = of_renders(data / "rendered", rendered)
    parts = list(without_heads(data / "rendered", rendered))
    sheets = [
        collage([parts[n] for n in rng.choice(len(parts), 9)]) for _ in range(len(parts) // 9)
    ]
    paths = some(find_photos(data / "portraits"), 20)
    faces = [images.open_photo(path).resize((FRAME, FRAME)) for path in paths]
    return {
        "portraits": [
            {"condition": name, **share(portraits.loc[portraits["condition"] == name, "found"])}
            for name in HARDER
        ],
        "groups": per_group(portraits),
        "renders": [{"what": "all", "which": "all", **share(renders["found"])}] + [
            {"what": what, "which": which, **share(rows)}
            for what in renders.columns.drop("found")
            for which, rows in renders.groupby(what, observed=True)["found"]
        ],
        "faceless": [
            {"what": name, **share([bool(find_faces(photo)) for photo in tqdm(photos, name)])}
            for name, photos in (
                ("rooms, and bodies below the chin", parts), ("nine of these in one", sheets)
            )
        ],
        "times as long": seconds(sheets[:20]) / seconds(faces),
    }  # fmt: skip


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with rendered/ and portraits/")
    parser.add_argument("--people", type=int, default=10_000, help="portraits at most")
    parser.add_argument("--rendered", type=int, default=10_000, help="renders at most")
    parser.add_argument("--out", type=Path, default=ASSETS / "faces.json")
    args = parser.parse_args()
    store.write_json(args.out, measure(args.data, people=args.people, rendered=args.rendered))


if __name__ == "__main__":
    main()
