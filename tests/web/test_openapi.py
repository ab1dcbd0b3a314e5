"""The REST API does what its OpenAPI document says, for requests made from the document."""

import io
import os

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from selfie_core.web.rest import Limits, rest_routes
from tests.support.drawn import draw_photo

pytestmark = pytest.mark.slow
EXAMPLES = int(os.environ.get("SELFIE_FUZZ", "0")) // 20 or 10  # requests an operation


def _photo(number: int) -> bytes:
    file = io.BytesIO()
    draw_photo(number, size=(80, 96)).save(file, "JPEG")
    return file.getvalue()


# Bytes that are no photo are thrown at it in test_rest.py.
schemathesis.openapi.media_type("image/jpeg", st.integers(0, 5).map(_photo))


@pytest.fixture(scope="module")
def described() -> schemathesis.BaseSchema:
    demo = Gallery.open(store.demo_gallery())
    routes: list[BaseRoute] = [*rest_routes(lambda: demo, limits=Limits(burst=1e6))]
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", Starlette(routes=routes))


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("name", ["score", "crop", "advise", "nearest", "find", "openapi"])
def test_every_answer_is_as_described(
    described: schemathesis.BaseSchema, name: str, mode: GenerationMode
) -> None:
    """Requests are as described, or wrong in one thing, which is to be refused."""
    operation = described.find_operation_by_id(name)
    if mode.is_negative and name == "openapi":
        pytest.skip("takes nothing that could be wrong")

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate()

    ask()
