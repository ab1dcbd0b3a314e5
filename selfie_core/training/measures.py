"""How good a scorer is: accuracy and AUC beside baselines, calibration, stability, groups, effects.

All that is uncertain comes with its 95 % interval.  What reads folders and writes the report is
in evaluate.py and report.py.

Labels are 1 (good) or 0 (bad), scores lie in [0, 1]; both are of shape (N,).

Letters: N photos, M measures.
"""

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image
from scipy.stats import rankdata, t
from statsmodels.stats.proportion import proportion_confint

from selfie_core.base.errors import DataError
from selfie_core.photo import images

ROUNDS = 1000  # of the bootstrap
BINS = 10  # of the reliability curve
COPIES = ("jpeg_60", "half_size", "mirror", "crop_2")  # that should score as the photo does
MOST_GROUPS = 6  # a column with more distinct numbers, such as an age, is cut into thirds
Floats = NDArray[np.floating[Any]]
Score = Callable[[Sequence[Image.Image]], NDArray[np.float32]]


def auc(labels: NDArray[np.integer[Any]], scores: Floats) -> float:
    """Return the chance that a good selfie outscores a bad one, in [0, 1]; ties count half."""
    ranks = rankdata(scores)
    good = labels == 1
    positives, negatives = int(good.sum()), int((~good).sum())
    if not positives or not negatives:
        return float("nan")
    return float((ranks[good].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def accuracy(labels: NDArray[np.integer[Any]], scores: Floats) -> float:
    """Return the share of selfies on the right side of one half, in [0, 1]."""
    return float(((scores >= 0.5) == (labels == 1)).mean())


class Estimate(NamedTuple):
    """A number and its 95 % interval."""

    value: float
    low: float
    high: float

    def columns(self, name: str) -> dict[str, float]:
        """Return it as the columns name, name_low and name_high of a table's row."""
        return {name: self.value, f"{name}_low": self.low, f"{name}_high": self.high}


UNKNOWN = Estimate(np.nan, np.nan, np.nan)


def mean_of(values: Floats) -> Estimate:
    """Return the mean of values; `UNKNOWN` if there are none."""
    if not len(values):
        return UNKNOWN
    return _around(float(values.mean()), _variance(values), len(values))


def mean_difference(one: Floats, other: Floats) -> Estimate:
    """Return by how much one mean is above another; `UNKNOWN` if either has no values."""
    if not (len(one) and len(other)):
        return UNKNOWN
    variance = _variance(one) + _variance(other)
    return _around(float(one.mean() - other.mean()), variance, min(len(one), len(other)))


def _variance(values: Floats) -> float:
    """Return the variance of the mean of values; NaN for a single one."""
    return float(values.var(ddof=1)) / len(values) if len(values) > 1 else np.nan


def _around(value: float, variance: float, count: int) -> Estimate:
    """Return a value and its interval by Student's t: few values tell little of their spread."""
    reach = float(t.isf(0.025, count - 1) * np.sqrt(variance))
    return Estimate(value, value - reach, value + reach)


def _bootstrap(
    measures: Callable[[NDArray[np.intp]], Floats], count: int, *, rounds: int
) -> list[Estimate]:
    """Return measures of N = `count` photos with their intervals, by `rounds` bootstrap samples.

    `measures` takes the rows of a sample, shape (N,), and returns its measures, shape (M,).  An end
    is NaN where a measure of most samples is.
    """
    rng = np.random.default_rng(0)
    drawn = np.stack([measures(rng.integers(0, count, count)) for _ in range(rounds)])
    few = np.isnan(drawn).mean(axis=0) > 0.5
    ends = np.nanquantile(np.where(few, 0, drawn), (0.025, 0.975), axis=0)
    low, high = np.where(few, np.nan, ends)
    return list(map(Estimate, *(part.tolist() for part in (measures(np.arange(count)), low, high))))


def accuracy_and_auc(
    labels: NDArray[np.integer[Any]], scores: Floats, *, rounds: int = ROUNDS
) -> dict[str, Any]:
    """Return accuracy and AUC, each with its 95 % interval, by `rounds` bootstrap samples."""

    def both(rows: NDArray[np.intp]) -> Floats:
        return np.array([measure(labels[rows], scores[rows]) for measure in (accuracy, auc)])

    right, ranked = _bootstrap(both, len(labels), rounds=rounds)
    good = int((labels == 1).sum())
    pairs = min(good, len(labels) - good)  # that share no photo
    return _named("accuracy", _exact(right, len(labels))) | _named("auc", _exact(ranked, pairs))


def _exact(found: Estimate, trials: int) -> Estimate:
    """Return a share with an end of 0 or 1 where it is by so many trials.

    Where all are right, every bootstrap sample is too.
    """
    value, low, high = found
    low = 0.025 ** (1 / trials) if low == 1 else low
    return Estimate(value, low, 1 - 0.025 ** (1 / trials) if high == 0 else high)


def _named(name: str, found: Estimate) -> dict[str, Any]:
    value, low, high = (round(part, 4) for part in found)
    return {name: value, f"{name}_interval": [low, high]}


def evaluate_scores(
    labels: NDArray[np.integer[Any]],
    scores: Floats,
    *,
    brightness: Floats,
    appeal: Floats | None = None,
    linear: Floats | None = None,
    rounds: int = ROUNDS,
) -> dict[str, Any]:
    """Return how a scorer does, beside a constant, brightness, style and the perfect knower.

    Args:
        labels: Of the photos.
        scores: Of the scorer.
        brightness: Mean brightness of each photo, shape (N,): the plainest baseline.
        appeal: What the simulated audience went by, shape (N,), if it is known: nobody can do
            better than this perfect knower of the photo.
        linear: What a linear model of the measured style says, shape (N,), in [0, 1].
        rounds: Bootstrap samples.

    Raises:
        DataError: Only one class is there.
    """
    if len(np.unique(labels)) < 2:
        raise DataError(
            f"all {len(labels)} labelled photos are of one class; wanted good and bad ones"
        )
    rivals = {"scorer": scores, "constant": np.full(len(labels), 0.5)}
    # A baseline has no threshold of its own: the median is as good as it can do on halves.
    rivals["brightness"] = _above_median(brightness)
    if linear is not None:
        rivals["linear"] = linear
    if appeal is not None:
        rivals["perfect_knower"] = _above_median(appeal)
    return {"photos": len(labels), "good": int((labels == 1).sum())} | {
        name: accuracy_and_auc(labels, values, rounds=rounds) for name, values in rivals.items()
    }


def _above_median(values: Floats) -> NDArray[np.float64]:
    """Return values as shares of rank, so that half of them are at least 0.5; equal ones share."""
    return (rankdata(values) - 0.5) / len(values)


def fit_temperature(targets: NDArray[Any], logits: Floats) -> float:
    """Return the temperature T at which sigmoid(logit / T) fits the labels best.

    Args:
        targets: Labels, or probabilities of good in [0, 1], shape (N,).
        logits: Shape (N,).

    Reference:
        C. Guo et al., "On Calibration of Modern Neural Networks", 2017.
    """
    temperatures = np.geomspace(0.05, 20, 400)
    losses = [(np.logaddexp(0, z) - targets * z).mean() for z in (logits / t for t in temperatures)]
    return float(temperatures[int(np.argmin(losses))])


def reliability_curve(labels: NDArray[np.integer[Any]], scores: Floats) -> pd.DataFrame:
    """Return the reliability curve, one row per bin that holds photos; bins are of equal width.

    Returns:
        low and high (of the bin), n, score (its mean), good (share of good ones), good_low and
        good_high (Wilson's 95 % interval).
    """
    place = pd.Series(np.clip((scores * BINS).astype(int), 0, BINS - 1))
    photos = pd.DataFrame({"score": scores, "good": labels == 1}).groupby(place)
    curve = photos.agg(n=("good", "size"), score=("score", "mean"), good=("good", "mean"))
    low, high = wilson(curve["good"], curve["n"])
    curve.insert(0, "low", curve.index / BINS)
    curve.insert(1, "high", (curve.index + 1) / BINS)
    return curve.assign(good_low=low, good_high=high).reset_index(drop=True)


def calibration_error(curve: pd.DataFrame) -> float:
    """Return the expected calibration error of a reliability curve, in [0, 1]; 0 is honest."""
    gaps = (curve["score"] - curve["good"]).abs()
    return float((gaps * curve["n"]).sum() / curve["n"].sum())


def wilson(share: Any, n: Any) -> tuple[Any, Any]:
    """Return the ends of Wilson's 95 % interval of a share of n, or of each of many."""
    return proportion_confint(share * n, n, method="wilson")


def stability(scorer: Score, photos: Iterable[Image.Image]) -> dict[str, Any]:
    """Return by how much a score moves when a photo is changed in ways that mean nothing.

    The RGB photos are taken one at a time, so that a generator will do.

    Returns:
        photos (their number), and for jpeg_60, half_size, mirror and crop_2 (2 % of each side
        cut off) the mean and the 95th percentile (p95) of the absolute change of the score.
    """
    scores = [scorer([photo, *_copies(photo)]).astype(np.float64) for photo in photos]
    changes = [np.abs(row[1:] - row[0]) for row in scores]
    moved = pd.DataFrame(changes, columns=list(COPIES), dtype="float64")
    facts = pd.DataFrame({"mean": moved.mean(), "p95": moved.quantile(0.95)}).round(4)
    return {"photos": len(moved), **facts.to_dict("index")}  # type: ignore[dict-item]


def _copies(photo: Image.Image) -> list[Image.Image]:
    """Return the changed copies of a photo, in the order of `COPIES`."""
    data = io.BytesIO()
    photo.save(data, "JPEG", quality=60)
    width, height = photo.size
    half = (max(1, width // 2), max(1, height // 2))
    cut = (round(0.01 * width), round(0.01 * height), round(0.99 * width), round(0.99 * height))
    return [
        images.open_photo(data.getvalue()),
        photo.resize(half, Image.Resampling.BICUBIC, reducing_gap=3.0),
        photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        photo.crop(cut),
    ]


def group_table(
    scores: Floats, groups: pd.DataFrame, labels: NDArray[np.integer[Any]] | None = None
) -> pd.DataFrame:
    """Return how each group of photos scores beside the rest.

    Groups are what came with the photos; nothing here guesses who is in them.

    Args:
        scores: Shape (N,).
        groups: One or more columns of N values.  A column with more than six distinct numbers is
            cut into thirds; a photo without a value is left out of that column.
        labels: 1 good, 0 bad, shape (N,), for the AUC within each group.

    Returns:
        One row per group: column, group, n, mean, difference (from the rest, in standard deviations
        of all scores) with low and high; with labels also auc, auc_low and auc_high.
    """
    rows: list[dict[str, Any]] = []
    for column in groups:
        named = as_groups(groups[column])
        known = named.notna().to_numpy()
        spread = scores[known].std() or 1.0
        for name in pd.factorize(named[known], sort=True)[1]:
            here = (named == name).to_numpy(bool, na_value=False)
            apart = mean_difference(scores[here], scores[known & ~here])
            row: dict[str, Any] = {
                "column": str(column), "group": str(name), "n": int(here.sum()),
                "mean": float(scores[here].mean()), "difference": apart.value / spread,
                "low": apart.low / spread, "high": apart.high / spread,
            }  # fmt: skip
            if labels is not None:
                within = accuracy_and_auc(labels[here], scores[here])
                row["auc"], (row["auc_low"], row["auc_high"]) = (
                    within["auc"],
                    within["auc_interval"],
                )
            rows.append(row)
    return pd.DataFrame(rows)


def as_groups(values: pd.Series) -> pd.Series:
    """Return the name of each value's group; thirds sort by size, as their names do not."""
    if not pd.api.types.is_numeric_dtype(values):
        return values.map(str, na_action="ignore")
    numbers = values.astype("float64")
    if values.nunique() <= MOST_GROUPS:
        return numbers.map(_names_of(numbers.dropna().unique()), na_action="ignore")
    thirds = pd.qcut(numbers, 3, duplicates="drop").cat.remove_unused_categories()
    ends = {third: numbers[thirds == third].agg(["min", "max"]) for third in thirds.cat.categories}
    names = _names_of(np.unique([*ends.values()]))
    return thirds.cat.rename_categories(
        {third: f"{names[low]} to {names[high]}" for third, (low, high) in ends.items()}
    )


def _names_of(numbers: Floats) -> dict[float, str]:
    """Return different numbers as people read them, with as many digits as tell them apart."""
    told = [{n: f"{n:.{digits}g}" for n in numbers.tolist()} for digits in (6, 15, 17)]
    return next((names for names in told if len(set(names.values())) == len(names)), told[-1])


def effect_table(scores: Floats, factors: pd.DataFrame) -> pd.DataFrame:
    """Return the rank correlation of each factor with the score, strongest first.

    Factors are columns of N numbers; a missing value is left out of its column.

    Returns:
        One row per factor that varies: factor, n, rho, low, high.
    """
    rows = []
    for name in factors:
        values = factors[name].astype("Float64").to_numpy(np.float64, na_value=np.nan)
        known = np.isfinite(values)
        if known.sum() > 2 and np.ptp(values[known]) > 0 and np.ptp(scores[known]) > 0:
            found = rank_correlation(values[known], scores[known])
            rows.append((str(name), int(known.sum()), *found))
    table = pd.DataFrame(rows, columns=["factor", "n", "rho", "low", "high"])
    return table.sort_values("rho", key=np.abs, ascending=False, ignore_index=True)


def rank_correlation(one: Floats, other: Floats, *, rounds: int = ROUNDS) -> Estimate:
    """Return Spearman's rho of two measures of N things."""
    ranks = np.array([rankdata(one), rankdata(other)])

    def rho(rows: NDArray[np.intp]) -> Floats:
        some = ranks[:, rows]
        varies = bool((some.max(axis=1) > some.min(axis=1)).all())
        return np.corrcoef(some)[:1, 1] if varies else np.array([np.nan])

    return _bootstrap(rho, len(one), rounds=rounds)[0]


def audience_check(posts: pd.DataFrame, *, rounds: int = ROUNDS) -> dict[str, Any]:
    """Return whether the labels are free of the audience, which raw likes are not.

    Rows without followers, likes or label are left out.

    Returns:
        posts (their number), and the rank correlation with followers of likes and of label, each
        with its interval.
    """
    known = posts[["followers", "likes", "label"]].astype("Float64").dropna().astype("float64")
    result: dict[str, Any] = {"posts": len(known)}
    for name in ("likes", "label"):
        values, reach = known[name].to_numpy(), known["followers"].to_numpy()
        found = rank_correlation(values, reach, rounds=rounds)
        result |= _named(f"{name}_follow_followers", found)
    return result
