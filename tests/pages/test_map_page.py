"""What the map's page sends and keeps, without a browser."""

import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from selfie_core.base import store

PAGES = Path(__file__).resolve().parents[2] / "pages"
LARGEST_MESSAGE = 12_000  # bytes


def open_map(**address: str) -> AppTest:
    app = AppTest.from_file(str(PAGES / "router.py"), default_timeout=60).run()
    for name, value in address.items():
        app.query_params[name] = value
    return app.switch_page("map/map.py").run()


def sent(page: AppTest) -> dict:
    """Return what the page sends to the browser with the map."""
    (component,) = page.get("bidi_component")
    assert component.proto.component_name.endswith("selfie_map")
    return json.loads(component.proto.json or component.proto.mixed.json)


def test_little_goes_through_the_websocket() -> None:
    page = open_map()
    assert not page.exception
    assert len(json.dumps(sent(page))) < LARGEST_MESSAGE


def test_columns_to_colour_by_are_no_axes_and_no_names() -> None:
    names = [column["name"] for column in sent(open_map())["columns"]]
    assert names[:2] == ["score", "label"]
    assert not {"id", "file", "user", "x", "y", "grid_x", "region", "percentile"} & set(names)


def test_address_reaches_the_browser() -> None:
    address = {"view": "0.4000,0.5000,3.00", "colour": "brightness", "region": "@2"}
    assert sent(open_map(**address))["address"] == address


def test_link_keeps_the_place_of_your_photo() -> None:
    marks = sent(open_map(here="0.25,0.5,3,1,99999"))["marks"]
    wanted = {"x": 0.25, "y": 0.5, "label": "Your photo", "rows": [3, 1]}
    assert marks == [wanted | {"photo": ""}]  # a link never has the photo


@pytest.mark.parametrize("here", ["", "x", "0.5", "nan,nan,1", "7,7,1", "0.5,0.5,one"])
def test_bad_link_to_your_photo_is_no_photo(here: str) -> None:
    page = open_map(here=here)
    assert not page.exception
    assert sent(page)["marks"] == []


def test_map_of_photos_without_places_says_what_to_do(own_copy: Path, monkeypatch) -> None:
    table = store.read_table(own_copy / "selfies.parquet")
    nowhere = np.full(len(table), np.nan, np.float32)
    store.write_table(own_copy / "selfies.parquet", table.assign(x=nowhere, y=nowhere))
    monkeypatch.setenv("SELFIE_GALLERY", str(own_copy))
    page = open_map()
    assert not page.exception
    assert "selfie build" in page.info[0].value
