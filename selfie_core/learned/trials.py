"""The same photo with one thing changed: tried now, or measured when the scorer was made.

Letters: N photos.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.progress import Progress
from selfie_core.base.words import counted
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned.findings import Finding
from selfie_core.learned.regression import Floats
from selfie_core.learned.rules import sides
from selfie_core.photo import images
from selfie_core.photo.edits import Step, render
from selfie_core.scorer.scorer import Score
from selfie_core.training.measures import Estimate, mean_of


@dataclass(frozen=True)
class Edit:
    """A change to a photo that puts one rule to the test.

    Attributes:
        title: "Brighter".
        on: Whether photos that follow the rule are changed, or those that don't.
        step: The change; a crop is set by each photo's face.
    """

    title: str
    on: Literal["these", "others"]
    step: Step


EDITS = {
    "third": Edit("Tighter around the face", "others", Step("crop")),
    "large": Edit("Tighter around the face", "others", Step("crop")),
    "colour": Edit("Stronger colours", "others", Step("pale", 1.7)),
    "fade": Edit("Faded", "others", Step("fade", 0.18)),
    "mono": Edit("Black and white", "others", Step("bw", 1.0)),
    "border": Edit("With a white border", "others", Step("border", 0.06)),
    "light": Edit("Brighter", "these", Step("brighten", 0.6)),
}
TIGHTER = 0.7  # of each side that a tighter crop keeps


@dataclass(frozen=True)
class Tried:
    """The same photos before and after a change.

    Attributes:
        rows: Of the gallery, shape (N,).
        before: Scores, shape (N,); measured anew, on the gallery's copies of the photos.
        after: Scores, shape (N,).
        gain: Mean change of the score.
        raised: Share of photos whose score rose, in [0, 1].
    """

    rows: NDArray[np.intp]
    before: Floats
    after: Floats
    gain: Estimate
    raised: float


def try_edit(
    gallery: Gallery,
    finding: Finding,
    values: Floats,
    score: Score,
    *,
    count: int = 60,
    progress: Progress | None = None,
) -> Tried:
    """Return what a change does to the scores of some photos: the only thing that differs.

    The rule is one of `EDITS`, `values` are those of its factor, shape (N,); so many photos as
    `count` says are drawn at random.

    Raises:
        DataError: There is no photo to change.
    """
    edit = EDITS[finding.rule.key]
    side = sides(finding.rule, values)[edit.on == "others"]
    if edit.step.name == "crop":  # of faces that are then as the rule has them
        side &= sides(finding.rule, values / TIGHTER)[0]
    rows = np.random.default_rng(0).permutation(np.flatnonzero(side))[:count]
    if len(rows) < 2:
        raise DataError(f"{counted(len(rows), 'photo')} to change; wanted at least 2")
    pairs = []
    for done, row in enumerate(rows.tolist(), 1):
        pairs.append(score(edited(gallery, row, edit)))
        if progress:
            progress(done, len(rows))
    before, after = np.array(pairs, float).T
    change = after - before
    return Tried(rows, before, after, mean_of(change), raised=float((change > 0).mean()))


def edited(gallery: Gallery, row: int, edit: Edit) -> tuple[Image.Image, Image.Image]:
    """Return a photo as it is and as changed."""
    photo = images.open_photo(gallery.photo(row))
    step = edit.step
    if step.name == "crop":
        middle = [gallery.table[name].to_numpy(np.float64)[row] for name in ("face_x", "face_y")]
        corner = np.clip(np.array(middle) - TIGHTER / 2, 0, 1 - TIGHTER)
        step = Step("crop", box=(*corner, *(corner + TIGHTER)))
    return photo, render(photo, [step])


@dataclass(frozen=True)
class Twins:
    """The same scene drawn twice with one thing changed, measured when the scorer was made.

    Attributes:
        change: What was changed.
        size: Mean change of the score, in standard deviations of the scores.
        raised: Share of pairs in which the score rose, in [0, 1].
        pairs: Their number.
    """

    change: str
    size: Estimate
    raised: float
    pairs: int


# Rule, or "tone" for light and skin tone -> part of the metrics, its name there, what was changed.
_TWINS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "female": (("rendered_twins", "female", "a man's body drawn as a woman's"),),
    "third": (("twins", "framing", "a face of a third instead of two thirds"),),
    "high": (("twins", "place", "the face high instead of low"),),
    "hair": (("rendered_twins", "hair", "short hair drawn long"),),
    "colour": (("twins", "colour", "paler colours instead of strong ones"),),
    "fade": (("twins", "fade", "faded"),),
    "mono": (("twins", "black and white", "black and white"),),
    "border": (("twins", "white border", "a white border added"),),
    "light": (
        ("rendered_twins", "lighting", "the scene lit brightly instead of dimly"),
        ("twins", "light", "2.2 stops more light"),
    ),
    "large": (("rendered_twins", "framing", "a face of 60 % of the frame instead of 22 %"),),
    "tone": (
        ("rendered_twins", "lighting", "lit brightly instead of dimly"),
        ("rendered_twins", "tone", "with dark instead of light skin"),
    ),
}


def exact_twins(key: str, metrics: dict[str, Any]) -> list[Twins]:
    """Return what re-drawn scenes say about the rule of a key, or about light and skin "tone"."""
    found = []
    for part, name, change in _TWINS.get(key, ()):
        if facts := metrics.get(part, {}).get(name):
            size = Estimate(facts["mean"], *facts["interval"])
            raised = facts.get("raised", facts.get("right", np.nan))
            pairs = int(facts.get("pairs", metrics[part].get("pairs", 0)))
            found.append(Twins(change, size, float(raised), pairs))
    return found


def known_metrics(scorer_id: str) -> dict[str, Any]:
    """Return what was measured of a scorer when it was made; empty for any but the shipped one."""
    path = store.demo_metrics()
    metrics = store.read_json(path) if path.is_file() else {}
    return metrics if metrics.get("scorer") == scorer_id else {}
