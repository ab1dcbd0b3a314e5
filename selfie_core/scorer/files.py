"""Photos to rows: the one loop that opens photos, refuses the bad ones, scores, and tells how far.

All that goes through many photos goes through it: `selfie score`, galleries, bursts, piles, the
measures.  Few photos are held decoded at a time, whatever their number; of each only the square
that the net sees and what the caller wants of it stay.

Letters: D width of fc7, S side of the squares.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from selfie_core.base import store
from selfie_core.base.engine import Engine, Here
from selfie_core.base.errors import DataError
from selfie_core.base.names import plain_name
from selfie_core.base.progress import Progress, chunks, cores
from selfie_core.photo import images
from selfie_core.photo.faces import NO_FACE, find_faces
from selfie_core.photo.folder import Stored
from selfie_core.scorer.scorer import Scorer

FEW = 4  # photos that one thread opens before it asks for their scores
SHARD = 1024  # files between two savings
_DIED = "the process that read it died, or others beside it; score again"

T = TypeVar("T")
Source = Path | Stored | Callable[[], bytes]  # of one photo: what gives its content at last
Look = Callable[[Image.Image, Path | bytes], T]


@dataclass(frozen=True, eq=False)
class Scored(Generic[T]):
    """One photo that went through the loop.

    Attributes:
        score: In [0, 1]; NaN if it can't be scored.
        fc7: After its ReLU, shape (D,); zeros if it can't be scored.
        seen: What the caller's look made of it; None if it can't be scored.
        error: Why it can't be scored, or None.
    """

    score: float
    fc7: NDArray[np.float32]
    seen: T | None
    error: str | None


def score_photos(
    sources: Sequence[Source],
    scorer: Scorer,
    look: Look[T],
    *,
    at_least: int = 0,
    purpose: str = "scores",
    progress: Progress | None = None,
) -> Iterator[Scored[T]]:
    """Yield what becomes of each photo, in order; a bad one says why, and the rest goes on.

    Args:
        sources: The photos; what gives their content is called when it is their turn, and an
            error of its own ends the loop.
        scorer: Gives scores and fc7.
        look: Called with each opened photo, and its file or content, by one of several threads; a
            `DataError` from it refuses the photo.  What it returns should be small.
        at_least: Pixels that each side keeps of what `look` is given, if those of the copy that is
            scored are too few.
        purpose: What needs a photo of at least 32 pixels on each side, in the plural.
        progress: Called with (done, of).
    """
    sides = sorted({max(at_least, scorer.copy_side), scorer.copy_side}, reverse=True)

    def open_one(source: Source) -> tuple[NDArray[np.float32] | None, T | None, str | None]:
        with images.ROOM:
            content = source if isinstance(source, Path | Stored) else source()
            try:
                if isinstance(content, Stored):
                    content = content()
                copies, _ = images.open_copies(content, *sides)
                images.check_side(copies[-1], images.SCORE_SIDE, purpose)
                square = images.squash(copies[-1], scorer.image_size)
                return square, look(copies[0], content), None
            except DataError as error:
                return None, None, str(error)

    def score_few(few: Sequence[Source]) -> list[Scored[T]]:
        opened = [open_one(source) for source in few]
        scores, fc7 = scorer.features_of([square for square, _, _ in opened if square is not None])
        made = zip(scores.tolist(), fc7, strict=True)
        bad = float("nan"), np.zeros(scorer.fc7_width, np.float32)
        return [
            Scored(*(bad if square is None else next(made)), seen, error)
            for square, seen, error in opened
        ]

    # On a CPU each thread runs the net itself; a GPU wants photos of many, for a full batch.
    pool = ThreadPoolExecutor(cores() * (1 if scorer.device == "cpu" else 4))
    done = 0
    try:
        for few in pool.map(score_few, chunks(sources, FEW)):
            done += len(few)
            if progress:
                progress(done, len(sources))
            yield from few
    finally:  # also where the caller stops early
        pool.shutdown(cancel_futures=True)


def score_files(
    paths: Sequence[Path | Stored],
    scorer: Scorer,
    *,
    count_faces: bool = True,
    work: Path | None = None,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Return a table, one row per file in order: file, score, faces, error, note.

    A file that can't be scored keeps its row, with the reason in `error`; the rest goes on.  A
    photo without a face, which is no selfie, has a score all the same; `note` says it.

    Args:
        paths: Files of photos, or photos of other sources, see `photos_of`.
        scorer: Gives the scores.
        count_faces: Find the faces too, which takes several times as long as the score; without,
            the columns `faces` and `note` are empty.
        work: Folder for unfinished work: after a kill the same call goes on from there.
        engine: Does the scoring; by default this process.
        progress: Called with (done, of).
    """
    shards = list(chunks(paths, SHARD))
    names = [work and f"{_fingerprint(shard, scorer, count_faces)}.parquet" for shard in shards]
    files = [work / name if work and name else None for name in names]
    tables = {n: store.read_table(f) for n, f in enumerate(files) if f and f.is_file()}
    done = sum(map(len, tables.values()))
    engine = engine if engine and len(paths) - done > engine.least else Here()
    jobs = [
        (shard, [path.absolute() if isinstance(path, Path) else path for path in part])
        for shard in range(len(shards)) if shard not in tables
        for part in chunks(shards[shard], engine.at_once)
    ]  # fmt: skip
    left = Counter(shard for shard, _ in jobs)
    parts: dict[int, dict[int, pd.DataFrame]] = defaultdict(dict)

    def tell(of_job: int, of: int) -> None:
        if progress and of_job < of:
            progress(done + of_job, len(paths))

    asked = (part for _, part in jobs)
    for number, table in engine.run(_score_part, (scorer, count_faces), asked, tell):
        shard, part = jobs[number]
        if table is None:
            table = _rows([(None, None, _DIED)] * len(part))
        parts[shard][number] = table
        done += len(part)
        if progress:
            progress(done, len(paths))
        if len(parts[shard]) == left[shard]:
            tables[shard] = pd.concat([table for _, table in sorted(parts.pop(shard).items())])
            if (file := files[shard]) and len(paths) > SHARD:
                store.write_table(file, tables[shard])
    scored = [table for _, table in sorted(tables.items())] or [_rows([])]
    table = pd.concat(scored, ignore_index=True)
    files = [plain_name(path if isinstance(path, Path) else path.name) for path in paths]
    table.insert(0, "file", pd.Series(files, dtype="str"))
    note = table["faces"].eq(0).map({True: NO_FACE}).astype("string")
    return table.assign(note=note)


def _score_part(
    how: tuple[Scorer, bool], paths: Sequence[Path | Stored], progress: Progress | None
) -> pd.DataFrame:
    scorer, count_faces = how

    def look(photo: Image.Image, _content: Path | bytes) -> int | None:
        return len(find_faces(photo)) if count_faces else None

    scored = score_photos(paths, scorer, look, progress=progress)
    return _rows([(found.score, found.seen, found.error) for found in scored])


def _rows(rows: list[tuple[float | None, int | None, str | None]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["score", "faces", "error"])
    return table.astype({"score": "float64", "faces": "Int64", "error": "string"})


def _fingerprint(paths: Sequence[Path | Stored], scorer: Scorer, count_faces: bool) -> str:
    """Return a hash of all that the rows of these files depend on."""
    facts: list[object] = [scorer.id, count_faces]
    for path in paths:
        if isinstance(path, Stored):
            facts.append([path.name, *path.seen])
            continue
        seen = path.stat() if path.is_file() else None
        facts.append([str(path), seen and [seen.st_size, seen.st_mtime_ns]])
    return store.content_id(repr(facts).encode())
