"""XMP sidecars: files beside photos that other programs keep stars, labels and crops in.

They are read and added to; what others wrote there stays, and no photo is touched.  What is written
stands a second time under a name of our own: by that a later run knows its own stars, which it may
change, from a person's, which it may not.

Two names are in use.  `a.jpg.xmp` is that of darktable, digiKam, Immich and PhotoPrism, and tells
`a.jpg` from `a.heic`; `a.xmp` is Adobe's, and the only one from which darktable takes a crop: so a
photo with a crop gets both.  sidecars.md beside this file says which program reads what.

Reference:
    Adobe, "XMP Specification Part 1", 2012.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from selfie_core.base.errors import DataError

REJECTED = -1  # stars of a photo to be thrown away, as Adobe Bridge and darktable have it
_NAMES = {
    "x": "adobe:ns:meta/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "crs": "http://ns.adobe.com/camera-raw-settings/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "selfie": "selfie:ns:picks/1.0/",
}
_NEW = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
    b' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n </rdf:RDF>\n'
    b"</x:xmpmeta>"
)
_MOST = 50_000_000  # bytes; darktable's hold masks, a few megabytes at most

State = Literal["new", "added to", "kept", "broken"]


@dataclass(frozen=True)
class Crop:
    """A crop as Camera Raw has it: in the photo as it lies in its file, not turned upright.

    Attributes:
        left, top, right, bottom: Shares of width and height.
        width, height: Of the file's picture, pixels.
        orientation: How it lies, 1 to 8 as EXIF counts.
    """

    left: float
    top: float
    right: float
    bottom: float
    width: int
    height: int
    orientation: int

    @classmethod
    def of_upright(
        cls, box: tuple[float, float, float, float], size: tuple[int, int], orientation: int
    ) -> "Crop":
        """Return the crop of a box of the upright photo: left, top, right, bottom, in pixels."""
        width, height = size
        across = (box[0] / width, box[2] / width)
        down = (box[1] / height, box[3] / height)
        if orientation >= 5:  # on its side
            across, down, width, height = down, across, height, width
        if orientation in (2, 3, 7, 8):
            across = (1 - across[1], 1 - across[0])
        if orientation in (3, 4, 6, 7):
            down = (1 - down[1], 1 - down[0])
        return cls(across[0], down[0], across[1], down[1], width, height, orientation)


@dataclass(frozen=True)
class Mark:
    """What is to be said of a photo.

    Attributes:
        stars: 1 to 5, or `REJECTED`; None for none.
        label: Such as "Green"; "" for none.
        crop: Which part of it to show; None for all.
    """

    stars: int | None = None
    label: str = ""
    crop: Crop | None = None

    def properties(self) -> dict[str, dict[str, str]]:
        """Return what is written, by what it is about; the first decides whether it is there."""
        said: dict[str, dict[str, str]] = {}
        if self.stars is not None:
            said["Rating"] = {"xmp:Rating": str(self.stars)}
        if self.label:
            said["Label"] = {"xmp:Label": self.label}
        if crop := self.crop:
            edges = {"Left": crop.left, "Top": crop.top, "Right": crop.right, "Bottom": crop.bottom}
            said["Crop"] = {"crs:HasCrop": "True", "crs:CropAngle": "0"}
            said["Crop"] |= {f"crs:Crop{side}": f"{share:.6f}" for side, share in edges.items()}
            # Without these darktable takes the picture to be 0 pixels wide.
            size = {"ImageWidth": crop.width, "ImageLength": crop.height}
            size["Orientation"] = crop.orientation
            said["Crop"] |= {f"tiff:{name}": str(value) for name, value in size.items()}
        return said


@dataclass(frozen=True)
class Change:
    """What becomes of one sidecar.

    Attributes:
        name: Of the file.
        data: Its content afterwards.
        state: It is new, was added to, kept (all of it was said already), or is broken: no XMP,
            and left alone.
    """

    name: str
    data: bytes
    state: State


class Listing:
    """The files of a folder by name and by stem: 2,000 photos are no 4,000,000 comparisons."""

    def __init__(self, names: Iterable[str]) -> None:
        self._spelled: dict[str, list[str]] = defaultdict(list)
        self._stems: dict[str, list[str]] = defaultdict(list)
        for name in names:
            folded = name.casefold()
            self._spelled[folded].append(name)
            if PurePath(folded).suffix != ".xmp":
                self._stems[PurePath(folded).stem].append(name)

    def shares_stem(self, photo: str) -> bool:
        """Return whether another file that is no sidecar has a photo's name but for the ending."""
        folded = photo.casefold()
        found = self._stems.get(PurePath(folded).stem, [])
        alike = self._spelled.get(folded, [])
        own = photo if photo in alike else alike[0] if alike else ""
        return any(name != own for name in found)

    def spelling(self, sidecar: str, photo: str) -> str | None:
        """Return how a sidecar of a photo is spelled; None if it is not there.

        Beside `a.jpg` and `A.JPG` only case tells whose it is.
        """
        found = self._spelled.get(sidecar.casefold(), [])
        if sidecar in found:
            return sidecar
        alone = len(self._spelled.get(photo.casefold(), [])) < 2
        return found[-1] if found and alone else None


