"""Jobs for engines: they double a number, and some kill the process that does them."""

import os
import signal
import time
from pathlib import Path
from typing import NamedTuple

from selfie_core.base.errors import DataError
from selfie_core.base.progress import cores


class Plan(NamedTuple):
    folder: Path  # of a file per job that was begun, by how often
    deadly: tuple[int, ...] = ()  # jobs that always kill
    once: tuple[int, ...] = ()  # jobs that kill the first time
    wrong: tuple[int, ...] = ()  # jobs that a person's mistake ends


def double(plan: Plan, number: int, _tell: object) -> int:
    assert cores() == 1
    while number in plan.deadly and not all((plan.folder / str(n)).exists() for n in plan.once):
        time.sleep(0.001)  # else one of those may be alone when it kills, and be given up
    note = plan.folder / str(number)
    tried = note.stat().st_size if note.exists() else 0
    with note.open("a") as file:
        file.write("x")
    if number in plan.wrong:
        raise DataError(f"{number} is wrong")
    if number in plan.deadly or (number in plan.once and not tried):
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.01)
    return 2 * number


def sleep_long(_shared: object, _job: object, _tell: object) -> None:
    print(os.getpid(), flush=True)
    time.sleep(1000)
