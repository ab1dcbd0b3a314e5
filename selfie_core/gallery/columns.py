"""What each column of a gallery is."""

import pandas as pd

CREDIT = ("author", "licence", "licence_url", "page")  # of a photo under a licence
COLUMNS = ("id", "file", "score", "percentile", "x", "y", "faces")
MAP_COLUMNS = {"x", "y", "grid_x", "grid_y", "seam", "region"}  # places, no properties of a photo


def credit_of(photo: pd.Series) -> dict[str, str] | None:
    """Return author, licence, licence_url and page of a photo, or None if it names no licence."""
    known = {name: _word(photo.get(name)) for name in CREDIT}
    return known if known["licence"] else None


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
