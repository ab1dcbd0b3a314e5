"""Pictures and columns of a gallery, as a browser fetches them."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from selfie_core.web.gallery_routes import gallery_routes


@pytest.fixture
def client(gallery: Gallery) -> TestClient:
    def opener(version: str) -> Gallery | None:
        return gallery if version == gallery.version else None

    return TestClient(Starlette(routes=gallery_routes(opener)))


@pytest.fixture
def base(gallery: Gallery) -> str:
    return f"/gallery/{gallery.version}"


def test_columns_arrive_as_the_table_has_them(client, base, gallery: Gallery) -> None:
    answer = client.get(f"{base}/columns.bin?name=x&name=score&name=filter")
    values = np.frombuffer(answer.content, "<f4").reshape(3, -1)
    assert np.allclose(values[0], gallery.table["x"])
    assert np.allclose(values[1], gallery.table["score"])
    assert np.array_equal(values[2], gallery.codes("filter")[0])


def test_column_whose_name_holds_commas_arrives(own_copy: Path) -> None:
    table = store.read_table(own_copy / "selfies.parquet")
    store.write_table(own_copy / "selfies.parquet", table.assign(**{"a, b&c": range(8)}))
    gallery = Gallery.open(own_copy)
    client = TestClient(Starlette(routes=gallery_routes(lambda version: gallery)))
    answer = client.get(f"/gallery/{gallery.version}/columns.bin", params={"name": ["x", "a, b&c"]})
    assert np.frombuffer(answer.content, "<f4")[8:].tolist() == list(range(8))


def test_ranked_rows_arrive_best_first(client, base, gallery: Gallery) -> None:
    answer = client.get(f"{base}/ranked.bin")
    assert np.frombuffer(answer.content, "<u4").tolist() == gallery.best_first.tolist()


def test_pictures_are_the_files_and_stay_in_the_browser(client, base, gallery: Gallery) -> None:
    for address, kind, picture in (
        ("thumb/2", "image/jpeg", gallery.thumb(2)),
        ("photo/2", "image/webp", gallery.photo(2)),
        ("atlas/0", "image/jpeg", gallery.atlas(0)),
    ):
        answer = client.get(f"{base}/{address}")
        assert (answer.content, answer.headers["content-type"]) == (picture, kind)
        assert "immutable" in answer.headers["cache-control"]


def test_grid_is_one_picture_of_the_asked_size(client, base) -> None:
    answer = client.get(f"{base}/grid.jpg?kind=best&count=6&columns=3&cell=40")
    assert Image.open(io.BytesIO(answer.content)).size == (120, 80)
    answer = client.get(f"{base}/grid.jpg?of=3,1&columns=2&cell=32&download=1")
    assert Image.open(io.BytesIO(answer.content)).size == (64, 32)
    assert "attachment" in answer.headers["content-disposition"]
    answer = client.get(f"{base}/grid.jpg?of=1&kind=a%0d%0ab&download=1")
    assert answer.headers["content-disposition"] == 'attachment; filename="selfies-1.jpg"'


HUGE = "9" * 4301  # digits: more than Python makes a number of


@pytest.mark.parametrize(
    ("address", "status"),
    [
        *((f"{name}/{HUGE}", 404) for name in ("atlas", "thumb", "photo", "tiny")),
        *((f"{name}/{HUGE}", 400) for name in ("about", "near")),
        *((f"grid.jpg?{name}={HUGE}", 400) for name in ("count", "cell", "columns", "of")),
        (f"points.bin?first=0&last=2&every={HUGE}", 400),
        ("thumb/99", 404),
        ("atlas/9", 404),
        ("columns.bin?name=secret", 400),
        ("columns.bin?" + "name=x&" * 1000, 400),  # each N numbers of the server's memory
        ("grid.jpg?kind=middling", 400),
        ("grid.jpg?count=many", 400),
        ("grid.jpg?of=1,99", 400),
        ("grid.jpg?count=1000000", 400),
        ("grid.jpg?columns=0", 400),
    ],
    ids=lambda value: str(value)[:30],
)
def test_wrong_addresses_get_one_line(client, base, address: str, status: int) -> None:
    answer = client.get(f"{base}/{address}")
    assert answer.status_code == status
    assert len(answer.text.splitlines()) == 1
    assert "int" not in answer.text.split()  # no words of Python's


def test_body_of_what_only_asks_is_not_read(client, base) -> None:
    read = []

    def body() -> Iterator[bytes]:
        for part in range(50):
            read.append(part)
            yield bytes(1000)

    # The client hands on each part as the app asks for it.
    assert client.request("GET", f"{base}/ranked.bin", content=body()).status_code == 200
    assert len(read) <= 1


def test_gallery_that_is_not_open_is_not_found(client) -> None:
    assert client.get("/gallery/other/thumb/1").status_code == 404
