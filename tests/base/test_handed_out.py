"""Pictures that are handed out say of themselves that software changed them."""

import io
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import get_args

import pytest
from PIL import Image

from selfie_core.base import store
from selfie_core.base.handed_out import Made, picture_file, xmp_note

ROOT = Path(__file__).resolve().parents[2]
# Files of the project that save a picture themselves: what they write stays inside, or is shown.
INSIDE = {
    "selfie_core/base/handed_out.py",
    "selfie_core/gallery/segments.py",
    "selfie_core/gallery/measure.py",
    "selfie_core/training/frozen_maps.py",
    "selfie_core/training/measures.py",
    "pages/shared/pictures.py",
}


@pytest.mark.parametrize("made", get_args(Made))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_kind_of_file_holds_the_note_and_nothing_else(made: Made, kind: str) -> None:
    picture = Image.new("RGB", (40, 30), "teal")
    picture.info["exif"] = picture.info["comment"] = b"where I live"
    data = picture_file(picture, made, kind)
    assert b"where I live" not in data
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.info["xmp"] == xmp_note(made)


@pytest.mark.parametrize("made", get_args(Made))
def test_note_is_xmp_that_names_tool_source_and_deed(made: Made) -> None:
    tree = ET.fromstring(xmp_note(made))
    [about] = tree.iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description")
    assert about.get("{http://ns.adobe.com/xap/1.0/}CreatorTool", "").startswith("selfie ")
    source = about.get("{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType", "")
    kept = "algorithmicallyEnhanced" if made in ("crop", "edit") else "composite"
    assert source == f"http://cv.iptc.org/newscodes/digitalsourcetype/{kept}"
    [said] = tree.iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li")
    assert said.text and re.search("software|ConvNet", said.text)


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp"])
def test_written_grid_holds_the_note(tmp_path: Path, ending: str) -> None:
    store.write_picture(tmp_path / f"grid{ending}", Image.new("RGB", (9, 9)), "grid")
    with Image.open(tmp_path / f"grid{ending}") as opened:
        assert opened.info["xmp"] == xmp_note("grid")


def test_no_other_file_saves_a_picture_by_itself() -> None:
    saves = re.compile(r"\.save\((?:\w+, )?(?:\"(?:JPEG|PNG|WEBP)\"|kind|temporary)")
    found = {
        path.relative_to(ROOT).as_posix()
        for top in ("selfie_core", "pages")
        for path in (ROOT / top).rglob("*.py")
        if saves.search(path.read_text("utf-8"))
    }
    assert found <= INSIDE
