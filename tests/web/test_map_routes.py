"""What the map fetches, through the real routes."""

import io
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from selfie_core.gallery.gallery import Gallery
from selfie_core.web.gallery_routes import gallery_routes


def client_of(gallery: Gallery) -> TestClient:
    routes = gallery_routes(lambda version: gallery)
    return TestClient(Starlette(routes=routes), base_url="http://test/gallery/any/")


@pytest.fixture
def client(gallery: Gallery) -> TestClient:
    return client_of(gallery)


@pytest.fixture
def torn(gallery: Gallery) -> Gallery:
    """The same, some photos of which have no place: row 2, and all from row 6 on."""
    torn = Gallery.open(gallery.folder)
    xy = torn.xy.copy()
    xy[2] = xy[6:] = np.nan
    vars(torn)["xy"] = xy
    return torn


def bits(gallery: Gallery, *rows: int) -> bytes:
    flags = np.zeros(len(gallery), bool)
    flags[list(rows)] = True
    return np.packbits(flags, bitorder="little").tobytes()


def test_points_are_every_so_many_th_of_some_rows(torn: Gallery) -> None:
    data = client_of(torn).get("points.bin?first=0&last=6&every=2").content
    scores = torn.table["score"].to_numpy("f4")
    assert np.array_equal(np.frombuffer(data[:12], "<f4"), scores[:6:2])
    x, y = np.frombuffer(data[12:24], "<u2").reshape(2, 3)
    assert x[1] == y[1] == 65_535
    assert np.allclose(np.stack([x, y], 1)[::2] / 65_534, torn.xy[[0, 4]], atol=1e-5)
    assert len(data) == 3 * (9 if torn.has_seams else 8)


def test_tiles_hold_the_places_of_their_rows(torn: Gallery) -> None:
    ends = np.array(client_of(torn).get("tiles.json?rows=3").json())
    assert np.allclose(ends[1], [*torn.xy[3:6].min(axis=0), *torn.xy[3:6].max(axis=0)])
    assert len(ends) == -(-len(torn) // 3) and (ends[2] == 2).all()


def test_tiles_are_not_too_many(torn: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("selfie_core.web.map_routes._MOST_TILES", 4)
    answer = client_of(torn).get("tiles.json?rows=2")
    assert answer.status_code == 400 and "wanted a whole number, 3 or more" in answer.text


def test_words_are_those_of_the_codes(client: TestClient, gallery: Gallery) -> None:
    assert client.get("words.json?column=filter").json() == ["bw", "none"]
    assert client.get("words.json?column=score").json() is None


def test_tiny_sheet_holds_each_photo_in_its_cell(client: TestClient, gallery: Gallery) -> None:
    sheet = Image.open(io.BytesIO(client.get("tiny/0").content)).convert("RGB")
    assert sheet.size == (512, 512)
    for row in range(len(gallery)):
        with Image.open(BytesIO(gallery.thumb(row))) as thumb:
            wanted = np.asarray(thumb.convert("RGB").resize((8, 8), Image.Resampling.BOX))
        cell = np.asarray(sheet.crop((row * 8, 0, row * 8 + 8, 8)))
        assert abs(cell.mean() - wanted.mean()) < 12
    assert client.get("tiny/1").status_code == 404


def test_tiny_sheet_of_a_damaged_atlas_is_grey(client: TestClient, gallery, monkeypatch) -> None:
    monkeypatch.setattr(type(gallery), "atlas", lambda self, number: b"")
    sheet = Image.open(io.BytesIO(client.get("tiny/0").content)).convert("RGB")
    assert np.ptp(np.asarray(sheet)) < 4


def test_found_rows_arrive_as_numbers(client: TestClient, gallery: Gallery) -> None:
    id = gallery.table["id"].iat[5]
    assert np.frombuffer(client.get(f"find.bin?text={id}").content, "<u4").tolist() == [5]
    assert client.get("find.bin?text=unheardof").content == b""


def test_suggestions_arrive_with_their_numbers(client: TestClient, gallery: Gallery) -> None:
    wanted = int((gallery.table["filter"] == "bw").sum())
    answer = client.get("suggest.json?text=filter: bw").json()
    assert answer == {"found": wanted, "suggestions": [{"text": "Filter: bw", "found": wanted}]}
    assert client.get("suggest.json?text=unheardof").json() == {"found": 0, "suggestions": []}


def test_photo_says_its_rank_and_what_tells(client: TestClient, gallery: Gallery) -> None:
    answer = client.get("about/3").json()
    assert answer["id"] == gallery.table["id"].iat[3]
    assert answer["file"] == gallery.table["file"].iat[3]
    assert answer["rank"] == gallery.rank[3]
    assert {"title", "value", "push"} == set(answer["factors"][0])


def test_photo_without_a_name_goes_by_its_user_or_by_none(gallery: Gallery) -> None:
    named = Gallery.open(gallery.folder)
    users = ["ada", np.nan, *[""] * 6]
    vars(named)["table"] = named.table.assign(name=[np.nan] * 7 + ["Bob"], user=users)
    client = client_of(named)
    assert [client.get(f"about/{row}").json()["name"] for row in (0, 1, 2, 7)] == [
        "ada", "", "", "Bob",
    ]  # fmt: skip


def test_nearest_are_true_neighbours_and_not_oneself(client: TestClient, gallery: Gallery) -> None:
    answer = client.get("near/3").json()
    apart = np.linalg.norm(gallery.fc7[3].astype(float) - gallery.fc7.astype(float), axis=1)
    apart[3] = np.inf
    assert answer["rows"] == np.argsort(apart)[:7].tolist()
    assert answer["distances"] == sorted(answer["distances"])


def test_region_is_a_table_and_a_picture_best_first(client: TestClient, gallery: Gallery) -> None:
    chosen = bits(gallery, 1, 4, 6)
    table = pd.read_csv(io.BytesIO(client.post("region.csv", content=chosen).content))
    assert set(table["id"]) == set(gallery.table["id"].iloc[[1, 4, 6]])
    assert table["score"].is_monotonic_decreasing
    picture = Image.open(io.BytesIO(client.post("region.jpg", content=chosen).content))
    assert picture.size == (2 * 131 + 3, 2 * 131 + 3)
    assert isinstance(client.post("region.json", content=chosen).json(), list)


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "words.json?column=secret", 400),
        ("GET", "points.bin?first=0&last=9&every=0", 400),
        ("GET", "points.bin", 400),
        ("GET", "points.bin?first=a&last=9&every=1", 400),
        ("GET", "points.bin?first=-1&last=9&every=1", 400),
        ("GET", "tiles.json", 400),
        ("GET", "tiles.json?rows=0", 400),
        ("GET", "about/99", 400),
        ("GET", "near/99", 400),
        ("GET", "tiny/99", 404),
        ("POST", "region.json", 400),
        ("POST", "region.csv", 400),
    ],
)
def test_wrong_questions_get_one_line(client, method: str, address: str, status: int) -> None:
    answer = client.request(method, address)
    assert answer.status_code == status
    assert len(answer.text.splitlines()) == 1
