"""A folder of photos -> its best: a gallery is made of it, so that each photo is read once."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from selfie_core.answer.roll import CELL, MOST_ON_SHEET, contact_sheet, pick_best
from selfie_core.base import store
from selfie_core.base.names import plain_name, same_name
from selfie_core.base.progress import Stages
from selfie_core.base.settings import CullConfig
from selfie_core.gallery.build import build_gallery, last_build
from selfie_core.gallery.columns import MEASURED
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.grids import square_photo
from selfie_core.gallery.intake import recipe_of
from selfie_core.gallery.ledger import Ledger
from selfie_core.photo.copies import SIDE, square
from selfie_core.photo.exif import taken_at
from selfie_core.photo.faces import NO_FACE
from selfie_core.photo.folder import Scan, scan_photos
from selfie_core.scorer.scorer import Scorer, load_scorer

_UNREAD = "photo can't be opened, or changed while it was read; check it and run again"


@dataclass(frozen=True, eq=False)
class Cull:
    """A folder of photos, with the best of it picked.

    Attributes:
        picks: By `pick_best`; files are named by their path below the folder.
        gallery: Made of the folder.
        paths: By file, its path below the folder as the system spells it.
        rows: By file, its row in the gallery; what can't be read has none.
        scorer: That scored them.
    """

    picks: pd.DataFrame
    gallery: Gallery
    paths: dict[str, str]
    rows: dict[str, int]
    scorer: Scorer

    def sheet(self) -> Image.Image:
        """Return the keepers as one picture, the best first.

        Raises:
            DataError: There are none.
        """
        keepers = self.picks[self.picks["keep"]][:MOST_ON_SHEET]
        rows = [self.rows[file] for file in keepers["file"]]
        photos = [square_photo(self.gallery, row, side=CELL) for row in rows]
        return contact_sheet(photos, keepers)


def cull_folder(
    photos: Path,
    out: Path,
    *,
    scorer: Path | None = None,
    config: CullConfig | None = None,
    progress: Stages | None = None,
) -> Cull:
    """Return the best of a folder of photos; what was read before is not read again.

    Args:
        photos: The folder.
        out: Folder of the gallery that keeps what is read: a new one, with photos without a face
            too, or one that was built of these photos, which keeps its settings.
        scorer: Of scores and fc7; the gallery's own by default, for a new one that which ships.
        config: Settings.
        progress: Called with (stage, done, of).

    Raises:
        DataError: As of `build_gallery`.
    """
    config = config or CullConfig()
    build, own = last_build(out, faceless=None if store.is_gallery(out) else True)
    loaded = load_scorer(scorer or own)
    scan = scan_photos(photos)
    gallery = build_gallery(photos, out, scorer=loaded, config=build, scan=scan, progress=progress)
    files = _files(photos, scan, gallery, recipe_of(loaded.id, build))
    at, known = files["row"].to_numpy(np.intp), files["row"].to_numpy() >= 0
    fc7 = np.zeros((len(files), gallery.fc7.shape[1]), np.float32)
    squares = np.zeros((len(files), SIDE * SIDE), np.float32)
    fc7[known] = gallery.fc7[at[known]]
    squares[known] = [square(_thumb(gallery, row)) for row in at[known]]
    measured = gallery.table[[name for name in MEASURED if name in gallery.table]].reindex(at)
    table = pd.concat([files, measured.reset_index(drop=True)], axis=1)
    picks = pick_best(table, fc7, squares, among=_examples(gallery), config=config)
    return Cull(
        picks, gallery,
        paths=dict(zip(files["file"], files["path"], strict=True)),
        rows={file: row for file, row in zip(files["file"], at.tolist(), strict=True) if row >= 0},
        scorer=loaded,
    )  # fmt: skip


def _files(photos: Path, scan: Scan, gallery: Gallery, recipe: str) -> pd.DataFrame:
    """Return a row per file: its row in the gallery or -1, when it was taken, what is wrong."""
    with Ledger(gallery.folder) as ledger:
        ids = {path: id for path, (_, id) in ledger.files().items()}
        bad = ledger.bad(recipe)
    at = {id: row for row, id in enumerate(gallery.table["id"])}
    first: dict[str, str] = {}
    rows = []
    for path in scan.photos:
        id, file = ids.get(path, ""), same_name(plain_name(path))
        error = bad.get(id, NO_FACE if id else _UNREAD)
        row = {"file": file, "path": path, "row": at.get(id, -1), "taken": taken_at(photos / path)}
        rows.append(row | {"same_as": first.get(id, ""), "error": "" if id in at else error})
        if id:
            first.setdefault(id, file)
    return pd.DataFrame(rows)


def _thumb(gallery: Gallery, row: int) -> Image.Image:
    return Image.open(BytesIO(gallery.thumb(row)))


def _examples(gallery: Gallery) -> pd.DataFrame:
    """Return photos that tell what the score goes by: the demo's, if it has the same scorer."""
    demo = store.demo_gallery()
    shipped = Gallery.open(demo) if store.is_gallery(demo) else gallery
    return (shipped if shipped.scorer_id == gallery.scorer_id else gallery).table
