"""The REST API: POST a photo, get its score, crops or advice; in the process of the pages.

Photos stay in memory: forms are parsed there, whatever their size.  Every answer below /api is
JSON; an error is {"error": {"code", "message"}}.
"""

import dataclasses
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any

import anyio
import anyio.to_thread
from python_multipart.multipart import parse_options_header
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from selfie_core.answer.advice import advise_photo
from selfie_core.answer.answer import answer_photo
from selfie_core.answer.boxes import ASPECTS
from selfie_core.answer.crops import MODES, Mode, suggest_crops
from selfie_core.answer.usual import usual_gains
from selfie_core.base.errors import DataError, SelfieError
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.search import suggest
from selfie_core.gallery.subset import choose_rows
from selfie_core.photo import images
from selfie_core.photo.faces import find_faces
from selfie_core.photo.images import ROOM
from selfie_core.scorer.scorer import Scorer, load_scorer
from selfie_core.web.budgets import Budgets
from selfie_core.web.openapi import describe

Json = dict[str, Any]


@dataclass(frozen=True)
class Limits:
    """What one client may ask for."""

    body: int = 60_000_000  # bytes of a request
    seconds: float = 30.0  # that a body may take to arrive
    burst: float = 60.0  # photos scored at once; crops cost 2, advice 4, neighbours 0.1
    per_minute: float = 150.0  # that come back; the page's camera asks for 120
    clients: int = 10_000  # remembered
    arriving: int = 16  # bodies of all clients held at once: 1 GB, and slow senders hold nobody up


