"""What the commands say on stderr: how far they are, and what they did."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


def say(line: str) -> None:
    """Say something beside the result, which alone goes to stdout."""
    print(line, file=sys.stderr)


@contextmanager
def bar(unit: str = "photo") -> Iterator[Callable[..., None]]:
    """Yield a progress callback, (done, of) or (stage, done, of), that draws a bar on stderr."""
    from tqdm import tqdm

    # By default tqdm looks at the clock only after as many items as it drew last: a slow stage
    # behind a quick one would not be seen for ten seconds.
    bar = tqdm(unit=unit, file=sys.stderr, disable=None, leave=False, miniters=1)
    shown = ""

    def tell(*news: Any) -> None:
        nonlocal shown
        *stage, done, of = news
        if stage and stage[0] != shown:
            name = stage[0].partition(",")[0]  # of "epoch 2 of 6, loss 0.61"
            begins = name != shown.partition(",")[0]
            shown = stage[0]
            bar.set_description(shown, refresh=False)
            if begins:
                bar.reset(of)
        bar.total = of
        bar.update(done - bar.n)

    try:
        yield tell
    finally:
        bar.close()
