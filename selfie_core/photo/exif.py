"""What a camera wrote down of a photo (EXIF): when it was taken, and how it lies."""

import math
import warnings
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from PIL import ExifTags, Image

from selfie_core.photo import images
from selfie_core.photo.mend import with_early_notes

_PART = ExifTags.IFD.Exif
# When the shutter opened, else when the picture was digitised; the time of the last edit, which
# EXIF has too, says nothing of the moment.
_TIMES = (
    (ExifTags.Base.DateTimeOriginal, ExifTags.Base.SubsecTimeOriginal),
    (ExifTags.Base.DateTimeDigitized, ExifTags.Base.SubsecTimeDigitized),
)


def taken_at(source: Path | bytes) -> float:
    """Return when a photo was taken, in seconds of its camera's clock; NaN if it doesn't say.

    That clock knows no time zone, so times compare among photos of one camera.
    """
    known = read_head(source)[0].get_ifd(_PART)
    for time, fraction in _TIMES:
        with suppress(ValueError):  # "0000:00:00 00:00:00", and what else cameras write
            whole = datetime.strptime(str(known.get(time))[:19], "%Y:%m:%d %H:%M:%S")
            part = str(known.get(fraction, "")).strip()
            part = float(f"0.{part}") if part.isdecimal() else 0.0
            return whole.replace(tzinfo=UTC).timestamp() + part
    return math.nan


def orientation_of(source: Path | bytes) -> int:
    """Return how a photo lies in its file, 1 to 8 as EXIF counts; 1 is upright."""
    found = read_head(source)[0].get(ExifTags.Base.Orientation, 1)
    return found if found in range(1, 9) else 1


def read_head(source: Path | bytes) -> tuple[Image.Exif, bytes]:
    """Return the EXIF of a photo and its embedded XMP, empty where it has none.

    Only the head of the file is read, and what a PNG says behind its picture; of what is broken
    nothing is known.
    """
    exif, xmp = Image.Exif(), b""
    with suppress(Exception), warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL|pillow_heif")
        given = BytesIO(source) if isinstance(source, bytes) else source.open("rb")
        with given, Image.open(with_early_notes(given), formats=images.FORMATS) as image:
            xmp = image.info.get("xmp") or b""
            if image.format == "TIFF":  # which is all tags itself
                exif = image.getexif()
            else:
                exif.load(image.info.get("exif") or b"")
            exif.get_ifd(_PART)  # read while the file is open
    return exif, xmp if isinstance(xmp, bytes) else xmp.encode()