def plan_changes(
    photo: str,
    there: Listing,
    mark: Mark,
    *,
    read: Callable[[str], bytes],
    adobe: bool = False,
) -> Iterator[Change]:
    """Yield what becomes of the sidecars of a photo: of each that it has, else of a new one.

    A crop stands in `a.xmp` too, unless another file has that stem.

    Args:
        photo: Name of its file.
        there: The files of its folder.
        mark: What to say of it.
        read: Gives the content of one of them; a `DataError` from it counts as broken.
        adobe: Name a new one `a.xmp`, unless another file has that stem.
    """
    names = sidecars_of(photo, there)
    for name in names:
        data = b""
        try:
            data = read(name)
            changed = marked(data, mark)
        except DataError:
            yield Change(name, data, "broken")
        else:
            yield Change(name, changed, "kept" if changed == data else "added to")
    new = [] if names else [f"{photo}.xmp"]
    if not there.shares_stem(photo):
        stem = f"{PurePath(photo).stem}.xmp"
        if adobe and not names:
            new = [stem]
        elif mark.crop and stem.casefold() not in {name.casefold() for name in names + new}:
            new.append(stem)
    for name in new:
        yield Change(name, marked(None, mark), "new")


def sidecars_of(photo: str, there: Listing) -> list[str]:
    """Return the sidecars of a photo, first that which has its whole name.

    One that has its stem is its own only if no other file has: beside `a.heic` and `a.mov`, or
    `a.jpg` and `a.cr2`, nobody knows whose `a.xmp` is.
    """
    wanted = [f"{photo}.xmp"]
    if not there.shares_stem(photo):
        wanted.append(f"{PurePath(photo).stem}.xmp")
    return list(filter(None, (there.spelling(name, photo) for name in wanted)))


def marked(data: bytes | None, mark: Mark) -> bytes:
    """Return a sidecar with a mark added; as it was, to the byte, if all of that is there already.

    A person's stars, label or crop stay; no stars at all (0) and no crop are nobody's.  It is
    written in UTF-8, which every program reads.

    Args:
        data: Content of the sidecar; None for a new one.
        mark: What to say.

    Raises:
        DataError: It is no XMP.
    """
    rdf = _rdf(_NEW if data is None else data)
    changed = False
    for about, properties in mark.properties().items():
        there = {name: _value(rdf, name) for name in properties}
        said, first = " ".join(properties.values()), next(iter(there.values()))
        ours = _value(rdf, f"selfie:{about}") == " ".join(value or "" for value in there.values())
        if there == properties or not (ours or first in (None, "", "0", "False")):
            continue
        for name, value in ({f"selfie:{about}": said} | properties).items():
            _say(rdf, name, value)
        changed = True
    if data is not None and not changed:
        return data
    tree = rdf.getroottree()
    declared = data is None or data.lstrip().startswith(b"<?xml")
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=declared)


def persons_stars(data: bytes) -> int | None:
    """Return the stars that a person gave by a sidecar, -1 to 5; None for none or our own.

    Raises:
        DataError: It is no XMP.
    """
    rdf = _rdf(data)
    stars = _value(rdf, "xmp:Rating") or "0"
    try:
        found = round(float(stars))
    except (ValueError, OverflowError):
        return None
    if stars == _value(rdf, "selfie:Rating") or found not in range(REJECTED, 6):
        return None
    return found or None


def _rdf(data: bytes) -> "etree._Element":
    """Return the element that all is said in."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(data[:_MOST], parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DataError("sidecar is no XMP, or cut off; delete it or write it again") from error
    name = f"{{{_NAMES['rdf']}}}RDF"
    rdf = root if root.tag == name else root.find(f".//{name}")
    if rdf is None or root.getroottree().docinfo.doctype:
        raise DataError("sidecar is no XMP; delete it or write it again")
    return rdf


def _tag(name: str) -> str:
    prefix, _, rest = name.partition(":")
    return f"{{{_NAMES[prefix]}}}{rest}"


def _value(rdf: "etree._Element", name: str) -> str | None:
    """Return a property, which stands as an attribute or as an element; None if it is not there."""
    tag = _tag(name)
    for about in rdf.iterfind(_tag("rdf:Description")):
        found = about.get(tag, about.findtext(tag))
        if found is not None:
            return found.strip()
    return None


def _say(rdf: "etree._Element", name: str, value: str) -> None:
    """Set a property where it stands, else in a description of our own."""
    tag = _tag(name)
    descriptions = rdf.findall(_tag("rdf:Description"))
    for about in descriptions:
        element = about.find(tag)
        if tag in about.attrib:
            about.set(tag, value)
            return
        if element is not None:
            element.text = value
            return
    ours = f"{{{_NAMES['selfie']}}}"
    own = [one for one in descriptions if any(key.startswith(ours) for key in one.attrib)]
    (own[0] if own else _own_description(rdf, descriptions)).set(tag, value)


def _own_description(rdf: "etree._Element", others: list["etree._Element"]) -> "etree._Element":
    """Return a new description of the same photo as the others are."""
    ids = [one.get(_tag("rdf:about"), "") for one in others] or [""]
    names = {prefix: _NAMES[prefix] for prefix in ("xmp", "crs", "tiff", "selfie")}
    about = etree.SubElement(rdf, _tag("rdf:Description"), nsmap=names)
    about.set(_tag("rdf:about"), ids[0])
    about.tail = "\n "
    return about
