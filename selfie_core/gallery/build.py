"""A folder of photos -> a gallery: faces, factors, score, map, thumbnails; resumable.

The photos go through in shards; a rerun after a kill goes on where it stopped.  The gallery is
built beside its place and put there whole at the end.
"""

import datetime
import logging
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image, ImageOps

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.names import beside, plain_name, same_name, spelled_in
from selfie_core.base.progress import Progress, Stages, chunks, part_of
from selfie_core.base.settings import LayoutConfig
from selfie_core.gallery.columns import MAP_COLUMNS
from selfie_core.gallery.gallery import (
    ATLAS_SIDE,
    CELL_SIDE,
    CELLS,
    FORMAT,
    THUMB_CENTRE,
    THUMB_SIDE,
    Gallery,
    percentiles,
)
from selfie_core.gallery.map.draw import Map, draw_map
from selfie_core.gallery.map.tsne import lay_out, morton_order
from selfie_core.gallery.remap import with_kept_names
from selfie_core.photo import faces, factors, images
from selfie_core.photo.folder import find_photos
from selfie_core.posts.labels import label_posts
from selfie_core.posts.table import need_columns, need_unique, read_posts
from selfie_core.scorer.files import score_photos
from selfie_core.scorer.scorer import Scorer

log = logging.getLogger(__name__)

SHARD = 256  # photos between two savings
FACELESS = "without a face"  # the kind under which these are counted


@dataclass(frozen=True)
class BuildConfig:
    """Settings of a gallery."""

    name: str = ""  # shown in titles; the folder's name by default
    map: bool = True  # place the photos by t-SNE
    photo_side: int = 1024  # pixels of the longest side of the kept photos
    quality: int = 80  # of these, WebP
    faceless: bool = False  # keep photos in which no face is found
    layout: LayoutConfig = field(default_factory=LayoutConfig)

    def __post_init__(self) -> None:
        if self.photo_side < THUMB_SIDE:
            seen = f"a side of kept photos of {self.photo_side} pixels is too small"
            raise DataError(f"{seen}; it must be {THUMB_SIDE} or more")


def build_gallery(
    photos: Path,
    out: Path,
    *,
    scorer: Scorer,
    given: pd.DataFrame | None = None,
    config: BuildConfig | None = None,
    progress: Stages | None = None,
) -> Gallery:
    """Return the gallery made of every readable photo of a face below a folder.

    Unreadable photos, copies, and photos without a face (the post's step 2: they are no selfies)
    are left out and counted in gallery.json; of equals the one of which `given` knows most stays.

    Args:
        photos: Folder of photos.
        out: Folder of the gallery; an older gallery there is replaced when the new one is whole.
        scorer: Gives scores and fc7.
        given: What is known of the photos, one row per `file` (its path below `photos`): followers,
            likes, label, any factor columns.  Photos without a row keep missing values.
        config: Settings.
        progress: Called with (stage, done, of).

    Raises:
        DataError: No photos, none to be used, `given` names photos that are not there, or `out`
            holds something else.
    """
    config, out = config or BuildConfig(), out.resolve()
    tell = progress or (lambda stage, done, of: None)
    files = find_photos(photos)
    if given is not None:
        given = _as_named(given, {same_name(path.relative_to(photos)) for path in files})
    store.check_folder(out, own="gallery.json")

    work = beside(out, ".building")
    _prepare(work, files, scorer, config)
    shards = []
    tell_photos = partial(tell, "photos")
    for number, part in enumerate(chunks(files, SHARD)):
        told = part_of(tell_photos, before=number * SHARD, of=len(files))
        shards.append(_shard(work, number, part, photos, scorer, config, told))
    table = pd.concat([rows for rows, _ in shards], ignore_index=True)
    fc7 = np.concatenate([features for _, features in shards])

    refused = table["error"].dropna()
    copies = table["error"].isna() & _are_copies(table, given)
    kept = table["error"].isna() & ~copies
    if not kept.any():
        raise DataError(_none_left(refused, photos))
    table = table[kept].drop(columns="error").reset_index(drop=True)
    fc7 = fc7[kept.to_numpy()]

    table = _with_given(table, given)
    table["percentile"] = percentiles(table["score"].to_numpy(), table["score"].to_numpy())
    table, fc7, drawn = _with_map(table, fc7, config, work, out, tell)

    facts = {
        "format": FORMAT,
        "name": config.name or plain_name(out.name),
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "scorer": {"id": scorer.id, "name": scorer.name, "image_size": scorer.image_size},
        "count": len(table),
        "left_out": {"copies": int(copies.sum()), **Counter(map(_reason, refused))},
        "map": drawn.facts if drawn else None,
    }
    if drawn:
        drawn.write(work)
    _finish(work, table, fc7, facts, scorer, tell)
    store.swap_folder(work, out)
    return Gallery.open(out)


