"""Photos that came since a map was drawn: placed among the others, of which none moves.

Letters: N photos, M of them newcomers, D width of fc7, E edges.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.base.settings import LayoutConfig
from selfie_core.gallery.map.draw import Map, columns_id
from selfie_core.gallery.map.fidelity import MOST_EDGES, seams
from selfie_core.gallery.map.filled_grid import columns_of, free_cells
from selfie_core.gallery.map.tsne import Placer

_VOTERS = 8  # neighbours on the map that say in which region a newcomer is


def add_newcomers(
    places: pd.DataFrame,
    fc7: NDArray[np.floating[Any]],
    edges: NDArray[np.float32],
    *,
    facts: dict[str, Any],
    config: LayoutConfig,
) -> Map:
    """Return a map with those on it that have no place yet; the others stay, to the bit.

    Args:
        places: `MAP_COLUMNS`, one row per photo; missing for newcomers.
        fc7: Features, shape (N, D).
        edges: The strongest seams so far, shape (3, E).
        facts: Of the map as it was drawn.
        config: The settings that it was drawn with.

    Returns:
        The map, without landmarks.  Its facts tell how many came since it was drawn, and how well
        they fit: how alike their neighbours on the map are to them, as a share of what those of
        the others are; 1 is as well.
    """
    xy = places[["x", "y"]].to_numpy(np.float32, copy=True)
    stand = np.asarray(np.isfinite(xy).all(axis=1))
    new = np.flatnonzero(~stand & np.isfinite(fc7).all(axis=1))
    columns = places.assign(newcomer=_came_before(places))
    columns_made = facts.get("grid_columns") or columns_of(int(places["grid_x"].notna().sum()))
    facts = {**facts, "grid_columns": columns_made}  # older maps do not say it
    if len(new):
        xy[new] = np.clip(Placer(fc7, xy, config=config)(fc7[new]), 0, 1)
        strange, near = seams(fc7, xy, of=new)
        cells = free_cells(places[["grid_x", "grid_y"]].to_numpy(np.float32), xy[new], columns_made)
        found = {"x": xy[new, 0], "y": xy[new, 1], "grid_x": cells[:, 0], "grid_y": cells[:, 1]}
        found |= {"seam": strange[new], "newcomer": True}
        found["region"] = _regions(xy, places["region"], stand, new)
        for name, values in found.items():
            columns.loc[new, name] = values
        edges = np.concatenate([edges, near], axis=1)
        edges = edges[:, np.argsort(-edges[2], kind="stable")[:MOST_EDGES]]
    return Map(columns, edges, [], {**facts, **_fit(columns), "columns": columns_id(columns)})


def _came_before(places: pd.DataFrame) -> pd.Series:
    """Return which photos were newcomers already."""
    if "newcomer" not in places:
        return pd.Series(False, places.index)
    return places["newcomer"].astype("boolean").fillna(False).astype(bool)


def _regions(
    xy: NDArray[np.float32], region: pd.Series, stand: NDArray[np.bool_], new: NDArray[np.intp]
) -> Any:
    """Return in which region newcomers are: where most of their neighbours are; missing for none.

    The regions keep their names: what newcomers share may be something else.
    """
    from scipy.spatial import KDTree

    old = np.flatnonzero(stand)
    near = KDTree(xy[old]).query(xy[new], k=min(_VOTERS, len(old)))[1].reshape(len(new), -1)
    codes = region.astype("float").fillna(-1).to_numpy(int)[old][near] + 1
    votes = np.array([np.bincount(row).argmax() for row in codes]) - 1
    return pd.array([None if vote < 0 else vote for vote in votes], dtype="Int8")


def _fit(columns: pd.DataFrame) -> dict[str, Any]:
    """Return how many photos came since the map was drawn, and how well they fit."""
    came = columns["newcomer"].to_numpy(bool)
    strange = columns["seam"].to_numpy(float)
    facts: dict[str, Any] = {"newcomers": int(came.sum())}
    if came.any() and not came.all():
        theirs = max(float(np.nanmedian(strange[came])), 1e-6)
        facts["fit"] = round(min(1.0, float(np.nanmedian(strange[~came])) / theirs), 3)
    return facts