class ApiError(Exception):
    """An answer other than 2xx: a stable code for programs, a line for people."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers


def rest_routes(
    open_gallery: Callable[[], Gallery], *, limits: Limits | None = None
) -> list[Mount]:
    """Return the routes below /api/v1.

    Args:
        open_gallery: Gives the gallery that photos are compared with; called on every request.
        limits: Of size and rate.
    """
    limits = limits or Limits()
    budgets = Budgets(limits.burst, limits.per_minute, limits.clients)
    arriving = anyio.CapacityLimiter(limits.arriving)

    def spend(request: Request, cost: float) -> None:
        client = request.client.host if request.client else ""
        if wait := budgets.wait(client, cost, time.monotonic()):
            after = str(int(wait) + 1)
            said = f"too many requests; wait {after} s"
            raise ApiError(429, "rate_limited", said, **{"Retry-After": after})

    def post(work: Callable[[bytes, "Query", Scorer, Gallery], Json], cost: float) -> Any:
        async def endpoint(request: Request) -> Response:
            spend(request, cost)
            query = Query(dict(request.query_params))
            async with arriving:
                photo = await _read_photo(request, limits)

                def run() -> Json:
                    with ROOM:  # in one line with the photos of the pages
                        gallery = open_gallery()
                        return work(photo, query, load_scorer(gallery.scorer_path), gallery)

                return JSONResponse(await anyio.to_thread.run_sync(run))

        return endpoint

    def get(answer: Callable[["Query", Gallery], Json]) -> Any:
        async def endpoint(request: Request) -> Response:
            spend(request, 0.1)
            query = Query(dict(request.query_params))
            found = await anyio.to_thread.run_sync(lambda: answer(query, open_gallery()))
            return JSONResponse(found)

        return endpoint

    async def openapi(request: Request) -> Response:
        before = request.headers.get("x-forwarded-prefix", "").rstrip("/")  # what a proxy took off
        root = request.url.path.removesuffix("/openapi.json")
        return JSONResponse(describe(limits.body, root=f"{before}{root}"))

    routes = [
        Route("/score", post(_score, 1), methods=["POST"]),
        Route("/crop", post(_crop, 2), methods=["POST"]),
        Route("/advise", post(_advise, 4), methods=["POST"]),
        Route("/gallery/nearest", get(_nearest)),
        Route("/gallery/find", get(_find)),
        Route("/openapi.json", openapi),
    ]
    handlers: Any = dict.fromkeys((ApiError, SelfieError, HTTPException, Exception), _refuse)
    return [
        Mount("/api/v1", Starlette(routes=routes, exception_handlers=handlers)),
        Mount("/api", Starlette(exception_handlers=handlers)),  # so that all of it speaks JSON
    ]


@dataclass(frozen=True)
class Query:
    """The parameters of a request, checked as they are read."""

    given: dict[str, str]

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        """Return a whole number within bounds."""
        text = self.given.get(name, str(default))
        if text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most:
            return int(text)
        raise _bad_parameter(name, text, f"{least} to {most}")

    def flag(self, name: str) -> bool:
        """Return true or false; false if it is not given."""
        return self.choice(name, "false", ("true", "false")) == "true"

    def choice(self, name: str, default: str, among: tuple[str, ...]) -> str:
        """Return one of a few words."""
        text = self.given.get(name, default)
        if text not in among:
            raise _bad_parameter(name, text, ", ".join(among))
        return text


def _bad_parameter(name: str, seen: str, wanted: str) -> ApiError:
    return ApiError(400, "bad_parameter", f'{name} is "{seen[:40]}"; wanted {wanted}')


def _score(data: bytes, query: Query, scorer: Scorer, gallery: Gallery) -> Json:
    photo, size = images.open_sized(data, at_least=scorer.copy_side)
    answer = answer_photo(photo, size=size, scorer=scorer, gallery=gallery)
    return answer.to_json()


def _crop(data: bytes, query: Query, scorer: Scorer, gallery: Gallery) -> Json:
    count = query.number("count", 3, least=1, most=12)
    aspect = ASPECTS[query.choice("aspect", "1:1", tuple(ASPECTS))]
    mode: Mode = query.choice("mode", "fast", MODES)  # type: ignore[assignment]
    rude = query.flag("rude")
    photo, size = images.open_sized(data, at_least=scorer.copy_side)
    images.check_side(photo, images.CROP_SIDE, "crops")
    found = suggest_crops(
        photo, scorer, size=size, count=count, aspect=aspect, faces=find_faces(photo, size=size),
        keep_face=not rude, mode=mode,
    )  # fmt: skip
    return {
        "width": size[0],
        "height": size[1],
        "score": float(scorer([photo])[0]),
        "crops": [dataclasses.asdict(crop) for crop in found],
    }


def _advise(data: bytes, query: Query, scorer: Scorer, gallery: Gallery) -> Json:
    rude = query.flag("rude")
    photo, size = images.open_sized(data, at_least=scorer.copy_side)
    images.check_side(photo, images.SCORE_SIDE, "scores")
    faces = find_faces(photo, size=size)
    advised = advise_photo(
        photo, scorer, size=size, faces=faces, keep_face=not rude, mode="fast",
        usual=usual_gains(gallery),
    )  # fmt: skip
    facts = dataclasses.asdict(advised)
    del facts["tried"]
    return facts


def _nearest(query: Query, gallery: Gallery) -> Json:
    count = query.number("count", 12, least=1, most=100)
    if not (id := query.given.get("id", "")):
        raise _bad_parameter("id", id, "the id of a photo of the gallery")
    row = gallery.row_of(id)
    if row is None:
        raise ApiError(404, "unknown_id", f'no photo "{id[:40]}" in this gallery')
    rows, distances = gallery.nearest(gallery.fc7[row], count + 1)
    near = gallery.table.iloc[rows][["id", "score", "percentile"]].assign(distance=distances)
    return {
        "id": id,
        "score": float(gallery.table["score"].to_numpy()[row]),
        "nearest": near[rows != row].head(count).to_dict("records"),
    }


def _find(query: Query, gallery: Gallery) -> Json:
    count = query.number("count", 12, least=1, most=100)
    if not (text := query.given.get("text", "").strip()):
        raise _bad_parameter("text", text, "words of what is sought")
    rows = choose_rows(gallery, {}, text=text)
    best = gallery.table.iloc[rows[:count]][["id", "score", "percentile"]]
    return {
        "text": text,
        "found": len(rows),
        "photos": best.to_dict("records"),
        "suggestions": [dataclasses.asdict(one) for one in suggest(gallery, text)],
    }


class _Form(MultiPartParser):
    """A form held in memory alone, which knows whether it came to its end."""

    spool_max_size = 0  # for tempfile: no limit
    whole = False

    def on_end(self) -> None:
        self.whole = True


async def _read_photo(request: Request, limits: Limits) -> bytes:
    """Return the photo of a multipart form, held in memory alone."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise ApiError(415, "not_multipart", "wanted multipart/form-data with the photo as image")
    most = f"the request is larger than {limits.body // 10**6} MB; send a smaller photo"
    too_large = ApiError(413, "too_large", most)
    stated = request.headers.get("content-length", "0")
    if not stated.isdigit() or int(stated[:15]) > limits.body:
        raise too_large

    cut_off = ApiError(400, "bad_form", "the form is cut off or damaged; send it again")

    async def body() -> AsyncGenerator[bytes, None]:
        arrived = 0
        async for chunk in request.stream():
            arrived += len(chunk)
            if arrived > limits.body:
                raise too_large
            yield chunk
        if not form.whole:
            raise cut_off

    # A part without a file name is taken for text: as Latin-1 every byte of it comes back.
    headers = Headers({"content-type": f"{request.headers['content-type']}; charset=latin-1"})
    form = _Form(headers, body(), max_part_size=limits.body)
    try:
        with anyio.fail_after(limits.seconds):
            fields = await form.parse()
    except TimeoutError:
        raise ApiError(408, "too_slow", "the photo took too long to arrive; try again") from None
    except (MultiPartException, ValueError):
        raise cut_off from None
    image = fields.get("image")
    photo = image.encode("latin-1") if isinstance(image, str) else image and await image.read()
    await fields.close()
    if photo is None:
        raise ApiError(400, "no_image", 'the form has no field "image"; send the photo in it')
    return photo


async def _refuse(request: Request, error: Exception) -> Response:
    """Say what was wrong; of a mistake of ours the log tells, without the photo."""
    status, code, said, headers = 500, "internal", "this is our mistake; try another photo", None
    match error:
        case ApiError():
            status, code, said, headers = error.status, error.code, str(error), error.headers
        case DataError():
            status, code, said = 422, "bad_photo", str(error)
        case SelfieError():
            status, code, said = 503, "not_ready", str(error)
        case HTTPException():
            status, headers = error.status_code, error.headers
            code = {404: "not_found", 405: "method_not_allowed"}.get(status, "bad_request")
            said = f"{error.detail.lower()}; see /api/v1/openapi.json"
    answer = {"error": {"code": code, "message": " ".join(said.split())}}
    return JSONResponse(answer, status, headers)
