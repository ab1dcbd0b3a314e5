"""A folder of photos -> a gallery: faces, factors, score, map, thumbnails; and the same again.

What is new in the folder is added, what is gone leaves, and nothing is computed twice.  All stays
as it was until the new generation is whole; a run that was killed is taken up where it stopped.
"""

import dataclasses
import datetime
import logging
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from selfie_core.base import store
from selfie_core.base.engine import Engine, Here
from selfie_core.base.errors import DataError
from selfie_core.base.names import plain_name, same_name, spelled_in
from selfie_core.base.progress import Stages
from selfie_core.base.settings import BuildConfig, LayoutConfig
from selfie_core.base.words import counted
from selfie_core.gallery.columns import MAP_COLUMNS, given_columns
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.generation import (
    FORMAT,
    KEPT_SETTINGS,
    NewerFormat,
    own_scorer,
    read_facts,
    settings_of,
)
from selfie_core.gallery.intake import Intake, Shelf, Taken, recipe_of
from selfie_core.gallery.ledger import Ledger
from selfie_core.gallery.renewal import Drawing, Photos, renew
from selfie_core.gallery.segments import LooseFiles, Part, Segment, find_segments
from selfie_core.photo import faces, images
from selfie_core.photo.folder import Scan
from selfie_core.photo.sources import scan_source
from selfie_core.posts.labels import label_posts
from selfie_core.posts.table import need_columns, need_unique, read_posts
from selfie_core.scorer.scorer import Scorer

__all__ = ["BuildConfig", "build_gallery", "given_posts"]

log = logging.getLogger(__name__)

FAILED = "failed.csv"  # lists the photos that could not be read: the next build tries them again
FACELESS, UNREAD = "without a face", "not read"  # kinds under which photos are counted


def build_gallery(
    photos: str | Path,
    out: Path,
    *,
    scorer: Scorer,
    given: pd.DataFrame | None = None,
    config: BuildConfig | None = None,
    verify: bool = False,
    retry: bool = False,
    scan: Scan | None = None,
    engine: Engine | None = None,
    progress: Stages | None = None,
) -> Gallery:
    """Return the gallery made of every readable photo of a face below a folder.

    Unreadable photos, copies, and photos without a face (the post's step 2: they are no selfies)
    are left out and counted in gallery.json; of equals the one of which `given` knows most stays.

    Args:
        photos: Folder of photos, tar shards, tables or an address, see `scan_source`.
        out: Folder of the gallery.  One that is there shows from now on what the folder holds:
            photos that it knows are not read again, and keep what was given and their places.
        scorer: Gives scores and fc7.
        given: What is known of the photos, one row per `file` (its path below `photos`): followers,
            likes, label, any factor columns.  Photos without a row keep missing values.
        config: Settings.
        verify: Read all files: an edit may keep a file's size and time.
        retry: Try again what could not be used before.
        scan: What lies in the folder, if that was looked up just now.
        engine: Does what is done per photo; by default this process.  What comes of it is the same.
        progress: Called with (stage, done, of).

    Raises:
        DataError: No photos, none to be used, `given` names photos that are not there, or `out`
            holds something else, is of a newer version, or is being built by another process.
    """
    config, out = config or BuildConfig(), out.resolve()
    tell = progress or (lambda stage, done, of: None)
    scan = scan or scan_source(photos)
    if given is not None:
        given = _as_named(given, {_spelled(path) for path in scan.photos})
    store.check_folder(out, own="gallery.json")
    with Ledger(out) as ledger:
        old = _opened(out)
        recipe = recipe_of(scorer.id, config)
        if old and old.info["format"] == 1:
            _take_over(old, ledger, scan)
        parts = _shown(old, scorer, recipe)
        shelf = Shelf(parts, _left(out, parts, recipe))
        intake = Intake(out, shelf, ledger, scorer, config, engine or Here())
        taken = intake.take(scan, verify=verify, retry=retry, progress=partial(tell, "photos"))
        _list_failed(out / FAILED, taken)
        if not taken.ids:
            raise DataError(_none_left([*taken.refused.values(), *taken.failed.values()], photos))
        shown = _photos(shelf, taken, given, old)
        info = _facts(out, scorer, config, taken, shown, old)
        drawing, layout = _drawing(config, shown, old, scorer)
        if old and drawing in ("add", "none") and _is_shown(old, shown, info):
            return old
        _keep_scorer(out, scorer)
        return renew(
            out, shown, old=old, info=info, recipe=recipe, drawing=drawing, layout=layout,
            progress=tell,
        )  # fmt: skip


