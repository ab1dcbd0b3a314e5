"""Draw the map of a gallery anew, or what an older one lacks; bring an older one up to date."""

from pathlib import Path

from selfie_core.base.errors import DataError
from selfie_core.base.progress import Stages
from selfie_core.gallery.columns import given_columns
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.generation import FORMAT
from selfie_core.gallery.intake import recipe_of
from selfie_core.gallery.ledger import Ledger
from selfie_core.gallery.renewal import Drawing, Photos, renew


def complete_map(
    gallery: Gallery, *, anew: bool = False, progress: Stages | None = None
) -> Gallery:
    """Return a gallery with all that a map of today has; its rows and photos stay.

    Args:
        gallery: Some photo of which has a place, or all are placed anew.
        anew: Let t-SNE find all places anew; else they stay.
        progress: Called with (stage, done, of).

    Raises:
        DataError: It has no places to begin with.
    """
    if not (gallery.has_map or anew):
        raise DataError(
            f'the photos of {gallery.name} have no place on a map; rerun "selfie build" for one'
        )
    return _renewed(gallery.folder, "anew" if anew else "complete", progress)


def migrate_gallery(folder: Path, *, progress: Stages | None = None) -> Gallery:
    """Return a gallery in the format of today; its rows, photos, scores and places stay.

    Raises:
        DataError: There is none, or it is damaged, being built, or of a newer version.
    """
    gallery = Gallery.open(folder)
    if gallery.info["format"] == FORMAT:
        return gallery
    return _renewed(folder, "complete" if gallery.has_map else "none", progress)


def _renewed(folder: Path, drawing: Drawing, progress: Stages | None) -> Gallery:
    with Ledger(folder):
        gallery = Gallery.open(folder)  # as it is now that nobody else builds it
        rows = gallery.table[["file", *given_columns(gallery.table)]]
        return renew(
            folder,
            Photos(gallery.parts, gallery.at, rows),
            old=gallery,
            info=gallery.info,
            recipe=recipe_of(gallery.scorer_id, gallery.settings),
            drawing=drawing,
            layout=gallery.layout,
            progress=progress or (lambda stage, done, of: None),
        )
