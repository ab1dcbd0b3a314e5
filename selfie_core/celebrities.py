"""A named set of photos, ranked: each name stands where its best-scored photo stands."""

import re
import unicodedata
from pathlib import Path

import pandas as pd
from PIL import Image, ImageDraw, ImageFont

from selfie_core.build import BuildConfig, Progress, build_gallery
from selfie_core.errors import DataError
from selfie_core.gallery import Gallery
from selfie_core.grids import MAX_CELLS, square_photo
from selfie_core.images import find_photos
from selfie_core.score import Scorer

_INK, _QUIET, _PAPER = "#1d1b20", "#6f6b75", "#f6f4f7"
# Pillow's own font draws ASCII only; the others are tried for a name it cannot draw.
_FONTS = ("LiberationSans-Regular.ttf", "Arial.ttf", "DejaVuSans.ttf", "NotoSansCJK-Regular.ttc")


def name_of(path: Path) -> str:
    """Return the name a file stands for: "Ada Vale" for ada-vale-2.jpg.

    Hyphens, underscores, dots and spaces part the words; a number at the end tells
    several photos of one person apart and is no part of the name.  Words that
    carry capitals keep them, as in "McKay".
    """
    # macOS writes é as two characters; names must be equal on every system.
    stem = unicodedata.normalize("NFC", path.stem)
    numberless = re.sub(r"(?<=[^\W\d_])[-_.\s]*\(?\d+\)?$", "", stem)
    words = re.split(r"[-_.\s]+", numberless.strip("-_. "))
    return " ".join(w if w != w.lower() else w[:1].upper() + w[1:] for w in words) or path.stem


def build_celebrities(
    folder: Path, out: Path, *, scorer: Scorer, progress: Progress | None = None
) -> Gallery:
    """Return the named set made of a folder of photos, each file named after who is on it.

    Args:
        folder: Photos such as ada-vale.jpg and ada-vale-2.jpg.
        out: Folder of the set; an older set there is replaced when the new one is whole.
        scorer: Gives scores and fc7.
        progress: Called with (stage, done, of).

    Raises:
        DataError: As `build_gallery`.
    """
    files = find_photos(folder)
    given = pd.DataFrame(
        {
            "file": [path.relative_to(folder).as_posix() for path in files],
            "name": [name_of(path) for path in files],
        }
    )
    config = BuildConfig(map=False)
    return build_gallery(folder, out, scorer=scorer, given=given, config=config, progress=progress)


def rank_celebrities(gallery: Gallery) -> pd.DataFrame:
    """Return one line a name, best first: row, name, score, percentile, photos.

    `row` is the name's best-scored photo, `percentile` its place among all photos of
    the set in [0, 100], and `photos` how many carry that name.

    Raises:
        DataError: The gallery has no names.
    """
    if "name" not in gallery.table:
        raise DataError(
            f'{gallery.folder} has no column "name"; '
            f'build a named set by "selfie celebrities FOLDER --out DIR"'
        )
    photos = gallery.table[["name", "score", "percentile"]].iloc[gallery.best_first]
    photos = photos.assign(row=gallery.best_first)
    best = photos.drop_duplicates("name").set_index("name")
    best["photos"] = photos.groupby("name").size()
    return best.reset_index()[["row", "name", "score", "percentile", "photos"]]


def celebrity_sheet(gallery: Gallery, *, columns: int = 8, side: int = 192) -> Image.Image:
    """Return the ranking as one picture: best top left, falling to the right and then down.

    Args:
        gallery: A named set.
        columns: Names side by side; fewer names make a narrower sheet.
        side: Side of one photo, pixels.

    Raises:
        DataError: The gallery has no names, or more than a sheet holds.
    """
    ranking = rank_celebrities(gallery)
    if len(ranking) > MAX_CELLS:
        raise DataError(f"{len(ranking)} names; a sheet holds {MAX_CELLS} at most")
    columns = min(columns, len(ranking))
    margin = side // 8
    pitch = side + margin, side + margin * 3  # across; down, with room for two lines
    lines = -(-len(ranking) // columns)
    sheet = Image.new("RGB", (columns * pitch[0] + margin, lines * pitch[1] + margin), _PAPER)
    corners = _rounded(side)
    stars = zip(ranking["row"], ranking["name"], ranking["score"], strict=True)
    for place, (row, name, score) in enumerate(stars):
        left, top = margin + place % columns * pitch[0], margin + place // columns * pitch[1]
        sheet.paste(square_photo(gallery, int(row), side=side), (left, top), corners)
        caption = sheet.crop((left, top + side, left + side, top + pitch[1]))
        _write(caption, str(name), score=float(score))
        sheet.paste(caption, (left, top + side))
    return sheet


def _write(caption: Image.Image, name: str, *, score: float) -> None:
    """Write name and score; a name too long for the line is set smaller, never cut."""
    draw, width = ImageDraw.Draw(caption), caption.width
    size = width / 10
    length = draw.textlength(name, _font(name, size))
    name_font = _font(name, min(size, size * width / length))
    draw.text((0, width * 0.12), name, _INK, name_font, anchor="ls")
    draw.text((0, width * 0.24), f"{100 * score:.1f} %", _QUIET, _font("", width / 12), anchor="ls")


def _font(text: str, size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return the first font on this machine that draws all of a text."""
    default = ImageFont.load_default(size)
    for file in ("", *_FONTS):
        try:
            font = ImageFont.truetype(file, size) if file else default
        except OSError:
            continue
        if _draws(font, text):
            return font
    return default


def _draws(font: ImageFont.FreeTypeFont | ImageFont.ImageFont, text: str) -> bool:
    missing = _ink(font, "\U0010fffd")  # a code point no font has
    return all(_ink(font, sign) != missing for sign in set(text) - {" "})


def _ink(font: ImageFont.FreeTypeFont | ImageFont.ImageFont, sign: str) -> bytes:
    picture = Image.new("1", (48, 48))
    ImageDraw.Draw(picture).text((4, 4), sign, 1, font)
    return picture.tobytes()


def _rounded(side: int) -> Image.Image:
    """Return a mask with rounded corners, smoothed by drawing it larger."""
    mask = Image.new("L", (4 * side, 4 * side))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, 4 * side - 1, 4 * side - 1), side // 4, 255)
    return mask.resize((side, side), Image.Resampling.LANCZOS)