def last_build(out: Path, **asked: Any) -> tuple[BuildConfig, Path | None]:
    """Return the settings for a build, and the scorer of the gallery that is there, if any.

    Args:
        out: Folder of the gallery.
        asked: Fields of `BuildConfig`; None is as before.
    """
    try:
        info = read_facts(out)
    except NewerFormat:
        raise
    except DataError:  # none yet, or to be built anew
        return settings_of({}, **asked), None
    return settings_of(info, **asked), own_scorer(out, info)


def given_posts(path: Path) -> pd.DataFrame:
    """Return posts with the labels that follow from them, for `build_gallery`.

    Too few posts for one peer group stay without labels: a gallery can do without.
    """
    posts = read_posts(path).drop(columns=["group", "label", "split"], errors="ignore")
    try:
        labels = label_posts(posts)
    except DataError as error:
        found, _, _ = str(error).partition("; ")  # what follows names a flag of `selfie label`
        log.warning("no labels: %s; more posts would give some", found)
        return posts
    return posts.merge(labels[["file", "group", "label", "split"]], on="file")


def _as_named(given: pd.DataFrame, names: set[str]) -> pd.DataFrame:
    """Return the given table with its files spelled as the photos are."""
    need_columns(given, "file", name="the table")
    spelled = pd.Series(spelled_in(names, map(str, given["file"])), given.index, dtype=object)
    absent = sorted(given["file"][spelled.isna()])
    if absent:
        raise DataError(
            f"not in the folder: {counted(len(absent), 'photo')} of the table, the first is "
            f"{absent[0]!r}; give the folder that `file` starts from"
        )
    need_unique(spelled, name="the table")
    return store.unmixed(given.assign(file=spelled)).replace([np.inf, -np.inf], np.nan)


def _spelled(path: str) -> str:
    """Return a path below the folder of photos as tables name it."""
    return path if "://" in path else same_name(path.replace(os.sep, "/"))


def _opened(out: Path) -> Gallery | None:
    """Return the gallery that is there, if any; one that is damaged is built anew."""
    if not (out / "gallery.json").is_file():
        return None
    try:
        return Gallery.open(out)
    except NewerFormat:
        raise
    except DataError as error:
        log.warning("%s", error)
        return None


def _shown(old: Gallery | None, scorer: Scorer, recipe: str) -> list[Part]:
    """Return what was computed by a recipe of what the gallery shows."""
    parts = old.parts if old and old.scorer_id == scorer.id else ()
    return [part for part in parts if isinstance(part, LooseFiles) or part.recipe == recipe]


def _left(out: Path, shown: Sequence[Part], recipe: str) -> Iterator[Segment]:
    """Yield what runs that were killed computed by a recipe."""
    names = {part.name for part in shown if isinstance(part, Segment)}
    for name in find_segments(out):
        if name not in names:
            with suppress(DataError):  # of a disk that was full
                if (part := Segment.open(out, name)).recipe == recipe:
                    yield part


def _photos(shelf: Shelf, taken: Taken, given: pd.DataFrame | None, old: Gallery | None) -> Photos:
    """Return the photos that a gallery is to show, one per content."""
    files: dict[str, list[str]] = defaultdict(list)
    for path, id in taken.ids.items():
        files[id].append(_spelled(path))
    known = (
        {} if given is None else dict(zip(given["file"], given.notna().sum(axis=1), strict=True))
    )
    before = dict(zip(old.table["id"], old.table["file"], strict=True)) if old else {}

    def worth(file: str, id: str) -> tuple[int, bool]:
        return known.get(file, 0), file == before.get(id)

    ids = sorted(files, key=shelf.at.__getitem__)
    names = [max(files[id], key=partial(worth, id=id)) for id in ids]
    rows = pd.DataFrame({"file": names}, dtype="str")
    if given is not None:
        rows = _with_given(rows, given, shelf.parts[0].table.columns)
    elif old:
        kept = old.table.set_index("id")[given_columns(old.table)]
        rows = pd.concat([rows, kept.reindex(ids).reset_index(drop=True)], axis=1)
    return Photos(shelf.parts, np.array([shelf.at[id] for id in ids], np.int64), rows)


def _with_given(rows: pd.DataFrame, given: pd.DataFrame, measured: pd.Index) -> pd.DataFrame:
    """Return the rows with the given columns beside them; what is measured keeps its name."""
    nested = given.map(
        lambda value: isinstance(value, list | tuple | set | dict | np.ndarray)
    ).any()
    taken = [*measured, *rows.columns, *MAP_COLUMNS, "percentile"]
    new = given.columns[~nested.to_numpy() & ~given.columns.isin(taken)]
    return rows.merge(given[["file", *new]], on="file", how="left", validate="many_to_one")


