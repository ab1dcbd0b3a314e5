"""What the map fetches: points, tiny photos, search, regions, single photos."""

import dataclasses
import functools
import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from selfie_core.base.errors import DataError
from selfie_core.base.handed_out import Made, picture_file
from selfie_core.base.progress import chunks
from selfie_core.gallery import explore, grids, search
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.segments import ATLAS_SIDE, CELL_SIDE

# The version of the gallery is in every address, so what a browser holds never grows stale.
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
TINY_SIDE = 8  # pixels of one photo in a tiny sheet: what a face is drawn from until it arrives
TINY_ATLASES = 64  # atlases in a tiny sheet, hence 4,096 photos
_MOST_FOUND = 8  # photos most like one
_SHEET_CELL = 128  # pixels of a photo in the picture of a region
_NOWHERE = 65535  # instead of a place
_MOST_TILES = 4096  # or one question made of a million photos as many rows of JSON


def points(gallery: Gallery, request: Request) -> Response:
    """Every so-many-th of some rows, little-endian: all scores, all x, all y and, if known, seams.

    Scores are float32; places are uint16, 65,534 across the map, 65,535 for none; seams are uint8,
    255 for none.
    """
    first, last = (whole(request, name, least=0) for name in ("first", "last"))
    every = whole(request, "every", least=1)
    parts = [values[first:last:every].tobytes() for values in _points(gallery)]
    return Response(b"".join(parts), media_type="application/octet-stream", headers=FOREVER)


@functools.lru_cache(maxsize=2)
def _points(gallery: Gallery) -> list[NDArray[Any]]:
    placed = np.isfinite(gallery.xy)
    places = np.where(placed, np.rint(gallery.xy * (_NOWHERE - 1)), _NOWHERE).astype("<u2")
    made = [gallery.table["score"].to_numpy("<f4"), *places.T]
    if gallery.has_seams:
        seam = gallery.table["seam"].to_numpy(np.float32)
        made.append(np.where(np.isfinite(seam), np.rint(seam * 255), 255).astype("u1"))
    return made


