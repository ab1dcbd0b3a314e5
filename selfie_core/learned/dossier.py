"""A dossier on a gallery's scores per group, for someone who has to trust it: plain facts.

Groups are columns that came with the photos; nothing here guesses who is in one.

Letters: N photos, G groups, P pairs, R rounds.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from selfie_core import __version__
from selfie_core.base.errors import DataError
from selfie_core.base.progress import Stages
from selfie_core.base.words import counted
from selfie_core.gallery.columns import FEW_WORDS, Use, columns_for, is_text
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned.gaps import (
    FEWEST_USERS,
    LEVEL,
    Family,
    Floats,
    Grouping,
    Resampling,
    interval,
    numbered,
    share_error,
    share_interval,
)
from selfie_core.learned.groups import groups_of
from selfie_core.learned.regression import FEWEST, clusters_of
from selfie_core.learned.self_check import TRIALS, Compared, check_itself, compare_all
from selfie_core.training.measures import ROUNDS, Estimate, wilson

MOST_CHECKED = 50_000  # photos that the check of the audit itself is run on
THRESHOLD = 0.5
ERRORS = {"missed": 1, "flattered": 0}  # shares on the wrong side, of photos with this label


def audit_gallery(
    gallery: Gallery,
    *,
    threshold: float = THRESHOLD,
    rounds: int = ROUNDS,
    trials: int = TRIALS,
    progress: Stages | None = None,
) -> dict[str, Any]:
    """Return the dossier on a gallery as plain JSON values.

    Args:
        gallery: Whose groups came with its photos.
        threshold: Score in (0, 1] from which a photo passes, the same for every group.
        rounds: Bootstrap samples of the users.
        trials: Of the check of the audit itself, without a gap and for each planted one.
        progress: Called with (stage, done, of).

    Returns:
        made, made_by, gallery, scorer, threshold, passed (share of all), intervals, columns, groups
        (a row each), pairs (of one column, a row each), meetings (of groups of two columns, a row
        each), comparisons and flagged (their numbers), left_out and self_check.  Shares and scores
        lie in [0, 1]; what is unknown is null.

    Raises:
        DataError: No column names two groups that are large enough, or the threshold is none.
    """
    if not 0 < threshold <= 1:
        raise DataError(f"threshold is {threshold:g}; wanted a score above 0 and up to 1")
    table = gallery.table
    named = _named_groups(gallery)
    users = clusters_of(table)
    resampling = Resampling(numbered(users, len(table)), rounds=rounds)
    columns = {title: _grouping(of, resampling) for title, of in named.items()}
    _need_two(named, columns)
    scores = table["score"].to_numpy(np.float64)
    compared = compare_all(
        list(columns.values()), scores, threshold=threshold, resampling=resampling
    )
    groups, pairs = [], []
    for (title, of), found in zip(named.items(), compared, strict=True):
        names = list(map(str, of.cat.categories))
        errors = _errors(table, found.of, threshold=threshold, resampling=resampling)
        groups += _group_rows(title, names, found, errors)
        pairs += _pair_rows(title, names, found)
    many = [
        c.title
        for c in columns_for(table, Use.GROUP)
        if is_text(table[c.name]) and table[c.name].nunique() > FEW_WORDS
    ]
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "made_by": f"selfie {__version__}",
        "gallery": {
            "name": gallery.name,
            "made": gallery.info.get("made"),
            "photos": len(table),
            "users": None if users is None else int(users.nunique()),
            "sha256": _hash_of(table, named),
            "hash_of": "lines of id, score (%.6f) and groups, divided by tabs, sorted",
        },
        "scorer": dict(gallery.info["scorer"]),
        "threshold": threshold,
        "passed": float((scores >= threshold).mean()),
        "intervals": {"rounds": rounds, "of": "photos" if users is None else "users"},
        "smallest": {"photos": FEWEST, "users": FEWEST_USERS},
        "level": LEVEL,
        "columns": list(named),
        "left_out": [title for title in many if title not in named],
        "groups": groups,
        "pairs": pairs,
        "comparisons": 2 * len(pairs),
        "meetings": _meetings(
            columns, named, scores, threshold=threshold, resampling=resampling,
            progress=_stage(progress, "groups that meet"),
        ),
        "self_check": _self_check(
            named, users, scores, threshold=threshold, rounds=rounds, trials=trials,
            progress=_stage(progress, "planted gaps"),
        ),
    }  # fmt: skip


def _stage(progress: Stages | None, name: str) -> Callable[[int, int], object] | None:
    return progress and (lambda done, of: progress(name, done, of))


def _named_groups(gallery: Gallery) -> dict[str, pd.Series]:
    """Return the groups that a gallery names, or say why there is nothing to compare."""
    if named := groups_of(gallery.table):
        return named
    alone = [
        f'"{column.name}" holds one value only'
        for column in columns_for(gallery.table, Use.GROUP)
        if gallery.table[column.name].nunique() == 1
    ]
    seen = f"column {alone[0]}" if alone else f"gallery {gallery.name} names no groups"
    raise DataError(
        f"{seen}; wanted a column such as sex or age with two or more: build it with a table that "
        f'has one, "selfie build PHOTOS --out GALLERY --posts POSTS.csv"'
    )


def _grouping(of: pd.Series, resampling: Resampling) -> Grouping:
    return Grouping.of(of.cat.codes.to_numpy(np.intp), len(of.cat.categories), resampling)


def _need_two(named: dict[str, pd.Series], columns: dict[str, Grouping]) -> None:
    """Refuse a gallery none of whose columns has two groups that are large enough."""
    if any(of.judged.sum() > 1 for of in columns.values()):
        return
    second = {title: int(np.argsort(-of.photos)[1]) for title, of in columns.items()}
    title = max(second, key=lambda title: columns[title].photos[second[title]])
    of, place = columns[title], second[title]
    raise DataError(
        f"no column has two groups of {FEWEST} photos by {FEWEST_USERS} users; at best "
        f'"{named[title].cat.categories[place]}" is the second with '
        f"{counted(int(of.photos[place]), 'photo')} by {of.users[place]}: add photos"
    )


def _errors(
    table: pd.DataFrame, of: Grouping, *, threshold: float, resampling: Resampling
) -> dict[str, list[Estimate]]:
    """Return of each group the good photos that fail, and the others that pass, as shares."""
    if "label" not in table or table["label"].isna().all():
        return {}
    labels = table["label"].astype("Float64").to_numpy(np.float64, na_value=np.nan)
    passed = table["score"].to_numpy(np.float64) >= threshold
    found = {}
    for name, label in ERRORS.items():
        some = Grouping.of(np.where(labels == label, of.groups, -1), len(of.photos), resampling)
        shares = share_interval(some.rates(passed != label, resampling), some.photos)
        unknown = Estimate(np.nan, np.nan, np.nan)
        found[name] = [
            e if ok else unknown for e, ok in zip(shares, some.photos >= FEWEST, strict=True)
        ]
    return found


def _group_rows(
    title: str, names: Sequence[str], found: Compared, errors: dict[str, list[Estimate]]
) -> list[dict[str, Any]]:
    """Return a row per group of a column."""
    of = found.of
    measures = {
        "score": interval(found.scores),
        "passed": share_interval(found.passed, of.photos),
        **errors,
    }
    rows = []
    for place, name in enumerate(names):
        row: dict[str, Any] = {
            "column": title, "group": name, "photos": int(of.photos[place]),
            "users": int(of.users[place]), "judged": bool(of.judged[place]),
        }  # fmt: skip
        for measure, values in measures.items():
            row |= values[place].columns(measure)
        rows.append(_plain(row))
    return rows


def _pair_rows(title: str, names: Sequence[str], found: Compared) -> list[dict[str, Any]]:
    """Return a row per two groups of a column, the one that passes less often first."""
    rows = []
    for (one, other), flagged in zip(found.pairs.tolist(), found.flagged, strict=True):
        shares = found.passed[0, [one, other]]
        lower, higher = (one, other) if shares[0] <= shares[1] else (other, one)
        [gap] = interval((found.scores[:, higher] - found.scores[:, lower])[:, None])
        ratio = _ratio(found.passed[:, lower], found.passed[:, higher], int(found.of.photos[lower]))
        row = {"column": title, "lower": names[lower], "higher": names[higher]}
        row |= ratio.columns("ratio") | gap.columns("gap")
        rows.append(
            _plain(row) | {"gap_flagged": bool(flagged[0]), "ratio_flagged": bool(flagged[1])}
        )
    return rows


def _ratio(lower: Floats, higher: Floats, photos: int) -> Estimate:
    """Return one share as a part of another; of a share of 0 the bootstrap knows no end."""
    if higher[0] == 0:
        return Estimate(np.nan, np.nan, np.nan)
    if lower[0] == 0:
        return Estimate(0.0, 0.0, float(wilson(0.0, photos)[1] / higher[0]))
    [found] = interval(
        np.divide(lower, higher, out=np.full_like(lower, np.nan), where=higher > 0)[:, None]
    )
    return found


def _meetings(
    columns: dict[str, Grouping],
    named: dict[str, pd.Series],
    scores: Floats,
    *,
    threshold: float,
    resampling: Resampling,
    progress: Callable[[int, int], object] | None,
) -> list[dict[str, Any]]:
    """Return a row per meeting of two groups that is large enough, against all photos."""
    everyone = Grouping.of(np.zeros(len(scores), np.intp), 1, resampling)
    values = scores, scores >= threshold
    mean, passed = (everyone.rates(of, resampling) for of in values)
    family, found = Family(), []
    twos = list(combinations(columns, 2))
    for done, (one, two) in enumerate(twos, 1):
        wide = len(columns[two].photos)
        a, b = columns[one].groups, columns[two].groups
        of = Grouping.of(
            np.where((a < 0) | (b < 0), -1, a * wide + b),
            len(columns[one].photos) * wide, resampling,
        )  # fmt: skip
        here = np.flatnonzero(of.judged)
        rates = [of.rates(value, resampling)[:, here] for value in values]
        photos, users = of.photos[here], of.users[here]
        away = (
            family.add(rates[0], mean),
            family.add(rates[1], passed, share_error(rates[1], photos)),
        )
        shares = share_interval(rates[1], photos)
        for place, cell in enumerate(here.tolist()):
            words = [
                str(named[title].cat.categories[code])
                for title, code in zip((one, two), divmod(cell, wide), strict=True)
            ]
            row = {"one": words[0], "two": words[1], "photos": int(photos[place])}
            row |= {"score": float(rates[0][0, place])} | shares[place].columns("passed")
            found.append((_plain(row), int(users[place]), max(abs(part[place]) for part in away)))
        if progress:
            progress(done, len(twos))
    if not found:
        return []
    beyond = family.critical(np.array([users for _, users, _ in found]))
    return [
        row | {"flagged": bool(size > most)}
        for (row, _, size), most in zip(found, beyond, strict=True)
    ]


def _self_check(
    named: dict[str, pd.Series],
    users: pd.Series | None,
    scores: Floats,
    *,
    threshold: float,
    rounds: int,
    trials: int,
    progress: Callable[[int, int], object] | None,
) -> dict[str, Any]:
    """Return what the audit finds where the truth is known, on at most `MOST_CHECKED` photos."""
    rows = np.arange(len(scores))
    if len(rows) > MOST_CHECKED:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_CHECKED, replace=False))
    some = None if users is None else users.iloc[rows]
    resampling = Resampling(numbered(some, len(rows)), rounds=rounds)
    columns = [_grouping(of.iloc[rows], resampling) for of in named.values()]
    return check_itself(
        columns, scores[rows], threshold=threshold, resampling=resampling, trials=trials,
        progress=progress,
    )  # fmt: skip


def _hash_of(table: pd.DataFrame, named: dict[str, pd.Series]) -> str:
    """Return the SHA-256 of what the dossier rests on, whatever the order of the photos."""
    parts = [table["id"].astype(str), table["score"].map("{:.6f}".format)]
    parts += [of.astype("string").fillna("") for of in named.values()]
    lines = ("\t".join(line) for line in zip(*parts, strict=True))
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with numbers of four digits, and None for what is unknown."""
    return {
        name: (None if np.isnan(value) else round(value, 4)) if isinstance(value, float) else value
        for name, value in row.items()
    }
