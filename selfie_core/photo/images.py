"""Photos as every step wants them: any file safely opened, upright, RGB, without metadata."""

import functools
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from io import SEEK_END, BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, UnidentifiedImageError
from pillow_heif import register_heif_opener
from scipy.sparse import csr_array

from selfie_core.base.errors import DataError
from selfie_core.base.progress import cores
from selfie_core.photo.colours import profile_of, to_srgb
from selfie_core.photo.mend import is_cut, mended

# Pixels kept for each that the net sees, when a JPEG is decoded at reduced size: a photo of 12
# megapixels at a quarter, which moved scores by 0.0003, 0.001 at most, one of 1 megapixel at half:
# 0.0007, 0.002 at most.  With 2, one of 12 at an eighth: 0.003 at most, and 10 % faster.
DETAIL = 3
# Pixels that each side keeps of the copy from which a photo's score comes, and those of its crops
# and changes: whoever asks, the net sees the same.
LEAST_COPY = 640


class _Room(threading.Semaphore):
    """A semaphore that says how many wait for it, and how many it has let in so far."""

    waiting = taken = 0

    def __enter__(self, blocking: bool = True, timeout: float | None = None) -> bool:
        self.waiting += 1
        try:
            got = self.acquire(blocking, timeout)
        finally:
            self.waiting -= 1
        self.taken += got
        return got


# A photo may take 450 MB decoded: as many at once as can be worked on, the rest wait in line.
ROOM = _Room(cores())

MAX_PIXELS = 210_000_000  # phones make photos of 12,240 x 16,320
# A photo that takes more pixels is decoded while no other such is: up to 2 GB for a moment.
LARGE = 50_000_000
_ALONE = threading.RLock()
# Pixels that each side keeps of a photo that is worked on at full size: up to 64 megapixels stay.
FULL = 3500
# Pixels freed are kept for the next photo, in blocks of 16 MB: fetching memory anew took half of
# the time that opening a JPEG of 1 or of 12 megapixels took.
KEPT_BLOCKS = 8
REDUCED = 3  # times what a net sees: a photo of twice that or more is first reduced towards it
SCORE_SIDE = 32  # least side in pixels for a score
CROP_SIDE = 64  # least side in pixels for crops
# Named ones only: Pillow would hand others, such as EPS, to programs outside.
FORMATS = "JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "HEIF", "AVIF", "JPEG2000", "PPM"
_MOVING = "GIF", "WEBP", "PNG", "AVIF"  # several frames of a phone's JPEG are no film
TOO_LARGE = f"larger than {MAX_PIXELS // 10**6} megapixels"

_ORIENTATION = 0x0112  # of EXIF; what undoes each way of lying:
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90,
}  # fmt: skip
_QUARTERS = [_TURNS[code] for code in (5, 6, 7, 8)]

Source = Path | bytes | BinaryIO

register_heif_opener()
PHOTO_SUFFIXES = tuple(  # all endings that these formats have: .jpg, .jfif, .hif, .avif ...
    suffix for suffix, kind in Image.registered_extensions().items() if kind in (*FORMATS, "MPO")
)
Image.core.set_blocks_max(KEPT_BLOCKS)
Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # Pillow warns at 89 megapixels, of crops too


def open_photo(source: Source, *, at_least: int | None = None) -> Image.Image:
    """Return a photo of any common format: RGB, upright, without metadata.

    Of moving pictures the first frame is taken; what is transparent turns white.
    Nothing is written, and a file given open stays open.

    Args:
        source: A path, the bytes of a file, or a seekable binary file.
        at_least: Pixels that each side must keep.  A photo of twice that or more comes reduced:
            a JPEG is decoded at 1/2, 1/4 or 1/8 of its size, which is several times faster.

    Raises:
        DataError: It is no photo, damaged, or larger than 210 megapixels.  The message
            says "photo" and leaves the file's name to the caller.
    """
    return open_sized(source, at_least=at_least)[0]


def open_sized(
    source: Source, *, at_least: int | None = None
) -> tuple[Image.Image, tuple[int, int]]:
    """Return a photo as `open_photo` does, and the width and height of the whole of it."""
    (photo,), size = open_copies(source, at_least)
    return photo, size


def open_copies(source: Source, *at_least: int | None) -> tuple[list[Image.Image], tuple[int, int]]:
    """Return copies of a photo as `open_photo` gives them, and width and height of the whole.

    Each is to the pixel what it is alone: how a photo is shown does not move its score.

    Args:
        source: As of `open_photo`.
        at_least: Of each copy, the largest first.
    """
    if isinstance(source, bytes):
        return _decode(BytesIO(source), at_least)
    if not isinstance(source, Path):
        return _decode(source, at_least)
    try:
        if source.is_dir():
            raise DataError("photo is a folder; name a file in it")
        if not source.is_file():  # a pipe would keep us waiting
            raise DataError("photo does not exist; check its name and folder")
        with source.open("rb") as file:
            return _decode(file, at_least)
    except (OSError, ValueError) as error:  # no permission, a name no system can have
        raise DataError("photo can't be opened; check its name and permissions") from error


