"""What ships, changed or looked at: the gallery with another table, the score of a sample."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo import images
from selfie_core.scorer.scorer import load_scorer


def changed_gallery(
    folder: Path, change: Callable[[pd.DataFrame], pd.DataFrame], *, name: str | None = None
) -> Path:
    """Write the shipped gallery with its table changed into a folder; return the folder.

    It is one of the first format, which opens as it is.  It has no photos: the pages that are
    tested on it show none.
    """
    shipped = Gallery.open(store.demo_gallery())
    info = shipped.info | {"format": 1, "count": len(shipped), "name": name or shipped.name}
    for part in ("generation", "segments", "photo_side"):
        info.pop(part, None)
    (folder / "photos").mkdir(parents=True)
    (folder / "thumbs").mkdir()
    store.write_json(folder / "gallery.json", info)
    store.write_array(folder / "fc7.npy", shipped.fc7[:])
    store.write_table(folder / "selfies.parquet", change(shipped.table))
    return folder


def sample_score(name: str) -> float:
    """Return the score of a sample photo, as every page and command has it."""
    scorer = load_scorer()
    path = store.sample_photos() / f"{name}.jpg"
    return float(scorer([images.open_sized(path, at_least=scorer.copy_side)[0]])[0])
