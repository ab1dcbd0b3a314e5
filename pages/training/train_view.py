"""What the page "train your own" draws: words, the chart of intervals, sheets of thumbnails."""

import html
from collections.abc import Sequence
from pathlib import Path

import plotly.graph_objects as go
from PIL import Image
from plotly.subplots import make_subplots

from pages.shared import ui
from pages.shared.pictures import data_address
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo.factors import FACTORS
from selfie_core.training.last_layer import FittedHead
from selfie_core.training.piles import THUMB, Piles

STYLE = f"<style>{(Path(__file__).parent / 'train.css').read_text('utf-8')}</style>"
_NAMES = {
    "yours": "Yours",
    "shipped": "The app’s own",
    "brightness": "Brightness alone",
    "larger": "Always the larger pile",
}
_MEASURES = {
    "auc": "Ranks a good one above a bad one",
    "accuracy": "Puts a photo into the right pile",
}
_SHEET = 8  # thumbnails side by side
ZIP_HELP = """
A zip of photos and one table beside them, either of

- `file,label`: the photo's path in the zip, and `good` or `bad` (or 1 and 0). A column `user`
  keeps the photos of one person together when the scorer is judged.
- `posts.csv`: file, user, followers, likes, tags, posted_at. A photo is good if it got more likes
  than others with an audience of like size; that takes at least 100 posts.
"""
STEPS = """<div class="train-steps">
<div><b>1</b><p><strong>Drop two piles.</strong> At least 5 photos each; with 50 it gets steady.
Whatever differs between them is learned, so let them differ in what you mean.</p></div>
<div><b>2</b><p><strong>Train.</strong> Only the last layer is fitted anew, to the 512 numbers that
the net makes of a photo, and judged on photos that it did not learn from.</p></div>
<div><b>3</b><p><strong>Use it.</strong> See every page ranked by your piles, score new photos by
them, take the scorer home. No photos at hand? “This gallery” fills the piles.</p></div></div>"""


def factor_titles(gallery: Gallery) -> dict[str, str]:
    """Return the measured factors that tell a gallery's photos apart: column and title."""
    table = gallery.table
    return {f.name: f.title for f in FACTORS if f.name in table and table[f.name].nunique() > 1}


def first_factor(titles: dict[str, str]) -> int:
    """Return the place of the factor to begin with: one that is plain to see, and hard enough."""
    return list(titles).index("face_height") if "face_height" in titles else 0


def verdict(lesson: FittedHead, piles: Piles) -> str:
    """Return how well it does, as a figure and in plain words."""
    yours = lesson.judged.iloc[0]
    low, high = (round(100 * yours[f"auc_{end}"]) for end in ("low", "high"))
    good = int(piles.labels.sum())
    lost = sum(piles.left_out.values())
    left_out = f" Left out: {html.escape(_reasons(piles))}." if lost else ""
    return (
        f'<div class="train-verdict"><div class="figure">{round(100 * yours["auc"])}</div><div>'
        f'<p class="lead">times in 100 it ranks a good photo above a bad one, of two that it has '
        f"never seen.</p><p>95 % interval: {low} to {high}; a coin gets 50. It puts "
        f"{100 * yours['accuracy']:.0f} % of the photos into the right pile.</p>"
        f'<p class="quiet">Measured five times over: each fifth of your {good} good and '
        f"{len(piles.labels) - good} bad photos was judged by a scorer that learned from the other "
        f"four; near-copies, and photos of one user, stayed together.{left_out}</p></div></div>"
    )


def _reasons(piles: Piles) -> str:
    return "; ".join(f"{count} × {reason}" for reason, count in piles.left_out.items())


def chart(lesson: FittedHead) -> go.Figure:
    """Return AUC and accuracy of each scorer, with intervals, one beside the other."""
    figure = make_subplots(
        1, 2, shared_yaxes=True, horizontal_spacing=0.06, subplot_titles=list(_MEASURES.values())
    )
    rows = lesson.judged.iloc[::-1]
    for column, measure in enumerate(_MEASURES, 1):
        values = rows[measure]
        figure.add_scatter(
            x=100 * values,
            y=[_NAMES[name] for name in rows["name"]],
            mode="markers",
            marker={
                "size": 12,
                "color": [ui.RAMP[3] if n == "yours" else "#8d8794" for n in rows["name"]],
            },
            error_x={
                "array": 100 * (rows[f"{measure}_high"] - values),
                "arrayminus": 100 * (values - rows[f"{measure}_low"]),
                "color": "rgba(141,135,148,0.7)",
                "thickness": 2,
                "width": 0,
            },
            hovertemplate="%{y}: %{x:.1f} %<extra></extra>",
            row=1,
            col=column,
        )
        figure.add_vline(
            50,
            line={"color": "rgba(141,135,148,0.6)", "dash": "dot", "width": 1},
            row=1,
            col=column,
        )
    figure.update_xaxes(
        range=[0, 104], tickvals=[0, 25, 50, 75, 100], ticksuffix=" %", fixedrange=True
    )
    figure.update_yaxes(fixedrange=True, tickfont={"size": 13})
    for place, annotation in enumerate(figure.layout.annotations):
        annotation.update(font={"size": 13}, x=0.53 * place, xanchor="left")
    figure.update_layout(height=220, margin={"l": 0, "r": 10, "t": 34, "b": 10}, showlegend=False)
    return figure


def sheet(thumbs: Sequence[Image.Image], about: str) -> str:
    """Return thumbnails side by side as one picture."""
    columns = min(_SHEET, len(thumbs))
    lines = -(-len(thumbs) // columns)
    picture = Image.new("RGB", (columns * THUMB, lines * THUMB), "white")
    for place, thumb in enumerate(thumbs):
        picture.paste(thumb, (place % columns * THUMB, place // columns * THUMB))
    address = data_address(picture, side=max(picture.size))
    width = f"min(100%, {columns * 76}px)"
    words = html.escape(about)
    return f'<img class="train-sheet" style="width:{width}" src="{address}" alt="{words}">'


def ends(gallery: Gallery, rows: Sequence[int], about: str) -> str:
    """Return photos of the gallery in a row, as one picture from the server."""
    of = ",".join(map(str, rows))
    address = html.escape(f"{ui.base(gallery)}/grid.jpg?of={of}&columns={len(rows) // 2}&cell=112")
    return f'<img class="train-sheet" src="{address}" alt="{html.escape(about)}">'
