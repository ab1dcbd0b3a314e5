"""A small volume of a test's own, where the system lets a user mount one."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Volume:
    """A folder that is a volume to programs that start with `inside`, and a plain one to others."""

    path: Path
    inside: tuple[str, ...]
    outside: Path  # where this process finds what lies in it

    def run(self, *command: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run a program that has the volume."""
        return subprocess.run(
            [*self.inside, *map(str, command)], env=os.environ | settings, text=True,
            capture_output=True, check=False, timeout=180,
        )  # fmt: skip

    def fill(self) -> Path:
        """Fill it up; return the file that does, to be deleted."""
        filler = self.outside / "filler"
        with filler.open("ab", 0) as file:
            try:
                while True:
                    file.write(b"x" * 1024)
            except OSError:
                return filler

    def forbid_writing(self) -> None:
        """Make it read-only."""
        self.run("mount", "-o", "remount,ro", self.path).check_returncode()


@contextmanager
def mounted(path: Path, *, megabytes: int) -> Iterator[Volume]:
    """Yield a volume that holds so much, mounted at a folder for as long as the block lasts."""
    mount = f'mount -t tmpfs -o size={megabytes}m none "$0" && echo mounted && exec cat'
    start = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, path]
    try:
        held = subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    except FileNotFoundError:
        pytest.skip("no unshare here, so no volume of a test's own")
    assert held.stdin and held.stdout
    try:
        if held.stdout.readline() != b"mounted\n":
            pytest.skip("this system lets no user mount a volume")
        enter = ("nsenter", f"--target={held.pid}", "--user", "--mount", "--preserve-credentials")
        yield Volume(path, (*enter, f"--wd={ROOT}", "--"), Path(f"/proc/{held.pid}/root{path}"))
    finally:
        held.stdin.close()  # which ends it
        held.wait(60)
        held.stdout.close()