def given_posts(path: Path) -> pd.DataFrame:
    """Return posts with the labels that follow from them, for `build_gallery`.

    Too few posts for one peer group stay without labels: a gallery can do without.
    """
    posts = read_posts(path).drop(columns=["group", "label", "split"], errors="ignore")
    try:
        labels = label_posts(posts)
    except DataError as error:
        log.warning("no labels: %s", error)
        return posts
    return posts.merge(labels[["file", "group", "label", "split"]], on="file")


def _as_named(given: pd.DataFrame, names: set[str]) -> pd.DataFrame:
    """Return the given table with its files spelled as the photos are."""
    need_columns(given, "file", name="the table")
    spelled = pd.Series(spelled_in(names, map(str, given["file"])), given.index, dtype=object)
    absent = sorted(given["file"][spelled.isna()])
    if absent:
        raise DataError(
            f"{len(absent)} photos of the table are not in the folder, the first is {absent[0]!r}; "
            f"give the folder that `file` starts from"
        )
    need_unique(spelled, name="the table")
    return store.unmixed(given.assign(file=spelled)).replace([np.inf, -np.inf], np.nan)


def _prepare(work: Path, files: Sequence[Path], scorer: Scorer, config: BuildConfig) -> None:
    """Keep the unfinished work of an earlier run if it was the same work, else begin afresh."""
    stats = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    plan = {"plan": store.content_id(repr([FORMAT, scorer.id, config.faceless, stats]).encode())}
    file = work / "plan.json"
    if not file.is_file() or store.read_json(file) != plan:
        shutil.rmtree(work, ignore_errors=True)
        store.write_json(file, plan)
    for folder in ("photos", "thumbs", "shards"):
        (work / folder).mkdir(exist_ok=True)


