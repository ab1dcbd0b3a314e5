"""A changed picture as a file to hand on: it says of itself that software changed it.

The note is XMP, which viewers and platforms read; it names what was done, nothing of the photo.

Reference:
    Regulation (EU) 2024/1689, Article 50; IPTC, "Digital Source Type".
"""

import io
from typing import Any, Literal

from PIL import Image, PngImagePlugin

from selfie_core import __version__

Made = Literal["crop", "edit", "card", "grid", "map"]
_SAID: dict[Made, str] = {
    "crop": "Part of a photo, cut out by software: a ConvNet chose the part.",
    "edit": "A photo changed by software: its light, colours, frame or part.",
    "card": "A card made by software of a photo and of its score by a ConvNet.",
    "grid": "A grid of photos, chosen and ordered by the scores of a ConvNet.",
    "map": "A map of photos, placed by what a ConvNet sees in them.",
}
_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_TYPES = {"crop": "algorithmicallyEnhanced", "edit": "algorithmicallyEnhanced"}
_PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    ' xmp:CreatorTool="{tool}" Iptc4xmpExt:DigitalSourceType="{source}">'
    '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{said}</rdf:li></rdf:Alt>'
    "</dc:description></rdf:Description></rdf:RDF></x:xmpmeta>"
    '<?xpacket end="w"?>'
)


def xmp_note(made: Made) -> bytes:
    """Return the XMP packet that says what was made, in UTF-8."""
    source = _SOURCE + _TYPES.get(made, "composite")
    said = _PACKET.format(tool=f"selfie {__version__}", source=source, said=_SAID[made])
    return said.encode()


def picture_file(picture: Image.Image, made: Made | None, kind: str = "JPEG", **how: Any) -> bytes:
    """Return a picture as the content of a file, without metadata but for the note.

    Args:
        picture: To hand out.
        made: What it is; without a note if it is nothing that was made of photos.
        kind: "JPEG", "PNG" or "WEBP".
        how: Further settings of Pillow for this kind, such as `quality`.
    """
    if made and kind == "PNG":
        how["pnginfo"] = PngImagePlugin.PngInfo()
        how["pnginfo"].add_itxt("XML:com.adobe.xmp", xmp_note(made).decode())
    elif made:
        how["xmp"] = xmp_note(made)
    if kind == "JPEG":
        how.setdefault("comment", b"")  # Pillow would write that of the file it was opened from
    file = io.BytesIO()
    picture.save(file, kind, **how)
    return file.getvalue()
