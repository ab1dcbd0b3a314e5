"""Galleries changed by a test, which the library itself never does."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.generation import Generation
from selfie_core.gallery.segments import LooseFiles


def change_table(folder: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Let the gallery of a folder say something else of its photos."""
    gallery = Gallery.open(folder)
    rows = change(gallery.table.copy()).assign(at=gallery.at)
    store.write_table(gallery.map_files / "rows.parquet", rows)


def with_features(gallery: Gallery, table: pd.DataFrame, fc7: np.ndarray) -> Gallery:
    """Return a gallery of other photos, without pictures."""
    parts = (LooseFiles(gallery.folder, table, fc7),)
    shown = Generation(gallery.folder, parts, np.arange(len(table)), table, fc7)
    return replace(gallery, table=table, _generation=shown)
