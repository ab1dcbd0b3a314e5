"""Sidecars are read and added to: what others wrote stays, and nobody's stars are overwritten."""

import numpy as np
import pytest
from lxml import etree
from PIL import Image, ImageOps

from selfie_core.base.errors import DataError
from selfie_core.photo.sidecar import (
    Crop,
    Listing,
    Mark,
    marked,
    persons_stars,
    plan_changes,
    sidecars_of,
)
from tests.support.drawn import draw_photo

HEAD = b"<?xpacket begin='\xef\xbb\xbf' id='W5M0MpCehiHzreSzNTczkc9d'?>\n"
OTHERS = (
    HEAD
    + b"""<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <!-- by hand -->
  <rdf:Description rdf:about="uuid:7" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:darktable="http://darktable.sf.net/" xmlns:Q="http://ns.adobe.com/xap/1.0/"
    darktable:xmp_version="4" Q:Rating="%s">
   <dc:subject><rdf:Bag><rdf:li>M&#252;nchen &amp; more</rdf:li></rdf:Bag></dc:subject>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end='w'?>"""
)
CROP = Crop(0.1, 0.2, 0.6, 0.9, 400, 300, 1)


def said(data: bytes) -> dict[str, str]:
    """Return all that a sidecar says, attributes and elements, without our own notes."""
    found = {}
    for about in etree.fromstring(data).iter("{*}Description"):
        found |= {str(name): str(value) for name, value in about.attrib.items()}
        found |= {str(one.tag): "".join(one.itertext()).strip() for one in about}
    return {name: value for name, value in found.items() if "selfie" not in name}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_others_wrote_stays(encoding: str) -> None:
    old = OTHERS % b"0"
    if encoding == "utf-16":
        old = old.decode().replace("\ufeff", "").encode("utf-16")
    new = marked(old, Mark(4, "Green", CROP))
    assert said(old).items() - said(new).items() == {("{http://ns.adobe.com/xap/1.0/}Rating", "0")}
    assert said(new)["{http://ns.adobe.com/xap/1.0/}Rating"] == "4"
    text = new.decode()
    for part in ("<!-- by hand -->", "<?xpacket begin=", "<?xpacket end=", "Q:Rating=\"4\"",
                 "darktable:xmp_version=\"4\"", "XMP Core 4.4.0-Exiv2"):  # fmt: skip
        assert part in text
    assert text.count('rdf:about="uuid:7"') == 2


def test_a_persons_stars_label_and_crop_stay() -> None:
    old = OTHERS % b"2"
    assert marked(old, Mark(5)) == old
    assert persons_stars(old) == 2
    theirs = marked(None, Mark(3, "Red", CROP)).replace(b"selfie:ns:picks", b"another:ns")
    assert marked(theirs, Mark(5, "Green", Crop(0, 0, 0.5, 0.5, 400, 300, 1))) == theirs


def test_our_own_stars_are_changed_by_a_later_run_and_are_no_persons() -> None:
    first = marked(OTHERS % b"0", Mark(4, "Green", CROP))
    assert persons_stars(first) is None
    assert marked(first, Mark(4, "Green", CROP)) == first
    second = marked(first, Mark(2, "Green"))
    assert said(second)["{http://ns.adobe.com/xap/1.0/}Rating"] == "2"
    assert persons_stars(second.replace(b'Rating="2"', b'Rating="3"', 1)) == 3  # by their program
    assert second.count(b"rdf:Description ") == first.count(b"rdf:Description ")


@pytest.mark.parametrize(
    ("stars", "found"),
    [
        *(("0", None), ("-1", -1), ("5", 5), ("3.0", 3)),
        *(("6", None), ("many", None), ("inf", None), ("", None)),
    ],
)
def test_stars_are_a_persons_if_there_are_any(stars: str, found: int | None) -> None:
    assert persons_stars(OTHERS % stars.encode()) == found


def test_stars_that_stand_as_an_element_are_read_and_set() -> None:
    old = marked(None, Mark(label="Red")).replace(
        b"/>", b"><xmp:Rating> 0 </xmp:Rating></rdf:Description>", 1
    )
    new = marked(old, Mark(5))
    assert persons_stars(old) is None and new.count(b"Rating>5<") == 1


@pytest.mark.parametrize(
    "data",
    [
        b"", b"no XML", OTHERS[:-60], b"<a/>", b"\xff\xfe\x00", b'<!DOCTYPE a><x xmlns="a"/>',
        b'<!DOCTYPE r [<!ENTITY a "b">]>' + (OTHERS % b"0")[len(HEAD):],
    ],
)  # fmt: skip
def test_what_is_no_xmp_is_refused(data: bytes) -> None:
    for ask in (persons_stars, lambda data: marked(data, Mark(3))):
        with pytest.raises(DataError, match="no XMP"):
            ask(data)


