"""The routes beside the pages: pictures and columns of the open galleries, for ever cacheable."""

import functools
from collections.abc import Callable

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from selfie_core.base.errors import DataError
from selfie_core.gallery import grids
from selfie_core.gallery.gallery import Gallery
from selfie_core.web import map_routes
from selfie_core.web.map_routes import FOREVER, binary, jpeg, whole

FALLBACK_CELL = 96  # pixels

Open = Callable[[str], Gallery | None]


class _Row(IntegerConvertor):
    """A row in a path; of more digits than Python takes it is one that no gallery has."""

    def convert(self, value: str) -> int:
        return int(value[:15])


register_url_convertor("row", _Row())


def gallery_routes(open_gallery: Open) -> list[Route]:
    """Return the routes below /gallery/{version}.

    Args:
        open_gallery: Gives the gallery of a version, or None; called on every request.
    """

    def serve(answer: Callable[[Gallery, Request], Response]) -> Callable[..., object]:
        @functools.wraps(answer)
        async def endpoint(request: Request) -> Response:
            if request.method == "POST":  # only there the shield has bounded it
                request.state.body = await request.body()
            return await run_in_threadpool(_answer, answer, open_gallery, request)

        return endpoint

    root = "/gallery/{version}"
    return [
        Route(f"{root}/columns.bin", serve(_columns)),
        Route(f"{root}/ranked.bin", serve(_ranked)),
        Route(f"{root}/seams.bin", serve(_seams)),
        Route(f"{root}/atlas/{{number:row}}", serve(_atlas)),
        Route(f"{root}/thumb/{{row:row}}", serve(_thumb)),
        Route(f"{root}/photo/{{row:row}}", serve(_photo)),
        Route(f"{root}/grid.jpg", serve(_grid)),
        Route(f"{root}/points.bin", serve(map_routes.points)),
        Route(f"{root}/tiles.json", serve(map_routes.tiles)),
        Route(f"{root}/words.json", serve(map_routes.words)),
        Route(f"{root}/tiny/{{number:row}}", serve(map_routes.tiny)),
        Route(f"{root}/find.bin", serve(map_routes.find)),
        Route(f"{root}/suggest.json", serve(map_routes.suggest)),
        Route(f"{root}/about/{{row:row}}", serve(map_routes.about)),
        Route(f"{root}/near/{{row:row}}", serve(map_routes.near)),
        Route(f"{root}/region.json", serve(map_routes.region), methods=["POST"]),
        Route(f"{root}/region.csv", serve(map_routes.region_table), methods=["POST"]),
        Route(f"{root}/region.jpg", serve(map_routes.region_picture), methods=["POST"]),
    ]


def _answer(
    answer: Callable[[Gallery, Request], Response], open_gallery: Open, request: Request
) -> Response:
    gallery = open_gallery(request.path_params["version"])
    if gallery is None:
        return PlainTextResponse("this gallery is not open here; reload the page", 404)
    try:
        return answer(gallery, request)
    except (DataError, ValueError) as error:
        return PlainTextResponse(str(error), 400)


def _columns(gallery: Gallery, request: Request) -> Response:
    """Columns one after another, float32 little-endian, N values each; NaN where missing."""
    names = request.query_params.getlist("name") or ["x", "y", "score", "percentile"]
    if len(names) > (most := len(gallery.table.columns)):
        raise DataError(f"{len(names)} columns; the gallery has {most}")
    return binary(np.concatenate([gallery.codes(name)[0] for name in names]), "<f4")


def _ranked(gallery: Gallery, request: Request) -> Response:
    """Row numbers by falling score, uint32 little-endian."""
    return binary(gallery.best_first, "<u4")


def _seams(gallery: Gallery, request: Request) -> Response:
    """Rows, neighbours' rows and their distances, E values each as above, strongest first."""
    if not gallery.has_seams:
        return PlainTextResponse("this gallery has no seams; run selfie map on it", 404)
    return binary(gallery.edges, "<f4")


def _atlas(gallery: Gallery, request: Request) -> Response:
    number = request.path_params["number"]
    return _picture(gallery.atlas(number) if number < gallery.atlases else b"", "image/jpeg")


def _thumb(gallery: Gallery, request: Request) -> Response:
    row = request.path_params["row"]
    return _picture(gallery.thumb(row) if row < len(gallery) else b"", "image/jpeg")


def _photo(gallery: Gallery, request: Request) -> Response:
    row = request.path_params["row"]
    return _picture(gallery.photo(row) if row < len(gallery) else b"", "image/webp")


def _picture(data: bytes, kind: str) -> Response:
    if not data:
        return PlainTextResponse("no such picture", 404)
    return Response(data, media_type=kind, headers=FOREVER)


def _grid(gallery: Gallery, request: Request) -> Response:
    """One picture of a grid: by kind and count, or of the rows given by `of`."""
    query = request.query_params
    cell = whole(request, "cell", least=1, default=str(FALLBACK_CELL))
    columns = whole(request, "columns", least=1, default="20")
    kind = query.get("kind", "continuum")
    if "of" in query:
        rows = [int(row[:15]) for row in query["of"].split(",")]
    else:
        count = whole(request, "count", least=1, default="240")
        rows = grids.pick_rows(gallery, kind, count).tolist()  # type: ignore[arg-type]
    headers = dict(FOREVER)
    if "download" in query:
        name = f"{'selfies' if 'of' in query else kind}-{len(rows)}.jpg"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    picture = grids.paste_grid(gallery, rows, columns=columns, cell=cell)
    return jpeg(picture, "grid", quality=85, headers=headers)
