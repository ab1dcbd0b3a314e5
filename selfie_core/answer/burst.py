"""The best of a burst: up to fifty photos ranked, those of one moment grouped.

Letters: N photos, D width of fc7.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.progress import Progress
from selfie_core.gallery.gallery import Gallery, percentiles
from selfie_core.photo.copies import group_moments, square
from selfie_core.photo.images import SCORE_SIDE, check_side, open_reduced
from selfie_core.scorer.scorer import Scorer

MOST = 50  # photos
FEW = 4  # held decoded at a time
COLUMNS = ("file", "score", "percentile", "rank", "group", "best_of_group", "same_as", "error")


def rank_burst(
    files: Sequence[tuple[str, bytes]],
    scorer: Scorer,
    *,
    gallery: Gallery | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Return a table of photos, best first, with those of one moment grouped.

    Columns: file, score, percentile (within the gallery), rank, group (numbered from the group
    with the best photo), best_of_group, same_as (the name of an earlier file of the same content),
    error.  What can't be read stands at the end, with its reason.

    Args:
        files: Name and content of each file, at most fifty.
        scorer: Gives scores and fc7.
        gallery: For the percentile.
        progress: Called with the number of files done and all.

    Raises:
        DataError: There are none, or more than fifty.
    """
    if not 1 <= len(files) <= MOST:
        raise DataError(f"{len(files)} photos at once; wanted 1 to {MOST}, choose fewer")
    rows: list[dict[str, Any]] = []
    squares, features = [], []
    first: dict[str, str] = {}
    with ThreadPoolExecutor(2) as openers:
        for start in range(0, len(files), FEW):
            part = files[start : start + FEW]
            opened = list(openers.map(lambda file: _open(file[1], scorer), part))
            photos = [found for found in opened if isinstance(found, Image.Image)]
            scores, fc7 = scorer.features(photos)
            features.append(fc7)
            squares += [square(photo) for photo in photos]
            values = iter(scores.tolist())
            for (name, data), found in zip(part, opened, strict=True):
                readable = isinstance(found, Image.Image)
                earlier = first.setdefault(store.content_id(data), name)
                rows.append(
                    {
                        "file": name,
                        "score": next(values) if readable else np.nan,
                        "same_as": earlier if earlier is not name and readable else "",
                        "error": "" if readable else found,
                    }
                )
            if progress:
                progress(len(rows), len(files))
    table = pd.DataFrame(rows)
    readable = table["error"] == ""
    table["group"] = 0
    if readable.any():
        groups = group_moments(np.stack(squares), np.concatenate(features))
        table.loc[readable, "group"] = groups
    return _ranked(table, gallery)


def _ranked(table: pd.DataFrame, gallery: Gallery | None) -> pd.DataFrame:
    """Order by score, number ranks and groups, mark the best of each."""
    table = table.sort_values("score", ascending=False, kind="stable", ignore_index=True)
    found = table["score"].notna()
    table["rank"] = pd.Series(range(1, len(table) + 1), dtype="Int64").where(found)
    table["best_of_group"] = found & ~table["group"].duplicated()
    numbers = pd.factorize(table["group"].where(found))[0] + 1  # by their best photo; 0 if none
    table["group"] = pd.Series(numbers, dtype="Int64").where(found)
    table["percentile"] = np.nan
    if gallery:
        among = gallery.table["score"].to_numpy()
        scores = table.loc[found, "score"].to_numpy(np.float64)
        table.loc[found, "percentile"] = percentiles(scores, among)
    return table[list(COLUMNS)]


def _open(data: bytes, scorer: Scorer) -> Image.Image | str:
    """Return the photo, or why it can't be scored."""
    try:
        photo, _ = open_reduced(data, scorer.image_size)
        check_side(photo, SCORE_SIDE, "scores")
        return photo
    except DataError as error:
        return str(error)
