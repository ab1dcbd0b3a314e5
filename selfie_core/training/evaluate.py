"""All there is to measure of one scorer, by one call: photos and labels in, plain facts out.

Letters: N photos.
"""

import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image
from sklearn.impute import SimpleImputer
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from selfie_core.base.errors import DataError
from selfie_core.base.names import same_name
from selfie_core.base.progress import Progress, Stages
from selfie_core.base.words import counted
from selfie_core.photo import images
from selfie_core.photo.faces import find_faces
from selfie_core.photo.factors import FACTORS, measure_factors
from selfie_core.photo.folder import find_photos
from selfie_core.posts.labels import labelled
from selfie_core.posts.table import photo_paths
from selfie_core.scorer.files import score_photos
from selfie_core.scorer.scorer import Scorer
from selfie_core.training import measures

STYLE = [factor.name for factor in FACTORS]
FIT = 2000  # photos of the train split, at most, that the linear model of style learns from
CHANGED = 200  # photos, at most, that are changed to see whether their score moves


def evaluate_scorer(
    scorer: Scorer,
    photos: Path,
    labels: pd.DataFrame,
    *,
    split: str = "test",
    groups: Sequence[str] = (),
    factors: pd.DataFrame | None = None,
    progress: Stages | None = None,
) -> dict[str, Any]:
    """Return the facts of a scorer on one split, as plain JSON values.

    Args:
        scorer: The one to judge.
        photos: Folder that the labels' `file` starts from.
        labels: Columns file, label, split; also read, where they are there: user, followers,
            likes, appeal (what a perfect knower of the photo knows) and those of `groups`.
        split: Judged; the linear model of style learns from the train split.
        groups: Columns to compare the scores over.
        factors: Measured style, one row per file, where it is known already (the table of a
            gallery has it); else it is measured here.
        progress: Called with (stage, done, of).

    Returns:
        Facts by name, see the keys below; what can't be known here is None, and notes say why.

    Raises:
        DataError: Labels, photos or columns lack, or the split has one class only.
    """
    tell = progress or (lambda stage, done, of: None)
    rows = labelled(labels, photos)
    _check_columns(rows, groups, factors)
    judged, train = rows[rows["split"] == split], rows[rows["split"] == "train"]
    if judged.empty:
        raise DataError(f"no labelled photo is in split {split}; name another --split")
    judged, refused = _with_looks(judged, photos, scorer, factors, lambda *n: tell("judge", *n))
    if judged.empty:
        raise DataError(
            f"none of {counted(refused, 'photo')} in split {split} can be read; check {photos}"
        )

    truth, scores = judged["label"].to_numpy(np.int64), judged["score"].to_numpy(np.float64)
    linear = None
    if split != "train" and train["label"].nunique() == 2:
        some = train.sample(min(FIT, len(train)), random_state=0)
        some, _ = _with_looks(some, photos, scorer, factors, lambda *n: tell("style", *n))
        linear = _linear(some, judged)
    appeal = None
    if "appeal" in judged and judged["appeal"].notna().all():
        appeal = judged["appeal"].to_numpy(np.float64)
    bright = judged["brightness"].to_numpy(np.float64)
    curve = measures.reliability_curve(truth, scores)
    facts = {
        "scorer_id": scorer.id,
        "scorer_name": scorer.name,
        "split": split,
        "unreadable": refused,
        **measures.evaluate_scores(truth, scores, brightness=bright, appeal=appeal, linear=linear),
        "calibration": {
            "error": round(measures.calibration_error(curve), 4),
            "curve": _records(curve),
        },
        "stability": measures.stability(scorer, _opened(judged["file"], photos, tell)),
        "groups": _records(measures.group_table(scores, judged[list(groups)], truth)),
        "effects": _records(measures.effect_table(scores, judged[STYLE])),
        "audience": measures.audience_check(rows) if _knows_audience(rows) else None,
        "notes": _notes(rows, judged, photos, split, refused, linear is not None),
    }
    return _plain(facts)


