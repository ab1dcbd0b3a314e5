"""Files to rows: the one loop over photos."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.progress import Progress, chunks, cores
from selfie_core.photo import faces, images
from selfie_core.photo.images import DETAIL, ROOM
from selfie_core.scorer.scorer import Scorer

FEW = 4  # files that one thread opens and scores at a time
SHARD = 1024  # files between two savings

Row = dict[str, object]


def score_files(
    paths: Sequence[Path],
    scorer: Scorer,
    *,
    count_faces: bool = True,
    work: Path | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Return a table, one row a file in order: file, score, faces, error.

    A file that can't be scored keeps its row, with the reason in `error`; the rest goes on.

    Args:
        paths: Files of photos.
        scorer: Gives the scores.
        count_faces: Find the faces too, which takes several times as long as the score; without,
            the column is empty.
        work: Folder for unfinished work: after a kill the same call goes on from there.
        progress: Called with (done, of).
    """
    # One opens photos while the others wait for the net; a GPU wants many, for a full batch.
    threads = cores() + 1 if scorer.device == "cpu" else 4 * cores()
    tables = []
    with ThreadPoolExecutor(threads) as pool:

        def score_shard(shard: Sequence[Path], before: int) -> pd.DataFrame:
            rows: list[Row] = []
            for few in pool.map(
                lambda few: _score_few(few, scorer, count_faces), chunks(shard, FEW)
            ):
                rows.extend(few)
                if progress:
                    progress(before + len(rows), len(paths))
            table = pd.DataFrame(rows, columns=["file", "score", "faces", "error"])
            return table.astype({"score": "float64", "faces": "Int64", "error": "string"})

        for number, shard in enumerate(chunks(paths, SHARD)):
            kept = work / f"{_fingerprint(shard, scorer, count_faces)}.parquet" if work else None
            if kept and kept.is_file():
                table = store.read_table(kept)
            else:
                table = score_shard(shard, number * SHARD)
            if kept and len(paths) > SHARD:
                store.write_table(kept, table)
            tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _fingerprint(paths: Sequence[Path], scorer: Scorer, count_faces: bool) -> str:
    """Return a hash of all that the rows of these files hang on."""
    facts: list[object] = [scorer.id, count_faces]
    for path in paths:
        seen = path.stat() if path.is_file() else None
        facts.append([str(path), seen and [seen.st_size, seen.st_mtime_ns]])
    return store.content_id(repr(facts).encode())


def _score_few(paths: Sequence[Path], scorer: Scorer, count_faces: bool) -> list[Row]:
    """Return the rows of a few files."""
    opened = [_open_for_score(path, scorer.image_size, count_faces) for path in paths]
    squares = [square for square, _, _ in opened if square is not None]
    scores = iter(scorer.features_of(squares)[0].tolist())
    return [
        {
            "file": str(path),
            "score": None if square is None else next(scores),
            "faces": found,
            "error": error,
        }
        for path, (square, found, error) in zip(paths, opened, strict=True)
    ]


def _open_for_score(
    path: Path, side: int, count_faces: bool
) -> tuple[NDArray[np.float32] | None, int | None, str | None]:
    """Return the photo squashed and its number of faces, or the reason why it can't be scored."""
    try:
        with ROOM:
            # A large JPEG at 1/2 to 1/8 of its size: see tests/bench/bench_score.py for what it
            # saves and by how much it moves a score.
            photo = images.open_photo(path, at_least=DETAIL * side)
            images.check_side(photo, images.SCORE_SIDE, "scores")
            found = len(faces.find_faces(photo)) if count_faces else None
            return images.squash(photo, side), found, None
    except DataError as error:
        return None, None, str(error)
