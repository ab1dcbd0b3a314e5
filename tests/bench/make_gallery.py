"""A large gallery for measuring, made of a small one: its photos mirrored, tinted and shifted.

python tests/bench/make_gallery.py OUT [--count 50000] [--source assets/gallery] [--quick]

fc7 lies between that of a photo and of one like it, with a little noise; the places come from the
real layout, or with --quick from where the two photos stand in the small gallery, without filled
grid, seams and landmarks.  Each photo has some thumbnails that take turns, and one large copy:
100,000 photos take 0.6 GB, a million 6 GB.
"""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageChops, ImageOps

from selfie_core.base import store
from selfie_core.base.pack import write_pack
from selfie_core.base.progress import chunks
from selfie_core.base.settings import LayoutConfig
from selfie_core.gallery.columns import MAP_COLUMNS, MEASURED
from selfie_core.gallery.compaction import LARGEST
from selfie_core.gallery.gallery import THUMB_SIDE, Gallery
from selfie_core.gallery.generation import FORMAT
from selfie_core.gallery.map.components import Components
from selfie_core.gallery.map.draw import columns_id, draw_map
from selfie_core.gallery.map.tsne import lay_out, morton_order
from selfie_core.gallery.segments import CELL_SIDE, CELLS, new_folder, write_photos

_LIKE = 12  # photos most like one, among which its partner is drawn
_NOISE = 0.15  # standard deviations of each feature
_LOOKS = 8  # thumbnails of one photo


class Mixture:
    """Where each new photo lies between two of a gallery: `first`, nearer, and `second`."""

    def __init__(self, source: Gallery, count: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.features = np.asarray(source.fc7, np.float32)
        like = np.stack([source.nearest(row, _LIKE + 1)[0] for row in self.features])
        self.first = rng.permutation(count) % len(source)
        self.second = like[self.first, rng.integers(1, like.shape[1], count)]
        self.share = rng.random((count, 1), dtype=np.float32) / 2
        xy = source.xy[self.first] * (1 - self.share) + source.xy[self.second] * self.share
        self.xy = np.clip(xy + rng.normal(0, 0.004, xy.shape), 0, 1).astype(np.float32)

    def fc7(self, rows: np.ndarray) -> np.ndarray:
        """Return features of some photos; a row's noise depends on what it is asked with."""
        rng, share = np.random.default_rng(int(rows[0])), self.share[rows]
        fc7 = self.features[self.first[rows]] * (1 - share)
        fc7 += self.features[self.second[rows]] * share
        grain = rng.standard_normal(fc7.shape, np.float32) * (_NOISE * self.features.std(axis=0))
        return np.maximum(fc7 + grain * (fc7 > 0), 0).astype(np.float16)


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


def jpeg(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, "JPEG", quality=80)
    return file.getvalue()


class Looks:
    """The thumbnails of a small gallery's photos, and their cells in an atlas."""

    def __init__(self, source: Gallery, count: int) -> None:
        self.thumbs, cells = [], []
        for row in range(len(source)):
            with Image.open(BytesIO(source.thumb(row))) as photo:
                thumb = photo.convert("RGB")
            for look in range(count):
                varied = vary(thumb, row * count + look)
                self.thumbs.append(jpeg(varied))
                cells.append(varied.resize((CELL_SIDE, CELL_SIDE), Image.Resampling.BOX))
        self._cells = np.stack(cells)

    def pack(self, looks: np.ndarray) -> Iterator[bytes]:
        """Yield what small.bin of a segment holds: atlases, then thumbnails."""
        for some in chunks(looks, CELLS):
            cells = np.zeros((8, 8, CELL_SIDE, CELL_SIDE, 3), np.uint8)
            cells.reshape(CELLS, -1)[: len(some)] = self._cells[some].reshape(len(some), -1)
            yield jpeg(Image.fromarray(cells.swapaxes(1, 2).reshape(8 * CELL_SIDE, -1, 3)))
        yield from (self.thumbs[look] for look in looks)


def main() -> None:
    """Make the gallery."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--source", type=Path, default=store.demo_gallery())
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="places without t-SNE, and no more")
    args = parser.parse_args()
    if args.out.exists():
        sys.exit(f"{args.out} exists; delete it or name another folder")
    started, source, config = time.perf_counter(), Gallery.open(args.source), LayoutConfig()
    work = args.out.with_name(f".{args.out.name}.making")
    shutil.rmtree(work, ignore_errors=True)

    mixture = Mixture(source, args.count, args.seed)
    xy = mixture.xy
    if not args.quick:
        xy = lay_out(mixture.fc7(np.arange(args.count)), config=config)
    order = morton_order(xy)
    xy = xy[order]
    parent = mixture.first[order]
    table = source.table.drop(columns=[*MAP_COLUMNS, "percentile"], errors="ignore")
    table = table.iloc[parent].reset_index(drop=True)
    table["id"] = [store.content_id(f"{args.seed} {row}".encode()) for row in order]
    table["file"] = [f"{row:07d}.jpg" for row in order]
    noise = np.random.default_rng(args.seed).normal(0, 0.02, args.count)
    table["score"] = (table["score"] + noise).clip(0, 1)

    where = write_photos(work, [source.photo(row) for row in range(len(source))])
    looks, measured = Looks(source, _LOOKS), [name for name in MEASURED if name in table]
    look = parent * _LOOKS + order % _LOOKS
    segments, fc7 = [], []
    for rows in chunks(np.arange(args.count), LARGEST):
        segments.append(f"{len(segments):05d}")
        features = mixture.fc7(order[rows])
        own = table.loc[rows, measured].reset_index(drop=True)
        own = pd.concat([own, where.iloc[parent[rows]].reset_index(drop=True)], axis=1)
        with new_folder(work / "segments" / segments[-1]) as folder:
            store.write_table(folder / "table.parquet", own)
            store.write_array(folder / "fc7.npy", features)
            write_pack(folder / "small.bin", looks.pack(look[rows]))
            store.write_json(folder / "segment.json", {"recipe": "bench"})
        fc7.append(features)
        said = f"{rows[-1] + 1:,} of {args.count:,} photos, {time.perf_counter() - started:.0f} s"
        print(said, file=sys.stderr)

    columns = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1]})
    facts = {"perplexity": config.perplexity, "pca": config.pca, "seed": config.seed}
    facts["columns"] = columns_id(columns)
    with new_folder(work / "generations" / "1") as folder:
        features = np.concatenate(fc7)
        store.write_array(folder / "fc7.npy", features)
        Components.of(features, config).write(folder)
        if not args.quick:
            drawn = draw_map(table, features, xy=xy, config=config)
            drawn.write(folder)
            columns, facts = drawn.columns, drawn.facts
        rows = pd.concat([table.drop(columns=measured), columns], axis=1)
        rows.insert(0, "at", np.arange(args.count))
        store.write_table(folder / "rows.parquet", rows)
    if source.scorer_path.parent == source.folder:
        shutil.copyfile(source.scorer_path, work / "scorer.safetensors")
    info = {**source.info, "name": f"{args.count:,} varied selfies", "count": args.count}
    info |= {"format": FORMAT, "generation": 1, "segments": segments, "map": facts}
    store.write_json(work / "gallery.json", info)
    os.replace(work, args.out)
    print(f"{args.out}: {time.perf_counter() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
