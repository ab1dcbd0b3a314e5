"""Photos of a folder as other programs put many of them together."""

import tarfile
from io import BytesIO
from pathlib import Path

import pandas as pd


def write_tars(photos: Path, folder: Path, *, each: int = 3) -> None:
    """Write photos as WebDataset does: tars of pictures and of what is known of each."""
    folder.mkdir(parents=True, exist_ok=True)
    files = sorted(photos.iterdir())
    for start in range(0, len(files), each):
        with tarfile.open(folder / f"{start // each:05}.tar", "w") as tar:
            for file in files[start : start + each]:
                tar.add(file, file.name)
                facts = tarfile.TarInfo(f"{file.stem}.json")
                tar.addfile(facts, BytesIO())


def write_tables(photos: Path, folder: Path, *, each: int = 4) -> None:
    """Write photos as img2dataset does: tables of pictures, and of what could not be fetched."""
    folder.mkdir(parents=True, exist_ok=True)
    files = sorted(photos.iterdir())
    for start in range(0, len(files), each):
        some = files[start : start + each]
        rows = [
            {"jpg": file.read_bytes(), "key": file.stem, "status": "success", "error_message": None}
            for file in some
        ]
        rows.append({"jpg": None, "key": f"lost-{start}", "status": "failed_to_download"})
        table = pd.DataFrame(rows)
        table.to_parquet(folder / f"{start // each:05}.parquet", row_group_size=2)
