"""A source's photos -> contents, each measured once: what is known of a photo is not asked again.

Unchanged files cost a look at the folder, and moved ones are told by size, time and inode.  Others
are read: touched, renamed and copied ones are known by their content, and the rest is scored.
"""

import logging
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd

from selfie_core.base import store
from selfie_core.base.engine import Engine, Here
from selfie_core.base.names import plain_name
from selfie_core.base.progress import Progress
from selfie_core.base.settings import BuildConfig
from selfie_core.gallery.ledger import Ledger
from selfie_core.gallery.measure import (
    CHANGED,
    Made,
    Measured,
    Measurer,
    measure_files,
    merged,
    sorted_ids,
)
from selfie_core.gallery.segments import Part, Segment, write_photos, write_segment
from selfie_core.photo import faces
from selfie_core.photo.folder import Scan, Seen
from selfie_core.scorer.scorer import Scorer

log = logging.getLogger(__name__)

SHARD = 256  # photos between two savings
MEASURES = 1  # to be raised when other things are measured of a photo: galleries compute them anew
_DIED = "the process that read it died, or others beside it; build again"


class Shelf:
    """All photos that were computed by one recipe, by the ids of their contents."""

    def __init__(self, shown: Sequence[Part], left: Iterable[Segment]) -> None:
        """Put there what the gallery shows, and what a run that was killed left."""
        self._shown, self._left = shown, list(left)
        self.settle([])

    def settle(self, made: Sequence[Segment]) -> None:
        """Put further photos behind, in an order that doesn't depend on who made them when."""
        self._left = sorted([*self._left, *made], key=lambda segment: segment.name)
        self.parts: list[Part] = [*self._shown, *self._left]
        self.at: dict[str, int] = {}  # by id, the row among all rows of the parts
        for row, id in enumerate(chain.from_iterable(part.table["id"] for part in self.parts)):
            self.at.setdefault(id, row)

    def known(self, id: str) -> str:
        """Return the id by which a content is known here: an older gallery has only 12 digits."""
        return id[:12] if id not in self.at and id[:12] in self.at else id