def _shard(
    work: Path,
    number: int,
    files: Sequence[Path],
    root: Path,
    scorer: Scorer,
    config: BuildConfig,
    tell: Progress | None,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return table rows and fc7 of one shard, read back if an earlier run made them."""
    rows_file, fc7_file = (work / "shards" / f"{number:05d}{end}" for end in (".parquet", ".npy"))
    if rows_file.is_file() and fc7_file.is_file():
        return store.read_table(rows_file), np.array(store.read_array(fc7_file))

    look = partial(_examine, work=work, config=config)
    rows, fc7 = [], np.zeros((len(files), scorer.fc7_width), np.float16)
    for place, found in enumerate(score_photos(files, scorer, look, progress=tell)):
        if found.error:
            log.warning("%s: %s", plain_name(files[place]), found.error)
        row = {"id": None, "file": same_name(files[place].relative_to(root))}
        rows.append(row | {"error": found.error, "score": found.score} | (found.seen or {}))
        fc7[place] = found.fc7
    table = pd.DataFrame(rows)
    store.write_array(fc7_file, fc7)
    store.write_table(rows_file, table)
    return table, fc7


def _examine(photo: Image.Image, path: Any, *, work: Path, config: BuildConfig) -> dict[str, Any]:
    """Return id and measured style of one photo; its small copies are written."""
    found = faces.find_faces(photo)
    if not (found or config.faceless):
        raise DataError(faces.NO_FACE)
    id = store.content_id(store.read_bytes(path))
    _write_copies(photo, work, id, config)
    return {"id": id, **factors.measure_factors(photo, found), "faces": len(found)}


def _write_copies(photo: Image.Image, work: Path, id: str, config: BuildConfig) -> None:
    large, side = photo, config.photo_side
    if max(photo.size) > side:
        large = ImageOps.contain(photo, (side, side), Image.Resampling.LANCZOS)
    with store.replacing(work / "photos" / f"{id}.webp") as temporary:
        # Method 4 would save 4 % of the file in 2.4 times the time.
        large.save(temporary, "WEBP", quality=config.quality, method=2)
    if min(large.size) >= 2 * THUMB_SIDE:  # a strip's square is cut from all of it
        photo = large
    square = ImageOps.fit(
        photo, (THUMB_SIDE, THUMB_SIDE), Image.Resampling.LANCZOS, centering=THUMB_CENTRE
    )
    with store.replacing(work / "thumbs" / f"{id}.jpg") as temporary:
        square.save(temporary, "JPEG", quality=82, optimize=True)


def _are_copies(table: pd.DataFrame, given: pd.DataFrame | None) -> pd.Series:
    """Return which photos equal one that is kept: of equals, the one of which most is given."""
    known = pd.Series(0, table.index)
    if given is not None:
        given_cells = given.set_index("file").notna().sum(axis=1)
        known = table["file"].map(given_cells).fillna(0)
    best_known = known.sort_values(ascending=False, kind="stable").index
    return table.loc[best_known].duplicated("id").sort_index()


def _with_given(table: pd.DataFrame, given: pd.DataFrame | None) -> pd.DataFrame:
    """Return the table with the given columns beside it; what is measured keeps its name."""
    if given is None:
        return table
    nested = given.map(
        lambda value: isinstance(value, list | tuple | set | dict | np.ndarray)
    ).any()
    new = given.columns[~nested.to_numpy() & ~given.columns.isin(table.columns)]
    return table.merge(given[["file", *new]], on="file", how="left", validate="many_to_one")


def _with_map(
    table: pd.DataFrame,
    fc7: np.ndarray,
    config: BuildConfig,
    work: Path,
    out: Path,
    tell: Stages,
) -> tuple[pd.DataFrame, np.ndarray, Map | None]:
    """Return table and features in the order of the map, and the map."""
    table = table.drop(columns=list(MAP_COLUMNS), errors="ignore")
    if not config.map:
        return table.assign(x=np.nan, y=np.nan), fc7, None
    xy = _positions(fc7, config.layout, work / "shards", partial(tell, "map"))
    order = morton_order(xy)
    table, fc7, xy = table.iloc[order].reset_index(drop=True), fc7[order], xy[order]
    drawn = draw_map(table, fc7, xy=xy, config=config.layout, progress=tell)
    drawn = with_kept_names(drawn, table["id"], out)
    return pd.concat([table, drawn.columns], axis=1), fc7, drawn


def _positions(
    fc7: np.ndarray, config: LayoutConfig, kept: Path, progress: Progress
) -> NDArray[np.float32]:
    """Return the places of the photos, read back if an earlier run found them."""
    file = kept / f"map-{store.content_id(fc7.tobytes() + repr(config).encode())}.npy"
    if not file.is_file():
        store.write_array(file, lay_out(fc7, config=config, progress=progress))
    return np.array(store.read_array(file))


def _reason(error: str) -> str:
    """Return the kind under which a refused photo is counted."""
    if error == faces.NO_FACE:
        return FACELESS
    return images.TOO_LARGE if "megapixel" in error else "unreadable"


def _none_left(refused: pd.Series, photos: Path) -> str:
    """Return why no photo of a folder became part of a gallery."""
    bad = refused[refused != faces.NO_FACE]
    if len(bad) == len(refused):
        return f"no photo of {len(refused)} in {photos} can be read; the first: {bad.iat[0]}"
    rest = f", {len(bad)} can't be read" if len(bad) else ""
    return (
        f"no face found in {len(refused) - len(bad)} of {len(refused)} photos in {photos}{rest}; "
        f"keep photos without a face by --faceless"
    )


def _finish(
    work: Path,
    table: pd.DataFrame,
    fc7: np.ndarray,
    facts: dict[str, Any],
    scorer: Scorer,
    tell: Stages,
) -> None:
    """Write atlases, features, table and, last of all, gallery.json."""
    thumbs = work / "thumbs"
    for number, ids in enumerate(chunks(table["id"].tolist(), CELLS)):
        _write_atlas(thumbs, ids, thumbs / f"atlas-{number:05d}.jpg")
        tell("thumbnails", min(len(table), (number + 1) * CELLS), len(table))
    if scorer.path.resolve() != store.demo_scorer().resolve():
        shutil.copyfile(scorer.path, work / "scorer.safetensors")
    store.write_array(work / "fc7.npy", fc7)
    store.write_table(work / "selfies.parquet", table)
    shutil.rmtree(work / "shards")
    (work / "plan.json").unlink()
    store.write_json(work / "gallery.json", facts)


def _write_atlas(thumbs: Path, ids: Sequence[str], target: Path) -> None:
    atlas = Image.new("RGB", (ATLAS_SIDE, ATLAS_SIDE))
    for cell, id in enumerate(ids):
        with Image.open(thumbs / f"{id}.jpg") as thumb:
            small = thumb.resize((CELL_SIDE, CELL_SIDE), Image.Resampling.LANCZOS)
        atlas.paste(small, (cell % 8 * CELL_SIDE, cell // 8 * CELL_SIDE))
    with store.replacing(target) as temporary:
        atlas.save(temporary, "JPEG", quality=80, optimize=True)
