"""What a ConvNet thinks about your selfie: labels, scorer, grids, map and crops.

These names are what a program needs that uses the library.  Each is loaded when it is first asked
for, so that `import selfie_core` takes no time.  They come from eleven packages, in the order in
which a photo passes them; one imports only from those above it:

- `selfie_core.base`: errors, settings, every path and format, progress
- `selfie_core.photo`: one photo without a net: open it, its faces, its factors, edits
- `selfie_core.posts`: likes to labels; the simulated audience; importers
- `selfie_core.scorer`: photos to score and fc7; nets and their weights
- `selfie_core.gallery`: many scored photos on disk: build, open, grids, filter, map
- `selfie_core.answer`: one photo among a gallery: score, crops, advice, why
- `selfie_core.training`: a scorer from labels or from two piles, and how good it is
- `selfie_core.learned`: what the scorer learned: rules, groups, layers
- `selfie_core.web`: the galleries' files and the REST API over HTTP
- `selfie_core.bot`: answers people who mention it on Bluesky or Mastodon
- `selfie_core.cli`: the command `selfie`
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "1.0.0"

# Since 1.29 it tells Microsoft of every session, from the moment that it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__all__ = [
    "AudienceConfig",
    "BuildConfig",
    "DataError",
    "Gallery",
    "LabelConfig",
    "LayoutConfig",
    "ModelError",
    "Scorer",
    "SelfieError",
    "TrainConfig",
    "advise_photo",
    "answer_photo",
    "build_celebrities",
    "build_gallery",
    "check_rules",
    "compare_groups",
    "cull_folder",
    "evaluate_scorer",
    "export_gallery",
    "find_faces",
    "find_photos",
    "heat_map",
    "label_by_peers",
    "label_posts",
    "load_scorer",
    "measure_factors",
    "open_photo",
    "paste_grid",
    "pick_rows",
    "rank_burst",
    "rank_celebrities",
    "read_posts",
    "score_files",
    "simulate_posts",
    "suggest_crops",
    "train_scorer",
]

if TYPE_CHECKING:  # the same names for type checkers and editors
    from selfie_core.answer.advice import advise_photo
    from selfie_core.answer.answer import answer_photo
    from selfie_core.answer.burst import rank_burst
    from selfie_core.answer.crops import suggest_crops
    from selfie_core.answer.cull import cull_folder
    from selfie_core.answer.why import heat_map
    from selfie_core.base.errors import DataError, ModelError, SelfieError
    from selfie_core.base.settings import (
        AudienceConfig,
        BuildConfig,
        LabelConfig,
        LayoutConfig,
        TrainConfig,
    )
    from selfie_core.gallery.build import build_gallery
    from selfie_core.gallery.celebrities import build_celebrities, rank_celebrities
    from selfie_core.gallery.export import export_gallery
    from selfie_core.gallery.gallery import Gallery
    from selfie_core.gallery.grids import paste_grid, pick_rows
    from selfie_core.learned.findings import check_rules
    from selfie_core.learned.groups import compare_groups
    from selfie_core.photo.faces import find_faces
    from selfie_core.photo.factors import measure_factors
    from selfie_core.photo.folder import find_photos
    from selfie_core.photo.images import open_photo
    from selfie_core.posts.labels import label_by_peers, label_posts
    from selfie_core.posts.simulate import simulate_posts
    from selfie_core.posts.table import read_posts
    from selfie_core.scorer.files import score_files
    from selfie_core.scorer.scorer import Scorer, load_scorer
    from selfie_core.training.evaluate import evaluate_scorer
    from selfie_core.training.train import train_scorer

_MODULES = {
    "answer.advice": ("advise_photo",),
    "answer.answer": ("answer_photo",),
    "answer.burst": ("rank_burst",),
    "answer.crops": ("suggest_crops",),
    "answer.cull": ("cull_folder",),
    "answer.why": ("heat_map",),
    "base.errors": ("DataError", "ModelError", "SelfieError"),
    "base.settings": (
        "AudienceConfig",
        "BuildConfig",
        "LabelConfig",
        "LayoutConfig",
        "TrainConfig",
    ),
    "gallery.build": ("build_gallery",),
    "gallery.celebrities": ("build_celebrities", "rank_celebrities"),
    "gallery.export": ("export_gallery",),
    "gallery.gallery": ("Gallery",),
    "gallery.grids": ("paste_grid", "pick_rows"),
    "learned.findings": ("check_rules",),
    "learned.groups": ("compare_groups",),
    "photo.faces": ("find_faces",),
    "photo.factors": ("measure_factors",),
    "photo.folder": ("find_photos",),
    "photo.images": ("open_photo",),
    "posts.labels": ("label_by_peers", "label_posts"),
    "posts.simulate": ("simulate_posts",),
    "posts.table": ("read_posts",),
    "scorer.files": ("score_files",),
    "scorer.scorer": ("Scorer", "load_scorer"),
    "training.evaluate": ("evaluate_scorer",),
    "training.train": ("train_scorer",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Return a public name from its module, loaded now and kept (PEP 562)."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{_MODULE_OF[name]}")
    return globals().setdefault(name, getattr(module, name))


def __dir__() -> list[str]:
    """Return the public names, for completion."""
    return sorted({*globals(), *__all__})