def tiles(gallery: Gallery, request: Request) -> Response:
    """Left, top, right and bottom of the places of so many rows after another, as JSON."""
    rows = whole(request, "rows", least=1 + len(gallery) // _MOST_TILES)
    ends = [[*np.fmin.reduce(part), *np.fmax.reduce(part)] for part in chunks(gallery.xy, rows)]
    nowhere = 2.0  # rows without a place meet no part of the map
    return JSONResponse(np.nan_to_num(ends, nan=nowhere).tolist(), headers=FOREVER)


def whole(request: Request, name: str, *, least: int, default: str = "") -> int:
    """Return a whole number of the query."""
    asked = request.query_params.get(name, default)
    if not asked.isdecimal() or len(asked) > 15 or int(asked) < least:
        raise DataError(f'{name} is "{asked[:20]}"; wanted a whole number, {least} or more')
    return int(asked)


def words(gallery: Gallery, request: Request) -> Response:
    """The names behind the codes of a column of words; null for a column of numbers."""
    column = request.query_params.get("column", "")
    return JSONResponse(gallery.codes(column)[1], headers=FOREVER)


def tiny(gallery: Gallery, request: Request) -> Response:
    """64 atlases at an eighth of their size, 8 across: photos of 8 px; a bad atlas is left grey."""
    first = request.path_params["number"] * TINY_ATLASES
    if first >= gallery.atlases:
        return PlainTextResponse("no such picture", 404)
    side = ATLAS_SIDE * TINY_SIDE // CELL_SIDE
    sheet = Image.new("RGB", (8 * side, 8 * side), (128, 128, 128))
    for place in range(min(TINY_ATLASES, gallery.atlases - first)):
        try:
            with Image.open(io.BytesIO(gallery.atlas(first + place))) as atlas:
                atlas.draft("RGB", (side, side))  # a JPEG decodes at an eighth eight times faster
                sheet.paste(
                    atlas.convert("RGB").resize((side, side)),
                    (place % 8 * side, place // 8 * side),
                )
        except OSError:
            continue
    return jpeg(sheet, None, quality=70, headers=FOREVER)


def find(gallery: Gallery, request: Request) -> Response:
    """Row numbers that a text finds, uint32 little-endian."""
    rows = search.find_rows(gallery, request.query_params.get("text", ""))
    # Not for ever: a person may rename a region.
    return Response(rows.astype("<u4").tobytes(), media_type="application/octet-stream")


def suggest(gallery: Gallery, request: Request) -> Response:
    """How many photos a text finds, and ways to complete it, each with its number, as JSON."""
    text = request.query_params.get("text", "")
    suggestions = [dataclasses.asdict(one) for one in search.suggest(gallery, text)]
    found = len(search.find_rows(gallery, text))
    return JSONResponse({"found": found, "suggestions": suggestions})


def about(gallery: Gallery, request: Request) -> Response:
    """The names of one photo and the factors that tell, as JSON."""
    row = _row(gallery, request)
    photo = gallery.table.iloc[row]
    names = (photo.get(column) for column in ("name", "user"))
    facts = {
        "id": str(photo["id"]),
        "file": str(photo.get("file", "")),
        "name": next((str(name) for name in names if pd.notna(name) and name != ""), ""),
        "rank": int(gallery.rank[row]),
        "factors": [dataclasses.asdict(push) for push in explore.telling_factors(gallery, row)],
    }
    return JSONResponse(facts, headers=FOREVER)


def near(gallery: Gallery, request: Request) -> Response:
    """The photos most like one, nearest first: rows and true distances of fc7, as JSON.

    Distances are shares of what two photos drawn at random are apart.
    """
    row = _row(gallery, request)
    rows, distances = gallery.nearest(np.asarray(gallery.fc7[row], np.float32), _MOST_FOUND + 1)
    others = np.flatnonzero(rows != row)[:_MOST_FOUND]
    shares = (distances[others] / explore.usual_distance(gallery)).round(3)
    found = {"rows": rows[others].tolist(), "distances": shares.tolist()}
    return JSONResponse(found, headers=FOREVER)


def region(gallery: Gallery, request: Request) -> Response:
    """What sets the chosen photos apart from all others, as JSON."""
    found = explore.set_apart(gallery, _chosen(gallery, request))
    return JSONResponse([dataclasses.asdict(difference) for difference in found])


def region_table(gallery: Gallery, request: Request) -> Response:
    """The chosen rows of the table as CSV, best score first."""
    rows = _chosen(gallery, request)
    return Response(gallery.table.iloc[rows].to_csv(index=False), media_type="text/csv")


def region_picture(gallery: Gallery, request: Request) -> Response:
    """The chosen photos as one JPEG, best score first; of very many, evenly spaced ranks."""
    chosen = _chosen(gallery, request)
    rows = grids.pick_rows(gallery, "continuum", grids.MAX_CELLS, among=chosen)
    columns = max(1, round((len(rows) * 4 / 3) ** 0.5))
    sheet = grids.paste_grid(gallery, rows, columns=columns, cell=_SHEET_CELL, gap=3)
    return jpeg(sheet, "grid", quality=88)


def binary(values: NDArray[Any], kind: str) -> Response:
    """Return numbers as bytes of a kind such as "<u4", for ever cacheable."""
    data = values.astype(kind).tobytes()
    return Response(data, media_type="application/octet-stream", headers=FOREVER)


def jpeg(
    picture: Image.Image,
    made: Made | None,
    *,
    quality: int,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a picture as a JPEG."""
    data = picture_file(picture, made, quality=quality)
    return Response(data, media_type="image/jpeg", headers=headers)


def _row(gallery: Gallery, request: Request) -> int:
    row = request.path_params["row"]
    if not row < len(gallery):
        raise DataError(f"row {row} is not among the {len(gallery)} photos of the gallery")
    return row


def _chosen(gallery: Gallery, request: Request) -> NDArray[np.intp]:
    """Return the rows whose bits are set in the body, best score first."""
    flags = np.unpackbits(np.frombuffer(request.state.body, np.uint8), bitorder="little")
    rows = np.flatnonzero(flags[: len(gallery)])
    if not len(rows):
        raise DataError("no photo is chosen; wanted one bit per photo, at least one of them set")
    return rows[np.argsort(gallery.rank[rows])]