def _knows_audience(rows: pd.DataFrame) -> bool:
    """Return whether of any photo followers and likes are known."""
    names = ["followers", "likes"]
    return set(names) <= set(rows) and bool(rows[names].notna().all(axis=1).any())


def _check_columns(rows: pd.DataFrame, groups: Sequence[str], factors: pd.DataFrame | None) -> None:
    absent = [name for name in groups if name not in rows]
    if absent:
        found = ", ".join(map(str, rows.columns))
        raise DataError(f'no column "{absent[0]}" to group by in labels or posts; found: {found}')
    if factors is not None and not {"file", *STYLE} <= set(factors):
        lacks = next(name for name in ("file", *STYLE) if name not in factors)
        raise DataError(
            f'the factors lack column "{lacks}"; wanted those of a gallery, or leave '
            f"--factors out to have them measured"
        )


def _with_looks(
    rows: pd.DataFrame,
    photos: Path,
    scorer: Scorer,
    factors: pd.DataFrame | None,
    tell: Progress,
) -> tuple[pd.DataFrame, int]:
    """Return the rows with score, brightness and style, and how many could not be read."""
    known: dict[str, dict[str, float]] = {}
    if factors is not None:
        names = map(same_name, factors["file"])
        known = dict(zip(names, factors[STYLE].to_dict("records"), strict=True))  # type: ignore[arg-type]

    def look(photo: Image.Image, file: Any) -> dict[str, float]:
        name = same_name(os.path.relpath(file, photos))  # a table may name a whole path
        return known.get(name) or measure_factors(photo, find_faces(photo))

    files = photo_paths(rows["file"], photos, name="labelled photos")
    found = list(score_photos(files, scorer, look, progress=tell))
    readable = [one.error is None for one in found]
    looks = [{**one.seen, "score": one.score} for one in found if one.seen is not None]
    table = pd.DataFrame(looks).astype("float64")
    kept = rows[readable].reset_index(drop=True)
    kept = kept.drop(columns=[name for name in kept if name in table])
    return pd.concat([kept, table], axis=1), readable.count(False)


def _linear(train: pd.DataFrame, judged: pd.DataFrame) -> NDArray[np.float64]:
    """Return what a ridge regression of the label on measured style says, shape (N,)."""
    model = make_pipeline(
        SimpleImputer(add_indicator=True, keep_empty_features=True),
        StandardScaler(),
        RidgeCV(np.logspace(-1, 4, 11)),
    )
    model.fit(train[STYLE].to_numpy(np.float64), train["label"].to_numpy(np.float64))
    return np.clip(model.predict(judged[STYLE].to_numpy(np.float64)), 0, 1)


def _opened(files: pd.Series, photos: Path, tell: Stages) -> Iterator[Image.Image]:
    paths = photo_paths(files, photos, name="labelled photos")
    some = np.random.default_rng(0).permutation(len(paths))[:CHANGED]
    for done, row in enumerate(some, 1):
        yield images.open_photo(paths[row])
        tell("stability", done, len(some))


def _notes(
    rows: pd.DataFrame, judged: pd.DataFrame, photos: Path, split: str, refused: int, fitted: bool
) -> list[str]:
    """Return what a reader of the numbers must know, one sentence each."""
    notes = []
    if refused:
        notes.append(
            f"Left out: {counted(refused, 'photo')} of the {split} split that can't be read."
        )
    unlabelled = len(find_photos(photos)) - rows["file"].nunique()
    if unlabelled > 0:
        notes.append(f"Left aside: {counted(unlabelled, 'photo')} in the folder without a label.")
    users = judged["user"].dropna() if "user" in judged else judged["file"].head(0)
    if users.empty:
        notes.append(
            "The users are not known, so one person may be in training and test: the numbers may "
            "be better than they would be on strangers."
        )
    elif split != "train" and set(users) & set(rows.loc[rows["split"] == "train", "user"]):
        notes.append("Some users are in training too: the numbers flatter the scorer.")
    if not fitted:
        notes.append("No linear model of style: the train split has not both classes here.")
    return notes


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return table.round(4).to_dict("records")  # type: ignore[return-value]


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: NaN becomes None."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