def test_broken_sidecar_is_left_alone() -> None:
    there = Listing(["a.jpg", "a.jpg.xmp"])
    (found,) = plan_changes("a.jpg", there, Mark(3), read=lambda name: b"<x:xmp")
    assert (found.name, found.data, found.state) == ("a.jpg.xmp", b"<x:xmp", "broken")


@pytest.mark.parametrize(
    ("there", "names"),
    [
        (["a.jpg"], []),
        (["a.jpg", "a.xmp"], ["a.xmp"]),
        (["a.jpg", "A.JPG.XMP", "a.xmp"], ["A.JPG.XMP", "a.xmp"]),
        (["a.jpg", "a.heic", "a.xmp"], []),
        (["a.jpg", "A.CR2", "a.xmp", "a.jpg.xmp"], ["a.jpg.xmp"]),
        (["a.jpg", "b.jpg.xmp", "ab.xmp"], []),
    ],
)
def test_sidecars_of_both_names_are_found_and_nobody_elses(there, names) -> None:
    assert sidecars_of("a.jpg", Listing(there)) == names


@pytest.mark.parametrize("adobe", [False, True])
def test_photos_told_apart_by_case_alone_have_a_sidecar_each(adobe: bool) -> None:
    photos = ["a.jpg", "A.JPG"]
    mark = Mark(3, crop=Crop(0, 0, 0.5, 0.5, 200, 160, 1))
    for there in (photos, [*photos, "a.jpg.xmp", "A.JPG.xmp"]):
        for photo in photos:
            found = plan_changes(
                photo, Listing(there), mark, read=lambda name: marked(None, mark), adobe=adobe
            )
            assert [one.name for one in found] == [f"{photo}.xmp"]
    assert sidecars_of("A.JPG", Listing([*photos, "a.jpg.xmp"])) == []


@pytest.mark.parametrize(
    ("there", "adobe", "name"),
    [
        (["a.jpg"], False, "a.jpg.xmp"), (["a.jpg"], True, "a.xmp"),
        (["a.jpg", "a.heic"], True, "a.jpg.xmp"),
    ],
)  # fmt: skip
def test_new_sidecar_is_named_so_that_two_of_one_stem_get_one_each(there, adobe, name) -> None:
    (found,) = plan_changes("a.jpg", Listing(there), Mark(3), read=lambda name: b"", adobe=adobe)
    assert (found.name, found.state) == (name, "new")


@pytest.mark.parametrize(
    ("there", "adobe", "names"),
    [
        (["a.jpg"], False, ["a.jpg.xmp", "a.xmp"]),
        (["a.jpg"], True, ["a.xmp"]),
        (["a.jpg", "a.jpg.xmp"], False, ["a.jpg.xmp", "a.xmp"]),
        (["a.jpg", "A.XMP"], False, ["A.XMP"]),
        (["a.jpg", "a.heic"], False, ["a.jpg.xmp"]),
    ],
)
def test_crop_stands_where_darktable_finds_it_too(there, adobe, names) -> None:
    mark = Mark(3, crop=Crop(0, 0, 0.5, 0.5, 200, 160, 1))
    found = plan_changes(
        "a.jpg", Listing(there), mark, read=lambda name: marked(None, Mark(3)), adobe=adobe
    )
    assert {one.name: b"crs:HasCrop" in one.data for one in found} == dict.fromkeys(names, True)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_crop_is_of_the_photo_as_it_lies(orientation: int) -> None:
    upright, box = draw_photo(2, size=(200, 160)), (20, 40, 120, 150)
    laid = turned(upright, {6: 8, 8: 6}.get(orientation, orientation))
    crop = Crop.of_upright(box, upright.size, orientation)
    assert (crop.width, crop.height) == laid.size
    edges = np.array([crop.left, crop.top, crop.right, crop.bottom]) * [*laid.size, *laid.size]
    cut = laid.crop(tuple(edges.round().astype(int).tolist()))
    assert turned(cut, orientation).tobytes() == upright.crop(box).tobytes()


def turned(photo: Image.Image, orientation: int) -> Image.Image:
    exif, photo = Image.Exif(), photo.copy()
    exif[0x0112] = orientation
    photo.info["exif"] = exif.tobytes()
    return ImageOps.exif_transpose(photo)