@dataclass
class Taken:
    """What a source holds.

    Attributes:
        ids: By file, of its content, which is a photo of the gallery.
        refused: By file, why its content is none.
        failed: By file, why it could not be read: it is tried again the next time.
    """

    ids: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Intake:
    """How photos are taken in.

    Attributes:
        gallery: Folder of the gallery.
        shelf: What was computed before; gets what is computed now.
        ledger: What is known of the files.
        scorer: Gives scores and fc7.
        config: Settings of the gallery.
        engine: Does the measuring.
    """

    gallery: Path
    shelf: Shelf
    ledger: Ledger
    scorer: Scorer
    config: BuildConfig
    engine: Engine

    def take(
        self,
        scan: Scan,
        *,
        verify: bool = False,
        retry: bool = False,
        progress: Progress | None = None,
    ) -> Taken:
        """Return what a source holds; what is new is computed and put on the shelf.

        Args:
            scan: Its files.
            verify: Read all files: an edit may keep size and time.
            retry: Try again what could not be used before.
            progress: Called with (files, of) that had to be read.
        """
        seen = scan.photos
        known = self.ledger.files()
        taken = Taken({} if verify else _unchanged(seen, known))
        bad = {} if retry else self.ledger.bad(self.recipe)
        if self.config.faceless:
            bad = {id: reason for id, reason in bad.items() if reason != faces.NO_FACE}

        fresh = [
            path for path in seen if not ((id := taken.ids.get(path)) in self.shelf.at or id in bad)
        ]
        self._measure(scan, fresh, taken, bad, progress)
        moved = {p: id for p, id in taken.ids.items() if known.get(p) != (seen[p], id)}
        self.ledger.record({path: (seen[path], id) for path, id in moved.items()})

        # What lies below a folder that can't be read now is not gone.
        below = tuple(os.path.join(folder, "") for folder in scan.locked)
        kept = {path: id for path, (_, id) in known.items() if below and path.startswith(below)}
        taken.ids |= kept
        self.ledger.forget(known.keys() - seen.keys() - kept.keys())
        self._refuse(taken, bad)
        return taken

    @property
    def recipe(self) -> str:
        """The name of all that a photo's row depends on besides its content."""
        return recipe_of(self.scorer.id, self.config)

    def _measure(
        self,
        scan: Scan,
        fresh: list[str],
        taken: Taken,
        bad: dict[str, str],
        progress: Progress | None,
    ) -> None:
        """Find out what some files hold, compute what is new, and keep both, shard by shard."""
        if len(fresh) > SHARD:  # copies come to stand side by side: one shard measures them once
            fresh.sort(key=lambda path: -scan.photos[path].size)
        how = Measurer(scan.reader, self.scorer, self.config, sorted_ids([*self.shelf.at, *bad]))
        engine = self.engine if len(fresh) > self.engine.least else Here()
        size = min(SHARD, engine.at_once, scan.reader.at_once)
        per_shard = SHARD // size
        jobs = [fresh[at : at + size] for at in range(0, len(fresh), size)]
        files = ({path: scan.photos[path] for path in job} for job in jobs)
        waiting: dict[int, dict[int, Measured]] = defaultdict(dict)  # by shard, of its jobs
        made: list[Segment] = []
        done = 0

        def tell(of_job: int, _of: int) -> None:
            if progress:
                progress(done + of_job, len(fresh))

        for number, found in engine.run(measure_files, how, files, tell):
            if found is None:
                found = Measured(failed=dict.fromkeys(jobs[number], _DIED))
            done += len(jobs[number])
            tell(0, 0)
            shard = number // per_shard
            waiting[shard][number] = found
            if len(waiting[shard]) == len(jobs[shard * per_shard : (shard + 1) * per_shard]):
                parts = [found for _, found in sorted(waiting.pop(shard).items())]
                made += self._keep(merged(parts), scan.photos, taken, bad)
        self.shelf.settle(made)

    def _keep(
        self, found: Measured, seen: Mapping[str, Seen], taken: Taken, bad: dict[str, str]
    ) -> list[Segment]:
        """Return what was measured of some files, on disk; the ledger knows them from then on."""
        made = [self._segment(list(found.made.values()))] if found.made else []
        ids = {path: self.shelf.known(id) for path, id in found.ids.items()}
        for path, id in found.ids.items():
            if id in found.refused:
                log.warning("%s: %s", plain_name(path), found.refused[id])
        for path, reason in found.failed.items():
            log.warning("%s: %s", plain_name(path), reason)
        settled = {path: (seen[path], id) for path, id in ids.items()}
        self.ledger.record(settled, bad=found.refused, recipe=self.recipe)
        taken.ids |= ids
        taken.failed |= found.failed
        bad |= found.refused
        return made

    def _segment(self, made: list[Made]) -> Segment:
        return write_segment(
            self.gallery,
            pd.DataFrame([one.row for one in made]),
            np.stack([one.fc7 for one in made]),
            where=write_photos(self.gallery, [one.large for one in made]),
            thumbs=[one.thumb for one in made],
            recipe=self.recipe,
        )

    def _refuse(self, taken: Taken, bad: Mapping[str, str]) -> None:
        """Set apart the files whose content is no photo of the gallery."""
        parts = self.shelf.parts
        faceless = np.concatenate([part.table["faces"] for part in parts]) == 0 if parts else []
        for path, id in list(taken.ids.items()):
            row = self.shelf.at.get(id)
            if row is None:
                taken.refused[path] = bad.get(id, CHANGED)
            elif faceless[row] and not self.config.faceless:
                taken.refused[path] = faces.NO_FACE
            else:
                continue
            del taken.ids[path]


def recipe_of(scorer_id: str, config: BuildConfig) -> str:
    """Return the name of all that a photo's row depends on besides its content."""
    facts = [MEASURES, scorer_id, config.photo_side, config.quality]
    return store.content_id(repr(facts).encode())


def _unchanged(seen: Mapping[str, Seen], known: Mapping[str, tuple[Seen, str]]) -> dict[str, str]:
    """Return the ids of files that need no reading: neither they nor their place changed."""
    moved = {was: id for path, (was, id) in known.items() if was.inode and path not in seen}
    ids = {}
    for path, now in seen.items():
        was, id = known.get(path, (None, None))
        if was and was[:2] == now[:2]:  # an inode may change with a mount
            ids[path] = id
        elif now in moved:
            ids[path] = moved[now]
    return ids
