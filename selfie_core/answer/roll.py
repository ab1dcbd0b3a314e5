"""The best of a roll: its moments, the best photo of each and why, keepers and the rest, stars.

Letters: N photos, D width of fc7.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from selfie_core.base.errors import DataError
from selfie_core.base.settings import CullConfig
from selfie_core.base.words import percent
from selfie_core.gallery.gallery import percentiles
from selfie_core.photo.copies import group_moments
from selfie_core.photo.factors import COMPARED

COLUMNS = (
    "file", "score", "percentile", "stars", "keep", "moment", "of", "best", "why", "taken",
    "same_as", "error",
)  # fmt: skip
MOST_ON_SHEET = 1000  # photos

_TELLS = 0.1  # by which a factor must part two photos: standard deviations times rank correlation
_REASONS = 2
_TOSS_UP = 0.005  # of score: half a point is less than another copy of the same photo may move it
CELL, _GAP, _FOOT = 176, 10, 40  # pixels of the contact sheet


def pick_best(
    photos: pd.DataFrame,
    fc7: NDArray[np.floating],
    squares: NDArray[np.float32],
    *,
    among: pd.DataFrame,
    config: CullConfig,
) -> pd.DataFrame:
    """Return a row per photo: moments from the best to the worst, in each the best photo first.

    Columns: `COLUMNS`.  Percentile and stars are among these photos; moments are numbered from 1,
    `of` is how many photos one has, `keep` are the best of each that reach the threshold.  What
    can't be read stands at the end.

    Args:
        photos: Columns file, score (NaN: it can't be read), taken (seconds, NaN: not known),
            same_as, error, and measured factors; N rows.
        fc7: Shape (N, D).
        squares: By `copies.square`, shape (N, SIDE * SIDE).
        among: Scores and factors of many photos, which say what the score goes by.
        config: Settings.
    """
    table = photos.reset_index(drop=True)
    found = table["score"].notna().to_numpy()
    table["moment"] = -1
    if found.any():
        times = table["taken"].to_numpy(np.float64)
        table.loc[found, "moment"] = group_moments(squares[found], fc7[found], times[found])
    table = table.sort_values("score", ascending=False, kind="stable", ignore_index=True)
    found = table["score"].notna()
    table["moment"] = (pd.factorize(table["moment"])[0] + 1) * found  # by their best photo
    table["best"] = found & ~table["moment"].duplicated()
    table["of"] = table["moment"].map(table["moment"].value_counts()) * found
    scores = table["score"].to_numpy(np.float64)
    below = np.full(len(table), np.nan)
    below[found] = percentiles(scores[found], scores[found])
    table["percentile"] = below
    table["stars"] = (np.searchsorted(config.cuts, below, "right") + 1) * found
    table["keep"] = table["best"] & (table["score"] >= config.threshold)
    table["why"] = _reasons(table, among)
    table["taken"] = [
        "" if math.isnan(one) else f"{datetime.fromtimestamp(one, UTC):%Y-%m-%d %H:%M:%S}"
        for one in table["taken"]
    ]
    rank = np.where(found, table["moment"], len(table) + 1)
    return table.iloc[np.argsort(rank, kind="stable")][[*COLUMNS]].reset_index(drop=True)


def _reasons(table: pd.DataFrame, among: pd.DataFrame) -> list[str]:
    """Return why each best photo of a moment is that, "" for all others."""
    factors = [name for name in COMPARED if name in table and name in among]
    known = among[factors].astype("float64")
    follows = known.rank().corrwith(among["score"].rank()).fillna(0).to_numpy()
    spread = known.std().replace(0, np.inf).to_numpy()
    values = table[factors].to_numpy(np.float64)
    said = [""] * len(table)
    for _, rows in table[table["of"] > 1].groupby("moment").groups.items():
        best, rest = rows[0], rows[1:]
        apart = np.nan_to_num((values[best] - values[rest].mean(axis=0)) / spread)
        tells = apart * follows
        named = [
            COMPARED[factors[one]][0 if apart[one] > 0 else 1]
            for one in np.argsort(-tells)[:_REASONS]
            if tells[one] >= _TELLS
        ]
        said[best] = _sentence(named, float(table["score"][best] - table["score"][rest[0]]))
    return said


def _sentence(named: Sequence[str], ahead: float) -> str:
    by = "a toss-up" if ahead < _TOSS_UP else f"{100 * ahead:.1f} points ahead"
    return ", ".join([*named, by]) if named else f"{by}, by nothing that is measured"


def contact_sheet(photos: Sequence[Image.Image], picks: pd.DataFrame) -> Image.Image:
    """Return photos as one picture to print, each with its name and score below it.

    Args:
        photos: Squares, at most `MOST_ON_SHEET` of them.
        picks: Their file and score, in the same order.

    Raises:
        DataError: There are none.
    """
    if not photos:
        raise DataError("no photo is a keeper, so there is no contact sheet; lower the threshold")
    columns = min(len(photos), max(6, math.isqrt(len(photos))))
    rows = -(-len(photos) // columns)
    across, down = CELL + _GAP, CELL + _FOOT
    sheet = Image.new("RGB", (columns * across + _GAP, rows * down + _GAP), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for place, (photo, file, score) in enumerate(
        zip(photos, picks["file"], picks["score"], strict=True)
    ):
        x, y = _GAP + place % columns * across, _GAP + place // columns * down
        sheet.paste(photo.resize((CELL, CELL), Image.Resampling.LANCZOS), (x, y))
        name = " ".join(str(file).rpartition("/")[2].split())  # on one line
        while pen.textlength(name, font) > CELL:
            name = name[:-2] + "…"
        pen.text((x, y + CELL + 3), name, "black", font)
        pen.text((x, y + CELL + 18), percent(score), "dimgrey", font)
    return sheet
