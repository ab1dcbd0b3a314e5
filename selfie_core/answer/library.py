"""Picks back into the photo library: as XMP sidecars beside the photos, which stay as they are."""

import functools
import logging
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath
from typing import TypeVar

import pandas as pd

from selfie_core.answer.crops import suggest_crops
from selfie_core.answer.cull import Cull
from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.names import plain_name
from selfie_core.base.progress import Progress, Stages
from selfie_core.base.settings import CullConfig
from selfie_core.photo import images, sidecar
from selfie_core.photo.exif import orientation_of
from selfie_core.photo.faces import find_faces
from selfie_core.photo.sidecar import Change, Crop, Listing, Mark
from selfie_core.scorer.scorer import Scorer

log = logging.getLogger(__name__)
P = TypeVar("P", bound=PurePath)


def marks_of(
    picks: pd.DataFrame, crops: Mapping[str, Crop], *, config: CullConfig
) -> dict[str, Mark]:
    """Return what sidecars are to say of each photo, by its file; nothing of what can't be read.

    Args:
        picks: By `roll.pick_best`.
        crops: Of keepers, by file.
        config: Settings.
    """
    readable = picks[picks["score"].notna()]
    columns = (readable[name].tolist() for name in ("file", "stars", "keep"))
    return {
        file: Mark(
            sidecar.REJECTED if config.reject and not keep else stars,
            config.label if keep else "",
            crops.get(file),
        )
        for file, stars, keep in zip(*columns, strict=True)
    }


@dataclass(frozen=True)
class Sidecars:
    """What becomes of the sidecars of a folder's photos: by file, where each lies, and how."""

    changes: dict[str, list[tuple[Path, Change]]]

    def write(self) -> None:
        """Write those that change, each whole or not at all.

        Raises:
            DataError: A folder takes no file; then nothing is written.
        """
        changed = [(path, one) for path, one in self.all() if one.state in ("new", "added to")]
        for folder in sorted({path.parent for path, _ in changed}):
            store.check_target(folder / "sidecar.xmp")
        for path, change in changed:
            store.write_bytes(path, change.data)

    def all(self) -> list[tuple[Path, Change]]:
        """Return all of them."""
        return [one for of_photo in self.changes.values() for one in of_photo]

    def told(self, files: pd.Series) -> list[str]:
        """Return for each file what becomes of its sidecars: "new a.jpg.xmp"."""
        return [
            "; ".join(
                f"{one.state} {plain_name(one.name)}" for _, one in self.changes.get(file, ())
            )
            for file in files
        ]


def plan_sidecars(
    photos: Path, found: Cull, *, config: CullConfig, progress: Stages | None = None
) -> Sidecars:
    """Return what becomes of the sidecars of a folder's photos; nothing is written yet.

    Those that are no XMP are left alone, and the log names the first.

    Args:
        photos: The folder that was culled.
        found: What was picked.
        config: Settings.
        progress: Called with (stage, done, of).
    """
    paths = {file: photos / path for file, path in found.paths.items()}
    keepers = found.picks["file"][found.picks["keep"]] if config.crop else ()
    tell = partial(progress, "crops") if progress else None
    crops = best_crops({file: paths[file] for file in keepers}, found.scorer, progress=tell)
    changes: dict[str, list[tuple[Path, Change]]] = defaultdict(list)
    for file, path, change in changes_of(
        marks_of(found.picks, crops, config=config), paths,
        listed=os.listdir, read=store.read_bytes, adobe=config.adobe,
    ):  # fmt: skip
        changes[file].append((path.resolve(), change))
    planned = Sidecars(changes)
    if broken := [path for path, one in planned.all() if one.state == "broken"]:
        said = "sidecars that are no XMP, or can't be read, and are left alone: %d; the first: %s"
        log.warning(said, len(broken), plain_name(broken[0]))
    return planned


def changes_of(
    marks: Mapping[str, Mark],
    paths: Mapping[str, P],
    *,
    listed: Callable[[P], Iterable[str]],
    read: Callable[[P], bytes],
    adobe: bool = False,
) -> Iterator[tuple[str, P, Change]]:
    """Yield what becomes of each sidecar: file of its photo, its own path, the change.

    Args:
        marks: What to say, by file, as `marks_of` gives it.
        paths: Of the photos, by file.
        listed: Gives the names of all files of a folder.
        read: Gives the content of a file.
        adobe: As of `sidecar.plan_changes`.
    """

    @functools.cache
    def there(folder: P) -> Listing:
        return Listing(listed(folder))

    for file, mark in marks.items():
        folder = paths[file].parent
        for change in sidecar.plan_changes(
            paths[file].name, there(folder), mark, adobe=adobe,
            read=lambda name, folder=folder: read(folder / name),
        ):  # fmt: skip
            yield file, folder / change.name, change


def best_crops(
    photos: Mapping[str, Path | bytes], scorer: Scorer, *, progress: Progress | None = None
) -> dict[str, Crop]:
    """Return the best crop of each photo that gains by one, by the name it goes by."""
    crops = {}
    for number, (file, photo) in enumerate(photos.items(), 1):
        with suppress(DataError):  # too small for a crop, or gone meanwhile
            if crop := best_crop(photo, scorer):
                crops[file] = crop
        if progress:
            progress(number, len(photos))
    return crops


def best_crop(source: Path | bytes, scorer: Scorer) -> Crop | None:
    """Return the crop of a photo's own shape that scores best; None if all of it scores better.

    Raises:
        DataError: It can't be read, or is too small.
    """
    with images.ROOM:
        photo, size = images.open_sized(source, at_least=scorer.copy_side)
    best = suggest_crops(
        photo, scorer, size=size, count=1, aspect=size[0] / size[1], mode="fast",
        faces=find_faces(photo, size=size),
    )[0]  # fmt: skip
    if best.score <= float(scorer([photo])[0]):
        return None
    box = (best.left, best.top, best.right, best.bottom)
    return Crop.of_upright(box, size, orientation_of(source))
