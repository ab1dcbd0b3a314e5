"""A named set of photos, ranked: each name stands where its best photo, or their mean, stands."""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFont, ImageOps

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.names import same_name
from selfie_core.base.progress import Progress, Stages
from selfie_core.base.words import percent
from selfie_core.gallery.build import BuildConfig, build_gallery
from selfie_core.gallery.columns import credit_of
from selfie_core.gallery.gallery import THUMB_CENTRE, Gallery, percentiles
from selfie_core.gallery.grids import MAX_CELLS, square_photo
from selfie_core.photo.folder import find_photos
from selfie_core.posts.table import need_columns
from selfie_core.scorer.files import score_photos
from selfie_core.scorer.scorer import Scorer

TABLE = "photos.csv"  # beside the photos: what is known of them, one row per file
Order = Literal["best", "mean"]

_INK, _QUIET, _PAPER = "#1d1b20", "#6f6b75", "#f6f4f7"
# Pillow's own font draws ASCII only; the others are tried for a name it cannot draw.
_FONTS = ("LiberationSans-Regular.ttf", "Arial.ttf", "DejaVuSans.ttf", "NotoSansCJK-Regular.ttc")


def name_of(path: Path) -> str:
    """Return the name a file stands for: "Ada Vale" for ada-vale-2.jpg.

    Hyphens, underscores, dots and spaces part the words; a number at the end tells
    several photos of one person apart and is no part of the name.  Words that
    carry capitals keep them, as in "McKay".
    """
    stem = same_name(path.stem)
    numberless = re.sub(r"(?<=[^\W\d_])[-_.\s]*\(?\d+\)?$", "", stem)
    words = re.split(r"[-_.\s]+", numberless.strip("-_. "))
    return " ".join(w if w != w.lower() else w[:1].upper() + w[1:] for w in words) or stem


def build_celebrities(
    folder: Path,
    out: Path,
    *,
    scorer: Scorer,
    faceless: bool = False,
    progress: Stages | None = None,
) -> Gallery:
    """Return the named set made of a folder of photos, each file named after who is on it.

    A table photos.csv among them, as `selfie import commons` writes it, gives names, authors and
    licences of the files that it lists.  What goes in and what is refused is as in `build_gallery`.
    """
    named = {same_name(path.relative_to(folder)): name_of(path) for path in find_photos(folder)}
    files = pd.Index(list(named), name="file")
    given = pd.DataFrame({"name": list(named.values())}, index=files)
    if (folder / TABLE).is_file():
        table = store.read_table(folder / TABLE)
        need_columns(table, "file", name=TABLE)
        table["file"] = table["file"].astype(str).map(same_name)
        known = table.drop_duplicates("file").set_index("file").reindex(files)
        given = known.combine_first(given)  # a name in the table comes before the file's
    given, config = given.reset_index(), BuildConfig(map=False, faceless=faceless)
    return build_gallery(folder, out, scorer=scorer, given=given, config=config, progress=progress)


def rank_celebrities(gallery: Gallery, *, order: Order = "best") -> pd.DataFrame:
    """Return one line per name, highest first: name, row, score, percentile, photos, mean, worst.

    `row` is the name's best-scored photo and `score` its score, `percentile` its place among all
    photos of the set in [0, 100], `photos` how many carry that name, `mean` and `worst` the mean
    and the lowest of their scores.  Who has many photos has more chances of one that scores
    high; the mean does not grow with their number.  By `order` the best or the mean decides.

    Raises:
        DataError: The gallery has no names, or the order is unknown.
    """
    if "name" not in gallery.table:
        raise DataError(
            f'{gallery.folder} has no column "name"; '
            f'build a named set by "selfie celebrities FOLDER --out DIR"'
        )
    if order not in ("best", "mean"):
        raise DataError(f'no order is called "{order}"; take best or mean')
    table = gallery.table[["name", "score", "percentile"]]
    return rank_names(table.assign(row=range(len(gallery))), order=order)


def rank_names(photos: pd.DataFrame, *, order: Order = "best") -> pd.DataFrame:
    """Return what `rank_celebrities` does, of photos with name, row, score and percentile."""
    photos = photos.sort_values("score", ascending=False, kind="stable")
    ranking = photos.groupby("name", sort=False, as_index=False).agg(
        row=("row", "first"),
        score=("score", "first"),
        percentile=("percentile", "first"),
        photos=("score", "size"),
        mean=("score", "mean"),
        worst=("score", "min"),
    )
    if order == "mean":
        return ranking.sort_values("mean", ascending=False, kind="stable", ignore_index=True)
    return ranking


