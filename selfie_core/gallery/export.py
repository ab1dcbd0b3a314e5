"""A gallery as one Parquet file, for DuckDB, Embedding Atlas, and whatever else reads Parquet."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from selfie_core.base import store
from selfie_core.base.progress import Progress, chunks
from selfie_core.gallery.gallery import Gallery

VECTOR, THUMBNAIL, REGION = "vector", "thumbnail", "region_name"
_PICTURE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])  # as Hugging Face has it
_GROUP = 4096  # rows written at a time, 10 MB of vectors


def export_gallery(gallery: Gallery, out: Path, *, progress: Progress | None = None) -> None:
    """Write every photo of a gallery as a row of a Parquet file.

    Beside the columns of the table, `vector` is its fc7 (a list of float32), `thumbnail` its 128 px
    square as a struct of bytes (JPEG) and path, null where it is missing, and `region_name` the
    name of its region on the map.  A `vector` or `thumbnail` given with the photos is left out.

    Args:
        gallery: The gallery.
        out: The file, ending in .parquet.
        progress: Called with (photos written, of).

    Raises:
        DataError: Another ending, or the disk does not take the file.
    """
    store.check_target(out, ".parquet")
    table = gallery.table.drop(columns=[VECTOR, THUMBNAIL], errors="ignore")
    names = {mark.region: mark.name for mark in gallery.landmarks}
    if names:
        table = table.assign(**{REGION: table["region"].map(names).astype("string")})
    known = pa.Schema.from_pandas(table, preserve_index=False).remove_metadata()
    added = pa.schema([(VECTOR, pa.list_(pa.float32())), (THUMBNAIL, _PICTURE)])
    whole = pa.unify_schemas([known, added])
    with store.replacing(out) as file, pq.ParquetWriter(file, whole, compression="zstd") as writer:
        for rows in chunks(range(len(gallery)), _GROUP):
            part = slice(rows[0], rows[-1] + 1)
            columns = pa.Table.from_pandas(table.iloc[part], known, preserve_index=False).columns
            vectors = list(np.asarray(gallery.fc7[part], np.float32))
            thumbs = [
                {"bytes": thumb, "path": f"{id}.jpg"} if (thumb := gallery.thumb(row)) else None
                for row, id in zip(rows, table["id"].iloc[part], strict=True)
            ]
            own = [pa.array(vectors, added.types[0]), pa.array(thumbs, added.types[1])]
            writer.write_table(pa.Table.from_arrays([*columns, *own], schema=whole))
            if progress:
                progress(part.stop, len(gallery))
