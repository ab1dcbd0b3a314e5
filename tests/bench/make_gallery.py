"""A large gallery for measuring, made of a small one: its photos mirrored, tinted and shifted.

python tests/bench/make_gallery.py OUT [--count 50000] [--source assets/gallery] [--quick]

fc7 lies between that of a photo and of one like it, with a little noise; the places come from the
real layout, or with --quick from where the two photos stand in the small gallery.  The thumbnails
differ; the large photos are second names of the originals' files.
"""

import argparse
import os
import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageChops, ImageOps
from tqdm import tqdm

from selfie_core.base import store
from selfie_core.base.progress import chunks
from selfie_core.base.settings import LayoutConfig
from selfie_core.gallery.columns import MAP_COLUMNS
from selfie_core.gallery.gallery import ATLAS_SIDE, CELL_SIDE, CELLS, THUMB_SIDE, Gallery
from selfie_core.gallery.map.draw import draw_map
from selfie_core.gallery.map.tsne import lay_out, morton_order

_LIKE = 12  # photos most like one, among which its partner is drawn
_NOISE = 0.15  # standard deviations of each feature


def mix(gallery: Gallery, count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the first parent's row, fc7 and places (by the parents) of each new photo."""
    rng = np.random.default_rng(seed)
    features = np.asarray(gallery.fc7, np.float32)
    like = np.stack([gallery.nearest(row, _LIKE + 1)[0] for row in features])
    first = rng.permutation(count) % len(gallery)
    second = like[first, rng.integers(1, like.shape[1], count)]
    share = rng.random((count, 1), dtype=np.float32) / 2  # nearer to the first
    fc7 = features[first] * (1 - share) + features[second] * share
    grain = rng.normal(0, _NOISE, fc7.shape).astype(np.float32) * features.std(axis=0)
    fc7 = np.maximum(fc7 + grain * (fc7 > 0), 0).astype(np.float16)
    xy = gallery.xy[first] * (1 - share) + gallery.xy[second] * share
    xy += rng.normal(0, 0.004, xy.shape).astype(np.float32)
    return first, fc7, np.clip(xy, 0, 1).astype(np.float32)


def vary(photo: Image.Image, number: int) -> Image.Image:
    """Return a thumbnail mirrored, tinted and shifted by chance, the same for the same number."""
    rng = np.random.default_rng(number)
    if rng.random() < 0.5:
        photo = ImageOps.mirror(photo)
    left, top = rng.integers(0, 13, 2)
    photo = photo.resize(
        (THUMB_SIDE, THUMB_SIDE), Image.Resampling.BILINEAR, box=(left, top, left + 116, top + 116)
    )
    tint = tuple(int(level) for level in rng.integers(205, 256, 3))
    return ImageChops.multiply(photo, Image.new("RGB", photo.size, tint))


def write_pictures(source: Path, out: Path, first: int, ids: list[str], parents: list[str]) -> int:
    """Write thumbnails, large photos and the atlas of up to 64 photos; return how many."""
    atlas = Image.new("RGB", (ATLAS_SIDE, ATLAS_SIDE))
    for cell, (id, parent) in enumerate(zip(ids, parents, strict=True)):
        with Image.open(source / "thumbs" / f"{parent}.jpg") as photo:
            thumb = vary(photo.convert("RGB"), first + cell)
        thumb.save(out / "thumbs" / f"{id}.jpg", quality=82)
        small = thumb.resize((CELL_SIDE, CELL_SIDE), Image.Resampling.BOX)
        atlas.paste(small, (cell % 8 * CELL_SIDE, cell // 8 * CELL_SIDE))
        name = f"{parent}.webp"
        try:
            os.link(source / "photos" / name, out / "photos" / f"{id}.webp")
        except OSError:  # another disk, or too many names of one file
            shutil.copyfile(source / "photos" / name, out / "photos" / f"{id}.webp")
    atlas.save(out / "thumbs" / f"atlas-{first // CELLS:05d}.jpg", quality=80)
    return len(ids)


def main() -> None:
    """Make the gallery."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--source", type=Path, default=store.demo_gallery())
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="places without t-SNE")
    args = parser.parse_args()
    if args.out.exists():
        sys.exit(f"{args.out} exists; delete it or name another folder")
    started, source = time.perf_counter(), Gallery.open(args.source)
    work = args.out.with_name(f".{args.out.name}.making")
    shutil.rmtree(work, ignore_errors=True)
    for name in ("photos", "thumbs"):
        (work / name).mkdir(parents=True)

    parent, fc7, xy = mix(source, args.count, args.seed)
    table = source.table.drop(columns=[c for c in MAP_COLUMNS if c in source.table])
    parents = table["id"].to_numpy()[parent]
    table = table.iloc[parent].reset_index(drop=True)
    ids = [store.content_id(f"{args.seed} {n}".encode()) for n in range(args.count)]
    table["id"], table["file"] = ids, [f"{n:06d}.jpg" for n in range(args.count)]
    score = table["score"] + np.random.default_rng(args.seed).normal(0, 0.02, args.count)
    table["score"] = score.clip(0, 1)
    table["percentile"] = 100 * table["score"].rank(pct=True)
    if not args.quick:
        xy = lay_out(fc7)
    order = morton_order(xy)
    table, fc7 = table.iloc[order].reset_index(drop=True), fc7[order]
    drawn = draw_map(table, fc7, xy=xy[order], config=LayoutConfig())
    print(f"places, grid, seams, landmarks: {time.perf_counter() - started:.0f} s", file=sys.stderr)

    parents = parents[order].tolist()
    with ProcessPoolExecutor() as pool, tqdm(total=args.count, unit="photo") as bar:
        jobs = []
        for number, part in enumerate(chunks(table["id"].tolist(), CELLS)):
            own = parents[number * CELLS :][: len(part)]
            jobs.append(
                pool.submit(write_pictures, source.folder, work, number * CELLS, list(part), own)
            )
        for job in jobs:
            bar.update(job.result())
    drawn.write(work)
    store.write_array(work / "fc7.npy", fc7)
    store.write_table(work / "selfies.parquet", pd.concat([table, drawn.columns], axis=1))
    if source.scorer_path.parent == source.folder:
        shutil.copyfile(source.scorer_path, work / "scorer.safetensors")
    name = f"{args.count:,} varied selfies"
    facts = {**source.info, "name": name, "count": args.count, "map": drawn.facts}
    store.write_json(work / "gallery.json", facts)
    os.replace(work, args.out)
    print(
        f"{args.out}: {args.count} photos, {time.perf_counter() - started:.0f} s", file=sys.stderr
    )


if __name__ == "__main__":
    main()
