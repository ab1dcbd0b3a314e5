"""What each change to a photo usually brings, measured once over a gallery and kept beside it.

Advice without it is the same for everyone: a white border or no colour raises nearly any photo.
"""

from collections import defaultdict

import numpy as np

from selfie_core.answer.advice import Usual, logit, prepare
from selfie_core.answer.crops import Crop, suggest_crops
from selfie_core.base import store
from selfie_core.base.errors import ModelError
from selfie_core.base.progress import Progress
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.grids import pick_rows
from selfie_core.photo import images
from selfie_core.photo.edits import render
from selfie_core.photo.faces import find_faces
from selfie_core.scorer.scorer import Scorer

FILE = "usual.json"
SAMPLE = 50  # photos, at evenly spaced ranks
FEWEST = 20  # photos of which a mean says something


def usual_gains(gallery: Gallery) -> Usual | None:
    """Return what was measured of a gallery; None if nothing was, or of another scorer.

    Raises:
        DataError: The file is damaged.
    """
    file = gallery.folder / FILE
    facts = store.read_json(file) if file.is_file() else {}
    return facts["logits"] if facts.get("scorer") == gallery.scorer_id else None


def is_measured(gallery: Gallery) -> bool:
    """Return whether that was measured when the gallery had half as many photos, or later."""
    file = gallery.folder / FILE
    facts = store.read_json(file) if file.is_file() else {}
    there = facts.get("scorer") == gallery.scorer_id
    return there and len(gallery) <= 2 * facts.get("of", len(gallery))


def measure_usual(
    gallery: Gallery, scorer: Scorer, *, progress: Progress | None = None
) -> Usual | None:
    """Measure what each change brings photos of a gallery, and keep it there.

    Each photo has each change alone, in the strength that suits it best.  Of a gallery of fewer
    than 20 photos nothing is measured.

    Args:
        gallery: Of which 50 photos are tried.
        scorer: The one that scored it.
        progress: Called with (photos done, of).
    """
    if len(gallery) < FEWEST:
        return None
    gains = defaultdict(list)
    rows = pick_rows(gallery, "continuum", SAMPLE)
    for done, row in enumerate(rows.tolist(), 1):
        for name, gain in _gains(gallery, row, scorer).items():
            gains[name].append(gain)
        if progress:
            progress(done, len(rows))
    logits = {
        name: (round(float(np.mean(found)), 4), round(float(np.std(found)), 4))
        for name, found in gains.items()
        if len(found) >= FEWEST // 2
    }
    store.write_json(
        gallery.folder / FILE,
        {
            "scorer": gallery.scorer_id,
            "of": len(gallery),
            "photos": len(rows),
            "logits": logits,
        },
    )
    return logits


def _gains(gallery: Gallery, row: int, scorer: Scorer) -> dict[str, float]:
    """Return what each change adds to the logit of one photo."""
    photo = images.open_photo(gallery.photo(row), at_least=scorer.copy_side)
    faces = find_faces(photo)
    crop: Crop | None = None
    if min(photo.size) >= images.CROP_SIDE:
        try:
            crop = suggest_crops(photo, scorer, count=1, faces=faces, mode="fast")[0]
        except ModelError:  # a net without the maps: an exact search would take minutes
            pass
    copy, variants = prepare(photo, photo.size, faces, crop)
    recipes = [(), *((step,) for steps in variants.values() for step in steps)]
    scores = scorer([render(copy, recipe) for recipe in recipes]).tolist()
    best = defaultdict(lambda: -np.inf)
    for (step,), score in zip(recipes[1:], scores[1:], strict=True):
        best[step.name] = max(best[step.name], logit(score))
    return {name: value - logit(scores[0]) for name, value in best.items()}
