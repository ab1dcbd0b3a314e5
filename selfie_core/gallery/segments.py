"""What was computed of photos, on disk: in segments that are written once and never changed.

A gallery's segments hold what follows from a photo's content alone; which of these photos a gallery
shows, under which names and at which places, says its generation (see `generations`).

    segments/NAME/   table.parquet   id, score, factors, faces; where its large copy lies
                     fc7.npy         float16 (n, D)
                     small.bin       atlases of 64 photos, then a thumbnail per photo
                     segment.json    by which recipe it was computed
    photos/NAME.bin                  large copies, one after the other

Letters: N photos of a gallery, n of a segment, D width of fc7.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from selfie_core.base import store
from selfie_core.base.errors import DataError, cant_write
from selfie_core.base.pack import Pack, read_span, write_pack
from selfie_core.base.progress import chunks

ATLAS_SIDE = 512  # pixels; larger atlases decode late, smaller ones are too many files
CELL_SIDE = 64  # pixels of one photo in an atlas
CELLS = (ATLAS_SIDE // CELL_SIDE) ** 2  # photos in one atlas
WHERE = ["pack", "start", "length"]  # columns: where a large copy lies


@dataclass(frozen=True, eq=False)
class Segment:
    """A segment, opened; pictures are the bytes of their files, none where they are missing."""

    folder: Path  # of the gallery
    name: str
    recipe: str  # see `build.recipe_of`
    where: pd.DataFrame  # `WHERE`, one row per photo
    fc7: NDArray[np.float16]
    _small: Pack

    @classmethod
    def open(cls, gallery: Path, name: str) -> "Segment":
        """Return a segment of a gallery's folder.

        Raises:
            DataError: A part of it is missing or damaged.
        """
        folder = gallery / "segments" / name
        where = store.read_table(folder / "table.parquet", columns=WHERE)
        fc7, small = store.read_array(folder / "fc7.npy"), Pack(folder / "small.bin")
        recipe = str(store.read_json(folder / "segment.json").get("recipe"))
        if not len(where) == len(fc7) == len(small) - atlases_of(len(where)):
            raise DataError(f'segment {name} of {gallery} is damaged; rerun "selfie build"')
        return cls(gallery, name, recipe, where.astype({"pack": "category"}), fc7, small)

    def __len__(self) -> int:
        return len(self.where)

    @property
    def table(self) -> pd.DataFrame:
        """What was measured, one row per photo; read anew, since a gallery keeps it once."""
        table = store.read_table(self.folder / "segments" / self.name / "table.parquet")
        return table.drop(columns=WHERE)

    def photo(self, row: int) -> bytes:
        """Return a photo as large as it was kept, WebP."""
        pack, start, length = self.where.iloc[row]
        return read_span(self.folder / "photos" / f"{pack}.bin", int(start), int(length))

    def thumb(self, row: int) -> bytes:
        """Return a photo's square, JPEG."""
        return self._small[atlases_of(len(self)) + row]

    def atlas(self, number: int) -> bytes:
        """Return a picture of rows 64 * number to 64 * number + 63, JPEG."""
        return self._small[number]


@dataclass(frozen=True, eq=False)
class LooseFiles:
    """The photos of a gallery of the first format: a table, and two files per photo."""

    folder: Path
    table: pd.DataFrame
    fc7: NDArray[np.float16]

    def __len__(self) -> int:
        return len(self.table)

    def photo(self, row: int) -> bytes:
        """As of `Segment`."""
        return _content(self.folder / "photos" / f"{self.table['id'].iat[row]}.webp")

    def thumb(self, row: int) -> bytes:
        """As of `Segment`."""
        return _content(self.folder / "thumbs" / f"{self.table['id'].iat[row]}.jpg")

    def atlas(self, number: int) -> bytes:
        """As of `Segment`."""
        return _content(self.folder / "thumbs" / f"atlas-{number:05d}.jpg")


Part = Segment | LooseFiles  # photos of a gallery that lie together on disk


def atlases_of(count: int) -> int:
    """Return how many atlases so many photos take."""
    return -(-count // CELLS)


def write_photos(gallery: Path, contents: Sequence[bytes]) -> pd.DataFrame:
    """Write large copies, and return where each lies: `WHERE`, one row per photo."""
    lengths = np.array([len(content) for content in contents], np.int64)
    data = b"".join(contents)
    name = store.content_id(data)
    store.write_bytes(gallery / "photos" / f"{name}.bin", data)
    starts = np.cumsum(lengths) - lengths
    return pd.DataFrame({"pack": name, "start": starts, "length": lengths}, columns=WHERE)


def write_segment(
    gallery: Path,
    table: pd.DataFrame,
    fc7: NDArray[np.float16],
    *,
    where: pd.DataFrame,
    thumbs: Sequence[bytes],
    recipe: str,
) -> Segment:
    """Write photos as a new segment, whole or not at all.

    Args:
        gallery: Its folder.
        table: Id and what was measured, shape (n, ...).
        fc7: Shape (n, D).
        where: Of the large copies, as `write_photos` gives it.
        thumbs: JPEGs, one per photo.
        recipe: By which they were computed.
    """
    name = store.content_id(recipe.encode() + "".join(table["id"]).encode() + fc7.tobytes())
    with suppress(DataError):  # a killed run wrote it
        return Segment.open(gallery, name)
    with new_folder(gallery / "segments" / name) as folder:
        store.write_table(folder / "table.parquet", pd.concat([table, where], axis=1))
        store.write_array(folder / "fc7.npy", fc7)
        write_pack(folder / "small.bin", [*map(_atlas, chunks(thumbs, CELLS)), *thumbs])
        store.write_json(folder / "segment.json", {"recipe": recipe})
    return Segment.open(gallery, name)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield a folder to fill; it becomes `path` only if the block ends without an error."""
    made: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".new-", dir=path.parent))
        yield made
        made.chmod(0o755)  # mkdtemp gives 0700
        shutil.rmtree(path, ignore_errors=True)  # what a killed run left
        made.rename(path)
    except OSError as error:
        raise cant_write(path, error) from error
    finally:
        if made:
            shutil.rmtree(made, ignore_errors=True)


def find_segments(gallery: Path) -> Iterator[str]:
    """Yield the names of all segments that lie in a gallery's folder, in use or not."""
    for folder in sorted((gallery / "segments").glob("*")):
        if folder.is_dir() and not folder.name.startswith("."):
            yield folder.name


def _atlas(thumbs: Sequence[bytes]) -> bytes:
    atlas = Image.new("RGB", (ATLAS_SIDE, ATLAS_SIDE))
    for cell, data in enumerate(thumbs):
        try:
            with Image.open(BytesIO(data)) as thumb:
                small = thumb.resize((CELL_SIDE, CELL_SIDE), Image.Resampling.LANCZOS)
        except OSError:  # one that an older gallery lacks
            continue
        atlas.paste(small, (cell % 8 * CELL_SIDE, cell // 8 * CELL_SIDE))
    file = BytesIO()
    atlas.save(file, "JPEG", quality=80, optimize=True)
    return file.getvalue()


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
