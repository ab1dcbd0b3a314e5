"""Build a gallery slowly: python -m tests.support.built PHOTOS OUT ENGINE [ADDRESS].

Prints a line for each shard that is kept, so that something can be killed then.  With TO_BE_KILLED
in the environment it waits for that after the first.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

from selfie_core.base.engine import Here, Pool, Ray, open_engine
from selfie_core.gallery import intake
from selfie_core.gallery.build import BuildConfig, build_gallery
from tests.support.drawn import SlowScorer

AT_ONCE, SHARD = 2, 4
ENGINES: dict[str, Any] = {"here": Here(AT_ONCE), "pool": Pool(2, AT_ONCE, 0), "ray": Ray(AT_ONCE)}


def build(photos: str, out: Path, kind: str, address: str | None = None) -> None:
    intake.SHARD = SHARD
    keep = intake.Intake._keep

    def told(self: Any, *args: Any) -> Any:
        made = keep(self, *args)
        print("kept", flush=True)
        if "TO_BE_KILLED" in os.environ:
            time.sleep(1000)
        return made

    intake.Intake._keep = told  # type: ignore[method-assign]
    scorer = SlowScorer(out.parent / "brightness.safetensors")
    scorer.path.write_bytes(b"no weights")
    with open_engine(kind if kind == "ray" else None, address):
        build_gallery(
            photos, out, scorer=scorer, config=BuildConfig(map=False), engine=ENGINES[kind]
        )


if __name__ == "__main__":
    build(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
