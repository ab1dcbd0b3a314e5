"""Training examples: labelled photos and what the net shall say of each.

Letters: N photos, K further columns.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from selfie_core.base.delimited import split_names
from selfie_core.base.errors import DataError
from selfie_core.posts.labels import labelled
from selfie_core.posts.table import photo_paths

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Examples:
    """Labelled photos and what the net shall say of them, in one order throughout."""

    files: list[Path]
    labels: NDArray[np.int64]  # 1 good, 0 bad, shape (N,)
    targets: NDArray[np.float32]  # probability of good, shape (N,)
    also: NDArray[np.float32]  # further columns as z-scores, NaN where unknown, shape (N, K)

    def at(self, rows: NDArray[np.integer]) -> "Examples":
        """Return the examples of some rows."""
        files = [self.files[row] for row in rows]
        return Examples(files, self.labels[rows], self.targets[rows], self.also[rows])


def read_examples(
    labels: pd.DataFrame, photos: Path, *, also: str = ""
) -> tuple[Examples, Examples]:
    """Return the examples of the train and the validation split; no photo is opened.

    Args:
        labels: file, label, split; `target`, the probability of good that the loss wants instead
            of the label, if there is one; and the columns named by `also`.
        photos: Folder that `file` starts from.
        also: Names of further number columns, with commas between.

    Raises:
        DataError: A column lacks or holds something else, or a split lacks one of the classes.
    """
    rows = labelled(labels, photos)
    training = (rows["split"] == "train").to_numpy()
    columns = [_z_scores(rows, name, labels, training) for name in split_names(also)]
    everything = Examples(
        files=photo_paths(rows["file"], photos, name="labelled photos"),
        labels=rows["label"].to_numpy(np.int64),
        targets=_targets(rows),
        also=np.array(columns, np.float32).reshape(len(columns), len(rows)).T,
    )
    train, val = (_part(everything, name, rows["split"], labels) for name in ("train", "val"))
    return train, val


def _part(examples: Examples, split: str, of: pd.Series, labels: pd.DataFrame) -> Examples:
    """Return the examples of one split; `labels` are all, also those that teach nothing."""
    part = examples.at(np.flatnonzero(of == split))
    if len(np.unique(part.labels)) < 2:
        raise DataError(
            f"the {split} split has {len(part.labels)} labelled photos, not of both classes; "
            + _remedy(labels, split)
        )
    return part


def _remedy(labels: pd.DataFrame, split: str) -> str:
    """Return what gives a split more photos; users fall into it whole, so that few may miss it."""
    if strange := set(labels["split"].dropna()) - {"train", "val", "test"}:
        return f'column "split" says {min(map(str, strange))!r}; wanted train, val or test'
    users = labels["user"].nunique() if "user" in labels else 0
    if not users or (labels["split"] == split).any():
        return "label more posts"
    return (
        f"its users are too few ({users}) for a share of them: label posts of more users, "
        f"or with another --val-share or --test-share"
    )


def _targets(rows: pd.DataFrame) -> NDArray[np.float32]:
    if "target" not in rows:
        return rows["label"].to_numpy(np.float32)
    targets = pd.to_numeric(rows["target"], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    wrong = np.flatnonzero(~((targets >= 0) & (targets <= 1)))
    if len(wrong):
        first = rows.iloc[wrong[0]]
        raise DataError(
            f"target of {first['file']} is {first['target']} ({len(wrong)} such rows); "
            f"wanted the probability of good, 0 to 1"
        )
    return targets.astype(np.float32)


def _z_scores(
    rows: pd.DataFrame, name: str, labels: pd.DataFrame, training: Bools
) -> NDArray[np.float64]:
    """Return a further column as z-scores by the training photos, shape (N,)."""
    if name not in rows:
        found = ", ".join(map(str, labels.columns))
        raise DataError(f'the labels lack column "{name}" of --also; found: {found}')
    if not pd.api.types.is_numeric_dtype(rows[name]):
        raise DataError(
            f'column "{name}" of --also holds {rows[name].iat[0]!r}; wanted numbers only'
        )
    values = rows[name].to_numpy(np.float64, na_value=np.nan)
    values = np.where(np.isfinite(values), values, np.nan)
    known = values[training & ~np.isnan(values)]
    if not training.any():
        return values
    if not (len(known) and known.std() > 0):
        raise DataError(f"{name} is the same in all training photos; leave it out of --also")
    return ((values - known.mean()) / known.std()).clip(-4, 4)  # or a few odd photos would rule
