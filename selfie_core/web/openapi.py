"""The OpenAPI document of the REST API."""

from typing import Any

from selfie_core import __version__
from selfie_core.answer.boxes import ASPECTS
from selfie_core.answer.crops import MODES
from selfie_core.photo.factors import FACTORS

Json = dict[str, Any]

SHARE = {"type": "number", "minimum": 0, "maximum": 1}
PERCENT = {"type": "number", "minimum": 0, "maximum": 100}
NUMBER = {"type": "number"}
COUNT = {"type": "integer", "minimum": 0}
TEXT = {"type": "string"}
FLAG = {"type": "boolean"}


def describe(largest: int, *, root: str = "/api/v1") -> Json:
    """Return the document; a request may have `largest` bytes, and the API lies at `root`."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "selfie",
            "version": __version__,
            "description": (
                "What a ConvNet thinks about a photo. The score judges the photo, never the "
                "person. Photos are held in memory while they are answered and nowhere else."
            ),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": root}],
        "paths": {
            "/score": _post("score", "Score, percentile, factors, neighbours", ANSWER, largest),
            "/crop": _post(
                "crop", "The best crops", CROPS, largest,
                _parameter("count", {"type": "integer", "minimum": 1, "maximum": 12, "default": 3}),
                _parameter("aspect", {"enum": list(ASPECTS), "default": "1:1"}),
                _parameter("mode", {"enum": list(MODES), "default": "fast"}),
                _RUDE,
            ),
            "/advise": _post("advise", "What would raise the score", ADVISED, largest, _RUDE),
            "/gallery/nearest": _get(
                "nearest", "Photos of the gallery most like one of it, to the net", NEAREST, "id",
                400, 404, 429, 503,
            ),
            "/gallery/find": _get(
                "find", "Photos of the gallery that a text finds, best first", FOUND, "text",
                400, 429, 503,
            ),
            "/openapi.json": {
                "get": {
                    "operationId": "openapi",
                    "summary": "This document",
                    "responses": {"200": _json("OpenAPI 3.1", {"type": "object"})},
                }
            },
        },
        "components": {"schemas": {"Error": ERROR}},
    }  # fmt: skip


def _object(**properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(items: Json, **bounds: int) -> Json:
    return {"type": "array", "items": items, **bounds}


def _or_null(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


NEIGHBOUR = _object(row=COUNT, id=TEXT, score=SHARE, distance=NUMBER)
FACE = _object(
    left=NUMBER, top=NUMBER, right=NUMBER, bottom=NUMBER, confidence=SHARE,
    landmarks=_list(_list(NUMBER, minItems=2, maxItems=2)),
)  # fmt: skip
CROP = _object(left=COUNT, top=COUNT, right=COUNT, bottom=COUNT, score=SHARE, keeps_face=FLAG)
ANSWER = _object(
    score=SHARE, percentile=PERCENT, rank=COUNT, of=COUNT, sentence=TEXT, reason=TEXT,
    width=COUNT, height=COUNT, faces=_list(FACE),
    factors=_object(**{factor.name: _or_null(NUMBER) for factor in FACTORS}),
    place=_or_null(_list(NUMBER, minItems=2, maxItems=2)),
    nearest=_list(NEIGHBOUR), better=_list(NEIGHBOUR), worse=_list(NEIGHBOUR),
)  # fmt: skip
CROPS = _object(width=COUNT, height=COUNT, score=SHARE, crops=_list(CROP))
STEP = _object(name=TEXT, amount=NUMBER, box=_or_null(_list(SHARE, minItems=4, maxItems=4)))
ADVICE = _object(
    steps=_list(STEP, minItems=1, maxItems=3), title=TEXT, score=SHARE, gain=NUMBER,
    usual=_or_null(NUMBER), special=FLAG,
)  # fmt: skip
ADVISED = _object(score=SHARE, singles=_list(ADVICE), best=_or_null(ADVICE), own=_or_null(ADVICE))
NEAREST = _object(
    id=TEXT,
    score=SHARE,
    nearest=_list(_object(id=TEXT, score=SHARE, percentile=PERCENT, distance=NUMBER)),
)
FOUND = _object(
    text=TEXT,
    found=COUNT,
    photos=_list(_object(id=TEXT, score=SHARE, percentile=PERCENT)),
    suggestions=_list(_object(text=TEXT, found=COUNT)),
)
ERROR = _object(error=_object(code=TEXT, message=TEXT))
_MEANINGS = {
    400: "A parameter or the form is wrong",
    404: "No such photo",
    408: "The photo took too long to arrive",
    413: "The request is too large",
    415: "The request is no multipart form",
    422: "The photo can't be read, is too small or too large",
    429: "Too many requests; see Retry-After",
    503: "The gallery or its scorer is missing",
}


def _parameter(name: str, schema: Json, *, required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": required, "schema": schema}


_RUDE = _parameter("rude", {"type": "boolean", "default": False})


def _json(about: str, schema: Json) -> Json:
    return {"description": about, "content": {"application/json": {"schema": schema}}}


def _errors(*statuses: int) -> Json:
    schema = {"$ref": "#/components/schemas/Error"}
    return {str(status): _json(_MEANINGS[status], schema) for status in statuses}


def _get(name: str, about: str, answer: Json, asked: str, *statuses: int) -> Json:
    number = {"type": "integer", "minimum": 1, "maximum": 100, "default": 12}
    return {
        "get": {
            "operationId": name,
            "summary": about,
            "parameters": [
                _parameter(asked, {"type": "string", "minLength": 1}, required=True),
                _parameter("count", number),
            ],
            "responses": {"200": _json(about, answer), **_errors(*statuses)},
        }
    }


def _post(name: str, about: str, answer: Json, largest: int, *parameters: Json) -> Json:
    image = {
        "type": "string",
        "format": "binary",
        "description": f"JPEG, PNG, HEIC, WebP, ...; the request up to {largest // 10**6} MB",
    }
    form = {"schema": _object(image=image), "encoding": {"image": {"contentType": "image/*"}}}
    return {
        "post": {
            "operationId": name,
            "summary": about,
            "parameters": list(parameters),
            "requestBody": {"required": True, "content": {"multipart/form-data": form}},
            "responses": {
                "200": _json(about, answer),
                **_errors(400, 408, 413, 415, 422, 429, 503),
            },
        }
    }