def peek(data: bytes) -> tuple[int, bool]:
    """Return how many pixels a photo has, and whether it moves, without decoding it.

    Raises:
        DataError: It is no photo.
    """
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="PIL|pillow_heif")
            with Image.open(BytesIO(data), formats=FORMATS) as image:
                moving = image.format in _MOVING and getattr(image, "is_animated", False)
                return image.width * image.height, moving
    except Exception as error:  # as many kinds as there are plugins
        raise DataError("photo can't be read as a picture; export it again") from error


def open_named(path: Path, *, at_least: int | None = None) -> tuple[Image.Image, tuple[int, int]]:
    """Return what `open_sized` does; what is wrong with a file is said with its name."""
    try:
        return open_sized(path, at_least=at_least)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def check_side(photo: Image.Image, least: int, purpose: str) -> None:
    """Refuse a photo with a side below `least` pixels; `purpose` is plural: "crops"."""
    if min(photo.size) < least:
        width, height = photo.size
        raise DataError(
            f"photo is {width}x{height} pixels; {purpose} need at least {least} on each side"
        )


def to_batch(
    photos: Sequence[Image.Image],
    *,
    size: int,
    mean: Sequence[float],
    std: Sequence[float],
) -> NDArray[np.float32]:
    """Return photos squashed to squares and normalised, shape (B, 3, size, size).

    Squashed, not cropped, as the original did.

    Args:
        photos: RGB photos of any size.
        size: Side of the squares, pixels.
        mean: Mean of each channel, 0..1.
        std: Standard deviation of each channel, 0..1.
    """
    batch = [squash(photo, size) for photo in photos]
    squares = np.stack(batch) if batch else np.empty((0, size, size, 3), np.float32)
    return normalise(squares, mean=mean, std=std)


