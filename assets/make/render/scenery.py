"""Environments by name: read, or made as rooms once and kept in a folder."""

import os
from pathlib import Path

import numpy as np
from light import Environment
from rooms import MADE, furnish
from studio import Studio, read_environment

WIDTH = 512  # pixels of a made room all around
CITY = "city"  # what lies outside the windows of a car


class Scenery:
    """Finds environments; those that were needed stay in memory."""

    def __init__(self, studio: Studio, environments: Path, places: Path) -> None:
        self.studio, self.environments, self.places = studio, environments, places
        self.found: dict[str, Environment] = {}

    def find(self, name: str) -> Environment:
        """Return an environment (H, W, 3): one of the package's, or a made one like room-3."""
        if name not in self.found:
            kind, _, number = name.partition("-")
            made = kind in MADE and number
            self.found[name] = (
                self._made(kind, int(number)) if made else read_environment(self.environments, name)
            )
        return self.found[name]

    def _made(self, kind: str, number: int) -> Environment:
        path = self.places / f"{kind}-{number}.npy"
        if not path.exists():
            outside = self.find((CITY, "park", "sunset")[number % 3])
            room = self.studio.panorama(furnish(kind, number), outside, width=WIDTH)
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f"{path.name}.{os.getpid()}.part")
            with part.open("wb") as file:
                np.save(file, room.astype(np.float16))
            os.replace(part, path)
        return np.load(path).astype(np.float32)
