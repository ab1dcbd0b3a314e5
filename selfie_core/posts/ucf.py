"""The UCF Selfie dataset (46,836 real selfies) -> posts that the other steps read.

Its published popularity score is made of likes normalised by audience, so it takes the place of
both.  It names no users and no dates.  Babies and children are left out, always.

Reference:
    M. Kalayeh et al., "How to Take a Good Selfie?", ACM Multimedia 2015.
"""

import math
from collections import Counter
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import pandas as pd

from selfie_core.base import store
from selfie_core.base.delimited import decode_text
from selfie_core.base.errors import DataError

TABLE = "selfie_dataset.txt"
IMAGES = "images"
MINORS = ("baby", "child")
# In the order of the file, after the photo's name and its score; 1 yes, -1 no, 0 undecided.
ATTRIBUTES = tuple(
    """partial_faces is_female baby child teenager youth middle_age senior white black asian
    oval_face round_face heart_face smiling mouth_open frowning wearing_glasses wearing_sunglasses
    wearing_lipstick tongue_out duck_face black_hair blond_hair brown_hair red_hair curly_hair
    straight_hair braid_hair showing_cellphone using_earphone using_mirror braces wearing_hat
    harsh_lighting dim_lighting""".split()
)
FIELDS = 2 + len(ATTRIBUTES)


@dataclass(frozen=True)
class Imported:
    """What came of a dataset's folder.

    Attributes:
        photos: Folder that `file` starts from.
        posts: One row per photo: file, popularity (the published score), and the 36 attributes as
            1, 0 or missing.
        left_out: Number of rows left out, by reason.
    """

    photos: Path
    posts: pd.DataFrame
    left_out: dict[str, int]


def read_ucf(folder: Path) -> Imported:
    """Return the posts of an unpacked UCF Selfie dataset.

    A baby or child is left out, and so is a photo of which the dataset doesn't say that it shows
    none.  Photos that are missing and photos named twice are left out and counted.

    Args:
        folder: Holds selfie_dataset.txt and images/, or the folder that does.

    Raises:
        DataError: The folder holds no such dataset, a line has another form, or no photo is left.
    """
    root = _root(Path(folder))
    reasons: Counter[str] = Counter()
    rows: dict[str, dict[str, object]] = {}
    text = decode_text(store.read_bytes(root / TABLE), name=TABLE)
    for number, line in enumerate(text.splitlines(), 1):
        fields = line.split()
        if not fields or (number == 1 and _is_header(fields)):
            continue
        row = _row(fields, number)
        if reason := _reason(row, root, rows):
            reasons[reason] += 1
        else:
            rows[str(row["file"])] = row
    if not rows:
        counted = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
        raise DataError(f"no photo of {root / TABLE} is left ({counted or 'it is empty'})")
    posts = pd.DataFrame(list(rows.values()))
    return Imported(root / IMAGES, posts.astype(dict.fromkeys(ATTRIBUTES, "Int64")), dict(reasons))


def _root(folder: Path) -> Path:
    for root in (folder, folder / "Selfie-dataset"):
        if (root / TABLE).is_file():
            if not (root / IMAGES).is_dir():
                raise DataError(f"{root} has no folder {IMAGES}; unpack the whole archive")
            return root
    raise DataError(
        f"no {TABLE} in {folder}; wanted the unpacked Selfie-dataset.tar.gz of "
        f"www.crcv.ucf.edu/data/Selfie"
    )


def _is_header(fields: list[str]) -> bool:
    """Return whether the first line names columns; it has to name ours, in our order."""
    if len(fields) < 2 or _number(fields[1]) is not None:
        return False
    names = [field.strip("#,;").lower() for field in fields[2:]]
    for seen, wanted in zip_longest(names, ATTRIBUTES, fillvalue="nothing"):
        if seen != wanted:
            raise DataError(
                f'{TABLE} has a header with "{seen}" in place of "{wanted}"; '
                f"wanted the columns of the dataset's README, or no header"
            )
    return True


def _row(fields: list[str], line: int) -> dict[str, object]:
    if len(fields) != FIELDS:
        raise DataError(
            f"{TABLE} line {line} has {len(fields)} fields; wanted {FIELDS}: "
            f"name, score and {len(ATTRIBUTES)} attributes"
        )
    name, score, *attributes = fields
    popularity = _number(score)
    if popularity is None:
        raise DataError(f'{TABLE} line {line} has score "{score}"; wanted a number')
    row: dict[str, object] = {
        "file": name if Path(name).suffix.lower() in (".jpg", ".jpeg") else f"{name}.jpg",
        "popularity": popularity,
    }
    for attribute, code in zip(ATTRIBUTES, attributes, strict=True):
        value = _number(code)
        if value not in (1, 0, -1):
            raise DataError(
                f'{TABLE} line {line} has {attribute} "{code}"; wanted 1, -1 or 0 (undecided)'
            )
        row[attribute] = {1: 1, -1: 0, 0: None}[int(value)]
    return row


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _reason(row: dict[str, object], root: Path, taken: dict[str, dict[str, object]]) -> str | None:
    """Return why a row is left out, or None."""
    if any(row[age] == 1 for age in MINORS):
        return "babies or children"
    if any(row[age] is None for age in MINORS):
        return "perhaps babies or children"
    if row["file"] in taken:
        return "named twice"
    # A name is one file of that folder, whatever else it may look like.
    file = str(row["file"])
    if Path(file).name != file or not (root / IMAGES / file).is_file():
        return "without their photo"
    return None