def names_of(paths: Sequence[Path]) -> list[str]:
    """Return whom each photo is of: a folder stands for a name where several hold photos."""
    several = len({path.parent for path in paths}) > 1
    return [
        name_of(Path(f"{path.parent.name}.jpg")) if several and path.parent.name else name_of(path)
        for path in paths
    ]


def score_dropped(
    files: Sequence[tuple[str, bytes]],
    scorer: Scorer,
    *,
    side: int,
    progress: Progress | None = None,
) -> tuple[pd.DataFrame, list[Image.Image | None]]:
    """Return a row per photo given by name and content, in order, and a square of each.

    Columns: file, name, score, percentile (among these photos), row, error.  What can't be read
    has its reason in `error`, and None for its square of `side` pixels.
    """

    def look(photo: Image.Image, _content: object) -> Image.Image:
        how = Image.Resampling.LANCZOS
        return ImageOps.fit(photo, (side, side), how, centering=THUMB_CENTRE)

    sources = [partial(bytes, data) for _, data in files]
    found = list(score_photos(sources, scorer, look, progress=progress))
    paths = [Path(name) for name, _ in files]
    table = pd.DataFrame({"file": [name for name, _ in files], "name": names_of(paths)})
    table["score"] = [one.score for one in found]
    table["row"] = range(len(table))
    table["error"] = [one.error or "" for one in found]
    scores = table["score"].to_numpy(np.float64)
    table["percentile"] = percentiles(scores, scores[np.isfinite(scores)])
    return table, [one.seen for one in found]


def celebrity_sheet(
    gallery: Gallery, *, columns: int = 8, side: int = 192, order: Order = "best"
) -> Image.Image:
    """Return the ranking as one picture: best top left, falling to the right and then down.

    A photo that others may use under a licence carries its author and licence.

    Args:
        gallery: A named set.
        order: As of `rank_celebrities`; the score written is the one that decides.
        columns: Names side by side; fewer names make a narrower sheet.
        side: Side of one photo, pixels.

    Raises:
        DataError: The gallery has no names, not one photo has, or more than a sheet holds.
    """
    ranking = rank_celebrities(gallery, order=order)
    if not 1 <= len(ranking) <= MAX_CELLS:
        raise DataError(f"{len(ranking)} names; a sheet holds 1 to {MAX_CELLS}")
    columns = min(columns, len(ranking))
    margin = side // 8
    credits = [credit_of(gallery.table.iloc[row]) for row in ranking["row"]]
    below = margin * (4 if any(credits) else 3)  # room for two lines, or three
    pitch = side + margin, side + below  # across, down
    lines = -(-len(ranking) // columns)
    sheet = Image.new("RGB", (columns * pitch[0] + margin, lines * pitch[1] + margin), _PAPER)
    corners = _rounded(side)
    shown = ranking["score" if order == "best" else "mean"]
    stars = zip(ranking["row"], ranking["name"], shown, credits, strict=True)
    for place, (row, name, score, credit) in enumerate(stars):
        left, top = margin + place % columns * pitch[0], margin + place // columns * pitch[1]
        sheet.paste(square_photo(gallery, int(row), side=side), (left, top), corners)
        caption = sheet.crop((left, top + side, left + side, top + pitch[1]))
        _write(caption, str(name), percent(score), credit)
        sheet.paste(caption, (left, top + side))
    return sheet


def _write(caption: Image.Image, name: str, score: str, credit: dict[str, str] | None) -> None:
    """Write name, score and credit; a line too long is set smaller, never cut."""
    draw, width = ImageDraw.Draw(caption), caption.width
    lines = [(0.12, name, _INK, width / 10), (0.24, score, _QUIET, width / 12)]
    if credit:
        words = ", ".join(word for word in (credit["author"], credit["licence"]) if word)
        lines.append((0.36, words, _QUIET, width / 16))
    for height, given, ink, size in lines:
        text = " ".join(given.split())
        length = draw.textlength(text, _font(text, size))
        # A hair less than it takes: small type runs a little wider than its size says.
        font = _font(text, min(size, 0.97 * size * width / max(length, 1)))
        draw.text((0, width * height), text, ink, font, anchor="ls")


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
