"""What the page "score yours" draws itself: photo, ring, strip, neighbours, little map."""

import base64
import functools
import html
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import ui
from PIL import Image, ImageOps

from selfie_core import images, store
from selfie_core.answer import Answer, answer_photo
from selfie_core.frames import Box
from selfie_core.gallery import Gallery
from selfie_core.grids import pick_rows
from selfie_core.score import Scorer

if TYPE_CHECKING:
    from score_seen import Seen

STYLE = f"<style>{(Path(__file__).parent / 'score.css').read_text('utf-8')}</style>"
_SAMPLES = 6
_STRIP = (12, 25)  # photos of the strip, in a narrow window and in a wide one
_CELL = 96  # pixels of one of them in the picture that travels
_MAP = 1000  # width of the little map in its own units
_DOTS = 3000  # of the little map; more are thinned out
_GROUP = 3  # faces; more are said
_TINY = 0.08  # of the photo's height: a face below is said
_STRETCHED = 3  # times longer than wide: said


def samples() -> dict[str, Path]:
    """Return the sample photos by the name that the address bar shows."""
    folder = store.sample_photos()
    found = images.find_photos(folder) if folder.is_dir() else []
    return {path.stem: path for path in found[:_SAMPLES]}


@functools.lru_cache(maxsize=_SAMPLES)
def sample_style(place: int, path: Path) -> str:
    """Return the rule that lays a sample photo behind its button."""
    thumb = data_address(images.open_photo(path, at_least=256), side=208, square=True)
    return f".st-key-score_sample_{place} .stButton button {{ background-image: url({thumb}) }}"


@functools.lru_cache(maxsize=2)
def warm_up(gallery: Gallery, scorer: Scorer) -> None:
    """Load nets and features while the visitor still looks for a photo."""
    answer_photo(Image.new("RGB", (64, 64)), scorer=scorer, gallery=gallery, crops=False)


def data_address(
    photo: Image.Image,
    *,
    side: int,
    square: bool = False,
    centre: tuple[float, float] = (0.5, 0.4),
) -> str:
    """Return a small copy of a photo as an address that holds the picture itself.

    Args:
        photo: The photo.
        side: Pixels of its longer side, of all sides if it is to be square.
        square: Cut it to a square.
        centre: What a square keeps in its middle where it can, as shares of the photo.
    """
    shrink = min(1, side / (min(photo.size) if square else max(photo.size)))
    size = [max(1, round(edge * shrink)) for edge in photo.size]
    small = photo.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    if square:
        least = min(small.size)
        x, y = (
            min(max((share * edge - least / 2) / max(edge - least, 1), 0), 1)
            for share, edge in zip(centre, small.size, strict=True)
        )
        small = ImageOps.fit(small, (side, side), Image.Resampling.LANCZOS, centering=(x, y))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=84)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"


def thumb(photo: Image.Image, answer: Answer) -> str:
    """Return a small square of a photo, around its largest face."""
    if not answer.faces:
        return data_address(photo, side=160, square=True)
    face = answer.faces[0]
    x, y = (face.left + face.right) / 2 / answer.width, (face.top + face.bottom) / 2 / answer.height
    return data_address(photo, side=160, square=True, centre=(x, y))


def crop_file(data: bytes, box: Box) -> bytes:
    """Return a crop as a JPEG, cut from the uploaded file: full size, no metadata."""
    return jpeg(images.open_photo(data).crop(box))


def jpeg(photo: Image.Image) -> bytes:
    """Return a photo as the content of a JPEG file that hides no loss."""
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=95, subsampling=0)
    return file.getvalue()


def photo(seen: "Seen") -> str:
    """Return the photo, as large as leaves room for the strip below it."""
    return (
        f'<figure class="score-photo"><img style="--aspect:{stage_aspect(seen):.4f}" '
        f'src="{seen.picture}" alt="Your photo" decoding="sync"></figure>'
    )


def stage_aspect(seen: "Seen") -> float:
    """Return width / height of a stage for the photo; a strip gets one that can be looked at."""
    return min(max(seen.size[0] / seen.size[1], 0.6), 2.4)


def score_card(seen: "Seen") -> str:
    """Return the ring with the score, where the photo stands, and what there is to say of it."""
    answer = seen.answer
    stops = ",".join(f"{c} {100 * i / 5:.0f}%" for i, c in enumerate(ui.RAMP))
    notes = [note for note in (answer.reason, *_notes(answer)) if note]
    device = {"cuda": "the graphics card", "mps": "the Mac's GPU"}.get(
        ui.scorer().device, "the CPU"
    )
    quiet = f"It would rank {answer.rank:,} of {answer.of:,} photos. Scored on {device}."
    if answer.width != answer.height:
        quiet += " It is not square: the net saw it squashed to one, as in the original experiment."
    return (
        f'<div class="score-card"><div class="score-ring" role="img" '
        f'aria-label="Score {ui.percent(answer.score)}" '
        f'style="--share:{answer.score:.4f};--ramp:{stops}">'
        f"<div><b>{ui.percent(answer.score)}</b><small>score</small></div></div>"
        f'<p class="lead">{html.escape(answer.sentence)}</p>'
        + "".join(f"<p>{html.escape(note)}</p>" for note in notes)
        + f'<p class="quiet">{quiet}</p></div>'
    )


