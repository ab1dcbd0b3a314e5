"""When a photo was taken, as its camera wrote it down (EXIF)."""

import math
import warnings
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from PIL import ExifTags, Image

from selfie_core.photo import images

_PART = ExifTags.IFD.Exif
# When the shutter opened, else when the picture was digitised; the time of the last edit, which
# EXIF has too, says nothing of the moment.
_TIMES = (
    (ExifTags.Base.DateTimeOriginal, ExifTags.Base.SubsecTimeOriginal),
    (ExifTags.Base.DateTimeDigitized, ExifTags.Base.SubsecTimeDigitized),
)


def taken_at(source: Path | bytes) -> float:
    """Return when a photo was taken, in seconds of its camera's clock; NaN if it doesn't say.

    That clock knows no time zone, so times compare among photos of one camera.  Only the head of
    the file is read.
    """
    file = BytesIO(source) if isinstance(source, bytes) else source
    exif = Image.Exif()
    with suppress(Exception), warnings.catch_warnings():  # of a broken tag no time is known
        warnings.filterwarnings("ignore", module="PIL|pillow_heif")
        with Image.open(file, formats=images.FORMATS) as image:
            exif.load(image.info.get("exif") or b"")
        known = exif.get_ifd(_PART)
        for time, fraction in _TIMES:
            with suppress(ValueError):  # "0000:00:00 00:00:00", and what else cameras write
                whole = datetime.strptime(str(known.get(time))[:19], "%Y:%m:%d %H:%M:%S")
                part = str(known.get(fraction, "")).strip()
                part = float(f"0.{part}") if part.isdecimal() else 0.0
                return whole.replace(tzinfo=UTC).timestamp() + part
    return math.nan