def squash(photo: Image.Image, size: int) -> NDArray[np.float32]:
    """Return all that a net sees of an RGB photo: a square of shape (size, size, 3), 0..255.

    It is not rounded to whole levels: what that takes from a wall without grain moved scores by
    0.003, 0.015 at most.  Exact for a photo below 6 times the size; what is larger is first
    reduced by whole numbers, which moved scores by 0.0008, 0.0024 at most.
    """
    across, down = (max(1, side // (REDUCED * size)) for side in photo.size)
    width, height = photo.width / across, photo.height / down
    if across > 1 or down > 1:
        photo = photo.reduce((across, down))
    bands = [np.asarray(band) for band in photo.split()]
    lines = np.stack(bands, axis=1, dtype=np.float32).reshape(photo.height, -1)  # (H, 3 W)
    rows = _bicubic(height, photo.height, size) @ lines
    square = _bicubic(width, photo.width, size) @ rows.reshape(-1, photo.width).T  # (S, S * 3)
    return square.reshape(size, size, 3).transpose(1, 0, 2).clip(0, 255)


@functools.lru_cache(maxsize=256)
def _bicubic(length: float, pixels: int, size: int) -> csr_array:
    """Return the weights by which `size` pixels are made of `pixels`, shape (size, pixels).

    They are those of Pillow's and torchvision's antialiased bicubic resize; as a sparse product
    it takes less than half the time that Pillow takes for floats.

    Args:
        length: What the pixels stand for: a reduced photo's last one may reach beyond its edge.
        pixels: Of a line.
        size: Wanted of it.
    """
    scale = length / size
    wide = max(scale, 1.0)
    middles = (np.arange(size)[:, None] + 0.5) * scale
    away = np.abs(np.arange(pixels) + 0.5 - middles) / wide
    near, far = (1.5 * away - 2.5) * away**2 + 1, ((2.5 - 0.5 * away) * away - 4) * away + 2
    weights = np.where(away < 1, near, np.where(away < 2, far, 0))
    return csr_array((weights / weights.sum(axis=1, keepdims=True)).astype(np.float32))


def squash_picture(photo: Image.Image, size: int) -> Image.Image:
    """Return an RGB photo pressed into a square, to look at or to work on."""
    return photo.resize((size, size), Image.Resampling.BICUBIC, reducing_gap=3.0)


def normalise(
    squares: NDArray[np.uint8 | np.float32], *, mean: Sequence[float], std: Sequence[float]
) -> NDArray[np.float32]:
    """Return squares of shape (B, H, W, 3), 0..255, as a net wants them: (B, 3, H, W)."""
    count, height, width, _ = squares.shape
    batch = np.empty((count, 3, height, width), dtype=np.float32)
    batch[:] = squares.transpose(0, 3, 1, 2)
    scale = np.asarray(std, dtype=np.float32)[:, None, None]
    batch *= 1 / (255 * scale)
    batch -= np.asarray(mean, dtype=np.float32)[:, None, None] / scale
    return batch


def _decode(
    file: BinaryIO, at_least: Sequence[int | None]
) -> tuple[list[Image.Image], tuple[int, int]]:
    try:
        if file.seek(0, SEEK_END) == 0:
            raise DataError("photo is empty, 0 bytes; copy or export it again")
        with warnings.catch_warnings():  # odd tags are no news, and size is checked here
            warnings.filterwarnings("ignore", module="PIL|pillow_heif")
            try:
                return _copies(file, at_least)
            except (DataError, Image.DecompressionBombError):
                raise
            except Exception:
                if (whole := mended(file)) is None:
                    raise
                return _copies(whole, at_least, given=file)
    except DataError:
        raise
    except UnidentifiedImageError as error:
        raise DataError(
            "photo can't be read as a picture; wanted JPEG, PNG, HEIC or the like; export it again"
        ) from error
    except Image.DecompressionBombError as error:
        raise DataError(f"photo is {TOO_LARGE}; make it smaller") from error
    except Exception as error:  # each plugin has its own: struct.error, EOFError, KeyError, ...
        raise DataError("photo is damaged or cut off; copy or export it again") from error


def _copies(
    file: BinaryIO, at_least: Sequence[int | None], *, given: BinaryIO | None = None
) -> tuple[list[Image.Image], tuple[int, int]]:
    with _decoded(file, at_least[0], given) as (photo, whole, scaled):
        copies = [_reduced(photo, at_least[0])]
        for side in at_least[1:]:
            if scaled and min(photo.size) >= 2 * (side or max(whole)):
                with _decoded(file, side, given) as (smaller, *_):
                    copies.append(_reduced(smaller, side))
            else:
                copies.append(_reduced(photo, side))
        return copies, whole


def _reduced(photo: Image.Image, at_least: int | None) -> Image.Image:
    times = min(photo.size) // (at_least or max(photo.size))
    if times > 1:
        return photo.reduce(times)
    return photo.copy() if isinstance(photo, ImageFile.ImageFile) else photo  # a file knows more


@contextmanager
def _decoded(
    file: BinaryIO, at_least: int | None, given: BinaryIO | None
) -> Iterator[tuple[Image.Image, tuple[int, int], bool]]:
    """Yield a photo, its whole size, and whether it is of a kind that is decoded smaller.

    A file that was mended comes with the one that was `given`.
    """
    with Image.open(file, formats=FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            seen = f"{image.width}x{image.height} pixels"
            raise DataError(f"photo is {seen}, {TOO_LARGE}; make it smaller")
        whole = width, height = image.size
        scaled = image.format in ("JPEG", "MPO")  # a HEIC would give its own thumbnail
        if at_least and scaled:
            image.draft(None, (at_least, at_least))
        with _ALONE if image.width * image.height > LARGE else nullcontext():
            image.load()
            if given and scaled and is_cut(image):
                raise DataError("photo is cut off, its lower part is missing; export it again")
            exif = Image.Exif()
            with suppress(Exception):  # broken EXIF breaks no photo; it is taken as it lies
                exif.load(image.info.get("exif") or b"")
            photo = _to_rgb(image, profile_of(image, given or file, exif))
            # By EXIF alone, as browsers do; Pillow follows XMP too, and has turned a TIFF already.
            turn = _TURNS.get(exif.get(_ORIENTATION, 1))
            if turn is not None:
                photo = photo.transpose(turn)
                whole = (height, width) if turn in _QUARTERS else whole
            photo.info = {}
            yield photo, whole, scaled


def _to_rgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.mode[0] in "IF":
        return to_srgb(_to_grey(image), profile)
    grey = image.mode in ("1", "L", "LA", "La")
    if image.has_transparency_data:
        alpha = image.convert("LA" if grey else "RGBA").getchannel("A")
        white = Image.new("RGB", image.size, "white")
        white.paste(to_srgb(image.convert("L" if grey else "RGB"), profile), mask=alpha)
        return white
    if image.mode not in ("RGB", "L", "CMYK"):
        image = image.convert("L" if grey else "RGB")
    return to_srgb(image, profile)


def _to_grey(image: Image.Image) -> Image.Image:
    """Scale 16 and 32 bits to 8; `convert` clips them in some versions of Pillow."""
    values = np.nan_to_num(np.asarray(image))
    if values.dtype.kind == "u":
        return Image.fromarray((values >> 8).astype(np.uint8))
    top = max(values.max(), 65535 if values.dtype.kind == "i" else 1)
    return Image.fromarray((values.clip(0) * (255.0 / top)).astype(np.uint8))