def _notes(answer: Answer) -> list[str]:
    """Return what makes this photo unlike those the net learned from."""
    notes = []
    aspect = max(answer.width, answer.height) / min(answer.width, answer.height)
    if not answer.faces:
        notes.append(
            "No face was found in it. The net learned from selfies, so take this score with a "
            "grain of salt."
        )
    elif len(answer.faces) > _GROUP:
        notes.append(f"{len(answer.faces)} faces were found; crops keep the largest.")
    elif (share := answer.faces[0].height / answer.height) < _TINY:
        notes.append(f"The face takes {100 * share:.0f} % of the height: a crop will tell more.")
    if aspect > _STRETCHED:
        notes.append(f"At {aspect:.0f}:1, little is left of it once it is squashed: try a crop.")
    return notes


def strip(gallery: Gallery, seen: "Seen | None" = None) -> str:
    """Return the gallery from worst to best as one row of photos, with this one in its place."""
    few, many = (_row_of_photos(gallery, count) for count in _STRIP)
    return (
        f'<div class="score-strip" style="--ramp:{",".join(ui.RAMP)}">'
        f"{_marker(gallery, seen) if seen else ''}"
        f'<picture><source media="(max-width: 640px)" srcset="{few}">'
        f'<img src="{many}" alt="Photos of the gallery from worst to best"></picture>'
        f'<div class="ramp"></div><div class="ends"><span>worst</span><span>best</span></div></div>'
    )


def _marker(gallery: Gallery, seen: "Seen") -> str:
    share = seen.answer.percentile / 100
    colour = ui.RAMP[min(int(share * len(ui.RAMP)), len(ui.RAMP) - 1)]
    count = min(_STRIP[1], len(gallery))
    x = 100 * (share * (count - 1) + 0.5) / count  # the scale ends in the middle of a photo
    return (
        f'<div class="over" style="--x:{x:.2f}%;--here:{colour}">'
        f'<img class="me" src="{seen.thumb}" alt="Your photo"><i class="stem"></i></div>'
    )


def _row_of_photos(gallery: Gallery, count: int) -> str:
    """Return the address of one picture: photos side by side from worst to best."""
    rows = pick_rows(gallery, "continuum", count)[::-1]
    of = ",".join(map(str, rows))
    return html.escape(f"{ui.base(gallery)}/grid.jpg?of={of}&columns={len(rows)}&cell={_CELL}")


def beside(gallery: Gallery, seen: "Seen") -> tuple[list[int], list[int]]:
    """Return the rows that score just worse and just better, both from worse to better."""
    worse = [near.row for near in seen.answer.worse[::-1]]
    return worse, [near.row for near in seen.answer.better]


def beside_line(gallery: Gallery, rows: Sequence[int], words: str) -> str:
    """Return the score below each photo of a row of three, and what they are."""
    scores = gallery.table["score"].to_numpy()[list(rows)]
    below = "".join(f"<span>{ui.percent(score)}</span>" for score in scores)
    return f'<div class="score-three">{below}</div><div class="score-words">{words}</div>'


def yours(seen: "Seen") -> str:
    """Return the photo between its neighbours in score."""
    return (
        f'<div class="score-yours"><img src="{seen.thumb}" alt="Your photo">'
        f"<b>{ui.percent(seen.answer.score)}</b><small>yours</small></div>"
    )


def little_map(gallery: Gallery, seen: "Seen") -> str:
    """Return the gallery's map as dots, this photo's place on it, and threads to the nearest."""
    dots, box = _dots(gallery)
    x, y = seen.answer.place or (0.5, 0.5)
    ends = gallery.xy[[near.row for near in seen.answer.nearest[:6]]]
    threads = "".join(
        f'<line class="thread" x1="{_MAP * x:.0f}" y1="{_MAP * y:.0f}" '
        f'x2="{_MAP * u:.0f}" y2="{_MAP * v:.0f}"></line>'
        for u, v in ends
    )
    circle = f'cx="{_MAP * x:.0f}" cy="{_MAP * y:.0f}" r="13"'
    return (
        f'<div class="score-map"><svg viewBox="{box}" role="img" aria-label="Where your photo '
        f'lands on the map">{dots}{threads}<circle class="me" {circle}></circle>'
        f'<circle class="dot" {circle}></circle></svg></div>'
    )


@functools.lru_cache(maxsize=4)
def _dots(gallery: Gallery) -> tuple[str, str]:
    """Return the map's dots, one path a colour of the score, and the box they fill."""
    (left, top), (right, bottom) = gallery.xy.min(axis=0), gallery.xy.max(axis=0)
    rim = 0.06
    box = (left - rim, top - rim, right - left + 2 * rim, bottom - top + 2 * rim)
    rows = np.arange(0, len(gallery), -(-len(gallery) // _DOTS))
    steps = gallery.table["percentile"].to_numpy()[rows] / 100 * len(ui.RAMP)
    steps = np.clip(steps.astype(int), 0, len(ui.RAMP) - 1)
    size = 0.42 * _MAP * math.sqrt(box[2] * box[3] / len(rows))
    paths = []
    for step, colour in enumerate(ui.RAMP):
        points = "".join(
            f"M{_MAP * x:.0f} {_MAP * y:.0f}h0" for x, y in gallery.xy[rows[steps == step]]
        )
        paths.append(f'<path d="{points}" stroke="{colour}"></path>')
    dots = f'<g class="dots" stroke-width="{size:.1f}">{"".join(paths)}</g>'
    return dots, " ".join(f"{_MAP * edge:.0f}" for edge in box)