def _facts(
    out: Path, scorer: Scorer, config: BuildConfig, taken: Taken, shown: Photos, old: Gallery | None
) -> dict[str, Any]:
    """Return the facts for gallery.json that follow from photos and settings."""
    copies = len(taken.ids) - len(shown.at)
    return {
        "name": config.name or (old.name if old else plain_name(out.name)),
        "scorer": {"id": scorer.id, "name": scorer.name, "image_size": scorer.image_size},
        "left_out": {
            "copies": copies,
            **Counter(map(_reason, taken.refused.values())),
            **({UNREAD: len(taken.failed)} if taken.failed else {}),
        },
        **{name: getattr(config, name) for name in KEPT_SETTINGS},
    }


def _drawing(
    config: BuildConfig, shown: Photos, old: Gallery | None, scorer: Scorer
) -> tuple[Drawing, LayoutConfig]:
    """Return what becomes of the map, and the settings of one that is drawn anew.

    Those who came since it was drawn may be as many as those it was drawn of.
    """
    if not config.map:
        return "none", config.layout
    if old is None or old.scorer_id != scorer.id or not (old.has_map and old.has_seams):
        return "anew", config.layout
    asked = dataclasses.replace(config.layout, jobs=old.layout.jobs)
    if asked not in (LayoutConfig(jobs=old.layout.jobs), old.layout):  # the defaults are no wish
        return "anew", config.layout
    stay = int(old.table["id"][~old.newcomers].isin(shown.measured()["id"]).sum())
    return ("add" if 2 * stay >= len(shown.at) else "anew"), old.layout


def _is_shown(old: Gallery, shown: Photos, info: Mapping[str, Any]) -> bool:
    """Return whether a gallery shows just these photos, with all that is said of them."""
    names = [part.name for part in shown.parts if isinstance(part, Segment)]
    return (
        old.info["format"] == FORMAT
        and names[: len(old.info["segments"])] == old.info["segments"]
        and np.array_equal(old.at, shown.at)
        and all(old.info.get(name) == value for name, value in info.items())
        and shown.rows.equals(old.table.reindex(columns=shown.rows.columns))
    )


def _take_over(old: Gallery, ledger: Ledger, scan: Scan) -> None:
    """Let the ledger know the files of a gallery of the first format, which had none.

    A file of the same name that is older than the gallery is the one that was read then.
    """
    ids = dict(zip(old.table["file"], old.table["id"], strict=True))
    made = datetime.datetime.fromisoformat(old.info["made"]).timestamp() * 1e9
    known = ledger.files()
    ledger.record(
        {
            path: (seen, ids[_spelled(path)])
            for path, seen in scan.photos.items()
            if path not in known and seen.mtime_ns < made and _spelled(path) in ids
        }
    )


def _list_failed(file: Path, taken: Taken) -> None:
    """Write which photos could not be read, and why; no file if there are none."""
    if taken.failed:
        rows = [(plain_name(path), reason) for path, reason in taken.failed.items()]
        store.write_table(file, pd.DataFrame(rows, columns=["file", "reason"]))
    else:
        file.unlink(missing_ok=True)


def _keep_scorer(out: Path, scorer: Scorer) -> None:
    """Let a gallery have its scorer, if it is another than the one that ships."""
    kept = out / f"scorer-{scorer.id}.safetensors"
    if scorer.path.resolve() not in (store.demo_scorer().resolve(), kept):
        store.write_bytes(kept, store.read_bytes(scorer.path))


def _reason(error: str) -> str:
    """Return the kind under which a refused photo is counted."""
    if error == faces.NO_FACE:
        return FACELESS
    return images.TOO_LARGE if "megapixel" in error else "unreadable"


def _none_left(refused: Sequence[str], photos: str | Path) -> str:
    """Return why no photo of a folder became part of a gallery."""
    bad = [reason for reason in refused if reason != faces.NO_FACE]
    if len(bad) == len(refused):
        return f"no photo of {len(refused)} in {photos} can be read; the first: {bad[0]}"
    rest = f", {len(bad)} can't be read" if bad else ""
    return (
        f"no face found in {len(refused) - len(bad)} of {counted(len(refused), 'photo')} in "
        f"{photos}{rest}; keep photos without a face by --faceless"
    )
