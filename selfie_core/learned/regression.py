"""The score as a sum of smooth terms, one per factor: each with all others held fixed.

Letters: N photos, K columns of the regression.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.preprocessing import SplineTransformer
from statsmodels.regression.linear_model import OLS

from selfie_core.training.measures import Estimate

FEWEST = 20  # photos on either side of a comparison; with fewer nothing is said
KNOTS = 4  # of a smooth term, at quantiles
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Regression:
    """Score as a sum of one smooth term per factor, by least squares.

    A factor of two values is one column, any other a quadratic spline.  A missing value counts as
    the factor's mean, and a column says that it is missing.  Intervals allow for photos of one
    user being alike, or else for any spread (HC1).
    """

    def __init__(self, scores: Floats, factors: pd.DataFrame, users: pd.Series | None = None):
        self.mean, self._scores = float(scores.mean()), scores
        self.basis = {str(n): _basis(factors[n].to_numpy(float)) for n in factors}
        self.basis = {name: columns for name, columns in self.basis.items() if columns.shape[1]}
        ends = np.cumsum([1, *(columns.shape[1] for columns in self.basis.values())])
        self._place = {n: slice(*ends[i : i + 2]) for i, n in enumerate(self.basis)}
        missing = np.isnan(factors.to_numpy(float)).astype(float)
        missing = np.unique(missing[:, missing.any(axis=0)], axis=1)
        design = np.column_stack([np.ones(len(scores)), *self.basis.values(), missing])
        values, vectors = np.linalg.eigh(design.T @ design / len(design))
        seen = values > 1e-9 * values[-1]
        # What the data can't tell apart is left out before the fit: a pseudo-inverse that takes a
        # rounding error for a direction gives variances of 1e33.
        self._seen, self._unseen = vectors[:, seen], vectors[:, ~seen]
        model = OLS(scores, design @ self._seen, hasconst=True)  # spares SVDs that look for one
        if users is None:
            self._fitted = model.fit(method="qr", cov_type="HC1")
        else:  # by Student's t of as many users: few of them tell little
            groups = {"groups": pd.factorize(users)[0]}
            self._fitted = model.fit(method="qr", cov_type="cluster", cov_kwds=groups, use_t=True)
        self.explained = float(self._fitted.rsquared)
        self._beta = self._seen @ self._fitted.params

    def free_of_others(self, kept: Sequence[str]) -> Floats:
        """Return the scores less what all factors but these add to them, shape (N,)."""
        others = [name for name in self.basis if name not in kept]
        added = sum(self.basis[name] @ self._beta[self._place[name]] for name in others)
        return self._scores - np.asarray(added)

    def difference(self, factor: str, these: Bools, others: Bools | None = None) -> Estimate | None:
        """Return how much higher some photos score for their factor, all others held fixed.

        Args:
            factor: The one that differs.
            these: Which photos, shape (N,).
            others: What they are compared with; by default all photos.

        Returns:
            The difference of their means, or None if another factor always goes with it.
        """
        if factor not in self.basis:
            return None
        columns = self.basis[factor]
        against = columns[others].mean(axis=0) if others is not None else columns.mean(axis=0)
        weights = np.zeros(len(self._beta))
        weights[self._place[factor]] = columns[these].mean(axis=0) - against
        if np.abs(weights @ self._unseen).max(initial=0) > 1e-4 * max(np.abs(weights).max(), 1e-12):
            return None
        found = self._fitted.t_test(weights @ self._seen)
        return Estimate(float(found.effect[0]), *found.conf_int()[0].tolist())


def _basis(values: Floats) -> Floats:
    """Return the columns of a smooth term, each of mean 0 over what is known, shape (N, 0 to 4)."""
    known = np.isfinite(values)
    different = np.unique(values[known])
    if len(different) < 2 or known.sum() < 2 * FEWEST:
        return np.empty((len(values), 0))
    if len(different) == 2:
        columns = np.where(known, values == different[1], np.nan)[:, None]
    else:
        knots = np.unique(np.quantile(values[known], np.linspace(0, 1, KNOTS)))
        spline = SplineTransformer(degree=2, knots=knots[:, None], include_bias=False)  # pyright: ignore[reportArgumentType]
        columns = np.full((len(values), spline.fit(values[known, None]).n_features_out_), np.nan)
        columns[known] = spline.transform(values[known, None])
    return np.nan_to_num(columns - columns[known].mean(axis=0))


def clusters_of(table: pd.DataFrame) -> pd.Series | None:
    """Return the user of each photo, an unknown one being a user of their own.

    None where no user is known, or all photos are of one.
    """
    if "user" not in table:
        return None
    users = table["user"].astype("string").fillna("")
    known = users != ""
    if not known.any():
        return None
    alone = pd.Series([f"\0{row}" for row in range(len(table))], table.index)
    users = users.where(known, alone)
    return users if users.nunique() > 1 else None
