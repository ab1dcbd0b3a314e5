"""Broken files of every format get a photo or one clear line; SELFIE_FUZZ=2000 throws more."""

import os
import resource
import time

from selfie_core.base.errors import DataError
from selfie_core.photo import images
from tests.support.fuzz import mutants, originals

COUNT = int(os.environ.get("SELFIE_FUZZ", "280"))
HANG = 60  # seconds: on a busy machine; the full run is held to 5
MEMORY = 1_500  # MB more than before, at most


def test_whole_files_of_every_format_open() -> None:
    for name, data in originals().items():
        assert sorted(images.open_photo(data).size) == [90, 120], name


def test_broken_files_open_or_are_refused_in_one_line() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    slowest, opened = 0.0, 0
    for name, data in mutants(COUNT, seed=0):
        start = time.monotonic()
        try:
            photo = images.open_photo(data, at_least=64)
            assert photo.mode == "RGB" and not photo.info, name
            opened += 1
        except DataError as error:
            assert len(str(error).splitlines()) == 1 and str(error).startswith("photo"), name
        slowest = max(slowest, time.monotonic() - start)
        assert slowest < HANG, name
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (after - before) / 1024 < MEMORY
    assert 0 < opened < COUNT
    print(f"{COUNT} files: {opened} opened, slowest {slowest:.2f} s, "
          f"memory grew by {(after - before) / 1024:.0f} MB")  # fmt: skip
