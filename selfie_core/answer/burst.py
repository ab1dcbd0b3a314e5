"""The best of a burst: up to fifty photos ranked, those of one moment grouped.

Letters: N photos, D width of fc7.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.progress import Progress
from selfie_core.gallery.gallery import Gallery, percentiles
from selfie_core.photo.copies import group_moments, square
from selfie_core.scorer.files import score_photos
from selfie_core.scorer.scorer import Scorer

MOST = 50  # photos
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
    error.  What can't be read stands at the end, with its reason.  A file is given as its name and
    content.

    Raises:
        DataError: There are none, or more than fifty.
    """
    if not 1 <= len(files) <= MOST:
        raise DataError(f"{len(files)} photos at once; wanted 1 to {MOST}, choose fewer")
    names, contents = zip(*files, strict=True)
    found = list(
        score_photos(
            [partial(bytes, data) for data in contents],
            scorer,
            lambda photo, _content: square(photo),
            progress=progress,
        )
    )
    table = pd.DataFrame({"file": names, "score": [one.score for one in found]})
    table["error"] = [one.error or "" for one in found]
    readable = table["error"] == ""
    ids = pd.Series([store.content_id(data) for data in contents])
    earlier = table["file"].groupby(ids).transform("first")
    table["same_as"] = earlier.where(readable & ids.duplicated(), "")
    table["group"] = 0
    if readable.any():
        squares = [one.seen for one in found if one.seen is not None]
        features = [one.fc7 for one in found if one.error is None]
        table.loc[readable, "group"] = group_moments(np.stack(squares), np.stack(features))
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
