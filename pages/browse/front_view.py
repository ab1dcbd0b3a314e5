"""How the front page is drawn: its style, and the pictures of the three ways in."""

import base64

import numpy as np

from pages.shared import ui
from pages.shared.pictures import sheet_address
from selfie_core.gallery.gallery import Gallery

_DOTS = 700  # of the small map
_BEST = 18  # photos of the small grid
_SEEN = 0.47  # of the height of a square photo in its frame
_USUAL = 0.35  # middle of a face, from the top, where it is not known

HEADLINE = (
    '<div class="front-head"><h1>What does a neural net <br>think of <em>your selfie?</em></h1>'
    "<p>A ConvNet learned which selfies do better than their peers. See the ones it loves and the "
    "ones it can’t stand, walk through everything it saw, then let it judge yours.</p></div>"
)


def grids_picture(gallery: Gallery) -> str:
    """Return the best photos of the gallery as one picture."""
    address = sheet_address(gallery, gallery.best_first[:_BEST], columns=6, cell=96)
    return f'<div class="front-picture"><img src="{address}" alt="" loading="lazy"></div>'


def map_picture(gallery: Gallery) -> str:
    """Return the middle of the map as dots, coloured by percentile."""
    placed = np.flatnonzero(np.isfinite(gallery.xy).all(axis=1))
    rows = placed[:: max(1, len(placed) // _DOTS)]
    steps = ui.ramp_steps(gallery.table["percentile"].to_numpy()[rows])
    dots = "".join(
        f'<circle cx="{200 * x:.1f}" cy="{200 * y:.1f}" r="2" fill="{ui.RAMP[step]}"/>'
        for step, (x, y) in zip(steps, gallery.xy[rows], strict=True)
    )
    middle = float(np.median(gallery.xy[rows, 1])) if len(rows) else 0.5
    top = min(max(200 * middle - 58, 0), 84)  # where most stand
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {top:.0f} 200 116">{dots}</svg>'
    address = f"data:image/svg+xml;base64,{base64.b64encode(drawn.encode()).decode()}"
    return f'<div class="front-picture"><img src="{address}" alt=""></div>'


def score_picture(gallery: Gallery) -> str:
    """Return a well-scored photo under a frame, its face in sight, with its real score."""
    row = gallery.best_first[len(gallery) // 20]
    score = ui.percent(gallery.table["score"].to_numpy()[row])
    middle = _USUAL
    if "face_y" in gallery.table:  # missing where no face was found
        known = gallery.table["face_y"].to_numpy(np.float64)[row]
        middle = float(np.nan_to_num(known, nan=_USUAL))
    top = (middle - _SEEN / 2) / (1 - _SEEN)
    return (
        '<div class="front-picture front-judged">'
        f'<img src="{ui.base(gallery)}/photo/{row}" alt="" loading="lazy" '
        f'style="object-position: 50% {100 * min(max(top, 0), 1):.0f}%">'
        f"<span>{score}</span></div>"
    )
