"""Rules and audit of 50,000 rows, against one least-squares fit and one groupby of the same table.

python tests/bench/bench_insight.py [--photos 50000]
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from selfie_core.learned.findings import check_rules
from selfie_core.learned.groups import compare_groups, group_gaps, groups_of, light_and_tone
from selfie_core.learned.skin import skin_share


def timed(run: Callable[[], object]) -> float:
    """Return the seconds of a call."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def enlarged(photos: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the demo's table drawn with replacement and shaken a little, and its skin shares."""
    gallery, rng = Gallery.open(store.demo_gallery()), np.random.default_rng(0)
    rows = rng.integers(0, len(gallery), photos)
    table = gallery.table.iloc[rows].reset_index(drop=True)
    for name in table.select_dtypes("float64"):
        if table[name].nunique() > 100:
            table[name] += rng.normal(0, 0.02 * table[name].std(), photos)
    table["user"] = [f"u{number}" for number in rng.integers(0, photos // 5, photos)]
    return table, skin_share(gallery)[rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=50_000)
    table, skin = enlarged(parser.parse_args().photos)
    groups = groups_of(table)
    title = "Character skin tone"
    design = np.random.default_rng(0).normal(size=(len(table), 60))
    fit = timed(lambda: np.linalg.lstsq(design, table["score"], rcond=None))
    plain = timed(lambda: table.groupby(groups[title], observed=True)["score"].mean())
    for name, seconds in {
        "all rules": timed(lambda: check_rules(table, skin=skin)),
        "groups": timed(lambda: compare_groups(table, [groups[title]])),
        "gaps": timed(lambda: group_gaps(table, title, groups[title])),
        "light and tone": timed(lambda: light_and_tone(table)),
    }.items():
        print(f"{name}: {seconds:.2f} s, {seconds / fit:.1f} fits, {seconds / plain:.0f} groupbys")


if __name__ == "__main__":
    main()
